"""From findings to scores: arithmetic only.

An entry's demerit is a weighted mean of its findings' scores, a respondent's the mean over its entries, and quality is
100 − demerit, as the wire contract defines them. A check that could not tell has no finding and so no weight.

A plain mean would hide the one thing that matters: an answer that is certainly mash, and neither copied nor pasted nor
anything else, would lose a sixth of its worth. So the worst findings weigh most. With the scores sorted from worst to
best, the k worst together weigh (their part of all WEIGHTS) ** PROMINENCE: a weighted OWA operator (V. Torra 1997, "The
weighted OWA operator"). Like any mean it lies between the lowest and the highest score, and it never falls when a score
rises.
"""

from collections.abc import Iterable, Sequence
from statistics import fmean

import msgspec
from msgspec import UNSET

from earnest.findings import CheckName, EntryEvaluation, Finding, RespondentEvaluation, rounded
from earnest.survey import Entry, Respondent

WEIGHTS = {
    # How much an issue of each kind takes from an answer's worth. A machine's, a copied or a senseless answer is worth
    # nothing to a study; a low-effort one still says a little.
    CheckName.NONSENSICAL: 1.0,
    CheckName.IRRELEVANT: 1.0,
    CheckName.LOW_EFFORT: 0.6,
    CheckName.LLM_GENERATED: 1.0,
    CheckName.SELF_DUPLICATE: 0.8,
    CheckName.SHARED_DUPLICATE: 1.0,
}

PROMINENCE = 0.25
"""Set, not measured: one certain issue among six findings of equal weight gives (1/6) ** 0.25 = 64 %, two give 76 %."""


def demerit_of(findings: Sequence[Finding]) -> float:
    """Weighted mean of the findings' scores in which the worst weigh most, 0–100; 0 for none."""
    total = sum(WEIGHTS[finding.type] for finding in findings)
    demerit = counted = 0.0
    for finding in sorted(findings, key=lambda finding: finding.score, reverse=True):
        before, counted = counted, counted + WEIGHTS[finding.type] / total
        demerit += finding.score * (counted**PROMINENCE - before**PROMINENCE)
    return rounded(demerit)


def evaluate_entry(entry: Entry, findings: Iterable[Finding | None]) -> EntryEvaluation:
    """Add up what was found about one answer; None stands for a check that cannot tell."""
    found = tuple(finding for finding in findings if finding is not None)
    demerit = demerit_of(found)
    issues = sum(finding.is_issue for finding in found)
    return EntryEvaluation(
        survey_entry=msgspec.structs.replace(entry, key_events=UNSET, paste_events=UNSET),
        num_issues=issues,
        has_issues=issues > 0,
        quality_score=rounded(100 - demerit),
        demerit_score=demerit,
        quality_issue_checks=found,
    )


def evaluate_respondent(respondent: Respondent, evaluations: Sequence[EntryEvaluation]) -> RespondentEvaluation:
    """Add up what was found about one respondent's answers."""
    demerit = rounded(fmean(each.demerit_score for each in evaluations)) if evaluations else 0.0
    return RespondentEvaluation(
        response_identifier=respondent.identifier,
        num_issues=sum(each.num_issues for each in evaluations),
        quality_score=rounded(100 - demerit),
        demerit_score=demerit,
        evaluations=tuple(evaluations),
    )
