"""How right the checks are on answers that somebody coded by hand, and which thresholds would keep a promise.

Arithmetic only. For each check an answer is bad if the coder named that kind of trouble, honest if the coder found
nothing wrong, and left out otherwise: an answer that is bad in another way can neither be missed nor wrongly accused.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, exp, lgamma, log, log1p, sqrt

from earnest.findings import CheckName, EntryEvaluation, RespondentEvaluation, is_flagged

Z_95 = 1.959964
RISK = 0.05
"""Chance that a suggested threshold flags more honest answers than was asked for."""
FEWEST = 20
"""Coded answers below which a share is not put in per cent: its interval would be some 40 points wide."""
GRID = tuple(step / 2 for step in range(1, 201))
"""Thresholds that are tried, the same ones whatever the sample: see `suggest`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a coder says of an answer or of a respondent.

    Attributes:
        is_bad: Whether it should go.
        checks: The kinds of trouble that were named; empty where it is honest, or bad without saying how.
    """

    is_bad: bool
    checks: frozenset[CheckName] = frozenset()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A coder and a check, or all checks, on the same answer.

    Attributes:
        is_bad: What the coder says.
        is_flagged: What the check says.
        could_tell: Whether the check said anything.
        score: What a threshold would have to lie below to flag it, 0–100; None where no threshold does, since the
            check has nothing to show.
    """

    is_bad: bool
    is_flagged: bool
    could_tell: bool
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share, 0–1; NaN of nothing."""
        return self.hits / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % confidence interval."""
        return wilson(self.hits, self.of)

    @property
    def is_enough(self) -> bool:
        """Whether there are enough to speak of per cent."""
        return self.of >= FEWEST


@dataclass(frozen=True, slots=True)
class Rates:
    """How right a check is.

    Attributes:
        bad: Answers that the coder calls bad.
        found: Those of them that are flagged.
        honest: Answers in which the coder finds nothing wrong.
        false_flags: Those of them that are flagged.
        untold: Answers of either kind about which the check could not tell; they count as not flagged.
    """

    bad: int
    found: int
    honest: int
    false_flags: int
    untold: int

    @classmethod
    def of(cls, judgements: Iterable[Judgement], threshold: float | None = None) -> "Rates":
        """Count, by this threshold on the score, or as the check has decided."""
        bad = found = honest = false_flags = untold = 0
        for each in judgements:
            flagged = each.is_flagged if threshold is None else each.score is not None and each.score >= threshold
            bad, found = bad + each.is_bad, found + (flagged and each.is_bad)
            honest, false_flags = honest + (not each.is_bad), false_flags + (flagged and not each.is_bad)
            untold += not each.could_tell
        return cls(bad, found, honest, false_flags, untold)

    @property
    def recall(self) -> Share:
        """Of the bad ones, those found."""
        return Share(self.found, self.bad)

    @property
    def false_flag_rate(self) -> Share:
        """Of the honest ones, those flagged."""
        return Share(self.false_flags, self.honest)

    @property
    def precision(self) -> Share:
        """Of the flagged ones, those that are bad, in this sample."""
        return Share(self.found, self.found + self.false_flags)

    def precision_at(self, prevalence: float) -> tuple[float, float, float]:
        """What precision would be where that share of all answers is bad, with bounds; NaN where nothing is flagged.

        The bounds take the worse and the better ends of both intervals at once, and so are wider than 95 %.
        """
        recall, honest = self.recall, self.false_flag_rate
        return (
            _precision(recall.value, honest.value, prevalence),
            _precision(recall.interval[0], honest.interval[1], prevalence),
            _precision(recall.interval[1], honest.interval[0], prevalence),
        )


