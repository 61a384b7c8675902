"""The summary that `earnest evaluate` shows: how good the survey is, what was found, and whom to look at first."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from earnest.cli.terminal import output, printable
from earnest.files.tables import SurveyTable
from earnest.findings import CheckName, EntryEvaluation, Finding, RespondentEvaluation
from earnest.service import Batch

WORST = 5
LONGEST_ANSWER = 100
LONGEST_EVIDENCE = 200
LONGEST_BAR = 16
EIGHTHS = " ▏▎▍▌▋▊▉"
COLOURS = ("green", "yellow", "yellow", "red", "red")
"""By how many of a respondent's answers have an issue: none, one, two, three, more."""


@dataclass(frozen=True, slots=True)
class Example:
    """What one check found in one answer."""

    respondent: str
    entry: EntryEvaluation
    finding: Finding


@dataclass(frozen=True, slots=True)
class Summary:
    """All that is shown.

    Attributes:
        batch: What was judged.
        evaluations: One per respondent.
        seconds: How long it took.
        table: The table that the survey came in; None where it was JSON.
        written: The files that were written, each with what is to be said of it.
        kept: Whether it was kept in the database.
    """

    batch: Batch
    evaluations: Sequence[RespondentEvaluation]
    seconds: float
    table: SurveyTable | None
    written: Sequence[str]
    kept: bool

    def show(self) -> None:
        """Print it."""
        output.print()
        output.print(self._head())
        output.print()
        output.print(self._checks())
        output.print()
        if any(each.num_issues for each in self.evaluations):
            output.print(self._worst())
            output.print()
        for line in self._notes():
            output.print(line, style="dim")
        for each in self.written:
            output.print(Text.assemble("Wrote ", (each, "bold")), soft_wrap=True)
        if self.kept:
            output.print("Kept in the database; `earnest serve` shows it.")
        if not (self.written or self.kept):
            result = "judged.json" if self.table is None else f"judged{self.table.source.path.suffix}"
            output.print(
                f"Nothing was written. `-o {result}` writes it with every finding, `--report report.html` a page to "
                "read; `--keep` lets you decide about respondents in `earnest serve`.",
                markup=False,
            )

    def _answers(self) -> Iterator[EntryEvaluation]:
        return (entry for each in self.evaluations for entry in each.evaluations)

    def _head(self) -> RenderableType:
        answers = sum(1 for _ in self._answers())
        questions = {entry.survey_entry.question_identifier or entry.survey_entry.question for entry in self._answers()}
        flagged = sum(each.num_issues > 0 for each in self.evaluations)
        facts = Table.grid(padding=(0, 1))
        facts.add_column(justify="right", style="bold", no_wrap=True)
        facts.add_column()
        facts.add_row(f"{len(self.evaluations):,}", "respondents")
        facts.add_row(f"{answers:,}", f"answers to {many(len(questions), 'question')}")
        facts.add_row(
            f"{flagged:,}", f"respondents to look at ({share(flagged, len(self.evaluations))})", style="yellow"
        )
        facts.add_row(f"{self.seconds:,.1f}", "seconds, on this machine only")
        both = Table.grid(expand=True, padding=(0, 2))
        both.add_column()
        both.add_column(ratio=1)
        both.add_row(facts, _histogram(self.evaluations))
        title = Text(printable(self.batch.survey.name, most=50) or "Survey", "bold")
        return Panel(both, title=title, title_align="left", box=box.ROUNDED, padding=(0, 1))

    def _checks(self) -> RenderableType:
        """One row per check that ran: how often it found something, how often it could tell, and an example."""
        answers = sum(1 for _ in self._answers())
        told: Counter[CheckName] = Counter()
        found: dict[CheckName, list[Example]] = {}
        for example in self._findings():
            told[example.finding.type] += 1
            if example.finding.is_issue:
                found.setdefault(example.finding.type, []).append(example)
        rows = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
        rows.add_column("Issue", no_wrap=True)
        rows.add_column("Answers", justify="right", no_wrap=True)
        rows.add_column("Share", justify="right", no_wrap=True)
        rows.add_column("Clearest example", ratio=1)
        for check in CheckName:
            if check in self.batch.wanted:
                issues = found.get(check, [])
                clearest = max(issues, key=lambda each: each.finding.score, default=None)
                style = "bold" if issues else "dim"
                rows.add_row(
                    Text(check.value, style),
                    Text(f"{len(issues):,} of {told[check]:,}", style),
                    Text(share(len(issues), told[check]), style),
                    _example(clearest) if clearest else Text(_nothing(told[check], answers), "dim"),
                )
        return rows

    def _findings(self) -> Iterator[Example]:
        for each in self.evaluations:
            for entry in each.evaluations:
                for finding in entry.quality_issue_checks:
                    yield Example(each.response_identifier, entry, finding)

    def _worst(self) -> RenderableType:
        """Whom to look at first: most answers with an issue, then the highest demerit."""
        ranked = sorted(self.evaluations, key=lambda each: (-troubled(each), -each.demerit_score))
        rows = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
        rows.add_column("Look at first", no_wrap=True)
        rows.add_column("Answers", justify="right", no_wrap=True)
        rows.add_column("Demerit", justify="right", no_wrap=True)
        rows.add_column("Issues", ratio=1)
        for each in ranked[:WORST]:
            if each.num_issues:
                rows.add_row(
                    printable(each.response_identifier, most=28),
                    f"{troubled(each)} of {len(each.evaluations)}",
                    f"{each.demerit_score:.0f}",
                    _issues(each),
                )
        return rows

    def _notes(self) -> Iterator[Text]:
        """What was taken for a question, and what is not known of it."""
        if self.table is not None:
            names = " · ".join(printable(each.label, most=40) for each in self.table.open_ends)
            yield Text(f"Judged as open ends (--dry-run shows all columns): {names}")
            wordless = [printable(each.label, most=40) for each in self.table.open_ends if not each.question]
            if wordless:
                yield Text(
                    f"No wording is known of: {', '.join(wordless)}. Whether answers are relevant can be told once "
                    "--question COLUMN=WORDING says what was asked."
                )


