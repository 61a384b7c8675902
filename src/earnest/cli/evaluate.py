"""`earnest evaluate`: read a survey, judge it, write what was found, show it."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import msgspec
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from earnest.api.contract import ALIASES, BatchRequest
from earnest.api.decode import decode
from earnest.checks import EVALUATOR_VERSION
from earnest.cli.columns import ROLES, show_columns
from earnest.cli.summary import Summary, many
from earnest.cli.terminal import note, notices
from earnest.errors import InvalidInput
from earnest.evaluate import ALL_CHECKS, Evaluator
from earnest.files.batch_json import body_of_lines, write_batch
from earnest.files.cells import require_room
from earnest.files.columns import Choice, Role
from earnest.files.evaluated import Added, as_table
from earnest.files.formats import write_table
from earnest.files.handover import batch_of, outcome_of
from earnest.files.kinds import TABLES_IN, TABLES_OUT
from earnest.files.methods import write_methods
from earnest.files.outcome import Outcome
from earnest.files.reconciliation import write_pack
from earnest.files.report import write_report
from earnest.files.tables import SurveyTable
from earnest.findings import CHECKS_OF_MODE, CheckName, DetectionMode, RespondentEvaluation, bare
from earnest.review.decisions import PROPOSED_FROM
from earnest.service import DEFAULT_TENANT, Batch, Service
from earnest.settings import Settings

TABLES = (".csv", ".tsv")
BATCHES = (".json", ".ndjson", ".jsonl")
SOURCES = (*TABLES_IN, *BATCHES)
RESULTS = (*TABLES_OUT, ".json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user asked for beside the files; see `earnest evaluate --help`."""

    keep: bool = False
    mode: DetectionMode | None = None
    checks: tuple[str, ...] = ()
    survey_name: str | None = None
    open_ends: tuple[str, ...] = ()
    identifier: str | None = None
    questions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    encoding: str | None = None
    sheet: str | None = None
    settings: Path | None = None
    dry_run: bool = False
    proposed_from: float = PROPOSED_FROM
    reconciliation: Path | None = None
    report: Path | None = None
    methods: Path | None = None

    def choice(self) -> Choice:
        """What the user says of a table."""
        return Choice(
            open_ends=self.open_ends,
            identifier=self.identifier,
            questions=self.wordings(),
            roles=dict(map(_role, self.roles)),
            encoding=self.encoding,
            sheet=self.sheet,
        )

    def wanted(self) -> frozenset[CheckName] | None:
        """Which checks to run; None where nothing was said."""
        if self.mode is not None:
            return CHECKS_OF_MODE[self.mode]
        names = [name.strip() for each in self.checks for name in each.split(",") if name.strip()]
        return frozenset(map(check_named, names)) or None

    def wordings(self) -> dict[str, str]:
        """Column -> wording of its question."""
        pairs = [each.partition("=") for each in self.questions]
        for given, (column, equals, wording) in zip(self.questions, pairs, strict=True):
            if not (column.strip() and equals and wording.strip()):
                raise InvalidInput(f"--question needs COLUMN=WORDING, not {given!r}.")
        return {column.strip(): wording.strip() for column, _, wording in pairs}


def run(source: Path, result: Path | None, wishes: Wishes) -> None:
    """Evaluate a survey file, or show what it was taken for.

    Raises:
        InvalidInput: the survey or the settings cannot be read, or a result cannot be written.
        StoreUnavailable: it is to be kept, and the database cannot be used.
    """
    check_source(source)
    _check_results(source, result, wishes)
    settings = Settings.load(path=wishes.settings)
    if wishes.dry_run:
        show_columns(source, wishes.choice())
        return
    batch, table = read(source, wishes)
    service = Service.open(settings) if wishes.keep else None  # now, so that a fault shows before the work
    started = time.monotonic()
    evaluations = evaluate(batch, settings)
    seconds = time.monotonic() - started
    job_id = str(uuid4())
    try:
        if service is not None:
            job_id = service.keep(DEFAULT_TENANT, batch, evaluations)
            service.close()
    finally:  # the work is not lost where it cannot be kept
        if result is not None:
            _write(result, job_id, batch, evaluations, table, wishes.proposed_from)
    written = [] if result is None else [str(result)]
    outcome = outcome_of(
        batch.survey.name,
        evaluations,
        wanted=batch.wanted,
        thresholds=settings.thresholds,
        table=table,
        proposed_from=wishes.proposed_from,
    )
    written += hand_over(outcome, wishes)
    Summary(batch, evaluations, seconds=seconds, table=table, written=written, kept=wishes.keep).show()


def read(source: Path, wishes: Wishes) -> tuple[Batch, SurveyTable | None]:
    """Read a survey as a batch; also the table that it came in, if it did.

    Raises:
        InvalidInput: naming what is wrong with the file, and how to mend it.
    """
    if source.suffix.lower() in BATCHES:
        return _read_batch(source, wishes), None
    table = SurveyTable.read(source, wishes.choice())
    for sentence in table.notes:
        note(sentence)
    return batch_of(table, survey_name=wishes.survey_name or "", wanted=wishes.wanted() or ALL_CHECKS), table


def hand_over(outcome: Outcome, wishes: Wishes) -> list[str]:
    """Write what was asked for beside the table, and return what was written."""
    written = []
    if wishes.reconciliation is not None:
        rows = write_pack(wishes.reconciliation, outcome)
        written.append(f"{wishes.reconciliation}: {many(rows, 'respondent')} to reconcile")
    if wishes.report is not None:
        write_report(wishes.report, outcome)
        written.append(str(wishes.report))
    if wishes.methods is not None:
        write_methods(wishes.methods, outcome)
        written.append(str(wishes.methods))
    return written


