"""Events -> TypingEvidence: what the log of keys, pastes and other inputs says of how an answer came about.

Measures only; what they mean is for the checks to decide. The habits of the published browser snippet are settled here:
events come in the order of release, capitals may arrive as small letters, a repeating key is one event with a long
hold, and the log stops for good when it is full.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from operator import attrgetter

from msgspec import UNSET
from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from earnest.inputs import MOST_INPUTS, OtherInput, read_inputs
from earnest.rhythm import Rhythm, read_rhythm
from earnest.survey import Capture, Entry, KeyStroke, Paste
from earnest.text.normalize import clean

PAUSE_MS = 2000.0
"""Longer than this between two keys is a pause for thought (the usual bound: Wengelin 2006; Medimorec & Risko 2017)."""
REPEAT_DELAY_MS = 500.0
REPEAT_EVERY_MS = 33.0
"""A held key repeats after the delay, then so often: the defaults of Windows (RepeatDelay 1, KeyboardSpeed 31)."""
LOG_LIMIT_CHARACTERS = 25_000
"""The published snippet stops for good when the JSON of its log passes this."""
LOG_SLACK_CHARACTERS = 500
"""How far our estimate of that length may be off (numbers are counted as if all had the digits of the largest)."""
EVENT_CHARACTERS = 30
"""JSON of one event without its key, code and `t`: `{"k":"","c":"","t":,"ht":100},`."""
MOST_KEYS = 20_000
MOST_PASTES = 50
MOST_CHARACTERS = 10_000
"""More than this is not read, so that a hostile log costs little; a log with more events counts as truncated."""
LATEST_MS = 1e15
"""A time beyond this (30,000 years) is none, and its event is left out."""
SHINGLE = 12
"""Characters in a row that must be shared before text counts as pasted: longer than nearly all single words."""
RETURNED_MS = 10_000.0
"""A paste that comes sooner after the respondent has come back to the page is told together with that; no verdict
rests on it."""
OWN_TEXT_LIKENESS = 90.0
"""rapidfuzz partial_ratio at which pasted text is the respondent's own, typed here before, typing errors included."""

MODIFIERS = frozenset({"Shift", "Control", "Alt", "AltGraph", "Meta", "OS", "CapsLock", "Fn", "NumLock"})
COMMANDS = frozenset({"Control", "Meta", "OS"})
ARROWS = {"ArrowLeft": -1, "ArrowRight": 1, "Left": -1, "Right": 1}
NAVIGATION = frozenset({*ARROWS, "ArrowUp", "ArrowDown", "Up", "Down", "Home", "End", "PageUp", "PageDown"})
UNIDENTIFIED = frozenset({"", "Unidentified", "Process", "Undefined"})
_DIGEST = re.compile("sha256:([0-9a-f]{64})")
NAMED_CHARACTERS = {"Enter": "\n", "Spacebar": " ", "Space": " "}


@dataclass(frozen=True, slots=True)
class PastedPart:
    """One paste, compared with the answer.

    Attributes:
        text: What was on the clipboard, white space collapsed, cut to MOST_CHARACTERS; empty where only its digest is
            known.
        digest: SHA-256 of that text in hexadecimal digits, where the collector told no more; else empty.
        characters: How long it was.
        after_ms: When, counted from the first event of the log; never negative.
        returned_ms: For how long the respondent had been elsewhere until just before; 0 if they were here.
        share: 0–1, the part of the answer's characters that stand in this paste, in runs of at least SHINGLE. Where
            only the digest is known and it is not the answer's: at most what was not typed.
        is_own: Whether the respondent had typed this text here before, or it stood here (cut and paste).
    """

    text: str
    digest: str
    characters: int
    after_ms: float
    returned_ms: float
    share: float
    is_own: bool


