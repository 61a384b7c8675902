"""What was found about a survey's answers, in numbers only: 24 bytes each, so that a whole survey is quickly read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from earnest.findings import CheckName, EntryEvaluation, RespondentEvaluation

CHECK_ORDER = tuple(CheckName)
"""The checks in the order of their numbers and bits here. Ledgers are kept: a new check goes to the end."""

NOTHING = 65_535
"""In place of a score: the check could not tell."""
HUNDREDTHS = 100
ENTRY = np.dtype(
    [
        ("position", "<u4"),  # of the respondent in the survey
        ("question", "<u2"),
        ("demerit", "<u2"),  # in hundredths, as all scores
        ("scores", "<u2", (len(CHECK_ORDER),)),
        ("issues", "u1"),  # a bit for each check
        ("reasons", "u1"),  # whether it named any
        ("number", "<u2"),  # of the entry within the respondent
    ]
)
MOST = 65_535
"""Questions of a survey, and entries of a respondent, that are told apart; what is beyond counts as the last one."""


class Question(NamedTuple):
    """A question, as it is told apart from others.

    Attributes:
        key: Its identifier, or else its wording.
        wording: As the first respondent was asked.
    """

    key: str
    wording: str


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    version: int
    questions: tuple[Question, ...]
    entries: bytes


@dataclass(frozen=True, eq=False)
class Ledger:
    """The numbers of some respondents' answers.

    Attributes:
        questions: In the order in which they first occur.
        entries: One ENTRY for each answer, by position and number.
    """

    questions: tuple[Question, ...]
    entries: NDArray[np.void]

    @classmethod
    def of(cls, evaluations: Iterable[RespondentEvaluation], *, first: int = 0) -> "Ledger":
        """Take down evaluations of respondents who stand in a survey from position `first` on."""
        places: dict[str, int] = {}
        questions: list[Question] = []
        rows = []
        for position, evaluation in enumerate(evaluations, start=first):
            for number, each in enumerate(evaluation.evaluations):
                key = _key(each)
                place = places.setdefault(key, len(questions))
                if place == len(questions):
                    questions.append(Question(key, each.survey_entry.question))
                demerit = _hundredths(each.demerit_score)
                rows.append((position, min(MOST, place), demerit, *_marks(each), min(MOST, number)))
        return cls(tuple(questions), np.array(rows, dtype=ENTRY))

    @classmethod
    def joined(cls, ledgers: Sequence["Ledger"]) -> "Ledger":
        """Put the ledgers of a survey's parts together."""
        questions: dict[str, Question] = {}
        parts = [np.empty(0, dtype=ENTRY)]
        for ledger in ledgers:
            for question in ledger.questions:
                questions.setdefault(question.key, question)
            places = {key: min(MOST, place) for place, key in enumerate(questions)}
            lookup = np.array([places[question.key] for question in ledger.questions], dtype=np.uint16)
            part = ledger.entries.copy()
            part["question"] = lookup[part["question"]]
            parts.append(part)
        entries = np.concatenate(parts)
        return cls(tuple(questions.values()), entries[np.argsort(entries["position"], kind="stable")])

    @classmethod
    def unpacked(cls, packed: bytes) -> "Ledger":
        """Read what `packed` has written."""
        kept = msgspec.msgpack.decode(packed, type=_Kept)
        return cls(kept.questions, np.frombuffer(kept.entries, dtype=ENTRY))

    def packed(self) -> bytes:
        """The ledger as it is kept."""
        return msgspec.msgpack.encode(_Kept(1, self.questions, self.entries.tobytes()))

    @cached_property
    def positions(self) -> NDArray[np.uint32]:
        """The respondents, ascending."""
        return np.unique(self.entries["position"])

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """For each entry, which row of `positions` its respondent is."""
        return np.searchsorted(self.positions, self.entries["position"])

    @cached_property
    def scores(self) -> NDArray[np.float64]:
        """Scores, 0–100, shape (entries, checks); NaN where a check could not tell."""
        kept = self.entries["scores"]
        return np.where(kept == NOTHING, np.nan, kept / HUNDREDTHS)

    @cached_property
    def told(self) -> NDArray[np.bool_]:
        """Whether a check could tell, shape (entries, checks)."""
        told: NDArray[np.bool_] = self.entries["scores"] != NOTHING
        return told

    @cached_property
    def issues(self) -> NDArray[np.bool_]:
        """The checks' own verdicts, shape (entries, checks)."""
        return _bits(self.entries["issues"])

    @cached_property
    def has_reason(self) -> NDArray[np.bool_]:
        """Whether a check could name anything, shape (entries, checks); without a reason nothing is ever flagged."""
        return _bits(self.entries["reasons"])

    @cached_property
    def demerits(self) -> NDArray[np.float64]:
        """The respondents' demerit scores, 0–100, in the order of `positions`."""
        totals = np.bincount(self.rows, weights=self.entries["demerit"] / HUNDREDTHS, minlength=len(self.positions))
        return totals / self.answers

    @cached_property
    def answers(self) -> NDArray[np.int64]:
        """How many answers each respondent gave, in the order of `positions`."""
        return np.bincount(self.rows, minlength=len(self.positions))


def _key(each: EntryEvaluation) -> str:
    identifier = each.survey_entry.question_identifier
    return each.survey_entry.question if identifier is UNSET or not identifier else identifier


def _hundredths(score: float) -> int:
    return round(score * HUNDREDTHS)


def _marks(each: EntryEvaluation) -> tuple[tuple[int, ...], int, int]:
    """Scores in the order of the checks, and the bits of issues and of reasons."""
    found = {finding.type: finding for finding in each.quality_issue_checks}
    scores = tuple(_hundredths(found[check].score) if check in found else NOTHING for check in CHECK_ORDER)
    issues = sum(1 << i for i, check in enumerate(CHECK_ORDER) if check in found and found[check].is_issue)
    reasons = sum(1 << i for i, check in enumerate(CHECK_ORDER) if check in found and found[check].reason_codes)
    return scores, issues, reasons


def _bits(kept: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.unpackbits(kept[:, None], axis=1, count=len(CHECK_ORDER), bitorder="little").astype(np.bool_)


# Now, not at first use: msgspec 0.22 crashes where two threads are the first to decode a struct at once.
msgspec.msgpack.Decoder(_Kept)
