"""What `clean` keeps, what `comparable` makes equal, and what entities become."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.text.normalize import MAX_CHARACTERS, clean, comparable, decode_entities, words

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANY_TEXT)
def test_comparing_forms_are_stable_and_do_not_depend_on_cleaning(text: str) -> None:
    assert comparable(comparable(text)) == comparable(text) == comparable(clean(text))


@given(
    st.lists(st.text("abé'👍", min_size=1)),
    st.lists(st.sampled_from(" \t\n\r\u00a0\u2003\u3000\u2028\x1c"), min_size=1),
)
def test_extra_white_space_never_changes_anything(pieces: list[str], space: list[str]) -> None:
    blank = "".join(space)
    assert clean(blank + blank.join(pieces) + blank) == clean(" ".join(pieces))


def test_nothing_invisible_is_left() -> None:
    for code in range(0x110000):
        character = chr(code)
        if unicodedata.category(character) in {"Cc", "Cf", "Cs"}:
            assert clean(f"a{character}b") in {"ab", "a b"}, hex(code)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two \n words\t", "two words"),
        ("no\u00a0break", "no break"),
        ("pass\u200bword", "password"),
        ("\ufeffstart\x00end", "startend"),
        ("\u202eright to left", "right to left"),
        ("half \ud83d", "half"),
        ("cafe\u0301", "café"),
        ("\u3164\u2800", ""),
        ("👩\u200d👩\u200d👧\ufe0f", "👩👩👧"),
        ("hidden\U000e0049\U000e0067", "hidden"),
        ("", ""),
    ],
)
def test_a_clean_text_is_what_a_person_sees(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_only_the_beginning_of_a_very_long_text_is_read() -> None:
    assert clean("a" * (MAX_CHARACTERS + 5)) == "a" * MAX_CHARACTERS
    assert len(comparable("ﷺ" * MAX_CHARACTERS)) <= MAX_CHARACTERS  # one character that becomes eighteen


def test_white_space_does_not_count_towards_the_limit() -> None:
    assert clean(" " * MAX_CHARACTERS + "é" + "\n" * MAX_CHARACTERS + "a") == "é a"


def test_marks_piled_on_a_letter_are_taken_off() -> None:
    assert clean("a" + "\u0300\u0316" * 50_000 + "b") == "ab"
    assert clean("e\u0323\u0302") == "ệ"


@pytest.mark.parametrize(
    "same",
    [
        ("Don't know", "dont know", "DON’T KNOW!!!", "don´t know", "Don`t  know..."),
        ("Nike™ & Adidas®", "nike, adidas"),
        ("ＰＲＩＣＥ", "price"),
        ("STRASSE", "straße"),
        ("good-quality/price", "Good quality, price"),
        ("snake_case", "snake case"),
        ("great 👍", "Great!"),
        ("क्षमा।", "क्षमा"),
    ],
)
def test_what_says_the_same_compares_equal(same: tuple[str, ...]) -> None:
    assert len({comparable(text) for text in same}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("👍", "👎"), ("café", "cafe"), ("5 stars", "4 stars"), ("not good", "good"), ("кит", "кот"), ("मैं", "में")],
)
def test_what_says_something_else_does_not(one: str, other: str) -> None:
    assert comparable(one) != comparable(other)


def test_punctuation_alone_says_nothing() -> None:
    assert comparable("?!... --") == ""
    assert words(comparable("?!")) == ()


def test_words_are_parted_by_what_is_no_letter() -> None:
    assert words(comparable("It's the price/quality (2-for-1)!")) == ("its", "the", "price", "quality", "2", "for", "1")


@pytest.mark.parametrize(
    ("encoded", "decoded"),
    [
        ("caf&#233; &amp; bar", "café & bar"),
        ("&amp;eacute;", "&eacute;"),
        ("AT&T", "AT&T"),
        ("&#" + "9" * 5_000 + ";", "\ufffd"),
    ],
)
def test_entities_are_decoded_once_and_hostile_ones_do_no_harm(encoded: str, decoded: str) -> None:
    assert decode_entities(encoded) == decoded
