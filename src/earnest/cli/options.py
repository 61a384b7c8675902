"""Options that several commands take, or that are long: each says itself what it is, as `--help` shows it."""

from pathlib import Path
from typing import Annotated

import typer

from earnest.findings import DetectionMode

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
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="COLUMN=ROLE",
        help="What a column is, such as src=supplier or Q7=other; repeatable. --dry-run shows what was found.",
    ),
]
Sheet = Annotated[str | None, typer.Option(help="The workbook's sheet. Default: the first.")]
Encoding = Annotated[str | None, typer.Option(help="The table's encoding. Default: found by content.")]
SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="A settings file (.toml). Default: EARNEST_SETTINGS."),
]

Source = Annotated[
    Path,
    typer.Argument(
        metavar="INPUT",
        help="A survey: a table (.csv, .tsv, .xlsx, .sav, .parquet), as survey tools export it, or the body of a "
        "batch request (.json; .ndjson with a response on each line).",
        show_default=False,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="OUT", help="Where to write the table with what was found, or .json."),
]
Keep = Annotated[
    bool, typer.Option("--keep", help="Keep the evaluations in the database, for the page of `earnest serve`.")
]
Mode = Annotated[
    DetectionMode | None,
    typer.Option(metavar="MODE", help="Composite, Responsiveness (poor answers) or Authenticity (fraud)."),
]
CheckNames = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Only these checks, by name; --mode wins. Repeatable."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only show what each column is taken for, and how to correct it.")
]
Reconciliation = Annotated[
    Path | None,
    typer.Option(metavar="OUT", help="Where to write whom suppliers should take back, and why: .xlsx or .csv."),
]
Report = Annotated[Path | None, typer.Option(metavar="OUT", help="Where to write a report to read: .html.")]
Methods = Annotated[
    Path | None,
    typer.Option(metavar="OUT", help="Where to write a paragraph for the methods section: .md or .txt."),
]
ProposeFrom = Annotated[str, typer.Option(metavar="SHARE", help="Share of bad answers from which removal is proposed.")]
Labelled = Annotated[
    Path,
    typer.Argument(
        metavar="LABELLED",
        help="A survey's table with your own labels of some answers: beside an open end 'Q1' a column "
        "'Q1_label' (ok, nonsensical, irrelevant, low effort, …), or a column 'remove' (1 or 0) about respondents.",
        show_default=False,
    ),
]
Thresholds = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="OUT", help="Where to write the suggested thresholds: .toml."),
]
Figures = Annotated[Path | None, typer.Option(metavar="OUT", help="Where to write all figures: .csv, .tsv or .json.")]
Disagreements = Annotated[
    Path | None,
    typer.Option(metavar="OUT", help="Where to write the answers that you and Earnest judge differently."),
]
FalseFlagRate = Annotated[
    str, typer.Option(metavar="SHARE", help="Most honest answers that a suggested threshold may flag.")
]
Prevalence = Annotated[
    str | None,
    typer.Option(metavar="SHARE", help="Also say what precision is where that share of the answers is bad."),
]
