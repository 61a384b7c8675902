"""Who else answered this question, from the database: the results of `InMemoryCorpus`, for surveys of any size.

Each distinct text to a question is kept once, with its bands and with the names of those who gave it. Both passes of a
chunk take a handful of queries, however many answers it has.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    Row,
    and_,
    func,
    literal,
    select,
    type_coerce,
    update,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from earnest.corpus import (
    MOST_IN_BUCKET,
    MOST_TWINS,
    QuestionProfile,
    Sighting,
    Text,
    Twins,
    choose_candidates,
    find_kin,
    profile_of,
    twins_of,
)
from earnest.store.columns import shifted, utf8
from earnest.store.engines import insert_new, insert_numbers, listed, lowest_of_each, numbered, reading, writing
from earnest.store.samples import Key, Meanings, add_samples, lowest_sightings, states_of
from earnest.store.tables import band, given, question, text

T = TypeVar("T")

MOST_LISTED = 5_000
"""Values in one IN: far below SQLite's limit of 32,766."""
LOWEST, HIGHEST = shifted(0), shifted(2**64 - 1)
"""Fingerprints as they are stored."""
BEHIND_ALL_NAMES = b"\xff"  # no UTF-8 has such a byte

Columns = ReadOnlyColumnCollection[str, Any]


