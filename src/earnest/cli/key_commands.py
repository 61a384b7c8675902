"""`earnest keys` and `earnest tenants`: what each of their commands takes."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs

from typing import Annotated

import typer

keys = typer.Typer(help="Make, list, rotate and revoke API keys.", no_args_is_help=True)
tenants = typer.Typer(help="Say how much each tenant may ask for.", no_args_is_help=True)

MOST = 1_000_000_000
"""The largest limit."""


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the key is for; shown in lists.")],
    tenant: Annotated[str, typer.Option(help="Whose data the key opens.")] = "default",
    scopes: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="What the key is good for: evaluate, read or manage; repeatable. Default: everything.",
        ),
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="How long it is accepted, such as 12h or 90d. Default: for ever."),
    ] = None,
) -> None:
    """Make a key and print it; it is not shown again."""
    from earnest.cli.keys import create

    create(name, tenant, scopes, expires)


@keys.command("list")
def list_keys() -> None:
    """List all keys, without their secrets; times are UTC."""
    from earnest.cli.keys import show_all

    show_all()


@keys.command("rotate")
def rotate_key(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `earnest keys list` shows it.")],
    overlap: Annotated[
        str, typer.Option(metavar="DURATION", help="How long the old key is still accepted, such as 30m, 24h or 7d.")
    ] = "24h",
) -> None:
    """Make a key like an old one and print it; the old one ends after the overlap."""
    from earnest.cli.keys import rotate

    rotate(key_id, overlap)


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `earnest keys list` shows it.")],
) -> None:
    """Accept a key no longer."""
    from earnest.cli.keys import revoke

    revoke(key_id)


@tenants.command("list")
def list_tenants() -> None:
    """List all tenants, what they may ask for, and what was counted today (UTC)."""
    from earnest.cli.keys import show_tenants

    show_tenants()


@tenants.command("limit")
def limit_tenant(
    tenant: Annotated[str, typer.Argument(metavar="TENANT", help="As its keys name it.")],
    requests_per_minute: Annotated[
        int | None, typer.Option(min=0, max=MOST, help="Requests that are answered in a minute; 0 means any number.")
    ] = None,
    respondents_per_day: Annotated[
        int | None, typer.Option(min=0, max=MOST, help="Respondents that are accepted in a day; 0 means any number.")
    ] = None,
) -> None:
    """Allow a tenant more or less than the settings say; what is not named stays."""
    from earnest.cli.keys import limit

    limit(tenant, requests_per_minute, respondents_per_day)