def share(part: int, whole: int) -> str:
    """A share in per cent; a small one with a decimal, so that one of a thousand is not none."""
    percent = 100 * part / whole if whole else 0.0
    return f"{percent:.1f} %" if 0 < percent < 10 else f"{percent:.0f} %"


def many(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def bar(fraction: float, width: int) -> str:
    """A bar of at most `width` characters for 0–1; anything above zero is seen."""
    eighths = max(round(fraction * width * 8), 1 if fraction else 0)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def troubled(evaluation: RespondentEvaluation) -> int:
    """How many of a respondent's answers have an issue."""
    return sum(each.has_issues for each in evaluation.evaluations)


def _histogram(evaluations: Sequence[RespondentEvaluation]) -> RenderableType:
    """How many respondents have how many answers with an issue."""
    longest = max((len(each.evaluations) for each in evaluations), default=0)
    most = max(1, min(longest, len(COLOURS) - 1))
    counts = Counter(min(troubled(each), most) for each in evaluations)
    captions = ["no issue", "in 1 answer", *(f"in {n}" for n in range(2, most + 1))]
    captions[-1] += " or more" if longest > most else ""
    rows = Table.grid(padding=(0, 1))
    rows.add_column(justify="right", style="dim", no_wrap=True)
    rows.add_column(no_wrap=True)
    for i, (caption, colour) in enumerate(zip(captions, COLOURS, strict=False)):
        drawn = bar(counts[i] / max(1, *counts.values()), LONGEST_BAR)
        rows.add_row(caption, Text.assemble((drawn, colour), " " if drawn else "", (f"{counts[i]:,}", "dim")))
    return rows


def _example(example: Example) -> Text:
    answer = printable(example.entry.survey_entry.answer, most=LONGEST_ANSWER)
    return Text.assemble(
        (printable(example.respondent, most=28), "dim"),
        (" wrote ", "dim"),
        f"“{answer}”\n",
        (printable(example.finding.evidence or "", most=LONGEST_EVIDENCE), "cyan"),
    )


def _nothing(told: int, answers: int) -> str:
    if told == answers:
        return "none found"
    return (
        f"none found; could not tell for {many(answers - told, 'answer')}" if told else "could not tell for any answer"
    )


def _issues(evaluation: RespondentEvaluation) -> str:
    """Which issues a respondent has, the commonest first."""
    counts = Counter(
        finding.type for entry in evaluation.evaluations for finding in entry.quality_issue_checks if finding.is_issue
    )
    return ", ".join(check.value if count == 1 else f"{check.value} ×{count}" for check, count in counts.most_common())
