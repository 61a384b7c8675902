"""CSV and TSV tables: in which encoding and with which delimiter one is written, its records; and writing one.

Files of survey tools come in UTF-8 with or without a byte order mark, in UTF-16 (Excel's "Unicode text") and in the
code page of an old Excel. Whatever had to be assumed is said in `notes`.

A spreadsheet runs a cell that begins with = + - or @ as a formula, so whatever we add gets a leading apostrophe there.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from earnest.errors import InvalidInput, TooLarge
from earnest.files.cells import LONGEST_CELL, Column, Output, Record, require_room, shown, too_large
from earnest.files.kinds import require_kind
from earnest.files.replace import replacing

csv.field_size_limit(LONGEST_CELL)  # key events may be longer than the 128 kB that the csv module allows

SAMPLE_CHARACTERS = 256 * 1024
READ_AT_ONCE = 1024 * 1024
DELIMITERS = (",", ";", "\t", "|")
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose little-endian mark begins it
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OTHER_SCRIPTS = ["cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp932", "gb18030", "euc_kr", "big5"]
EXCEL_HINT = re.compile(r"sep=([^\w\s\"]|\t)(?:\r\n|\r|\n|$)")
"""A first line by which Excel is told the delimiter."""
MOST_FAULTS = 20
"""Bad rows named in one error; the rest is counted."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Delimited:
    """A text file of records, readable any number of times.

    Attributes:
        path: The file.
        encoding: As Python names it.
        delimiter: One character.
        notes: What had to be assumed, in sentences for the user.
        columns: Empty; a text file says nothing of its columns.
    """

    path: Path
    encoding: str
    delimiter: str
    notes: tuple[str, ...] = ()
    columns: Sequence[Column] = ()

    @classmethod
    def open(cls, path: Path, *, encoding: str | None = None) -> "Delimited":
        """Find out how a file is written.

        Args:
            path: The file.
            encoding: Its encoding, when known; None to find out.

        Raises:
            InvalidInput: it cannot be read, is empty or is not text.
            TooLarge: it is too large.
        """
        require_room(path)
        require_kind(path)
        try:
            found, notes = (_checked(path, encoding), ()) if encoding else _find_encoding(path)
            with path.open(encoding=found, newline="") as stream:
                sample = stream.read(SAMPLE_CHARACTERS)
        except OSError as fault:
            raise InvalidInput(f"Cannot read {path}: {fault.strerror or fault}.") from fault
        hint = EXCEL_HINT.match(sample)
        table = sample[hint.end() :] if hint else sample
        if not table.strip("\ufeff \t\r\n\0"):
            raise InvalidInput(f"{path} is empty. It needs a header row and one row per respondent.")
        return cls(path, found, hint[1] if hint else _find_delimiter(table, path), notes)

    def records(self) -> Iterator[Record]:
        """Yield every record that is not blank, the header first.

        Raises:
            InvalidInput: naming the row whose quotes are broken.
        """
        with self.path.open(encoding=self.encoding, newline="") as stream:
            row, line, columns = 0, 1, 0
            try:
                hints = 1 if EXCEL_HINT.fullmatch(stream.readline(READ_AT_ONCE)) else 0
                if not hints:
                    stream.seek(0)
                reader = csv.reader(stream, delimiter=self.delimiter, strict=True)
                row, line = hints, hints + 1
                for row, cells in enumerate(reader, start=hints + 1):
                    line = hints + reader.line_num + 1
                    columns = columns or len(cells)
                    if not cells and columns == 1:
                        yield Record(row, [""], [""])  # in a table of one column, a respondent who left it out
                    elif cells:
                        yield Record(row, cells, cells)
            except csv.Error as fault:
                if "field larger" in str(fault):
                    most = f"{LONGEST_CELL // 2**20} million characters"
                    raise TooLarge(f"{self.path.name}: row {row + 1}: {too_large('cell', most)}") from fault
                raise InvalidInput(
                    f"{self.path.name}: row {row + 1} (from line {line} of the file) has broken quotes: {fault}. "
                    'Inside a quoted cell every " must be doubled, and the cell must end with one.',
                    details={f"row {row + 1}": str(fault)},
                ) from fault
            except UnicodeDecodeError as fault:
                raise _undecodable(self.path, self.encoding, fault) from fault


