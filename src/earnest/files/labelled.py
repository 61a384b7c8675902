"""Hand-coded tables: a survey's table with what a coder says of its answers beside them.

Beside an open end "Q1" a column "Q1_label" says of each answer that it is ok, or in which ways it is bad. A column
"label" or "remove" says it of the whole respondent. What is blank was not coded.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import msgspec

from earnest.errors import InvalidInput
from earnest.files.cells import Record
from earnest.files.columns import Choice, Role
from earnest.files.delimited import MOST_FAULTS
from earnest.files.tables import ANY_CHOICE, SurveyTable
from earnest.findings import CheckName, bare
from earnest.validation import Verdict

WORDS: dict[str, tuple[str, ...]] = {
    # What a label may say, and other words for it, in any case and punctuation; docs/how-to/validate.md lists them.
    "ok": ("okay", "good", "fine", "honest", "valid", "genuine", "earnest", "keep", "pass", "0", "no", "false", "n"),
    "bad": ("remove", "removed", "exclude", "drop", "reject", "invalid", "fail", "fraud", "1", "yes", "true", "y", "x"),
    "cannot tell": ("can't tell", "cant tell", "unsure", "not sure", "unclear", "unknown", "borderline", "na", "?"),
    CheckName.NONSENSICAL: ("nonsense", "gibberish", "mash", "keyboard mash", "word salad", "random letters"),
    CheckName.IRRELEVANT: ("off topic", "not relevant", "unrelated", "wrong question", "spam", "advertising"),
    CheckName.LOW_EFFORT: ("lazy", "no effort", "low quality", "refusal", "vague", "too short", "no content"),
    CheckName.LLM_GENERATED: ("llm", "ai", "ai generated", "gpt", "chatgpt", "chatbot", "bot", "machine", "pasted"),
    CheckName.SELF_DUPLICATE: ("repeated", "repeat", "repeats self", "same as own"),
    CheckName.SHARED_DUPLICATE: ("duplicate", "duplicated", "copy", "copied", "copy of another", "plagiarised"),
}
OK, BAD, CANNOT_TELL = islice(WORDS, 3)
ALLOWED = f"{', '.join(word.lower() for word in WORDS)}; several separated by commas; yes or 1 for bad, no or 0 for ok"

OF_ANSWERS = re.compile(r"(?P<open_end>.+?)[\s_:.(\[–-]{1,4}(?:labels?|cod(?:e|es|ed|ing)|verdict)[)\]]?")
OF_RESPONDENTS = ("label", "labels", "verdict", "remove", "removed", "exclude", "excluded", "bad")

_MEANING = {bare(word) or word: meaning for meaning, words in WORDS.items() for word in (meaning, *words)}
_WHOLE = re.compile(r"([01])[.,]0+")
"""A spreadsheet's way to write 0 and 1 in a column with gaps."""


@dataclass(frozen=True, slots=True)
class Coded:
    """What the coder says of a row.

    Attributes:
        respondent: Of the respondent as a whole; None where not coded, or where the coder cannot tell.
        answers: Of each answer, in the order of the respondent's entries; None likewise.
    """

    respondent: Verdict | None
    answers: tuple[Verdict | None, ...]


