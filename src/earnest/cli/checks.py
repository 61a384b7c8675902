"""`earnest checks`: each check explained from the docstring of its class, the same text that the documentation has."""

import inspect
import re
from textwrap import dedent

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from earnest.checks import CHECKS, EVALUATOR_VERSION
from earnest.checks.base import Check
from earnest.cli.evaluate import check_named
from earnest.cli.terminal import output

SECTIONS = ("What it finds", "Why it matters", "How it decides", "What it gets wrong", "Reasons", "Example")
SECTION = re.compile(rf"^({'|'.join(SECTIONS)}):?$", re.MULTILINE)
LINE = 96
"""Longest line of running text: longer ones are hard to read however wide the terminal is."""


def list_checks() -> None:
    """Show all checks with what they find."""
    rows = Table("Check", "What it finds", box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 2, 1, 0))
    for check in CHECKS:
        rows.add_row(Text(check.name.value, "bold"), _sections(check).get("What it finds", ""))
    output.print()
    output.print(rows)
    output.print(f"\nEvaluator {EVALUATOR_VERSION}. One of them in full: earnest checks NAME")


def explain(name: str) -> None:
    """Show all that is to be known of one check.

    Raises:
        InvalidInput: there is no such check.
    """
    wanted = check_named(name)
    check = next(each for each in CHECKS if each.name is wanted)
    output.print(Text(f"\n{check.name.value}\n", "bold cyan"))
    for title, text in _sections(check).items():
        output.print(Text(title, "bold"))
        if title == "Reasons":
            output.print(Padding(_reasons(check), (0, 0, 1, 2)))
        else:
            output.print(Padding(Text(text), (0, 0, 1, 2)), width=min(output.width, LINE))


def _sections(check: Check) -> dict[str, str]:
    """Title -> text, its paragraphs without their line breaks."""
    _, *parts = SECTION.split(inspect.getdoc(type(check)) or "")
    return {
        title: re.sub(r"(?<=\S)\n(?=[^\s*-])", " ", dedent(text).strip("\n"))
        for title, text in zip(parts[::2], parts[1::2], strict=True)
    }


def _reasons(check: Check) -> Table:
    rows = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    rows.add_column(style="green", no_wrap=True)
    rows.add_column()
    for code, sentence in check.reasons.items():
        rows.add_row(code, sentence)
    return rows
