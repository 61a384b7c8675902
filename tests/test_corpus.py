"""One body for every corpus: whatever keeps the answers, these are the results."""

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from earnest.corpus import (
    MOST_CANDIDATES,
    MOST_IN_BUCKET,
    MOST_KIN,
    MOST_TWINS,
    SAMPLE_SIZE,
    Corpus,
    InMemoryCorpus,
    QuestionProfile,
    Sighting,
    choose_candidates,
)
from earnest.similarity import SIMILAR, bands, fingerprint
from earnest.store import open_store
from earnest.store.base import Part
from earnest.survey import Entry, Survey

STORY = "the checkout kept freezing so i gave up and went to the shop in town instead"
WEATHER = ("rain", "sun", "wind", "snow", "fog", "storm", "hail", "thunder", "breeze", "frost")
NewCorpus = Callable[[], Corpus]


@pytest.fixture(params=["memory", "database"])
def new_corpus(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewCorpus]:
    if request.param == "memory":
        yield InMemoryCorpus
        return
    store = open_store(f"sqlite:///{tmp_path / 'earnest.db'}")
    part = Part(survey=Survey(), entries=(Entry(question="q", answer="a"),), wanted=frozenset())
    yield lambda: store.corpus(store.responses.keep("t", part, "tiny").survey_id, "tiny")
    store.close()


def sighting(respondent: str, text: str, *, question: str = "q", look: float = 1.0) -> Sighting:
    vector = np.full(4, look, dtype=np.float16)
    return Sighting(question, respondent, text, fingerprint(text), bands(text), vector, len(text.split()))


def some_sightings(count: int) -> list[Sighting]:
    """Popular short answers, copies, near copies and stories of one's own, to two questions."""
    draw = random.Random(5)
    found = []
    for i in range(count):
        own = " ".join(draw.choices(WEATHER, k=12))
        text = draw.choice(["price", "good service", STORY, STORY + f" {i}", own])
        found.append(sighting(f"r{i % 90:02}", text, question=f"q{i % 2}", look=draw.random()))
    return found


def plain(profile: QuestionProfile) -> tuple[object, ...]:
    arrays = (profile.fingerprints, profile.vectors, profile.words)
    return (profile.answers, profile.texts, *(array.tolist() for array in arrays))


def results(corpus: Corpus, sightings: Sequence[Sighting]) -> tuple[object, ...]:
    profiles = corpus.profiles({"q0", "q1"})
    return {key: plain(profiles[key]) for key in profiles}, corpus.twins(sightings)


def test_neither_order_nor_chunks_matter(new_corpus: NewCorpus) -> None:
    sightings = some_sightings(200)
    whole = new_corpus()
    whole.add(sightings)
    expected = results(whole, sightings)
    # If one person gave one text in two looks, the first look counts, so everybody's own order is kept.
    for seed in range(3):
        names = sorted({each.respondent for each in sightings})
        random.Random(seed).shuffle(names)
        shuffled = sorted(sightings, key=lambda each: names.index(each.respondent))
        chunked = new_corpus()
        for start in range(0, len(shuffled), 7):
            chunked.add(shuffled[start : start + 7])
            chunked.twins(shuffled[:2])
        assert results(chunked, sightings) == expected


def test_the_same_again_changes_nothing(new_corpus: NewCorpus) -> None:
    sightings = some_sightings(100)
    once, twice = new_corpus(), new_corpus()
    once.add(sightings)
    twice.add([*sightings, *sightings[:40]])
    twice.add(sightings)
    assert results(twice, sightings) == results(once, sightings)


def test_copies_and_near_copies(new_corpus: NewCorpus) -> None:
    corpus = new_corpus()
    asked = sighting("ann", STORY)
    near = STORY.replace("freezing", "frezing")
    corpus.add([asked, sighting("cem", STORY), sighting("bob", STORY), sighting("dan", near), sighting("eve", "price")])
    twins = corpus.twins([asked])[0]
    assert [twin.respondent for twin in twins.closest] == ["bob", "cem", "dan"]
    assert [twin.similarity == 1 for twin in twins.closest] == [True, True, False]
    assert SIMILAR <= twins.closest[2].similarity < 1
    assert twins.closest[2].comparable == near
    assert twins.copies == 2


def test_nobody_is_their_own_twin(new_corpus: NewCorpus) -> None:
    corpus = new_corpus()
    answers = [sighting("ann", STORY), sighting("ann", STORY + " again")]
    corpus.add(answers)
    assert all(not twins.closest and not twins.copies for twins in corpus.twins(answers))


def test_another_question_is_another_matter(new_corpus: NewCorpus) -> None:
    corpus = new_corpus()
    asked = sighting("ann", STORY)
    corpus.add([asked, sighting("bob", STORY, question="other")])
    assert not corpus.twins([asked])[0].closest
    assert corpus.profiles({"q", "other", "nobody's"}).keys() == {"q", "other"}


def test_who_was_not_added_may_ask(new_corpus: NewCorpus) -> None:
    corpus = new_corpus()
    assert not corpus.twins([sighting("ann", STORY)])[0].closest
    corpus.add([sighting("bob", STORY)])
    twins = corpus.twins([sighting("ann", STORY)])[0]
    assert (twins.copies, twins.closest[0].respondent) == (1, "bob")


def meaning(respondent: str, text: str, direction: Sequence[float], *, question: str = "q") -> Sighting:
    """An answer whose vector points somewhere."""
    vector = (np.array(direction) / np.linalg.norm(direction)).astype(np.float16)
    return Sighting(question, respondent, text, fingerprint(text), bands(text), vector, len(text.split()))


