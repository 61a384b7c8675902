"""Key logs as bots and unusual honest people would make them, to try the check on what no labelled data hold.

Limits: the attacks are ours, so a real attacker may do better; the honest ones are idealised. They show which kinds are
caught and which are not, not how often any occurs. Copyists keep the pace that `earnest.rhythm` expects of hands, since
it was measured on real ones, so they cannot show how often it fails: real logs do (accuracy_typing.py). Nobody here
moves the cursor with a mouse, which no log shows.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log

from earnest.keystrokes import LOG_LIMIT_CHARACTERS
from earnest.rhythm import FINGER, PACE
from earnest.survey import Entry, KeyStroke, Paste

Rhythm = Callable[[random.Random], float]
Fill = Callable[[str, str, random.Random], Entry]
WORD_CHARACTERS = 5.5
"""A word and its space, in English."""


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
    fill: Fill


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


def scripted(rhythm: Rhythm, hold: Rhythm) -> Fill:
    """A script that sends one key after another."""
    return lambda question, text, rng: logged(question, text, keys(text, rhythm, hold, rng))


def due(before: str, character: str) -> float:
    """What an interval owes to words and fingers, as a logarithm."""
    if character.isspace():
        return 0.0
    if before.isspace():
        return PACE["word"]
    if not (before.isalpha() and character.isalpha()):
        return PACE["other"]
    fingers = FINGER.get(before.upper()), FINGER.get(character.upper())
    return PACE["finger"] if fingers[0] == fingers[1] is not None and before != character else 0.0


@dataclass(frozen=True, slots=True)
class Copyist:
    """Somebody who types off a text.

    Attributes:
        usual_ms: Median interval within words.
        spread: Standard deviation of the logarithm of these.
        slips: Typing errors per character; they are seen some characters later, taken back and typed again.
        reads: How often they stop for a second or so before a word, to read on.
        glances: How often they look up before a word, for some seconds.
    """

    usual_ms: float
    spread: float
    slips: float
    reads: float
    glances: float


def copyist(rng: random.Random, *, glancing: bool) -> Copyist:
    """Draw somebody who has the text beside the field, or else has to look up.

    The ranges of slips, reading and glances are wider than those of 500 essays retyped (Crossley et al. 2024, published
    table, CC0): 0 to 5 of 100 characters taken back, one to four at a time; .3 to 12 pauses of 2 s or more per 100
    characters, half of them under 3 s. Paces are those of typing tests (Dhakal et al. 2018).
    """
    per_100 = exp(rng.uniform(log(0.3), log(8.0))) if glancing else 0.0
    return Copyist(
        usual_ms=rng.lognormvariate(5.05, 0.35),
        spread=rng.uniform(0.35, 0.65),
        slips=rng.uniform(0.0, 0.06),
        reads=rng.uniform(0.0, 0.2) ** 1.5,
        glances=per_100 * WORD_CHARACTERS / 100,
    )


def copied(text: str, who: Copyist, rng: random.Random) -> list[KeyStroke]:
    """Type off a text as this person would."""
    at = 0.0
    before = " "
    strokes: list[KeyStroke] = []

    def press(key: str, code: str, extra: float) -> None:
        nonlocal at
        if strokes:
            at += who.usual_ms * exp(rng.gauss(extra, who.spread))
        strokes.append(KeyStroke(key, round(at), round(human_hold(rng)), code))

    for i, character in enumerate(text):
        if i and before == " ":
            at += rng.lognormvariate(log(2_700), 0.45) if rng.random() < who.glances else 0.0
            at += rng.lognormvariate(log(900), 0.5) if rng.random() < who.reads else 0.0
        if rng.random() < who.slips:
            wrong = rng.choice("abcdefghijklmnopqrstuvwxyz") + text[i : i + rng.choice([0, 0, 0, 1, 2, 3])]
            for each in wrong.lower():
                press(each, code_of(each), 0.0)
            for number in range(len(wrong)):
                press("Backspace", "Backspace", 0.0 if number else 0.8)
        press(character.lower(), code_of(character), due(before, character))
        before = character
    return strokes


def composed(question: str, text: str, rng: random.Random) -> Entry:
    """Somebody thinks, types, errs and mends, as often as one of 500 adults who wrote essays (Crossley et al. 2024).

    Pauses of 2 s or more: 1.7 to 8 per 100 characters, most before words, median 4.3 s. Taken back: 2 to 20 of 100.
    """
    author = Copyist(rng.lognormvariate(5.05, 0.35), rng.uniform(0.35, 0.65), rng.uniform(0.01, 0.08), 0.1, 0.0)
    per_word = exp(rng.uniform(log(1.7), log(8.0))) * WORD_CHARACTERS / 100
    strokes: list[KeyStroke] = []
    late = 0
    for stroke in copied(text, author, rng):
        if strokes and strokes[-1].key == " " and rng.random() < per_word:
            late += round(2_000 + rng.lognormvariate(log(2_300), 0.9))
        strokes.append(KeyStroke(stroke.key, stroke.down_ms + late, stroke.hold_ms, stroke.code))
    return logged(question, text, strokes)


def transcribed(question: str, text: str, rng: random.Random, *, glancing: bool = False) -> Entry:
    """Somebody types off a text."""
    return logged(question, text, copied(text, copyist(rng, glancing=glancing), rng))


def looked_up(question: str, text: str, rng: random.Random) -> Entry:
    """Somebody types off a text from another window or a phone."""
    return transcribed(question, text, rng, glancing=True)


def replaying(recorded: Sequence[Sequence[float]]) -> Fill:
    """A script that takes all its intervals, in order, from one of these people's logs; repeated where it is short."""

    def fill(question: str, text: str, rng: random.Random) -> Entry:
        rhythm = rng.choice(recorded)
        start = rng.randrange(len(rhythm))
        intervals = iter([rhythm[(start + i) % len(rhythm)] for i in range(len(text))])
        return logged(question, text, keys(text, lambda _: next(intervals), human_hold, rng))

    return fill


