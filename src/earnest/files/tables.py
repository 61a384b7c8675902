"""Survey tables: a header, one row per respondent, some columns of open ends among others.

In: the open ends and the respondents' identifiers are found by `columns`, or named by the caller. Beside an open end
"Q1" may stand "Q1__keys" and "Q1__pastes" (JSON arrays of key and paste events) and "Q1__honeypot". An empty cell is a
question that was not answered. A row with too many or too few cells is refused, never padded: an unquoted line break
shifts cells, and a shifted row would accuse the wrong person.

Out: the same columns, rows and values in the same order, and what was found (see `evaluated`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from earnest.errors import InvalidInput
from earnest.files.columns import LOOKED_AT, ColumnProfile, identifier_rank, wording
from earnest.files.delimited import MOST_FAULTS, Delimited, Record
from earnest.files.evaluated import ABOUT_RESPONDENT, FOUND, harmless, unused, write_rows
from earnest.findings import CheckName, EntryEvaluation, RespondentEvaluation
from earnest.survey import Entry, KeyStroke, Paste, Respondent

T = TypeVar("T")

MORE_HEADERS = ('{"ImportId"', "Open-Ended Response")
"""What stands in the third header row of a Qualtrics export and in the second one of a SurveyMonkey export."""

KEYS, PASTES, HONEYPOT = COMPANIONS = ("__keys", "__pastes", "__honeypot")


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """One open-ended question of a table.

    Attributes:
        column: Where its answers stand, from 0.
        label: The column's name, unique in the table; ties the question to itself across respondents.
        question: Its wording; empty where only a code is known.
        companions: Suffix in COMPANIONS -> column that holds it.
    """

    column: int
    label: str
    question: str
    companions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SurveyTable:
    """A survey in a table, readable any number of times; only what is asked for is held in memory.

    Attributes:
        source: The file.
        header: The columns as they are called in the file.
        open_ends: The questions to judge, in the order of their columns.
        identifier: The column that names respondents; None where their row number does.
        earlier: Columns that an earlier evaluation added; a new one replaces them.
        notes: What had to be assumed, in sentences for the user.
    """

    source: Delimited
    header: tuple[str, ...]
    open_ends: tuple[OpenEnd, ...]
    identifier: int | None
    earlier: frozenset[int]
    notes: tuple[str, ...]

    @classmethod
    def read(
        cls,
        path: Path,
        *,
        open_ends: Sequence[str] = (),
        identifier: str | None = None,
        questions: Mapping[str, str] | None = None,
        encoding: str | None = None,
    ) -> "SurveyTable":
        """Find out what a table holds; reads all of it once.

        Args:
            path: A .csv or .tsv file.
            open_ends: Columns to judge; none to find them by content.
            identifier: The column that names respondents; None to recognise it.
            questions: Column -> wording, where the header does not tell it.
            encoding: The file's encoding; None to find out.

        Raises:
            InvalidInput: naming every bad row, or the column that is not there, and the mend.
        """
        source = Delimited.open(path, encoding=encoding)
        header = next(source.records()).cells
        labels = _labels(header)
        wordings = {_column(labels, name, path): text for name, text in (questions or {}).items()}
        named = {_column(labels, name, path) for name in open_ends}
        names = _identifiers(header) if identifier is None else [_column(labels, identifier, path)]
        companions = {i for i, label in enumerate(labels) if label.endswith(COMPANIONS)}
        earlier = _earlier(labels)
        judged_by_content = [i for i in range(len(labels)) if i not in companions | earlier]
        profiles, repeats = _look(source, labels, profiled=judged_by_content, unique=names)
        if identifier is not None:
            _refuse(repeats[names[0]], path, f"{identifier!r} does not tell respondents apart")
        unique = [i for i in names if not repeats[i]]
        found = named or {i for i, profile in profiles.items() if i in wordings or profile.is_open_end(header[i])}
        if not found:
            raise InvalidInput(
                f"{path.name}: no column looks like an open-ended question. Name each one with --open-end COLUMN. "
                f"The columns are: {', '.join(labels)}."
            )
        return cls(
            source=source,
            header=tuple(header),
            open_ends=tuple(_open_end(i, labels, wordings.get(i) or wording(header[i])) for i in sorted(found)),
            identifier=unique[0] if unique else None,
            earlier=frozenset(earlier),
            notes=(*source.notes, *([] if unique or not names else [_named_by_row(labels[names[0]])])),
        )

    def rows(self) -> Iterator[Record]:
        """Yield the respondents' rows, each as wide as the header."""
        records = self.source.records()
        next(records)
        for record in records:
            yield Record(record.row, record.cells[: len(self.header)])

    def respondents(self) -> list[Respondent]:
        """Everybody, in order, with the questions that they answered.

        Raises:
            InvalidInput: naming every cell whose key or paste events cannot be read.
        """
        faults: dict[str, str] = {}
        everybody = [
            Respondent(
                self._name(record),
                tuple(_entry(each, record, faults) for each in self.open_ends if record.cells[each.column].strip()),
            )
            for record in self.rows()
        ]
        _refuse(faults, self.source.path, "some key or paste events cannot be read. Empty a cell that was cut")
        return everybody

    def write(
        self,
        path: Path,
        evaluations: Sequence[RespondentEvaluation],
        *,
        wanted: Collection[CheckName] = frozenset(CheckName),
    ) -> None:
        """Write this table with what was found about each row by the wanted checks, in order.

        Raises:
            InvalidInput: the file cannot be written.
        """
        kept = [i for i in range(len(self.header)) if i not in self.earlier]
        same_format = path.suffix.lower() == self.source.path.suffix.lower()
        write_rows(
            path,
            header=[self.header[i] for i in kept],
            labels=[each.label for each in self.open_ends],
            rows=(
                ([record.cells[i] for i in kept], evaluation, self._entries(record, evaluation))
                for record, evaluation in zip(self.rows(), evaluations, strict=True)
            ),
            wanted=wanted,
            delimiter=self.source.delimiter if same_format else None,
        )

    def _entries(self, record: Record, evaluation: RespondentEvaluation) -> list[EntryEvaluation | None]:
        given = iter(evaluation.evaluations)
        return [next(given) if record.cells[each.column].strip() else None for each in self.open_ends]

    def _name(self, record: Record) -> str:
        given = "" if self.identifier is None else record.cells[self.identifier].strip()
        return given or f"row {record.row}"


