"""A non-answer is one only if all of it is."""

import pytest

from earnest.text.lexicons import LONGEST_NON_ANSWER, NonAnswer, non_answer, respelt
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
        ("Nothing stood out", NonAnswer.NOTHING),
        ("i dunt know", NonAnswer.DONT_KNOW),
        ("idont kmow", NonAnswer.DONT_KNOW),
        ("dontknow, never heard of him", NonAnswer.DONT_KNOW),
        ("I don't know who he is", NonAnswer.DONT_KNOW),
        ("noithng", NonAnswer.NOTHING),
        ("nooooo", NonAnswer.NOTHING),
        ("Nothing. Exceptional service", NonAnswer.NOTHING),
        ("No lo sé", NonAnswer.DONT_KNOW),
        ("Keine Ahnung!", NonAnswer.DONT_KNOW),
        ("Je préfère ne pas répondre", NonAnswer.REFUSAL),
        ("特になし", NonAnswer.NOTHING),
        ("I don't know anyone who dislikes it", None),
        ("I don't know how to cancel", None),
        ("None of the buses go to my street", None),
        ("Nothing beats the price", None),
        ("No parking", None),
        ("No sé cómo cancelar", None),
        ("Nine", None),
        ("No good", None),
        ("Boring", None),
        ("stand out of the way", None),
        ("They never told me", None),
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


def test_the_words_of_the_question_name_nothing_beside_a_dont_know() -> None:
    said = words("im not familiar with gordon brown")
    assert non_answer(said) is None
    assert non_answer(said, frozenset({"gordo", "brown"})) is NonAnswer.DONT_KNOW
    assert non_answer(words("nothing about gordon brown"), frozenset({"gordo", "brown"})) is None


@pytest.mark.parametrize("name", ["nona", "clio", "nuno", "thing", "sure", "know"])
def test_names_and_usual_words_are_no_slips(name: str) -> None:
    assert respelt(name) == (name,)
