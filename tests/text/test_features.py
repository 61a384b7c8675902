"""What is measured of a text, and that nobody can change it with white space or size."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnest.text.features import MOST_CHARACTERS, Features, measure


def features(text: str) -> Features:
    return measure(text, pieces=3, pieces_cover=12)


def test_an_answer_in_numbers() -> None:
    seen = features("I paid 20 for it!")
    assert seen.words == ("i", "paid", "20", "for", "it")
    assert (seen.characters, seen.letters, seen.digits) == (13, 10, 2)
    assert seen.pieces_per_character == 0.25
    assert seen.known_share == 1
    assert not seen.is_blank


@pytest.mark.parametrize("text", ["", "  \n\t", "\u200b\u2800"])
def test_nothing_to_read_is_blank(text: str) -> None:
    seen = measure(text, pieces=0, pieces_cover=0)
    assert seen.is_blank
    assert seen.words == ()
    assert seen.pieces_per_character == seen.known_share == seen.mean_zipf == seen.repeated_share == 0


@pytest.mark.parametrize("text", ["👍👍", "...", "?!"])
def test_symbols_are_no_words_and_not_blank(text: str) -> None:
    assert features(text).words == ()
    assert not features(text).is_blank


def test_known_words_and_unknown_ones() -> None:
    assert features("sdfkjhg").known_share == 0
    assert 0.3 < features("good sdfkjhg").known_share < 0.4
    assert features("the cat").mean_zipf > features("the sdfkjhg").mean_zipf > 0


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("aaaaaaaaaa", 0.8, 1),
        ("lalalala", 0.7, 1),
        ("good good good good", 0.7, 1),
        ("yes no yes no yes no", 0.6, 0.7),
        ("very very good", 0, 0),  # twice is emphasis
        ("1000000", 0, 0),  # digits may repeat
        ("hmmm the soup was good", 0.05, 0.2),
    ],
)
def test_repetition(text: str, least: float, most: float) -> None:
    assert least <= features(text).repeated_share <= most


def test_a_huge_text_is_measured_by_its_beginning() -> None:
    seen = features("aB1 " * 2_000_000)
    assert seen.letters <= MOST_CHARACTERS
    assert 0 <= seen.repeated_share <= 1


@settings(max_examples=100, deadline=None)
@given(st.text(), st.sampled_from([" ", "  ", "\n", "\t \u00a0", "\u2003"]))
def test_white_space_changes_nothing(text: str, space: str) -> None:
    assert features(space + text.replace(" ", f" {space} ") + space) == features(text)


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_shares_lie_between_0_and_1(text: str) -> None:
    seen = features(text)
    assert 0 <= seen.known_share <= 1
    assert 0 <= seen.repeated_share <= 1
    assert 0 < seen.distinct_share <= 1
