"""`earnest people`: who may sign in to the pages."""

import sys

import typer
from rich import box
from rich.table import Table

from earnest.cli.opened import opened
from earnest.cli.terminal import output, printable
from earnest.errors import InvalidInput
from earnest.store.people import LONGEST_PASSWORD


def add(name: str, tenant: str, *, is_operator: bool, from_stdin: bool) -> None:
    """Let somebody sign in.

    Raises:
        InvalidInput: the name is taken, or the password too short.
    """
    password = _password(from_stdin=from_stdin)
    with opened() as service:
        service.people.add(name, password, tenant=tenant, is_operator=is_operator)
    output.print(f"{printable(name)} may sign in now.", markup=False)


def show_all() -> None:
    """List everybody."""
    rows = Table("Name", "Tenant", "Role", "Since", "Disabled", box=box.SIMPLE_HEAD, pad_edge=False)
    with opened() as service:
        for each in service.people.list():
            disabled = "" if each.disabled_at is None else f"{each.disabled_at:%Y-%m-%d %H:%M}"
            role = "operator" if each.is_operator else "coder"
            rows.add_row(printable(each.name), printable(each.tenant), role, f"{each.created_at:%Y-%m-%d}", disabled)
    if rows.row_count:
        output.print(rows)
    else:
        output.print("Nobody may sign in yet. Add somebody: earnest people add NAME --operator")


def set_password(name: str, *, from_stdin: bool) -> None:
    """Change a password.

    Raises:
        NotFound: there is nobody of that name.
        InvalidInput: the password is too short.
    """
    password = _password(from_stdin=from_stdin)
    with opened() as service:
        service.people.set_password(name, password)
    output.print(f"{printable(name)} signs in with the new password from now on.", markup=False)


def disable(name: str) -> None:
    """Let somebody sign in no longer.

    Raises:
        NotFound: there is nobody of that name.
    """
    with opened() as service:
        service.people.disable(name)
    output.print(f"{printable(name)} may not sign in any longer.", markup=False)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline(LONGEST_PASSWORD + 2).rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InvalidInput("There is no terminal to ask for the password; send it with --password-stdin.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
