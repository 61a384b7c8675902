"""Mash stands out by its letters, shuffled words by their order."""

import pytest

from earnest.text.patterns import mash_odds, neighbours


@pytest.mark.parametrize("word", ["sdfkjh", "asdfasdf", "qsdfqsdf", "hjklhjk", "vbnmvbnm", "yxcvyxcv", "oiuoiuoiu"])
def test_keys_under_one_hand_are_mash(word: str) -> None:
    assert mash_odds(word) > 10


@pytest.mark.parametrize(
    "word", ["because", "rhythm", "strengths", "querido", "pourquoi", "geschwindigkeit", "makasih", "skechers", "dplyr"]
)
def test_words_of_many_languages_are_not(word: str) -> None:
    assert mash_odds(word) < 6


def test_accents_do_not_matter() -> None:
    assert mash_odds("café") == mash_odds("cafe")


def test_other_alphabets_are_unknown() -> None:
    assert mash_odds("фывафыва") == 0


def mean(text: str) -> float:
    odds = [each for _, _, each in neighbours(text)]
    return sum(odds) / len(odds)


def test_sentences_keep_an_order() -> None:
    assert mean("I like the price and the staff are nice") > mean("the the and nice like staff price I are") + 0.3


def test_punctuation_is_an_edge() -> None:
    assert [(first, second) for first, second, _ in neighbours("Yes, it's it")] == [
        ("", "yes"), ("yes", ""), ("", "its"), ("its", "it"), ("it", ""),
    ]  # fmt: skip


def test_no_words_no_neighbours() -> None:
    assert neighbours("...") == []
