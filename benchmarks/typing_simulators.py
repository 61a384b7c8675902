"""Key logs as bots and unusual honest people would make them, to try the check on what no labelled data hold.

Limits: the attacks are ours, so a real attacker may do better; the honest ones are idealised. They show which kinds are
caught and which are not, not how often any occurs.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from earnest.keystrokes import LOG_LIMIT_CHARACTERS
from earnest.survey import Entry, KeyStroke, Paste

Rhythm = Callable[[random.Random], float]


@dataclass(frozen=True, slots=True)
class Simulator:
    """A way to fill in an answer.

    Attributes:
        name: In a few words.
        is_attack: Whether the check ought to flag it on the log alone.
        fill: Makes the entry from question and text.
    """

    name: str
    is_attack: bool
    fill: Callable[[str, str, random.Random], Entry]


def code_of(character: str) -> str:
    """The physical key of a US keyboard, roughly."""
    if character.isalpha():
        return f"Key{character.upper()}"
    return {" ": "Space", "\n": "Enter"}.get(character, f"Digit{character}" if character.isdigit() else "Period")


def keys(text: str, rhythm: Rhythm, hold: Rhythm, rng: random.Random, *, start_ms: float = 0.0) -> list[KeyStroke]:
    """Type a text without mistakes."""
    at = start_ms
    strokes = []
    for character in text:
        strokes.append(KeyStroke(character.lower(), round(at), round(hold(rng)), code_of(character)))
        at += rhythm(rng)
    return strokes


def human_interval(rng: random.Random) -> float:
    """Between two keys of a word: log-normal with the median and spread of the Aalto sentences (160 ms, .5)."""
    return rng.lognormvariate(5.08, 0.5)


def human_hold(rng: random.Random) -> float:
    """How long a key is held: as in the same sentences (106 ms, coefficient of variation .26)."""
    return max(40.0, rng.gauss(106, 27))


def logged(question: str, text: str, strokes: Sequence[KeyStroke], pastes: Sequence[Paste] = ()) -> Entry:
    """An entry with its log, in the order of release as the published snippet keeps it."""
    ordered = sorted(strokes, key=lambda stroke: stroke.down_ms + stroke.hold_ms)
    return Entry(question=question, answer=text, key_events=tuple(ordered), paste_events=tuple(pastes))


def scripted(rhythm: Rhythm, hold: Rhythm) -> Callable[[str, str, random.Random], Entry]:
    """A script that sends one key after another."""
    return lambda question, text, rng: logged(question, text, keys(text, rhythm, hold, rng))


def composed(question: str, text: str, rng: random.Random) -> Entry:
    """Somebody thinks, types, errs and mends: a pause every ten words or so, a slip every forty characters."""
    at = 0.0
    strokes: list[KeyStroke] = []
    for character in text:
        if character == " " and rng.random() < 0.1:
            at += rng.uniform(2_000, 9_000)
        if rng.random() < 0.025:
            for slip in (rng.choice("abcdefghijklmnopqrstuvwxyz"), "Backspace"):
                strokes.append(KeyStroke(slip, round(at), round(human_hold(rng)), "KeyX" if len(slip) == 1 else slip))
                at += 2 * human_interval(rng)
        strokes.append(KeyStroke(character.lower(), round(at), round(human_hold(rng)), code_of(character)))
        at += human_interval(rng)
    return logged(question, text, strokes)


def transcribed(question: str, text: str, rng: random.Random) -> Entry:
    """Somebody types off a text at an even pace."""
    return logged(question, text, keys(text, human_interval, human_hold, rng))


def replayed(question: str, text: str, rng: random.Random) -> Entry:
    """A script that takes its intervals from a person's log, long ones included."""
    recorded = [rng.lognormvariate(5.08, 0.6) if rng.random() > 0.03 else rng.uniform(2_000, 6_000) for _ in text]
    intervals = iter(recorded)
    return logged(question, text, keys(text, lambda _: next(intervals), human_hold, rng))


