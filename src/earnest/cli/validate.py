"""`earnest validate`: how right the checks are on answers that you coded yourself, and which thresholds follow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isnan
from pathlib import Path

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from earnest.checks import EVALUATOR_VERSION
from earnest.cli.evaluate import TABLES, Wishes, check_result, check_source, evaluate
from earnest.cli.summary import many
from earnest.cli.terminal import note, output, printable
from earnest.errors import InvalidInput
from earnest.files.kinds import TABLES_IN
from earnest.files.labelled import Coded, LabelledTable
from earnest.files.validated import Figures, percent, write_disagreements, write_report, write_settings
from earnest.findings import CheckName, EntryEvaluation, RespondentEvaluation
from earnest.service import Batch
from earnest.settings import Settings
from earnest.survey import Survey
from earnest.validation import (
    FEWEST,
    Outcome,
    Rates,
    Share,
    Suggestion,
    Verdict,
    any_answer,
    any_check,
    honest_needed,
    judgements_of,
    least_provable,
    suggest,
)

ANY, RESPONDENTS = "Any check", "Respondents"
MOST_ADVISED = 5
"""Per cent of false flags up to which a higher rate is proposed where the sample is small."""
CURRENT, SUGGESTED = "current", "suggested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aims:
    """What the user wants to know; see `earnest validate --help`.

    Attributes:
        false_flag_rate: Most honest answers that a suggested threshold may flag, 0–1.
        prevalence: Share of bad answers at which precision is foretold; None for the sample's alone.
        labels: Columns of labels.
        settings: Where to write the thresholds.
        report: Where to write the figures.
        disagreements: Where to write the answers that coder and checks judge differently.
    """

    false_flag_rate: float
    prevalence: float | None = None
    labels: tuple[str, ...] = ()
    settings: Path | None = None
    report: Path | None = None
    disagreements: Path | None = None


def run(source: Path, wishes: Wishes, aims: Aims) -> None:
    """Judge a coded survey and hold the verdicts against the coder's.

    Raises:
        InvalidInput: the table, its labels or the settings cannot be read, or a result cannot be written.
    """
    check_source(source, TABLES_IN)
    check_result("--output", aims.settings, source, (".toml",))
    check_result("--report", aims.report, source, (*TABLES, ".json"))
    check_result("--disagreements", aims.disagreements, source, TABLES)
    settings = Settings.load(path=wishes.settings)
    _check_apart(aims, settings)
    labelled = LabelledTable.read(
        source,
        labels=aims.labels,
        choice=wishes.choice(),
    )
    for sentence in (*labelled.table.notes, *_unknown(labelled)):
        note(sentence)
    coded = labelled.coded()
    if aims.settings is not None and not any(any(row.answers) for row in coded):
        raise InvalidInput("--output: thresholds need labels of answers, beside an open end; there are none.")
    batch = Batch(
        survey=Survey(name=wishes.survey_name or source.stem),
        respondents=tuple(labelled.table.respondents()),
        wanted=frozenset(CheckName),
    )
    found = Validation(coded, evaluate(batch, settings), aims, settings)
    written = _write(found, batch, source.name)  # first: whoever pipes the figures into `head` still gets the files
    found.show(written)


def _check_apart(aims: Aims, settings: Settings) -> None:
    """Refuse results that would overwrite one another, or the settings in force."""
    named = [path.resolve() for path in (aims.settings, aims.report, aims.disagreements) if path is not None]
    if len({*named}) < len(named):
        raise InvalidInput("--output, --report and --disagreements need a file each.")
    if aims.settings is not None and settings.settings and aims.settings.resolve() == Path(settings.settings).resolve():
        raise InvalidInput(f"--output {aims.settings} is the settings file in force. Choose another name.")


def _unknown(labelled: LabelledTable) -> Iterable[str]:
    """What the table does not tell, and the figures suffer from."""
    open_ends = labelled.table.open_ends
    coded = [each for each in open_ends if each.column in labelled.of_answers]
    uncoded = [printable(each.label, most=40) for each in open_ends if each not in coded]
    if coded and uncoded:
        yield f"Without a column of labels, and so not counted by answers: {', '.join(uncoded)}."
    wordless = [printable(each.label, most=40) for each in coded if not each.question]
    if wordless:
        yield (
            f"No wording is known of {', '.join(wordless)}: whether an answer is relevant cannot be told, and more may "
            "be missed. Put the wording in the header, or name it by --question COLUMN=WORDING."
        )


class Validation:
    """Coder and checks, side by side."""

    def __init__(
        self, coded: Sequence[Coded], evaluations: Sequence[RespondentEvaluation], aims: Aims, settings: Settings
    ) -> None:
        self.coded = coded
        self.evaluations = evaluations
        self.aims = aims
        self.in_force = settings.thresholds
        self.answers: list[tuple[Verdict, EntryEvaluation]] = [
            (verdict, entry)
            for row, each in zip(coded, evaluations, strict=True)
            for verdict, entry in zip(row.answers, each.evaluations, strict=True)
            if verdict is not None
        ]
        self.respondents: list[tuple[Verdict, RespondentEvaluation]] = [
            (row.respondent, each) for row, each in zip(coded, evaluations, strict=True) if row.respondent is not None
        ]
        judgements = {check: judgements_of(check, self.answers) for check in CheckName} if self.answers else {}
        self.suggestions: Mapping[CheckName, Suggestion] = {
            check: suggest(each, aims.false_flag_rate) for check, each in judgements.items()
        }
        self.current = [
            Figures(check.value, CURRENT, Rates.of(each), self.in_force.get(check))
            for check, each in judgements.items()
        ]
        if self.answers:
            self.current.append(Figures(ANY, CURRENT, Rates.of(any_check(self.answers))))
        if self.respondents:
            self.current.append(Figures(RESPONDENTS, CURRENT, Rates.of(any_answer(self.respondents))))

    @property
    def thresholds(self) -> dict[CheckName, float]:
        """Those in force, changed as suggested."""
        changed = {check: each.threshold for check, each in self.suggestions.items() if each.threshold is not None}
        return {**self.in_force, **changed}

    @property
    def suggested(self) -> list[Figures]:
        """How right the checks are with the suggested thresholds."""
        figures = [
            Figures(check.value, SUGGESTED, each.rates, self.thresholds.get(check))
            for check, each in self.suggestions.items()
        ]
        return [*figures, Figures(ANY, SUGGESTED, Rates.of(any_check(self.answers, self.thresholds)))]

    def show(self, written: Sequence[str]) -> None:
        """Print what was found, and what was written."""
        output.print()
        output.print(_head(self.answers, self.respondents))
        output.print()
        output.print("With the thresholds in force:\n")
        output.print(self._figures())
        output.print()
        if self.suggestions:
            output.print(f"To flag at most {100 * self.aims.false_flag_rate:g} % of honest answers, check by check:\n")
            output.print(self._suggestions())
            output.print()
        for sentence in self._notes():
            output.print(sentence, style="dim")
        for each in written:
            output.print(Text.assemble("Wrote ", (each, "bold")), soft_wrap=True)
        if not written:
            output.print(
                "--output writes the thresholds, --report the figures, --disagreements the answers in dispute."
            )

    def _figures(self) -> RenderableType:
        rows = _table("Bad", "Recall", "Honest", "False flags", "Precision")
        if self.aims.prevalence is not None:
            rows.add_column(f"at {100 * self.aims.prevalence:g} % bad", justify="right", min_width=8)
            rows.padding = (0, 1, 0, 0)
        for each in self.current:
            rates = each.rates
            cells = [f"{rates.bad:,}", _share(rates.recall), f"{rates.honest:,}", _share(rates.false_flag_rate)]
            cells.append(_share(rates.precision))
            if self.aims.prevalence is not None:
                cells.append(_foretold(rates, self.aims.prevalence))
            rows.add_row(Text(each.name, "bold"), *cells, style="dim" if not rates.bad + rates.false_flags else "")
        return rows

    def _suggestions(self) -> RenderableType:
        rows = _table("Threshold", "Recall", "False flags")
        for check, each in self.suggestions.items():
            shown = {
                Outcome.CHANGE: Text(f"{each.threshold or 0:g}", "bold yellow"),
                Outcome.KEEP: Text("keep", "green"),
                Outcome.UNPROVEN: Text("keep, unproven", "green"),
                Outcome.TOO_FEW: Text("too few to say", "dim"),
                Outcome.OUT_OF_REACH: Text("none does", "red"),
            }[each.outcome]
            rows.add_row(
                Text(check.value, "bold"), shown, _share(each.rates.recall), _share(each.rates.false_flag_rate)
            )
        together = self.suggested[-1].rates
        rows.add_row(Text(ANY, "bold"), "", _share(together.recall), _share(together.false_flag_rate))
        return rows

    def _notes(self) -> Iterable[str]:
        """What a reader must know to trust the figures no further than they reach."""
        yield (
            "Recall: of the answers coded so, those flagged. False flags: of the answers coded ok, those flagged. "
            f"In brackets: 95 % confidence. Under {FEWEST} answers no per cent are given."
        )
        untold = ", ".join(f"{each.name} {each.rates.untold:,}" for each in self.current if each.rates.untold)
        if untold:
            yield f"Could not tell, counted as not flagged: {untold}."
        if not self.suggestions:
            yield "Thresholds are suggested from coded answers: add a column such as 'Q1_label' beside an open end."
            return
        outcomes = {each.outcome for each in self.suggestions.values()}
        honest = max(each.rates.honest for each in self.suggestions.values())
        yield from (
            said for outcome, said in _meanings(self.aims.false_flag_rate, honest).items() if outcome in outcomes
        )


def _meanings(rate: float, honest: int) -> dict[Outcome, str]:
    """What each outcome of the search for thresholds means, where that is not plain."""
    best = ceil(1000 * least_provable(honest)) / 10
    retry = f", or try --false-flag-rate {best:g}%" if best <= MOST_ADVISED else ""
    return {
        Outcome.CHANGE: (
            f"A suggested threshold keeps to {100 * rate:g} % with 95 % confidence, on answers like these. Answers "
            "coded ok have chosen it, so its recall is hardly flattered by being measured on this sample."
        ),
        Outcome.UNPROVEN: (
            "Keep, unproven: no more than that are flagged here, but to be sure of it takes more answers coded ok. A "
            "stricter threshold would find less."
        ),
        Outcome.TOO_FEW: (
            f"Too few: {100 * rate:g} % takes {honest_needed(rate):,} answers coded ok, and {honest:,} are. So many "
            f"can vouch for {best:g} % at best: code more{retry}."
        ),
        Outcome.OUT_OF_REACH: (
            "None does: even at the highest score too many answers coded ok are flagged. Look at them "
            "(--disagreements), or leave the check out (evaluate --checks)."
        ),
    }


def _write(found: Validation, batch: Batch, source: str) -> list[str]:
    """Write what was asked for, and return what was written."""
    aims, written = found.aims, []
    if aims.settings is not None:
        write_settings(
            aims.settings,
            found.suggestions,
            current=found.in_force,
            source=source,
            rate=aims.false_flag_rate,
            version=EVALUATOR_VERSION,
        )
        written.append(f"{aims.settings}: earnest evaluate … --settings {aims.settings}")
    if aims.report is not None:
        figures = [*found.current, *(found.suggested if found.answers else [])]
        write_report(aims.report, figures, prevalence=aims.prevalence, version=EVALUATOR_VERSION)
        written.append(str(aims.report))
    if aims.disagreements is not None:
        names = [each.identifier for each in batch.respondents]
        rows = write_disagreements(aims.disagreements, names, found.coded, found.evaluations)
        written.append(f"{aims.disagreements}: {many(rows, 'disagreement')}")
    return written


def _head(
    answers: Sequence[tuple[Verdict, EntryEvaluation]], respondents: Sequence[tuple[Verdict, RespondentEvaluation]]
) -> Text:
    said = []
    if answers:
        said.append(f"{many(len(answers), 'answer')} coded, {sum(verdict.is_bad for verdict, _ in answers):,} as bad")
    if respondents:
        bad = sum(verdict.is_bad for verdict, _ in respondents)
        said.append(f"{many(len(respondents), 'respondent')} coded, {bad:,} as bad")
    return Text("; ".join(said), "bold")


def _table(*columns: str) -> Table:
    rows = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
    rows.add_column("Check", no_wrap=True)
    for name in columns:
        rows.add_column(name, justify="right", min_width=max(map(len, name.split())))
    return rows


def _share(share: Share) -> str:
    """The share; where there is no room for all of it, its interval goes to the next line."""
    return percent(share).replace(" %", "\u00a0%")


def _foretold(rates: Rates, prevalence: float) -> str:
    value, low, high = rates.precision_at(prevalence)
    if not (rates.recall.is_enough and rates.false_flag_rate.is_enough) or isnan(value):
        return "too few to say"
    return f"{100 * value:.0f}\u00a0% ({100 * low:.0f}–{100 * high:.0f})"