class Outcome(StrEnum):
    """What comes of looking for a threshold."""

    CHANGE = "change"
    KEEP = "keep"
    UNPROVEN = "keep, unproven"
    TOO_FEW = "too few honest answers"
    OUT_OF_REACH = "out of reach"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A threshold for one check.

    Attributes:
        outcome: CHANGE to `threshold`; KEEP the one in force, which holds and finds as much; UNPROVEN: keep it, since
            it flags no more than was asked for here, though the sample is too small to be sure; or why there is none.
        threshold: Score from which to flag; None unless CHANGE.
        rates: How right the check is after following the suggestion.
    """

    outcome: Outcome
    threshold: float | None
    rates: Rates


def wilson(hits: int, of: int) -> tuple[float, float]:
    """95 % confidence interval of a share (Wilson 1927); (0, 1) of nothing."""
    if not of:
        return 0.0, 1.0
    share, spread = hits / of, Z_95**2 / of
    middle = (share + spread / 2) / (1 + spread)
    reach = Z_95 * sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def honest_needed(rate: float) -> int:
    """Honest answers, none of them flagged, that prove at a RISK of 5 % that the rate is no higher: about 3 ÷ rate."""
    return ceil(log(RISK) / log1p(-rate))


def least_provable(honest: int) -> float:
    """The lowest false-flag rate that so many honest answers can prove; 1 for none."""
    return 1 - float(RISK ** (1 / honest)) if honest else 1.0


def keeps(false_flags: int, honest: int, rate: float) -> bool:
    """Whether so few of the honest answers are flagged that the true rate is no higher, at a RISK of 5 %.

    One-sided exact binomial test, the same as the upper bound of Clopper and Pearson (1934).
    """
    if false_flags >= rate * honest:  # then it is as likely as not
        return False
    logs = (
        lgamma(honest + 1) - lgamma(k + 1) - lgamma(honest - k + 1) + k * log(rate) + (honest - k) * log1p(-rate)
        for k in range(false_flags + 1)
    )
    return sum(map(exp, logs)) <= RISK


def suggest(judgements: Sequence[Judgement], rate: float) -> Suggestion:
    """Look for the threshold that finds most and flags no more than this share of honest answers.

    A change is suggested where it finds more, or where the threshold in force flags too many in this sample. It is the
    lowest one of GRID that `keeps` the rate, raised as far as it flags the same coded answers.

    Choosing and measuring on the same sample does little harm. The grid is fixed beforehand and fewer are flagged at
    each step up, so that the chance of a threshold that breaks the promise is 5 % for the whole search (fixed-sequence
    testing: Angelopoulos et al. 2021, "Learn then Test"). And the honest answers choose it: the bad ones only raise it
    where none of them lies, which flatters recall by less than 3 ÷ their number (95 % of samples).

    Args:
        judgements: One check's.
        rate: Most honest answers to flag, above 0 and below 1.
    """
    now = Rates.of(judgements)
    if now.honest < honest_needed(rate):
        return Suggestion(Outcome.TOO_FEW, None, now)
    honest = sorted(each.score for each in judgements if not each.is_bad and each.score is not None)
    bad = sorted(each.score for each in judgements if each.is_bad and each.score is not None)
    flagged = {t: (len(honest) - bisect_left(honest, t), len(bad) - bisect_left(bad, t)) for t in GRID}
    kept = [t for t in GRID if keeps(flagged[t][0], now.honest, rate)]
    if not kept:
        return Suggestion(Outcome.OUT_OF_REACH, None, now)
    threshold = max(t for t in kept if flagged[t] == flagged[kept[0]])
    then = Rates.of(judgements, threshold)
    holds = keeps(now.false_flags, now.honest, rate)
    if holds and (now.bad < FEWEST or then.found <= now.found):
        return Suggestion(Outcome.KEEP, None, now)
    within = now.false_flags <= rate * now.honest
    if not holds and within and then.found <= now.found:  # stricter would only be surer, and find less
        return Suggestion(Outcome.UNPROVEN, None, now)
    return Suggestion(Outcome.CHANGE, threshold, then)


def judgements_of(check: CheckName, coded: Iterable[tuple[Verdict, EntryEvaluation]]) -> list[Judgement]:
    """One check on all coded answers that are honest or bad in its way."""
    judgements = []
    for verdict, evaluation in coded:
        is_bad = check in verdict.checks
        if is_bad or not verdict.is_bad:
            finding = next((each for each in evaluation.quality_issue_checks if each.type is check), None)
            judgements.append(
                Judgement(
                    is_bad=is_bad,
                    is_flagged=finding is not None and finding.is_issue,
                    could_tell=finding is not None,
                    score=finding.score if finding and finding.reason_codes else None,
                )
            )
    return judgements


def any_check(
    coded: Iterable[tuple[Verdict, EntryEvaluation]], thresholds: Mapping[CheckName, float] | None = None
) -> list[Judgement]:
    """All checks together on all coded answers: one is flagged if any check flags it, by its threshold where given."""
    return [
        Judgement(
            is_bad=verdict.is_bad,
            is_flagged=any(is_flagged(each, thresholds or {}) for each in evaluation.quality_issue_checks),
            could_tell=bool(evaluation.quality_issue_checks),
        )
        for verdict, evaluation in coded
    ]


def any_answer(coded: Iterable[tuple[Verdict, RespondentEvaluation]]) -> list[Judgement]:
    """Coded respondents: one is flagged if any of the answers is."""
    return [
        Judgement(verdict.is_bad, each.num_issues > 0, any(entry.quality_issue_checks for entry in each.evaluations))
        for verdict, each in coded
    ]


def _precision(recall: float, false_flag_rate: float, prevalence: float) -> float:
    found, wrong = recall * prevalence, false_flag_rate * (1 - prevalence)
    return found / (found + wrong) if found + wrong else float("nan")
