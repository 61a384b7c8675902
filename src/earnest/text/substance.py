"""How little a text says: a linear model over its words and its vector, made by `training/fit_low_effort.py`.

Padding and vague sentences use common words, few different ones, and the question's own; and an encoder that has read
many such sentences puts them close to one another. Neither finds them alone (training/README.md, Low Effort).
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import log1p

import numpy as np
from numpy.typing import NDArray

from earnest import models
from earnest.text.encoder import Vector
from earnest.text.features import Features
from earnest.text.lexicons import GENERIC, PADDING, STEM
from earnest.text.words import zipf

COMMON_ZIPF = 6.8
"""Words as common as this (that, you, it) count as saying nothing by themselves; each step below it counts one."""
UNKNOWN_ZIPF = 2.5
"""What a word that is not in the list counts as: names and slips are rarer than that, but not all of them say much."""
LONGEST_VAGUE = 12
"""Words from which saying nothing is padding rather than vagueness."""
PLAIN_ZIPF = 5.0
MOST_TELLING = 1
"""A text with more different words that tell something, and are rarer than this, is not empty: 97 % of the constructed
padded answers and 99 % of the vague ones have no more; a fifth of the short honest ones
has, and three in four of the longer (training/README.md)."""
SIGNALS = ("length", "long", "rarity", "rarest", "generic", "telling", "distinct", "praise", "vague")


def signals(features: Features, own: frozenset[str], pattern: str | None) -> dict[str, float]:
    """What the model weighs, by name (SIGNALS).

    Length is the logarithm of 1 + words, rarity is summed over different words that are not the question's, and given
    per word of the text; "rarest" is that of one word, "telling" the logarithm of 1 + the sum over words that do not
    fit anywhere. Shares are 0–1.

    Args:
        features: The text; it has words.
        own: Stems of the question's words (STEM letters), which tell nothing when they are repeated.
        pattern: The pattern of the lexicons that the whole text follows, if any.
    """
    said = features.words
    count = len(said)
    new = {word: max(0.0, COMMON_ZIPF - (zipf(word) or UNKNOWN_ZIPF)) for word in said if word[:STEM] not in own}
    return {
        "length": log1p(count),
        "long": float(count > LONGEST_VAGUE),
        "rarity": sum(new.values()) / count,
        "rarest": max(new.values(), default=0.0),
        "generic": sum(fits_anywhere(word, own) for word in said) / count,
        "telling": log1p(sum(rarity for word, rarity in new.items() if not fits_anywhere(word, own))),
        "distinct": len(set(said)) / count,
        "praise": float(pattern == "praise"),
        "vague": float(pattern == "vague"),
    }


def tells(features: Features, own: frozenset[str]) -> bool:
    """Whether a text has more than MOST_TELLING words that are not plain and would not fit anywhere."""
    told: set[str] = set()
    for word in features.words:
        if zipf(word) < PLAIN_ZIPF and not fits_anywhere(word, own):
            told.add(word)
            if len(told) > MOST_TELLING:
                return True
    return False


def fits_anywhere(word: str, own: frozenset[str]) -> bool:
    """Whether a word would stand in an answer to almost any question, or stands in this one."""
    return word in GENERIC or word in PADDING or word[:STEM] in own


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What each signal adds to the log-odds of saying nothing.

    Attributes:
        bias: Log-odds where all else is 0.
        alone: float64, shape (len(SIGNALS),): per unit of the signal.
        by_length: float64, same shape: per unit of the signal times "length".
        meaning: float64, shape (dimensions of the encoder,): per unit of the vector.
    """

    bias: float
    alone: NDArray[np.float64]
    by_length: NDArray[np.float64]
    meaning: NDArray[np.float64]

    def log_odds(self, found: Mapping[str, float], vector: Vector) -> float:
        """Log-odds that a text with these signals and this vector says nothing."""
        values = np.array([found[name] for name in SIGNALS])
        weights = self.alone + found["length"] * self.by_length
        return float(self.bias + values @ weights + vector.astype(np.float64) @ self.meaning)


@cache
def shipped() -> Model:
    """The model that ships; read once.

    Raises:
        ModelUnusable: See `models.read`.
    """
    with np.load(io.BytesIO(models.read("effort"))) as file:
        return Model(float(file["bias"]), *(file[name].astype(float) for name in ("alone", "by_length", "meaning")))