@dataclass(frozen=True, slots=True)
class TypingEvidence:
    """How one answer was typed, as far as its log tells. A number is 0 where there was nothing to measure.

    Attributes:
        has_keys: Whether keys were recorded at all; an empty log counts.
        has_pastes: Whether pastes were recorded at all; an empty log counts.
        keys: Key events, modifiers included.
        characters: Characters typed, repeats of held keys included, shortcuts not.
        corrections: Characters taken back with Backspace or Delete; a held key counts as often as it repeated.
        navigations: Arrow keys, Home, End and the like.
        unidentified: Keys that the browser did not name, as on phones and with input methods.
        uncoded: Keys without a physical code, as on phones.
        paste_shortcuts: How often V was pressed with Control or Command.
        intervals: How many intervals between two keys, other than modifiers, were short of a pause.
        interval_median_ms: Median of these intervals.
        interval_longest_ms: The longest of them.
        interval_cv: Their standard deviation divided by their mean.
        hold_median_ms: Median time for which such a key was held.
        pauses: Intervals of at least PAUSE_MS.
        rhythm: Where the typist hesitated and mended, and whether the pace follows the words.
        typed_share: 0–1, the part of the answer's characters other than white space that were typed, in whatever order.
        replay_likeness: 0–1, how like the answer the text is that results from replaying keys and pastes. If the log is
            truncated, this and typed_share are about the beginning of the answer, as far as the log goes.
        filled: Characters typed and not taken back, per character of the answer, or of its beginning likewise.
        pastes: All pastes by time.
        other: What came in otherwise; None where that was not recorded.
        is_truncated: Whether the log may have stopped before the answer was finished; what is missing says nothing.
    """

    has_keys: bool
    has_pastes: bool
    keys: int
    characters: int
    corrections: int
    navigations: int
    unidentified: int
    uncoded: int
    paste_shortcuts: int
    intervals: int
    interval_median_ms: float
    interval_longest_ms: float
    interval_cv: float
    hold_median_ms: float
    pauses: int
    rhythm: Rhythm
    typed_share: float
    replay_likeness: float
    filled: float
    pastes: tuple[PastedPart, ...]
    other: OtherInput | None
    is_truncated: bool


def read_typing(entry: Entry) -> TypingEvidence | None:
    """Measure how an answer was typed.

    Returns:
        None where nothing was recorded; an empty log is a recorded one.
    """
    if entry.key_events is UNSET and entry.paste_events is UNSET and entry.capture is UNSET:
        return None
    logged = entry.key_events or ()
    pasted = entry.paste_events or ()
    strokes = sorted((s for s in logged[:MOST_KEYS] if abs(s.down_ms) < LATEST_MS), key=attrgetter("down_ms"))
    pastes = sorted((p for p in pasted[:MOST_PASTES] if abs(p.at_ms) < LATEST_MS), key=attrgetter("at_ms"))
    answer = _flat(entry.answer)
    replay = TextBox()
    play(replay, strokes, pastes)
    origin = min([s.down_ms for s in strokes[:1]] + [p.at_ms for p in pastes[:1]], default=0.0)
    timed = [s for s in strokes if s.key not in MODIFIERS]
    gaps = [later.down_ms - earlier.down_ms for earlier, later in pairwise(timed)]
    steady = sorted(gap for gap in gaps if gap < PAUSE_MS)
    holds = sorted(s.hold_ms for s in timed if 0 <= s.hold_ms < LATEST_MS)
    is_truncated = _is_truncated(entry)
    result = _flat("".join(replay.text)).casefold()
    logged_part = answer[: len(result)] if is_truncated else answer
    filled = max(0, replay.characters - replay.corrections) / max(1, len(logged_part))
    return TypingEvidence(
        has_keys=entry.key_events is not UNSET,
        has_pastes=entry.paste_events is not UNSET,
        keys=len(strokes),
        characters=replay.characters,
        corrections=replay.corrections,
        navigations=replay.navigations,
        unidentified=replay.unidentified,
        uncoded=sum(not s.code for s in strokes),
        paste_shortcuts=replay.paste_shortcuts,
        intervals=len(steady),
        interval_median_ms=_quantile(steady, 0.5),
        interval_longest_ms=steady[-1] if steady else 0.0,
        interval_cv=_variation(steady),
        hold_median_ms=_quantile(holds, 0.5),
        pauses=len(gaps) - len(steady),
        rhythm=read_rhythm(timed),
        typed_share=_typed_share(logged_part, replay.typed),
        replay_likeness=Indel.normalized_similarity(result, logged_part.casefold()),
        filled=filled,
        pastes=tuple(
            _pasted_part(answer, paste, is_own=is_own, origin_ms=origin, filled=filled, capture=entry.capture or None)
            for paste, is_own in zip(pastes, replay.owned, strict=True)
        ),
        other=read_inputs(entry.capture) if entry.capture else None,
        is_truncated=is_truncated,
    )


