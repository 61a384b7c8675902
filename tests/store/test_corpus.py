"""The database's corpus says what the one in memory says; what every corpus does is in tests/test_corpus.py."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from earnest.corpus import InMemoryCorpus, QuestionProfile, Sighting
from earnest.similarity import bands, fingerprint
from earnest.store import Store
from earnest.store.base import Part
from earnest.survey import Entry, Survey

PHRASE = "the taste of this new drink is sweet fresh and light but price too high for me my family likes it a lot"
WORDS = PHRASE.split()


@pytest.fixture
def survey_id(store: Store) -> int:
    part = Part(survey=Survey(identifier="s"), entries=(Entry(question="q", answer="a"),), wanted=frozenset())
    return store.responses.keep("t", part, "e1").survey_id


def sighting(question: str, respondent: str, comparable: str, seed: int = 0) -> Sighting:
    vector = np.random.default_rng(fingerprint(comparable) + seed).normal(size=8).astype(np.float16)
    return Sighting(
        question=question,
        respondent=respondent,
        comparable=comparable,
        fingerprint=fingerprint(comparable),
        bands=bands(comparable),
        vector=vector,
        words=len(comparable.split()),
    )


def some_sightings(count: int) -> list[Sighting]:
    """Answers to three questions: many short ones that coincide, copies, near copies, the same person twice."""
    draw = random.Random(7)
    found = []
    for i in range(count):
        text = " ".join(draw.choices(WORDS, k=draw.choice([1, 2, 8, 20])))
        question = draw.choice(["id:a", "id:b", "text:why"])
        found.append(sighting(question, f"r{draw.randrange(count)}", text, seed=draw.randrange(3)))
        if draw.random() < 0.3:
            found.append(sighting(question, f"r{count + i}", f"{text} indeed" if draw.random() < 0.5 else text))
    return found


def plain(profile: QuestionProfile) -> tuple[object, ...]:
    return (
        profile.answers,
        profile.fingerprints.tolist(),
        profile.vectors.tolist(),
        profile.words.tolist(),
        profile.texts,
    )


def added(corpus: InMemoryCorpus, sightings: Sequence[Sighting]) -> InMemoryCorpus:
    corpus.add(sightings)
    return corpus


def test_agrees_with_memory(store: Store, survey_id: int) -> None:
    sightings = some_sightings(400)
    in_memory = added(InMemoryCorpus(), sightings)
    corpus = store.corpus(survey_id, "e1")
    for start in range(0, len(sightings), 90):
        corpus.add(sightings[start : start + 90])
    corpus.add(sightings[50:200])  # a chunk that runs twice

    questions = {"id:a", "id:b", "text:why", "text:never asked"}
    expected, found = in_memory.profiles(questions), corpus.profiles(questions)
    assert list(found) == list(expected) == ["id:a", "id:b", "text:why"]
    assert [plain(found[key]) for key in found] == [plain(expected[key]) for key in expected]
    assert any(each.copies for each in in_memory.twins(sightings))
    assert any(twin.similarity < 1 for each in in_memory.twins(sightings) for twin in each.closest)
    assert corpus.twins(sightings) == in_memory.twins(sightings)


def test_strange_texts_and_names(store: Store, survey_id: int) -> None:
    sightings = [
        sighting("id:a", name, text)
        for name in ("", "\x00", "\U0001f600", "\uffff", "z" * 500)
        for text in ("\u202eabc", "a\x00b", "\U0001f600" * 40, "' or 1=1 --")
    ]
    corpus = store.corpus(survey_id, "e1")
    corpus.add(sightings)
    in_memory = added(InMemoryCorpus(), sightings)
    assert corpus.twins(sightings) == in_memory.twins(sightings)
    assert plain(corpus.profiles({"id:a"})["id:a"]) == plain(in_memory.profiles({"id:a"})["id:a"])


def test_vectors_of_another_encoder_are_not_compared(store: Store, survey_id: int) -> None:
    old, new = store.corpus(survey_id, "e1"), store.corpus(survey_id, "e2")
    old.add([sighting("id:a", "r1", "fine"), sighting("id:a", "r2", "good")])
    assert new.profiles({"id:a"}) == {}
    new.add([sighting("id:a", "r3", "fine")])
    profile = new.profiles({"id:a"})["id:a"]
    assert (profile.answers, profile.texts) == (3, ("fine",))


def test_surveys_do_not_mix(store: Store, survey_id: int) -> None:
    store.corpus(survey_id, "e1").add([sighting("id:a", "r1", "it keeps me awake all night long really")])
    part = Part(survey=Survey(identifier="s"), entries=(Entry(question="q", answer="a"),), wanted=frozenset())
    foreign = store.corpus(store.responses.keep("another tenant", part, "e1").survey_id, "e1")
    assert foreign.profiles({"id:a"}) == {}
    assert foreign.twins([sighting("id:a", "r2", "it keeps me awake all night long really")])[0].copies == 0
