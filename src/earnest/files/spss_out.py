"""SPSS files out: with labels of columns and values, and with the types that the columns had."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from earnest.errors import InvalidInput, TooLarge
from earnest.files.cells import Column, Output, Value, number_in, shown
from earnest.files.replace import replacing_file
from earnest.files.spss import DAY_ZERO, FORMAT, MEASURE, MISSING, WIDTH

LONGEST_TEXT = 32_767
LONGEST_LABEL = 255
LONGEST_VALUE_LABEL = 120
LONGEST_NAME = 64
"""Bytes in UTF-8 that SPSS holds."""
RESERVED = {"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"}
FORMATS = {datetime: "DATETIME20", date: "DATE11", timedelta: "TIME8", time: "TIME8", bool: "F1.0", int: "F11.0"}


def write_spss(path: Path, table: Output) -> None:
    """Write a table as .sav; its first header row gives the variables' names, made such as SPSS allows.

    Raises:
        InvalidInput: the file cannot be written.
        TooLarge: SPSS cannot hold one of the cells.
    """
    import polars as pl  # noqa: PLC0415 - like what follows, heavy, and needed here only
    import pyreadstat  # noqa: PLC0415

    header, columns = table.header[0], table.columns
    cells: list[list[Value]] = [[] for _ in columns]
    for row in table.rows:
        for column, value in zip(cells, row, strict=True):
            column.append(value)
    names = spss_names(header)
    written = {n: _written(path, n, each, about) for n, each, about in zip(names, cells, columns, strict=True)}
    frame = pl.DataFrame(
        {
            n: pl.Series(n, each, dtype=pl.Float64 if form[0] != "A" else pl.String)
            for n, (each, form) in written.items()
        }
    )
    about = dict(zip(names, columns, strict=True))
    labels = {n: about[n].wording or (given if given != n else "") for n, given in zip(names, header, strict=True)}
    with replacing_file(path) as place:
        try:
            pyreadstat.write_sav(
                frame,
                place,
                column_labels={n: _cut(label, LONGEST_LABEL) for n, label in labels.items() if label},
                variable_value_labels={
                    n: _labels(each, written[n][1]) for n, each in about.items() if each.value_labels
                },
                missing_ranges=_details(about, MISSING),
                variable_measure=_details(about, MEASURE),
                variable_display_width=_details(about, WIDTH),
                variable_format={n: form for n, (_, form) in written.items() if form != "A"},
            )
        except pyreadstat.ReadstatError as fault:
            raise InvalidInput(f"Cannot write {path.name} as SPSS: {fault}. Write a .csv instead.") from fault


def spss_names(header: Sequence[str]) -> list[str]:
    """Names that SPSS allows, as near to the given ones as may be, and each once, whatever their case."""
    names: list[str] = []
    taken: set[str] = set()
    for number, given in enumerate(header, start=1):
        stem = re.sub(r"[^\w.@#$]+", "_", given.strip(), flags=re.ASCII).rstrip("._") or f"column_{number}"
        if not (stem[0].isalpha() or stem[0] == "@"):
            stem = f"v_{stem}".replace("__", "_")
        if stem.upper() in RESERVED:
            stem += "_"
        if len(stem) > LONGEST_NAME:
            stem = f"{stem[:46]}_{stem[-16:].lstrip('._')}"
        name, again = stem, 2
        while name.upper() in taken:
            name, again = f"{stem[: LONGEST_NAME - 6]}_{again}", again + 1
        taken.add(name.upper())
        names.append(name)
    return names


def _written(path: Path, name: str, values: Sequence[Value], about: Column) -> tuple[list[str | float | None], str]:
    """A column as SPSS holds it, and its format; "A" for a text of any width."""
    form = str(about.details.get(FORMAT, ""))
    filled = [value for value in values if value is not None and value != ""]
    if not form and not about.is_text and filled and all(isinstance(value, str) for value in filled):
        numbers = [number_in(str(value)) for value in filled]
        if None not in numbers:
            values = [number_in(str(value)) if value else None for value in values]
            filled = [number for number in numbers if number is not None]
    if _is_text(form, filled):
        texts = [shown(value).replace("\0", "\ufffd").encode("utf-8", "replace").decode() for value in values]
        longest = max((len(text.encode()) for text in texts), default=0)
        if longest > LONGEST_TEXT:
            row = next(i for i, text in enumerate(texts, start=2) if len(text.encode()) > LONGEST_TEXT)
            raise TooLarge(
                f"{path.name}: a cell of {name!r} (row {row}) is longer than the {LONGEST_TEXT:,} bytes that SPSS "
                "holds; write a .csv or .parquet instead."
            )
        is_wide_enough = form[1:].isdigit() and longest <= int(form[1:])
        return list(texts), form if form.startswith("A") and is_wide_enough else "A"
    kinds = {type(value) for value in filled}
    default = FORMATS[kinds.pop()] if len(kinds) == 1 and kinds <= set(FORMATS) else "F8.2"
    return [_number(value) for value in values], form or default


def _is_text(form: str, filled: Sequence[Value]) -> bool:
    if form.startswith("A") and not re.match(r"ADATE", form):
        return True
    if not filled:
        return not form
    days = sum(isinstance(value, date | time | timedelta) for value in filled)
    return any(isinstance(value, str) for value in filled) or 0 < days < len(filled)


def _number(value: Value) -> float | None:
    if value is None or isinstance(value, str):
        return None
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - DAY_ZERO).total_seconds()
    if isinstance(value, date):
        return float((value - DAY_ZERO.date()).days * 86_400)
    if isinstance(value, time):
        return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    return value.total_seconds() if isinstance(value, timedelta) else float(value)


def _details(about: Mapping[str, Column], key: str) -> Any:  # noqa: ANN401 - pyreadstat's
    """Of each variable what SPSS's own reader said of it, for its own writer."""
    return {name: each.details[key] for name, each in about.items() if key in each.details}


def _labels(about: Column, form: str) -> Any:  # noqa: ANN401 - pyreadstat's
    wanted: type = str if form[0] == "A" and not form.startswith("ADATE") else float
    return {
        code if wanted is str else float(code): _cut(label, LONGEST_VALUE_LABEL)
        for code, label in about.value_labels.items()
        if isinstance(code, str) == (wanted is str)
    }


def _cut(text: str, most: int) -> str:
    """The text, cut to so many bytes between two characters."""
    raw = text.encode("utf-8", "replace")
    return raw.decode() if len(raw) <= most else raw[: most - 3].decode("utf-8", "ignore") + "…"
