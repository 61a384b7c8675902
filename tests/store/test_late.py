"""Who is noted to be judged again, and what becomes of it when workers meet or die."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from sqlalchemy import Connection

from earnest.corpus import Sighting
from earnest.findings import CheckName, Finding
from earnest.scoring import evaluate_entry, evaluate_respondent
from earnest.similarity import bands, fingerprint
from earnest.store import Store
from earnest.store.base import Errand, KeptResponse, Kind, Part
from earnest.store.late import MOST_EARLIER, Case, Later
from earnest.survey import Entry, Respondent, Survey
from earnest.text.encoder import Encoded

SURVEY = Survey(identifier="s")
STORY = "the checkout kept freezing so i gave up and went to the shop in town instead"
ALIKE = ("id:q", fingerprint(STORY))

queued: list[Errand] = []


@pytest.fixture(autouse=True)
def nothing_queued() -> None:
    queued.clear()


def enqueue(_: Connection, errands: Sequence[Errand]) -> None:
    queued.extend(errands)


def result(name: str, score: float = 0.0) -> bytes:
    entry = Entry(question="Why?", answer=STORY, question_identifier="q")
    found = evaluate_entry(entry, [Finding(type=CheckName.SHARED_DUPLICATE, score=score, is_issue=score > 50)])
    return msgspec.json.encode(evaluate_respondent(Respondent(name, (entry,)), [found]))


def arrive(store: Store, name: str, *, alike: bool = True) -> KeptResponse:
    """Somebody tells the story and is judged at once."""
    part = Part(
        survey=SURVEY,
        entries=(Entry(question="Why?", answer=STORY, question_identifier="q"),),
        wanted=frozenset(CheckName),
        response_identifier=name,
    )
    kept = store.responses.keep("t", part, "e")
    sighting = Sighting(
        question="id:q",
        respondent=name,
        comparable=STORY,
        fingerprint=fingerprint(STORY),
        bands=bands(STORY),
        vector=np.ones(4, dtype=np.float16),
        words=16,
    )
    seen = Encoded(np.ones((1, 4), np.float16), np.ones(1, np.int32), np.ones(1, np.int32), np.zeros(1, np.float32))
    store.responses.save_observed(kept, seen, [sighting], encoder="e")
    store.verdicts.save(
        kept,
        part,
        result(name),
        thresholds={},
        later=Later(survey_id=kept.survey_id, alike={ALIKE} if alike else ()),
        evaluator="1",
        enqueue=enqueue,
    )
    return kept


def cases(store: Store, survey_id: int) -> list[Case]:
    return store.verdicts.cases(survey_id, encoder="e", limit=1000)


def settle(store: Store, survey_id: int, found: Sequence[Case], score: float) -> None:
    results = [(case, case.parts[0][1], result("x", score)) for case in found]
    store.verdicts.settle(survey_id, found, results, evaluator="2")


def test_earlier_respondents_are_noted_once_and_the_later_one_is_not(store: Store) -> None:
    survey_id = arrive(store, "ann").survey_id
    assert cases(store, survey_id) == []
    arrive(store, "bob")
    arrive(store, "cid")
    found = cases(store, survey_id)
    assert [kept.identifier for case in found for kept, _ in case.parts] == ["ann", "bob"]
    assert {(each.kind, each.number) for each in queued} == {(Kind.REJUDGE, survey_id)}
    assert len({each.id for each in queued}) == len(queued)


def test_a_crowd_makes_nobody_look_again(store: Store) -> None:
    for i in range(MOST_EARLIER + 1):
        survey_id = arrive(store, f"r{i:02}", alike=False).survey_id
    assert cases(store, survey_id) == []
    arrive(store, "the next one")
    assert cases(store, survey_id) == []


def test_two_workers_at_once_make_one_version(store: Store) -> None:
    survey_id = arrive(store, "ann").survey_id
    arrive(store, "bob")
    first, second = cases(store, survey_id), cases(store, survey_id)
    settle(store, survey_id, first, 90)
    settle(store, survey_id, second, 90)
    assert [each.version for each in store.verdicts.versions("t", "s", "ann").versions] == [1, 2]
    assert len(store.verdicts.changes("t", "s", cursor=None, limit=10).items) == 1
    assert cases(store, survey_id) == []


def test_what_is_noted_meanwhile_stays_noted(store: Store) -> None:
    survey_id = arrive(store, "ann").survey_id
    arrive(store, "bob")
    found = cases(store, survey_id)
    arrive(store, "cid")
    settle(store, survey_id, found, 90)
    assert {kept.identifier for case in cases(store, survey_id) for kept, _ in case.parts} == {"ann", "bob"}


def test_the_same_part_again_adds_no_version(store: Store) -> None:
    arrive(store, "ann")
    arrive(store, "ann")
    assert len(store.verdicts.versions("t", "s", "ann").versions) == 1
