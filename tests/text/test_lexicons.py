"""A non-answer is one only if all of it is."""

import pytest

from earnest.text.lexicons import LONGEST_NON_ANSWER, NonAnswer, non_answer
from earnest.text.normalize import comparable, words


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I don't know", NonAnswer.DONT_KNOW),
        ("idk really", NonAnswer.DONT_KNOW),
        ("No idea, honestly.", NonAnswer.DONT_KNOW),
        ("I am not sure about this", NonAnswer.DONT_KNOW),
        ("Hard to say", NonAnswer.DONT_KNOW),
        ("never heard of it", NonAnswer.DONT_KNOW),
        ("No comment", NonAnswer.REFUSAL),
        ("I'd rather not say", NonAnswer.REFUSAL),
        ("skip", NonAnswer.REFUSAL),
        ("don't want to answer that", NonAnswer.REFUSAL),
        ("I don't know, no comment", NonAnswer.REFUSAL),
        ("N/A", NonAnswer.NOTHING),
        ("none!!", NonAnswer.NOTHING),
        ("Nothing comes to mind", NonAnswer.NOTHING),
        ("No suggestions at this time", NonAnswer.NOTHING),
        ("see above", NonAnswer.NOTHING),
        ("I don't know anyone who dislikes it", None),
        ("I don't know how to cancel", None),
        ("None of the buses go to my street", None),
        ("Nothing beats the price", None),
        ("No parking", None),
        ("not enough staff", None),
        ("Skip the queue", None),
        ("pass on the savings", None),
        ("I was not sure whether the card had been charged", None),
        ("", None),
    ],
)
def test_kinds_and_near_misses(text: str, kind: NonAnswer | None) -> None:
    assert non_answer(words(comparable(text))) is kind


def test_a_very_long_text_is_no_non_answer() -> None:
    assert non_answer(("no",) * (LONGEST_NON_ANSWER + 1)) is None
