"""Who else answered this question, from the database: the results of `InMemoryCorpus`, for surveys of any size.

Each distinct text to a question is kept once, with its bands and with the names of those who gave it. Both passes of a
chunk take a handful of queries, however many answers it has.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import CTE, ColumnElement, Connection, Engine, Subquery, and_, func, select, type_coerce
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from earnest.corpus import (
    FEWEST_WORDS,
    MOST_IN_BUCKET,
    MOST_KNOWN,
    MOST_TWINS,
    SAMPLE_SIZE,
    QuestionProfile,
    Sighting,
    Text,
    Twins,
    choose_candidates,
    find_kin,
    profile_of,
    twins_of,
)
from earnest.similarity import Known, known_of
from earnest.store.engines import execute_many, insert, listed, reading, writing
from earnest.store.tables import Fingerprint, band, given, question, sample, shifted, text

T = TypeVar("T")

MOST_LISTED = 5_000
"""Values in one IN: far below SQLite's limit of 32,766."""

Columns = ReadOnlyColumnCollection[str, Any]
Key = tuple[int, int]
"""A text: number of its question, fingerprint."""


@dataclass(slots=True)
class _Givers:
    """How often a text was given, and the first MOST_TWINS + 1 respondents, by name, who did."""

    times: int = 0
    first: list[str] = field(default_factory=list)

    @property
    def is_cut(self) -> bool:
        """Whether there are more."""
        return self.times > len(self.first)


