"""Real key logs as the wire would carry them, whole and in parts of any length.

Limits: two of the three sources log changes of the text, not keys, so that several letters may carry one time (they are
spread out evenly) and holds are not known. All three log classes of keys. Where the keys that were not taken back are
as many as the answer's characters, they get these; elsewhere any key of the class stands for it, and what they spell
counts as the answer. How people type is confounded with the source: only Aalto's typists transcribe, and they are
fast, practised and read English sentences one by one; who composes here is learning French, or in the tenth grade.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.typing_simulators import code_of

from earnest.keystrokes import REPEAT_DELAY_MS, REPEAT_EVERY_MS
from earnest.rhythm import SPACES
from earnest.survey import Entry, KeyStroke

CLASSES = {
    "a": ("a", "KeyA"),
    "n": ("1", "Digit1"),
    "s": (" ", "Space"),
    "e": ("Enter", "Enter"),
    "b": ("Backspace", "Backspace"),
    "c": (".", "Period"),
    "m": ("Shift", "ShiftLeft"),
    "v": ("ArrowLeft", "ArrowLeft"),
    "o": ("F24", "F24"),
}
UNKNOWN_HOLD_MS = 80.0
FEWEST_KEYS = 12


@dataclass(frozen=True, slots=True)
class Log:
    """One answer and the keys that made it.

    Attributes:
        source: Where it is from.
        typist: Who typed it: a person where the source tells, else the log's own id.
        is_transcribed: Whether it was read off rather than composed.
        answer: The text that the keys made.
        strokes: The keys, in the order in which they went down.
    """

    source: str
    typist: str
    is_transcribed: bool
    answer: str
    strokes: tuple[KeyStroke, ...]

    @property
    def entry(self) -> Entry:
        """As it would arrive."""
        return Entry(question="", answer=self.answer, key_events=self.strokes, paste_events=())


def read_logs(folder: Path) -> list[Log]:
    """Read all logs of people who wrote in earnest."""
    found = []
    for path in sorted(folder.glob("keystroke_*.jsonl")):
        records = [json.loads(line) for line in path.open(encoding="utf-8")]
        found += [_log(record) for record in records if record.get("is_gibberish") != 1]
    return [log for log in found if len(log.strokes) >= FEWEST_KEYS]


def parts(log: Log, sizes: Sequence[int], rng: random.Random) -> Iterator[Log]:
    """Cut a long log into parts of so many keys as are drawn from `sizes`, each from the beginning of a word."""
    at = 0
    while at < len(log.strokes):
        part = log.strokes[at : at + rng.choice(sizes)]
        at += len(part)
        if at < len(log.strokes):
            yield replace(log, strokes=part, answer=spelled(part))
        while at < len(log.strokes) and log.strokes[at - 1].key not in SPACES:
            at += 1


def spelled(strokes: Sequence[KeyStroke]) -> str:
    """What the keys spell, without arrow keys."""
    return "".join({"Enter": "\n"}.get(stroke.key, stroke.key) for stroke in _surviving(strokes))


def _log(record: dict[str, Any]) -> Log:
    strokes = sorted(_strokes(record), key=lambda stroke: stroke.down_ms)
    there, answer = _surviving(strokes), str(record["answer"])
    if len(there) == len(answer):
        letters = dict(zip(map(id, there), answer, strict=True))
        strokes = [
            KeyStroke(letters[id(s)], s.down_ms, s.hold_ms, code_of(letters[id(s)])) if id(s) in letters else s
            for s in strokes
        ]
    else:
        answer = spelled(strokes)
    number = str(record["id"])
    typist = number.rpartition("-")[0] if record["source"] == "aalto_transcribe" else number
    return Log(str(record["source"]), typist, record["mode"] == "transcribe", answer, tuple(strokes))


def _surviving(strokes: Sequence[KeyStroke]) -> list[KeyStroke]:
    there: list[KeyStroke] = []
    for stroke in strokes:
        if stroke.key == "Backspace":
            del there[-1:]
        elif len(stroke.key) == 1 or stroke.key == "Enter":
            there.append(stroke)
    return there


def _strokes(record: dict[str, Any]) -> list[KeyStroke]:
    events = record["events"]
    while events and events[-1][1] == "x" and events[-1][2] > 1:  # the field is emptied when a chat turn is sent
        events.pop()
    return _keys(events) if record["has_keyup"] else _changes(events)


def _keys(events: Sequence[Any]) -> list[KeyStroke]:
    waiting: dict[str, list[float]] = defaultdict(list)
    strokes = []
    for at, kind, key_class in events:
        if kind == "d":
            waiting[key_class].append(at)
        elif kind == "u" and waiting[key_class]:
            down = waiting[key_class].pop(0)
            strokes.append(KeyStroke(CLASSES[key_class][0], down, at - down, CLASSES[key_class][1]))
    return strokes


def _changes(events: Sequence[Any]) -> list[KeyStroke]:
    strokes: list[KeyStroke] = []
    previous = None
    for at, group in groupby((event for event in events if event[1] in {"i", "x"}), key=lambda event: event[0]):
        changes = list(group)
        start = at if previous is None else previous
        for i, (_, kind, what) in enumerate(changes, start=1):
            down = start + (at - start) * i / len(changes)
            taken = what if kind == "x" else 1
            hold = UNKNOWN_HOLD_MS if taken == 1 else REPEAT_DELAY_MS + REPEAT_EVERY_MS * (taken - 1.5)
            key, code = CLASSES["b" if kind == "x" else what]
            strokes.append(KeyStroke(key, down, hold, code))
        previous = at
    return strokes
