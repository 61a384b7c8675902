"""What Duplicate Answers and Repeated Answers say among other people; single cases stand in `cases/`."""

import pytest
from tests.conftest import TinyEncoder

from earnest.checks.self_duplicate import SelfDuplicate
from earnest.checks.shared_duplicate import SharedDuplicate
from earnest.evaluate import Evaluator
from earnest.findings import Finding
from earnest.survey import Entry, Respondent, Survey

LIKES = "What do you like about the shop?"
CHANGES = "What should we change about our opening hours?"
STORY = "The checkout kept freezing so I gave up and went to the market in town instead"
OTHERS = (
    "It is close to the bus stop", "Good service", "Friendly staff", "They know me", "I can bring my dog",
    "The coffee while you wait", "Low prices", "Fresh bread every morning", "There is always a free till",
    "Parking costs nothing", "They repair what they sell", "Nothing", "I don't know", "It opens early",
)  # fmt: skip


@pytest.fixture(scope="module")
def evaluator(tiny_encoder: TinyEncoder) -> Evaluator:
    return Evaluator(encoder=tiny_encoder, checks=(SelfDuplicate(), SharedDuplicate()))


def among_others(evaluator: Evaluator, *answers: str) -> list[Finding]:
    """Findings on these answers of different people, given among those of OTHERS."""
    everybody = [Respondent(f"r{i}", (Entry(LIKES, text),)) for i, text in enumerate((*answers, *OTHERS))]
    evaluations = evaluator.evaluate(Survey(), everybody)
    return [evaluation.evaluations[0].quality_issue_checks[0] for evaluation in evaluations[: len(answers)]]


def of_one_person(evaluator: Evaluator, first: str, second: str, *, question: str = CHANGES) -> list[Finding]:
    """Findings on two answers of one person to LIKES and another question."""
    [evaluation] = evaluator.evaluate(Survey(), [Respondent("ann", (Entry(LIKES, first), Entry(question, second)))])
    return [finding for entry in evaluation.evaluations for finding in entry.quality_issue_checks]


def test_a_copy_names_who_else_gave_it(evaluator: Evaluator) -> None:
    first, second = among_others(evaluator, STORY, STORY.lower())
    assert first.is_issue
    assert second.is_issue
    assert first.reason_codes == ("exact_copy",)
    assert first.evidence == (
        "1 other respondent gave the same answer: 'r1' (100 % alike); honest answers agree so by chance in"
        f" {str(first.evidence).split(' by chance in ')[1]}"
    )


def test_of_many_copies_three_are_named(evaluator: Evaluator) -> None:
    evidence = str(among_others(evaluator, *[STORY] * 6)[0].evidence)
    assert "5 other respondents gave the same answer: 'r1' (100 % alike), 'r2' (100 % alike), 'r3'" in evidence
    assert "and 2 more;" in evidence


@pytest.mark.parametrize(
    "copy",
    [
        STORY.upper() + "!!",
        STORY.replace("checkout", "chekout").replace("market", "markte"),
        STORY.replace("gave up", "stopped"),
        STORY.replace("freezing", "really freezing again today").replace("town", "the old town"),
    ],
)
def test_a_changed_copy_is_a_copy(evaluator: Evaluator, copy: str) -> None:
    first, second = among_others(evaluator, STORY, copy)
    assert first.is_issue
    assert second.is_issue


@pytest.mark.parametrize(
    "text",
    [
        "price",
        "good service",
        "easy to use",
        "friendly and helpful staff",
        "I don't know",
        "nothing at all",
        "Nike",
        "👍",
    ],
)
def test_what_many_say_by_themselves_is_forgiven(evaluator: Evaluator, text: str) -> None:
    for finding in among_others(evaluator, text, text.capitalize()):
        assert not finding.is_issue
        assert not finding.reason_codes
        assert finding.score < 98.5


@pytest.mark.parametrize(
    "text", ["I don't know, I have no idea about that at all", "No comment", "nothing comes to mind"]
)
def test_non_answers_are_never_copies(evaluator: Evaluator, text: str) -> None:
    assert [finding.score for finding in among_others(evaluator, text, text)] == [0, 0]


def test_opposite_opinions_in_the_same_words_are_no_copies(evaluator: Evaluator) -> None:
    said = "I would recommend this shop to all my friends and neighbours"
    for finding in among_others(evaluator, said, said.replace("would", "would not")):
        assert finding.score == 0


def test_what_others_say_too_is_less_surprising(evaluator: Evaluator) -> None:
    said = "free parking behind the building"
    alone = among_others(evaluator, said, said)[0]
    usual = among_others(evaluator, said, said, *[f"{each} and free parking behind it" for each in ["bread", "tea"]])
    assert usual[0].score < alone.score


def test_more_people_make_a_coincidence_likelier(evaluator: Evaluator) -> None:
    said = "short queues at the counter"
    few = among_others(evaluator, said, said)[0]
    many = among_others(evaluator, said, said, *[f"{i} reasons" for i in range(1000)])[0]
    assert many.score < few.score


def test_what_many_put_in_many_ways_is_common_knowledge(evaluator: Evaluator) -> None:
    said = "he is chief justice of the supreme court"
    two = among_others(evaluator, said, said)[0]
    ways = (said[6:], f"{said} now", f"{said} i think", said.replace("the", "our"), f"the {said[6:]}")
    many = among_others(evaluator, said, said, *ways)[0]
    assert many.score < two.score


def test_a_copy_in_a_script_without_spaces(evaluator: Evaluator) -> None:
    long, short = "这家店的服务员态度很好价格也便宜而且离我家很近走路五分钟就到了", "价格便宜"
    assert [finding.is_issue for finding in among_others(evaluator, long, long)] == [True, True]
    assert [finding.is_issue for finding in among_others(evaluator, short, short)] == [False, False]


def test_a_repeat_flags_both_answers_and_names_the_other(evaluator: Evaluator) -> None:
    first, second = of_one_person(evaluator, STORY, STORY.replace("freezing", "frezing"))
    assert (first.is_issue, second.is_issue) == (True, True)
    assert first.reason_codes == ("near_repeat",)
    assert "answer 2 of this respondent" in str(first.evidence)
    assert "answer 1 of this respondent" in str(second.evidence)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Nike", "Nike"),
        ("none", "none"),
        ("the price", "the price"),
        ("I have no idea, I never think about that", "I have no idea, I never think about that"),
        ("what I like about the shop are the opening hours", "about what to change: the opening hours"),
        ("I like that they are open on Sundays", "I do not like that they are open on Sundays"),
    ],
)
def test_honest_repetition_is_no_issue(evaluator: Evaluator, first: str, second: str) -> None:
    assert not any(finding.is_issue for finding in of_one_person(evaluator, first, second))


def test_the_questions_words_do_not_count(evaluator: Evaluator) -> None:
    question = "Why did you give up at the checkout and go to the market in town instead?"
    told = of_one_person(evaluator, STORY, STORY)[0]
    asked = of_one_person(evaluator, STORY, STORY, question=question)[0]
    assert asked.score < told.score


def test_one_answer_alone_cannot_be_a_repeat(evaluator: Evaluator) -> None:
    [evaluation] = evaluator.evaluate(Survey(), [Respondent("ann", (Entry(LIKES, STORY),))])
    assert evaluation.evaluations[0].quality_issue_checks == ()
