"""Key strokes -> Rhythm: where a typist hesitates and mends, and whether the pace follows the words, as hands do.

Measures only; what they mean is for the checks to decide. How fast somebody types counts for nothing in the pace, and
little in the pauses: those of slow typists are drawn in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from earnest.survey import KeyStroke

Vector = NDArray[np.float64]
Marks = NDArray[np.int_]

FLUENT_MS = 150.0
"""Median interval within words of the 122 typists of the Aalto sentences; slower ones' pauses count as shorter."""
FEWEST_WITHIN_WORDS = 5
"""Fewer intervals within words say nothing of somebody's pace: FLUENT_MS is taken."""
FEWEST_FOR_PACE, FEWEST_WORDS_FOR_PACE = 40, 6
PACE = {"word": 0.45, "finger": 0.3, "other": 0.7}
"""How much longer, as a logarithm, an interval is before a word's first letter, between two keys of one finger, and
around digits and punctuation than others are: means of 215 Aalto sentences without corrections."""
OPENING = 80
"""So many of the first intervals are kept, to be compared with those of other answers."""
FINGER = {
    letter: finger
    for finger, letters in enumerate(("QAZ", "WSX", "EDC", "RFVTGB", "YHNUJM", "IK", "OL", "P"), start=1)
    for letter in letters
}
"""Which finger of a touch typist presses a key, by its place on the keyboard whatever is printed on it."""
SPACES = frozenset({" ", "Spacebar", "Space", "Enter"})
ERASERS = frozenset({"Backspace", "Delete"})
LONGEST_NAME = 12
"""More of a key's name is not read, nor kept."""
_ERASER, _SPACE, _OTHER, _LETTER = -3, -2, -1, 0
_KEYS_OF_A_FINGER = 32


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When the keys of one or several answers went down.

    Attributes:
        intervals: How many intervals between two keys, other than modifiers, the numbers rest on.
        longest_s: The longest interval, in seconds of a fluent typist; 0 where there are no intervals.
        revisions: How often something was taken back with Backspace or Delete, in one go.
        erasures: Keys with which that was done.
        pace_fit: Correlation (-1 to 1) of the intervals' ranks with PACE, that is, with what is due to words and
            fingers; None where too few words were typed to say.
        opening_log_ms: Logarithms of the first intervals.
    """

    intervals: int
    longest_s: float
    revisions: int
    erasures: int
    pace_fit: float | None
    opening_log_ms: tuple[float, ...]


def read_rhythm(strokes: Sequence[KeyStroke]) -> Rhythm:
    """Measure keys other than modifiers, in the order in which they went down."""
    gaps = np.maximum(1.0, np.diff(np.array([stroke.down_ms for stroke in strokes])))
    marks = np.array([_mark(stroke.key[:LONGEST_NAME], stroke.code[:LONGEST_NAME]) for stroke in strokes], dtype=int)
    before, now = marks[:-1], marks[1:]
    within = gaps[(before >= _LETTER) & (now >= _LETTER)]
    usual_ms = float(np.median(within)) if len(within) >= FEWEST_WITHIN_WORDS else FLUENT_MS
    erased = marks == _ERASER
    return Rhythm(
        intervals=len(gaps),
        longest_s=float(gaps.max(initial=0.0)) / 1000 / max(1.0, usual_ms / FLUENT_MS),
        revisions=int((erased[1:] & ~erased[:-1]).sum() + erased[:1].sum()),
        erasures=int(erased.sum()),
        pace_fit=_pace_fit(gaps, before, now),
        opening_log_ms=tuple(np.log(gaps[:OPENING]).tolist()),
    )


def together(rhythms: Sequence[Rhythm]) -> Rhythm:
    """Add up the answers of one respondent; what lies between answers does not count."""
    return Rhythm(
        intervals=sum(each.intervals for each in rhythms),
        longest_s=max((each.longest_s for each in rhythms), default=0.0),
        revisions=sum(each.revisions for each in rhythms),
        erasures=sum(each.erasures for each in rhythms),
        pace_fit=None,
        opening_log_ms=(),
    )


def likeness(one: Rhythm, other: Rhythm) -> float:
    """Correlation (-1 to 1) of two answers' first intervals, one by one; 0 if they are fewer than FEWEST_FOR_PACE."""
    size = min(len(one.opening_log_ms), len(other.opening_log_ms))
    if size < FEWEST_FOR_PACE:
        return 0.0
    return _correlation(np.array(one.opening_log_ms[:size]), np.array(other.opening_log_ms[:size]))


@lru_cache(maxsize=1000)
def _mark(key: str, code: str) -> int:
    """What kind of key it is; a number of its own for a letter whose finger is known."""
    if key in ERASERS:
        return _ERASER
    if key in SPACES:
        return _SPACE
    if len(key) != 1 or not key.isalpha():
        return _OTHER
    place = code.removeprefix("Key")
    return FINGER[place] * _KEYS_OF_A_FINGER + ord(place) - ord("A") if place in FINGER else _LETTER


def _pace_fit(gaps: Vector, before: Marks, now: Marks) -> float | None:
    """Compare ranks with what is due; intervals around corrections owe nothing to words."""
    typed = (before != _ERASER) & (now != _ERASER)
    gaps, before, now = gaps[typed], before[typed], now[typed]
    words = (before == _SPACE) & (now != _SPACE)
    if len(gaps) < FEWEST_FOR_PACE or words.sum() < FEWEST_WORDS_FOR_PACE:
        return None
    fingers = (before // _KEYS_OF_A_FINGER == now // _KEYS_OF_A_FINGER) & (before != now) & (now > _LETTER)
    other = (np.minimum(before, now) == _OTHER) & (now != _SPACE)
    due = PACE["word"] * words + PACE["finger"] * fingers + PACE["other"] * (other & ~words)
    return _correlation(gaps.argsort(kind="stable").argsort(kind="stable").astype(float), due)


def _correlation(one: Vector, other: Vector) -> float:
    spread = float(one.std() * other.std())
    return float(((one - one.mean()) * (other - other.mean())).mean()) / spread if spread > 0 else 0.0