def digest_of(name: str) -> bytes:
    """Sixteen bytes that stand for a name of any length, the same for ever."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class SqlCorpus:
    """The answers to one survey.

    Args:
        engine: Where they are kept.
        survey_id: Number of the survey.
        encoder: Revision of the encoder whose vectors are given and asked for.
    """

    def __init__(self, engine: Engine, survey_id: int, encoder: str) -> None:
        self._engine = engine
        self._survey_id = survey_id
        self._encoder = encoder

    def add(self, sightings: Sequence[Sighting]) -> None:
        """Take answers in; the same text again from the same respondent to the same question changes nothing."""
        with writing(self._engine) as connection:
            add_sightings(connection, self._survey_id, self._encoder, sightings)

    def profiles(self, questions: Collection[str]) -> Mapping[str, QuestionProfile]:
        """How each of these questions is answered; a question without answers is left out."""
        with reading(self._engine) as connection:
            numbers = _numbers(connection, self._survey_id, questions)
            answers = _answers(connection, numbers.values())
            samples = _samples(connection, self._encoder, {number: key for key, number in numbers.items()})
        return {
            key: profile_of(samples[numbers[key]], answers[numbers[key]])
            for key in sorted(numbers)
            if numbers[key] in samples
        }

    def twins(self, sightings: Sequence[Sighting]) -> list[Twins]:
        """For each answer, whose answers to the same question are nearly the same, or near in meaning."""
        with reading(self._engine) as connection:
            numbers = _numbers(connection, self._survey_id, {sighting.question for sighting in sightings})
            # An unknown question goes by number 0, which no question has.
            asked = [((numbers.get(one.question, 0), one.fingerprint), one) for one in sightings]
            kin = find_kin(sightings, _known(connection, self._encoder, numbers))
            buckets = _buckets(connection, dict(asked))
            chosen = [
                [*dict.fromkeys([*choose_candidates(key[1], buckets[key]), *near])]
                for (key, _), near in zip(asked, kin, strict=True)
            ]
            others = {(key[0], each) for (key, _), found in zip(asked, chosen, strict=True) for each in found}
            givers = _givers(connection, {key for key, _ in asked} | others)
            comparables = _comparables(connection, others) | {key: one.comparable for key, one in asked}
            seen = _seen(connection, [(key, one.respondent) for key, one in asked if givers[key].is_cut])
        texts = {key: Text(key[1], comparables[key], each.first) for key, each in givers.items()}
        return [
            twins_of(
                one,
                texts.get(key),
                givers[key].times - (one.respondent in givers[key].first or (key, one.respondent) in seen),
                [texts[key[0], each] for each in found],
                near,
            )
            for (key, one), found, near in zip(asked, chosen, kin, strict=True)
        ]


def add_sightings(connection: Connection, survey_id: int, encoder: str, sightings: Sequence[Sighting]) -> None:
    """Take answers in, as part of a larger transaction."""
    keys = {sighting.question for sighting in sightings}
    rows = [{"survey_id": survey_id, "digest": digest_of(key)} for key in sorted(keys)]
    execute_many(connection, insert(connection, question).on_conflict_do_nothing(), rows)
    numbers = _numbers(connection, survey_id, keys)

    by_text: dict[Key, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        by_text[numbers[sighting.question], sighting.fingerprint].append(sighting)
    known = _comparables(connection, by_text.keys())
    new = [(key, same[0]) for key, same in sorted(by_text.items()) if key not in known]
    for table, values in (
        (text, [_named(key, comparable=one.comparable) for key, one in new]),
        (band, [_named(key, band=each) for key, one in new for each in dict.fromkeys(one.bands)]),
        (given, [_named(key, respondent=one.respondent) for key, same in sorted(by_text.items()) for one in same]),
    ):
        execute_many(connection, insert(connection, table).on_conflict_do_nothing(), values)
    _add_samples(connection, encoder, by_text)


def _add_samples(connection: Connection, encoder: str, by_text: Mapping[Key, Sequence[Sighting]]) -> None:
    """Keep what may be among the lowest fingerprints: SAMPLE_SIZE of all, MOST_KNOWN of longer answers.

    The highest of them only ever falls, so a text above it is never wanted, whatever another worker adds meanwhile.
    """
    numbers = {number for number, _ in by_text}
    highest = _highest(_ranked_samples(connection, encoder, numbers), SAMPLE_SIZE, connection)
    highest_known = _highest(_ranked_samples(connection, encoder, numbers, FEWEST_WORDS), MOST_KNOWN, connection)

    def is_low(key: Key, one: Sighting) -> bool:
        bounds = [highest, highest_known] if one.words >= FEWEST_WORDS else [highest]
        return any(key[1] <= bound.get(key[0], key[1]) for bound in bounds)

    statement = insert(connection, sample)
    execute_many(
        connection,
        statement.on_conflict_do_update(
            index_elements=[sample.c.question_id, sample.c.encoder, sample.c.fingerprint],
            set_={name: statement.excluded[name] for name in ("respondent", "vector", "words")},
            where=statement.excluded.respondent < sample.c.respondent,
        ),
        [
            _named(key, encoder=encoder, respondent=one.respondent, vector=_packed(one), words=one.words)
            for key, same in sorted(by_text.items())
            for one in [min(same, key=lambda each: each.respondent)]
            if is_low(key, one)
        ],
    )


def _highest(ranked: Subquery, size: int, connection: Connection) -> dict[int, int]:
    """The fingerprint at this place, by question, where there are so many."""
    rows = connection.execute(select(ranked.c.question_id, ranked.c.fingerprint).where(ranked.c.rank == size))
    return {number: fingerprint for number, fingerprint in rows}


def _known(connection: Connection, encoder: str, numbers: Mapping[str, int]) -> dict[str, Known]:
    """The answers of known meaning, by question."""
    ranked = _ranked_samples(connection, encoder, numbers.values(), FEWEST_WORDS)
    rows = connection.execute(
        select(ranked.c.question_id, ranked.c.fingerprint, ranked.c.vector).where(ranked.c.rank <= MOST_KNOWN)
    )
    found = defaultdict(list)
    for number, fingerprint, vector in rows:
        found[number].append((fingerprint, np.frombuffer(vector, dtype=np.float16)))
    return {key: known_of(found[number]) for key, number in numbers.items() if number in found}


def _packed(sighting: Sighting) -> bytes:
    return sighting.vector.astype(np.float16, copy=False).tobytes()


def _named(key: Key, **values: object) -> dict[str, object]:
    return {"question_id": key[0], "fingerprint": key[1], **values}


def _numbers(connection: Connection, survey_id: int, keys: Collection[str]) -> dict[str, int]:
    """The numbers of those questions that are known."""
    by_digest = {digest_of(key): key for key in keys}
    found = {}
    for some in parted(sorted(by_digest)):
        rows = connection.execute(
            select(question.c.digest, question.c.id).where(
                question.c.survey_id == survey_id, question.c.digest.in_(some)
            )
        )
        found.update({by_digest[digest]: number for digest, number in rows})
    return found


def parted(values: Sequence[T]) -> Iterable[Sequence[T]]:
    """Cut a long list into what one IN may hold."""
    return (values[start : start + MOST_LISTED] for start in range(0, len(values), MOST_LISTED))


def _answers(connection: Connection, numbers: Iterable[int]) -> dict[int, int]:
    """How many answers each question has."""
    asked = listed(connection, [(number,) for number in numbers], "question_id")
    rows = connection.execute(
        select(given.c.question_id, func.count())
        .join_from(asked, given, given.c.question_id == asked.c.question_id)
        .group_by(given.c.question_id)
    )
    return {number: count for number, count in rows}


def _samples(connection: Connection, encoder: str, questions: Mapping[int, str]) -> dict[int, list[Sighting]]:
    """The sightings of lowest fingerprint of each question, by its number."""
    ranked = _ranked_samples(connection, encoder, questions)
    rows = connection.execute(
        select(ranked, text.c.comparable)
        .join_from(ranked, text, _same_text(ranked.c, text.c))
        .where(ranked.c.rank <= SAMPLE_SIZE)
    )
    found = defaultdict(list)
    for row in rows:
        found[row.question_id].append(
            Sighting(
                question=questions[row.question_id],
                respondent=row.respondent,
                comparable=row.comparable,
                fingerprint=row.fingerprint,
                bands=(),
                vector=np.frombuffer(row.vector, dtype=np.float16),
                words=row.words,
            )
        )
    return dict(found)


def _ranked_samples(connection: Connection, encoder: str, numbers: Iterable[int], fewest_words: int = 0) -> Subquery:
    """The samples of some questions, of so many words, each with its place in the order of fingerprints."""
    asked = listed(connection, [(number,) for number in numbers], "question_id")
    return (
        select(sample, _rank((sample.c.question_id,), sample.c.fingerprint))
        .join_from(asked, sample, and_(sample.c.question_id == asked.c.question_id, sample.c.encoder == encoder))
        .where(sample.c.words >= fewest_words)
        .subquery()
    )


def _comparables(connection: Connection, wanted: Collection[Key]) -> dict[Key, str]:
    """Those of the texts that somebody gave, in comparable form."""
    asked = _listed_texts(connection, wanted)
    rows = connection.execute(select(text).join_from(asked, text, _same_text(text.c, asked.c)))
    return {(row.question_id, row.fingerprint): row.comparable for row in rows}


def _buckets(connection: Connection, asked: Mapping[Key, Sighting]) -> Mapping[Key, list[list[int]]]:
    """Per text, for each of its bands that others share, the MOST_IN_BUCKET lowest fingerprints but for its own."""
    rows = [(key[0], shifted(key[1]), each) for key, one in asked.items() for each in set(one.bands)]
    own = listed(connection, rows, "question_id", "fingerprint", "band")
    ranked = (
        select(
            own.c.question_id,
            own.c.fingerprint.label("own"),
            band.c.band,
            band.c.fingerprint,
            _rank((own.c.question_id, own.c.fingerprint, own.c.band), band.c.fingerprint),
        )
        .join_from(own, band, and_(band.c.question_id == own.c.question_id, band.c.band == own.c.band))
        .subquery()
    )
    found: dict[Key, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    columns = (ranked.c.question_id, type_coerce(ranked.c.own, Fingerprint), ranked.c.band, ranked.c.fingerprint)
    others = select(*columns).where(ranked.c.rank <= MOST_IN_BUCKET, ranked.c.own != ranked.c.fingerprint)
    for number, own_fingerprint, which, fingerprint in connection.execute(others):
        found[number, own_fingerprint][which].append(fingerprint)
    return defaultdict(list, {key: list(each.values()) for key, each in found.items()})


def _givers(connection: Connection, wanted: Collection[Key]) -> Mapping[Key, _Givers]:
    """How often each of the texts was given, and by whom first."""
    asked = _listed_texts(connection, wanted)
    key = (asked.c.question_id, asked.c.fingerprint)
    ranked = (
        select(given, _rank(key, given.c.respondent), func.count().over(partition_by=key).label("times"))
        .join_from(asked, given, _same_text(given.c, asked.c))
        .subquery()
    )
    found: dict[Key, _Givers] = defaultdict(_Givers)
    for row in connection.execute(select(ranked).where(ranked.c.rank <= MOST_TWINS + 1).order_by(ranked.c.rank)):
        each = found[row.question_id, row.fingerprint]
        each.times = row.times
        each.first.append(row.respondent)
    return found


def _seen(connection: Connection, asked: Collection[tuple[Key, str]]) -> set[tuple[Key, str]]:
    """Which of these respondents gave these texts."""
    own = _listed_texts(connection, {key for key, _ in asked})
    found = set()
    for names in parted(sorted({name for _, name in asked})):
        rows = connection.execute(
            select(given).join_from(own, given, _same_text(given.c, own.c)).where(given.c.respondent.in_(names))
        )
        found |= {((row.question_id, row.fingerprint), row.respondent) for row in rows}
    return found


def _rank(of: Sequence[ColumnElement[Any]], by: ColumnElement[Any]) -> ColumnElement[int]:
    return func.row_number().over(partition_by=of, order_by=by).label("rank")


def _listed_texts(connection: Connection, wanted: Collection[Key]) -> CTE:
    rows = sorted((number, shifted(fingerprint)) for number, fingerprint in wanted)
    return listed(connection, rows, "question_id", "fingerprint")


def _same_text(some: Columns, others: Columns) -> ColumnElement[bool]:
    return and_(some.question_id == others.question_id, some.fingerprint == others.fingerprint)
