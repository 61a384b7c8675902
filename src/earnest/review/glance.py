"""A survey at a glance, who would go, and in which order to look at people."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from earnest.findings import CheckName
from earnest.review.error_rates import flag_rate
from earnest.review.ledger import CHECK_ORDER, Ledger, Question

BINS = 20
"""Bars of the histogram of demerit scores, each five points wide."""


@dataclass(frozen=True, slots=True)
class CheckCount:
    """What a check flags.

    Attributes:
        check: Which.
        answers: Answers that it flags.
        respondents: Respondents with such an answer.
        judged: Answers of which it could tell.
    """

    check: CheckName
    answers: int
    respondents: int
    judged: int


@dataclass(frozen=True, slots=True)
class QuestionCount:
    """What is flagged among the answers to a question.

    Attributes:
        question: Which.
        answers: How many there are.
        flagged: How many have an issue.
        by_check: How many of which kind.
    """

    question: Question
    answers: int
    flagged: int
    by_check: Mapping[CheckName, int]


@dataclass(frozen=True, slots=True)
class Glance:
    """A survey at a glance.

    Attributes:
        respondents: How many were judged.
        answers: How many answers they gave.
        flagged: How many answers have an issue.
        cannot_tell: Answers of which no check could tell.
        with_issues: How many respondents gave an answer with an issue.
        median_quality: Of the respondents' quality scores, 0–100; 0 where nobody was judged.
        histogram: Respondents by demerit score, in BINS bars from 0 to 100.
        troubled: Those of them with an issue, likewise.
        checks: By check, in CHECK_ORDER.
        questions: By question, in the survey's order.
    """

    respondents: int
    answers: int
    flagged: int
    cannot_tell: int
    with_issues: int
    median_quality: float
    histogram: tuple[int, ...]
    troubled: tuple[int, ...]
    checks: tuple[CheckCount, ...]
    questions: tuple[QuestionCount, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Removal:
    """Who would go under some thresholds.

    Attributes:
        positions: Who, ascending.
        flagged: Answers that would be flagged, by check.
        expected_wrong: How many honest answers would be flagged if all answers were honest, by check, from the measured
            rates: of the mean and of the worst source. A check without a measured rate is left out.
    """

    positions: NDArray[np.uint32]
    flagged: Mapping[CheckName, int]
    expected_wrong: Mapping[CheckName, tuple[float, float]]


class Order(StrEnum):
    """In which order respondents are looked at."""

    WORST = "worst"
    UNCERTAIN = "uncertain"
    SUBMITTED = "submitted"


def glance_at(ledger: Ledger) -> Glance:
    """Count what the checks found by their own verdicts."""
    issues = ledger.issues
    flagged = issues.any(axis=1)
    told = ledger.told
    has_issue = np.bincount(ledger.rows[flagged], minlength=len(ledger.positions)) > 0
    return Glance(
        respondents=len(ledger.positions),
        answers=len(ledger.entries),
        flagged=int(flagged.sum()),
        cannot_tell=int((~told.any(axis=1)).sum()),
        with_issues=int(has_issue.sum()),
        median_quality=100 - float(np.median(ledger.demerits)) if len(ledger.positions) else 0.0,
        histogram=_histogram(ledger.demerits),
        troubled=_histogram(ledger.demerits[has_issue]),
        checks=tuple(
            CheckCount(
                check,
                int(issues[:, i].sum()),
                len(np.unique(ledger.rows[issues[:, i]])),
                int(told[:, i].sum()),
            )
            for i, check in enumerate(CHECK_ORDER)
        ),
        questions=tuple(_counted(ledger, place, issues) for place in range(len(ledger.questions))),
    )


def _histogram(demerits: NDArray[np.float64]) -> tuple[int, ...]:
    counts, _ = np.histogram(demerits, bins=BINS, range=(0, 100))
    return tuple(counts.tolist())


def _counted(ledger: Ledger, place: int, issues: NDArray[np.bool_]) -> QuestionCount:
    own = issues[ledger.entries["question"] == place]
    by_check = {check: int(own[:, i].sum()) for i, check in enumerate(CHECK_ORDER)}
    return QuestionCount(ledger.questions[place], len(own), int(own.any(axis=1).sum()), by_check)


def flags(ledger: Ledger, thresholds: Mapping[CheckName, float]) -> NDArray[np.bool_]:
    """What is flagged, shape (entries, checks): by the given thresholds, or else by the checks' own verdicts."""
    flagged = ledger.issues.copy()
    for check, least in thresholds.items():
        i = CHECK_ORDER.index(check)
        flagged[:, i] = ledger.has_reason[:, i] & (np.nan_to_num(ledger.scores[:, i], nan=-1.0) >= least)
    return flagged


def removal_of(ledger: Ledger, thresholds: Mapping[CheckName, float], *, proposed_from: float) -> Removal:
    """Who would go.

    Args:
        ledger: The survey.
        thresholds: By check, the score from which an answer is flagged; the others keep their own verdicts.
        proposed_from: The share of a respondent's judged answers that must be flagged, above 0 and up to 1.
    """
    flagged = flags(ledger, thresholds)
    told = ledger.told
    troubled = np.bincount(ledger.rows[flagged.any(axis=1)], minlength=len(ledger.positions))
    judged = np.bincount(ledger.rows[told.any(axis=1)], minlength=len(ledger.positions))
    goes = (troubled > 0) & (troubled >= proposed_from * judged)
    expected = {}
    for i, check in enumerate(CHECK_ORDER):
        rate = flag_rate(check, thresholds.get(check))
        if rate is not None:
            judged_by_it = int(told[:, i].sum())
            expected[check] = (rate.mean * judged_by_it, rate.worst * judged_by_it)
    return Removal(
        ledger.positions[goes],
        {check: int(flagged[:, i].sum()) for i, check in enumerate(CHECK_ORDER)},
        expected,
    )


def order_of(ledger: Ledger, order: Order) -> NDArray[np.uint32]:
    """The positions of all respondents, in the order in which to look at them.

    Worst first: by demerit score. Uncertain first: by how near their highest score of any check is to even odds.
    """
    if order is Order.SUBMITTED:
        return ledger.positions
    if order is Order.WORST:
        return ledger.positions[np.argsort(-ledger.demerits, kind="stable")]
    first = np.flatnonzero(np.diff(ledger.rows, prepend=-1))  # entries of one respondent stand together
    highest = np.maximum.reduceat(np.nan_to_num(ledger.scores, nan=0.0).max(axis=1), first) if len(first) else first
    return ledger.positions[np.argsort(np.abs(highest - 50), kind="stable")]