@dataclass(frozen=True, slots=True)
class LabelledTable:
    """A survey's table with columns of labels.

    Attributes:
        table: The survey; its open ends are those found by content and those that have labels.
        of_answers: Column of an open end -> column of its labels.
        of_respondents: The column of labels of whole respondents; None without one.
    """

    table: SurveyTable
    of_answers: Mapping[int, int]
    of_respondents: int | None

    @classmethod
    def read(
        cls,
        path: Path,
        *,
        labels: Sequence[str] = (),
        choice: Choice = ANY_CHOICE,
    ) -> "LabelledTable":
        """Find the open ends and their labels.

        Args:
            path: A file as for `SurveyTable.read`.
            labels: "OPEN END=COLUMN" or, for labels of respondents, "COLUMN"; none to find them by name.
            choice: What else the user says of it.

        Raises:
            InvalidInput: as `SurveyTable.read` does; or there are no labels, or several columns could hold them.
        """
        names = list(SurveyTable.taken_from(path, choice).heading.names)
        if {"question", "answer"}.issubset(name.casefold() for name in names):
            raise InvalidInput(
                f"{path.name} has a row for each answer. Earnest reads a row for each respondent and a column for each "
                "question. Excel turns it round: Data, From Table, Pivot Column, and there Don't Aggregate."
            )
        of_answers, of_respondents = _named(names, labels, path) if labels else _found(names, path)
        labelled = {names[i]: "" for i in of_answers}  # an open end, even if its content does not look like one
        roles = {**dict.fromkeys(labelled, Role.OPEN_END), **choice.roles} if not choice.open_ends else choice.roles
        table = SurveyTable.read(path, msgspec.structs.replace(choice, roles=roles))
        not_judged = {*of_answers.values(), of_respondents}
        table = replace(table, open_ends=tuple(each for each in table.open_ends if each.column not in not_judged))
        columns = [each.column for each in table.open_ends]
        of_answers = {column: label for column, label in of_answers.items() if column in columns}
        if of_respondents is not None and len(columns) == 1 and not of_answers:
            of_answers, of_respondents = {columns[0]: of_respondents}, None
        if not of_answers and of_respondents is None:
            example = table.open_ends[0].label if table.open_ends else "Q1"
            raise InvalidInput(
                f"{path.name} has no column of labels. Beside an open end, such as {example!r}, add a column "
                f"'{example}_label' with one of: {ALLOWED}; or a column 'remove' with 1 or 0 about each respondent. "
                "A column of another name is named by --label."
            )
        return cls(table, of_answers, of_respondents)

    def coded(self) -> list[Coded]:
        """What the coder says, row by row.

        Raises:
            InvalidInput: naming every cell that holds no label that we know.
        """
        faults: dict[str, str] = {}
        rows: list[Coded] = []
        for record in self.table.judged_rows():
            answered = [each.column for each in self.table.open_ends if record.cells[each.column].strip()]
            answers = tuple(self._verdict(record, self.of_answers.get(column), faults) for column in answered)
            rows.append(Coded(self._verdict(record, self.of_respondents, faults), answers))
        if faults:
            raise InvalidInput(
                f"{self.table.source.path.name}: some labels cannot be read. A label is one of: {ALLOWED}. If a column "
                "holds something else, name those that hold labels with --label.",
                details=dict(_first(faults)),
            )
        if not any(row.respondent or any(row.answers) for row in rows):
            columns = [
                self.table.header[i].strip() for i in (*self.of_answers.values(), self.of_respondents) if i is not None
            ]
            raise InvalidInput(f"{self.table.source.path.name}: nothing is coded in {', '.join(columns)}.")
        return rows

    def _verdict(self, record: Record, column: int | None, faults: dict[str, str]) -> Verdict | None:
        """What a cell says, if there is one; what is wrong with it is added to the faults."""
        try:
            return None if column is None else read_label(record.cells[column])
        except ValueError as fault:
            faults[f"row {record.row}, {self.table.header[column or 0].strip()}"] = str(fault)
            return None


def read_label(cell: str) -> Verdict | None:
    """What a cell says; None where it is blank or says that the coder cannot tell.

    Raises:
        ValueError: it says something else, or both ok and bad; the cell is not repeated, it may be an answer.
    """
    parts = [part.strip() for part in re.split(r"[,;|\n]", _WHOLE.sub(r"\1", cell)) if part.strip()]
    meanings = {_MEANING.get(bare(part) or part) or CheckName.called(part) for part in parts}
    if None in meanings:
        raise ValueError("not a known label")
    if not meanings:
        return None
    if len(meanings) > 1 and not meanings.isdisjoint({OK, CANNOT_TELL}):
        raise ValueError("several labels that contradict each other")
    if meanings == {CANNOT_TELL}:
        return None
    return Verdict(is_bad=meanings != {OK}, checks=frozenset(check for check in CheckName if check in meanings))


def _found(names: Sequence[str], path: Path) -> tuple[dict[int, int], int | None]:
    """Columns of labels by their names."""
    small = [name.casefold() for name in names]
    of_answers: dict[int, int] = {}
    for i, name in enumerate(small):
        match = OF_ANSWERS.fullmatch(name)
        if match and match["open_end"] in small:
            open_end = small.index(match["open_end"])
            if of_answers.setdefault(open_end, i) != i:
                raise InvalidInput(
                    f"{path.name}: {names[of_answers[open_end]]!r} and {names[i]!r} could both hold labels of "
                    f"{names[open_end]!r}. Name all columns of labels with --label, or rename those that hold none."
                )
    of_respondents = [i for i, name in enumerate(small) if bare(name) in OF_RESPONDENTS]
    if len(of_respondents) > 1:
        several = " and ".join(repr(names[i]) for i in of_respondents)
        raise InvalidInput(
            f"{path.name}: {several} could all hold labels of respondents. Name the right one with --label, or if they "
            "are about one open end each, call them by it: 'Q1_label'."
        )
    return of_answers, of_respondents[0] if of_respondents else None


def _named(names: Sequence[str], labels: Sequence[str], path: Path) -> tuple[dict[int, int], int | None]:
    """Columns of labels as the user names them."""

    def column(name: str) -> int:
        if name.strip() not in names:
            raise InvalidInput(f"--label: {path.name} has no column {name!r}. Its columns are: {', '.join(names)}.")
        return names.index(name.strip())

    of_answers: dict[int, int] = {}
    of_respondents: int | None = None
    for given in labels:
        open_end, equals, label = given.rpartition("=")
        if given.strip() in names or not equals:
            of_respondents = column(given)
        else:
            of_answers[column(open_end)] = column(label)
    return of_answers, of_respondents


def _first(faults: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The first ones, and how many more there are."""
    yield from islice(faults.items(), MOST_FAULTS)
    if len(faults) > MOST_FAULTS:
        yield "and", f"{len(faults) - MOST_FAULTS} more"
