"""Whom to look at next, where evidence stands in an answer, and how it was typed."""

import pytest

from earnest.findings import CheckName, EntryEvaluation, Finding, RespondentEvaluation
from earnest.review import Ledger, Only, Order, Sought, queue_of, replay_of
from earnest.review.marks import Mark, Span, common, names_in, pasted, pieces, quoted, repeats_in
from earnest.survey import Capture, Entry, KeyStroke, Paste

MASH, OFF = CheckName.NONSENSICAL, CheckName.IRRELEVANT


def answer(question: str, *issues: CheckName, score: float = 80.0) -> EntryEvaluation:
    found = tuple(Finding(check, score, True, reason_codes=("mash",)) for check in issues)
    found = found or (Finding(MASH, 10.0, False),)
    shown = Entry(question=question, answer="-")
    return EntryEvaluation(shown, len(issues), bool(issues), 100 - score, score if issues else 10.0, found)


def survey(*people: tuple[EntryEvaluation, ...]) -> Ledger:
    return Ledger.of([RespondentEvaluation(f"r{i}", 0, 0, 0, each) for i, each in enumerate(people)])


LEDGER = survey(
    (answer("q1"), answer("q2"), answer("q3")),
    (answer("q1", MASH, score=95.0), answer("q2"), answer("q3")),
    (answer("q1", MASH), answer("q2", OFF), answer("q3")),
    (answer("q1"), answer("q2", OFF, score=55.0), answer("q3")),
)


@pytest.mark.parametrize(
    ("sought", "expected"),
    [
        (Sought(), [2, 1, 3, 0]),
        (Sought(Order.UNCERTAIN), [3, 2, 0, 1]),
        (Sought(Order.SUBMITTED), [0, 1, 2, 3]),
        (Sought(only=Only.FLAGGED), [2, 1, 3]),
        (Sought(only=Only.PROPOSED), [2]),
        (Sought(check=MASH), [2, 1]),
        (Sought(question=1), [2, 3]),
        (Sought(check=MASH, question=1), []),
        (Sought(question=99), []),
    ],
)
def test_a_queue_holds_who_is_sought(sought: Sought, expected: list[int]) -> None:
    assert queue_of(LEDGER, sought).tolist() == expected


@pytest.mark.parametrize("order", Order)
def test_an_empty_survey_is_an_empty_queue(order: Order) -> None:
    assert queue_of(survey(), Sought(order, Only.PROPOSED, MASH, 0)).tolist() == []


def marked(text: str, spans: list[Span]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("text", "evidence", "expected"),
    [
        ("Well, as an AI\n model I", "It speaks as a chat model: 'as an ai model'.", ["as an AI\n model"]),
        ("asdf qwer", "Keys in a row: 'asdf', 'qwer'.", ["asdf", "qwer"]),
        ("I don't know", "It says 'I don't know'.", ["I don't know"]),
        ("long answer goes on", "'long answer…' is all there is.", ["long answer"]),
        ("a (b", "'a (b'.", ["a (b"]),
        ("fine", "It says 'something else'.", []),
        ("fine", "", []),
    ],
)
def test_quotes_are_found_in_the_answer(text: str, evidence: str, expected: list[str]) -> None:
    assert marked(text, quoted(text, evidence)) == expected


def test_common_words_keep_their_order() -> None:
    assert marked(
        "I LOVE the taste, it's good", common("I LOVE the taste, it's good", "we love the  taste; it's bad")
    ) == ["LOVE the taste, it's"]
    assert common("one", "two") == common("", "") == []


def test_pasted_parts_are_found_though_they_were_edited() -> None:
    clip = "this sentence was copied and that one too"
    text = "Well, this sentence was copied ha and that one too"
    assert marked(text, pasted(text, [clip])) == ["this sentence was copied ", " and that one too"]
    assert pasted(text, ["short"]) == []


def test_pieces_are_the_whole_text() -> None:
    found = pieces("abcdef", [Span(1, 4, Mark.PASTED), Span(3, 5, Mark.QUOTED), Span(3, 5, Mark.QUOTED)])
    assert [(each.text, each.marks) for each in found] == [
        ("a", ()),
        ("bc", (Mark.PASTED,)),
        ("d", (Mark.QUOTED, Mark.PASTED)),
        ("e", (Mark.QUOTED,)),
        ("f", ()),
    ]
    assert pieces("", []) == []


def test_names_and_numbers_are_read_from_evidence() -> None:
    said = "2 other respondents gave nearly the same answer: 'R_1' (97 % alike), 'o'x' (90 % alike); honest answers …"
    assert names_in(said) == ["R_1", "o'x"]
    assert names_in("'R 9' says much the same in other words: 80 % alike in meaning.") == ["R 9"]
    assert repeats_in("This is 90 % the same as answers 1, 2 and 4 of this respondent (and 3 more).") == [1, 2, 4]
    assert repeats_in("It is off.") == []


def keys(*strokes: tuple[str, float]) -> tuple[KeyStroke, ...]:
    return tuple(KeyStroke(key, at_ms, 60, "") for key, at_ms in strokes)


def grown(entry: Entry) -> str:
    """The text after all changes, as the browser makes it."""
    replay = replay_of(entry)
    assert replay is not None
    text: list[str] = []
    for change in replay.changes:
        text[change.place : change.place + change.removed] = change.added
    return "".join(text)


def test_a_replay_ends_with_what_was_written() -> None:
    strokes = keys(("h", 0), ("o", 200), ("Backspace", 400), ("i", 600), ("Home", 800), ("O", 1000), ("Control", 1200))
    entry = Entry(question="q", answer="Ohi", key_events=strokes, paste_events=(Paste(1500, "there"),))
    assert grown(entry) == "Otherehi"
    replaced = Entry(
        question="q", answer="x", key_events=keys(("a", 0), ("b", 9), ("Control", 20), ("a", 30), ("x", 99))
    )
    assert grown(replaced) == "x"


def test_long_pauses_pass_quickly_and_are_told_truly() -> None:
    replay = replay_of(Entry(question="q", answer="ab", key_events=keys(("a", 5_000), ("b", 65_000))))
    assert replay is not None
    assert [(each.at_ms, each.lasted_ms) for each in replay.pauses] == [(0, 60_000)]
    assert (replay.shown_ms, replay.true_ms, replay.bursts) == (3_000, 60_000, 2)


def test_masked_characters_stay_masked() -> None:
    digest = "sha256:" + "0" * 64
    entry = Entry(
        question="q",
        answer="ab 1, cd",
        key_events=keys(("a", 0), ("a", 100), ("0", 200), (".", 300)),
        paste_events=(Paste(400, digest, characters=2),),
        capture=Capture(masked=True),
    )
    assert grown(entry) == "xx0·▒▒"


@pytest.mark.parametrize(
    "entry",
    [
        Entry(question="q", answer="a"),
        Entry(question="q", answer="a", key_events=()),
        Entry(question="q", answer="a", key_events=keys(("Unidentified", 0), ("", 1))),
        Entry(question="q", answer="a", key_events=keys(("Backspace", 0))),
    ],
)
def test_where_nothing_can_be_shown_there_is_no_replay(entry: Entry) -> None:
    assert replay_of(entry) is None