def write_delimited(path: Path, table: Output) -> None:
    """Write a table in UTF-8 with the mark by which Excel knows it; .tsv takes tabs, .csv commas, unless it says which.

    Raises:
        InvalidInput: the file cannot be written.
    """
    with replacing(path, encoding="utf-8-sig") as stream:
        delimiter = table.delimiter or ("\t" if path.suffix.lower() == ".tsv" else ",")
        writer = csv.writer(stream, delimiter=delimiter)
        for cells in table.header:
            writer.writerow([*cells[: table.ours], *map(harmless, cells[table.ours :])])
        for row in table.rows:
            cells = [shown(value) for value in row]
            writer.writerow([*cells[: table.ours], *map(harmless, cells[table.ours :])])


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before it where a spreadsheet would run it as a formula."""
    return "'" + cell if cell.startswith(FORMULA) else cell


def _find_encoding(path: Path) -> tuple[str, tuple[str, ...]]:
    with path.open("rb") as stream:
        head = stream.read(4096)
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return _checked(path, encoding), ()
    wide = _wide(head)
    if wide:
        return _checked(path, wide), (f"{path.name} has no byte order mark; it was read as {wide.upper()}.",)
    if head.count(b"\0") > len(head) // 10:
        raise InvalidInput(f"{path} is not text. Save the survey as CSV (UTF-8) and try again.")
    if _fault(path, "utf-8") is None:
        return "utf-8", ()
    guess = _guess(path)
    return guess, (f"{path.name} is not UTF-8; it was read as {guess}. If letters look wrong, name its --encoding.",)


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: nearly every other byte of Western text is NUL."""
    zeros = head[0::2].count(0), head[1::2].count(0)
    if len(head) < 4 or 10 * max(zeros) < 3 * len(head) or min(zeros) > max(zeros) // 4:
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def _guess(path: Path) -> str:
    """The code page of a file that is not UTF-8.

    Western text has accented letters one or two at a time; runs of three and more are another script. Between single
    Western and Central European letters nothing can be told from short answers, and the commoner page is taken.
    """
    odd = b""
    with path.open("rb") as stream:
        while len(odd) < SAMPLE_CHARACTERS and (line := stream.readline(READ_AT_ONCE)):
            odd += b"" if line.isascii() else line
    high = len(re.findall(rb"[\x80-\xff]", odd))
    in_runs = sum(map(len, re.findall(rb"[\x80-\xff]{3,}", odd)))
    if in_runs * 2 < high and _fault(path, "cp1252") is None:
        return "cp1252"
    best = from_bytes(odd, cp_isolation=OTHER_SCRIPTS).best()
    if best is not None and _fault(path, best.encoding) is None:
        return best.encoding
    return "latin-1"  # which maps every byte, so that no row is lost


def _checked(path: Path, encoding: str) -> str:
    """The encoding, after the whole file was read with it."""
    try:
        problem = _fault(path, encoding)
    except LookupError as fault:
        raise InvalidInput(f"There is no text encoding called {encoding!r}; try utf-8, utf-16 or cp1252.") from fault
    if problem is not None:
        raise _undecodable(path, encoding, problem) from problem
    return encoding


def _fault(path: Path, encoding: str) -> UnicodeDecodeError | None:
    try:
        with path.open(encoding=encoding, newline="") as stream:
            while stream.read(READ_AT_ONCE):
                pass
    except UnicodeDecodeError as fault:
        return fault
    return None


def _undecodable(path: Path, encoding: str, fault: UnicodeDecodeError) -> InvalidInput:
    return InvalidInput(f"{path} is not valid {encoding}: {fault.reason}. Save it as UTF-8, or name its --encoding.")


def _find_delimiter(sample: str, path: Path) -> str:
    """The delimiter that cuts most records of the sample into as many cells as the header, and into the most cells."""
    fits = {delimiter: _fit(sample, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: fits[delimiter])
    if fits[best][1] > 1:
        return best
    return "\t" if path.suffix.lower() == ".tsv" else ","


def _fit(sample: str, delimiter: str) -> tuple[float, int]:
    """Share of records as wide as the header, to one decimal, and how wide that is; (0, 1) where nothing is cut."""
    records = [cells for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if cells]
    whole = records[:-1] if len(sample) == SAMPLE_CHARACTERS and len(records) > 2 else records
    width = len(whole[0])
    alike = sum(len(cells) == width for cells in whole) / len(whole)
    return (round(alike, 1), width) if width > 1 else (0.0, 1)
