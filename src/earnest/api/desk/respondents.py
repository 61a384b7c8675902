"""One respondent as a coder sees them: each answer with its evidence marked, what was found, and what was decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import UNSET

from earnest.api.desk.visits import Visit
from earnest.checks import CHECKS
from earnest.errors import NotFound
from earnest.findings import CheckName, EntryEvaluation, Finding, RespondentEvaluation
from earnest.review.decisions import is_proposed
from earnest.review.marks import Mark, Piece, Span, common, names_in, pasted, pieces, quoted, repeats_in
from earnest.survey import Entry

FOLDED_FROM = 900
"""Characters of an answer that are shown at once: some ten lines of a card."""
WORDS: Mapping[CheckName, Mapping[str, str]] = {check.name: check.reasons for check in CHECKS}


@dataclass(frozen=True, slots=True)
class Found:
    """What a check says.

    Attributes:
        check: Its name.
        score: 0–100.
        is_issue: Its verdict.
        reasons: What it found, in words.
        evidence: The sentence that can be checked; empty where there is none.
    """

    check: str
    score: float
    is_issue: bool
    reasons: tuple[str, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer with what was found.

    Attributes:
        number: From 1, as they were asked.
        question: Its wording; empty where there is none.
        shown: The answer, in pieces with marks, up to FOLDED_FROM characters.
        folded: What follows.
        characters: How long it is.
        marks: Which marks occur.
        telling: Findings with a reason or an issue, worst first.
        clear: The other findings.
        untold: Checks that ran in this survey and could not tell here.
        copies: Respondents who are said to have given the same answer.
        has_log: Whether it was recorded how the answer was typed; None where answers are not kept here.
    """

    number: int
    question: str
    shown: tuple[Piece, ...]
    folded: tuple[Piece, ...]
    characters: int
    marks: tuple[Mark, ...]
    telling: tuple[Found, ...]
    clear: tuple[Found, ...]
    untold: tuple[str, ...]
    copies: tuple[str, ...]
    has_log: bool | None


@dataclass(frozen=True, slots=True)
class Person:
    """One respondent.

    Attributes:
        position: In the survey, from 0.
        name: As the survey calls them.
        demerit: 0–100.
        is_proposed: Whether they are proposed for removal.
        issues: Kinds of issue, most frequent first.
        answers: Theirs.
    """

    position: int
    name: str
    demerit: float
    is_proposed: bool
    issues: tuple[str, ...]
    answers: tuple[Answer, ...]


def person(
    evaluation: RespondentEvaluation, position: int, entries: Sequence[Entry], ran: Sequence[CheckName]
) -> Person:
    """A respondent as they are shown.

    Args:
        evaluation: What was found.
        position: In the survey.
        entries: Their answers with key events; empty where these are not kept.
        ran: The checks that ran in this survey.
    """
    logs = entries if len(entries) == len(evaluation.evaluations) else [None] * len(evaluation.evaluations)
    return Person(
        position,
        evaluation.response_identifier,
        evaluation.demerit_score,
        is_proposed(evaluation),
        issues_of(evaluation),
        tuple(
            _answer(evaluation, number, each, log, ran)
            for number, (each, log) in enumerate(zip(evaluation.evaluations, logs, strict=True), start=1)
        ),
    )


def issues_of(evaluation: RespondentEvaluation) -> tuple[str, ...]:
    """The kinds of issue that a respondent's answers have, most frequent first."""
    issues = [
        finding.type for each in evaluation.evaluations for finding in each.quality_issue_checks if finding.is_issue
    ]
    return tuple(check.value for check in sorted(set(issues), key=lambda check: (-issues.count(check), check)))


def evaluation_of(visit: Visit, job_id: str, position: int) -> RespondentEvaluation:
    """What was found about a respondent.

    Raises:
        NotFound: There is no such job or respondent, or it is another tenant's, or they are not judged yet.
    """
    if position < visit.service.job(visit.tenant, job_id).total:
        found = visit.service.results.evaluations(visit.tenant, job_id, [position])
        if position in found:
            return found[position]
    raise NotFound("There is no such respondent, or they are not judged yet.")


def entries_of(visit: Visit, job_id: str, position: int) -> tuple[Entry, ...]:
    """A respondent's answers as they came in; empty where they are not kept."""
    try:
        return visit.service.results.entries(visit.tenant, job_id, position)
    except NotFound:
        return ()


def _answer(
    evaluation: RespondentEvaluation, number: int, each: EntryEvaluation, log: Entry | None, ran: Sequence[CheckName]
) -> Answer:
    answer = each.survey_entry.answer
    spans = _spans(evaluation, each, log)
    there = {finding.type for finding in each.quality_issue_checks}
    found = [_found(finding) for finding in sorted(each.quality_issue_checks, key=lambda finding: -finding.score)]
    cut = len(answer) if len(answer) <= 1.2 * FOLDED_FROM else FOLDED_FROM
    return Answer(
        number,
        each.survey_entry.question,
        tuple(pieces(answer[:cut], _within(spans, 0, cut))),
        tuple(pieces(answer[cut:], _within(spans, cut, len(answer)))),
        len(answer),
        tuple(mark for mark in Mark if any(span.mark is mark for span in spans)),
        tuple(each for each in found if each.is_issue or each.reasons),
        tuple(each for each in found if not (each.is_issue or each.reasons)),
        tuple(check.value for check in ran if check not in there),
        tuple(name for finding in each.quality_issue_checks for name in copies_of(finding)),
        None if log is None else log.key_events is not UNSET or log.paste_events is not UNSET,
    )


def copies_of(finding: Finding) -> list[str]:
    """Whom a finding names as having given the same answer, if it says so with a reason."""
    is_copy = finding.type is CheckName.SHARED_DUPLICATE and finding.reason_codes
    return names_in(finding.evidence) if is_copy and finding.evidence else []


def _found(finding: Finding) -> Found:
    words = WORDS[finding.type]
    reasons = tuple(words.get(code, code.replace("_", " ")) for code in finding.reason_codes)
    return Found(finding.type.value, finding.score, finding.is_issue, reasons, finding.evidence or "")


def _spans(evaluation: RespondentEvaluation, each: EntryEvaluation, log: Entry | None) -> list[Span]:
    """Where evidence stands in an answer."""
    answer = each.survey_entry.answer
    spans: list[Span] = []
    if log is not None and log.paste_events:
        spans += pasted(answer, [paste.text for paste in log.paste_events])
    for finding in each.quality_issue_checks:
        if not (finding.evidence and finding.reason_codes) or finding.type is CheckName.SHARED_DUPLICATE:
            continue  # a copy is shown beside the other one, with what they have in common
        if finding.type is CheckName.SELF_DUPLICATE:
            others = [
                evaluation.evaluations[n - 1] for n in repeats_in(finding.evidence) if n <= len(evaluation.evaluations)
            ]
            spans += [span for other in others for span in common(answer, other.survey_entry.answer)]
        else:
            spans += quoted(answer, finding.evidence)
    return spans


def _within(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """The spans of a part of an answer, counted from where it starts."""
    return [
        Span(max(span.start, start) - start, min(span.end, end) - start, span.mark)
        for span in spans
        if span.start < end and span.end > start
    ]