def replayed(question: str, text: str, rng: random.Random) -> Entry:
    """A script that takes its intervals from a made-up person's log, long ones included."""
    own = [rng.lognormvariate(5.08, 0.6) if rng.random() > 0.03 else rng.uniform(2_000, 6_000) for _ in text]
    return replaying([own])(question, text, rng)


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


def phone_autocorrect(question: str, text: str, rng: random.Random) -> Entry:
    """A phone that names its keys, has no codes, and mends every sixth word by itself."""
    typed = " ".join(
        word[:-1] + rng.choice("aeiou") if rng.random() < 1 / 6 and len(word) > 3 else word for word in text.split()
    )
    strokes = [
        KeyStroke(stroke.key, stroke.down_ms, rng.choice([0.0, 5.0, 60.0]), "")
        for stroke in composed(question, typed, rng).key_events or ()
    ]
    return logged(question, text, strokes)


def input_method(question: str, text: str, rng: random.Random) -> Entry:
    """An input method: keys have codes, but are all called "Process", and are more than the characters."""
    strokes = keys(text + text[: len(text) // 2], human_interval, human_hold, rng)
    return logged(
        question, text, [KeyStroke("Process", stroke.down_ms, stroke.hold_ms, stroke.code) for stroke in strokes]
    )


def coarse_clock(question: str, text: str, rng: random.Random) -> Entry:
    """Composed in a browser that rounds times to 100 ms against fingerprinting."""
    strokes = composed(question, text, rng).key_events or ()
    return logged(
        question,
        text,
        [
            KeyStroke(
                s.key,
                100.0 * (s.down_ms // 100),
                100.0 * ((s.down_ms + s.hold_ms) // 100 - s.down_ms // 100),
                s.code,
            )
            for s in strokes
        ],
    )


def masked(question: str, text: str, rng: random.Random) -> Entry:
    """Composed, with a collector that hides which letters were typed."""
    strokes = composed(question, text, rng).key_events or ()
    return logged(
        question,
        text,
        [KeyStroke("a", s.down_ms, s.hold_ms, "KeyA") if s.key.isalpha() and len(s.key) == 1 else s for s in strokes],
    )


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
    Simulator("script, intervals drawn like a person's", True, scripted(human_interval, human_hold)),
    Simulator("script, 1–3 ms", True, scripted(lambda r: r.uniform(1, 3), lambda _: 0.0)),
    Simulator("script with a made-up rhythm and pauses", True, replayed),
    Simulator("field set by a script", True, set_by_script),
    Simulator("pasted whole", True, pasted),
    Simulator("pasted, every 7th word changed", True, pasted_then_edited),
    Simulator("typed off without looking up", True, transcribed),
    Simulator("typed off, looking up", True, looked_up),
    Simulator("composed", False, composed),
    Simulator("composed, coarse clock", False, coarse_clock),
    Simulator("composed, letters masked", False, masked),
    Simulator("own text cut and pasted", False, own_text_moved),
    Simulator("phone with suggestions", False, phone),
    Simulator("phone with autocorrect", False, phone_autocorrect),
    Simulator("input method", False, input_method),
    Simulator("dictated, empty log", False, dictated),
    Simulator("composed, log truncated", False, truncated),
)
