"""Signs of a machine in how an answer came about: pastes and keys, and what speaks for a person's hand.

A sign adds to the log-odds that an answer is a machine's. There are no labelled logs of answers from chat models. What
tells typing off from composing is fitted (TRANSCRIBED), and how the pace of hands follows words is measured
(PACE_OF_HANDS); the other weights are set: one strong sign alone passes the threshold, one weak sign alone does not.
What is humanly possible was measured on the logs of three sources (benchmarks/accuracy_typing.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log

from rapidfuzz import fuzz

from earnest.checks.logistic import Logistic
from earnest.keystrokes import PastedPart, TypingEvidence, digest_of
from earnest.rhythm import Rhythm, likeness, together

STRONG, LIKELY, WEAK = 4.0, 2.6, 1.0
"""Log-odds. With the prior of one in seven, alone: 90 %, 69 % and 31 %."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was seen.

    Attributes:
        code: Reason code; empty for what speaks for a person.
        log_odds: What it adds to the log-odds of a machine; negative for what speaks for a person.
        sentence: What was seen, with its numbers; no full stop.
    """

    code: str
    log_odds: float
    sentence: str


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


# --- pastes ---------------------------------------------------------------------------------------------------------

MOST_OF_IT, PART_OF_IT = 0.8, 0.3
SHORT_PASTE_CHARACTERS, LONG_PASTE_CHARACTERS = 25, 60
"""A paste shorter than the first is a name or a link; one shorter than the second is seldom a written answer."""
KNOWN_TEXT_LIKENESS = 90.0
"""rapidfuzz partial_ratio from which a paste is the question's or another answer's text."""
_LINK = re.compile(r"^(?:https?://|www\.)\S+$|^\S+@\S+\.\S+$")


def paste_signs(typing: TypingEvidence, answer_characters: int, known: Sequence[str]) -> list[Sign]:
    """Say how much of the answer was pasted from elsewhere.

    Args:
        typing: The log, measured.
        answer_characters: The answer's length.
        known: Texts whose paste is innocent here: the question, and the respondent's other answers.
    """
    pastes = [part for part in typing.pastes if part.share > 0 and not _is_innocent(part, known)]
    foreign = {part.text or part.digest: part for part in pastes}
    share = min(1.0, sum(part.share for part in foreign.values()))
    if share < PART_OF_IT:
        return []
    pasted_characters = max(part.characters for part in foreign.values())
    weight = STRONG if pasted_characters >= LONG_PASTE_CHARACTERS else LIKELY - 0.9
    first = min(part.after_ms for part in foreign.values())
    times = "in one go" if len(foreign) == 1 else f"in {len(foreign)} pastes"
    when = f", {first / 1000:.0f} s after the first key" if typing.keys and first >= 1000 else ""
    away = max(part.returned_ms for part in foreign.values())
    back = f", on coming back after {away / 1000:.0f} s elsewhere" if away >= 1000 else ""
    seen = f"{100 * share:.0f} % of the answer's {answer_characters} characters were pasted {times}{when}{back}"
    edited = len(foreign) == 1 and max(part.share * answer_characters for part in foreign.values()) < 0.95 * min(
        pasted_characters, answer_characters
    )
    if edited:
        return [Sign("pasted_then_edited", weight - 0.5, f"{seen}, and the rest of the pasted text was changed")]
    if share < MOST_OF_IT:
        return [Sign("pasted_in_part", min(weight, LIKELY), seen)]
    return [Sign("pasted", weight, seen)]


def _is_innocent(part: PastedPart, known: Sequence[str]) -> bool:
    text = part.text.casefold()
    if part.is_own or part.characters < SHORT_PASTE_CHARACTERS:
        return True
    if part.digest:
        return any(digest_of(other) == part.digest for other in known)
    return (
        len(text) < SHORT_PASTE_CHARACTERS
        or _LINK.match(text) is not None
        or any(
            len(other) >= 0.9 * len(text) and fuzz.partial_ratio(text, other.casefold()) >= KNOWN_TEXT_LIKENESS
            for other in known
        )
    )


# --- keys -----------------------------------------------------------------------------------------------------------

FEWEST_INTERVALS = 20
FEWEST_TO_TELL = 80
"""Intervals, of all answers together, from which somebody may be said to have typed off: in fewer, up to 4 % of people
would be flagged who pause as adults do that write essays, and few who type off (training/fit_typing.py)."""
EVEN_CV = 0.2
"""Standard deviation by mean. It is at least .25 in each of 577 transcribed sentences of 20 keys or more (Aalto)."""
BOUNDED = ((40, 0.33, 1.75), (80, 0.6, 2.0))
"""Fewest intervals, largest variation, and how many medians the longest interval stays below: what a script shows that
draws its delays evenly from a range and neither pauses nor errs. None of 739 people's logs of 40 intervals or more
shows the first, none of 171 of 80 or more the second."""
FASTEST_MEDIAN_MS = 30.0
"""The fastest of 577 typists of the same source has a median interval of 78 ms."""
SHORTEST_HOLD_MS = 15.0
"""Nobody there holds keys for less than 56 ms (median)."""
FEWEST_FOR_MISSING = 60
MOST_MISSING = 0.6
"""Share of the answer's characters that no key or paste explains, from which the text came in another way."""
KEYBOARD_SHARE = 0.8
"""Share of keys with a physical code and a name from which the answer was typed on a keyboard rather than a phone."""
REPLAYED = 0.75
TYPED = 0.8
"""Likeness of the replayed log, and share of characters typed, from which the keys account for the answer."""
FILLED = (0.8, 1.25)
"""Or else so many characters for each of the answer's: where letters are hidden, or the mouse moved the cursor."""
PACE_OF_HANDS, PACE_SPREAD = 0.35, 0.12
"""Mean and standard deviation of `Rhythm.pace_fit` between people: means of .33 to .39 in three sources, with the wider
tails of short answers. A rhythm from elsewhere has 0. Both vary by the root of the number of intervals besides."""
SAME_RHYTHM = 0.85
"""Correlation of two answers' intervals, one by one. The largest is .67 among 7,403 pairs from one person each."""
COMPOSED = -2.6
"""The most that typing speaks for a person, as log-odds; little is known of how well bots could feign it."""
TRANSCRIBED = Logistic(0.21, {"log_keys": 2.40, "longest": -1.91, "erasures": -0.17})
"""Fitted by training/fit_typing.py, at even odds and with caution; its docstring says on what."""


