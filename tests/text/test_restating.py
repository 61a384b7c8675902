"""What counts as saying a question over again is weighed by the check; here is what is measured."""

from collections.abc import Mapping

from earnest.text.features import measure
from earnest.text.restating import MOST_NEW, signals

QUESTION = "What would encourage you to use public transport more often?"


def of(answer: str) -> Mapping[str, float] | None:
    return signals(measure(QUESTION, pieces=1, pieces_cover=1), measure(answer, pieces=1, pieces_cover=1), 0.8)


def test_a_statement_of_the_question_has_no_words_of_its_own() -> None:
    found = of("The things that would encourage me to use public transport more often")
    assert found is not None
    assert found["own_words_asked"] == 1
    assert found["new_words"] == 0
    assert found["of_the_question"] == 1


def test_i_and_you_are_the_same_person() -> None:
    found = of("what would encourage me to use public transport more often")
    assert found is not None
    assert found["question_covered"] == 1


def test_an_answer_in_the_questions_words_has_new_ones() -> None:
    found = of("I would use public transport more often if it ran after ten")
    assert found is not None
    assert found["new_words"] > 0


def test_what_says_much_of_its_own_is_no_restatement() -> None:
    own = ["cheaper", "tickets", "safer", "platforms", "quieter", "carriages"]
    assert len(own) > MOST_NEW
    assert of(" ".join(own)) is None


def test_what_is_too_short_or_blank_is_no_restatement() -> None:
    assert of("") is None
    assert of("more often") is None
