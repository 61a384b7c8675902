"""What holds for every survey: the line from respondents to evaluations, with all checks, on answers of every kind."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import TinyEncoder

from earnest import evaluate
from earnest.evaluate import Evaluator
from earnest.findings import CheckName, RespondentEvaluation
from earnest.survey import Entry, KeyStroke, Paste, Respondent, Survey
from earnest.text.encoder import OnnxEncoder

SURVEY = Survey(name="Shopping in town", description="How people feel about the shops", identifier="s1")
QUESTIONS = ("What do you like about the shop?", "What should we change?", "Which brand comes to mind first?", "")
STORY = "The checkout kept freezing so I gave up and went to the shop in town instead"
ANSWERS = (
    STORY,
    STORY.upper() + "!",
    STORY.replace("freezing", "frezing"),
    "Friendly people who always take their time to explain the differences between two products",
    "The staff is friendly and the prices are fair, and I can walk there.",
    "good service",
    "Nike",
    "none",
    "I don't know",
    "asdf jkl; qwer",
    "What should we change?",
    "As an AI language model, I do not have personal experiences with shops.",
    "Das Personal ist freundlich und die Preise sind fair",
    "这家店的服务员态度很好价格也便宜",
    "👍👍",
    "n't\u202e \x00 &lt;b&gt; \ud800",
    "",
    "   \n\t",
)
KEYS = (
    KeyStroke("a", 0.0, 80.0, "KeyA"),
    KeyStroke("b", 190.5, 70.0, "KeyB"),
    KeyStroke("Backspace", 400.0, 60.0, "Backspace"),
)

entries = st.builds(
    Entry,
    question=st.sampled_from(QUESTIONS),
    answer=st.sampled_from(ANSWERS) | st.text(max_size=60),
    question_identifier=st.sampled_from([msgspec.UNSET, "q1"]),
    key_events=st.sampled_from([msgspec.UNSET, (), KEYS]),
    paste_events=st.sampled_from([msgspec.UNSET, (), (Paste(5.0, STORY),)]),
    honeypot_phrase=st.sampled_from([msgspec.UNSET, "purple lighthouse"]),
)
answer_lists = st.lists(entries, min_size=1, max_size=4).map(tuple)


@st.composite
def groups(draw: st.DrawFn) -> list[Respondent]:
    """Up to seven respondents of different names, some of whom answered earlier."""
    names = draw(st.lists(st.text(max_size=3), max_size=7, unique=True))
    return [Respondent(name, draw(answer_lists), draw(st.just(()) | answer_lists)) for name in names]


examples = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def evaluator(tiny_encoder: TinyEncoder) -> Evaluator:
    return Evaluator(encoder=tiny_encoder)


def said(evaluations: Sequence[RespondentEvaluation]) -> list[bytes]:
    """Everything that was found, to the last digit."""
    return [msgspec.json.encode(each) for each in _printable(evaluations)]


def _printable(evaluations: Sequence[RespondentEvaluation]) -> list[RespondentEvaluation]:
    """The same without the answers, which may hold halves of characters that JSON cannot."""
    blank = Entry(question="", answer="")
    return [
        msgspec.structs.replace(
            each,
            response_identifier="",
            evaluations=tuple(msgspec.structs.replace(entry, survey_entry=blank) for entry in each.evaluations),
        )
        for each in evaluations
    ]


@examples
@given(group=groups())
def test_one_evaluation_each_with_scores_in_range(evaluator: Evaluator, group: list[Respondent]) -> None:
    found = evaluator.evaluate(SURVEY, group)
    assert [each.response_identifier for each in found] == [each.identifier for each in group]
    for respondent, evaluation in zip(group, found, strict=True):
        assert [each.survey_entry.answer for each in evaluation.evaluations] == [e.answer for e in respondent.entries]
        assert evaluation.num_issues == sum(each.num_issues for each in evaluation.evaluations)
        assert 0 <= evaluation.quality_score <= 100
        assert evaluation.quality_score + evaluation.demerit_score == pytest.approx(100)
        for entry in evaluation.evaluations:
            assert entry.has_issues == (entry.num_issues > 0)
            assert len({finding.type for finding in entry.quality_issue_checks}) == len(entry.quality_issue_checks)
            for finding in entry.quality_issue_checks:
                assert 0 <= finding.score <= 100
                assert not finding.is_issue or (finding.evidence and finding.reason_codes)


@examples
@given(group=groups(), data=st.data())
def test_the_order_of_respondents_never_matters(
    evaluator: Evaluator, group: list[Respondent], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(group))
    expected = dict(zip([each.identifier for each in group], said(evaluator.evaluate(SURVEY, group)), strict=True))
    found = said(evaluator.evaluate(SURVEY, shuffled))
    assert dict(zip([each.identifier for each in shuffled], found, strict=True)) == expected


@examples
@given(group=groups(), size=st.integers(1, 4))
def test_the_size_of_chunks_never_matters(evaluator: Evaluator, group: list[Respondent], size: int) -> None:
    expected = said(evaluator.evaluate(SURVEY, group))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "CHUNK", size)
        assert said(evaluator.evaluate(SURVEY, group)) == expected


@examples
@given(group=groups(), wanted=st.sets(st.sampled_from(CheckName)))
def test_wanted_checks_find_what_they_find_among_all(
    evaluator: Evaluator, group: list[Respondent], wanted: set[CheckName]
) -> None:
    whole, some = evaluator.evaluate(SURVEY, group), evaluator.evaluate(SURVEY, group, wanted=wanted)
    for every, few in zip(whole, some, strict=True):
        for all_found, found in zip(every.evaluations, few.evaluations, strict=True):
            expected = [finding for finding in all_found.quality_issue_checks if finding.type in wanted]
            assert list(found.quality_issue_checks) == expected


@examples
@given(group=groups(), space=st.sampled_from([" ", "\n", "\t\t", "\u00a0", "\u2003 ", "\u3164"]))
def test_extra_white_space_never_helps(evaluator: Evaluator, group: list[Respondent], space: str) -> None:
    spaced = [
        msgspec.structs.replace(
            each, entries=tuple(msgspec.structs.replace(e, answer=_spaced(e.answer, space)) for e in each.entries)
        )
        for each in group
    ]
    before, after = evaluator.evaluate(SURVEY, group), evaluator.evaluate(SURVEY, spaced)
    for first, second in zip(before, after, strict=True):
        for was, now in zip(first.evaluations, second.evaluations, strict=True):
            scores = {finding.type: finding.score for finding in now.quality_issue_checks}
            for finding in was.quality_issue_checks:
                assert scores.get(finding.type, -1) >= finding.score


def _spaced(answer: str, space: str) -> str:
    return space + answer.replace(" ", " " + space) + space


@examples
@given(group=groups())
def test_again_is_the_same(evaluator: Evaluator, tiny_encoder: TinyEncoder, group: list[Respondent]) -> None:
    expected = said(evaluator.evaluate(SURVEY, group))
    assert said(evaluator.evaluate(SURVEY, group)) == expected
    assert said(Evaluator(encoder=tiny_encoder).evaluate(SURVEY, group)) == expected


def answer(identifier: str, *answers: str, question: str = QUESTIONS[0]) -> Respondent:
    return Respondent(identifier, tuple(Entry(question=question, answer=each) for each in answers))


def finding_types(evaluation: RespondentEvaluation, *, issues: bool = True) -> set[CheckName]:
    return {
        finding.type
        for entry in evaluation.evaluations
        for finding in entry.quality_issue_checks
        if finding.is_issue or not issues
    }


def test_nobody_no_evaluation(evaluator: Evaluator) -> None:
    assert evaluator.evaluate(SURVEY, []) == []


def test_both_copies_are_found_wherever_they_stand(evaluator: Evaluator) -> None:
    others = [
        answer(f"r{i}", f"I like shelf {i}, where the {name} are") for i, name in enumerate(["pens", "cups", "mats"])
    ]
    group = [answer("first", STORY), *others, answer("last", STORY.lower())]
    flagged = [CheckName.SHARED_DUPLICATE in finding_types(each) for each in evaluator.evaluate(SURVEY, group)]
    assert flagged == [True, False, False, False, True]


def test_the_same_identifier_is_the_same_person(evaluator: Evaluator) -> None:
    twice = evaluator.evaluate(SURVEY, [answer("ann", STORY), answer("ann", STORY)])
    assert all(CheckName.SHARED_DUPLICATE not in finding_types(each) for each in twice)


def test_the_same_question_asked_twice_is_no_repetition(evaluator: Evaluator) -> None:
    [evaluation] = evaluator.evaluate(SURVEY, [answer("ann", STORY, STORY)])
    assert CheckName.SELF_DUPLICATE not in finding_types(evaluation)


def test_blank_answers_are_nobodys_copies(evaluator: Evaluator) -> None:
    duplicates = {CheckName.SELF_DUPLICATE, CheckName.SHARED_DUPLICATE}
    for each in evaluator.evaluate(SURVEY, [answer("ann", "", " "), answer("bob", "", "\n"), answer("cem", "...")]):
        assert not finding_types(each, issues=False) & duplicates


def test_earlier_answers_are_compared_with_but_not_judged(evaluator: Evaluator) -> None:
    earlier = (Entry(question=QUESTIONS[1], answer=STORY),)
    now = (Entry(question=QUESTIONS[0], answer=STORY),)
    [evaluation] = evaluator.evaluate(SURVEY, [Respondent("ann", now, earlier)])
    assert len(evaluation.evaluations) == 1
    assert CheckName.SELF_DUPLICATE in finding_types(evaluation)


def test_progress_counts_everybody_in_both_passes(evaluator: Evaluator) -> None:
    done: list[int] = []
    evaluator.evaluate(SURVEY, [answer(str(i), "fine") for i in range(evaluate.CHUNK + 1)], progress=done.append)
    assert done == [evaluate.CHUNK, 1] * 2


@pytest.mark.slow
def test_neither_order_nor_chunks_matter_to_the_shipped_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluator = Evaluator(encoder=OnnxEncoder.shipped())
    group = [
        Respondent(f"r{i}", (Entry(QUESTIONS[0], one), Entry(QUESTIONS[1], ANSWERS[i - 1])))
        for i, one in enumerate(ANSWERS)
    ]
    expected = said(evaluator.evaluate(SURVEY, group))
    monkeypatch.setattr(evaluate, "CHUNK", 5)
    assert said(evaluator.evaluate(SURVEY, group[::-1]))[::-1] == expected