@dataclass(slots=True)
class TextBox:
    """A text box in which the events happen again; `now_ms` is the time of the one that just happens."""

    text: list[str] = field(default_factory=list)
    cursor: int = 0
    all_selected: bool = False
    typed: list[str] = field(default_factory=list)
    owned: list[bool] = field(default_factory=list)  # per paste: was it typed here before?
    characters: int = 0
    corrections: int = 0
    navigations: int = 0
    unidentified: int = 0
    paste_shortcuts: int = 0
    now_ms: float = 0.0

    def press(self, key: str, times: int) -> None:
        """A key that is not part of a shortcut."""
        character = NAMED_CHARACTERS.get(key, key)
        if len(character) == 1 or not character.isascii():
            self.characters += times
            self.typed.append(character * times)
            self._insert(character * times)
        elif key in {"Backspace", "Delete"}:
            self.corrections += times
            self._erase(times, forward=key == "Delete")
        elif key in NAVIGATION:
            self.navigations += 1
            self._move(key, times)
        elif key in UNIDENTIFIED:
            self.unidentified += 1

    def shortcut(self, key: str) -> None:
        """A key pressed with Control or Command."""
        if key in {"v", "V"}:
            self.paste_shortcuts += 1
        elif key in {"a", "A"}:
            self.all_selected = True
        elif key == "Backspace":  # takes back a word
            self.corrections += 1
            before = "".join(self.text[: self.cursor])
            self._erase(len(before) - (before.rstrip().rfind(" ") + 1), forward=False)

    def paste(self, paste: Paste) -> None:
        """Put in what was on the clipboard, as far as that is known."""
        text = "" if _DIGEST.fullmatch(paste.text) else _flat(paste.text)
        typed, there = (_flat("".join(part[:MOST_CHARACTERS])).casefold() for part in (self.typed, self.text))
        own = text.casefold()
        was_typed = len(typed) >= 0.9 * len(own) and fuzz.partial_ratio(own, typed) >= OWN_TEXT_LIKENESS
        self.owned.append(paste.is_own or (bool(own) and (was_typed or own in there)))
        self._insert(text)

    def _insert(self, characters: str) -> None:
        self._drop_selected()
        self.text[self.cursor : self.cursor] = characters
        self.cursor += len(characters)

    def _erase(self, characters: int, *, forward: bool) -> None:
        if not self._drop_selected():
            start = self.cursor if forward else max(0, self.cursor - characters)
            del self.text[start : start + characters]
            self.cursor = start

    def _drop_selected(self) -> bool:
        """Make way for what replaces a selection of everything; false where nothing is selected."""
        if not self.all_selected:
            return False
        self.text.clear()
        self.cursor = 0
        self.all_selected = False
        return True

    def _move(self, key: str, times: int) -> None:
        self.all_selected = False
        if key == "Home":
            self.cursor = 0
        elif key == "End":
            self.cursor = len(self.text)
        else:
            self.cursor = min(len(self.text), max(0, self.cursor + ARROWS.get(key, 0) * times))


def play(replay: TextBox, strokes: Sequence[KeyStroke], pastes: Sequence[Paste]) -> None:
    """Let all events happen in the order of time."""
    waiting = iter(pastes)
    paste = next(waiting, None)
    command_until = alt_until = -math.inf
    nexts = [*(s.down_ms for s in strokes), math.inf][1:]
    for stroke, next_down_ms in zip(strokes, nexts, strict=False):
        down, key, hold = stroke.down_ms, stroke.key, stroke.hold_ms
        while paste is not None and paste.at_ms <= down:
            replay.now_ms = paste.at_ms
            replay.paste(paste)
            paste = next(waiting, None)
        replay.now_ms = down
        if key in MODIFIERS:
            up = down + hold if math.isfinite(hold) else down
            if key in COMMANDS:
                command_until = max(command_until, up)
            elif key in {"Alt", "AltGraph"}:
                alt_until = max(alt_until, up)
        elif down < command_until and down >= alt_until:  # Control with Alt is AltGr, which types characters
            replay.shortcut(key)
        else:
            replay.press(key, _times(min(hold, next_down_ms - down)) if hold > REPEAT_DELAY_MS else 1)
    while paste is not None:
        replay.now_ms = paste.at_ms
        replay.paste(paste)
        paste = next(waiting, None)


