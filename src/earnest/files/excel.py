"""Excel workbooks in: one sheet as cells, with the values as they are shown.

A formula gives what Excel calculated last, or where it never did, its own text; it is not run. Macros and links to
other files are not looked at. A merged cell has its value in its first row and column, and is empty elsewhere.
"""

import posixpath
import re
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from earnest.errors import InvalidInput
from earnest.files.cells import MOST_COLUMNS, MOST_ROWS, Column, Record, Value, require_room, shown, too_large
from earnest.files.excel_xml import Attributes, Elements, Part, Texts, unescaped
from earnest.files.kinds import require_kind

WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
BUILT_IN_DATES = {*range(14, 18), *range(27, 32), 36, *range(50, 59)}
BUILT_IN_TIMES = {*range(18, 22), 32, 33, 34, 35, 45, 46, 47}
NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]')
"""Of a number format: what is shown as it stands, and colours, conditions and languages."""
HEADERS_LOOKED_AT = 3


class Shape(Enum):
    """How a number is shown."""

    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell's number is shown; `zeros` is the least number of its digits, as in "00000" for a postal code."""

    shape: Shape = Shape.NUMBER
    zeros: int = 0


@dataclass(frozen=True, slots=True)
class Workbook:
    """One sheet of a workbook.

    Attributes:
        path: The file.
        part: The sheet's place in it.
        texts: The shared strings.
        styles: By the number by which a cell names its own.
        day_zero: From which days are counted.
        notes: What had to be assumed.
        columns: Empty; a sheet says nothing of its columns.
    """

    path: Path
    part: str
    texts: Sequence[str]
    styles: Sequence[Style]
    day_zero: datetime
    notes: tuple[str, ...] = ()
    columns: Sequence[Column] = ()

    @classmethod
    def open(cls, path: Path, *, sheet: str | None = None) -> "Workbook":
        """Find the sheet and read what its cells refer to.

        Args:
            path: An .xlsx or .xlsm file.
            sheet: The sheet's name; None for the first one that is not hidden.

        Raises:
            InvalidInput: it is something else, damaged, or has no such sheet.
            TooLarge: it is too large.
        """
        require_room(path)
        require_kind(path)
        with _archive(path) as archive:
            names = set(archive.namelist())
            part, notes, day_zero = _sheet(archive, path, sheet)
            texts = Texts()
            if "xl/sharedStrings.xml" in names:
                texts.read_all(archive, "xl/sharedStrings.xml", path)
            styles = _styles(archive, path) if "xl/styles.xml" in names else []
            if "xl/vbaProject.bin" in names:
                notes += (f"{path.name} holds macros; they were neither read nor run.",)
        return cls(path, part, texts.found, styles, day_zero, notes)

    def records(self) -> Iterator[Record]:
        """Yield every row that is not blank, the header first, each as wide as the widest header.

        Raises:
            InvalidInput: the sheet is damaged or empty, or a row goes beyond the header.
        """
        sheet = Sheet(self)
        width, given = 0, 0
        with _archive(self.path) as archive:
            for _ in sheet.read(archive, self.part, self.path):
                rows, sheet.rows = sheet.rows, []
                for row, values in rows:
                    given += 1
                    if given > HEADERS_LOOKED_AT and len(values) > width:
                        raise InvalidInput(
                            f"{self.path.name}: row {row} has a cell in column {_letters(len(values))}, the header "
                            f"ends at {_letters(width)}. Delete what stands beside the table.",
                            details={f"row {row}": f"has {len(values)} cells, the header has {width}"},
                        )
                    width = max(width, len(values))
                    values.extend([None] * (width - len(values)))
                    yield Record(row, [shown(value) for value in values], values)
        if not given:
            raise InvalidInput(f"{self.path.name} is empty. It needs a header row and one row per respondent.")


class Sheet(Part):
    """The rows of a sheet, as far as it was read."""

    def __init__(self, book: Workbook) -> None:
        super().__init__()
        self.rows: list[tuple[int, list[Value]]] = []
        self._book = book
        self._row = 0
        self._values: list[Value] = []
        self._cell: Attributes = {}
        self._column = 0
        self._pieces: dict[str, list[str]] = {}
        self._inside = ""

    def start(self, name: str, attributes: Attributes) -> None:
        """See `Part`."""
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdigit() and len(number) < 8 else self._row + 1
            self._values, self._column = [], 0
            if self._row > MOST_ROWS:
                raise InvalidInput(f"{self._book.path.name}: {too_large('sheet', f'{MOST_ROWS:,} rows')}")
        elif name == "rPh" or (name in {"v", "t", "f"} and self._inside != "rPh"):
            self._inside = name

    def text(self, text: str) -> None:
        """See `Part`."""
        if self._inside in {"v", "t", "f"}:
            self._pieces.setdefault(self._inside, []).append(text)

    def end(self, name: str) -> None:
        """See `Part`."""
        if name == "c":
            value = self._value()
            if value is not None and value != "":
                self._values += [None] * (self._column - len(self._values))
                self._values.append(value)
            self._column += 1
        elif name == "row" and self._values:
            self.rows.append((self._row, self._values))
            self._values = []
        if name == self._inside:
            self._inside = ""

    def _begin_cell(self, attributes: Attributes) -> None:
        self._cell, self._pieces, self._inside = attributes, {}, ""
        place = CELL.fullmatch(attributes.get("r", ""))
        column = _number(place[1]) - 1 if place else self._column
        if column < len(self._values) or column >= MOST_COLUMNS:
            raise InvalidInput(f"{self._book.path.name} is damaged: the cells of row {self._row} are out of order.")
        self._column = column

    def _value(self) -> Value:
        """What the cell that just ended holds; None where it is blank."""
        kind, raw = self._cell.get("t", "n"), "".join(self._pieces.get("v", ()))
        if kind == "inlineStr":
            return unescaped("".join(self._pieces.get("t", ())))
        if not raw:
            return "=" + "".join(self._pieces["f"]) if "f" in self._pieces and kind != "str" else None
        read: dict[str, Callable[[str], Value]] = {
            "s": self._shared,
            "b": _is_true,
            "str": unescaped,
            "e": unescaped,
            "d": _moment,
        }
        return read.get(kind, self._shown_number)(raw)

    def _shared(self, raw: str) -> str:
        try:
            return self._book.texts[int(raw)]
        except (ValueError, IndexError):
            raise InvalidInput(
                f"{self._book.path.name} is damaged: row {self._row} names a text that is not there."
            ) from None

    def _shown_number(self, raw: str) -> Value:
        try:
            number = float(raw)
        except ValueError:
            return raw
        named = self._cell.get("s", "0")
        index = int(named) if named.isdigit() and len(named) < 8 else 0
        style = self._book.styles[index] if index < len(self._book.styles) else Style()
        if style.zeros and number.is_integer():
            return f"{int(number):0{style.zeros}d}"
        if style.shape is not Shape.NUMBER:
            return _dated(number, style.shape, self._book.day_zero)
        return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _is_true(raw: str) -> bool:
    return raw == "1"


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, struct.error, NotImplementedError, ValueError, OverflowError) as fault:
        raise InvalidInput(f"{path.name} is damaged. Download or save it again.") from fault
    except OSError as fault:
        raise InvalidInput(f"Cannot read {path}: {fault.strerror or fault}.") from fault


