"""What the log of keys and pastes tells, with all the habits of its collectors."""

import hashlib
import math
import random
from dataclasses import astuple

import pytest
from msgspec import UNSET

from earnest.keystrokes import PAUSE_MS, TypingEvidence, read_typing
from earnest.survey import Absence, Capture, Entry, Input, KeyStroke, Paste


def typed(text: str, *, every_ms: float = 150, start_ms: float = 0) -> list[KeyStroke]:
    return [KeyStroke(letter, start_ms + i * every_ms, 90, f"Key{letter.upper()}") for i, letter in enumerate(text)]


def stroke(key: str, at_ms: float, hold_ms: float = 90) -> KeyStroke:
    return KeyStroke(key, at_ms, hold_ms, key)


def read(answer: str, keys: list[KeyStroke] | None = None, pastes: list[Paste] | None = None) -> TypingEvidence:
    evidence = read_typing(
        Entry(
            "",
            answer,
            key_events=UNSET if keys is None else tuple(keys),
            paste_events=UNSET if pastes is None else tuple(pastes),
        )
    )
    assert evidence is not None
    return evidence


def test_nothing_recorded_is_no_evidence_and_an_empty_log_is_some() -> None:
    assert read_typing(Entry("", "an answer")) is None
    empty = read("an answer", [])
    assert empty.has_keys
    assert not empty.has_pastes
    assert empty.keys == empty.typed_share == 0


def test_keys_that_spell_the_answer_explain_it_wholly() -> None:
    evidence = read("a nice day", typed("a nice day"))
    assert evidence.typed_share == evidence.replay_likeness == 1
    assert evidence.characters == evidence.intervals + 1 == 10
    assert evidence.interval_median_ms == 150
    assert evidence.interval_cv == 0


def test_the_order_in_which_events_come_and_their_origin_do_not_matter() -> None:
    keys = typed("shuffled when rolling over the keys")
    shuffled = [KeyStroke(k.key, k.down_ms + 86_400_000, k.hold_ms, k.code) for k in keys]
    random.Random(3).shuffle(shuffled)
    assert astuple(read("shuffled when rolling over the keys", shuffled)) == astuple(
        read("shuffled when rolling over the keys", keys)
    )


def test_capitals_may_arrive_as_small_letters() -> None:
    keys = [stroke("Shift", 0, 300), *typed("nasa", start_ms=50)]
    evidence = read("NASA", keys)
    assert evidence.typed_share == evidence.replay_likeness == 1


def test_a_held_backspace_counts_as_often_as_it_repeats_until_another_key_goes_down() -> None:
    keys = [*typed("abcdefgh"), stroke("Backspace", 2_000, 700), *typed("z", start_ms=3_000)]
    evidence = read("z", keys)
    assert 6 <= evidence.corrections <= 9
    assert evidence.replay_likeness > 0.6
    lost_release = [*typed("abc"), stroke("Backspace", 1_000, 60_000), *typed("z", start_ms=1_100)]
    assert read("abz", lost_release).corrections == 1


def test_corrections_and_arrows_are_replayed() -> None:
    keys = [
        *typed("god"),
        stroke("Backspace", 500),
        *typed("od", start_ms=600),
        stroke("Home", 1_000),
        *typed("so ", start_ms=1_100),
        stroke("ArrowRight", 1_700),
    ]
    evidence = read("so good", keys)
    assert evidence.replay_likeness == 1
    assert (evidence.corrections, evidence.navigations) == (1, 2)


def test_selecting_everything_makes_way_for_what_comes_next_only() -> None:
    select = [stroke("Control", 1_000, 400), stroke("a", 1_100)]
    assert read("b", [*typed("aaa"), *select, *typed("b", start_ms=2_000)]).replay_likeness == 1
    copy = [stroke("Control", 1_000, 400), stroke("a", 1_100), stroke("c", 1_300), stroke("End", 1_600)]
    assert read("aaab", [*typed("aaa"), *copy, *typed("b", start_ms=2_000)]).replay_likeness == 1


def test_alt_gr_types_characters_and_control_does_not() -> None:
    alt_gr = [stroke("Control", 0, 500), stroke("Alt", 5, 500), stroke("@", 100)]
    assert read("@", alt_gr).characters == 1
    paste = read("x", [stroke("Control", 0, 500), stroke("v", 100)])
    assert (paste.characters, paste.paste_shortcuts) == (0, 1)


def test_pauses_are_no_part_of_the_steady_intervals() -> None:
    keys = [*typed("one "), *typed("two", start_ms=450 + PAUSE_MS)]
    evidence = read("one two", keys)
    assert evidence.pauses == 1
    assert evidence.interval_longest_ms == 150
    assert evidence.rhythm.longest_s >= 2


def test_phones_show_as_keys_without_name_and_code() -> None:
    evidence = read("hello", [KeyStroke("Unidentified", i * 200.0, 0, "") for i in range(5)])
    assert evidence.unidentified == evidence.uncoded == 5
    assert evidence.typed_share == 0


def test_a_paste_is_found_in_the_answer_even_when_words_were_changed() -> None:
    text = "the checkout kept freezing and nobody at the desk could tell me why that was"
    whole = read(text, [], [Paste(500, text)]).pastes[0]
    assert whole.share == 1
    edited = read(text.replace("freezing", "crashing"), [], [Paste(500, text)]).pastes[0]
    assert 0.7 < edited.share < 1
    other = read(text, [], [Paste(500, "what we like about the summer is the long evenings on the balcony")]).pastes[0]
    assert other.share == 0


def test_white_space_around_and_in_a_paste_does_not_matter() -> None:
    assert read("two words", pastes=[Paste(0, "  two\r\n words\n")]).pastes[0].share == 1


