"""Simulated people and machines at a keyboard: what a survey page would have recorded of them.

An event is one key with `k`, `t`, `ht` and `c` as in the wire contract. The habits of the published browser snippet
are kept: times count from the first event, a key is logged when it is released, its `k` is read at that moment (so a
capital whose Shift was let go early arrives as a small letter), a key that repeats is one event, and the log stops for
good once its JSON passes 25,000 characters.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from keyboard import KEYS, NEIGHBOURS, Key, digraph_factor

LOG_LIMIT_CHARACTERS = 25_000
SHORTEST_GAP_MS = 25.0
CONJUNCTIONS = frozenset(
    {"and", "because", "but", "if", "since", "so", "when", "which", "weil", "porque", "pero", "mais"}
)
FALSE_STARTS = ("I ", "it ", "the ", "just ", "really ", "they ", "maybe ", "and ")

Event = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Typist:
    """How one person types.

    Attributes:
        interval_ms: Median time between two keys within a word.
        spread: Standard deviation of the logarithm of such a time.
        hold_ms: Median time for which a key stays down.
        slip_rate: Chance of a wrong key, per letter.
        think_ms: Median pause at the start of a clause.
        false_start_rate: Chance, per clause, of beginning with a word that is taken back.
    """

    interval_ms: float
    spread: float
    hold_ms: float
    slip_rate: float
    think_ms: float
    false_start_rate: float


@dataclass(slots=True)
class Log:
    """What was recorded while one answer was given."""

    keys: list[Event] = field(default_factory=list)
    pastes: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Keyboard:
    """Keys going down and up in simulated time."""

    rng: Random
    hold_ms: float
    now_ms: float = 0.0
    downs: list[tuple[float, float, str, str]] = field(default_factory=list)  # down, up, key, code
    pastes: list[tuple[float, str]] = field(default_factory=list)

    def hold(self) -> float:
        """How long this key stays down."""
        return min(260.0, max(35.0, self.hold_ms * math.exp(self.rng.gauss(0, 0.22))))

    def strike(self, key: Key, gap_ms: float) -> None:
        """Press and release one key after a gap, with its modifier where it needs one."""
        hold = self.hold()
        if key.dead:
            self.named("Dead", key.dead, gap_ms)
            gap_ms = self.rng.uniform(90, 180)
        if not key.modifier:
            self._press(key.character, key.code, gap_ms, hold)
            return
        lead = self.rng.uniform(50, 120)
        self.now_ms = max(self.now_ms + max(SHORTEST_GAP_MS, gap_ms - lead), self._last_up(key.code) - lead + 12)
        shift_down, down = self.now_ms, self.now_ms + lead
        early = key.modifier == "Shift" and key.character.isalpha() and self.rng.random() < 0.3
        shift_up = down + (hold * self.rng.uniform(0.3, 0.9) if early else hold + self.rng.uniform(8, 60))
        self.downs.append((shift_down, shift_up, key.modifier, key.modifier_code))
        self.downs.append((down, down + hold, key.character.lower() if early else key.character, key.code))
        self.now_ms = max(down, shift_up - 20)

    def named(self, name: str, code: str, gap_ms: float, hold_ms: float | None = None) -> None:
        """Press and release a key that writes nothing, such as Backspace."""
        self._press(name, code, gap_ms, hold_ms or self.hold())

    def paste(self, text: str) -> None:
        """Paste with Control and V, or with the mouse, which leaves no keys."""
        if self.rng.random() < 0.3:
            self.pastes.append((self.now_ms, text))
            return
        control = self.now_ms
        down = control + self.rng.uniform(80, 200)
        hold = self.hold()
        self.downs.append((down, down + hold, "v", "KeyV"))
        self.downs.append((control, down + hold + self.rng.uniform(10, 90), "Control", "ControlLeft"))
        self.pastes.append((down + 2, text))
        self.now_ms = down + hold

    def log(self) -> Log:
        """Everything that happened, as the browser snippet would have recorded it."""
        start = min([each[0] for each in self.downs] + [at for at, _ in self.pastes], default=0.0)
        happened: list[tuple[float, bool, Event]] = [
            (up, False, {"k": key, "t": round(down - start), "ht": round(up - down), "c": code})
            for down, up, key, code in self.downs
        ]
        happened += [(at, True, {"t": round(at - start), "c": text}) for at, text in self.pastes]
        log = Log()
        length = 2
        for _, is_paste, event in sorted(happened, key=lambda each: each[:2]):
            length += len(json.dumps(event, ensure_ascii=False, separators=(",", ":"))) + 1
            if length > LOG_LIMIT_CHARACTERS:
                break
            (log.pastes if is_paste else log.keys).append(event)
        return log

    def _press(self, key: str, code: str, gap_ms: float, hold_ms: float) -> None:
        self.now_ms = max(self.now_ms + max(SHORTEST_GAP_MS, gap_ms), self._last_up(code) + 12)
        self.downs.append((self.now_ms, self.now_ms + hold_ms, key, code))

    def _last_up(self, code: str) -> float:
        """When this key last came up; it cannot go down before. Only the last few keys can still be down."""
        return max((up for _, up, _, each in self.downs[-4:] if each == code), default=-1000.0)


def composes(text: str, typist: Typist, rng: Random) -> Log:
    """A person thinks, types, slips, corrects and changes their mind; the keys replay to exactly this text."""
    board = Keyboard(rng, typist.hold_ms)
    hands = _Hands(typist, rng, board)
    at = 0
    while at < len(text):
        if at and hands.starts_clause(text, at) and rng.random() < typist.false_start_rate:
            hands.false_start()
        slips = text[at].isalpha() and text[at].isascii() and rng.random() < typist.slip_rate
        at = hands.slip(text, at) if slips else hands.type(text, at)
    return board.log()


def transcribes(text: str, typist: Typist, rng: Random) -> Log:
    """A person copies from another window: an even beat, a glance every few words, nothing reconsidered."""
    board = Keyboard(rng, typist.hold_ms)
    left = rng.randint(4, 6)
    for previous, character in zip(" " + text, text, strict=False):
        gap = typist.interval_ms * digraph_factor(previous, character) ** 0.5 * math.exp(rng.gauss(0, 0.17))
        if previous == " " and board.downs:
            left -= 1
            if left == 0:
                left = rng.randint(4, 6)
                gap += rng.gauss(1150, 130)
        if character in NEIGHBOURS and rng.random() < 0.006:
            board.strike(KEYS[rng.choice(NEIGHBOURS[character])], gap)
            board.named("Backspace", "Backspace", rng.uniform(160, 260))
            gap = rng.uniform(150, 220)
        board.strike(KEYS[character], gap)
    return board.log()


def scripted(text: str, rng: Random, *, jitter_ms: float = 0.0) -> Log:
    """A program sends one key after another at a set pace, without ever touching Shift."""
    gap, hold = rng.choice((20.0, 25.0, 30.0)), rng.choice((5.0, 8.0, 10.0))
    board = Keyboard(rng, hold)
    for character in text:
        board.now_ms += gap + rng.uniform(0, jitter_ms)
        down = board.now_ms
        board.downs.append((down, down + hold + rng.uniform(0, jitter_ms / 4), character, KEYS[character].code))
    return board.log()


def mashes(text: str, rng: Random) -> Log:
    """Somebody drums on the keys; a character that goes on for long is one key held down."""
    board = Keyboard(rng, 70.0)
    for character, length in _runs(text):
        gap = 62.0 * math.exp(rng.gauss(0, 0.5))
        if length >= 6:
            board.named(character, KEYS[character].code, gap, 500.0 + 33.0 * (length - 1))
            board.now_ms += 500.0 + 33.0 * length
        else:
            for _ in range(length):
                board.strike(KEYS[character], gap)
    return board.log()


def pastes(text: str, rng: Random, *, drops_quotes: bool = False) -> Log:
    """Somebody pastes the whole answer, or pastes it in quotation marks and then deletes these."""
    board = Keyboard(rng, 95.0)
    board.paste(f'"{text}"' if drops_quotes else text)
    if drops_quotes:
        board.named("Backspace", "Backspace", rng.uniform(1500, 3500))
        board.named("Home", "Home", rng.uniform(400, 900))
        board.named("Delete", "Delete", rng.uniform(200, 500))
    return board.log()


def types_then_pastes(text: str, typist: Typist, rng: Random) -> Log:
    """A person types a sentence and pastes the link that ends it."""
    board = Keyboard(rng, typist.hold_ms)
    hands = _Hands(typist, rng, board)
    link = text.index("https://")
    at = 0
    while at < link:
        at = hands.type(text, at)
    board.now_ms += rng.uniform(9000, 15000)  # in another tab
    board.paste(text[link:])
    return board.log()


def on_phone(text: str, rng: Random) -> Log:
    """A phone's keyboard: keys have neither name nor code, and a word picked from the suggestions leaves few."""
    log = Log()
    now = 0
    for word in text.split():
        pressed = len(word) + 1 if rng.random() < 0.7 else max(1, len(word) // 2)
        for _ in range(pressed):
            hold = round(rng.uniform(20, 95))
            log.keys.append({"k": "Unidentified", "t": now, "ht": hold, "c": ""})
            now += round(max(hold + 5.0, 210 * math.exp(rng.gauss(0, 0.4))))
    return log


@dataclass(slots=True)
class _Hands:
    """One person's hands on a keyboard, writing a text that is still being thought of."""

    typist: Typist
    rng: Random
    board: Keyboard

    def type(self, text: str, at: int) -> int:
        """Type one character; returns where to go on."""
        self.board.strike(KEYS[text[at]], self._gap(text, at))
        return at + 1

    def slip(self, text: str, at: int) -> int:
        """Get one letter wrong, notice it at once or some letters later, and mend it; returns where to go on."""
        ahead = self._plain_run(text, at + 1, self.rng.choice((0, 0, 0, 1, 1, 2, 3)))
        kind = self.rng.random()
        if kind < 0.25 and ahead:
            return self._leave_out(text, at, ahead)
        if kind < 0.4:
            self.type(text, at)
            self.board.strike(KEYS[text[at]], self.board.hold_ms + self.rng.uniform(15, 60))
            self._back(1)
            return at + 1
        self.board.strike(KEYS[self.rng.choice(NEIGHBOURS[text[at].lower()])], self._gap(text, at))
        for each in range(at + 1, at + 1 + ahead):
            self.type(text, each)
        self._back(1 + ahead)
        return at

    def false_start(self) -> None:
        """Begin with some word and take it back."""
        word = self.rng.choice(FALSE_STARTS)
        for at in range(len(word)):
            self.type(word, at)
        self.board.now_ms += self.rng.uniform(400, 1800)
        self._back(len(word))

    def starts_clause(self, text: str, at: int) -> bool:
        """Whether a clause begins here: after punctuation, or with a conjunction."""
        before = text[:at].rstrip(" ")
        if text[at - 1] not in " \n" or not before:
            return False
        return before[-1] in ".,;:!?\n" or text[at:].split(maxsplit=1)[:1][0].lower() in CONJUNCTIONS

    def _leave_out(self, text: str, at: int, ahead: int) -> int:
        for each in range(at + 1, at + 1 + ahead):
            self.type(text, each)
        if self.rng.random() < 0.5:
            self._back(ahead)
            return at
        self.board.now_ms += self.rng.uniform(250, 700)
        for _ in range(ahead):
            self.board.named("ArrowLeft", "ArrowLeft", self.rng.uniform(110, 200))
        self.board.strike(KEYS[text[at]], self.rng.uniform(200, 420))
        self.board.named("End", "End", self.rng.uniform(180, 400))
        return at + 1 + ahead

    def _back(self, times: int) -> None:
        self.board.now_ms += self.rng.uniform(110, 480)
        for _ in range(times):
            self.board.named("Backspace", "Backspace", self.rng.uniform(105, 190))

    def _plain_run(self, text: str, at: int, most: int) -> int:
        """How many of the next characters, at most so many, need no thought and no modifier."""
        run = 0
        while run < most and at + run < len(text) and text[at + run].isascii() and text[at + run].islower():
            run += 1
        return run

    def _gap(self, text: str, at: int) -> float:
        if at == 0:
            return self.typist.interval_ms
        gap = self.typist.interval_ms * digraph_factor(text[at - 1], text[at])
        gap *= math.exp(self.rng.gauss(0, self.typist.spread))
        if text[at - 1] in " \n" and text[at] not in " \n":
            gap += self._pause(text, at)
        return gap

    def _pause(self, text: str, at: int) -> float:
        """Time to think before a word: long at clause starts, shorter before long words and names, mostly none.

        In real logs of people who compose there are five to seven pauses of two seconds and more per 100 keys.
        """
        word = text[at:].split(maxsplit=1)[0]
        chance, median_ms = 0.12, 0.5 * self.typist.think_ms
        if self.starts_clause(text, at):
            chance, median_ms = 0.6, self.typist.think_ms
        elif len(word) >= 8 or word[:1].isupper():
            chance, median_ms = 0.3, 0.45 * self.typist.think_ms
        return median_ms * math.exp(self.rng.gauss(0, 0.8)) if self.rng.random() < chance else 0.0


def _runs(text: str) -> Iterator[tuple[str, int]]:
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or text[at] != text[start]:
            yield text[start], at - start
            start = at
