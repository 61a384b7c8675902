"""`earnest purge` and `earnest backup`: what they take."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs

from pathlib import Path
from typing import Annotated

import typer


def purge(
    survey: Annotated[str | None, typer.Option(metavar="ID", help="Of the survey with this identifier.")] = None,
    respondent: Annotated[
        str | None, typer.Option(metavar="ID", help="Of the respondent with this identifier, the survey's or ours.")
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="Of what arrived so long ago, such as 90d, and no younger job is about."),
    ] = None,
    tenant: Annotated[str | None, typer.Option(help="Of this tenant. Default: of all.")] = None,
    key_events_only: Annotated[
        bool, typer.Option("--key-events-only", help="Only how answers were typed; the answers stay.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")] = False,
) -> None:
    """Delete answers, and all that was made of them, for good."""
    from earnest.cli.purge import Wish, run

    run(Wish(survey, respondent, older_than, tenant), key_events_only=key_events_only, dry_run=dry_run)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it must not be there yet.")],
) -> None:
    """Copy the database while Earnest goes on serving (SQLite; PostgreSQL has pg_dump)."""
    from earnest.cli.backup import run

    run(file)
