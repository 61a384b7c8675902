"""How an answer came about, for people to watch: each change of the text, and a timeline.

Long pauses are shortened, so that nobody waits for a respondent who had lunch; their true length is told.
"""

from bisect import bisect
from dataclasses import dataclass, field
from itertools import pairwise

from msgspec import UNSET

from earnest.keystrokes import LATEST_MS, MOST_KEYS, MOST_PASTES, PAUSE_MS, TextBox, TypingEvidence, play, read_typing
from earnest.survey import Entry, Paste

LONGEST_SHOWN_MS = 3_000.0
"""A longer time without events passes as if it were so long."""
BARS = 240
"""Of the timeline: a fourth of the characters that a line of the widest page holds, and easily told apart."""
MASKS = {"a": "x", "0": "0", ".": "·"}
"""What stands for a letter, a digit or another sign where the collector kept the characters to itself."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the text.

    Attributes:
        at_ms: When, with long pauses shortened, from the first event.
        place: Where in the text, in characters.
        removed: How many characters went there.
        added: What came in their stead.
        is_paste: Whether it was pasted.
    """

    at_ms: float
    place: int
    removed: int
    added: str
    is_paste: bool


@dataclass(frozen=True, slots=True)
class Pause:
    """A while without an event: since when, with long pauses shortened, and how long it truly was."""

    at_ms: float
    lasted_ms: float


@dataclass(frozen=True, slots=True)
class Bar:
    """What happened in a BARS-th of the time: characters typed, taken back and pasted."""

    typed: int
    erased: int
    pasted: int


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """An answer's typing.

    Attributes:
        changes: By time.
        pauses: Intervals of at least PAUSE_MS.
        bars: BARS of them.
        shown_ms: How long the replay takes at its own speed.
        true_ms: How long it truly took from the first event to the last.
        is_masked: Whether characters are told by their kind only.
        typing: What was measured, `is_truncated` among it.
    """

    changes: tuple[Change, ...]
    pauses: tuple[Pause, ...]
    bars: tuple[Bar, ...]
    shown_ms: float
    true_ms: float
    is_masked: bool
    typing: TypingEvidence

    @property
    def bursts(self) -> int:
        """Stretches of writing between pauses."""
        return len(self.pauses) + 1 if self.changes else 0

    @property
    def most(self) -> int:
        """Characters of the fullest bar, at least 1; pastes apart, which would dwarf all others."""
        return max([1, *(max(bar.typed, bar.erased) for bar in self.bars)])


@dataclass(slots=True)
class _Recorded(TextBox):
    """A text box that notes each change."""

    is_masked: bool = False
    is_pasting: bool = False
    changes: list[Change] = field(default_factory=list)

    def press(self, key: str, times: int) -> None:
        """Do as the key says, by the sign that stands for it where it is masked."""
        super(_Recorded, self).press(MASKS.get(key, key) if self.is_masked else key, times)

    def paste(self, paste: Paste) -> None:
        """Put the text in, or signs for it where the collector kept it to itself."""
        self.is_pasting = True
        hidden = paste.characters if paste.text.startswith("sha256:") else None
        super(_Recorded, self).paste(paste)
        if hidden:
            self._insert("▒" * int(min(hidden, 10_000)))
        self.is_pasting = False

    def _insert(self, characters: str) -> None:
        removed = len(self.text) if self.all_selected else 0
        super(_Recorded, self)._insert(characters)
        self._note(self.cursor - len(characters), removed, characters)

    def _erase(self, characters: int, *, forward: bool) -> None:
        before = len(self.text)
        super(_Recorded, self)._erase(characters, forward=forward)
        self._note(self.cursor, before - len(self.text), "")

    def _note(self, place: int, removed: int, added: str) -> None:
        if removed or added:
            self.changes.append(Change(self.now_ms, place, removed, added, self.is_pasting))


def replay_of(entry: Entry) -> Replay | None:
    """Play an answer's log again; None where there is none, or nothing in it can be shown."""
    typing = read_typing(entry)
    if typing is None:
        return None
    keys, pastes = entry.key_events or (), entry.paste_events or ()
    strokes = sorted((k for k in keys[:MOST_KEYS] if abs(k.down_ms) < LATEST_MS), key=lambda k: k.down_ms)
    put = sorted((p for p in pastes[:MOST_PASTES] if abs(p.at_ms) < LATEST_MS), key=lambda p: p.at_ms)
    is_masked = entry.capture is not UNSET and entry.capture.masked
    box = _Recorded(is_masked=is_masked)
    play(box, strokes, put)
    if not box.changes:
        return None
    clock = _Clock([*(k.down_ms for k in strokes), *(p.at_ms for p in put)])
    changes = tuple(Change(clock.shown(c.at_ms), c.place, c.removed, c.added, c.is_paste) for c in box.changes)
    return Replay(
        changes,
        clock.pauses,
        _bars(changes, clock.shown_ms),
        clock.shown_ms,
        clock.times[-1] - clock.times[0],
        is_masked,
        typing,
    )


class _Clock:
    """Time with long pauses shortened."""

    def __init__(self, times: list[float]) -> None:
        self.times = sorted(times)
        self._shown = [0.0]
        pauses = []
        for before, after in pairwise(self.times):
            if after - before >= PAUSE_MS:
                pauses.append(Pause(self._shown[-1], after - before))
            self._shown.append(self._shown[-1] + min(LONGEST_SHOWN_MS, after - before))
        self.pauses = tuple(pauses)
        self.shown_ms = self._shown[-1]

    def shown(self, at_ms: float) -> float:
        """When an event is shown, from the first one."""
        return self._shown[bisect(self.times, at_ms) - 1]


def _bars(changes: tuple[Change, ...], shown_ms: float) -> tuple[Bar, ...]:
    typed, erased, pasted = [0] * BARS, [0] * BARS, [0] * BARS
    for change in changes:
        i = min(BARS - 1, int(change.at_ms / max(1.0, shown_ms) * BARS))
        erased[i] += change.removed
        (pasted if change.is_paste else typed)[i] += len(change.added)
    return tuple(map(Bar, typed, erased, pasted))
