"""A table of cells, whatever file it stands in: what the readers give, and what the writers take.

A cell has a text, as a person sees it, which is what is judged; and a value with a type, which is what goes out again.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

from earnest.errors import InvalidInput, TooLarge

Value = str | bool | int | float | datetime | date | time | timedelta | None
Code = str | int | float

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
"""Those of an Excel sheet, and so of what people can look at."""
ROWS_AT_ONCE = 20_000
"""Of a file that keeps its columns apart, so that it is never held as a whole."""
LARGEST_MB = 512
"""Of a file: half a million respondents with half a page of text each; what is judged is held in memory."""
LONGEST_CELL = 16 * 2**20
"""Characters: two hours of typing with all its key events are about 3 million."""


class Record(NamedTuple):
    """One row.

    Attributes:
        row: Its number as a spreadsheet shows it; the first header is row 1 of most files.
        cells: What a person sees.
        values: The same, typed.
    """

    row: int
    cells: list[str]
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Column:
    """What a file says of a column beside its name and its cells.

    Attributes:
        wording: The question, where the file keeps it apart from the name.
        value_labels: What codes stand for.
        is_text: Whether numbers in it are names (respondents' ids) or answers, and stay text in a spreadsheet.
        details: What only a file of the same kind understands, such as a format for numbers.
    """

    wording: str = ""
    value_labels: Mapping[Code, str] = field(default_factory=dict)
    is_text: bool = False
    details: Mapping[str, object] = field(default_factory=dict)


class Cells(Protocol):
    """A file of rows, readable any number of times, a row at a time."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What had to be assumed, in sentences for the user."""

    @property
    def columns(self) -> Sequence[Column]:
        """What the file says of its columns; empty where it says nothing."""

    def records(self) -> Iterator[Record]:
        """Yield every row that is not blank, the header first.

        Raises:
            InvalidInput: naming the row that cannot be read.
        """


@dataclass(frozen=True, slots=True)
class Output:
    """A table to write.

    Attributes:
        header: One or more header rows, as wide as the table.
        columns: One per column.
        rows: Cells with their types.
        ours: The first column that Earnest made; all that follow are ours as well.
        delimiter: Of the text file that the table came in; None for the suffix's own.
    """

    header: Sequence[Sequence[str]]
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    ours: int
    delimiter: str | None = None


def shown(value: Value) -> str:
    """A value as a person sees it: no 1E+12, no 3.0, dates as ISO 8601 with a blank in the middle."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _shown_number(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, timedelta):
        hours, seconds = divmod(round(value.total_seconds()), 3600)
        return f"{hours:02}:{seconds // 60:02}:{seconds % 60:02}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _shown_number(value: float) -> str:
    if math.isnan(value):
        return ""  # pandas' way to leave a number out
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    text = repr(value)
    if "e" not in text:
        return text
    return f"{value:.20f}".rstrip("0") if 1e-7 < abs(value) < 1 else text


def number_in(cell: str) -> int | float | None:
    """The number that a text is, if the text is exactly how that number is shown; None for "007", "1,5" and "5.0"."""
    if not cell or len(cell) > 24 or not (cell[-1].isdigit() and cell.isascii()):
        return None
    try:
        number: int | float = int(cell) if cell.lstrip("-").isdigit() else float(cell)
        return number if shown(float(number)) == cell and abs(number) < 2**53 else None
    except (ValueError, OverflowError):
        return None


def require_room(path: Path) -> None:
    """Refuse a file that is not there, or larger than we read.

    Raises:
        InvalidInput: it cannot be read.
        TooLarge: it is too large.
    """
    try:
        size = path.stat().st_size
    except OSError as fault:
        raise InvalidInput(f"Cannot read {path}: {fault.strerror or fault}.") from fault
    if size > LARGEST_MB * 2**20:
        raise TooLarge(f"{path.name} has {size / 2**20:,.0f} MB. {too_large('file', f'{LARGEST_MB} MB')}")


def require_size(path: Path, *, rows: int, columns: int) -> None:
    """Refuse a table that says of itself that it has more rows or columns than we read.

    Raises:
        TooLarge: it does.
    """
    if columns > MOST_COLUMNS or rows > MOST_ROWS:
        raise TooLarge(f"{path.name}: {too_large('table', f'{MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns')}")


def records_of(names: Sequence[str], part: Callable[[int], Sequence[Sequence[Value]]]) -> Iterator[Record]:
    """Yield the names as row 1, then every row of a file that keeps its columns apart.

    Args:
        names: Of its columns, one or more.
        part: The columns' values in the ROWS_AT_ONCE rows from the given one on, counted from 0; fewer at the end.
    """
    yield Record(1, list(names), names)
    done, found = 0, ROWS_AT_ONCE
    while found == ROWS_AT_ONCE:
        columns = part(done)
        found = len(columns[0])
        for i, values in enumerate(zip(*columns, strict=True), start=done + 2):
            yield Record(i, [shown(value) for value in values], values)
        done += found


def too_large(what: str, most: str) -> str:
    """The sentence about a limit and its mend."""
    return f"Earnest reads a {what} of at most {most}: leave out columns that are not needed, or split the survey."
