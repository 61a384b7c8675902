"""How an answer was typed, in columns: a key event of 40 bytes of JSON is kept in about 4.

The times of one typist are alike, and so are keys; side by side they shrink far better than event by event. Whole
numbers, and those with up to three decimals, are kept as differences of the smallest type that holds them, all others
as the floats that they are, byte by byte: what comes back is what went in, bit for bit.
"""

from collections.abc import Sequence
from itertools import islice
from typing import TypeVar

import msgspec
import numpy as np
import zstandard
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from earnest.survey import Capture, Entry, KeyStroke, Paste

T = TypeVar("T")

LEVEL = 3  # zstd's default
SCALES = (1, 10, 100, 1000)
"""A browser counts in whole milliseconds, or in tenths, hundredths or, isolated, in 5 µs."""
_TYPES = ("|i1", "<i2", "<i4", "<i8")
_MOST_EXACT = 2.0**53


class _Column(msgspec.Struct, frozen=True, array_like=True):
    """Numbers.

    Attributes:
        type: Of the stored differences; of the floats themselves where `scale` is 0.
        scale: What the numbers were multiplied by to become whole.
        stored: Their bytes: all first ones, then all second ones, and so on.
    """

    type: str
    scale: int
    stored: bytes


class _Words(msgspec.Struct, frozen=True, array_like=True):
    """Texts of which few are different: those, and which one stands where."""

    different: tuple[str, ...]
    places: _Column


class _Events(msgspec.Struct, frozen=True, array_like=True):
    """The events of a part.

    Attributes:
        lengths: How many keys each entry has; None where none were recorded.
        down_ms: Of all entries' keys, one after the other; likewise the other columns.
        pastes: Per entry; they are few.
        captures: Per entry.
    """

    lengths: tuple[int | None, ...]
    down_ms: _Column
    hold_ms: _Column
    keys: _Words
    codes: _Words
    pastes: tuple[tuple[Paste, ...] | None, ...]
    captures: tuple[Capture | None, ...] = ()


def without_events(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries as if nothing about their typing had been recorded."""
    return tuple(
        msgspec.structs.replace(each, key_events=UNSET, paste_events=UNSET, capture=UNSET)
        if _has_events(each)
        else each
        for each in entries
    )


def pack_events(entries: Sequence[Entry]) -> bytes | None:
    """What was recorded about the typing of some entries, made small; None where nothing was."""
    if not any(_has_events(each) for each in entries):
        return None
    keys = [key for each in entries for key in each.key_events or ()]
    packed = _Events(
        lengths=tuple(None if each.key_events is UNSET else len(each.key_events) for each in entries),
        down_ms=_numbers([key.down_ms for key in keys]),
        hold_ms=_numbers([key.hold_ms for key in keys], differences=False),
        keys=_words([key.key for key in keys]),
        codes=_words([key.code for key in keys]),
        pastes=tuple(_or_none(each.paste_events) for each in entries),
        captures=tuple(_or_none(each.capture) for each in entries),
    )
    return zstandard.ZstdCompressor(level=LEVEL).compress(msgspec.msgpack.encode(packed))


def with_events(entries: Sequence[Entry], packed: bytes) -> tuple[Entry, ...]:
    """The entries with what `pack_events` made of them."""
    events = msgspec.msgpack.decode(zstandard.decompress(packed), type=_Events)
    keys = map(KeyStroke, _texts(events.keys), _floats(events.down_ms), _floats(events.hold_ms), _texts(events.codes))
    return tuple(
        msgspec.structs.replace(
            entry,
            key_events=UNSET if length is None else tuple(islice(keys, length)),
            paste_events=_or_unset(pastes),
            capture=_or_unset(capture),
        )
        for entry, length, pastes, capture in zip(entries, events.lengths, events.pastes, events.captures, strict=True)
    )


def _has_events(entry: Entry) -> bool:
    return not (entry.key_events is UNSET and entry.paste_events is UNSET and entry.capture is UNSET)


def _or_none(value: T | UnsetType) -> T | None:
    return None if isinstance(value, UnsetType) else value


def _or_unset(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value


def _numbers(values: Sequence[float], *, differences: bool = True) -> _Column:
    """A column of any floats; with differences, it shrinks where neighbours are alike."""
    floats = np.array(values, dtype="<f8")
    for scale in SCALES:
        with np.errstate(invalid="ignore", over="ignore"):  # what is too large for whole numbers shows below
            scaled = floats * scale
            whole = np.rint(scaled).astype("<i8")
        if np.abs(scaled).max(initial=0) < _MOST_EXACT and (whole / scale).tobytes() == floats.tobytes():
            return _whole_numbers(np.diff(whole, prepend=0) if differences else whole, scale if differences else -scale)
    return _Column("<f8", 0, _by_byte(floats))


def _whole_numbers(whole: NDArray[np.int64], scale: int) -> _Column:
    least, most = int(whole.min(initial=0)), int(whole.max(initial=0))
    kind = next(each for each in _TYPES if np.iinfo(each).min <= least and most <= np.iinfo(each).max)
    return _Column(kind, scale, _by_byte(whole.astype(kind)))


def _floats(column: _Column) -> list[float]:
    kind = np.dtype(column.type)
    stored = np.frombuffer(column.stored, np.uint8).reshape(kind.itemsize, -1)
    values = np.ascontiguousarray(stored.T).view(kind).ravel()
    if column.scale:
        whole = values.astype("<i8")
        values = (whole.cumsum() if column.scale > 0 else whole) / abs(column.scale)
    found: list[float] = values.tolist()
    return found


def _by_byte(values: NDArray[np.generic]) -> bytes:
    return np.ascontiguousarray(values.view(np.uint8).reshape(-1, values.itemsize).T).tobytes()


def _words(texts: Sequence[str]) -> _Words:
    places: dict[str, int] = {}
    found = [places.setdefault(text, len(places)) for text in texts]
    return _Words(tuple(places), _whole_numbers(np.array(found, dtype=np.int64), -1))


def _texts(words: _Words) -> list[str]:
    return [words.different[int(place)] for place in _floats(words.places)]


# Now, not at first use: msgspec 0.22 crashes where two threads are the first to decode a struct at once.
msgspec.msgpack.Decoder(_Events)
