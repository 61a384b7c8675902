"""The command line: what each command takes, and nothing of what it does.

Results go to stdout; progress, notes and errors to stderr. Exit codes: 0 done, 1 something is wrong (`doctor`), 2 bad
input, 130 interrupted. What a command needs is imported when it runs, so that `earnest --help` answers at once.
"""

import gc
import os
from typing import Annotated

import typer

from earnest import __version__
from earnest.cli import options
from earnest.cli.callback_commands import callbacks
from earnest.cli.care_commands import backup, purge
from earnest.cli.job_commands import jobs
from earnest.cli.key_commands import keys, tenants
from earnest.cli.people_commands import people
from earnest.cli.terminal import Commands, output

app = typer.Typer(
    name="earnest",
    cls=Commands,
    help="Tells which open-ended survey answers were given in earnest. Nothing leaves this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they would print the values of variables, and so people's answers
    add_completion=False,
    rich_markup_mode="rich",
)
app.add_typer(keys, name="keys")
app.add_typer(tenants, name="tenants")
app.add_typer(people, name="people")
app.add_typer(callbacks, name="callbacks")
app.add_typer(jobs, name="jobs")


def main() -> None:
    """Run the command that was given."""
    prepare_process()
    app(prog_name="earnest")


def prepare_process() -> None:
    """What saves CPU in every process of ours; before numpy is imported."""
    # Its second thread waits busily for products too small to share, 15 % of a batch's CPU.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # A chunk is thousands of rows that all live on: looking for garbage after every 700 takes 3 % of a batch's CPU.
    gc.set_threshold(50_000, 20, 20)


def _show_version(wanted: bool) -> None:
    if wanted:
        output.print(f"earnest {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _every_command(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options that stand before any command."""


@app.command()
def evaluate(
    source: options.Source,
    output_path: options.Output = None,
    keep: options.Keep = False,
    mode: options.Mode = None,
    checks: options.CheckNames = None,
    dry_run: options.DryRun = False,
    reconciliation: options.Reconciliation = None,
    report: options.Report = None,
    methods: options.Methods = None,
    propose_from: options.ProposeFrom = "50%",
    settings: options.SettingsFile = None,
    survey_name: options.SurveyName = None,
    open_ends: options.OpenEnds = None,
    identifier: options.Identifier = None,
    questions: options.Questions = None,
    roles: options.Roles = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
) -> None:
    """Judge every answer of a survey and show what was found."""
    from earnest.cli.evaluate import Wishes, run
    from earnest.cli.terminal import share

    run(
        source,
        output_path,
        Wishes(
            keep=keep,
            mode=mode,
            checks=tuple(checks or ()),
            survey_name=survey_name,
            open_ends=tuple(open_ends or ()),
            identifier=identifier,
            questions=tuple(questions or ()),
            roles=tuple(roles or ()),
            encoding=encoding,
            sheet=sheet,
            settings=settings,
            dry_run=dry_run,
            proposed_from=share(propose_from, "--propose-from", most=1.0),
            reconciliation=reconciliation,
            report=report,
            methods=methods,
        ),
    )


@app.command()
def validate(
    source: options.Labelled,
    output_path: options.Thresholds = None,
    report: options.Figures = None,
    disagreements: options.Disagreements = None,
    false_flag_rate: options.FalseFlagRate = "1%",
    prevalence: options.Prevalence = None,
    labels: options.Labels = None,
    settings: options.SettingsFile = None,
    survey_name: options.SurveyName = None,
    open_ends: options.OpenEnds = None,
    identifier: options.Identifier = None,
    questions: options.Questions = None,
    roles: options.Roles = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
) -> None:
    """Measure the checks on answers that you coded yourself, and suggest thresholds."""
    from earnest.cli.evaluate import Wishes
    from earnest.cli.terminal import share
    from earnest.cli.validate import Aims, run

    run(
        source,
        Wishes(
            survey_name=survey_name,
            open_ends=tuple(open_ends or ()),
            identifier=identifier,
            questions=tuple(questions or ()),
            roles=tuple(roles or ()),
            encoding=encoding,
            sheet=sheet,
            settings=settings,
        ),
        Aims(
            false_flag_rate=share(false_flag_rate, "--false-flag-rate"),
            prevalence=None if prevalence is None else share(prevalence, "--prevalence"),
            labels=tuple(labels or ()),
            settings=output_path,
            report=report,
            disagreements=disagreements,
        ),
    )


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on. Default: EARNEST_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port. Default: EARNEST_PORT.")] = None,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Work on batches, too; if not, `earnest work` must.")
    ] = True,
    settings: options.SettingsFile = None,
) -> None:
    """Serve the API and the page, and work on batches."""
    from earnest.cli.serve import serve

    serve(host, port, settings, with_worker=worker)


@app.command()
def work(
    concurrency: Annotated[
        int, typer.Option(min=1, max=64, help="How many processes work at once; one per core is best.")
    ] = 1,
    settings: options.SettingsFile = None,
) -> None:
    """Work on batches only, beside a server with the same database."""
    from earnest.cli.serve import work

    work(settings, concurrency)


@app.command("checks")
def show_checks(
    name: Annotated[str | None, typer.Argument(help="A check, in any spelling.", show_default=False)] = None,
) -> None:
    """Explain the checks, or one of them in full."""
    from earnest.cli.checks import explain, list_checks

    if name is None:
        list_checks()
    else:
        explain(name)


@app.command()
def doctor() -> None:
    """Say what is wrong with this installation, and how to mend it."""
    from earnest.cli.doctor import examine

    if not examine():
        raise typer.Exit(1)


app.command("purge")(purge)
app.command("backup")(backup)