def test_kin_are_near_in_meaning_but_not_in_letters(new_corpus: NewCorpus) -> None:
    corpus = new_corpus()
    asked = meaning("ann", STORY, (1, 0, 0, 0))
    corpus.add([
        asked,
        meaning("bob", "their till broke down twice so i bought my things elsewhere", (1, 0.5, 0, 0)),
        meaning("cem", "i left since no cash desk worked that day", (1, 0.2, 0, 0)),
        meaning("dan", STORY + " today", (1, 0.1, 0, 0)),
        meaning("eve", "parking is free of charge", (0, 1, 0, 0)),
        meaning("fay", "till broken", (1, 0, 0, 0)),
        meaning("gus", "nobody could take my money", (1, 0, 0, 0), question="other"),
        meaning("ann", "the machine for paying was out of order", (1, 0, 0, 0)),
    ])  # fmt: skip
    twins = corpus.twins([asked])[0]
    assert [twin.respondent for twin in twins.closest] == ["dan"]
    assert [kin.respondent for kin in twins.kin] == ["cem", "bob"]
    assert twins.kin[0].closeness == pytest.approx(0.98, abs=0.01)


def test_only_the_nearest_of_many_kin_are_named(new_corpus: NewCorpus) -> None:
    corpus = new_corpus()
    asked = meaning("ann", STORY, (1, 0, 0, 0))
    crowd = [meaning(f"r{i:02}", f"{WEATHER[i % 10]} kept me home {i}", (1, i / 40, 0, 0)) for i in range(30)]
    corpus.add([asked, *crowd])
    kin = corpus.twins([asked])[0].kin
    assert MOST_KIN <= len(kin) <= MOST_KIN + 1
    assert [each.respondent for each in kin[:3]] == ["r00", "r01", "r02"]


def test_kin_are_sought_among_a_bounded_number(new_corpus: NewCorpus, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("earnest.corpus", "earnest.store.samples"):
        monkeypatch.setattr(f"{module}.MOST_KNOWN", 20)
    crowd = [meaning(f"r{i:02}", f"{WEATHER[i % 10]} kept me home {i}", (1, i / 400, 0, 0)) for i in range(60)]
    corpus, reverse = new_corpus(), new_corpus()
    for start in range(0, 60, 7):
        corpus.add(crowd[start : start + 7])
    reverse.add(crowd[::-1])
    known = {each.comparable for each in sorted(crowd, key=lambda each: each.fingerprint)[:20]}
    found = corpus.twins(crowd)
    assert found == reverse.twins(crowd)
    assert {kin.comparable for twins in found for kin in twins.kin} <= known


def test_one_person_is_one_twin(new_corpus: NewCorpus) -> None:
    corpus = new_corpus()
    corpus.add([sighting("bob", STORY), sighting("bob", STORY + " again"), sighting("ann", STORY)])
    assert [twin.respondent for twin in corpus.twins([sighting("ann", STORY)])[0].closest] == ["bob"]


def test_a_popular_answer_names_the_first_and_counts_all(new_corpus: NewCorpus) -> None:
    corpus = new_corpus()
    corpus.add([sighting(f"r{i:03}", "price") for i in range(300)])
    twins = corpus.twins([sighting("r005", "price")])[0]
    assert twins.copies == 299
    assert [twin.respondent for twin in twins.closest] == [f"r{i:03}" for i in range(MOST_TWINS + 1) if i != 5]


def test_a_popular_phrase_does_not_explode(new_corpus: NewCorpus) -> None:
    corpus = new_corpus()
    crowd = [sighting(f"r{i:04}", f"{STORY} {'so ' * (i % 20)}{'oh ' * (i // 20)}") for i in range(400)]
    corpus.add(crowd)
    for twins in corpus.twins(crowd[:20]):
        assert 0 < len(twins.closest) <= MOST_TWINS


def test_candidates_are_those_that_share_most_bands_then_the_lowest() -> None:
    assert choose_candidates(7, [[1, 7, 9], [9, 12], [2, 9]]) == [9, 1, 2, 12]
    many = choose_candidates(0, 2 * [range(1, MOST_IN_BUCKET + 1), range(500, 500 + MOST_IN_BUCKET)])
    assert many == [*range(1, MOST_CANDIDATES + 1)]


def test_of_a_crowd_only_those_who_share_two_bands_are_candidates() -> None:
    crowd = range(1, MOST_IN_BUCKET + 1)
    assert choose_candidates(0, [crowd]) == []
    assert choose_candidates(0, [crowd, [4, 900, 0]]) == [4, 900]


def test_a_profile_samples_the_lowest_fingerprints(new_corpus: NewCorpus) -> None:
    corpus = new_corpus()
    answers = [sighting(f"r{i}", f"answer number {i % 150}") for i in range(300)]
    corpus.add(answers)
    profile = corpus.profiles({"q"})["q"]
    assert profile.answers == 300
    lowest = sorted({each.fingerprint for each in answers})[:SAMPLE_SIZE]
    assert profile.fingerprints.tolist() == lowest
    assert [fingerprint(text) for text in profile.texts] == lowest
    assert profile.vectors.shape == (SAMPLE_SIZE, 4)
    assert profile.words.tolist() == [3] * SAMPLE_SIZE


def test_of_texts_that_compare_as_equal_the_first_persons_look_counts(new_corpus: NewCorpus) -> None:
    corpus = new_corpus()
    corpus.add(
        [sighting("bob", "nike", look=0.25), sighting("ann", "nike", look=0.5), sighting("cem", "nike", look=1.0)]
    )
    assert corpus.profiles({"q"})["q"].vectors.tolist() == [[0.5] * 4]