def _sheet(archive: zipfile.ZipFile, path: Path, wanted: str | None) -> tuple[str, tuple[str, ...], datetime]:
    """The wanted sheet's part, a note where there are others, and the day from which days are counted."""
    book, relations = Elements("sheet", "workbookPr"), Elements("Relationship")
    book.read_all(archive, WORKBOOK, path)
    relations.read_all(archive, RELATIONS, path)
    targets = {
        each.get("Id", ""): posixpath.normpath(posixpath.join("/xl", each.get("Target", ""))).lstrip("/")
        for _, each in relations.found
        if each.get("TargetMode") != "External" and each.get("Type", "").endswith("/worksheet")
    }
    sheets: dict[str, str] = {}
    hidden: set[str] = set()
    for name, each in book.found:
        target = targets.get(next((value for key, value in each.items() if key.endswith(":id")), ""))
        if name == "sheet" and target is not None:
            sheets[each.get("name", "")] = target
            hidden |= {each.get("name", "")} if each.get("state", "visible") != "visible" else set()
    visible = [name for name in sheets if name not in hidden]
    if not sheets or (wanted is not None and wanted not in sheets):
        there = f"has no sheet {wanted!r}. Its sheets are: {', '.join(sheets)}." if sheets else "has no sheet of cells."
        raise InvalidInput(f"{path.name} {there}")
    chosen = wanted if wanted is not None else (visible or list(sheets))[0]
    others = len(visible) - 1
    more = f"{others} more sheet{'s' if others > 1 else ''}"
    many = f"{path.name} has {more}; {chosen!r} was read (--sheet chooses another)."
    is_1904 = any(each.get("date1904") in {"1", "true"} for name, each in book.found if name == "workbookPr")
    day_zero = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet knows no zone
    return sheets[chosen], (many,) if others > 0 and wanted is None else (), day_zero


def _styles(archive: zipfile.ZipFile, path: Path) -> list[Style]:
    elements = Elements("numFmt", "xf", within="cellXfs")
    elements.read_all(archive, "xl/styles.xml", path)
    formats = {
        each.get("numFmtId", ""): each.get("formatCode", "") for name, each in elements.found if name == "numFmt"
    }
    known = {number: _style(code) for number, code in formats.items()}
    return [
        known.get(each.get("numFmtId", ""), _built_in(each.get("numFmtId", "")))
        for name, each in elements.found
        if name == "xf"
    ]


def _built_in(number: str) -> Style:
    plain = int(number) if number.isdigit() and len(number) < 8 else 0
    if plain in BUILT_IN_TIMES:
        return Style(Shape.DURATION if plain == 46 else Shape.TIME)
    return Style(Shape.DATE if plain in BUILT_IN_DATES or plain == 22 else Shape.NUMBER)


def _style(code: str) -> Style:
    """How a format shows a number."""
    letters = NOT_FORMAT.sub("", code.lower()).partition(";")[0]
    if re.fullmatch(r"0{2,}", letters):
        return Style(zeros=len(letters))
    if letters in {"general", "standard", "@"}:
        return Style()
    if "[" in letters:
        return Style(Shape.DURATION)
    if re.search(r"[yd]|^m+$", letters):
        return Style(Shape.DATE)
    return Style(Shape.TIME if re.search(r"[hs]", letters) else Shape.NUMBER)


def _dated(number: float, shape: Shape, day_zero: datetime) -> Value:
    """The moment, day, time of day or duration that a number of days stands for; the number where it can be none."""
    try:
        passed = timedelta(milliseconds=round(number * 86_400_000))
        moment = day_zero + passed
    except (OverflowError, ValueError):
        return number
    if shape is Shape.DURATION:
        return passed
    if number < 0 or moment.year > 9999:
        return number
    if number < 1:
        return moment.time()
    if day_zero.year == 1899 and number < 60:
        moment += timedelta(days=1)  # Excel believes that 1900 was a leap year
    return moment if shape is Shape.TIME or not number.is_integer() else moment.date()


def _moment(raw: str) -> Value:
    try:
        return datetime.fromisoformat(raw)
    except ValueError:
        return raw


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters or "A"
