"""Excel workbooks out: a table to read, sort and filter, in which nothing runs.

Texts are written as texts, so that no answer becomes a formula or a link. A number in a text table becomes a number
where the text is exactly how Excel shows it, unless the column names people or holds answers.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from earnest.errors import TooLarge
from earnest.files.cells import MOST_COLUMNS, MOST_ROWS, Column, Output, Value, number_in, shown, too_large
from earnest.files.evaluated import DEMERIT, ISSUES
from earnest.files.replace import replacing_file

if TYPE_CHECKING:
    from pathlib import Path

    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

LONGEST_TEXT = 32_767
"""Characters that Excel holds in a cell, counted in UTF-16."""
SHOWN_DIGITS = 11
"""Digits of a whole number that Excel shows in full where no format is set; longer ones become 1.0E+11."""
NARROWEST, WIDEST = 8, 60
WORDY = 40
"""Characters of a cell from which a column is wide and its lines are broken."""
LOOKED_AT = 50
INK, PAPER, OURS = "#1f2937", "#e5e7eb", "#cfe3f5"
BAD, MIDDLING, GOOD = "#f4a7a0", "#fbe7a6", "#ffffff"


def write_excel(path: "Path", table: Output) -> None:
    """Write a table as a workbook with one sheet.

    Raises:
        InvalidInput: the file cannot be written.
        TooLarge: Excel cannot hold the table, or one of its cells.
    """
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - other formats need not wait for it

    with replacing_file(path) as place:
        book = xlsxwriter.Workbook(str(place), {"constant_memory": True, "in_memory": False})
        try:
            _Pen(path, book, table).write()
        finally:
            book.close()


class _Pen:
    """Writes one sheet, row after row."""

    def __init__(self, path: "Path", book: "Workbook", table: Output) -> None:
        self._path = path
        self._table = table
        self._sheet: Worksheet = book.add_worksheet("Earnest")
        top: dict[str, object] = {"valign": "top"}
        self._plain: Format = book.add_format(top)
        self._wrapped: Format = book.add_format({**top, "text_wrap": True})
        head = {**top, "bold": True, "text_wrap": True, "font_color": INK, "bottom": 1}
        self._head: Format = book.add_format({**head, "bg_color": PAPER})
        self._our_head: Format = book.add_format({**head, "bg_color": OURS})
        self._dates: Mapping[type, Format] = {
            kind: book.add_format({**top, "num_format": code})
            for kind, code in (
                (datetime, "yyyy-mm-dd hh:mm:ss"),
                (date, "yyyy-mm-dd"),
                (time, "hh:mm:ss"),
                (timedelta, "[hh]:mm:ss"),
            )
        }
        self._marks = book.add_format({"bg_color": BAD})

    def write(self) -> None:
        """Write all."""
        names, heads = self._table.header[0], len(self._table.header)
        rows = iter(self._table.rows)
        if len(names) > MOST_COLUMNS:
            raise TooLarge(f"{self._path.name}: Excel holds {MOST_COLUMNS:,} columns; write a .csv instead.")
        first = list(islice(rows, LOOKED_AT))
        self._size(first)
        for number, cells in enumerate(self._table.header):
            for column, cell in enumerate(cells):
                form = self._head if column < self._table.ours else self._our_head
                self._text(number, column, cell, form)
        number = heads - 1
        for number, values in enumerate((*first, *rows), start=heads):
            if number >= MOST_ROWS:
                raise TooLarge(f"{self._path.name}: {too_large('sheet', f'{MOST_ROWS:,} rows')}")
            for column, value in enumerate(values):
                self._cell(number, column, value)
        self._sheet.freeze_panes(heads, 0)
        self._sheet.autofilter(heads - 1, 0, max(number, heads), len(names) - 1)
        self._colour(heads, number)

    def _size(self, first: Sequence[Sequence[Value]]) -> None:
        """Set the columns' widths from the first rows; known beforehand, since written rows are gone."""
        for column, name in enumerate(self._table.header[0]):
            longest = max((len(shown(row[column])) for row in first), default=0)
            is_wordy = longest > WORDY or name.endswith("_evidence")
            width = WIDEST if is_wordy else min(max(longest + 2, len(name) // 2, NARROWEST), WORDY)
            self._sheet.set_column(column, column, width, self._wrapped if is_wordy else self._plain)

    def _cell(self, row: int, column: int, value: Value) -> None:
        if value is None or value == "":
            return
        if isinstance(value, str):
            number = None if self._about(column).is_text or column >= self._table.ours else number_in(value)
            if number is None or len(value) > SHOWN_DIGITS:
                self._text(row, column, value, None)
                return
            value = number
        if isinstance(value, bool):
            self._sheet.write_boolean(row, column, value)
        elif isinstance(value, int | float):
            self._number(row, column, value)
        else:
            self._moment(row, column, value)

    def _number(self, row: int, column: int, value: float) -> None:
        if not abs(value) < 1e15:
            self._text(row, column, shown(value), None)  # no number for Excel, or one that it would round
        else:
            self._sheet.write_number(row, column, value)

    def _moment(self, row: int, column: int, value: "datetime | date | time | timedelta") -> None:
        year = value.year if isinstance(value, date) else 1900
        if year < 1900 or (year == 1900 and isinstance(value, date) and value.month < 3) or _is_finer(value):
            self._text(row, column, shown(value), None)  # before Excel's days begin, or finer than its milliseconds
            return
        if isinstance(value, datetime | time):
            value = value.replace(tzinfo=None)
        self._sheet.write_datetime(row, column, value, self._dates[type(value)])

    def _text(self, row: int, column: int, text: str, form: "Format | None") -> None:
        clean = text.encode("utf-8", "replace").decode()
        if len(clean.encode("utf-16-le")) > 2 * LONGEST_TEXT:
            raise TooLarge(
                f"{self._path.name}: the cell in row {row + 1}, column {column + 1} is longer than the "
                f"{LONGEST_TEXT:,} characters that Excel holds; write a .csv or .parquet instead."
            )
        self._sheet.write_string(row, column, clean, form)

    def _about(self, column: int) -> Column:
        return self._table.columns[column]

    def _colour(self, heads: int, last: int) -> None:
        """Let a demerit's colour follow its number, and mark what has an issue, also after the reader's own changes."""
        for column, name in enumerate(self._table.header[0]):
            if column < self._table.ours or last < heads:
                continue
            if name.endswith(DEMERIT):
                scale = {"type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num"}
                scale |= {"min_value": "0", "mid_value": "50", "max_value": "100"}
                scale |= {"min_color": GOOD, "mid_color": MIDDLING, "max_color": BAD}
                self._sheet.conditional_format(heads, column, last, column, scale)
            elif name.endswith(ISSUES):
                marked = {"type": "no_blanks", "format": self._marks}
                self._sheet.conditional_format(heads, column, last, column, marked)


def _is_finer(value: "datetime | date | time | timedelta") -> bool:
    micros = value.microseconds if isinstance(value, timedelta) else getattr(value, "microsecond", 0)
    return bool(micros % 1000)
