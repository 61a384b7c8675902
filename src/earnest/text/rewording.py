"""How likely it is that one answer is another one in other words.

People who answer one question mean similar things, in similar words. A reworded answer is nearer to its original than
the question, and than other people's answers, let one expect: in meaning, in the rare words that survive rewording,
and in how much is said.
"""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from math import log, log2
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from earnest.text.coincidence import FOCUS, SAMPLE_WORTH, TYPICAL, bits_in_language

FEWEST_WORDS = 8
"""Words that either text needs: shorter answers say the same by chance, and rewording leaves nothing to go by."""
STEM = 5
"""Letters of a word's beginning that stand for it: "organise", "organisation" and "organised" are one."""
PROSE = 0.15
"""Least share of function words: lists of ticked options have fewer (cncf: up to .12), rewordings more (from .18 on),
and people who tick the same options agree."""
MOST_WORDS = 200
"""Words of each text that are looked at."""
NEAREST = 0.5
"""How alike in meaning an answer is to the tenth of others that are most like it, where there are none to ask: the
middle of real surveys."""
PRIOR = 4
"""Imagined other answers that are added to the real ones, of which a few tell little."""
WEIGHTS = {"closeness": 9.59, "nearest": -3.50, "shared": 2.15, "ratio": -3.74, "length": -0.20}
BIAS = -6.08
"""Log-odds of rewording. Fitted by `training/fit_duplicates.py` on rows of use: train and on
`training/data/paraphrases.jsonl`, with one answer in twenty reworded."""
PER_OTHER = 0.5
"""Log-odds lost for each e-fold of answers that were looked through. In theory 1; that would count the crowd twice,
since the larger it is, the likelier are some that raise `nearest`. With .5 one threshold fits groups of 2 and 1,000."""


class Rewording(NamedTuple):
    """How one answer resembles another.

    Attributes:
        signals: What WEIGHTS weighs.
        telling: Words that both share, the most telling first.
    """

    signals: Mapping[str, float]
    telling: tuple[str, ...]


def typical_closeness(closeness: NDArray[np.float64]) -> float:
    """How alike in meaning an answer is to others, on average; `closeness` holds inner products of vectors."""
    return float((closeness.sum() + TYPICAL * PRIOR) / (len(closeness) + PRIOR))


def nearest_closeness(closeness: NDArray[np.float64]) -> float:
    """How alike an answer is to the tenth of others that are most like it: a tenth of copies changes little."""
    count, nearest = len(closeness), NEAREST
    if count:
        place = count - 1 - count // 10
        nearest = float(np.partition(closeness, place)[place])
    return (nearest * count + NEAREST * PRIOR) / (count + PRIOR)


def compare(
    text: str, other: str, *, closeness: float, asked: float, nearest: float, question: str, peers: tuple[str, ...]
) -> Rewording:
    """Measure how one answer resembles another; all texts in comparable form.

    Args:
        text: One answer.
        other: The other answer.
        closeness: Inner product of the two answers' vectors.
        asked: Inner product of the first one's vector and the question's; 0 where no question is known.
        nearest: See `nearest_closeness`.
        question: The question; its words are not telling.
        peers: Other people's answers, without the two.
    """
    spread, idle = _spread(peers), _stems(question).keys()
    first, second = _stems(text), _stems(other)

    bits = {
        stem: _surprise(word, spread[stem], len(peers))
        for stem, word in first.items()
        if stem in second and stem not in idle
    }
    lengths = sorted((text.count(" ") + 1, other.count(" ") + 1))
    explained = max(0.0, asked) ** 2
    signals = {
        "closeness": (closeness - explained) / max(1e-3, 1 - explained),
        "nearest": nearest,
        "length": min(6.0, log2(1 + lengths[0])),
        "shared": log2(1 + sum(bits.values()) / 8),
        "ratio": min(2.0, log2(lengths[1] / lengths[0])),
    }
    return Rewording(signals, tuple(first[stem] for stem in sorted(bits, key=lambda stem: (-bits[stem], stem))))


def reworded(signals: Mapping[str, float], *, others: int) -> float:
    """Log-odds that one of two answers is the other one in other words.

    Args:
        signals: What `compare` measured.
        others: With how many answers this one was compared.
    """
    odds = BIAS + sum(weight * signals[name] for name, weight in WEIGHTS.items())
    return odds - PER_OTHER * log(max(1, others))


def may_be_reworded(text: str, other: str) -> bool:
    """Whether both are sentences that say enough to tell."""
    return _is_prose(text) and _is_prose(other)


@lru_cache(maxsize=4096)
def _is_prose(comparable: str) -> bool:
    words = comparable.split()
    functional = sum(word in _FUNCTION_WORDS for word in words)
    return len(words) >= FEWEST_WORDS and functional >= PROSE * len(words)


@lru_cache(maxsize=4096)
def _stems(comparable: str) -> Mapping[str, str]:
    """Each content word's beginning, with the first word that begins so."""
    found: dict[str, str] = {}
    for word in comparable.split()[:MOST_WORDS]:
        if word not in _FUNCTION_WORDS:
            found.setdefault(word[:STEM], word)
    return found


@lru_cache(maxsize=256)
def _spread(peers: tuple[str, ...]) -> Counter[str]:
    """How many of the answers have a word that begins so."""
    return Counter(stem for peer in peers for stem in _stems(peer))


def _surprise(word: str, seen: int, answers: int) -> float:
    likely = 2 ** (-FOCUS * bits_in_language(word))
    return -log2((seen + SAMPLE_WORTH * likely) / (answers + SAMPLE_WORTH))


_FUNCTION_WORD_LIST = """
    the a an and or but of to in on at for with from by as is are was were be been being it its this that these
    those there here i me my we us our you your he she they them their his her him who which what when where why how
    not no nor so if then than too very just also only even still do does did done doing have has had having will
    would can could should may might must am im ive id dont doesnt didnt isnt arent wasnt werent wont cant cannot
    couldnt wouldnt into out up down over about all any some more most other one because since while although though
    after before again however during such each both own same s t re ll ve get got make made
"""
_FUNCTION_WORDS = frozenset(_FUNCTION_WORD_LIST.split())
"""Sharing these is no sign of rewording."""
