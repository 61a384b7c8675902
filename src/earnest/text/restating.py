"""Whether an answer only says its question over again: copied, turned into a statement, or in other words."""

import re
from collections import Counter
from collections.abc import Mapping
from math import log1p

from earnest.text.features import Features
from earnest.text.lexicons import EMPTY, STEM

FEWEST_WORDS = 3
MOST_NEW = 4
"""Telling words that are not the question's, beyond which an answer says something of its own."""
LONGER, LONGER_BY = 1.25, 4
"""A restatement has at most so many times the question's words, and so many more."""

_ASKS = re.compile(
    r"^(?:what|which|who|whom|whose|why|when|where|how|whether|would|do|does|did|is|are|can|could|should|will|have|has"
    r"|tell us|describe|please|in what|in which)\b"
)
_OF_THE_QUESTION = re.compile(
    r"\b(?:question (?:is|asks|wants)|this question|you(?: are|re)? (?:ask|asking|want|wanting|interested|would like)"
    r"|asked (?:me )?(?:to|about|for)|im asked|the reasons? (?:why|for|that)|the (?:things?|ways?|parts?) (?:that|which"
    r"|in|of|i))\b"
)
_CHOICE = re.compile(r"^(?:do|does|did|is|are|was|were|have|has|had|can|could|will|would|should)\b|\bor\b")
_TURNED = {"i": "you", "me": "you", "we": "you", "my": "your", "our": "your", "mine": "yours", "am": "are"}


def signals(question: Features, answer: Features, asked: float) -> Mapping[str, float] | None:
    """Measure how much an answer is its question; None where it is too short or says too much of its own.

    Shares of words (0–1), log of 1 + counts, and 0 or 1 for turns of phrase.

    Args:
        question: The question.
        answer: The answer.
        asked: Likeness of the two in meaning.
    """
    own, theirs = telling(answer), telling(question)
    new = len(own - theirs)
    fits = FEWEST_WORDS <= len(answer.words) <= LONGER * len(question.words) + LONGER_BY
    if not fits or new > MOST_NEW or not own or not theirs:
        return None
    turned, words = _turned(question), _turned(answer)
    common = (turned & words).total()
    return {
        "asked": asked,
        "own_words_asked": 1 - new / len(own),
        "asked_words_own": len(own & theirs) / len(theirs),
        "new_words": log1p(new),
        "asks": float(bool(_ASKS.search(answer.comparable)) or answer.text.endswith("?")),
        "of_the_question": float(bool(_OF_THE_QUESTION.search(answer.comparable))),
        "words_asked": common / words.total(),
        "question_covered": common / turned.total(),
        "length": log1p(len(answer.words)),
        "choice": float(bool(_CHOICE.search(question.comparable))),
    }


def telling(text: Features) -> frozenset[str]:
    """Return the stems of the words that name something."""
    return frozenset(word[:STEM] for word in text.words if word not in EMPTY)


def _turned(text: Features) -> Counter[str]:
    """Stems of all words, with "I" and "you" taken for the same."""
    return Counter(_TURNED.get(word, word)[:STEM] for word in text.words)
