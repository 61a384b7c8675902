"""The sums behind the first page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.api.picture import BINS, WORST_OF_EACH, picture
from earnest.findings import CheckName, Finding, RespondentEvaluation
from earnest.scoring import evaluate_entry, evaluate_respondent
from earnest.survey import Entry, Respondent


def respondent(
    name: str, *findings: Finding, question: str = "Why?", answer: str | None = None
) -> RespondentEvaluation:
    entry = Entry(question, name if answer is None else answer)
    return evaluate_respondent(Respondent(name, (entry,)), [evaluate_entry(entry, findings)])


def issue(score: float, check: CheckName = CheckName.LOW_EFFORT) -> Finding:
    return Finding(type=check, score=score, is_issue=True)


def clear(score: float, check: CheckName = CheckName.LOW_EFFORT) -> Finding:
    return Finding(type=check, score=score, is_issue=False)


@given(st.lists(st.floats(0, 100), max_size=30))
def test_every_respondent_stands_in_one_bin_under_the_top(scores: list[float]) -> None:
    shown = picture([respondent(f"r-{i}", clear(score)) for i, score in enumerate(scores)])
    assert len(shown.bins) == BINS
    assert sum(each.sound + each.with_issues for each in shown.bins) == len(scores) == shown.respondents.of
    assert all(each.sound + each.with_issues <= shown.tallest for each in shown.bins)
    assert shown.tallest % 2 == 0


@pytest.mark.parametrize(("score", "bin_start"), [(0, 0), (4.99, 0), (5, 5), (99.99, 95), (100, 95)])
def test_a_bin_holds_its_start_and_the_last_one_also_its_end(score: float, bin_start: int) -> None:
    [found] = [each.start for each in picture([respondent("r", clear(score))]).bins if each.sound]
    assert found == bin_start


def test_a_check_is_counted_where_it_could_tell() -> None:
    shown = picture([respondent("a", issue(90)), respondent("b", clear(10)), respondent("c")])
    shares = {each.label: (each.count, each.of) for each in shown.checks}
    assert shares["Low Effort"] == (1, 2)
    assert shares["Irrelevant"] == (0, 0)


def test_a_question_is_itself_however_it_is_spelt() -> None:
    shown = picture([respondent("a", issue(90), question="Why?"), respondent("b", question=" why ")])
    assert [(each.label, each.count, each.of) for each in shown.questions] == [("Why?", 1, 2)]


def test_an_answer_stands_once_under_the_check_that_is_surest() -> None:
    both = respondent("both", issue(80, CheckName.NONSENSICAL), issue(95, CheckName.IRRELEVANT))
    groups = {group.check: group for group in picture([both]).groups}
    assert groups[CheckName.NONSENSICAL].count == groups[CheckName.IRRELEVANT].count == 1
    assert groups[CheckName.NONSENSICAL].cases == ()
    assert [case.respondent for case in groups[CheckName.IRRELEVANT].cases] == ["both"]


def test_a_group_shows_few_and_counts_all() -> None:
    [group] = picture([respondent(f"r-{i}", issue(60 + i)) for i in range(9)]).groups
    assert group.count == 9
    assert [case.respondent for case in group.cases] == [f"r-{i}" for i in (8, 7, 6)][:WORST_OF_EACH]


def test_nobody_at_all_is_a_picture_too() -> None:
    shown = picture([])
    assert shown.respondents.percent == 0
    assert shown.groups == ()
