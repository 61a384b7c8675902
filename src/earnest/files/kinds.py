"""What a file is, told by its content, since names lie."""

import struct
import zipfile
from enum import StrEnum
from pathlib import Path

from earnest.errors import InvalidInput

HEAD_BYTES = 4096


class Kind(StrEnum):
    """The kinds of files that are told apart; a value is how a person calls it."""

    TEXT = "text"
    EXCEL = "an Excel workbook"
    SPSS = "an SPSS file"
    PARQUET = "a Parquet file"
    JSON = "JSON"
    HTML = "a web page"
    OLD_EXCEL = "an Excel workbook of before 2007, or one with a password"
    OPEN_DOCUMENT = "an OpenDocument spreadsheet"
    BINARY_EXCEL = "a binary Excel workbook (.xlsb)"
    ZIP = "a zip archive"
    OTHER_OFFICE = "an Office document, but no workbook"
    PDF = "a PDF"
    GZIP = "a gzip archive"


SUFFIXES = {
    ".csv": Kind.TEXT,
    ".tsv": Kind.TEXT,
    ".xlsx": Kind.EXCEL,
    ".xlsm": Kind.EXCEL,
    ".sav": Kind.SPSS,
    ".zsav": Kind.SPSS,
    ".parquet": Kind.PARQUET,
}
TABLES_IN = tuple(SUFFIXES)
TABLES_OUT = (".csv", ".tsv", ".xlsx", ".sav", ".parquet")
MEND = {
    Kind.TEXT: "Rename it so that it ends in .csv",
    Kind.EXCEL: "Rename it so that it ends in .xlsx",
    Kind.SPSS: "Rename it so that it ends in .sav",
    Kind.PARQUET: "Rename it so that it ends in .parquet",
    Kind.JSON: "Rename it so that it ends in .json or, with a response on each line, .ndjson",
    Kind.HTML: "Some tools call a web page .xls or .csv: open it in a spreadsheet and save it as .xlsx",
    Kind.OLD_EXCEL: "Open it in Excel, take the password away if there is one, and save it as .xlsx",
    Kind.ZIP: "Unpack it and name the file in it",
    Kind.GZIP: "Unpack it and name the file in it",
}
SIGNATURES = (
    (b"PAR1", Kind.PARQUET),
    (b"$FL2", Kind.SPSS),
    (b"$FL3", Kind.SPSS),
    (b"\xd0\xcf\x11\xe0", Kind.OLD_EXCEL),
    (b"%PDF", Kind.PDF),
    (b"\x1f\x8b", Kind.GZIP),
)
PARTS = (
    ("xl/workbook.bin", Kind.BINARY_EXCEL),
    ("xl/workbook.xml", Kind.EXCEL),
    ("content.xml", Kind.OPEN_DOCUMENT),
    ("[Content_Types].xml", Kind.OTHER_OFFICE),
)


def require_kind(path: Path) -> Kind:
    """The kind of a table file, which its name must not contradict.

    Raises:
        InvalidInput: saying what the file is, and what to do.
    """
    kind, named = kind_of(path), SUFFIXES[path.suffix.lower()]
    if kind is Kind.JSON and named is Kind.TEXT:
        return Kind.TEXT  # a table of one column may hold JSON
    if kind is named:
        return kind
    mend = MEND.get(kind, "Open it and save it as .csv or .xlsx")
    if kind is Kind.TEXT:
        raise InvalidInput(f"{path.name} is not {named}. If it is a table of text, rename it so that it ends in .csv.")
    raise InvalidInput(f"{path.name} is {kind}, not {named}. {mend} and try again.")


def kind_of(path: Path) -> Kind:
    """What a file is; whatever is not known is text.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _kind_of_zip(path)
    except OSError as fault:
        raise InvalidInput(f"Cannot read {path}: {fault.strerror or fault}.") from fault
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<table")):
        return Kind.HTML
    return Kind.JSON if text.startswith((b"{", b"[{")) else Kind.TEXT


def _kind_of_zip(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, struct.error, NotImplementedError, ValueError, OverflowError):
        raise InvalidInput(f"{path.name} is a damaged zip archive or workbook. Download or save it again.") from None
    return next((kind for part, kind in PARTS if part in names), Kind.ZIP)
