"""Does a text read like a chat model's? A linear model over style, made by `training/train_authorship.py`.

It sees runs of common words, word endings and punctuation, forty rates such as commas per word, and how much an answer
takes up the words of its question. Rarer words are cut to their endings, so that it cannot learn topics; accents,
quotation marks, dashes, digits and mark-up are levelled, so that it cannot learn where a text was kept. It knows
nothing of what a text means.
"""

import io
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from math import log, sqrt
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from earnest import models
from earnest.text.lexicons import EMPTY
from earnest.text.words import zipf

FEWEST_WORDS = 8
"""Shorter texts show too little: there the model found one in thirty at 1 % false flags (training/README.md)."""
MOST_CHARACTERS = 2_000
"""Only so much is read; a longer text has shown its style by then."""
LONGEST_RUN = 3
OPENING = 12
STEM = 5
"""Words with the same first letters are taken for one, as "use" and "using" are not, but "manage" and "managed" are."""
BUCKETS = 1 << 17
COMMON_ZIPF = 5.0
"""Words at least so common (100 in a million) are seen whole, others by their last letters, unless `Model.whole` names
them: words that a chat model used whatever it was asked about, so that they tell its manner and no topic."""
ENDING_LETTERS, LONG_LETTERS = 3, 5
RARE_ZIPF = 3.0
CLIP = 4.0
MOST_LOG_ODDS = 8.0
"""Beyond this, for or against, the model has seen too little to say more."""

_LEVEL = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "—": "-", "–": "-", "…": "...", "*": " ", "#": " ", "•": " "}
)
_MASKED = re.compile(r"@[A-Z]+\d+|x{3,}", re.IGNORECASE)  # names that were blacked out before we got the text
_TOKEN = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?|0+|[^\w\s]")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_SLIP = re.compile(r"[a-z]\.[A-Za-z]| ,|,[a-z]|\b(\w+) \1\b")
_SERIES = re.compile(r"\w+, [\w ]{2,30}, and ")
_FIRST_PERSON = frozenset({"i", "my", "me", "i'm", "i've", "i'd", "i'll", "we", "our", "us"})
_CASUAL = frozenset(
    {"really", "just", "so", "lol", "etc", "stuff", "things", "good", "great", "nice", "lots", "bit", "ok"}
)
_ABSTRACT = ("tion", "ment", "ness", "ity", "ance", "ence")


def level(text: str) -> str:
    """Return a cleaned text without what betrays its origin rather than its author."""
    text = _MASKED.sub(" ", text[:MOST_CHARACTERS].translate(_LEVEL))
    text = re.sub(r"-+", "-", re.sub(r"\d", "0", text))
    return " ".join(text.encode("ascii", "ignore").decode().split())


def runs(tokens: Sequence[str], whole: Collection[str]) -> list[int]:
    """Return the buckets of all runs of one to three tokens, rarer words cut to their endings; repeats are kept.

    Args:
        tokens: Words and punctuation, in order.
        whole: Rarer words that are not cut.
    """
    seen = ["<", *(_cut(token, whole) for token in tokens), ">"]
    return [
        crc32(" ".join(seen[i : i + n]).encode()) % BUCKETS
        for n in range(1, LONGEST_RUN + 1)
        for i in range(len(seen) - n + 1)
    ]


def _cut(token: str, whole: Collection[str]) -> str:
    lower = token.lower()
    if not token[0].isalpha() or lower in whole or zipf(lower.replace("'", "")) >= COMMON_ZIPF:
        return lower
    shape = "^" if token[0].isupper() else "~"
    return shape + lower[-ENDING_LETTERS:] if len(lower) > LONG_LETTERS else shape


def style(text: str, tokens: Sequence[str]) -> list[float]:
    """Return forty rates of a levelled text; each is independent of its length."""
    said = [token for token in tokens if token[0].isalpha()]
    n = len(said) or 1
    return [*_marks(text, n), *_vocabulary(said, n), *_sentences(text, said, n)]


def _marks(text: str, n: int) -> list[float]:
    """Punctuation per word."""
    single = [text.count(mark) / n for mark in ",.!?(/-\":;'0"]
    return [*single, text.count("..") / n, len(_SLIP.findall(text)) / n, len(_SERIES.findall(text)) / n]


def _vocabulary(said: Sequence[str], n: int) -> list[float]:
    """Words: how common, how long, of what kind."""
    lower = [word.lower() for word in said]
    common = [zipf(word.replace("'", "")) for word in lower] or [0.0]
    lengths = [len(word) for word in said] or [0]
    mean = sum(lengths) / n
    return [
        sum(common) / n,
        sum(each == 0 for each in common) / n,
        sum(0 < each < RARE_ZIPF for each in common) / n,
        sum(each >= COMMON_ZIPF for each in common) / n,
        mean,
        sqrt(sum((length - mean) ** 2 for length in lengths) / n),
        sum(length >= 8 for length in lengths) / n,
        sum(length >= 11 for length in lengths) / n,
        sum(word in _FIRST_PERSON for word in lower) / n,
        sum(word in _CASUAL for word in lower) / n,
        sum(word in {"a", "an", "the"} for word in lower) / n,
        sum(word in {"it", "that", "this"} for word in lower) / n,
        sum(word in {"you", "your"} for word in lower) / n,
        sum(word == "and" for word in lower) / n,
        sum(word.endswith("ly") for word in lower) / n,
        sum(word.endswith("ing") for word in lower) / n,
        sum(word.endswith("ed") for word in lower) / n,
        sum(word.endswith(_ABSTRACT) for word in lower) / n,
        log(len(set(lower)) + 1) - 0.93 * log(n + 1),  # .93: the growth of variety with length in survey answers
    ]


