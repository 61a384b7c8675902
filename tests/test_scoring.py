"""Scores are arithmetic: within bounds, never better for a worse finding, and never hiding the one that matters."""

from hypothesis import given
from hypothesis import strategies as st

from earnest.findings import CheckName, Finding
from earnest.scoring import demerit_of, evaluate_entry, evaluate_respondent
from earnest.survey import Entry, KeyStroke, Respondent

ENTRY = Entry(question="Why?", answer="Because", key_events=(KeyStroke("B", 0, 80, "KeyB"),))


def findings(scores: dict[CheckName, float]) -> list[Finding]:
    return [Finding(type=check, score=score, is_issue=score > 50) for check, score in scores.items()]


SCORES = st.dictionaries(st.sampled_from(CheckName), st.floats(0, 100), min_size=1)


@given(SCORES)
def test_a_demerit_lies_between_the_best_and_the_worst_finding(scores: dict[CheckName, float]) -> None:
    assert min(scores.values()) - 0.01 <= demerit_of(findings(scores)) <= max(scores.values()) + 0.01


@given(SCORES, st.floats(0, 100))
def test_a_worse_finding_never_makes_an_answer_better(scores: dict[CheckName, float], worse: float) -> None:
    before = demerit_of(findings(scores))
    for check, score in scores.items():
        assert demerit_of(findings(scores | {check: max(score, worse)})) >= before - 0.01


def test_one_certain_issue_is_not_averaged_away() -> None:
    scores = dict.fromkeys(CheckName, 3.0)
    assert 50 < demerit_of(findings(scores | {CheckName.NONSENSICAL: 99.0})) < 75
    assert demerit_of(findings(scores)) < 4


def test_what_no_check_could_tell_costs_nothing() -> None:
    evaluation = evaluate_entry(ENTRY, [])
    assert (evaluation.demerit_score, evaluation.quality_score, evaluation.num_issues) == (0, 100, 0)


def test_a_respondent_is_the_mean_of_the_entries() -> None:
    bad = evaluate_entry(ENTRY, findings({CheckName.LOW_EFFORT: 90.0}))
    good = evaluate_entry(ENTRY, findings({CheckName.LOW_EFFORT: 10.0}))
    respondent = evaluate_respondent(Respondent("R1", (ENTRY, ENTRY)), [bad, good])
    assert respondent.demerit_score == 50
    assert respondent.quality_score == 50
    assert respondent.num_issues == 1


def test_the_echoed_entry_leaves_the_typing_log_out() -> None:
    evaluation = evaluate_entry(ENTRY, [])
    assert evaluation.survey_entry == Entry(question="Why?", answer="Because")
