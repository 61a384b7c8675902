"""The arithmetic behind Irrelevant, on vectors small enough to check by hand."""

import numpy as np

from earnest.checks.relevance import FEWEST_OTHERS, Elsewhere, Trees, Weigher, shipped
from earnest.evaluate import Evaluator
from earnest.findings import CheckName
from earnest.survey import Entry, Respondent, Survey

FRIENDS = [
    "Honesty, and that they listen", "Loyalty above all", "That I can trust them with anything", "Trust and honesty",
    "Someone who makes me laugh", "Friends who stay when it gets hard", "Being there for one another",
    "That they accept me as I am", "Loyalty and a sense of humour", "Listening without judging",
]  # fmt: skip


def test_trees_add_up_their_leaves() -> None:
    trees = Trees(
        signal=np.array([[1, -1, -1], [-1, 0, 0]]),
        threshold=np.array([[0.5, -2.0, 3.0], [0.25, 0, 0]]),
        left=np.array([[1, 0, 0], [0, 0, 0]]),
        bias=1.0,
    )
    assert trees.log_odds(np.array([[9, 0.5], [9, 0.6]])).tolist() == [-0.75, 4.25]
    assert trees.log_odds(np.zeros((0, 2))).tolist() == []


def test_far_questions_are_those_least_like_the_anchor() -> None:
    answers = np.eye(5, dtype=np.float64)[[0, 0, 1, 2, 3, 4]]
    elsewhere = Elsewhere.of(list("abcde"), answers, np.array([0, 0, 1, 2, 3, 4]))
    far = elsewhere.far_from(np.array([5, 4, 3, 2, 1], dtype=np.float64))
    assert far.tolist() == [3, 4, 5]


def test_an_answer_is_compared_with_others_only_where_there_are_enough() -> None:
    few = [Respondent(str(i), (Entry("What do you value in a friend?", text),)) for i, text in enumerate(FRIENDS[:3])]
    finding = Evaluator().evaluate(Survey(), few, wanted={CheckName.IRRELEVANT})[0].evaluations[0].quality_issue_checks
    assert len(few) <= FEWEST_OTHERS
    assert "unlike_others" not in finding[0].reason_codes


def test_nothing_depends_on_the_order_of_respondents() -> None:
    def scores(texts: list[str]) -> dict[str, list[float]]:
        respondents = [Respondent(text, (Entry("What do you value in a friend?", text),)) for text in texts]
        found = Evaluator().evaluate(Survey(), respondents, wanted={CheckName.IRRELEVANT})
        return {
            text: [finding.score for finding in each.evaluations[0].quality_issue_checks]
            for text, each in zip(texts, found, strict=True)
        }

    assert scores(FRIENDS) == scores(FRIENDS[::-1])


def test_what_ships_is_whole() -> None:
    model = shipped()
    assert len(model.elsewhere.questions) == len(model.elsewhere.centres) == model.elsewhere.question_of.max() + 1
    assert np.allclose(np.linalg.norm(model.elsewhere.answers, axis=1), 1, atol=1e-3)
    assert Weigher(model.elsewhere).weigh([]).alone.shape == (0, 5)