def pasted(question: str, text: str, rng: random.Random) -> Entry:
    """A text pasted whole, and a full stop typed."""
    start = rng.uniform(1_000, 5_000)
    return logged(question, text, keys(".", human_interval, human_hold, rng, start_ms=start), (Paste(0.0, text),))


def pasted_then_edited(question: str, text: str, rng: random.Random) -> Entry:
    """A text of which every seventh word was replaced after pasting."""
    source = " ".join("particularly" if i % 7 == 6 else word for i, word in enumerate(text.split()))
    strokes = keys("".join(text.split()[6::7]), human_interval, human_hold, rng, start_ms=4_000)
    return logged(question, text, strokes, (Paste(0.0, source),))


def set_by_script(question: str, text: str, rng: random.Random) -> Entry:
    """The text is put into the field by a script, which presses three keys to look busy."""
    return logged(question, text, keys(text[:3], human_interval, human_hold, rng))


def dictated(question: str, text: str, rng: random.Random) -> Entry:
    """Dictation, or an input method without events: an empty log."""
    del rng
    return logged(question, text, [])


def phone(question: str, text: str, rng: random.Random) -> Entry:
    """A phone with word suggestions: nameless keys, fewer than letters, and no holds worth the name."""
    strokes = [
        KeyStroke("Unidentified", stroke.down_ms, rng.choice([0.0, 1.0, 3.0]), "")
        for stroke in keys(text, human_interval, human_hold, rng)
        if rng.random() < 0.5
    ]
    return logged(question, text, strokes)


def own_text_moved(question: str, text: str, rng: random.Random) -> Entry:
    """The respondent types the answer, cuts its second half and pastes it back."""
    half = text[len(text) // 2 :]
    strokes = list(composed(question, text, rng).key_events or ())
    end = max(stroke.down_ms for stroke in strokes) + 3_000
    cut = [KeyStroke("Control", end, 400, "ControlLeft"), KeyStroke("x", end + 150, 90, "KeyX")]
    return logged(question, text, [*strokes, *cut], (Paste(end + 2_000, half),))


def truncated(question: str, text: str, rng: random.Random) -> Entry:
    """A long answer whose log stopped at the snippet's 25,000 characters."""
    long_text = " ".join([text] * 6)
    kept: list[KeyStroke] = []
    length = 2
    for stroke in composed(question, long_text, rng).key_events or ():
        length += len(f'{{"k":"{stroke.key}","c":"{stroke.code}","t":{stroke.down_ms},"ht":{stroke.hold_ms}}},')
        if length > LOG_LIMIT_CHARACTERS:
            break
        kept.append(stroke)
    return Entry(question=question, answer=long_text, key_events=tuple(kept), paste_events=())


SIMULATORS = (
    Simulator("script, constant 50 ms", True, scripted(lambda _: 50.0, lambda _: 10.0)),
    Simulator("script, 80–160 ms at random", True, scripted(lambda r: r.uniform(80, 160), lambda r: r.uniform(40, 90))),
    Simulator("script, 30–250 ms at random", True, scripted(lambda r: r.uniform(30, 250), lambda r: r.uniform(40, 90))),
    Simulator("script, 1–3 ms", True, scripted(lambda r: r.uniform(1, 3), lambda _: 0.0)),
    Simulator("script with a replayed rhythm", True, replayed),
    Simulator("field set by a script", True, set_by_script),
    Simulator("pasted whole", True, pasted),
    Simulator("pasted, every 7th word changed", True, pasted_then_edited),
    Simulator("typed off evenly", True, transcribed),
    Simulator("composed", False, composed),
    Simulator("own text cut and pasted", False, own_text_moved),
    Simulator("phone with suggestions", False, phone),
    Simulator("dictated, empty log", False, dictated),
    Simulator("composed, log truncated", False, truncated),
)