def check_named(name: str) -> CheckName:
    """The check that somebody means: its name on the wire, ours, or an older one, in any spelling.

    Raises:
        InvalidInput: there is no such check.
    """
    older = {bare(alias): check for alias, check in ALIASES.items()}
    check = CheckName.called(name) or older.get(bare(name))
    if check is None:
        raise InvalidInput(f"There is no check called {name!r}. The checks are: {', '.join(CheckName)}.")
    return check


def check_source(source: Path, formats: Sequence[str] = SOURCES) -> None:
    """Refuse a survey that is not there, or of another format."""
    if not source.is_file():
        raise InvalidInput(f"{source} is a folder." if source.is_dir() else f"There is no file {source}.")
    if source.suffix.lower() not in formats:
        raise InvalidInput(f"{source}: Earnest reads {', '.join(formats)}. Save the survey as one of these.")


def _check_results(source: Path, result: Path | None, wishes: Wishes) -> None:
    check_result("--output", result, source)
    check_result("--reconciliation", wishes.reconciliation, source, (".xlsx", ".csv"))
    check_result("--report", wishes.report, source, (".html",))
    check_result("--methods", wishes.methods, source, (".md", ".txt"))
    named = [each.resolve() for each in (result, wishes.reconciliation, wishes.report, wishes.methods) if each]
    if len({*named}) < len(named):
        raise InvalidInput("Every result needs a file of its own.")


def check_result(option: str, result: Path | None, source: Path, formats: Sequence[str] = RESULTS) -> None:
    """Refuse a place that would fail only after a long evaluation, or that is the survey itself."""
    if result is None:
        return
    if result.suffix.lower() not in formats:
        raise InvalidInput(f"{option} {result}: Earnest writes {', '.join(formats)} here.")
    if result.is_dir() or not result.parent.is_dir():
        raise InvalidInput(
            f"{option} {result}: " + ("that is a folder." if result.is_dir() else "make its folder first.")
        )
    if not os.access(result.parent, os.W_OK):
        raise InvalidInput(f"{option} {result}: its folder cannot be written to.")
    if result.exists() and result.samefile(source):
        raise InvalidInput(f"{option} {result} is the survey itself, which is never overwritten. Choose another name.")


def _read_batch(source: Path, wishes: Wishes) -> Batch:
    if wishes.choice() != Choice():
        raise InvalidInput("What columns are is said about tables; a batch in JSON says it all itself.")
    require_room(source)
    try:
        body = source.read_bytes()
    except OSError as fault:
        raise InvalidInput(f"Cannot read {source}: {fault.strerror or fault}.") from fault
    try:
        if source.suffix.lower() != ".json":
            body = body_of_lines(body, survey_name=wishes.survey_name or "")
        batch = decode(body, BatchRequest).batch()
    except InvalidInput as fault:
        raise InvalidInput(f"{source.name}: {fault.message}", details=fault.details) from None
    survey = msgspec.structs.replace(batch.survey, name=wishes.survey_name or batch.survey.name)
    return replace(batch, survey=survey, wanted=wishes.wanted() or batch.wanted)


def evaluate(batch: Batch, settings: Settings) -> list[RespondentEvaluation]:
    """Judge a batch by the settings' thresholds, with a bar for whoever watches."""
    name_thresholds(settings)
    with _progress(2 * len(batch.respondents)) as advance:
        evaluator = Evaluator(thresholds=settings.thresholds)
        return evaluator.evaluate(batch.survey, list(batch.respondents), wanted=batch.wanted, progress=advance)


def name_thresholds(settings: Settings) -> None:
    """Say by which thresholds is judged where they are not the checks' own, and whether they are up to date."""
    if not settings.thresholds:
        return
    chosen = ", ".join(f"{check.value} {score:g}" for check, score in settings.thresholds.items())
    note(f"Thresholds of {settings.settings}: {chosen}.")
    if settings.evaluator not in {"", EVALUATOR_VERSION}:
        note(
            f"They were chosen with evaluator {settings.evaluator}; this is {EVALUATOR_VERSION}, whose scores may "
            "differ. Choose them again with earnest validate."
        )


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr while people watch, nothing in a pipe; it disappears when done, since a summary follows."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeRemainingColumn(),
        console=notices,
        transient=True,
        disable=not notices.is_terminal,
    )
    with bar:
        task = bar.add_task("Reading", total=total)

        def advance(respondents: int) -> None:
            bar.advance(task, respondents)
            bar.update(task, description="Judging" if bar.tasks[0].completed * 2 >= total else "Reading")

        yield advance


def _write(
    result: Path,
    job_id: str,
    batch: Batch,
    evaluations: Sequence[RespondentEvaluation],
    table: SurveyTable | None,
    proposed_from: float,
) -> None:
    added = Added(wanted=batch.wanted, proposed_from=proposed_from)
    if result.suffix.lower() == ".json":
        write_batch(result, job_id, evaluations)
    elif table is not None:
        table.write(result, evaluations, added)
    else:
        write_table(result, as_table(evaluations, added))


def _role(given: str) -> tuple[str, Role]:
    column, equals, role = given.rpartition("=")
    if not equals or role.strip().casefold() not in {each.value for each in Role}:
        raise InvalidInput(f"--column needs COLUMN=ROLE, not {given!r}. The roles are: {', '.join(ROLES)}.")
    return column.strip(), Role(role.strip().casefold())
