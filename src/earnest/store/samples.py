"""The answers to a question that stand for all: those of lowest fingerprint, with what they mean.

They are asked for with every chunk and change ever more seldom, so a process remembers their vectors: a text's vector
is that of the first respondent by name who gave it, and thereby settled.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Connection, LargeBinary, and_, select, type_coerce

from earnest.corpus import FEWEST_WORDS, MOST_KNOWN, SAMPLE_SIZE, Sighting
from earnest.similarity import Known, known_of
from earnest.store.columns import shifted
from earnest.store.engines import Insert, insert_new, listed
from earnest.store.tables import question, sample, text

MOST_REMEMBERED = 16
"""Questions, of at most 3 MB each."""

IN_ORDER = (sample.c.question_id, sample.c.encoder, sample.c.fingerprint)  # of fingerprints, as the index has it

Key = tuple[int, int]
"""A text: number of its question, fingerprint."""
Giver = tuple[int, bytes]
"""A text by its fingerprint, and who gave it, both as their columns hold them: they are compared only."""


class State(NamedTuple):
    """How far a question is."""

    answers: int
    version: int
    """Grows whenever anything changes in what is known of its answers."""


@dataclass(frozen=True, slots=True, eq=False)
class _Remembered:
    version: int
    givers: Sequence[Giver]
    known: Known


class Meanings:
    """What a process remembers of the answers of known meaning; any thread may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._remembered: OrderedDict[tuple[str, int], _Remembered] = OrderedDict()

    def known(self, connection: Connection, encoder: str, numbers: Mapping[str, int]) -> dict[str, Known]:
        """The answers of known meaning as they are now, by question."""
        states = states_of(connection, numbers.values())
        found = {
            key: self._known(connection, encoder, number, states[number].version)
            for key, number in sorted(numbers.items())
        }
        return {key: known for key, known in found.items() if known is not None}

    def _known(self, connection: Connection, encoder: str, number: int, version: int) -> Known | None:
        place = encoder, number
        with self._lock:
            before = self._remembered.get(place)
        if before is None or before.version != version:
            before = _read(connection, encoder, number, version, before)
        if before is None:
            return None
        with self._lock:
            self._remembered[place] = before
            self._remembered.move_to_end(place)
            if len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        return before.known


def states_of(connection: Connection, numbers: Iterable[int]) -> dict[int, State]:
    """How far these questions are."""
    asked = listed(connection, [(number,) for number in numbers], "id")
    rows = connection.execute(
        select(question.c.id, question.c.answers, question.c.version).join_from(
            asked, question, question.c.id == asked.c.id
        )
    )
    return {row[0]: State(row[1], row[2]) for row in rows}


def _read(
    connection: Connection, encoder: str, number: int, version: int, before: _Remembered | None
) -> _Remembered | None:
    """What is known now; of what was known before, no vector is read again. None where nothing is known."""
    lowest = select(type_coerce(sample.c.fingerprint, BigInteger), type_coerce(sample.c.respondent, LargeBinary)).where(
        sample.c.question_id == number, sample.c.encoder == encoder, sample.c.words >= FEWEST_WORDS
    )
    givers = [(row[0], row[1]) for row in connection.execute(lowest.order_by(*IN_ORDER).limit(MOST_KNOWN)).all()]
    if before is not None and before.givers == givers:
        return _Remembered(version, givers, before.known)
    kept = {} if before is None else dict(zip(before.givers, before.known.vectors, strict=True))
    new = _vectors(connection, encoder, number, [giver[0] for giver in givers if giver not in kept])
    givers = [giver for giver in givers if giver in kept or giver[0] in new]  # others are gone meanwhile
    if not givers:
        return None
    vectors = (kept[giver] if giver in kept else new[giver[0]] for giver in givers)
    known = known_of(zip((giver[0] - shifted(0) for giver in givers), vectors, strict=True))
    return _Remembered(version, givers, known)