def _times(held_ms: float) -> int:
    """How often a held key takes effect; another key going down ends it, so a lost release does no harm."""
    return 2 + int(min(held_ms - REPEAT_DELAY_MS, 1e5) / REPEAT_EVERY_MS) if held_ms > REPEAT_DELAY_MS else 1


def _flat(text: str) -> str:
    """What a person sees, white space collapsed; what is beyond MOST_CHARACTERS is not read."""
    return clean(text)[:MOST_CHARACTERS]


def _quantile(ordered: Sequence[float], q: float) -> float:
    return ordered[int(q * (len(ordered) - 1) + 0.5)] if ordered else 0.0


def _variation(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values) if values else 0.0
    if mean <= 0:
        return 0.0
    return math.sqrt(math.fsum([(value - mean) ** 2 for value in values]) / len(values)) / mean


def _typed_share(answer: str, typed: Iterable[str]) -> float:
    wanted = Counter(answer.casefold())
    del wanted[" "]
    there = Counter("".join(typed).casefold())
    return (wanted & there).total() / wanted.total() if wanted else 0.0


def _pasted_part(
    answer: str, paste: Paste, *, is_own: bool, origin_ms: float, filled: float, capture: Capture | None
) -> PastedPart:
    """Compare a paste with the answer."""
    told = _DIGEST.fullmatch(paste.text)
    digest = told[1] if told else ""
    text = "" if told else _flat(paste.text)
    characters = max(len(text), int(paste.characters or 0))
    if not answer:
        share = 0.0
    elif not text:  # kept to itself by the collector; on pages without https even the digest
        untyped = min(characters / len(answer), max(0.0, 1 - filled))
        share = 1.0 if digest == digest_of(answer) else untyped
    else:
        share = len(covered(answer, text)) / len(answer)
    ends = [(a.from_ms + a.lasted_ms, a.lasted_ms) for a in (capture.away if capture else ())]
    returned = max((lasted for end, lasted in ends if 0 <= paste.at_ms - end <= RETURNED_MS), default=0.0)
    after_ms = paste.at_ms - origin_ms
    return PastedPart(text, digest, characters, after_ms, max(0.0, returned), share, is_own)


def digest_of(text: str) -> str:
    """What a collector tells of a pasted text that it keeps to itself."""
    return sha256(clean(text).encode("utf-8", "replace")).hexdigest()


def covered(answer: str, text: str) -> set[int]:
    """Positions of the answer's characters that stand in the pasted text."""
    start = answer.find(text) if text else -1
    if start >= 0:
        return set(range(start, start + len(text)))
    shingles = {text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1)}
    covered: set[int] = set()
    for i in range(len(answer) - SHINGLE + 1):
        if answer[i : i + SHINGLE] in shingles:
            covered.update(range(i, i + SHINGLE))
    return covered


def _is_truncated(entry: Entry) -> bool:
    """Whether events are missing, or may be: our collector says so, others do not."""
    keys, pastes = entry.key_events or (), entry.paste_events or ()
    if len(keys) > MOST_KEYS or len(pastes) > MOST_PASTES:
        return True
    if entry.capture:
        return entry.capture.dropped > 0 or len(entry.capture.inputs) > MOST_INPUTS
    return _may_be_truncated(keys, pastes, len(entry.answer))


def _may_be_truncated(keys: Sequence[KeyStroke], pastes: Sequence[Paste], answer_characters: int) -> bool:
    """Whether one more event, or a paste as long as the answer, would have passed the snippet's limit."""
    latest_ms = float(max((abs(k.down_ms) for k in keys if abs(k.down_ms) < LATEST_MS), default=0.0))
    each = EVENT_CHARACTERS + (len(str(int(latest_ms))) if latest_ms.is_integer() else 2 * len(repr(latest_ms)))
    length = sum(len(k.key) + len(k.code) for k in keys) + sum(len(p.text) for p in pastes)
    length += each * (len(keys) + len(pastes))
    return length + answer_characters + LOG_SLACK_CHARACTERS > LOG_LIMIT_CHARACTERS