def key_signs(typing: TypingEvidence, answer_characters: int, others: Sequence[TypingEvidence] = ()) -> list[Sign]:
    """Say what the keys tell, for or against a person; nothing where they tell nothing.

    Args:
        typing: The log, measured.
        answer_characters: The answer's length.
        others: The logs of the respondent's other answers.
    """
    by_script = _by_script(typing, answer_characters)
    if by_script:
        return [by_script]
    if not typing.has_keys:
        return []
    whole = [other for other in others if _is_telling(other)]
    scripted = _scripted(typing) or _replayed(typing, whole)
    if scripted:
        return [scripted]
    if _accounts(typing):
        return [_typed(typing, whole)]
    missing = _missing(typing, answer_characters)
    return [missing] if missing else []


def unkeyed(typing: TypingEvidence, answer_characters: int) -> Sign | None:
    """Say why keys tell nothing of this answer: most of it came in without any. Speaks neither for nor against."""
    other = typing.other
    if other is None or not answer_characters or other.unkeyed < MOST_MISSING * answer_characters or _accounts(typing):
        return None
    number = min(other.unkeyed, answer_characters)
    seen = f"{number} of its {answer_characters} characters came in by dictation, suggestions or an input method"
    return Sign("", 0.0, f"{seen}{', on a touch screen' if other.touch else ''}, of which keys tell nothing")


