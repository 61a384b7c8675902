"""What comes of a validation, in files: thresholds as settings, figures as a report, disagreements as a table."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from pathlib import Path

from earnest.files.delimited import harmless
from earnest.files.labelled import Coded
from earnest.files.replace import replacing
from earnest.findings import CheckName, EntryEvaluation, Finding, RespondentEvaluation
from earnest.validation import Outcome, Rates, Share, Suggestion, Verdict

MISSED, FALSE_FLAG, OTHER_KIND = "missed", "false flag", "flagged as another kind"


@dataclass(frozen=True, slots=True)
class Figures:
    """How right one check is, or all of them together.

    Attributes:
        name: The check's, or what is said of all.
        by: Whose thresholds: "current" or "suggested".
        rates: How right.
        threshold: The one in force, or the suggested one; None for the check's own.
    """

    name: str
    by: str
    rates: Rates
    threshold: float | None = None


def write_settings(
    path: Path,
    suggestions: Mapping[CheckName, Suggestion],
    *,
    current: Mapping[CheckName, float],
    source: str,
    rate: float,
    version: str,
) -> None:
    """Write a settings file with the suggested thresholds, and the current ones where nothing better was found.

    Args:
        path: Where to.
        suggestions: By check.
        current: Thresholds that were in force.
        source: Name of the coded table.
        rate: The false-flag rate that was asked for.
        version: The evaluator's.

    Raises:
        InvalidInput: the file cannot be written.
    """
    with replacing(path, encoding="utf-8") as stream:
        name = "".join(c if c.isprintable() else "?" for c in source)
        stream.write(
            f"# Written by `earnest validate` on {datetime.now().astimezone().date()} from {name}.\n"
            f"# A suggested threshold flags at most {100 * rate:g} % of honest answers like those of the sample, with\n"
            "# 95 % confidence. In brackets: 95 % intervals. A check without a threshold keeps its own. Name this\n"
            "# file by --settings of earnest evaluate and serve, or by EARNEST_SETTINGS.\n\n"
            f'evaluator = "{version}"\n\n'
            "[thresholds]\n"
        )
        for check, each in suggestions.items():
            threshold = current.get(check) if each.threshold is None else each.threshold
            stream.write(f"# {check.value}: {_outcome(each)}\n")
            if threshold is not None:
                stream.write(f'"{check.value}" = {threshold:g}\n')


def write_report(path: Path, figures: Sequence[Figures], *, prevalence: float | None, version: str) -> None:
    """Write all figures: one row, or one object of a .json, per check and set of thresholds; shares between 0 and 1.

    Args:
        path: Where to.
        figures: What to write.
        prevalence: At which precision is foretold; None for the sample's alone.
        version: The evaluator's.

    Raises:
        InvalidInput: the file cannot be written.
    """
    rows = [_row(each, prevalence) | {"evaluator": version} for each in figures]
    if path.suffix.lower() == ".json":
        with replacing(path, encoding="utf-8") as stream:
            json.dump(rows, stream, indent=1, ensure_ascii=False)
            stream.write("\n")
        return
    _write_table(
        path, [list(rows[0]), *([*("" if cell is None else str(cell) for cell in row.values())] for row in rows)]
    )


def write_disagreements(
    path: Path, labels: Sequence[str], coded: Sequence[Coded], evaluations: Sequence[RespondentEvaluation]
) -> int:
    """Write a row for each answer and check on which coder and Earnest differ, and return how many there are.

    Args:
        path: Where to.
        labels: Each respondent's name.
        coded: What the coder says of them.
        evaluations: What was found about them.

    Raises:
        InvalidInput: the file cannot be written.
    """
    rows = [
        [respondent, entry.survey_entry.question_identifier or "", entry.survey_entry.answer, _said(verdict), *found]
        for respondent, row, each in zip(labels, coded, evaluations, strict=True)
        for verdict, entry in zip(row.answers, each.evaluations, strict=True)
        if verdict is not None
        for found in _differences(verdict, entry)
    ]
    for respondent, row, each in zip(labels, coded, evaluations, strict=True):
        if row.respondent is not None and row.respondent.is_bad != (each.num_issues > 0):
            rows.append([respondent, "", "", _said(row.respondent), MISSED if row.respondent.is_bad else FALSE_FLAG])
    header = ["respondent", "question", "answer", "coder", "disagreement", "check", "score", "reasons", "evidence"]
    _write_table(path, [header, *([*row, *[""] * (len(header) - len(row))] for row in rows)])
    return len(rows)


def percent(share: Share) -> str:
    """A share in per cent with its interval, "82 % (70–90)"; "7 of 9" where there are too few for per cent."""
    if not share.is_enough:
        return f"{share.hits} of {share.of}"
    low, high = share.interval
    digits = 1 if share.value < 0.1 else 0
    return f"{100 * share.value:.{digits}f} % ({100 * low:.{digits}f}–{100 * high:.{digits}f})"


def _outcome(suggestion: Suggestion) -> str:
    rates = suggestion.rates
    figures = f"finds {_counted(rates.recall)} bad answers, flags {_counted(rates.false_flag_rate)} honest ones"
    return {
        Outcome.CHANGE: f"suggested; {figures}",
        Outcome.KEEP: f"the one in force holds: {figures}",
        Outcome.UNPROVEN: f"the one in force may hold, which this sample cannot prove: {figures}",
        Outcome.TOO_FEW: f"no suggestion, too few honest answers were coded; the one in force {figures}",
        Outcome.OUT_OF_REACH: f"no suggestion, no threshold flags so few; the one in force {figures}",
    }[suggestion.outcome]


def _counted(share: Share) -> str:
    return f"{percent(share)} of {share.of:,}" if share.is_enough else percent(share)


def _row(figures: Figures, prevalence: float | None) -> dict[str, str | float | int | None]:
    rates = figures.rates
    row: dict[str, str | float | int | None] = {
        "check": figures.name,
        "thresholds": figures.by,
        "threshold": figures.threshold,
        "bad": rates.bad,
        "found": rates.found,
        "honest": rates.honest,
        "false_flags": rates.false_flags,
        "could_not_tell": rates.untold,
    }
    for name, share in (
        ("recall", rates.recall),
        ("false_flag_rate", rates.false_flag_rate),
        ("precision", rates.precision),
    ):
        low, high = share.interval
        row |= {name: _number(share.value), f"{name}_low": _number(low), f"{name}_high": _number(high)}
    if prevalence is not None:
        value, low, high = rates.precision_at(prevalence)
        row |= {"prevalence": prevalence, "precision_there": _number(value)}
        row |= {"precision_there_low": _number(low), "precision_there_high": _number(high)}
    return row


def _number(value: float) -> float | None:
    """Four decimals; None for no number, which JSON does not know."""
    return None if isnan(value) else round(value, 4)


def _said(verdict: Verdict) -> str:
    return "; ".join(check.value for check in CheckName if check in verdict.checks) or (
        "bad" if verdict.is_bad else "ok"
    )


def _differences(verdict: Verdict, evaluation: EntryEvaluation) -> Iterator[list[str]]:
    """What the coder and the checks say differently of one answer."""
    findings = {finding.type: finding for finding in evaluation.quality_issue_checks}
    for check in CheckName:
        finding = findings.get(check)
        flagged = finding is not None and finding.is_issue
        if check in verdict.checks and not flagged:
            yield [MISSED, check.value, *_details(finding)]
        elif flagged and not verdict.is_bad:
            yield [FALSE_FLAG, check.value, *_details(finding)]
        elif flagged and verdict.checks and check not in verdict.checks:
            yield [OTHER_KIND, check.value, *_details(finding)]
    if verdict.is_bad and not verdict.checks and not evaluation.has_issues:
        yield [MISSED]


def _details(finding: Finding | None) -> list[str]:
    if finding is None:
        return ["cannot tell", "", ""]
    return [f"{finding.score:g}", ", ".join(finding.reason_codes), finding.evidence or ""]


def _write_table(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with replacing(path, encoding="utf-8-sig") as stream:
        writer = csv.writer(stream, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
        writer.writerows([[harmless(cell) for cell in row] for row in rows])