def add_samples(connection: Connection, encoder: str, by_text: Mapping[Key, Sequence[Sighting]]) -> set[int]:
    """Keep what may be among the lowest fingerprints: SAMPLE_SIZE of all, MOST_KNOWN of longer answers.

    The highest of them only ever falls, so a text above it is never wanted, whatever another worker adds meanwhile.

    Args:
        connection: Where to.
        encoder: Revision of the encoder of the vectors.
        by_text: Who gave each text, by name.

    Returns:
        The numbers of the questions where anything was kept.
    """
    numbers = {number for number, _ in by_text}
    bounds = {number: _bounds(connection, encoder, number) for number in numbers}

    def is_low(key: Key, one: Sighting) -> bool:
        lowest, longer = bounds[key[0]]
        return key[1] <= lowest or (one.words >= FEWEST_WORDS and key[1] <= longer)

    rows: list[dict[str, object]] = [
        {
            "question_id": key[0],
            "fingerprint": key[1],
            "encoder": encoder,
            "respondent": same[0].respondent,
            "vector": same[0].vector.astype(np.float16, copy=False).tobytes(),
            "words": same[0].words,
        }
        for key, same in sorted(by_text.items())
        if is_low(key, same[0])
    ]
    insert_new(connection, sample, rows, _look_of_the_first)
    return {key[0] for key, same in by_text.items() if is_low(key, same[0])}


def _look_of_the_first(new: Insert) -> Insert:
    return new.on_conflict_do_update(
        index_elements=[sample.c.question_id, sample.c.encoder, sample.c.fingerprint],
        set_={name: new.excluded[name] for name in ("respondent", "vector", "words")},
        where=new.excluded.respondent < sample.c.respondent,
    )


def lowest_sightings(connection: Connection, encoder: str, question: str, number: int) -> list[Sighting]:
    """The answers to a question of lowest fingerprint, at most SAMPLE_SIZE."""
    rows = connection.execute(
        select(sample, text.c.comparable)
        .join_from(
            sample, text, and_(text.c.question_id == sample.c.question_id, text.c.fingerprint == sample.c.fingerprint)
        )
        .where(sample.c.question_id == number, sample.c.encoder == encoder)
        .order_by(*IN_ORDER)
        .limit(SAMPLE_SIZE)
    )
    return [
        Sighting(
            question=question,
            respondent=row.respondent,
            comparable=row.comparable,
            fingerprint=row.fingerprint,
            bands=(),
            vector=np.frombuffer(row.vector, dtype=np.float16),
            words=row.words,
        )
        for row in rows
    ]


def _bounds(connection: Connection, encoder: str, number: int) -> tuple[int, int]:
    """The highest fingerprints that are wanted: of all answers, and of longer ones; any where there are still few."""
    own = select(sample.c.fingerprint).where(sample.c.question_id == number, sample.c.encoder == encoder)
    lowest = connection.execute(own.order_by(*IN_ORDER).limit(1).offset(SAMPLE_SIZE - 1)).scalar()
    longer = connection.execute(
        own.where(sample.c.words >= FEWEST_WORDS).order_by(*IN_ORDER).limit(1).offset(MOST_KNOWN - 1)
    ).scalar()
    return (2**64 if lowest is None else lowest, 2**64 if longer is None else longer)


def _vectors(
    connection: Connection, encoder: str, number: int, fingerprints: Sequence[int]
) -> dict[int, NDArray[np.float16]]:
    """Vectors by fingerprint, as the column holds it."""
    asked = listed(connection, [(number, each) for each in fingerprints], "question_id", "fingerprint")
    wanted = and_(
        sample.c.question_id == asked.c.question_id,
        sample.c.encoder == encoder,
        sample.c.fingerprint == asked.c.fingerprint,
    )
    rows = connection.execute(select(asked.c.fingerprint, sample.c.vector).join_from(asked, sample, wanted))
    return {row[0]: np.frombuffer(row[1], dtype=np.float16) for row in rows}
