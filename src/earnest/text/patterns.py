"""What follows what: letters within words, and words within sentences.

Two tables of log-odds, both counted by `training/make_patterns.py`, tell keyboard mash from words of a dozen
languages and sentences from shuffled words. They know nothing of meaning.
"""

import io
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from earnest import models

SYMBOLS = "abcdefghijklmnopqrstuvwxyz0"
"""The letters, after removing accents, and one symbol for all digits; the edge of a word is one more."""
EDGE = len(SYMBOLS)
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
        letters: Log-odds, in nats, that a third symbol after two others comes from mash rather than from a word.
        order: Log-odds, in nats, that a word class follows another in a sentence rather than among shuffled words.
        classes: Number of the class of each frequent word.
    """

    letters: list[list[list[float]]]
    order: list[list[float]]
    classes: dict[str, int]


@lru_cache(maxsize=20_000)
def mash_odds(word: str) -> float:
    """Return by how many nats a word's letters speak for mash: about −5 per ordinary word, above 12 hardly ever a word.

    0 for a word with letters outside the Latin alphabet, of which the table knows nothing.
    """
    if not word.isascii():
        word = "".join(each for each in unicodedata.normalize("NFKD", word) if not unicodedata.combining(each))
    symbols = [SYMBOLS.find("0" if each.isdigit() else each) for each in word[:LONGEST_WORD]]
    if min(symbols, default=-1) < 0:
        return 0.0
    before, last, odds = EDGE, EDGE, 0.0
    for symbol in (*symbols, EDGE):
        odds += _patterns().letters[before][last][symbol]
        before, last = last, symbol
    return odds


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


@cache
def _patterns() -> Patterns:
    with np.load(io.BytesIO(models.read("patterns")), allow_pickle=False) as tables:
        frequent = str(tables["frequent"]).split()
        return Patterns(
            letters=(tables["letters"].astype(float) / 10).tolist(),
            order=(tables["order"].astype(float) / 20).tolist(),
            classes={word: number for number, word in enumerate(frequent)},
        )
