"""The report: one web page that needs nothing else, to be read, printed or sent."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from earnest.files.evaluated import issues_of
from earnest.files.methods import false_flags, paragraphs, rule_of
from earnest.files.outcome import Outcome, question_of
from earnest.files.replace import replacing
from earnest.findings import CheckName, RespondentEvaluation

EXAMPLES = 3
MOST_LISTED = 1000
"""Respondents in the page; more make it slow to open, and the table has them all."""
LONGEST_ANSWER = 600


@dataclass(frozen=True, slots=True)
class Example:
    """One answer in which a check found something."""

    respondent: str
    question: str
    answer: str
    evidence: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """What one check found; `width` is its share of the commonest check's findings, in per cent."""

    name: str
    found: int
    told: int
    width: int
    threshold: str
    measured: str
    examples: list[Example]


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """What was found in the answers to one question, check by check."""

    name: str
    wording: str
    answers: int
    found: list[int]


@dataclass(frozen=True, slots=True)
class SupplierRow:
    """How many of a supplier's respondents go."""

    name: str
    respondents: int
    leaving: int


@dataclass(frozen=True, slots=True)
class LeavingRow:
    """One respondent who goes."""

    name: str
    supplier: str
    demerit: float
    troubled: int
    answers: int
    issues: str
    decided: str


def write_report(path: Path, outcome: Outcome) -> None:
    """Write the page.

    Raises:
        InvalidInput: the file cannot be written.
    """
    from jinja2 import Environment, PackageLoader  # noqa: PLC0415 - needed here only

    shelf = Environment(loader=PackageLoader("earnest", "files"), autoescape=True, trim_blocks=True)
    leaving = outcome.leaving
    page = shelf.get_template("report.html.jinja").render(
        outcome=outcome,
        checks=_checks(outcome),
        questions=_questions(outcome),
        suppliers=_suppliers(outcome, leaving),
        leaving=leaving,
        shown=[_leaving(each, outcome) for each in leaving[:MOST_LISTED]],
        troubled=sum(each.num_issues > 0 for each in outcome.evaluations),
        rule=rule_of(outcome),
        methods=paragraphs(outcome),
        count="{:,}".format,
        share=_share,
    )
    with replacing(path, encoding="utf-8") as stream:
        stream.write(page)


def _checks(outcome: Outcome) -> list[CheckRow]:
    told: Counter[CheckName] = Counter()
    found: dict[CheckName, list[tuple[float, Example]]] = {}
    for respondent, entry, finding in outcome.found():
        told[finding.type] += 1
        if finding.is_issue:
            example = Example(
                respondent.response_identifier,
                entry.survey_entry.question or question_of(entry),
                _cut(entry.survey_entry.answer),
                finding.evidence or "",
            )
            found.setdefault(finding.type, []).append((finding.score, example))
    most = max(map(len, found.values()), default=1)
    return [
        CheckRow(
            name=check.value,
            found=len(issues := found.get(check, [])),
            told=told[check],
            width=round(100 * len(issues) / most) if issues else 0,
            threshold=f"{outcome.thresholds[check]:g}" if check in outcome.thresholds else "its own",
            measured=false_flags(outcome, check),
            examples=[example for _, example in sorted(issues, key=lambda each: -each[0])[:EXAMPLES]],
        )
        for check in outcome.checks
    ]


def _questions(outcome: Outcome) -> list[QuestionRow]:
    answers: Counter[str] = Counter(question_of(e) for each in outcome.evaluations for e in each.evaluations)
    found: Counter[tuple[str, CheckName]] = Counter(
        (question_of(entry), finding.type) for _, entry, finding in outcome.found() if finding.is_issue
    )
    return [
        QuestionRow(name, wording, answers[name], [found[name, check] for check in outcome.checks])
        for name, wording in outcome.questions().items()
    ]


def _suppliers(outcome: Outcome, leaving: list[RespondentEvaluation]) -> list[SupplierRow]:
    """The suppliers, those with the most respondents first; none where none is known."""
    if not any(outcome.suppliers.values()):
        return []
    everybody = Counter(outcome.suppliers.get(each.response_identifier, "") for each in outcome.evaluations)
    gone = Counter(outcome.suppliers.get(each.response_identifier, "") for each in leaving)
    return [SupplierRow(name, count, gone[name]) for name, count in everybody.most_common(MOST_LISTED)]


def _leaving(evaluation: RespondentEvaluation, outcome: Outcome) -> LeavingRow:
    name = evaluation.response_identifier
    decision = outcome.decisions.get(name)
    return LeavingRow(
        name=name,
        supplier=outcome.suppliers.get(name, ""),
        demerit=evaluation.demerit_score,
        troubled=sum(each.has_issues for each in evaluation.evaluations),
        answers=len(evaluation.evaluations),
        issues=issues_of(evaluation.evaluations),
        decided=", ".join(filter(None, (decision.by, decision.reason, decision.note))) if decision else "by the rule",
    )


def _cut(answer: str) -> str:
    return answer if len(answer) <= LONGEST_ANSWER else answer[: LONGEST_ANSWER - 1].rstrip() + "…"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0 %"
