"""`earnest evaluate --dry-run`: what each column of a table is taken for, and how to correct it."""

from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from earnest.cli.terminal import note, output, printable
from earnest.errors import InvalidInput
from earnest.files.columns import Choice, Role, Taken
from earnest.files.kinds import SUFFIXES
from earnest.files.tables import SurveyTable

ROLES = [role.value for role in Role if role not in {Role.TYPING, Role.FOUND}]
STYLES = {Role.OPEN_END: "bold green", Role.IDENTIFIER: "bold cyan", Role.OTHER: "dim"}
LONGEST = 70
MOST_OTHERS = 20
"""Columns without a role that are listed; the rest is counted."""


def show_columns(source: Path, choice: Choice) -> None:
    """Print what a table was taken for; nothing is judged.

    Raises:
        InvalidInput: it is no table, or cannot be read.
    """
    if source.suffix.lower() not in SUFFIXES:
        raise InvalidInput("--dry-run is about the columns of tables; a batch in JSON says it all itself.")
    table = SurveyTable.taken_from(source, choice)
    for sentence in table.notes:
        note(sentence)
    tool = f", as {table.heading.tool.value} exports it" if table.heading.tool else ""
    judged = sum(1 for _ in table.judged_rows())
    output.print()
    output.print(Text(f"{printable(source.name)}{tool}: {judged:,} respondents, {len(table.taken):,} columns", "bold"))
    output.print()
    rows = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
    rows.add_column("Column", ratio=2, overflow="fold")
    rows.add_column("Taken for", no_wrap=True)
    rows.add_column("Why")
    rows.add_column("Filled", justify="right", no_wrap=True)
    others = [each for each in table.taken if each.role is Role.OTHER]
    hidden = others[MOST_OTHERS:]
    for each in table.taken:
        if not any(each is other for other in hidden):
            rows.add_row(*_cells(each))
    output.print(rows)
    if hidden:
        output.print(f"… and {len(hidden):,} more columns that are not judged.", style="dim")
    output.print()
    for line in _corrections(table):
        output.print(line, style="dim", soft_wrap=True)


def _cells(each: Taken) -> tuple[Text, Text, Text, str]:
    name = Text(printable(each.name, most=LONGEST), STYLES.get(each.role, ""))
    if each.role is Role.OPEN_END and each.question and each.question != each.name:
        name.append(f"\n{printable(each.question, most=LONGEST)}", "italic")
    return name, Text(each.role.value, STYLES.get(each.role, "")), Text(each.why, "dim"), f"{each.filled:,}"


def _corrections(table: SurveyTable) -> list[str]:
    """How to say it better."""
    lines = [
        f"To correct it: --column COLUMN=ROLE, with one of: {', '.join(ROLES)}.",
        "Or --open-end COLUMN for all that is to be judged, --id COLUMN, and --question COLUMN=WORDING.",
    ]
    if not table.open_ends:
        lines.insert(0, "No column looks like an open-ended question: name each one with --open-end COLUMN.")
    if table.identifier is None:
        lines.append("No column tells respondents apart by its name, so they are named by their row.")
    wordless = [printable(each.label, most=40) for each in table.open_ends if not each.question]
    if wordless:
        lines.append(f"No wording is known of: {', '.join(wordless)}. Whether answers are relevant cannot be told so.")
    return lines