def _sentences(text: str, said: Sequence[str], n: int) -> list[float]:
    """Sentences: how long, how even, how they begin and end."""
    sentences = [each for each in _SENTENCE_END.split(text) if each]
    lengths = [len(each.split()) for each in sentences] or [1]
    mean = sum(lengths) / len(lengths)
    return [
        log(mean),
        sqrt(sum((length - mean) ** 2 for length in lengths) / len(lengths)) / mean,
        sum(each[0].islower() for each in sentences) / len(lengths),
        float(text[:1].isupper()),
        float(text[-1:] in {".", "?", "!"}),
        sum(word == "i" for word in said) / n,
        sum(word[0].isupper() for word in said) / n - len(sentences) / n,
    ]


def tokens(levelled: str) -> list[str]:
    """Return the words and punctuation marks of a levelled text, in order."""
    return [found[0] for found in _TOKEN.finditer(levelled)]


def measure(text: str, whole: Collection[str]) -> tuple[list[int], list[float]]:
    """Return the buckets and the rates of a cleaned text; `whole` as in `runs`."""
    levelled = level(text)
    said = tokens(levelled)
    return runs(said, whole), style(levelled, said)


def echo(said: Sequence[str], asked: Sequence[str]) -> list[float]:
    """Return how much an answer takes up the words of its question, as chat models do and people hardly.

    Args:
        said: The answer's words in comparable form.
        asked: The question's.

    Returns:
        How many of the answer's first OPENING words are the question's, which share of the question's words the answer
        has, and which share of the answer's words are the question's; words that name nothing are not counted. All 0
        without a question.
    """
    wanted = {word[:STEM] for word in asked if word not in EMPTY}
    if not wanted:
        return [0.0, 0.0, 0.0]
    taken = [word[:STEM] in wanted for word in said]
    had = wanted.intersection(word[:STEM] for word in said)
    return [float(sum(taken[:OPENING])), len(had) / len(wanted), sum(taken) / max(FEWEST_WORDS, len(said))]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The weights.

    Attributes:
        whole: Rarer words that are seen whole.
        of_runs: One weight per bucket.
        of_style: One weight per rate, in standard deviations.
        means: The rates' means.
        deviations: Their standard deviations.
        slope: What one unit of the model's own score adds to the calibrated log-odds.
        of_echo: What one unit of each number of `echo` adds to them.
        offset: Calibrated log-odds at a score of 0, without an echo.
        least_alone: Calibrated log-odds that at most one in a hundred people's texts reach, of whatever source.
    """

    whole: frozenset[str]
    of_runs: NDArray[np.float32]
    of_style: NDArray[np.float32]
    means: NDArray[np.float32]
    deviations: NDArray[np.float32]
    slope: float
    of_echo: NDArray[np.float32]
    offset: float
    least_alone: float

    def score(self, text: str) -> float:
        """Return the model's own score of a cleaned text."""
        buckets, rates = measure(text, self.whole)
        deviating = (np.array(rates, dtype=np.float32) - self.means) / self.deviations
        of_runs = float(self.of_runs[buckets].sum()) / sqrt(len(buckets))
        return of_runs + float(np.clip(deviating, -CLIP, CLIP) @ self.of_style)


@cache
def _model() -> Model:
    with np.load(io.BytesIO(models.read("authorship")), allow_pickle=False) as kept:
        return Model(
            whole=frozenset(str(kept["whole"]).split()),
            of_runs=kept["of_runs"].astype(np.float32) * kept["scale"],
            of_style=kept["of_style"],
            means=kept["means"],
            deviations=kept["deviations"],
            slope=float(kept["slope"]),
            of_echo=kept["of_echo"],
            offset=float(kept["offset"]),
            least_alone=float(kept["least_alone"]),
        )


def log_odds(text: str, *, said: Sequence[str] = (), asked: Sequence[str] = ()) -> float:
    """Return by how much an answer speaks for a chat model (natural log).

    Args:
        text: The cleaned answer, English, of at least FEWEST_WORDS.
        said: Its words in comparable form.
        asked: The words of the question, if there is one.
    """
    model = _model()
    found = model.offset + model.slope * model.score(text) + float(model.of_echo @ np.array(echo(said, asked)))
    return min(MOST_LOG_ODDS, max(-MOST_LOG_ODDS, found))


def least_alone() -> float:
    """Return the log-odds that at most 1 % of people's texts reach, in each source from before chat models existed."""
    return _model().least_alone
