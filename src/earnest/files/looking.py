"""What a table's columns hold, found by reading all of it once; ragged rows are refused on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from earnest.errors import InvalidInput, TooLarge
from earnest.files.cells import MOST_COLUMNS, MOST_ROWS, Cells, too_large
from earnest.files.columns import LOOKED_AT, Choice, ColumnProfile, Role, Taken, identifier_rank, role_named
from earnest.files.delimited import MOST_FAULTS, Delimited, harmless
from earnest.files.evaluated import ABOUT_RESPONDENT, DECIDED, FOUND, OURS
from earnest.files.headings import Heading
from earnest.findings import bare

MOST_CELLS = 50_000_000
"""50,000 respondents with 1,000 columns: some minutes of reading."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found.

    Attributes:
        taken: What each column was taken for.
        identifier: The column that names respondents; None where none tells them apart.
        rows: How many there are without the header.
        cuts: Column -> length at which its answers seem to have been cut.
        notes: What had to be assumed.
    """

    taken: tuple[Taken, ...]
    identifier: int | None
    rows: int
    cuts: Mapping[int, int]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    """What was seen in the rows."""

    profiles: list[ColumnProfile]
    repeats: dict[int, dict[str, str]]
    rows: int = 0
    ragged: dict[str, str] = field(default_factory=dict)


def look(source: Cells, heading: Heading, choice: Choice, companions: tuple[str, ...]) -> Looked:
    """Read a table and find out what its columns hold.

    Args:
        source: The file.
        heading: Its header.
        choice: What the user says of it; wins.
        companions: Suffixes of columns that hold how an open end was typed.

    Raises:
        InvalidInput: rows do not fit the header, or a column that the user names is not there or does not do.
        TooLarge: there are too many cells.
    """
    names, path = heading.names, source.path
    if len(names) > MOST_COLUMNS:
        raise TooLarge(f"{path.name} has {len(names):,} columns. {too_large('table', f'{MOST_COLUMNS:,} columns')}")
    place = _Places(names, path)
    said = {place[name]: role for name, role in choice.roles.items()}
    wordings = {place[name]: wording for name, wording in choice.questions.items()}
    open_ends = {place[name] for name in choice.open_ends}
    roles, why = _named(heading, companions)
    identifiers = sorted(
        (i for i, name in enumerate(names) if identifier_rank(name) is not None),
        key=lambda i: identifier_rank(names[i]) or 0,
    )
    told = [i for i, role in said.items() if role is Role.IDENTIFIER]
    told = [place[choice.identifier]] if choice.identifier is not None else told
    seen = _read(source, heading, told or identifiers)
    if told:
        refuse_rows(seen.repeats[told[0]], path, f"{names[told[0]]!r} does not tell respondents apart")
    unique = [i for i in told or identifiers if not seen.repeats[i]]
    for i, profile in enumerate(seen.profiles):
        if roles.get(i) in {Role.FOUND, Role.TYPING}:
            continue
        if not open_ends and (i in wordings or profile.is_open_end(names[i])):
            roles[i], why[i] = Role.OPEN_END, "a wording was given" if i in wordings else "people's own words"
    roles |= dict.fromkeys(open_ends, Role.OPEN_END)
    if unique:
        roles[unique[0]], why[unique[0]] = Role.IDENTIFIER, "its name; no cell occurs twice"
    roles |= said
    why |= dict.fromkeys((*said, *open_ends, *told), "you said so")
    taken = tuple(
        Taken(name, roles.get(i, Role.OTHER), wordings.get(i, heading.wordings[i]), why.get(i, ""), profile.filled)
        for i, (name, profile) in enumerate(zip(names, seen.profiles, strict=True))
    )
    notes = [] if unique or not identifiers else [_named_by_row(names[identifiers[0]])]
    cuts = {i: at for i, each in enumerate(seen.profiles) if (at := each.cut_at()) is not None}
    return Looked(taken, unique[0] if unique else None, seen.rows, cuts, tuple(notes))


def refuse_rows(faults: Mapping[str, str], path: Path, sentence: str) -> None:
    """Raise when there are faults, naming the first ones and counting the rest."""
    if not faults:
        return
    details = dict(islice(faults.items(), MOST_FAULTS))
    if len(faults) > len(details):
        details["and"] = f"{len(faults) - len(details)} more"
    raise InvalidInput(f"{path.name}: {sentence}.", details=details)


def _read(source: Cells, heading: Heading, unique: Sequence[int]) -> _Seen:
    """Read the whole table once; watches some columns for cells that occur twice."""
    labels, path = heading.names, source.path
    seen = _Seen([ColumnProfile() for _ in labels], {i: {} for i in unique})
    first: dict[int, dict[str, int]] = {i: {} for i in unique}
    filling = list(enumerate(seen.profiles))
    for row, cells, _ in islice(source.records(), len(heading.rows), None):
        seen.rows += 1
        if seen.rows > MOST_ROWS or seen.rows * len(labels) > MOST_CELLS:
            raise TooLarge(
                f"{path.name}: {too_large('table', f'{MOST_ROWS:,} rows and {MOST_CELLS // 10**6} million cells')}"
            )
        if len(cells) < len(labels) or any(cells[len(labels) :]):
            seen.ragged[f"row {row}"] = f"has {len(cells)} cells, the header has {len(labels)}"
            continue
        for i, profile in filling:
            if profile.filled < LOOKED_AT and (cell := cells[i].strip()):
                profile.see(cell)
        for i, rows in first.items():
            name = cells[i].strip()
            if name and rows.setdefault(name, row) != row:
                seen.repeats[i][f"row {row}"] = f"has the same {labels[i]!r} as row {rows[name]}"
    if not seen.rows:
        raise InvalidInput(f"{path.name} has a header but no respondents.")
    delimiter = f" {source.delimiter!r}" if isinstance(source, Delimited) else ""
    refuse_rows(
        seen.ragged,
        path,
        f"some rows do not fit the header. Put quotes around cells that hold a line break or the delimiter{delimiter}, "
        "and keep empty cells",
    )
    return seen


class _Places(dict[str, int]):
    """Column name -> its place; one that is not there is an error that lists those that are."""

    def __init__(self, names: Sequence[str], path: Path) -> None:
        super().__init__({name: i for i, name in reversed(list(enumerate(names)))})
        self._names, self._path = names, path

    def __missing__(self, name: str) -> int:
        if name != name.strip():
            return self[name.strip()]
        raise InvalidInput(
            f"{self._path.name} has no column {name!r}. Its columns are: {', '.join(self._names)}.",
            details={name: "no such column"},
        )


def _named(heading: Heading, companions: tuple[str, ...]) -> tuple[dict[int, Role], dict[int, str]]:
    """What the columns' names tell of them, and why; of several names for the same thing, the best."""
    roles: dict[int, Role] = {}
    best: dict[Role, tuple[int, int]] = {}
    for i, name in enumerate(heading.names):
        found = role_named(name)
        if found is not None:
            role, rank = found
            best[role] = min(best.get(role, (rank, i)), (rank, i))
    roles |= {i: role for role, (_, i) in best.items()}
    roles |= {i: Role.TYPING for i, name in enumerate(heading.names) if name.endswith(companions)}
    roles |= dict.fromkeys(_earlier(heading), Role.FOUND)
    why = {i: "its name" for i in roles}
    return roles, why | {i: "Earnest wrote it" for i, role in roles.items() if role is Role.FOUND}


def _earlier(heading: Heading) -> set[int]:
    """The columns that an earlier evaluation of this table has added; a new one replaces them."""
    names = set(heading.names)
    columns = [[harmless(name + suffix) for suffix in FOUND] for name in names]
    added = {column for each in columns if names.issuperset(each) for column in each}
    added |= {*ABOUT_RESPONDENT, *DECIDED}
    second = heading.rows[1] if len(heading.rows) > 1 else heading.wordings
    said = {i for i, text in enumerate(second) if text.startswith(OURS) and bare(text)}
    return said | {i for i, name in enumerate(heading.names) if name in added}


def _named_by_row(label: str) -> str:
    return f"{label!r} has the same name in several rows, so respondents are named by their row."
