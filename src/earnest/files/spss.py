"""SPSS files in: codes stay codes, a column's label is its question, and dates arrive as days and moments."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from earnest.errors import InvalidInput
from earnest.files.cells import ROWS_AT_ONCE, Column, Record, Value, records_of, require_room, require_size
from earnest.files.kinds import require_kind

if TYPE_CHECKING:
    from pyreadstat import metadata_container

DAY_ZERO = datetime(1582, 10, 14)  # noqa: DTZ001 - SPSS knows no zone
DAYS = re.compile(r"(?:DATE|ADATE|EDATE|JDATE|SDATE|QYR|MOYR|WKYR)\d*")
MOMENTS = re.compile(r"(?:DATETIME|YMDHMS)[\d.]*")
DURATIONS = re.compile(r"(?:TIME|DTIME|MTIME)[\d.]*")

FORMAT, MEASURE, MISSING, WIDTH = "spss format", "spss measure", "spss missing values", "spss width"
"""In a column's details; measure and width may be left out."""


@dataclass(frozen=True, slots=True)
class SpssFile:
    """A .sav or .zsav file.

    Attributes:
        path: The file.
        names: Of its variables.
        columns: Their labels, formats and missing values.
        notes: None so far.
    """

    path: Path
    names: tuple[str, ...]
    columns: Sequence[Column]
    notes: tuple[str, ...] = ()

    @classmethod
    def open(cls, path: Path) -> "SpssFile":
        """Read what the file says of its variables.

        Raises:
            InvalidInput: it is something else, damaged or empty.
            TooLarge: it is too large.
        """
        require_room(path)
        require_kind(path)
        _, about = _read(path, metadataonly=True)
        names = tuple(about.column_names)
        if not names:
            raise InvalidInput(f"{path.name} has no variables.")
        require_size(path, rows=about.number_rows or 0, columns=len(names))
        return cls(path, names, [_column(about, name) for name in names])

    def records(self) -> Iterator[Record]:
        """Yield the names as row 1, then every case.

        Raises:
            InvalidInput: the file is damaged.
        """
        return records_of(self.names, self._part)

    def _part(self, start: int) -> list[list[Value]]:
        table, _ = _read(self.path, row_offset=start, row_limit=ROWS_AT_ONCE)
        formats = [str(column.details[FORMAT]) for column in self.columns]
        return [[_value(raw, form) for raw in table[n]] for n, form in zip(self.names, formats, strict=True)]


def _read(
    path: Path, *, metadataonly: bool = False, row_offset: int = 0, row_limit: int = 0
) -> "tuple[dict[str, list[str | float | None]], metadata_container]":
    """Part of a file; numbers of dates stay numbers, codes of missing answers stay codes."""
    import pyreadstat  # noqa: PLC0415 - other formats need not wait for it

    try:
        return pyreadstat.read_sav(
            path,
            output_format="dict",
            user_missing=True,
            disable_datetime_conversion=True,
            metadataonly=metadataonly,
            row_offset=row_offset,
            row_limit=row_limit,
        )
    except (pyreadstat.ReadstatError, ValueError, OSError, OverflowError, MemoryError) as fault:
        raise InvalidInput(f"{path.name} cannot be read: the SPSS file is damaged or was cut.") from fault


def _column(about: "metadata_container", name: str) -> Column:
    details: dict[str, object] = {FORMAT: about.original_variable_types.get(name) or "F8.2"}
    for key, found in (
        (MEASURE, about.variable_measure.get(name)),
        (WIDTH, about.variable_display_width.get(name)),
        (MISSING, about.missing_ranges.get(name)),
    ):
        if found:
            details[key] = found
    return Column(
        wording=about.column_names_to_labels.get(name) or "",
        value_labels={code: label for code, label in about.variable_value_labels.get(name, {}).items()},
        details=details,
    )


def _value(raw: str | float | None, form: str) -> Value:
    """The day, moment or duration that a number of seconds stands for; everything else as it is."""
    if raw is None or raw == "" or isinstance(raw, str):
        return raw or None
    try:
        if DURATIONS.fullmatch(form):
            return timedelta(seconds=raw)
        if MOMENTS.fullmatch(form):
            return DAY_ZERO + timedelta(seconds=raw)
        if DAYS.fullmatch(form):
            moment = DAY_ZERO + timedelta(seconds=raw)
            return moment.date() if raw % 86_400 == 0 else moment
    except (OverflowError, ValueError):
        return raw
    return raw