def test_a_text_that_was_typed_here_before_is_the_respondents_own() -> None:
    keys = typed("first the price and then the service")
    pastes = [Paste(9_000, "and then the service"), Paste(9_500, "nobody typed this here before today")]
    own, foreign = read("and then the service nobody typed this here before today", keys, pastes).pastes
    assert own.is_own
    assert not foreign.is_own


def test_a_text_that_stands_here_is_the_respondents_own_whatever_was_mistyped() -> None:
    keys = []
    for i, letter in enumerate("the parcel never came to us"):
        keys += [
            *typed("q", start_ms=i * 600),
            stroke("Backspace", i * 600 + 150),
            *typed(letter, start_ms=i * 600 + 300),
        ]
    assert read("the parcel never came to us", keys, [Paste(90_000, "never came to us")]).pastes[0].is_own


def test_hidden_letters_still_fill_the_answer() -> None:
    masked = [*typed("aaaaaaaaaa"), stroke("Backspace", 2_000), *typed("aaa", start_ms=2_500)]
    evidence = read("twelve chars", masked)
    assert evidence.typed_share < 0.2
    assert evidence.filled == 1


def test_times_of_pastes_count_from_the_first_event() -> None:
    assert read("ab", typed("a", start_ms=1_000_000), [Paste(1_003_000, "b")]).pastes[0].after_ms == 3_000


def test_a_full_log_counts_as_truncated_and_explains_the_beginning() -> None:
    text = "word after word after word, all of them typed by hand. " * 20
    full = read(text, typed(text)[:620])
    assert full.is_truncated
    assert full.typed_share == full.replay_likeness == 1
    assert not read(text[:300], typed(text[:300])).is_truncated


def test_a_paste_that_would_not_have_fitted_into_the_log_may_be_missing() -> None:
    assert read("x" * 20_000, typed("x" * 150)).is_truncated
    assert not read("x" * 2_000, typed("x" * 150)).is_truncated


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf, 1e300, -5.0, 2.0**53])
def test_odd_numbers_never_hurt(odd: float) -> None:
    evidence = read(
        "ok \ud800",
        [KeyStroke("o", odd, 90, "KeyO"), KeyStroke("k", 100, odd, "KeyK"), KeyStroke("\ud800", 200, 90, "")],
        [Paste(odd, "ok \x00"), Paste(300, "")],
    )
    numbers = [value for value in astuple(evidence) if isinstance(value, int | float)]
    assert all(math.isfinite(number) and number >= 0 for number in numbers)
    assert evidence.typed_share <= 1


def test_a_hostile_log_is_read_in_part() -> None:
    keys = [KeyStroke("Home" if i % 2 else "a", float(i), 80, "KeyA") for i in range(100_000)]
    evidence = read("a" * 1_000_000, keys, [Paste(float(i), "ab" * 20_000) for i in range(200)])
    assert evidence.is_truncated
    assert evidence.keys < len(keys)


def captured(answer: str, capture: Capture, keys: tuple[KeyStroke, ...] = (), *pastes: Paste) -> TypingEvidence:
    evidence = read_typing(Entry("", answer, key_events=keys, paste_events=pastes, capture=capture))
    assert evidence is not None
    return evidence


def test_our_collector_says_by_itself_whether_its_log_is_whole() -> None:
    long = "x" * 30_000
    assert read(long, typed("x")).is_truncated
    assert not captured(long, Capture()).is_truncated
    assert captured("x", Capture(dropped=1)).is_truncated


def test_what_came_in_otherwise_is_only_known_from_our_collector() -> None:
    assert read("x", typed("x")).other is None
    other = captured("x", Capture(inputs=(Input(0, "insertText", 40),), touch=True)).other
    assert other
    assert (other.unkeyed, other.scripted, other.touch) == (40, 0, True)


@pytest.mark.parametrize("form", ["two  words\nmore", " two words more "])
def test_a_pasted_text_that_was_kept_secret_is_known_again(form: str) -> None:
    digest = "sha256:" + hashlib.sha256(b"two words more").hexdigest()
    [part] = captured(form, Capture(masked=True), (), Paste(0, digest, characters=14)).pastes
    assert (part.share, part.characters, part.text) == (1, 14, "")


def test_a_paste_of_which_only_the_length_is_known_is_one() -> None:
    [part] = captured("a" * 100, Capture(masked=True), (), Paste(0, "", characters=90)).pastes
    assert part.share == pytest.approx(0.9)
    [nothing] = captured("a" * 100, Capture(), (), Paste(0, "")).pastes
    assert nothing.share == 0


def test_of_another_secret_text_at_most_what_was_not_typed_stands_in_the_answer() -> None:
    paste = Paste(9_000, "sha256:" + "0" * 64, characters=200)
    [part] = captured("a" * 100, Capture(), tuple(typed("a" * 75)), paste).pastes
    assert part.share == pytest.approx(0.25)
    [part] = captured("a" * 100, Capture(), tuple(typed("a" * 100)), paste).pastes
    assert part.share == 0


def test_a_paste_says_whether_the_respondent_had_just_been_elsewhere() -> None:
    capture = Capture(away=(Absence(1_000, 30_000), Absence(60_000, 5_000)))
    soon, late = captured("x", capture, (), Paste(32_000, "x"), Paste(58_000, "x")).pastes
    assert soon.returned_ms == 30_000
    assert late.returned_ms == 0


def test_a_collector_knows_that_a_text_was_copied_from_here() -> None:
    [part] = captured("moved", Capture(), (), Paste(0, "moved", is_own=True)).pastes
    assert part.is_own
