"""Texts that read like a chat model's, texts that do not, and what must make no difference."""

import pytest

from earnest.text import authorship
from earnest.text.chatbot import give_away
from earnest.text.normalize import clean

POLISHED = (
    "My experience with your customer support team was excellent overall. The representative was attentive, patient,"
    " and knowledgeable, and they provided clear, step-by-step guidance to resolve my issue efficiently. I particularly"
    " appreciated the prompt follow-up, which ensured that everything was working properly."
)
PLAIN = (
    "mostly for teaching, would be nice if the install worked w/o admin rights on windows (we cant get them). docs are"
    " thin on this and the app forum had nothing when i looked, maybe its been mended since?"
)


def test_only_a_polished_text_is_enough_by_itself() -> None:
    assert authorship.log_odds(POLISHED) > authorship.least_alone()
    assert authorship.log_odds(PLAIN) < authorship.least_alone() - 2


@pytest.mark.parametrize("text", [POLISHED, PLAIN])
def test_quotation_marks_dashes_accents_and_mark_up_make_no_difference(text: str) -> None:
    dressed = (
        text.replace("'", "’").replace("-", "–").replace("my issue", "**my issue**").replace("app forum", "*app* forum")
    )
    assert authorship.log_odds(clean(dressed)) == authorship.log_odds(text)


def test_white_space_makes_no_difference() -> None:
    assert authorship.log_odds(clean(POLISHED.replace(" ", "\n  "))) == authorship.log_odds(POLISHED)


def test_rates_do_not_grow_with_length() -> None:
    tokens = ["a", "word", "and", "another", ",", "with", "a", "mark", "."]
    once, thrice = (authorship.style(" ".join(tokens * n), tokens * n) for n in (1, 3))
    changed = [abs(a - b) for a, b in zip(once, thrice, strict=True)]
    assert max(changed) < 1.1, "only variety and the number of sentences per word may move"


@pytest.mark.parametrize("text", ["", "!!!", "日本語", "@CAPS1", "x" * 50_000, "a \ud800 b"])
def test_any_text_has_finite_log_odds(text: str) -> None:
    assert abs(authorship.log_odds(clean(text))) <= authorship.MOST_LOG_ODDS


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("As an AI language model, I do not eat.", "identity"),
        ("I'm sorry, but as an AI I cannot taste it.", "identity"),
        ("I am an AI, so I have no favourite.", "identity"),
        ("Certainly! Here's a short answer:\nIt was fine.", "courtesy"),
        ("Here is a sample response: It was fine.", "courtesy"),
        ("It was fine. Let me know if you'd like me to shorten it.", "courtesy"),
        ("My name is [Your Name] and I liked it.", "courtesy"),
        ("It was fine. I hope this helps!", "closing"),
        ("**Price**: low.\n**Taste**: good.", "markup"),
    ],
)
def test_traces_of_chat_assistants_are_found(text: str, kind: str) -> None:
    found = give_away(text)
    assert found is not None
    assert found.kind == kind
    assert found.quote.rstrip(":") in " ".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "I'm an AI engineer, so I build these.",
        "As an AI researcher I love it.",
        "I use it as an AI tutor for my kids.",
        'It always says "As an AI language model, I cannot" and gives up.',
        "Sure, here are my thoughts: price and taste.",
        "Certainly not, the service was bad.",
        "Of course I would.",
        "five **** stars ****",
        "here is what I think",
    ],
)
def test_people_write_alike_without_being_taken_for_assistants(text: str) -> None:
    assert give_away(text) is None
