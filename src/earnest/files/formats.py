"""Which reader and which writer a file's name asks for; the only place that knows all formats."""

from pathlib import Path

from earnest.errors import InvalidInput
from earnest.files.cells import Cells, Output
from earnest.files.delimited import Delimited, write_delimited
from earnest.files.excel import Workbook
from earnest.files.excel_out import write_excel
from earnest.files.kinds import SUFFIXES, TABLES_IN, TABLES_OUT, Kind
from earnest.files.parquet import ParquetFile, write_parquet
from earnest.files.spss import SpssFile
from earnest.files.spss_out import write_spss

WRITERS = {
    ".csv": write_delimited,
    ".tsv": write_delimited,
    ".xlsx": write_excel,
    ".sav": write_spss,
    ".parquet": write_parquet,
}


def open_cells(path: Path, *, encoding: str | None = None, sheet: str | None = None) -> Cells:
    """Open a table for reading.

    Args:
        path: A file with a suffix of TABLES_IN.
        encoding: Of a text file; None to find out.
        sheet: Of a workbook; None for the first.

    Raises:
        InvalidInput: it is of no known kind, of another than its name says, or damaged.
        TooLarge: it is too large.
    """
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise InvalidInput(
            f"{path}: Earnest reads {', '.join(TABLES_IN)}. Save the survey as one of these and try again."
        )
    if sheet is not None and kind is not Kind.EXCEL:
        raise InvalidInput(f"{path.name} has no sheets; --sheet is about workbooks.")
    if encoding is not None and kind is not Kind.TEXT:
        raise InvalidInput(f"{path.name} says itself how it is written; --encoding is about .csv and .tsv.")
    if kind is Kind.EXCEL:
        return Workbook.open(path, sheet=sheet)
    if kind is Kind.SPSS:
        return SpssFile.open(path)
    return ParquetFile.open(path) if kind is Kind.PARQUET else Delimited.open(path, encoding=encoding)


def write_table(path: Path, table: Output) -> None:
    """Write a table in the format that the file's name asks for.

    Raises:
        InvalidInput: it cannot be written, or its name asks for no known format.
        TooLarge: the format cannot hold it.
    """
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise InvalidInput(f"{path}: Earnest writes {', '.join(TABLES_OUT)}.")
    writer(path, table)
