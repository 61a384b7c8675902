"""What pastes and keys say, that it is true to what was seen, and that honest habits accuse nobody."""

import random
from dataclasses import replace

import pytest
from benchmarks.typing_simulators import SIMULATORS, Simulator, composed, copied, copyist, keys, logged, transcribed

from earnest.checks.signs import FEWEST_TO_TELL, Sign, key_signs, paste_signs, unkeyed
from earnest.keystrokes import TypingEvidence, digest_of, read_typing
from earnest.survey import Capture, Entry, Input, KeyStroke, Paste

TEXT = (
    "My overall experience with the service was positive. The team answered quickly and solved the problem within a "
    "day, and the application remained easy to use throughout. I would recommend it to colleagues with similar needs."
)
OTHER = "What matters most to me is that it works whenever it is needed, and that somebody answers when it does not."
THRESHOLD = 1.8
"""Log-odds that turn one in seven into more than a half."""


def typing_of(entry: Entry) -> TypingEvidence:
    typing = read_typing(entry)
    assert typing is not None
    return typing


def signs(entry: Entry, *others: Entry) -> list[Sign]:
    typing = typing_of(entry)
    pasted = paste_signs(typing, len(entry.answer), [])
    return pasted or key_signs(typing, len(entry.answer), [typing_of(other) for other in others])


def odds(entry: Entry, *others: Entry) -> float:
    return sum(sign.log_odds for sign in signs(entry, *others))


def fluent(text: str, seed: int = 3) -> Entry:
    """Typed off by somebody who neither errs nor stops."""
    who = replace(copyist(random.Random(seed), glancing=False), usual_ms=150, spread=0.4, slips=0.0, reads=0.0)
    return logged("", text, copied(text, who, random.Random(seed)))


def with_pause(entry: Entry, at: int, pause_ms: float) -> Entry:
    """The same keys, with a pause before one of them."""
    strokes = [
        KeyStroke(s.key, s.down_ms + (pause_ms if i >= at else 0), s.hold_ms, s.code)
        for i, s in enumerate(entry.key_events or ())
    ]
    return logged(entry.question, entry.answer, strokes)


@pytest.mark.parametrize("simulator", [s for s in SIMULATORS if not s.is_attack], ids=lambda s: s.name)
def test_honest_ways_of_filling_in_accuse_hardly_anybody(simulator: Simulator) -> None:
    rng = random.Random(simulator.name)
    accused = sum(odds(simulator.fill("", TEXT, rng)) > THRESHOLD for _ in range(40))
    assert accused <= 1


@pytest.mark.parametrize("name", ["script", "field set", "pasted"])
def test_scripts_and_pastes_are_seen(name: str) -> None:
    for simulator in SIMULATORS:
        if simulator.name.startswith(name) and simulator.is_attack:
            rng = random.Random(simulator.name)
            seen = sum(odds(simulator.fill("", TEXT, rng)) > THRESHOLD for _ in range(20))
            assert seen >= 14, simulator.name


def test_a_long_answer_without_a_stop_was_read_off_and_a_pause_takes_that_back() -> None:
    (sign,) = signs(fluent(TEXT))
    assert sign.code == "transcribed"
    assert sign.log_odds > THRESHOLD
    assert "0 pauses of 2 s or more" in sign.sentence
    (paused,) = signs(with_pause(fluent(TEXT), 90, 20_000))
    assert paused.code == ""
    assert "1 pause of 2 s or more" in paused.sentence


def test_words_taken_back_speak_for_a_person() -> None:
    plain = fluent(TEXT[:120])
    strokes = list(plain.key_events or ())
    start, rest = strokes[:60], strokes[60:]
    keys_between = [("x", "KeyX")] * 20 + [("Backspace", "Backspace")] * 20
    between = [
        KeyStroke(key, start[-1].down_ms + 150 * i, 80, code) for i, (key, code) in enumerate(keys_between, start=1)
    ]
    late = [KeyStroke(s.key, s.down_ms + 150 * len(between), s.hold_ms, s.code) for s in rest]
    mended = odds(logged("", plain.answer, [*start, *between, *late]))
    assert mended < odds(plain) - 1


def test_short_answers_cannot_have_been_read_off_unless_there_are_several() -> None:
    short = [fluent(text, seed) for seed, text in enumerate((OTHER[:55], TEXT[:53], TEXT[53:110], OTHER[50:]))]
    assert len(short[0].answer) < FEWEST_TO_TELL
    assert signs(short[0])[0].code == ""
    (sign,) = signs(*short)
    assert sign.code == "transcribed"
    assert "so are 3 other answers of this respondent" in sign.sentence


def test_an_answer_that_was_composed_stays_so_beside_others_that_were_not() -> None:
    thought = with_pause(fluent(OTHER), 30, 30_000)
    assert signs(thought, fluent(TEXT), fluent(TEXT[::-1]))[0].code == ""


