"""A survey in numbers: nothing is lost, parts add up, thresholds move what they should."""

from collections.abc import Sequence

import numpy as np
import pytest

from earnest.findings import CheckName, Finding, RespondentEvaluation
from earnest.review import (
    Ledger,
    Order,
    agreement_of,
    flag_rate,
    glance_at,
    order_of,
    removal_of,
)
from earnest.scoring import evaluate_entry, evaluate_respondent
from earnest.survey import Entry, Respondent

MASH, IDLE = CheckName.NONSENSICAL, CheckName.LOW_EFFORT


def finding(check: CheckName, score: float) -> Finding:
    is_issue = score >= 60
    return Finding(check, score, is_issue, reason_codes=("why",) if score >= 30 else ())


def respondent(name: str, *answers: Sequence[Finding | None]) -> RespondentEvaluation:
    entries = tuple(Entry(question=f"Question {i}?", answer="text") for i in range(len(answers)))
    judged = [evaluate_entry(entry, found) for entry, found in zip(entries, answers, strict=True)]
    return evaluate_respondent(Respondent(name, entries), judged)


SURVEY = [
    respondent("good", [finding(MASH, 1), finding(IDLE, 10.25)], [finding(MASH, 2)]),
    respondent("bad", [finding(MASH, 99)], [finding(IDLE, 88)], [finding(MASH, 3)]),
    respondent("so-so", [finding(IDLE, 45)], [finding(IDLE, 20)]),
    respondent("untold", []),
]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger.of(SURVEY)


def test_scores_and_demerits_are_those_of_the_evaluations(ledger: Ledger) -> None:
    assert ledger.demerits == pytest.approx([each.demerit_score for each in SURVEY], abs=0.01)
    assert ledger.scores[0].tolist()[:3:2] == [1.0, 10.25]
    assert np.isnan(ledger.scores[-1]).all()
    assert ledger.answers.tolist() == [2, 3, 2, 1]


def test_packing_and_joining_lose_nothing(ledger: Ledger) -> None:
    parts = [Ledger.of(SURVEY[2:], first=2), Ledger.of(SURVEY[:2])]
    joined = Ledger.joined([Ledger.unpacked(part.packed()) for part in parts])
    assert joined.positions.tolist() == [0, 1, 2, 3]
    assert {question.key for question in joined.questions} == {question.key for question in ledger.questions}
    assert joined.demerits.tolist() == ledger.demerits.tolist()
    assert glance_at(joined).checks == glance_at(ledger).checks
    asked = {each.question.key: each for each in glance_at(joined).questions}
    assert all(asked[each.question.key] == each for each in glance_at(ledger).questions)


def test_an_empty_survey_is_no_trouble() -> None:
    ledger = Ledger.joined([])
    assert glance_at(ledger).respondents == 0
    assert removal_of(ledger, {}, proposed_from=0.5).positions.tolist() == []
    assert order_of(ledger, Order.UNCERTAIN).tolist() == []


def test_glance_counts(ledger: Ledger) -> None:
    glance = glance_at(ledger)
    assert (glance.respondents, glance.answers, glance.flagged, glance.cannot_tell) == (4, 8, 2, 1)
    assert sum(glance.histogram) == 4
    by_check = {each.check: (each.answers, each.respondents, each.judged) for each in glance.checks}
    assert by_check[MASH] == (1, 1, 4)
    assert by_check[IDLE] == (1, 1, 4)
    assert [(each.answers, each.flagged) for each in glance.questions] == [(4, 1), (3, 1), (1, 0)]


def test_thresholds_decide_who_would_go(ledger: Ledger) -> None:
    assert removal_of(ledger, {}, proposed_from=0.5).positions.tolist() == [1]
    assert removal_of(ledger, {}, proposed_from=1.0).positions.tolist() == []
    assert removal_of(ledger, {IDLE: 40}, proposed_from=0.5).positions.tolist() == [1, 2]
    assert removal_of(ledger, {MASH: 100, IDLE: 100}, proposed_from=0.5).positions.tolist() == []


def test_what_has_no_reason_is_never_flagged(ledger: Ledger) -> None:
    assert removal_of(ledger, {MASH: 0, IDLE: 0}, proposed_from=0.3).flagged[IDLE] == 2


def test_lower_thresholds_flag_more_honest_answers() -> None:
    for check in (CheckName.NONSENSICAL, CheckName.IRRELEVANT, CheckName.LOW_EFFORT, CheckName.LLM_GENERATED):
        rates = [flag_rate(check, threshold) for threshold in (20, 50, 80, 99)]
        means = [rate.mean for rate in rates if rate is not None]
        assert means == sorted(means, reverse=True)
        own = flag_rate(check)
        assert own is not None
        assert own.mean <= own.worst < 0.15


def test_orders(ledger: Ledger) -> None:
    assert order_of(ledger, Order.SUBMITTED).tolist() == [0, 1, 2, 3]
    assert order_of(ledger, Order.WORST).tolist()[0] == 1
    assert order_of(ledger, Order.UNCERTAIN).tolist()[0] == 2


def test_kappa_of_a_published_table() -> None:
    """The example of `ci.kappa` in the R package statpsych 2.0: .6757, standard error .0734, interval .532 to .820."""
    codes = [("0", "0")] * 31 + [("0", "1")] * 12 + [("1", "0")] * 4 + [("1", "1")] * 58
    agreement = agreement_of(codes)
    assert (agreement.cases, agreement.agreed) == (105, 89)
    assert agreement.kappa == pytest.approx(0.6757, abs=0.0001)
    assert (agreement.low, agreement.high) == pytest.approx((0.5317, 0.8196), abs=0.0001)


@pytest.mark.parametrize(("codes", "kappa"), [([], None), ([("a", "a")] * 5, None), ([("a", "a"), ("b", "b")], 1.0)])
def test_kappa_at_its_ends(codes: list[tuple[str, str]], kappa: float | None) -> None:
    assert agreement_of(codes).kappa == kappa


@pytest.mark.parametrize(
    ("codes", "kappa"),
    [
        ([("keep", "keep")] * 18 + [("keep", "remove"), ("keep", "unsure")], 0.0),
        ([("remove", "keep")] * 7 + [("keep", "keep")] * 3, 0.0),
        ([("keep", "remove")] * 5, 0.0),
        ([("keep", "keep")] * 40 + [("remove", "remove")] * 3, 1.0),
        ([("keep", "remove"), ("remove", "keep")], -1.0),
    ],
)
def test_codes_that_vary_too_little_have_no_interval(codes: list[tuple[str, str]], kappa: float) -> None:
    """The large-sample variance is 0 there, which would promise certainty from a handful of cases."""
    agreement = agreement_of(codes)
    assert agreement.kappa == pytest.approx(kappa)
    assert (agreement.low, agreement.high) == (None, None)


def test_one_dispute_among_thousands_still_has_an_interval() -> None:
    agreement = agreement_of([("keep", "keep")] * 99_998 + [("remove", "remove"), ("keep", "remove")])
    assert agreement.kappa is not None
    assert agreement.low is not None
    assert agreement.high is not None
    assert agreement.low < agreement.kappa <= agreement.high
