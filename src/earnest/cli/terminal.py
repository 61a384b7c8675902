"""What is said to the user: results to stdout, the rest to stderr, and to neither what could steer a terminal."""

import re
import unicodedata
from datetime import datetime

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from earnest.errors import EarnestError, InvalidInput

output = Console(highlight=False)
notices = Console(stderr=True, highlight=False)

LEAST_WIDTH = 140
"""Of a list of jobs: narrower, their ids would be cut, and nobody could copy them."""
_UNITS_S = {"m": 60, "h": 3_600, "d": 86_400}
PERCENT = re.compile(r"\s*(\d*[.,]?\d+)\s*(%?)\s*")


class Commands(TyperGroup):
    """The commands; one that cannot go on says why in a sentence, and how to mend it, and exits with 2."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]  # its own type is private to Typer
        """Run a command."""
        try:
            return super().invoke(ctx)
        except EarnestError as error:
            show(error)
            raise typer.Exit(2) from None


def show(error: EarnestError) -> None:
    """Say what went wrong, with every bad field on a line of its own unless the sentence names it already."""
    notices.print(Text.assemble(("Error: ", "bold red"), printable(error.message)), soft_wrap=True)
    for field, fault in error.details.items():
        if f"{field} {fault}" in error.message:
            continue
        notices.print(Text.assemble("  ", (printable(field), "bold"), ": ", printable(fault)), soft_wrap=True)


def note(sentence: str) -> None:
    """Say something that the user should know, beside the results."""
    notices.print(Text.assemble(("Note: ", "yellow"), printable(sentence)), soft_wrap=True)


def show_jobs(rows: Table) -> None:
    """Print a list of jobs; a narrow terminal wraps its lines, which cuts nothing."""
    rows.width = max(output.width, LEAST_WIDTH)
    output.print(rows, crop=False, soft_wrap=True)


def printable(text: str, *, most: int | None = None) -> str:
    """The text on one line, without what could steer a terminal, cut to `most` characters."""
    seen = "".join(c if unicodedata.category(c)[0] != "C" or c == "\u200d" else " " for c in " ".join(text.split()))
    return seen if most is None or len(seen) <= most else seen[: most - 1].rstrip() + "…"


def share(text: str, option: str, *, most: float = 0.9999) -> float:
    """A share above 0 and up to `most`, from "1%", "1 %" or "0.01".

    Raises:
        InvalidInput: it is none, or it is not between them.
    """
    match = PERCENT.fullmatch(text)
    value = float(match[1].replace(",", ".")) / (100 if match[2] else 1) if match else 0.0
    if not 0 < value <= most:
        raise InvalidInput(f"{option} needs a share such as 1% or 0.01, not {text!r}.")
    return value


def seconds(duration: str, option: str) -> int:
    """A duration such as 30m, 24h or 90d, in seconds.

    Raises:
        InvalidInput: it is none.
    """
    found = re.fullmatch(r"([0-9]{1,5})([mhd])", duration.strip())
    if found is None:
        raise InvalidInput(f"{option} must be a number of minutes, hours or days, such as 30m, 24h or 90d.")
    return int(found[1]) * _UNITS_S[found[2]]


def moment(at: datetime | None) -> str:
    """A moment to the second; empty for None."""
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"