def digest_of(name: str) -> bytes:
    """Sixteen bytes that stand for a name of any length, the same for ever."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class SqlCorpus:
    """The answers to one survey.

    Args:
        engine: Where they are kept.
        survey_id: Number of the survey.
        encoder: Revision of the encoder whose vectors are given and asked for.
        meanings: What this process remembers of answers.
    """

    def __init__(self, engine: Engine, survey_id: int, encoder: str, meanings: Meanings) -> None:
        self._engine = engine
        self._survey_id = survey_id
        self._encoder = encoder
        self._meanings = meanings

    def add(self, sightings: Sequence[Sighting]) -> None:
        """Take answers in; the same text again from the same respondent to the same question changes nothing."""
        with writing(self._engine) as connection:
            add_sightings(connection, self._survey_id, self._encoder, sightings)

    def profiles(self, questions: Collection[str]) -> Mapping[str, QuestionProfile]:
        """How each of these questions is answered; a question without answers is left out."""
        with reading(self._engine) as connection:
            numbers = question_numbers(connection, self._survey_id, questions)
            answers = {number: state.answers for number, state in states_of(connection, numbers.values()).items()}
            samples = {
                key: lowest_sightings(connection, self._encoder, key, number) for key, number in sorted(numbers.items())
            }
        return {key: profile_of(each, answers[numbers[key]]) for key, each in samples.items() if each}

    def twins(self, sightings: Sequence[Sighting]) -> list[Twins]:
        """For each answer, whose answers to the same question are nearly the same, or near in meaning."""
        with reading(self._engine) as connection:
            numbers = question_numbers(connection, self._survey_id, {sighting.question for sighting in sightings})
            # An unknown question goes by number 0, which no question has.
            asked = [((numbers.get(one.question, 0), one.fingerprint), one) for one in sightings]
            kin = find_kin(sightings, self._meanings.known(connection, self._encoder, numbers))
            buckets = _buckets(connection, dict(asked))
            chosen = [
                [*dict.fromkeys([*choose_candidates(key[1], buckets[key]), *near])]
                for (key, _), near in zip(asked, kin, strict=True)
            ]
            wanted = {(key[0], each) for (key, _), found in zip(asked, chosen, strict=True) for each in found}
            texts = _texts(connection, wanted.union(key for key, _ in asked))
            times = _times(connection, [key for key, each in texts.items() if len(each.respondents) > MOST_TWINS])
            seen = _seen(connection, [(key, one.respondent) for key, one in asked if key in times])

        def copies(key: Key, respondent: str) -> int:
            if key not in texts:
                return 0
            first = texts[key].respondents
            return times.get(key, len(first)) - (respondent in first or (key, respondent) in seen)

        return [
            twins_of(one, texts.get(key), copies(key, one.respondent), [texts[key[0], each] for each in found], near)
            for (key, one), found, near in zip(asked, chosen, kin, strict=True)
        ]


def add_sightings(connection: Connection, survey_id: int, encoder: str, sightings: Sequence[Sighting]) -> None:
    """Take answers in, as part of a larger transaction.

    Rows are added table by table and sorted, so that two who add the same ones wait for each other in one order only.
    """
    numbers = _open_questions(connection, survey_id, {sighting.question for sighting in sightings})
    hold_questions(connection, numbers.values())
    by_text: dict[Key, list[Sighting]] = defaultdict(list)
    for sighting in sorted(sightings, key=lambda each: each.respondent):
        by_text[numbers[sighting.question], sighting.fingerprint].append(sighting)
    known = _known(connection, by_text.keys())
    new = [(key, same[0]) for key, same in sorted(by_text.items()) if key not in known]
    rows: list[dict[str, object]] = [
        {"question_id": key[0], "fingerprint": key[1], "comparable": one.comparable} for key, one in new
    ]
    are_new = insert_new(connection, text, rows) == len(rows)  # or else somebody has just added some of them
    # In order, so that neighbours are found in one page.
    banded = sorted((key[0], each, shifted(key[1])) for key, one in new for each in set(one.bands))
    insert_numbers(connection, band, banded, are_new=are_new)
    added = _add_given(connection, by_text)
    sampled = add_samples(connection, encoder, by_text)
    for number in sorted(number for number, count in added.items() if count or number in sampled):
        changed = {"answers": question.c.answers + added[number], "version": question.c.version + 1}
        connection.execute(update(question).where(question.c.id == number).values(changed))


def _open_questions(connection: Connection, survey_id: int, keys: Collection[str]) -> dict[str, int]:
    """The numbers of these questions, from now on if they had none."""
    numbers = question_numbers(connection, survey_id, keys)
    if len(numbers) < len(keys):
        rows: list[dict[str, object]] = [
            {"survey_id": survey_id, "digest": digest_of(key)} for key in sorted(keys) if key not in numbers
        ]
        insert_new(connection, question, rows)
        numbers = question_numbers(connection, survey_id, keys)
    return numbers


def hold_questions(connection: Connection, numbers: Iterable[int]) -> None:
    """Let nobody forget a text that we take for known, until the transaction ends; see `forgetting.forget`."""
    held = select(question.c.id).where(question.c.id.in_(sorted(numbers))).order_by(question.c.id)
    connection.execute(held.with_for_update(read=True, key_share=True))


def _add_given(connection: Connection, by_text: Mapping[Key, Sequence[Sighting]]) -> dict[int, int]:
    """Note who gave what; returns how many answers that adds to each question."""
    rows: dict[int, list[dict[str, object]]] = defaultdict(list)
    for (number, fingerprint), same in sorted(by_text.items()):
        rows[number] += [
            {"question_id": number, "fingerprint": fingerprint, "respondent": one.respondent} for one in same
        ]
    return {number: insert_new(connection, given, some) for number, some in sorted(rows.items())}


def question_numbers(connection: Connection, survey_id: int, keys: Collection[str]) -> dict[str, int]:
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


def _known(connection: Connection, wanted: Collection[Key]) -> set[Key]:
    """Those of the texts that somebody gave."""
    asked = _listed_texts(connection, wanted)
    rows = connection.execute(
        select(text.c.question_id, text.c.fingerprint).join_from(asked, text, _same_text(text.c, asked.c))
    )
    return {(number, fingerprint) for number, fingerprint in rows.all()}


def _buckets(connection: Connection, asked: Mapping[Key, Sighting]) -> Mapping[Key, Collection[list[int]]]:
    """Per text, for each of its bands that others share, the MOST_IN_BUCKET lowest fingerprints but for its own."""
    known = _known(connection, asked.keys())
    banded: dict[tuple[int, bool], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for key, one in asked.items():
        bands, owners = banded[key[0], key in known]
        bands += one.bands
        owners += [key[1]] * len(one.bands)
    found: dict[Key, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (number, is_known), (bands, owners) in banded.items():
        order = np.argsort(bands).tolist()
        for place, low in _in_bands(connection, number, [bands[i] for i in order], least=1 + is_known):
            which, fingerprint = order[place], low - LOWEST
            if fingerprint != owners[which]:
                found[number, owners[which]][which].append(fingerprint)
    return defaultdict(list, {key: each.values() for key, each in found.items()})


def _in_bands(connection: Connection, number: int, bands: Sequence[int], *, least: int) -> Sequence[Row[int, int]]:
    """The MOST_IN_BUCKET lowest fingerprints, as stored, in each band that so many have at least; the band's place."""
    asked = numbered(connection, number, bands)
    peer = band.alias()
    low = (
        select(type_coerce(peer.c.fingerprint, BigInteger))
        .where(peer.c.question_id == asked.c.question_id, peer.c.band == asked.c.value)
        .order_by(peer.c.fingerprint)
        .limit(1)
    )
    # The last one that is wanted, so that a crowd is never read as a whole, as it is by a query that numbers its rows.
    last = low.offset(MOST_IN_BUCKET - 1).scalar_subquery()
    is_shared = low.offset(least - 1).scalar_subquery().is_not(None)  # nearly all bands are one text's alone
    stored = type_coerce(band.c.fingerprint, BigInteger)
    return connection.execute(
        select(asked.c.place, stored)
        .join_from(asked, band, and_(band.c.question_id == asked.c.question_id, band.c.band == asked.c.value))
        .where(is_shared, stored <= func.coalesce(last, HIGHEST))
    ).all()


