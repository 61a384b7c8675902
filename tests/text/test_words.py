"""How common words are."""

from hypothesis import given
from hypothesis import strategies as st

from earnest.text.normalize import comparable
from earnest.text.words import elsewhere, zipf


def test_common_words_have_higher_frequencies() -> None:
    assert zipf("the") > zipf("price") > zipf("nuchal") > 0


def test_unknown_words_have_none() -> None:
    assert zipf("qzxvkj") == 0
    assert zipf("") == 0


def test_words_are_looked_up_in_comparable_form() -> None:
    assert zipf(comparable("Don't")) > 5
    assert zipf("café") > 3


@given(st.text())
def test_frequencies_keep_within_the_scale(word: str) -> None:
    assert 0 <= zipf(word) < 8


def test_the_commonest_words_of_other_languages_are_known_by_language() -> None:
    assert dict(elsewhere("porque"))["es"] > 5
    assert "de" not in dict(elsewhere("porque"))
    assert len(elsewhere("no")) > 5
    assert "en" not in dict(elsewhere("no"))
    assert elsewhere("qwertzu") == ()
