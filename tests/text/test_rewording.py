"""What makes an answer look like another one in other words; figures are in docs/explanation/accuracy.md."""

import numpy as np
import pytest

from earnest.text.rewording import (
    FEWEST_WORDS,
    Rewording,
    compare,
    may_be_reworded,
    nearest_closeness,
    reworded,
    typical_closeness,
)

STORY = "my neighbour had been with them for years and never complained so i switched when my contract ran out"
TOLD_AGAIN = "the neighbour had used them for years without complaints so i simply switched once the contract ended"


def compared(other: str = TOLD_AGAIN, *, closeness: float = 0.8, nearest: float = 0.5, asked: float = 0.2) -> Rewording:
    return compare(STORY, other, closeness=closeness, asked=asked, nearest=nearest, question="why us", peers=())


def test_the_nearer_in_meaning_the_likelier() -> None:
    assert reworded(compared(closeness=0.9).signals, others=50) > reworded(compared().signals, others=50)


def test_where_answers_are_alike_anyway_it_is_less_likely() -> None:
    assert reworded(compared(nearest=0.7).signals, others=50) < reworded(compared().signals, others=50)


def test_what_the_question_explains_does_not_count() -> None:
    assert reworded(compared(asked=0.7).signals, others=50) < reworded(compared().signals, others=50)


def test_the_more_people_the_likelier_is_chance() -> None:
    signals = compared().signals
    assert reworded(signals, others=5000) < reworded(signals, others=50) < reworded(signals, others=1)


def test_the_words_of_the_question_are_not_telling() -> None:
    telling = compare(
        STORY, TOLD_AGAIN, closeness=0.8, asked=0.2, nearest=0.5, question="did your neighbour tell you", peers=()
    ).telling
    assert "neighbour" not in telling
    assert {"complained", "contract", "switched"} <= {*telling}


def test_words_that_many_use_are_less_telling() -> None:
    def among(peers: tuple[str, ...]) -> Rewording:
        return compare(STORY, TOLD_AGAIN, closeness=0.8, asked=0.2, nearest=0.5, question="", peers=peers)

    others = tuple(f"the price was right {i}" for i in range(20))
    usual = among(tuple(f"{each} and my contract ran out" for each in others))
    assert usual.telling[-1] == "contract"
    assert usual.signals["shared"] < among(others).signals["shared"]


def test_much_less_said_is_no_rewording() -> None:
    short = "my neighbour never complained so i switched then"
    assert reworded(compared(short).signals, others=50) < reworded(compared().signals, others=50)


@pytest.mark.parametrize(
    ("other", "may"),
    [
        (TOLD_AGAIN, True),
        (" ".join(STORY.split()[: FEWEST_WORDS - 1]), False),
        ("neighbour years contract complaints switching price speed reviews service", False),
    ],
)
def test_what_may_be_a_rewording(other: str, *, may: bool) -> None:
    assert may_be_reworded(STORY, other) is may


def test_a_tenth_of_copies_changes_little() -> None:
    closeness = np.full(64, 0.3)
    copied = closeness.copy()
    copied[:6] = 0.95
    assert nearest_closeness(copied) == pytest.approx(nearest_closeness(closeness))
    assert typical_closeness(closeness) == pytest.approx(0.3)


def test_nobody_to_ask() -> None:
    assert 0 < typical_closeness(np.zeros(0)) < nearest_closeness(np.zeros(0)) < 1