def test_a_log_that_stopped_phones_and_unknown_keys_are_never_read_off() -> None:
    long = fluent(" ".join([TEXT] * 6))
    cut = Entry("", long.answer, key_events=(long.key_events or ())[:620], paste_events=())
    assert typing_of(cut).is_truncated
    assert odds(cut) < 0
    phone = [KeyStroke(s.key, s.down_ms, s.hold_ms, "") for s in fluent(TEXT).key_events or ()]
    assert odds(logged("", TEXT, phone)) <= 0


def test_a_pace_that_ignores_words_is_a_script_and_one_that_follows_them_is_not() -> None:
    rng = random.Random(11)
    even = logged("", TEXT, keys(TEXT, lambda r: r.lognormvariate(5, 0.5), lambda _: 90.0, rng))
    (sign,) = signs(even)
    assert sign.code == "pace_off_words"
    assert "hardly longer before words" in sign.sentence
    assert all(sign.code != "pace_off_words" for sign in signs(fluent(TEXT)))


def test_one_rhythm_in_two_answers_is_a_script_and_one_log_of_two_answers_is_a_page_s_habit() -> None:
    first = composed("", TEXT, random.Random(2))
    times = [stroke.down_ms for stroke in first.key_events or ()]
    again = logged("", OTHER, [KeyStroke(c.lower(), t, 90, "KeyA") for c, t in zip(OTHER, times, strict=False)])
    assert signs(again, first)[0].code == "same_rhythm"
    attached = Entry("", OTHER[:40], key_events=first.key_events, paste_events=())
    assert all(sign.code != "same_rhythm" for sign in signs(first, attached))


def test_hidden_letters_accuse_nobody() -> None:
    thought = composed("", TEXT, random.Random(4))
    masked = [
        KeyStroke("a" if len(s.key) == 1 else s.key, s.down_ms, s.hold_ms, "KeyA") for s in thought.key_events or ()
    ]
    assert odds(logged("", TEXT, masked)) <= 0


def test_without_the_paste_that_is_named_nothing_is_left() -> None:
    thought = composed("", TEXT, random.Random(6))
    pasted = Entry("", TEXT, key_events=thought.key_events, paste_events=(Paste(0, TEXT),))
    assert odds(pasted) > THRESHOLD
    assert "100 % of the answer" in signs(pasted)[0].sentence
    assert odds(thought) < 0


def test_typed_off_is_said_of_many_who_type_off() -> None:
    rng = random.Random(1)
    assert sum(odds(transcribed("", TEXT, rng)) > THRESHOLD for _ in range(40)) >= 20


def captured(*inputs: Input, keys: tuple[KeyStroke, ...] = (), pastes: tuple[Paste, ...] = ()) -> Entry:
    """An answer whose other inputs were recorded too."""
    return Entry("", TEXT, key_events=keys, paste_events=pastes, capture=Capture(inputs=inputs))


@pytest.mark.parametrize(
    "kind", ["insertText", "insertReplacementText", "insertCompositionText", "insertFromYank", "x"]
)
@pytest.mark.parametrize("pressed", [0, 3, 40])
def test_whoever_dictates_or_takes_suggestions_is_never_accused_for_want_of_keys(kind: str, pressed: int) -> None:
    keys = (fluent(TEXT).key_events or ())[:pressed]
    entry = captured(Input(0, kind, len(TEXT) - pressed), keys=keys)
    assert odds(entry) <= 0
    note = unkeyed(typing_of(entry), len(TEXT))
    assert note
    assert (note.code, note.log_odds) == ("", 0)
    assert f"{len(TEXT) - pressed} of its {len(TEXT)} characters" in note.sentence


def test_what_stood_there_already_accuses_nobody() -> None:
    assert signs(captured(Input(0, "prefilled", len(TEXT)), keys=(fluent(TEXT).key_events or ())[:5])) == []


def test_a_script_that_sets_the_text_is_seen_with_and_without_events() -> None:
    letters = [Input(i * 2_000, "input", 10, by_script=True) for i in range(len(TEXT) // 10)]
    for inputs in (
        [Input(0, "noEvent", len(TEXT))],
        [Input(0, "insertText", len(TEXT), by_script=True)],
        [*letters, Input(0, "keydown", len(TEXT), by_script=True)],
    ):
        (sign,) = signs(captured(*inputs))
        assert sign.code == "set_by_script"
        assert sign.log_odds > THRESHOLD


def test_phrases_that_a_browser_extension_puts_in_are_no_verdict_by_themselves() -> None:
    phrases = tuple(Input(i * 2_000, "input", len(TEXT) // 4, by_script=True) for i in range(4))
    (sign,) = signs(captured(*phrases))
    assert 0 < sign.log_odds < THRESHOLD


def test_what_a_page_does_to_a_text_that_was_typed_is_no_script_s_answer() -> None:
    typed = captured(Input(0, "noEvent", len(TEXT)), keys=composed("", TEXT, random.Random(2)).key_events or ())
    assert odds(typed) < 0


def test_a_secret_paste_counts_unless_it_is_the_question_s_or_another_answer_s() -> None:
    entry = captured(pastes=(Paste(0, f"sha256:{digest_of(TEXT)}", characters=len(TEXT)),))
    assert odds(entry) > THRESHOLD
    assert paste_signs(typing_of(entry), len(TEXT), [TEXT]) == []