def _texts(connection: Connection, wanted: Collection[Key]) -> Mapping[Key, Text]:
    """Those of the texts that somebody gave, with the first MOST_TWINS + 1 respondents, by name, who did."""
    asked = _listed_texts(connection, wanted)
    first = lowest_of_each(
        connection, asked, given, "respondent", most=MOST_TWINS + 1, beyond=literal(BEHIND_ALL_NAMES, LargeBinary)
    )
    # As they are stored: the columns' own way takes twice the time for so many rows.
    stored = (
        first.c.question_id,
        first.c.fingerprint,
        type_coerce(text.c.comparable, LargeBinary),
        type_coerce(first.c.respondent, LargeBinary),
    )
    rows = connection.execute(select(*stored).join_from(first, text, _same_text(text.c, first.c)))
    comparables: dict[Key, bytes] = {}
    givers: dict[Key, list[str]] = defaultdict(list)
    for number, low, comparable, respondent in rows.all():
        key = (number, low - LOWEST)
        comparables[key] = comparable
        givers[key].append(utf8(respondent))
    return {key: Text(key[1], utf8(each), sorted(givers[key])) for key, each in comparables.items()}


def _times(connection: Connection, popular: Collection[Key]) -> dict[Key, int]:
    """How often texts were given that were given often."""
    if not popular:
        return {}
    asked = _listed_texts(connection, popular)
    times = select(func.count()).select_from(given).where(_same_text(given.c, asked.c)).scalar_subquery()
    rows = connection.execute(select(asked.c.question_id, asked.c.fingerprint, times))
    return {(number, low - LOWEST): count for number, low, count in rows}


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


def _listed_texts(connection: Connection, wanted: Collection[Key]) -> CTE:
    rows = sorted((number, shifted(fingerprint)) for number, fingerprint in wanted)
    return listed(connection, rows, "question_id", "fingerprint")


def _same_text(some: Columns, others: Columns) -> ColumnElement[bool]:
    return and_(some.question_id == others.question_id, some.fingerprint == others.fingerprint)
