import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.similarity import LONGEST, SIMILAR, bands, fingerprint, known_of, likeness, nearest
from earnest.text.contradiction import contradict

SENTENCE = "the checkout kept freezing so i gave up and went to the shop in town instead"
TEXT = """
    people often tell friends about small shops because prices stay fair while staff remember every visitor and orders
    arrive early without damage yet parking near them takes patience during winter when snow covers most streets around
    here though buses still run late into evening hours for those who work long shifts at hospitals or warehouses nearby
"""
WORDS = TEXT.split()


def test_hashes_never_change() -> None:
    # Databases hold these numbers: if this test fails, it is not the test that is wrong.
    assert fingerprint("") == 16476032584258269876
    assert fingerprint("good service") == 8235672162587374964
    assert bands(SENTENCE)[:3] == (-7681770437446857594, 2292037415847417044, 6957386330757040685)


def test_bands_fit_an_sql_bigint_and_differ_from_one_another() -> None:
    found = bands(SENTENCE)
    assert len(set(found)) == 15
    assert all(-(2**63) <= band < 2**63 for band in found)


@pytest.mark.parametrize(
    ("text", "has_bands"),
    [
        ("", False),
        ("nike", False),
        ("very good service indeed", False),
        ("i do it to be me", True),
        ("qualitätskontrolle kundenfreundlichkeit zuverlässigkeit", True),
        ("非常好", False),
        ("这家店的服务员态度很好价格也便宜", True),
    ],
)
def test_short_texts_have_no_near_copies(text: str, has_bands: bool) -> None:
    assert bool(bands(text)) == has_bands


def some_copies(count: int) -> list[tuple[str, str]]:
    """Sentences of 6 to 30 words, and copies: a wrong letter in 25, a tenth of the words replaced or a fifth added."""
    draw, pairs = random.Random(3), []
    for i in range(count):
        words = draw.choices(WORDS, k=draw.randint(6, 30))
        original = " ".join(words)
        if i % 3 == 0:
            letters = list(original)
            for _ in range(len(letters) // 25):
                letters[draw.randrange(len(letters))] = draw.choice("aeinrst")
            words = "".join(letters).split()
        else:
            for _ in range(max(1, len(words) * (i % 3) // 10)):
                place = draw.randrange(len(words))
                words[place : place + (i % 3 == 1)] = [draw.choice(WORDS)]
        pairs.append((original, " ".join(words)))
    return pairs


def test_copies_share_a_band_and_are_similar() -> None:
    copies = some_copies(600)
    found = [not set(bands(a)).isdisjoint(bands(b)) and likeness(a, b) >= SIMILAR for a, b in copies]
    assert sum(found) / len(found) >= 0.97


def test_strangers_share_no_band() -> None:
    strangers = [original for original, _ in some_copies(120)]
    met = [not set(bands(a)).isdisjoint(bands(b)) for a, b in combinations(strangers, 2)]
    assert sum(met) / len(met) <= 0.05


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_texts(a: str, b: str) -> None:
    assert likeness(a, a) == 1
    assert 0 <= likeness(a, b) <= 1
    assert (likeness(a, b) == 1) == (a == b)
    assert 0 <= fingerprint(a) < 2**64
    assert bands(a) == bands(a)


def test_likeness_survives_another_order() -> None:
    assert (
        likeness("clean rooms and friendly staff near the beach", "friendly staff and clean rooms near the beach") > 0.9
    )


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("i would recommend it to a friend", "i would not recommend it to a friend"),
        ("the staff was friendly and the food was good", "the staff was friendly and the food was bad"),
        ("i like how the new app shows my orders", "i dislike how the new app shows my orders"),
        ("you can change who you really are", "you cant change who you really are"),
        ("i was aware of what they wanted", "i wasnt aware of what they wanted"),
        ("we waited 20 minutes for the nurse to come", "we waited 90 minutes for the nurse to come"),
        ("ich würde es meinen freunden empfehlen", "ich würde es meinen freunden nicht empfehlen"),
    ],
)
def test_opposite_opinions_in_the_same_words_are_not_similar(a: str, b: str) -> None:
    assert contradict(a, b)
    assert contradict(b, a)
    assert likeness(a, b) < SIMILAR


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (SENTENCE, SENTENCE.replace("kept freezing", "kept frezing")),
        ("we dont go there any more since it closed", "we dnot go there any more since it closed"),
        ("i would not go back there with my kids", "i would not go back here with my kids"),
        ("it took 3 days and nobody called me back", "it took days and nobody called me back"),
    ],
)
def test_slips_are_no_contradiction(a: str, b: str) -> None:
    assert not contradict(a, b)
    assert likeness(a, b) >= SIMILAR


def test_a_long_copy_with_one_not_more_is_still_a_copy() -> None:
    long = " ".join(dict.fromkeys(WORDS))
    assert likeness(long, long.replace("arrive", "never arrive")) >= SIMILAR


def test_only_the_beginning_of_a_huge_text_is_compared() -> None:
    huge = "so many words " * 100_000
    assert bands(huge) == bands(huge[:LONGEST] + "something else")
    assert 0.9 < likeness(huge, huge + "and more") < 1


def test_the_nearest_do_not_depend_on_company() -> None:
    draw = np.random.default_rng(3)
    vectors = draw.normal(size=(200, 384))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)
    known = known_of(enumerate(vectors))
    together = nearest(vectors, known, least=0.05, most=4)
    assert together == [nearest(vectors[i : i + 1], known, least=0.05, most=4)[0] for i in range(len(vectors))]
    assert all(next(iter(found)) == i and len(found) <= 4 for i, found in enumerate(together))
    backwards = nearest(vectors, known_of(reversed([*enumerate(vectors)])), least=0.05, most=4)
    assert backwards == together
