"""How an answer was typed is kept in columns, and comes back exactly."""

import math

import msgspec
import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import UNSET

from earnest.store.events import pack_events, with_events, without_events
from earnest.survey import Absence, Capture, Entry, Input, KeyStroke, Paste

numbers = st.one_of(
    st.integers(0, 10**6).map(float),
    st.integers(0, 10**7).map(lambda tenths: tenths / 10),
    st.integers(0, 10**9).map(lambda micros: micros / 1000),
    st.floats(-1e15, 1e15),
    st.sampled_from([-0.0, 5e-324, 1e15, -1e15, 1234.5999999940395]),
)
any_numbers = numbers | st.floats(allow_nan=False) | st.sampled_from([2.0**53, 2.0**53 + 2, 9e15])
keys = st.lists(
    st.builds(
        KeyStroke, st.text(max_size=2) | st.just("a"), any_numbers, any_numbers, st.sampled_from(["", "KeyA", "é\x00"])
    ),
    max_size=5,
).map(tuple)
counts = st.integers(1, 10**9).map(float)
pastes = st.lists(st.builds(Paste, numbers, st.text(max_size=3), st.none() | counts, st.booleans()), max_size=2).map(
    tuple
)
captures = st.builds(
    Capture,
    st.lists(st.builds(Input, numbers, st.text(max_size=3), counts), max_size=2).map(tuple),
    counts,
    st.lists(st.builds(Absence, numbers, numbers), max_size=2).map(tuple),
    st.booleans(),
)
entries = st.lists(
    st.builds(
        Entry,
        question=st.just("Why?"),
        answer=st.text(max_size=3),
        key_events=keys | st.just(UNSET),
        paste_events=pastes | st.just(UNSET),
        capture=captures | st.just(UNSET),
    ),
    max_size=4,
).map(tuple)


def exact(found: tuple[Entry, ...]) -> bytes:
    """Equal for the same bits only: 0.0 and -0.0 differ."""
    return msgspec.msgpack.encode([(each, each.key_events is UNSET, each.paste_events is UNSET) for each in found])


@given(entries)
@example((Entry("Why?", "", key_events=(), paste_events=()), Entry("Why?", "")))
@example((Entry("Why?", "", key_events=tuple(KeyStroke(chr(i + 64), i * 1e3, -1.0, "") for i in range(600))),))
def test_events_come_back_exactly(given: tuple[Entry, ...]) -> None:
    packed = pack_events(given)
    bare = without_events(given)
    assert all(each.key_events is each.paste_events is each.capture is UNSET for each in bare)
    assert exact(bare if packed is None else with_events(bare, packed)) == exact(given)


@pytest.mark.parametrize("odd", [math.inf, -math.inf, math.nan])
def test_what_no_request_can_hold_comes_back_as_well(odd: float) -> None:
    given = (Entry("Why?", "", key_events=(KeyStroke("a", odd, odd, ""), KeyStroke("b", 1.0, 0.0, ""))),)
    packed = pack_events(given)
    assert packed is not None
    [entry] = with_events(without_events(given), packed)
    assert repr(entry) == repr(given[0])


def test_where_nothing_was_recorded_there_is_nothing_to_keep() -> None:
    assert pack_events([Entry("Why?", "Because")]) is None


def test_a_log_in_columns_is_a_tenth_of_its_json_and_smaller_than_compressed_in_rows() -> None:
    text = "the quick brown fox jumps over the lazy dog and then it sleeps " * 8
    times = [i * 131 + (i * i * 37) % 90 for i in range(len(text))]
    log = tuple(
        KeyStroke(key, float(at), float(60 + at % 53), f"Key{key.upper()}") for key, at in zip(text, times, strict=True)
    )
    entry = Entry("Why?", text, key_events=log)
    packed = pack_events([entry])
    assert packed is not None
    assert len(packed) < len(msgspec.json.encode(log)) / 10
    assert len(packed) < len(zstandard.compress(msgspec.msgpack.encode(log))) * 0.7
