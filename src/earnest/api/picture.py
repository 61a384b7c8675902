"""What the first page shows of a survey: counts, distributions and the worst answers. Arithmetic only."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from earnest.evaluate import question_key
from earnest.findings import CheckName, EntryEvaluation, Finding, RespondentEvaluation
from earnest.text.normalize import comparable

BINS = 20
WORST_OF_EACH = 3
MOST_QUESTIONS = 12

MEANING = {
    CheckName.NONSENSICAL: "No logical meaning: mashed keys, word salad.",
    CheckName.IRRELEVANT: "Does not address the question.",
    CheckName.LOW_EFFORT: "Says less than the question asks for.",
    CheckName.LLM_GENERATED: "Written by a machine, or brought in from elsewhere.",
    CheckName.SELF_DUPLICATE: "The same person says the same thing again.",
    CheckName.SHARED_DUPLICATE: "Other people gave the same answer, and chance does not explain it.",
}


@dataclass(frozen=True, slots=True)
class Bin:
    """Respondents whose demerit score is at least `start` and less than `end`; the last bin includes 100."""

    start: int
    end: int
    sound: int
    with_issues: int


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    label: str
    meaning: str
    count: int
    of: int

    @property
    def percent(self) -> float:
        """0–100."""
        return 100 * self.count / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """An answer with issues, worst first in `findings`."""

    respondent: str
    entry: EntryEvaluation
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The worst answers that one check found, and how many it found in all."""

    check: CheckName
    meaning: str
    count: int
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A survey at a glance.

    Attributes:
        respondents: Those with an issue, of all.
        answers: Likewise.
        median_quality: Of the respondents' quality scores.
        bins: The respondents by demerit score.
        tallest: A round number that no bin exceeds; the top of the histogram.
        checks: Per check, the answers with an issue, of those where it could tell.
        checks_scale: A round percentage that none of them exceeds; the length of a whole bar.
        questions: Per question, the answers with an issue, of all; the first MOST_QUESTIONS.
        questions_scale: As for the checks.
        questions_in_all: How many questions there are.
        groups: The worst answers.
    """

    respondents: Share
    answers: Share
    median_quality: float
    bins: tuple[Bin, ...]
    tallest: int
    checks: tuple[Share, ...]
    checks_scale: int
    questions: tuple[Share, ...]
    questions_scale: int
    questions_in_all: int
    groups: tuple[Group, ...]


def picture(evaluations: Sequence[RespondentEvaluation]) -> Picture:
    """Add up a survey's evaluations."""
    entries = [entry for each in evaluations for entry in each.evaluations]
    bins, checks = _bins(evaluations), _checks(entries)
    questions = _questions(entries)
    return Picture(
        respondents=Share("respondents", "", sum(each.num_issues > 0 for each in evaluations), len(evaluations)),
        answers=Share("answers", "", sum(entry.has_issues for entry in entries), len(entries)),
        median_quality=_median([each.quality_score for each in evaluations]),
        bins=bins,
        tallest=_above(max(each.sound + each.with_issues for each in bins)),
        checks=checks,
        checks_scale=_scale(checks),
        questions=questions[:MOST_QUESTIONS],
        questions_scale=_scale(questions[:MOST_QUESTIONS]),
        questions_in_all=len(questions),
        groups=tuple(_groups(evaluations)),
    )


def _bins(evaluations: Sequence[RespondentEvaluation]) -> tuple[Bin, ...]:
    width = 100 // BINS
    counts = Counter((min(int(each.demerit_score / width), BINS - 1), each.num_issues > 0) for each in evaluations)
    return tuple(Bin(i * width, (i + 1) * width, counts[i, False], counts[i, True]) for i in range(BINS))


def _checks(entries: Sequence[EntryEvaluation]) -> tuple[Share, ...]:
    told = Counter(finding.type for entry in entries for finding in entry.quality_issue_checks)
    issues = Counter(finding.type for entry in entries for finding in _issues(entry))
    return tuple(Share(check.value, MEANING[check], issues[check], told[check]) for check in CheckName)


def _questions(entries: Sequence[EntryEvaluation]) -> tuple[Share, ...]:
    wordings = {question_key(entry.survey_entry): entry.survey_entry.question for entry in reversed(entries)}
    asked = Counter(question_key(entry.survey_entry) for entry in entries)
    issues = Counter(question_key(entry.survey_entry) for entry in entries if entry.has_issues)
    return tuple(Share(wordings[key], "", issues[key], count) for key, count in asked.items())


def _groups(evaluations: Sequence[RespondentEvaluation]) -> Iterator[Group]:
    cases = [
        Case(each.response_identifier, entry, tuple(sorted(_issues(entry), key=lambda finding: -finding.score)))
        for each in evaluations
        for entry in each.evaluations
        if entry.has_issues
    ]
    for check in CheckName:
        # An answer stands once, under the check that is surest of it.
        found = [case for case in cases if any(finding.type is check for finding in case.findings)]
        surest = sorted(
            (case for case in found if case.findings[0].type is check),
            key=lambda case: (-case.findings[0].score, -case.entry.demerit_score, case.respondent),
        )
        if found:
            yield Group(check, MEANING[check], len(found), tuple(islice(_various(surest), WORST_OF_EACH)))


def _various(cases: Sequence[Case]) -> Iterator[Case]:
    """The same cases, but no respondent and no wording twice."""
    seen: set[str] = set()
    for case in cases:
        marks = {f"respondent {case.respondent}", f"answer {comparable(case.entry.survey_entry.answer)}"}
        if not marks & seen:
            seen |= marks
            yield case


def _issues(entry: EntryEvaluation) -> list[Finding]:
    return [finding for finding in entry.quality_issue_checks if finding.is_issue]


def _above(count: int) -> int:
    """The least round and even number that is not below a count: the middle of the axis is whole, too."""
    larger = (
        step * int(10**power) for power in range(len(str(count))) for step in (10, 12, 16, 20, 24, 30, 40, 60, 80)
    )
    return next(top for top in chain((2, 4, 6, 8), larger) if top >= count)


def _scale(shares: Sequence[Share]) -> int:
    highest = max((share.percent for share in shares), default=0.0)
    return next(scale for scale in (5, 10, 20, 50, 100) if highest <= scale)


def _median(scores: Sequence[float]) -> float:
    ordered = sorted(scores)
    return ordered[len(ordered) // 2] if ordered else 0.0
