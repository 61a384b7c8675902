"""Survey tables: header rows, one row per respondent, some columns of open ends among others.

In: what each column holds is found by its content and its name, or said by the caller. Beside an open end "Q1" may
stand "Q1__keys" and "Q1__pastes" (JSON arrays of key and paste events) and "Q1__honeypot", or "Q1__log" (all of it).
An empty cell is a question that was not answered. A row with too many or too few cells is refused, never padded: an
unquoted line break shifts cells, and a shifted row would accuse the wrong person. Previews and tests of the survey
stay and are not judged.

Out: the same columns, rows and values in the same order, and what was found (see `evaluated`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from earnest.errors import InvalidInput
from earnest.files.cells import Cells, Column, Output, Record, Value
from earnest.files.columns import Choice, Role, Taken
from earnest.files.delimited import Delimited
from earnest.files.evaluated import Added
from earnest.files.formats import open_cells, write_table
from earnest.files.headings import MOST_HEADERS, Heading, Tool
from earnest.files.looking import Looked, look, refuse_rows
from earnest.findings import EntryEvaluation, RespondentEvaluation
from earnest.survey import Capture, Entry, KeyStroke, Paste, Respondent

T = TypeVar("T")

KEYS, PASTES, HONEYPOT, LOG = COMPANIONS = ("__keys", "__pastes", "__honeypot", "__log")
NAMES_OF_LOGS = ("{}__log", "__js_{}__log", "{}_log", "{}log")
"""Qualtrics puts __js_ before what a script sets; oTree and LimeSurvey have names without underscores in a row."""
ANY_CHOICE = Choice()

NOT_JUDGED_BITS = 1 | 2 | 8
"""Of Qualtrics' numeric Status: previews, tests and suspected spam (also 9, 12, 17 …); 4 is imported, 16 is offline."""
NOT_JUDGED_WORDS = ("preview", "test", "spam")
"""In Qualtrics' Status as text, such as "Survey Preview" or "Offline Survey Test"."""


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
        heading: Its header rows.
        taken: What each column was taken for, in their order; to be shown and corrected before anything is judged.
        open_ends: The questions to judge, in the order of their columns.
        identifier: The column that names respondents; None where their row number does.
        notes: What had to be assumed, in sentences for the user.
    """

    source: Cells
    heading: Heading
    taken: tuple[Taken, ...]
    open_ends: tuple[OpenEnd, ...]
    identifier: int | None
    notes: tuple[str, ...]

    @classmethod
    def read(cls, path: Path, choice: Choice = ANY_CHOICE) -> "SurveyTable":
        """Find out what a table holds; reads all of it once.

        Args:
            path: A file of any format that `formats` knows.
            choice: What the user says of it.

        Raises:
            InvalidInput: naming every bad row, or the column that is not there, and the mend.
        """
        table = cls.taken_from(path, choice)
        if not table.open_ends:
            raise InvalidInput(
                f"{path.name}: no column looks like an open-ended question. Name each one with --open-end COLUMN. "
                f"The columns are: {', '.join(table.heading.names)}."
            )
        return table

    @classmethod
    def taken_from(cls, path: Path, choice: Choice = ANY_CHOICE) -> "SurveyTable":
        """The same, also where no open end is found: to show what the columns were taken for.

        Raises:
            InvalidInput: as `read` does.
        """
        source = open_cells(path, encoding=choice.encoding, sheet=choice.sheet)
        heading = Heading.of(list(islice(source.records(), MOST_HEADERS)), source.columns)
        looked = look(source, heading, choice, COMPANIONS)
        table = cls(
            source=source,
            heading=heading,
            taken=looked.taken,
            open_ends=tuple(
                _open_end(i, heading.names, each.question)
                for i, each in enumerate(looked.taken)
                if each.role is Role.OPEN_END
            ),
            identifier=looked.identifier,
            notes=(*source.notes, *looked.notes),
        )
        return replace(table, notes=(*table.notes, *table._about_rows(looked), *table._about_cuts(looked)))

    @property
    def header(self) -> tuple[str, ...]:
        """The columns' names."""
        return self.heading.names

    def column(self, role: Role) -> int | None:
        """The column of that role; None where there is none."""
        return next((i for i, each in enumerate(self.taken) if each.role is role), None)

    def rows(self) -> Iterator[Record]:
        """Yield all rows but the header, each as wide as it."""
        width = len(self.header)
        for record in islice(self.source.records(), len(self.heading.rows), None):
            yield Record(record.row, record.cells[:width], record.values[:width])

    def judged_rows(self) -> Iterator[Record]:
        """Yield the respondents' rows, without previews and tests."""
        return (record for record in self.rows() if self.is_judged(record))

    def is_judged(self, record: Record) -> bool:
        """Whether a row is a respondent's, and no preview, test or spam."""
        return self._status(record) is None

    def respondents(self) -> list[Respondent]:
        """Everybody, in order, with the questions that they answered.

        Raises:
            InvalidInput: naming every cell whose key or paste events cannot be read.
        """
        faults: dict[str, str] = {}
        everybody = [
            Respondent(
                self.name(record),
                tuple(_entry(each, record, faults) for each in self.open_ends if record.cells[each.column].strip()),
            )
            for record in self.judged_rows()
        ]
        refuse_rows(faults, self.source.path, "some key or paste events cannot be read. Empty a cell that was cut")
        return everybody

    def name(self, record: Record) -> str:
        """What the row's respondent is called."""
        given = "" if self.identifier is None else record.cells[self.identifier].strip()
        return given or f"row {record.row}"

    def details(self, role: Role) -> dict[str, str]:
        """Respondent -> their cell in the column of that role; empty without such a column."""
        column = self.column(role)
        if column is None:
            return {}
        return {self.name(record): record.cells[column].strip() for record in self.judged_rows()}

    def write(self, path: Path, evaluations: Sequence[RespondentEvaluation], added: Added | None = None) -> None:
        """Write this table with what was found about each judged row, in order.

        Args:
            path: Where to; its suffix tells the format.
            evaluations: One per judged row.
            added: What is written beside; all checks and no decisions by default.

        Raises:
            InvalidInput: the file cannot be written.
        """
        added = added or Added()
        kept = [i for i, each in enumerate(self.taken) if each.role is not Role.FOUND]
        labels = [each.label for each in self.open_ends]
        names, sentences = added.names(labels), added.sentences(labels)
        about = self.source.columns or [Column()] * len(self.header)
        texts = {Role.OPEN_END, Role.IDENTIFIER, Role.PANEL_ID, Role.TYPING}
        same_format = path.suffix.lower() == self.source.path.suffix.lower()
        write_table(
            path,
            Output(
                header=self.heading.extended(kept, names, sentences),
                columns=[
                    *(self._written(about[i], i, is_text=self.taken[i].role in texts) for i in kept),
                    *(Column(wording=sentence) for sentence in sentences),
                ],
                rows=self._with(evaluations, added, kept, len(names)),
                ours=len(kept),
                delimiter=self.source.delimiter if same_format and isinstance(self.source, Delimited) else None,
            ),
        )

    def _written(self, about: Column, column: int, *, is_text: bool) -> Column:
        wording = about.wording or self.heading.wordings[column]
        return replace(about, wording=wording, is_text=is_text)

    def _with(
        self, evaluations: Sequence[RespondentEvaluation], added: Added, kept: Sequence[int], width: int
    ) -> Iterator[list[Value]]:
        given = iter(evaluations)
        for record in self.rows():
            values = [record.values[i] for i in kept]
            if not self.is_judged(record):
                yield [*values, *[None] * width]
                continue
            evaluation = next(given, None)
            if evaluation is None:
                raise ValueError("evaluations are shorter than the table")
            yield [*values, *added.cells(evaluation, self._entries(record, evaluation))]
        if next(given, None) is not None:
            raise ValueError("evaluations are longer than the table")

    def _entries(self, record: Record, evaluation: RespondentEvaluation) -> list[EntryEvaluation | None]:
        given = iter(evaluation.evaluations)
        return [next(given) if record.cells[each.column].strip() else None for each in self.open_ends]

    def _status(self, record: Record) -> str | None:
        """Why a row is not judged; None where it is."""
        column = self.column(Role.STATUS) if self.heading.tool is Tool.QUALTRICS else None
        if column is None:
            return None
        cell = record.cells[column].strip()
        if cell.isdigit():
            return f"Status {cell}" if len(cell) < 4 and int(cell) & NOT_JUDGED_BITS else None
        return cell if any(word in cell.casefold() for word in NOT_JUDGED_WORDS) else None

    def _about_rows(self, looked: Looked) -> list[str]:
        """A note on rows that are not judged."""
        if self.column(Role.STATUS) is None or self.heading.tool is not Tool.QUALTRICS:
            return []
        left_out: dict[str, int] = {}
        for record in self.rows():
            status = self._status(record)
            if status is not None:
                left_out[status] = left_out.get(status, 0) + 1
        if sum(left_out.values()) == looked.rows:
            raise InvalidInput(f"{self.source.path.name} holds previews and tests of the survey only, no respondents.")
        several = ", ".join(f"{count:,} of {status!r}" for status, count in left_out.items())
        return [f"Kept in the table, but not judged nor compared with: {several}."] if left_out else []

    def _about_cuts(self, looked: Looked) -> list[str]:
        """A note on each open end whose answers were cut by the tool."""
        cuts = {each.label: at for each in self.open_ends if (at := looked.cuts.get(each.column)) is not None}
        if not cuts:
            return []
        cure = (
            "Forsta cuts open text at 200 characters unless the export says otherwise; export it again in full."
            if self.heading.tool is Tool.FORSTA or 200 in cuts.values()
            else "If your tool did that, export them again in full."
        )
        several = ", ".join(f"{label!r} (at {at} characters)" for label, at in cuts.items())
        return [f"Answers seem to have been cut: {several}. Copies and machine-written answers are missed then. {cure}"]


