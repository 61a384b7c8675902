"""Mash stands out by its letters, shuffled words by their order."""

import pytest

from earnest.text.patterns import ALPHABETS, mash_odds, neighbours, spelt


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


@pytest.mark.parametrize("mash", ["фывафыва", "олджолдж", "ασδφασδφ", "ξκλξκλ", "שדגכשדגכ", "شسيبشسيب", "aoeuaoeu"])
def test_mash_is_mash_on_other_keyboards(mash: str) -> None:
    assert mash_odds(mash) > 8


@pytest.mark.parametrize(
    "word", ["обслуживание", "дякую", "щастлив", "добре", "καλημέρα", "ελληνικά", "תודה", "מחשב", "السعر", "متشکرم"]
)
def test_words_in_other_scripts_are_not(word: str) -> None:
    assert mash_odds(word) < 2


@pytest.mark.parametrize("word", ["안녕하세요", "ありがとう", "नमस्ते", "สวัสดี", "wordслово"])
def test_of_other_scripts_and_mixtures_nothing_is_known(word: str) -> None:
    assert mash_odds(word) == 0


@pytest.mark.parametrize("script", ALPHABETS)
def test_each_letter_of_an_alphabet_is_spelt_as_itself(script: str) -> None:
    assert spelt(ALPHABETS[script]) == (script, list(range(len(ALPHABETS[script])))[:40])


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
