"""Deleting how answers were typed, and nothing else: key and paste events need not be kept as long as the answers."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import zstandard
from sqlalchemy import Connection, Engine, Select, delete, select, update

from earnest.store.engines import reading, writing
from earnest.store.events import without_events
from earnest.store.responses import LEVEL
from earnest.store.selection import (
    NEVER,
    Removed,
    Selection,
    Thing,
    arrival,
    is_named,
    needed_parts,
    of,
    surveys_of,
)
from earnest.store.tables import part, response, typing
from earnest.survey import Entry

AT_ONCE = 500
"""Parts of responses."""


def drop_typing(engine: Engine, chosen: Selection, *, dry_run: bool = False) -> Removed:
    """Delete key and paste events; what a job that is under way needs is left.

    Raises:
        NotFound: There is no such survey.
    """
    surveys = surveys_of(engine, chosen)
    removed: Removed = Counter()
    dated = select(typing.c.part_id, arrival()).join_from(typing, part, part.c.id == typing.c.part_id)
    for numbers in _fitting(engine, dated.order_by(typing.c.part_id), chosen, surveys):
        if dry_run:
            removed[Thing.TYPED] += len(numbers)
            continue
        with writing(engine) as connection:
            free = set(numbers) - needed_parts(connection, numbers, chosen.before)
            connection.execute(delete(typing).where(typing.c.part_id.in_(free)))
        removed[Thing.TYPED] += len(free)
    # Release 1.0 did not date its parts, and kept their events among the answers.
    # Where none is left, all parts are looked through in vain: 1,000,000 in less than a second on SQLite (2 GB).
    undated = select(part.c.id, arrival()).where(part.c.arrived_at.is_(None))
    for numbers in () if dry_run else _fitting(engine, undated.order_by(part.c.id), chosen, surveys):
        with writing(engine) as connection:
            for number in set(numbers) - needed_parts(connection, numbers, chosen.before):
                removed[Thing.TYPED] += _strip(connection, number)
    return removed


def _fitting(
    engine: Engine, wanted: Select[Any], chosen: Selection, surveys: Sequence[int] | None
) -> Iterator[list[int]]:
    """Numbers of parts that fit, by and by. Where all are too young, so are all that follow: numbers rise in time."""
    if chosen != Selection(before=chosen.before):
        wanted = wanted.join(response, response.c.id == part.c.response_id)
        wanted = wanted.where(of(chosen, response, surveys), is_named(chosen.respondent))
    before = NEVER + 1 if chosen.before is None else chosen.before
    last = 0
    while True:
        with reading(engine) as connection:
            rows = connection.execute(wanted.where(part.c.id > last).limit(AT_ONCE)).all()
            old = [number for number, arrived_at in rows if arrived_at < before]
            free = sorted(set(old) - needed_parts(connection, old, chosen.before))
        if free:
            yield free
        if not old:
            return
        last = rows[-1][0]


def _strip(connection: Connection, number: int) -> bool:
    """Take the events out of the answers of a part, and date it; False where there were none."""
    row = connection.execute(select(part.c.entries, arrival()).where(part.c.id == number)).one()
    entries = msgspec.msgpack.decode(zstandard.decompress(row[0]), type=tuple[Entry, ...])
    plain = without_events(entries)
    changed: dict[str, object] = {} if row[1] == NEVER else {"arrived_at": row[1]}
    if plain != entries:
        changed["entries"] = zstandard.compress(msgspec.msgpack.encode(plain), LEVEL)
    if changed:
        connection.execute(update(part).where(part.c.id == number).values(changed))
    return plain != entries
