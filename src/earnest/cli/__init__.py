"""The command line: what each command takes, and nothing of what it does.

Results go to stdout; progress, notes and errors to stderr. Exit codes: 0 done, 1 something is wrong (`doctor`), 2 bad
input, 130 interrupted. What a command needs is imported when it runs, so that `earnest --help` answers at once.
"""

from pathlib import Path
from typing import Annotated

import typer

from earnest import __version__
from earnest.cli.terminal import Commands, output
from earnest.findings import DetectionMode

app = typer.Typer(
    name="earnest",
    cls=Commands,
    help="Tells which open-ended survey answers were given in earnest. Nothing leaves this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they would print the values of variables, and so people's answers
    add_completion=False,
    rich_markup_mode="rich",
)
keys = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)
app.add_typer(keys, name="keys")


def main() -> None:
    """Run the command that was given."""
    app(prog_name="earnest")


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


SurveyName = Annotated[str | None, typer.Option(help="The survey's name. Default: the file's.")]
OpenEnds = Annotated[
    list[str] | None,
    typer.Option("--open-end", metavar="COLUMN", help="A column of answers to judge; repeatable. Default: by content."),
]
Identifier = Annotated[
    str | None,
    typer.Option("--id", metavar="COLUMN", help="The column that names respondents. Default: found by its name."),
]
Questions = Annotated[
    list[str] | None,
    typer.Option(
        "--question",
        metavar="COLUMN=WORDING",
        help="A question's wording; repeatable. Default: the column's header.",
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--label",
        metavar="OPEN_END=COLUMN",
        help="A column of labels, or COLUMN alone for labels of respondents; repeatable. Default: by their names.",
    ),
]
Encoding = Annotated[str | None, typer.Option(help="The table's encoding. Default: found by content.")]
SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="A settings file (.toml). Default: EARNEST_SETTINGS."),
]


@app.command()
def evaluate(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            help="A survey: a .csv or .tsv table, or the body of a batch request as .json.",
            show_default=False,
        ),
    ],
    output_path: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT", help="Where to write the evaluations: .csv, .tsv or .json."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the evaluations in the database, for the page of `earnest serve`.")
    ] = False,
    mode: Annotated[
        DetectionMode | None,
        typer.Option(metavar="MODE", help="Composite, Responsiveness (poor answers) or Authenticity (fraud)."),
    ] = None,
    checks: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only these checks, by name; --mode wins. Repeatable."),
    ] = None,
    settings: SettingsFile = None,
    survey_name: SurveyName = None,
    open_ends: OpenEnds = None,
    identifier: Identifier = None,
    questions: Questions = None,
    encoding: Encoding = None,
) -> None:
    """Judge every answer of a survey and show what was found."""
    from earnest.cli.evaluate import Wishes, run

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
            encoding=encoding,
            settings=settings,
        ),
    )


@app.command()
def validate(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="LABELLED",
            help="A survey as .csv or .tsv with your own labels of some answers: beside an open end 'Q1' a column "
            "'Q1_label' (ok, nonsensical, irrelevant, low effort, …), or a column 'remove' (1 or 0) about respondents.",
            show_default=False,
        ),
    ],
    output_path: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT", help="Where to write the suggested thresholds: .toml."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Where to write all figures: .csv, .tsv or .json.")
    ] = None,
    disagreements: Annotated[
        Path | None,
        typer.Option(metavar="OUT", help="Where to write the answers that you and Earnest judge differently."),
    ] = None,
    false_flag_rate: Annotated[
        str, typer.Option(metavar="SHARE", help="Most honest answers that a suggested threshold may flag.")
    ] = "1%",
    prevalence: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="Also say what precision is where that share of the answers is bad."),
    ] = None,
    labels: Labels = None,
    settings: SettingsFile = None,
    survey_name: SurveyName = None,
    open_ends: OpenEnds = None,
    identifier: Identifier = None,
    questions: Questions = None,
    encoding: Encoding = None,
) -> None:
    """Measure the checks on answers that you coded yourself, and suggest thresholds."""
    from earnest.cli.evaluate import Wishes
    from earnest.cli.validate import Aims, run, share

    run(
        source,
        Wishes(
            survey_name=survey_name,
            open_ends=tuple(open_ends or ()),
            identifier=identifier,
            questions=tuple(questions or ()),
            encoding=encoding,
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
    settings: SettingsFile = None,
) -> None:
    """Serve the API and the page, and work on batches."""
    from earnest.cli.serve import serve

    serve(host, port, settings)


@app.command()
def work(settings: SettingsFile = None) -> None:
    """Work on batches only, beside a server with the same database."""
    from earnest.cli.serve import work

    work(settings)


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


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What the key is for; shown in lists.")],
    tenant: Annotated[str, typer.Option(help="Whose data the key opens.")] = "default",
) -> None:
    """Make a key and print it; it is not shown again."""
    from earnest.cli.keys import create

    create(name, tenant)


@keys.command("list")
def list_keys() -> None:
    """List all keys, without their secrets."""
    from earnest.cli.keys import show_all

    show_all()


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `earnest keys list` shows it.")],
) -> None:
    """Accept a key no longer."""
    from earnest.cli.keys import revoke

    revoke(key_id)
