"""`earnest people`: what each of its commands takes."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs

from typing import Annotated

import typer

people = typer.Typer(help="Say who may sign in to the pages.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As the person signs in, and as decisions are signed.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the standard input instead of asking for it.")
]


@people.command("add")
def add_person(
    name: Name,
    tenant: Annotated[str, typer.Option(help="Whose surveys the person sees.")] = "default",
    operator: Annotated[
        bool, typer.Option("--operator", help="Also look after keys, people, callbacks; see what all coders decide.")
    ] = False,
    password_stdin: FromStdin = False,
) -> None:
    """Let somebody sign in; asks for a password of at least 12 characters."""
    from earnest.cli.people import add

    add(name, tenant, is_operator=operator, from_stdin=password_stdin)


@people.command("list")
def list_people() -> None:
    """List who may sign in; times are UTC."""
    from earnest.cli.people import show_all

    show_all()


@people.command("password")
def set_password(name: Name, password_stdin: FromStdin = False) -> None:
    """Give somebody a new password, and sign them out everywhere."""
    from earnest.cli.people import set_password

    set_password(name, from_stdin=password_stdin)


@people.command("disable")
def disable_person(name: Name) -> None:
    """Let somebody sign in no longer, and sign them out everywhere."""
    from earnest.cli.people import disable

    disable(name)
