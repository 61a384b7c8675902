"""How many honest answers reach each score, per check: what the console says about a threshold before it is moved.

    .venv/bin/python -m benchmarks.error_rates DATA

Writes src/earnest/review/error_rates.json. Sources of 2025, when people could ask a chat model, are left out, and so
are those that are known to hold what a check rightly flags (see "False flags" in docs/explanation/accuracy.md).
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from benchmarks.accuracy_duplicates import DOUBLE_SUBMISSION, SURVEYS
from benchmarks.accuracy_honest import ASKED, HONEST, group
from benchmarks.bench import Bench

from earnest.checks import EVALUATOR_VERSION
from earnest.findings import CheckName, Finding
from earnest.survey import Entry, Respondent, Survey
from earnest.text.normalize import comparable, words

FEWEST = 100
"""Honest answers that make a source count: one flag among fewer is more than 1 %."""
SCORES = (*range(5, 100, 5), 99)
LEFT_OUT = {
    None: ("vanai_bc", "deepconv25"),
    CheckName.LOW_EFFORT: ("rsurvey_en18", "cncf", "topicalchat"),
}
PAGE = Path(__file__).resolve().parent.parent / "src/earnest/review/error_rates.json"

Judged = Iterable[tuple[str, Finding | None]]
"""A source, and what a check found in an honest answer of it."""


def rates(found: Judged, left_out: Sequence[str]) -> dict[str, object]:
    """Shares of honest answers that are flagged, and that reach each score with a reason: [mean of sources, worst]."""
    by_source: dict[str, list[Finding | None]] = defaultdict(list)
    for source, finding in found:
        if not source.startswith(tuple(left_out)):
            by_source[source].append(finding)
    kept = {source: own for source, own in sorted(by_source.items()) if len(own) >= FEWEST}

    def shares(least: float | None) -> list[float]:
        each = [sum(reaches(one, least) for one in own) / len(own) for own in kept.values()]
        return [round(fmean(each), 5), round(max(each), 5)]

    return {
        "answers": sum(map(len, kept.values())),
        "sources": len(kept),
        "own": shares(None),
        "reached": {str(score): shares(score) for score in SCORES},
    }


def reaches(finding: Finding | None, least: float | None) -> bool:
    """Whether an answer is flagged from a score on; None for the check's own verdict."""
    if finding is None or least is None:
        return finding is not None and finding.is_issue
    return bool(finding.reason_codes) and finding.score >= least


def duplicates(bench: Bench) -> Iterator[tuple[str, Finding | None]]:
    """Honest answers among all others to the question, file by file: the files share people. Sent twice: left out."""
    for name in SURVEYS:
        by_question: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in bench.rows(f"{name}.jsonl"):
            if row.question and row.bad is False and row.answer.strip():
                by_question[row.source, row.question].append(row.answer)
        for (source, question), texts in by_question.items():
            people = [Respondent(str(i), (Entry(question=question, answer=text),)) for i, text in enumerate(texts)]
            wanted = {CheckName.SHARED_DUPLICATE}
            for text, judged in zip(texts, bench.evaluator.evaluate(Survey(), people, wanted=wanted), strict=True):
                finding = next(iter(judged.evaluations[0].quality_issue_checks), None)
                is_long = len(words(comparable(text))) >= DOUBLE_SUBMISSION
                if not (finding and is_long and "exact_copy" in finding.reason_codes):
                    yield f"{name} {source}", finding


def main() -> None:
    """Measure and write."""
    bench = Bench(Path(sys.argv[1]))
    rows = list(
        {(row.source, row.question, row.answer): row for row in bench.rows(*HONEST) if row.bad is False}.values()
    )
    checks = {}
    for check in ASKED:
        found = zip(map(group, rows), bench.findings(rows, check, others=True), strict=True)
        checks[check.value] = rates(found, (*LEFT_OUT[None], *LEFT_OUT.get(check, ())))
    checks[CheckName.SHARED_DUPLICATE.value] = rates(duplicates(bench), ("mohler", *LEFT_OUT[None]))
    page = {"evaluator": EVALUATOR_VERSION, "measuredOn": f"{datetime.now(UTC):%Y-%m-%d}", "checks": checks}
    PAGE.write_text(json.dumps(page, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
