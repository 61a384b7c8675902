"""Where typists hesitate and mend, and whether the pace follows the words."""

import random
from dataclasses import replace

import pytest

from earnest.rhythm import FEWEST_FOR_PACE, FLUENT_MS, Rhythm, likeness, read_rhythm, together
from earnest.survey import KeyStroke

TEXT = "we had to wait for the bus in the rain and my son told the driver what he thought of it"


def hands(text: str, *, usual_ms: float = FLUENT_MS, seed: int = 1) -> list[KeyStroke]:
    """Longer before words than within."""
    rng = random.Random(seed)
    at = 0.0
    strokes = []
    for before, letter in zip(" " + text, text, strict=False):
        at += usual_ms * rng.lognormvariate(0.6 if before == " " else 0.0, 0.3)
        code = f"Key{letter.upper()}" if letter.isalpha() else "Space"
        strokes.append(KeyStroke(letter, at, 90, code))
    return strokes


def spaced(text: str, intervals: list[float]) -> list[KeyStroke]:
    at = 0.0
    strokes = []
    for letter, interval in zip(text, intervals, strict=False):
        at += interval
        strokes.append(KeyStroke(letter, at, 90, f"Key{letter.upper()}" if letter.isalpha() else "Space"))
    return strokes


def fit(strokes: list[KeyStroke]) -> float:
    pace_fit = read_rhythm(strokes).pace_fit
    assert pace_fit is not None
    return pace_fit


def test_no_keys_have_no_rhythm() -> None:
    for strokes in ([], [KeyStroke("a", 5, 90, "KeyA")]):
        assert read_rhythm(strokes) == Rhythm(0, 0.0, 0, 0, None, ())


def test_hands_follow_words_and_shuffled_intervals_do_not() -> None:
    assert fit(hands(TEXT)) > 0.3
    rng = random.Random(5)
    shuffled = [rng.lognormvariate(5, 0.5) for _ in TEXT]
    assert abs(fit(spaced(TEXT, shuffled))) < 0.25


def test_one_finger_is_slower_than_two() -> None:
    text = "edcedc uhbuhb " * 6
    slow = [300.0 if a + b in {"ed", "dc", "ce", "uh"} else 150.0 for a, b in zip(" " + text, text, strict=False)]
    assert fit(spaced(text, slow)) > fit(spaced(text, [300.0 if i % 5 == 0 else 150.0 for i in range(len(text))]))


def test_the_pace_needs_words_and_keys_enough() -> None:
    assert read_rhythm(hands(TEXT[: FEWEST_FOR_PACE - 2])).pace_fit is None
    assert read_rhythm(hands("a" * 200)).pace_fit is None


def test_speed_changes_neither_the_pace_nor_what_counts_as_a_long_pause() -> None:
    fluent, slow = (read_rhythm(hands(TEXT, usual_ms=usual_ms)) for usual_ms in (FLUENT_MS * 1.2, FLUENT_MS * 4))
    assert fluent.pace_fit == slow.pace_fit
    assert fluent.longest_s == pytest.approx(slow.longest_s)


def test_several_backspaces_in_a_row_are_one_revision() -> None:
    keys = ["a", "Backspace", "b", "c", "Backspace", "Delete", "d"]
    rhythm = read_rhythm([KeyStroke(key, 100.0 * i, 80, key) for i, key in enumerate(keys)])
    assert (rhythm.revisions, rhythm.erasures) == (2, 3)


def test_answers_together_add_up() -> None:
    one, other = read_rhythm(hands(TEXT)), read_rhythm(hands(TEXT[:50], seed=2))
    both = together([one, other])
    assert both.intervals == one.intervals + other.intervals
    assert both.longest_s == max(one.longest_s, other.longest_s)
    assert both.pace_fit is None
    assert together([]).intervals == 0


def test_a_replayed_rhythm_is_alike_whatever_the_text_and_two_own_ones_are_not() -> None:
    rng = random.Random(3)
    intervals = [rng.lognormvariate(5, 0.6) for _ in range(90)]
    jittered = [interval * rng.lognormvariate(0, 0.15) for interval in intervals]
    one = read_rhythm(spaced(TEXT, intervals))
    assert likeness(one, read_rhythm(spaced(TEXT[::-1], jittered))) > 0.85
    assert likeness(read_rhythm(hands(TEXT)), read_rhythm(hands(TEXT[9:] + " and so on", seed=8))) < 0.7


def test_few_intervals_are_alike_to_nothing() -> None:
    short = read_rhythm(hands(TEXT[:20]))
    assert likeness(short, short) == 0
    assert likeness(replace(short, opening_log_ms=(5.0,) * 60), replace(short, opening_log_ms=(5.0,) * 60)) == 0