def _look(
    source: Delimited, labels: Sequence[str], *, profiled: Iterable[int], unique: Iterable[int]
) -> tuple[dict[int, ColumnProfile], dict[int, dict[str, str]]]:
    """Read the whole table once and refuse ragged rows.

    Args:
        source: The file.
        labels: Its columns.
        profiled: Columns to profile.
        unique: Columns to watch for cells that occur twice.

    Returns:
        Profiles by column, and by watched column the rows that repeat an earlier one.
    """
    profiles = {i: ColumnProfile() for i in profiled}
    first: dict[int, dict[str, int]] = {i: {} for i in unique}
    repeats: dict[int, dict[str, str]] = {i: {} for i in first}
    ragged: dict[str, str] = {}
    records = source.records()
    row = header_row = next(records).row
    for row, cells in records:
        if row <= header_row + 2 and any(cell.startswith(MORE_HEADERS) for cell in cells):
            raise InvalidInput(
                f"{source.path.name}: row {row} is another header, as Qualtrics and SurveyMonkey write them. "
                "Keep one header row, best the one with the questions' wording, delete the others and try again.",
                details={f"row {row}": "is a header"},
            )
        if len(cells) < len(labels) or any(cells[len(labels) :]):
            ragged[f"row {row}"] = f"has {len(cells)} cells, the header has {len(labels)}"
            continue
        for i, profile in profiles.items():
            if profile.filled < LOOKED_AT and cells[i].strip():
                profile.see(cells[i].strip())
        for i, rows in first.items():
            name = cells[i].strip()
            if name and rows.setdefault(name, row) != row:
                repeats[i][f"row {row}"] = f"has the same {labels[i]!r} as row {rows[name]}"
    if row == header_row:
        raise InvalidInput(f"{source.path.name} has a header but no respondents.")
    _refuse(
        ragged,
        source.path,
        "some rows do not fit the header. Put quotes around cells that hold a line break or the delimiter "
        f"{source.delimiter!r}, and keep empty cells",
    )
    return profiles, repeats


def _labels(header: Sequence[str]) -> list[str]:
    """The columns' names, made unique: an empty or repeated one is told by its place."""
    labels: list[str] = []
    for i, name in enumerate(header, start=1):
        label = name.strip() or f"(column {i})"
        labels.append(unused(label, labels, "{label} (column {number})"))
    return labels


def _column(labels: Sequence[str], name: str, path: Path) -> int:
    try:
        return labels.index(name.strip())
    except ValueError:
        raise InvalidInput(
            f"{path.name} has no column {name!r}. Its columns are: {', '.join(labels)}.",
            details={name: "no such column"},
        ) from None


def _identifiers(header: Sequence[str]) -> list[int]:
    """The columns that may name respondents, the likeliest first."""
    ranks = {i: rank for i, name in enumerate(header) if (rank := identifier_rank(name)) is not None}
    return sorted(ranks, key=ranks.__getitem__)


def _named_by_row(label: str) -> str:
    return f"{label!r} has the same name in several rows, so respondents are named by their row."


def _earlier(labels: Sequence[str]) -> set[int]:
    """The columns that an earlier evaluation of this table has added."""
    names = set(labels)
    columns = [[harmless(name + suffix) for suffix in FOUND] for name in names]
    added = {column for each in columns if names.issuperset(each) for column in each}
    return {i for i, label in enumerate(labels) if label in added or label in ABOUT_RESPONDENT}


def _open_end(column: int, labels: Sequence[str], question: str) -> OpenEnd:
    label = labels[column]
    companions = {suffix: labels.index(label + suffix) for suffix in COMPANIONS if label + suffix in labels}
    return OpenEnd(column, label, question, companions)


def _entry(question: OpenEnd, record: Record, faults: dict[str, str]) -> Entry:
    honeypot = question.companions.get(HONEYPOT)
    return Entry(
        question=question.question,
        answer=record.cells[question.column],
        question_identifier=question.label,
        key_events=_events(question, KEYS, record, tuple[KeyStroke, ...], faults),
        paste_events=_events(question, PASTES, record, tuple[Paste, ...], faults),
        honeypot_phrase=UNSET if honeypot is None else record.cells[honeypot].strip() or UNSET,
    )


def _events(question: OpenEnd, suffix: str, record: Record, kind: type[T], faults: dict[str, str]) -> T | UnsetType:
    column = question.companions.get(suffix)
    cell = "" if column is None else record.cells[column].strip()
    if not cell:
        return UNSET
    try:
        return msgspec.json.decode(cell, type=kind)
    except (msgspec.MsgspecError, UnicodeError) as fault:
        faults[f"row {record.row}, {question.label}{suffix}"] = str(fault)
        return UNSET


def _refuse(faults: Mapping[str, str], path: Path, sentence: str) -> None:
    """Raise when there are faults, naming the first ones and counting the rest."""
    if not faults:
        return
    details = dict(list(faults.items())[:MOST_FAULTS])
    if len(faults) > len(details):
        details["and"] = f"{len(faults) - len(details)} more"
    raise InvalidInput(f"{path.name}: {sentence}.", details=details)
