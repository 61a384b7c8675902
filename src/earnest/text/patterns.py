"""What follows what: letters within words, and words within sentences.

Tables of log-odds, counted by `training/make_patterns.py`, tell keyboard mash from words of three dozen languages in
five scripts, and English sentences from shuffled words. They know nothing of meaning.
"""

import io
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from earnest import models

ALPHABETS = {
    "latin": "abcdefghijklmnopqrstuvwxyz",
    "greek": "αβγδεζηθικλμνξοπρστυφχψω",
    "cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяёєіїґўђјљњћџѓќѕ",
    "hebrew": "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    "arabic": "ءابةتثجحخدذرزسشصضطظعغفقكلمنهويىپچژکگیےٹڈڑںہھ",
}
"""The letters of each script, after removing accents; in the tables one symbol for all digits follows them, and one for
the edge of a word."""
_RANGES = (("greek", "\u0370", "\u03ff"), ("cyrillic", "\u0400", "\u052f"), ("hebrew", "\u0590", "\u05ff"),
           ("arabic", "\u0600", "\u06ff"))  # fmt: skip
_SPELT = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ı": "i", "ł": "l", "þ": "th", "ð": "d"})
_ROWS = (
    "qwertyuiop asdfghjkl zxcvbnm azertyuiop qsdfghjklm wxcvbn qwertzuiop yxcvbnm "
    "йцукенгшщзхъ фывапролджэ ячсмитьбю ςερτυθιοπ ασδφγηξκλ ζχψωβνμ"
)
_ROWS += " " + _ROWS[::-1]
FEWEST_IN_A_ROW = 3
ENDINGS = ("ing", "tion", "ed", "ly", "al", "ive", "er", "s", "y", "e", "t", "n")
"""A word that is not among the most frequent is known by its ending only, the first of these that fits."""
LONGEST_WORD = 40
"""Letters of a word that are looked at; real words are shorter, and mash has said enough by then."""

_SPLIT = re.compile(r"[^\W_]+|[.!?;:,()\"\n/–—-]")
_APOSTROPHES = re.compile(r"['’‘`´]")


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """The tables.

    Attributes:
        letters: By script, log-odds, in nats, that a third symbol after two others comes from mash, not from a word.
        order: Log-odds, in nats, that a word class follows another in a sentence rather than among shuffled words.
        classes: Number of the class of each frequent word.
    """

    letters: dict[str, list[list[list[float]]]]
    order: list[list[float]]
    classes: dict[str, int]


@lru_cache(maxsize=20_000)
def mash_odds(word: str) -> float:
    """Return by how many nats a word's letters speak for mash: about −5 per ordinary word, above 12 hardly ever a word.

    0 for a word with letters outside ALPHABETS or of several of them, of which the tables know nothing.
    """
    script, symbols = spelt(word)
    if min(symbols, default=-1) < 0:
        return 0.0
    letters, edge = _patterns().letters[script], len(ALPHABETS[script]) + 1
    before, last, odds = edge, edge, 0.0
    for symbol in (*symbols, edge):
        odds += letters[before][last][symbol]
        before, last = last, symbol
    return odds


def in_a_row(word: str) -> bool:
    """Whether a word is some neighbouring keys of one row, from left to right or back: "asdf", "trewq"."""
    return len(word) >= FEWEST_IN_A_ROW and word in _ROWS


def spelt(word: str) -> tuple[str, list[int]]:
    """Return the script of a word in lower case, and its symbols by number; −1 for a letter outside the alphabet."""
    script = "latin"
    if not word.isascii():
        script = next((name for name, low, high in _RANGES if any(low <= each <= high for each in word)), "latin")
        word = word.translate(_SPELT)
        if script != "cyrillic":  # whose й and ё are keys of their own
            word = "".join(each for each in unicodedata.normalize("NFKD", word) if not unicodedata.combining(each))
    alphabet = ALPHABETS[script]
    return script, [
        len(alphabet) if each.isdigit() else alphabet.find("σ" if each == "ς" else each) for each in word[:LONGEST_WORD]
    ]


def neighbours(text: str) -> list[tuple[str, str, float]]:
    """Return neighbouring words and by how many nats they speak for a sentence rather than for shuffled words.

    The mean is about +1 in sentences and around 0 in shuffled ones. The edge of a sentence, punctuation included,
    counts as a word and is written ''.
    """
    patterns = _patterns()
    edge = len(patterns.order) - 1
    found = []
    before, last = "", edge
    for token in (*_SPLIT.findall(_APOSTROPHES.sub("", text.lower())), "."):
        word, kind = (token, word_class(token, patterns.classes)) if token[0].isalnum() else ("", edge)
        if word or before:
            found.append((before, word, patterns.order[last][kind]))
        before, last = word, kind
    return found


def word_class(word: str, classes: dict[str, int]) -> int:
    """Return the number of a word's class: its own if frequent, else that of numbers, of its ending, or of the rest."""
    known = classes.get(word)
    if known is not None:
        return known
    if word[0].isdigit():
        return len(classes)
    for number, ending in enumerate(ENDINGS, start=1):
        if word.endswith(ending):
            return len(classes) + number
    return len(classes) + len(ENDINGS) + 1


def load(contents: bytes) -> Patterns:
    """Read the tables from a file as `training/make_patterns.py` makes it."""
    with np.load(io.BytesIO(contents), allow_pickle=False) as tables:
        frequent = str(tables["frequent"]).split()
        return Patterns(
            letters={script: (tables[f"letters_{script}"].astype(float) / 10).tolist() for script in ALPHABETS},
            order=(tables["order"].astype(float) / 20).tolist(),
            classes={word: number for number, word in enumerate(frequent)},
        )


@cache
def _patterns() -> Patterns:
    return load(models.read("patterns"))
