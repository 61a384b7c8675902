"""What tells something is told from what would fit anywhere."""

import numpy as np

from earnest.text.features import Features, measure
from earnest.text.substance import SIGNALS, shipped, signals, tells

ZEROS = np.zeros(384, dtype=np.float16)


def measured(text: str) -> Features:
    return measure(text, pieces=1, pieces_cover=1)


def test_two_words_that_are_not_common_tell_something_and_the_questions_own_do_not() -> None:
    answer = measured("The notebook kernel")
    assert tells(answer, frozenset())
    assert not tells(answer, frozenset({"noteb"}))
    assert not tells(measured("it was the way that it was"), frozenset())


def test_every_signal_is_measured_and_shares_are_shares() -> None:
    found = signals(measured("All in all it was quite good in many ways"), frozenset(), "vague")
    assert set(found) == set(SIGNALS)
    assert found["vague"] == 1
    assert 0 <= found["generic"] <= 1
    assert 0 < found["distinct"] < 1


def test_the_more_a_text_repeats_the_question_the_emptier_it_is() -> None:
    text = measured("The problem is that there is a problem with the delivery and it is a delivery problem for people")
    fresh, repeated = (
        shipped().log_odds(signals(text, own, None), ZEROS) for own in (frozenset[str](), frozenset({"probl", "deliv"}))
    )
    assert repeated > fresh


def test_white_space_changes_nothing() -> None:
    once, twice = (signals(measured(text), frozenset(), None) for text in ("it  was\nok  ", "it was ok"))
    assert once == twice
