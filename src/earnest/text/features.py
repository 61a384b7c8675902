"""What one text looks like: `Features`, measured once and shared by all checks.

Counting only; what the counts mean is for the checks to say. Rates are independent of length where the name says
share or per, and no measure changes when white space is added.
"""

import re
from dataclasses import dataclass

from earnest.text.language import detect
from earnest.text.normalize import clean, comparable, words
from earnest.text.words import zipf

MOST_CHARACTERS = 4_000
"""Characters that are looked at one by one: longer answers show their nature in these, hostile ones cost no more."""

_REPEATS = re.compile(r"((?:[^\W\d_]{1,24} ){1,3}?|[^\W\d_]{1,6}?)\1{2,}")


FIRST_WORDS = 40
"""Words among which repetition is counted: people repeat themselves more, the longer they write (Heaps' law)."""


@dataclass(frozen=True, slots=True)
class Features:
    """One text, measured.

    Attributes:
        text: The text, cleaned (`normalize.clean`).
        comparable: The text in comparable form (`normalize.comparable`).
        words: The words of the comparable form, in order; empty where there are only symbols and punctuation.
        is_blank: Whether there is nothing but white space.
        language: ISO 639-1 code; None where it cannot be told, as in most texts of one or two words.
        characters: Characters other than white space.
        letters: How many of them are letters of any script.
        digits: How many of them are digits.
        pieces_per_character: Word pieces of the encoder per character of what it read; about .2 in English prose, 1
        in mash;
            0 for a blank text.
        known_share: Share of the words' characters that stand in words of the English list (`words.zipf`) or are
        digits,
            0–1; 0 without words.
        mean_zipf: Mean frequency of the words on the Zipf scale, 0–8; unknown words count as 0.
        repeated_share: Share of the words' characters that only repeat what stands before them: a letter, a syllable,
        or one
            to three words, at least three times in a row; 0–1.
        distinct_share: Different words among the first FIRST_WORDS, divided by their number; 1 without words.
    """

    text: str
    comparable: str
    words: tuple[str, ...]
    is_blank: bool
    language: str | None
    characters: int
    letters: int
    digits: int
    pieces_per_character: float
    known_share: float
    mean_zipf: float
    repeated_share: float
    distinct_share: float


def measure(text: str, *, pieces: int, pieces_cover: int) -> Features:
    """Measure a text.

    Args:
        text: As it came in.
        pieces: Word pieces of the part that the encoder read.
        pieces_cover: Characters other than white space in that part.
    """
    cleaned = clean(text)
    said = comparable(cleaned)
    found = words_said(said)
    seen = cleaned[:MOST_CHARACTERS]
    frequencies = [zipf(word) for word in found]
    known = sum(len(word) for word, each in zip(found, frequencies, strict=True) if each or word.isdigit())
    return Features(
        text=cleaned,
        comparable=said,
        words=found,
        is_blank=not cleaned,
        language=detect(cleaned),
        characters=sum(map(len, cleaned.split())),
        letters=sum(map(str.isalpha, seen)),
        digits=sum(map(str.isdigit, seen)),
        pieces_per_character=pieces / pieces_cover if pieces_cover else 0.0,
        known_share=known / sum(map(len, found)) if found else 0.0,
        mean_zipf=sum(frequencies) / len(frequencies) if frequencies else 0.0,
        repeated_share=_repeated_share(said) if found else 0.0,
        distinct_share=len(set(found[:FIRST_WORDS])) / len(found[:FIRST_WORDS]) if found else 1.0,
    )


def words_said(comparable_text: str) -> tuple[str, ...]:
    """The words of a text in comparable form; none where there are only symbols."""
    return words(comparable_text) if any(map(str.isalnum, comparable_text)) else ()


def _repeated_share(said: str) -> float:
    seen = said[:MOST_CHARACTERS] + " "  # a space, so that the last word ends like the others
    repeats = sum(len(hit[0].replace(" ", "")) - len(hit[1].replace(" ", "")) for hit in _REPEATS.finditer(seen))
    return repeats / len(seen.replace(" ", ""))
