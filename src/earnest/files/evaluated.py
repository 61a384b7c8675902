"""Evaluated surveys as tables: what was there before, and beside it what was found.

For every open end "Q1" four columns are added: "Q1_demerit", "Q1_issues", "Q1_evidence" and "Q1_cannot_tell", which
names the checks that had no ground to stand on; and at the end three about the respondent, and five more where people
decided about them. A demerit is empty, not zero, where no check could tell anything.

The cells of a table that came in stay as they were: they are the researcher's data, which must still match their other
files.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from earnest.files.cells import Column, Output, Value
from earnest.findings import CheckName, EntryEvaluation, RespondentEvaluation
from earnest.review.decisions import PROPOSED_FROM, Decision, Decisions, Ruling, is_proposed

DEMERIT, ISSUES, EVIDENCE, CANNOT_TELL = FOUND = ("_demerit", "_issues", "_evidence", "_cannot_tell")
MEANINGS = {
    DEMERIT: "Earnest: demerit of the answer, 0 to 100, higher is worse",
    ISSUES: "Earnest: what is wrong with the answer",
    EVIDENCE: "Earnest: how one can see that",
    CANNOT_TELL: "Earnest: checks that could not tell",
    "earnest_demerit": "Earnest: mean demerit of the respondent's answers",
    "earnest_issues": "Earnest: what is wrong with the respondent's answers",
    "earnest_proposal": "Earnest: what the rule proposes, keep or remove",
    "earnest_decision": "Earnest: what people decided, keep, remove or unsure",
    "earnest_reason": "Earnest: why they decided so",
    "earnest_note": "Earnest: what else they noted",
    "earnest_decided_by": "Earnest: who decided",
    "earnest_decided_at": "Earnest: when they decided",
}
OURS = "Earnest: "
ABOUT_RESPONDENT = tuple(list(MEANINGS)[4:7])
DECIDED = tuple(list(MEANINGS)[7:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What is to be written beside the answers.

    Attributes:
        wanted: The checks that were asked; the others are not named as unable to tell.
        decisions: What people decided, by respondent; with none there are no columns for it.
        proposed_from: See `is_proposed`.
    """

    wanted: Collection[CheckName] = frozenset(CheckName)
    decisions: Decisions = field(default_factory=dict)
    proposed_from: float = PROPOSED_FROM

    def names(self, labels: Iterable[str]) -> list[str]:
        """The columns that are added for the questions of these labels, and for the respondent."""
        found = [label + suffix for label in labels for suffix in FOUND]
        return [*found, *ABOUT_RESPONDENT, *(DECIDED if self.decisions else ())]

    def sentences(self, labels: Iterable[str]) -> list[str]:
        """What each of these columns holds."""
        found = [f"{MEANINGS[suffix]} ({label})" for label in labels for suffix in FOUND]
        about = (*ABOUT_RESPONDENT, *(DECIDED if self.decisions else ()))
        return [*found, *(MEANINGS[name] for name in about)]

    def cells(self, evaluation: RespondentEvaluation, entries: Sequence[EntryEvaluation | None]) -> list[Value]:
        """What was found about a respondent, and about each question's answer."""
        found = [cell for entry in entries for cell in self._found(entry)]
        proposal = Ruling.REMOVE if is_proposed(evaluation, self.proposed_from) else Ruling.KEEP
        demerit = evaluation.demerit_score if evaluation.evaluations else None
        about: list[Value] = [demerit, issues_of(evaluation.evaluations), proposal.value]
        decision = self.decisions.get(evaluation.response_identifier)
        return [*found, *about, *(_decided(decision) if self.decisions else ())]

    def _found(self, evaluation: EntryEvaluation | None) -> list[Value]:
        """The columns FOUND for one answer; all empty where there is no answer."""
        if evaluation is None:
            return [None] * len(FOUND)
        told = {finding.type for finding in evaluation.quality_issue_checks}
        return [
            evaluation.demerit_score if evaluation.quality_issue_checks else None,
            issues_of([evaluation]),
            evidence_of(evaluation),
            "; ".join(check.value for check in CheckName if check in self.wanted and check not in told),
        ]


def as_table(evaluations: Sequence[RespondentEvaluation], added: Added) -> Output:
    """Evaluations of a survey that did not come as a table: a row per respondent, a column per question."""
    named = [dict(zip(_questions(each), each.evaluations, strict=True)) for each in evaluations]
    labels = list(dict.fromkeys(label for each in named for label in each))
    names = added.names(labels)
    wordings = {label: e.survey_entry.question for each in reversed(named) for label, e in each.items()}
    return Output(
        header=[["responseIdentifier", *labels, *names]],
        columns=[
            Column(is_text=True),
            *(Column(is_text=True, wording=wordings[label]) for label in labels),
            *(Column(wording=sentence) for sentence in added.sentences(labels)),
        ],
        rows=(
            [
                each.response_identifier,
                *(entries[label].survey_entry.answer if label in entries else "" for label in labels),
                *added.cells(each, [entries.get(label) for label in labels]),
            ]
            for each, entries in zip(evaluations, named, strict=True)
        ),
        ours=0,
    )


def issues_of(evaluations: Iterable[EntryEvaluation]) -> str:
    """The kinds of issues found, each once, in the order of the checks."""
    issues = (finding for each in evaluations for finding in each.quality_issue_checks if finding.is_issue)
    return "; ".join(dict.fromkeys(finding.type.value for finding in issues))


def evidence_of(evaluation: EntryEvaluation) -> str:
    """What shows the issues of an answer, each after its name."""
    issues = (finding for finding in evaluation.quality_issue_checks if finding.is_issue)
    return " ".join(f"{finding.type.value}: {finding.evidence or ''}" for finding in issues)


def _decided(decision: Decision | None) -> list[Value]:
    if decision is None:
        return [None] * len(DECIDED)
    at = None if decision.at is None else decision.at.isoformat(timespec="seconds")
    return [decision.ruling.value, decision.reason, decision.note, decision.by, at]


def _questions(evaluation: RespondentEvaluation) -> list[str]:
    """A name for each entry's question: its identifier or wording, numbered where the same is asked again."""
    labels: list[str] = []
    for each in evaluation.evaluations:
        entry = each.survey_entry
        label = stem = (entry.question_identifier or "") or entry.question.strip() or "question"
        number = len(labels) + 1
        while label in labels:
            label, number = f"{stem} ({number})", number + 1
        labels.append(label)
    return labels
