"""Evaluated surveys as tables: what was there before, and beside it what was found.

For every open end "Q1" four columns are added: "Q1_demerit", "Q1_issues", "Q1_evidence" and "Q1_cannot_tell", which
names the checks that had no ground to stand on; and at the end two about the respondent. A demerit is empty, not zero,
where no check could tell anything.

A spreadsheet runs a cell that begins with = + - or @ as a formula, so whatever we add gets a leading apostrophe there.
The cells of a table that came in stay as they were: they are the researcher's data, which must still match their other
files.
"""

import csv
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from earnest.files.replace import replacing
from earnest.findings import CheckName, EntryEvaluation, RespondentEvaluation

FOUND = ("_demerit", "_issues", "_evidence", "_cannot_tell")
ABOUT_RESPONDENT = ("earnest_demerit", "earnest_issues")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_evaluations(
    path: Path, evaluations: Sequence[RespondentEvaluation], *, wanted: Collection[CheckName] = frozenset(CheckName)
) -> None:
    """Write evaluations of a survey that did not come as a table: a row per respondent, a column per question.

    Raises:
        InvalidInput: the file cannot be written.
    """
    named = [dict(zip(_questions(each), each.evaluations, strict=True)) for each in evaluations]
    labels = list(dict.fromkeys(label for each in named for label in each))
    write_rows(
        path,
        header=["responseIdentifier", *map(harmless, labels)],
        labels=labels,
        rows=(
            (
                [
                    harmless(each.response_identifier),
                    *(harmless(entries[q].survey_entry.answer) if q in entries else "" for q in labels),
                ],
                each,
                [entries.get(label) for label in labels],
            )
            for each, entries in zip(evaluations, named, strict=True)
        ),
        wanted=wanted,
    )


def _questions(evaluation: RespondentEvaluation) -> list[str]:
    """A name for each entry's question: its identifier or wording, numbered where the same is asked again."""
    labels: list[str] = []
    for each in evaluation.evaluations:
        entry = each.survey_entry
        label = (entry.question_identifier or "") or entry.question.strip() or "question"
        labels.append(unused(label, labels, "{label} ({number})"))
    return labels


def unused(label: str, used: Sequence[str], form: str) -> str:
    """The label, or where it is used already, that form of it which is not, numbered from the next place on."""
    number, name = len(used) + 1, label
    while name in used:
        name = form.format(label=label, number=number)
        number += 1
    return name


def write_rows(
    path: Path,
    *,
    header: Sequence[str],
    labels: Sequence[str],
    rows: Iterable[tuple[Sequence[str], RespondentEvaluation, Sequence[EntryEvaluation | None]]],
    wanted: Collection[CheckName],
    delimiter: str | None = None,
) -> None:
    """Write rows with what was found beside them, in UTF-8 with the mark by which Excel knows it.

    Args:
        path: Where to; .tsv takes tabs, .csv commas, unless a delimiter is given.
        header: The columns of `rows`.
        labels: Names of the questions; the columns FOUND are added for each.
        rows: Per respondent the cells, and what was found about them and about each question's answer.
        wanted: The checks that were asked.
        delimiter: One character.

    Raises:
        InvalidInput: the file cannot be written.
    """
    with replacing(path, encoding="utf-8-sig") as stream:
        writer = csv.writer(stream, delimiter=delimiter or ("\t" if path.suffix.lower() == ".tsv" else ","))
        added = [label + suffix for label in labels for suffix in FOUND]
        writer.writerow([*header, *map(harmless, (*added, *ABOUT_RESPONDENT))])
        for cells, evaluation, entries in rows:
            found = [cell for entry in entries for cell in _found(entry, wanted)]
            demerit = f"{evaluation.demerit_score:g}" if evaluation.evaluations else ""
            writer.writerow([*cells, *map(harmless, (*found, demerit, _names(evaluation.evaluations)))])


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before it where a spreadsheet would run it as a formula."""
    return "'" + cell if cell.startswith(FORMULA) else cell


def _found(evaluation: EntryEvaluation | None, wanted: Collection[CheckName]) -> tuple[str, str, str, str]:
    """The columns FOUND for one answer; all empty where there is no answer."""
    if evaluation is None:
        return "", "", "", ""
    told = {finding.type for finding in evaluation.quality_issue_checks}
    issues = [finding for finding in evaluation.quality_issue_checks if finding.is_issue]
    return (
        f"{evaluation.demerit_score:g}" if evaluation.quality_issue_checks else "",
        _names([evaluation]),
        " ".join(f"{finding.type.value}: {finding.evidence or ''}" for finding in issues),
        "; ".join(check.value for check in CheckName if check in wanted and check not in told),
    )


def _names(evaluations: Iterable[EntryEvaluation]) -> str:
    """The kinds of issues found, each once, in the order of the checks."""
    issues = (finding for each in evaluations for finding in each.quality_issue_checks if finding.is_issue)
    return "; ".join(dict.fromkeys(finding.type.value for finding in issues))