def _by_script(typing: TypingEvidence, answer_characters: int) -> Sign | None:
    """Text that a script put into the field.

    Some browser extensions for dictation do so too, a phrase at a time and without feigning keys.
    """
    other = typing.other
    if other is None or answer_characters < FEWEST_FOR_MISSING or _accounts(typing):
        return None
    if other.scripted < MOST_MISSING * answer_characters:
        return None
    at_once = other.scripted_at_once >= MOST_MISSING * answer_characters
    feigned = other.script_keys >= MOST_MISSING * answer_characters
    number = min(other.scripted, answer_characters)
    seen = f"A script put {number} of the answer's {answer_characters} characters into the field"
    seen += f", and feigned {counted(other.script_keys, 'key')}" if other.script_keys else ""
    return Sign("set_by_script", LIKELY if at_once or feigned else WEAK, seen)


def hesitation_signals(rhythm: Rhythm) -> dict[str, float]:
    """What TRANSCRIBED weighs; there must be intervals."""
    return {
        "log_keys": log(rhythm.intervals / 50),
        "longest": log(max(0.1, rhythm.longest_s)),
        "erasures": rhythm.erasures - rhythm.revisions,  # beyond the first, each time: words taken back, not slips
    }


def _spells(typing: TypingEvidence) -> bool:
    """Whether the keys spell the answer."""
    return typing.typed_share >= TYPED and typing.replay_likeness >= REPLAYED


def _accounts(typing: TypingEvidence) -> bool:
    """Whether the keys add up to the answer."""
    return _spells(typing) or (not typing.paste_shortcuts and FILLED[0] <= typing.filled <= FILLED[1])


def _is_telling(typing: TypingEvidence) -> bool:
    """Whether the log can say that an answer was typed off: long enough, whole, and from a keyboard."""
    return (
        typing.rhythm.intervals >= FEWEST_INTERVALS
        and not typing.is_truncated
        and _on_keyboard(typing)
        and _accounts(typing)
    )


def _scripted(typing: TypingEvidence) -> Sign | None:
    """Keys in a rhythm that hands do not have."""
    if typing.intervals < FEWEST_INTERVALS:
        return None
    median, variation = typing.interval_median_ms, typing.interval_cv
    never_stops = typing.pauses == typing.corrections == 0
    is_bounded = never_stops and any(
        typing.intervals >= fewest and variation < largest and typing.interval_longest_ms < medians * median
        for fewest, largest, medians in BOUNDED
    )
    if variation < EVEN_CV or is_bounded:
        seen = f"{typing.intervals} intervals between keys vary by only {100 * variation:.0f} % around {median:.0f} ms"
        return Sign("script_typed", STRONG, f"{seen}, more evenly than people type")
    if not _on_keyboard(typing):
        return None
    if median < FASTEST_MEDIAN_MS:
        seen = f"Half of the {typing.intervals} intervals between keys are shorter than {ceil(median) or 1} ms"
        return Sign("script_typed", STRONG, f"{seen}, faster than people type")
    if typing.hold_median_ms < SHORTEST_HOLD_MS:
        return Sign(
            "no_holds", WEAK, f"Keys were held for {typing.hold_median_ms:.0f} ms (median), shorter than people do"
        )
    return None


