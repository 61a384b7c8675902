"""Who else answered this question, from the database: the results of `InMemoryCorpus`, for surveys of any size.

Each distinct text to a question is kept once, with its bands and with the names of those who gave it. Both passes of a
chunk take a handful of queries, however many answers it has.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, TypeVar

from sqlalchemy import (
    CTE,
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
from earnest.store.columns import Fingerprint, shifted
from earnest.store.engines import execute_many, insert, insert_numbers, listed, numbered, reading, writing
from earnest.store.samples import Key, Meanings, add_samples, lowest_sightings, states_of
from earnest.store.tables import band, given, question, text

T = TypeVar("T")

MOST_LISTED = 5_000
"""Values in one IN: far below SQLite's limit of 32,766."""
HIGHEST = 2**64 - 1
BEHIND_ALL_NAMES = b"\xff"  # no UTF-8 has such a byte

Columns = ReadOnlyColumnCollection[str, Any]


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
    execute_many(connection, insert(connection, text).on_conflict_do_nothing(), rows)
    # In order, so that neighbours are found in one page.
    insert_numbers(
        connection, band, sorted((key[0], each, shifted(key[1])) for key, one in new for each in set(one.bands))
    )
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
        execute_many(connection, insert(connection, question).on_conflict_do_nothing(), rows)
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
    statement = insert(connection, given).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return {number: connection.execute(statement, some).rowcount for number, some in sorted(rows.items())}


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


def _comparables(connection: Connection, wanted: Collection[Key]) -> dict[Key, str]:
    """Those of the texts that somebody gave, in comparable form."""
    asked = _listed_texts(connection, wanted)
    rows = connection.execute(select(text).join_from(asked, text, _same_text(text.c, asked.c)))
    return {(row.question_id, row.fingerprint): row.comparable for row in rows}


def _buckets(connection: Connection, asked: Mapping[Key, Sighting]) -> Mapping[Key, list[list[int]]]:
    """Per text, for each of its bands that others share, the MOST_IN_BUCKET lowest fingerprints but for its own."""
    by_question: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (number, own), one in asked.items():
        by_question[number] += ((each, own) for each in set(one.bands))
    found: dict[Key, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, banded in by_question.items():
        banded.sort()
        for place, fingerprint in _in_bands(connection, number, [each for each, _ in banded]):
            which, own = banded[place]
            if fingerprint != own:
                found[number, own][which].append(fingerprint)
    return defaultdict(list, {key: list(each.values()) for key, each in found.items()})


def _in_bands(connection: Connection, number: int, bands: Sequence[int]) -> Sequence[Row[int, int]]:
    """The MOST_IN_BUCKET lowest fingerprints in each band, with the band's place."""
    asked = numbered(connection, number, bands)
    peer = band.alias()
    # The last one that is wanted, so that a crowd is never read as a whole, as it is by a query that numbers its rows.
    last = (
        select(peer.c.fingerprint)
        .where(peer.c.question_id == asked.c.question_id, peer.c.band == asked.c.value)
        .order_by(peer.c.fingerprint)
        .limit(1)
        .offset(MOST_IN_BUCKET - 1)
        .scalar_subquery()
    )
    return connection.execute(
        select(asked.c.place, band.c.fingerprint)
        .join_from(asked, band, and_(band.c.question_id == asked.c.question_id, band.c.band == asked.c.value))
        .where(band.c.fingerprint <= func.coalesce(last, literal(HIGHEST, Fingerprint)))
    ).all()


def _givers(connection: Connection, wanted: Collection[Key]) -> Mapping[Key, _Givers]:
    """How often each of the texts was given, and by whom first."""
    asked = _listed_texts(connection, wanted)
    peer = given.alias()
    last = (  # as in `_buckets`
        select(peer.c.respondent)
        .where(_same_text(peer.c, asked.c))
        .order_by(peer.c.respondent)
        .limit(1)
        .offset(MOST_TWINS)
        .scalar_subquery()
    )
    chosen = (
        select(given)
        .join_from(asked, given, _same_text(given.c, asked.c))
        .where(given.c.respondent <= func.coalesce(last, literal(BEHIND_ALL_NAMES, LargeBinary)))
        .order_by(given.c.respondent)
    )
    found: dict[Key, _Givers] = defaultdict(_Givers)
    for number, fingerprint, respondent in connection.execute(chosen).all():
        found[number, fingerprint].first.append(respondent)
    for each in found.values():
        each.times = len(each.first)
    _count(connection, {key: each for key, each in found.items() if each.times > MOST_TWINS})
    return found


def _count(connection: Connection, popular: Mapping[Key, _Givers]) -> None:
    """Find how often texts were given that were given often."""
    if not popular:
        return
    asked = _listed_texts(connection, popular)
    key = (asked.c.question_id, type_coerce(asked.c.fingerprint, Fingerprint))
    times = select(func.count()).select_from(given).where(_same_text(given.c, asked.c)).scalar_subquery()
    for number, fingerprint, count in connection.execute(select(*key, times)):
        popular[number, fingerprint].times = count


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
