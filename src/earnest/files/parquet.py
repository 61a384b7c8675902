"""Parquet files in and out, with the types that the columns had."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from earnest.errors import InvalidInput
from earnest.files.cells import (
    ROWS_AT_ONCE,
    Code,
    Column,
    Output,
    Record,
    Value,
    number_in,
    records_of,
    require_room,
    require_size,
    shown,
)
from earnest.files.kinds import require_kind
from earnest.files.replace import replacing_file

if TYPE_CHECKING:
    import polars as pl

TYPE = "parquet type"
"""In a column's details."""
LONGEST_SECONDS = 300
LABELS = "earnest.labels"
"""In the file's notes: questions and value labels by column, for which Parquet has no other place."""
TRY = """
import sys, polars
rows = polars.scan_parquet(sys.argv[1], glob=False).select(polars.len()).collect().item()
for start in range(0, min(rows, 2 * 10**6), step := int(sys.argv[2])):
    polars.scan_parquet(sys.argv[1], glob=False).slice(start, step).collect()
"""


class Labels(Struct, frozen=True):
    """A column's question, and what its codes stand for."""

    wording: str = ""
    values: tuple[tuple[Code, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """A .parquet file.

    Attributes:
        path: The file.
        names: Of its columns.
        columns: Their types.
        notes: Which columns hold more than one value in a cell.
    """

    path: Path
    names: tuple[str, ...]
    columns: Sequence[Column]
    notes: tuple[str, ...] = ()

    @classmethod
    def open(cls, path: Path) -> "ParquetFile":
        """Read what the file says of its columns.

        Raises:
            InvalidInput: it is something else, damaged or empty.
            TooLarge: it is too large.
        """
        import polars as pl  # noqa: PLC0415 - heavy, and needed here only

        require_room(path)
        require_kind(path)
        _try(path)
        try:
            schema = pl.read_parquet_schema(path)
            rows = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as fault:
            raise _damaged(path) from fault
        require_size(path, rows=rows, columns=len(schema))
        if not schema:
            raise InvalidInput(f"{path.name} has no columns.")
        nested = [name for name, kind in schema.items() if _is_nested(kind)]
        notes = (f"{path.name}: {', '.join(nested)} holds lists or bytes; they are read as text.",) if nested else ()
        labels = _labels(path)
        columns = [
            Column(
                wording=labels[name].wording if name in labels else "",
                value_labels=dict(labels[name].values) if name in labels else {},
                details={} if name in nested else {TYPE: kind},
            )
            for name, kind in schema.items()
        ]
        return cls(path, tuple(schema), columns, notes)

    def records(self) -> Iterator[Record]:
        """Yield the names as row 1, then every row.

        Raises:
            InvalidInput: the file is damaged.
        """
        return records_of(self.names, self._part)

    def _part(self, start: int) -> list[list[Value]]:
        import polars as pl  # noqa: PLC0415

        try:
            part = pl.scan_parquet(self.path, glob=False).slice(start, ROWS_AT_ONCE).collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as fault:
            raise _damaged(self.path) from fault
        return [[_value(each) for each in part[name].to_list()] for name in self.names]


def _labels(path: Path) -> dict[str, Labels]:
    """The labels that we wrote; none where others wrote the file."""
    import polars as pl  # noqa: PLC0415

    try:
        return msgspec.json.decode(pl.read_parquet_metadata(path).get(LABELS, "{}"), type=dict[str, Labels])
    except (msgspec.MsgspecError, pl.exceptions.PolarsError, UnicodeError):
        return {}


def _has_labels(column: Column) -> bool:
    return bool(column.wording or column.value_labels)


def _try(path: Path) -> None:
    """Read all of a file in a process of its own first: some damaged ones do not raise in polars, but end the process.

    Raises:
        InvalidInput: the process did not end well.
    """
    command = [sys.executable, "-c", TRY, str(path), str(ROWS_AT_ONCE)]
    quiet = subprocess.DEVNULL
    try:
        subprocess.run(command, check=True, stdin=quiet, stdout=quiet, stderr=quiet, timeout=LONGEST_SECONDS)  # noqa: S603
    except (subprocess.SubprocessError, OSError) as fault:
        raise _damaged(path) from fault


def write_parquet(path: Path, table: Output) -> None:
    """Write a table; its first header row gives the columns' names.

    Raises:
        InvalidInput: the file cannot be written.
    """
    import polars as pl  # noqa: PLC0415

    cells: list[list[Value]] = [[] for _ in table.columns]
    for row in table.rows:
        for column, value in zip(cells, row, strict=True):
            column.append(value)
    names: dict[str, None] = {}
    for number, name in enumerate(table.header[0], start=1):
        unique = name or f"column {number}"
        names[unique if unique not in names else f"{unique} (column {number})"] = None
    series = [_series(n, each, about) for n, each, about in zip(names, cells, table.columns, strict=True)]
    labelled = list(zip(names, table.columns, strict=True))
    with replacing_file(path) as place:
        try:
            about = {
                n: Labels(each.wording, tuple(each.value_labels.items())) for n, each in labelled if _has_labels(each)
            }
            pl.DataFrame(series).write_parquet(place, metadata={LABELS: msgspec.json.encode(about).decode()})
        except pl.exceptions.PolarsError as fault:
            raise InvalidInput(f"Cannot write {path.name} as Parquet. Write a .csv instead.") from fault


def _series(name: str, values: Sequence[Value], about: Column) -> "pl.Series":
    """A column of the type that it had, or of the one that all of its values have; text where they have several."""
    import polars as pl  # noqa: PLC0415

    kind = about.details.get(TYPE)
    if isinstance(kind, pl.DataType | pl.datatypes.DataTypeClass):
        try:
            return pl.Series(name, values, dtype=kind, strict=True)
        except (pl.exceptions.PolarsError, TypeError, OverflowError):
            return pl.Series(name, values, strict=False).cast(kind)
    filled = [value for value in values if value is not None and value != ""]
    kinds = {type(value) for value in filled}
    if kinds == {str} and not about.is_text and all(number_in(str(value)) is not None for value in filled):
        values = [number_in(str(value)) if value else None for value in values]
        kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return pl.Series(name, values, dtype=pl.Float64, strict=False)
    if len(kinds) == 1 and kinds <= {bool, int, float, datetime, date, time, timedelta}:
        return pl.Series(name, [None if value == "" else value for value in values])
    return pl.Series(name, [shown(value).encode("utf-8", "replace").decode() for value in values], dtype=pl.String)


def _is_nested(kind: "pl.DataType") -> bool:
    import polars as pl  # noqa: PLC0415

    return kind.is_nested() or kind in {pl.Binary, pl.Object}


def _value(value: object) -> Value:
    """A cell as one of our types; what holds several values, or is none of ours, as text."""
    if value is None or isinstance(value, str | bool | int | float | date | time | timedelta):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _damaged(path: Path) -> InvalidInput:
    return InvalidInput(f"{path.name} cannot be read: the Parquet file is damaged or was cut.")


# Now, not at first use: msgspec 0.22 crashes where two threads are the first to decode a struct at once.
msgspec.json.Decoder(Labels)
