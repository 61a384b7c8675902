"""Several processes at work on the same survey at the same moment: nobody waits in a circle, nothing is kept twice."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import numpy as np
import pytest
from sqlalchemy import Engine, Table, func, select

from earnest.corpus import Sighting
from earnest.similarity import bands, fingerprint
from earnest.store import Store
from earnest.store.base import Batch, Part
from earnest.store.engines import connect, reading
from earnest.store.tables import given, part, question, response, survey
from earnest.store.tables import text as text_table
from earnest.survey import Entry, Respondent, Survey

ROUNDS = 5
PEOPLE = 150
WORKERS = 3


@pytest.fixture
def engine(store: Store, database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    yield engine
    engine.dispose()


def together(work: Callable[[int], object]) -> list[object]:
    """What several threads get that do the same work at the same moment."""
    start = Barrier(WORKERS)

    def begin(worker: int) -> object:
        start.wait()
        return work(worker)

    with ThreadPoolExecutor(WORKERS) as threads:
        return list(threads.map(begin, range(WORKERS)))


def count(engine: Engine, *tables: Table) -> list[int]:
    with reading(engine) as connection:
        return [connection.execute(select(func.count()).select_from(each)).scalar_one() for each in tables]


def sighting(number: int) -> Sighting:
    comparable = f"the taste of number {number // 3} is good"  # three people say the same
    vector = np.random.default_rng(number).normal(size=8).astype(np.float16)
    return Sighting(
        question=f"q{number % 2}",
        respondent=f"r{number % 40}",
        comparable=comparable,
        fingerprint=fingerprint(comparable),
        bands=bands(comparable),
        vector=vector,
        words=7,
    )


def test_the_same_answers_may_be_added_at_once_in_any_order(store: Store, engine: Engine) -> None:
    entry = Entry(question="q", answer="a")
    part_of = Part(survey=Survey(identifier="s"), entries=(entry,), wanted=frozenset())
    survey_id = store.responses.keep("t", part_of, "e").survey_id
    for round_ in range(ROUNDS):
        sightings = [sighting(number) for number in range(round_ * 60, round_ * 60 + 60)]

        def add(worker: int, some: list[Sighting] = sightings) -> None:
            store.corpus(survey_id, "e").add(random.Random(worker).sample(some, len(some)))

        together(add)
    expected = {(one.question, one.comparable) for one in map(sighting, range(ROUNDS * 60))}
    people = {(one.question, one.comparable, one.respondent) for one in map(sighting, range(ROUNDS * 60))}
    assert count(engine, question, text_table, given) == [2, len(expected), len(people)]


def test_the_same_respondents_may_be_submitted_at_once_in_any_order(store: Store, engine: Engine) -> None:
    for round_ in range(ROUNDS):

        def submit(worker: int, before: int = round_) -> None:
            people = [
                Respondent(f"r{i}", (Entry(question="Why?", answer=f"answer {before} of {i}"),)) for i in range(PEOPLE)
            ]
            random.Random(worker).shuffle(people)
            batch = Batch(survey=Survey(identifier="s"), respondents=tuple(people), wanted=frozenset())
            store.submissions.submit("t", batch, chunk_size=10, enqueue=lambda *_: None)

        together(submit)
    assert count(engine, survey, response, part) == [1, PEOPLE, PEOPLE * ROUNDS]


def test_the_same_name_is_adopted_once(store: Store, engine: Engine) -> None:
    def keep(worker: int, name: str) -> str:
        asked = Part(
            survey=Survey(identifier="s"),
            entries=(Entry(question="Why?", answer=f"answer {worker}"),),
            wanted=frozenset(),
            response_identifier=f"{name} of {worker}",
            aftercare_response_identifier=name,
        )
        return store.responses.keep("t", asked, "e").identifier

    for round_ in range(ROUNDS):
        assert len(set(together(partial(keep, name=f"name {round_}")))) == 1
    assert count(engine, response, part) == [ROUNDS, ROUNDS * WORKERS]


def test_the_first_secret_is_everybodys(store: Store) -> None:
    def adopt(worker: int, name: str) -> str:
        return store.keys.secret(name, otherwise=f"{worker}")

    for round_ in range(ROUNDS):
        assert len(set(together(partial(adopt, name=f"s{round_}")))) == 1


def test_names_may_be_long_and_odd(store: Store) -> None:
    odd = "\x00\udcff\U0001f600" * 160
    asked = Part(
        survey=Survey(identifier=odd * 10),
        entries=(Entry(question="Why?" * 5_000, answer="a\x00"),),
        wanted=frozenset(),
        response_identifier=odd,
    )
    first, again = (store.responses.keep("t", asked, "e") for _ in range(2))
    assert (first.identifier, first.part.id) == (odd, again.part.id)
    one = Sighting("q\x00" * 5_000, odd, "a\x00", 7, (1, 2), np.zeros(8, np.float16), 1)
    corpus = store.corpus(first.survey_id, "e")
    corpus.add([one])
    assert set(corpus.profiles([one.question])) == {one.question}