def _replayed(typing: TypingEvidence, others: Sequence[TypingEvidence]) -> Sign | None:
    """A rhythm that was recorded elsewhere."""
    # Some pages attach one log to several answers, so that it has to spell both.
    spelt = [other for other in others if _spells(other)] if _spells(typing) else []
    alike = max((likeness(typing.rhythm, other.rhythm) for other in spelt), default=0.0)
    if alike >= SAME_RHYTHM:
        seen = "The keys come in the same rhythm as in another answer of this respondent"
        return Sign("same_rhythm", STRONG, f"{seen} (correlation {alike:.2f})")
    fit, intervals = typing.rhythm.pace_fit, typing.rhythm.intervals
    if fit is None or typing.rhythm.erasures or not _on_keyboard(typing):
        return None
    spread = 1 / intervals + PACE_SPREAD**2
    likelihood = (fit - PACE_OF_HANDS) ** 2 / spread - fit**2 * intervals + log(spread * intervals)
    if likelihood < 2 * WEAK:
        return None
    seen = f"{intervals} intervals between keys without a correction, and they are hardly longer before words"
    return Sign("pace_off_words", min(STRONG, likelihood / 2), f"{seen} than within (correlation {fit:.2f})")


def _typed(typing: TypingEvidence, others: Sequence[TypingEvidence]) -> Sign:
    """Keys that account for the answer: composed, typed, or typed off from something."""
    seen = (
        f"{counted(typing.keys, 'key')}, {counted(typing.corrections, 'correction')} and "
        f"{counted(typing.pauses, 'pause')} of 2 s or more"
    )
    if not typing.rhythm.intervals:
        return Sign("", 0.0, f"It was typed by hand: {seen}")
    log_odds = _transcribed(typing.rhythm)
    if typing.is_truncated:
        return Sign("", max(COMPOSED, min(-1.0, log_odds)), f"The recorded part was typed by hand: {seen}")
    if log_odds >= 0 and _is_telling(typing):
        both = together([typing.rhythm, *(other.rhythm for other in others)])
        everything = _transcribed(both)
        if others and everything > max(WEAK, log_odds) and both.intervals >= FEWEST_TO_TELL:
            number = counted(len(others), "other answer")
            across = f"so {'is' if len(others) == 1 else 'are'} {number} of this respondent"
            return Sign("transcribed", min(LIKELY, everything), f"Typed as if read off, and {across}: {seen}")
        if log_odds >= WEAK and typing.rhythm.intervals >= FEWEST_TO_TELL:
            return Sign("transcribed", min(LIKELY, log_odds), f"Typed as if read off: {seen}")
    if log_odds <= -WEAK:
        return Sign("", max(COMPOSED, log_odds), f"The keys show it being composed: {seen}")
    return Sign("", min(0.0, log_odds), f"It was typed by hand: {seen}")


def _transcribed(rhythm: Rhythm) -> float:
    return TRANSCRIBED.log_odds(hesitation_signals(rhythm))


def _missing(typing: TypingEvidence, answer_characters: int) -> Sign | None:
    """Text that neither keys nor pastes account for."""
    if typing.is_truncated or answer_characters < FEWEST_FOR_MISSING:
        return None
    # Collectors that hide which letters were typed still tell how many.
    explained = max(typing.typed_share, typing.filled) + sum(part.share for part in typing.pastes)
    if typing.other:
        explained += (typing.other.unkeyed + typing.other.prefilled) / answer_characters
    if 1 - explained < MOST_MISSING:
        return None
    was = "was" if typing.characters == 1 else "were"
    seen = f"{counted(typing.characters, 'character')} {was} typed for an answer of {answer_characters}"
    if not typing.keys:
        return Sign("no_events", WEAK, f"No key was recorded for an answer of {answer_characters} characters")
    if not _on_keyboard(typing):
        return None
    if not typing.has_pastes or typing.paste_shortcuts:
        shortcut = ", with a paste shortcut but no recorded paste" if typing.paste_shortcuts else ""
        return Sign("fewer_keys_than_characters", LIKELY - 0.5, seen + shortcut)
    return Sign("fewer_keys_than_characters", LIKELY, f"{seen}, and nothing was pasted")


def _on_keyboard(typing: TypingEvidence) -> bool:
    return typing.keys > 0 and typing.uncoded + typing.unidentified <= (1 - KEYBOARD_SHARE) * typing.keys