def _open_end(column: int, labels: Sequence[str], question: str) -> OpenEnd:
    label = labels[column]
    companions = {suffix: labels.index(label + suffix) for suffix in COMPANIONS if label + suffix in labels}
    logs = [labels.index(name) for each in NAMES_OF_LOGS if (name := each.format(label)) in labels]
    companions |= {LOG: logs[0]} if logs else {}
    return OpenEnd(column, label, question, companions)


class Log(Struct, frozen=True, rename="camel"):
    """What Earnest's script in the survey page kept of one answer; the fields are those of `survey.Entry`."""

    key_events: tuple[KeyStroke, ...] | UnsetType = UNSET
    paste_events: tuple[Paste, ...] | UnsetType = UNSET
    honeypot_phrase: str | UnsetType = UNSET
    capture: Capture | UnsetType = UNSET


NO_LOG = Log()


def _entry(question: OpenEnd, record: Record, faults: dict[str, str]) -> Entry:
    honeypot = question.companions.get(HONEYPOT)
    log = _log(question, record, faults)
    keys = _events(question, KEYS, record, tuple[KeyStroke, ...], faults)
    pastes = _events(question, PASTES, record, tuple[Paste, ...], faults)
    return Entry(
        question=question.question,
        answer=record.cells[question.column],
        question_identifier=question.label,
        key_events=log.key_events if keys is UNSET else keys,
        paste_events=log.paste_events if pastes is UNSET else pastes,
        honeypot_phrase=(record.cells[honeypot].strip() if honeypot is not None else "") or log.honeypot_phrase,
        capture=log.capture,
    )


def _log(question: OpenEnd, record: Record, faults: dict[str, str]) -> Log:
    """The whole log; none where the survey tool has cut it off, which some do without a word."""
    column = question.companions.get(LOG)
    if column is None or not record.cells[column].rstrip().endswith("}"):
        return NO_LOG
    return _events(question, LOG, record, Log, faults) or NO_LOG


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
