"""Figures about coded answers are those of the textbook, and a suggested threshold keeps its promise."""

import random
from collections.abc import Sequence
from math import isnan

import pytest

from earnest.findings import CheckName, EntryEvaluation, Finding
from earnest.survey import Entry
from earnest.validation import (
    Judgement,
    Outcome,
    Rates,
    Share,
    Verdict,
    any_check,
    honest_needed,
    judgements_of,
    keeps,
    least_provable,
    suggest,
    wilson,
)

OK, BAD = Verdict(is_bad=False), Verdict(is_bad=True)


def sample(honest: Sequence[float | None], bad: Sequence[float | None], *, current: float = 50) -> list[Judgement]:
    """Coded answers by their scores, flagged from `current` on; None where the check has nothing to show."""
    return [
        Judgement(is_bad=is_bad, is_flagged=score is not None and score >= current, could_tell=True, score=score)
        for is_bad, scores in ((False, honest), (True, bad))
        for score in scores
    ]


def evaluation(**scores: float) -> EntryEvaluation:
    """An answer that was found to have these scores; from 50 on they are issues, from 25 on there are reasons."""
    findings = tuple(
        Finding(CheckName[name.upper()], score, score >= 50, "It is so.", ("reason",) if score >= 25 else ())
        for name, score in scores.items()
    )
    issues = sum(each.is_issue for each in findings)
    return EntryEvaluation(Entry("What?", "That."), issues, issues > 0, 100, 0, findings)


def test_wilson_s_interval_is_that_of_the_literature() -> None:
    low, high = wilson(81, 263)  # Newcombe 1998, table I
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 0) == (0, 1)
    assert wilson(0, 20)[0] == 0
    assert 0.16 < wilson(0, 20)[1] < 0.17


def test_the_rule_of_three() -> None:
    assert (honest_needed(0.01), honest_needed(0.05)) == (299, 59)
    assert keeps(0, 299, 0.01)
    assert not keeps(0, 298, 0.01)
    assert keeps(0, 299, least_provable(299) + 1e-9)
    assert not keeps(0, 299, least_provable(299) - 1e-4)
    assert least_provable(0) == 1


def test_keeping_a_rate_agrees_with_the_upper_bound_of_clopper_and_pearson() -> None:
    # 10 of 1000: the one-sided 95 % upper bound is 1.69 %.
    assert keeps(10, 1000, 0.0170)
    assert not keeps(10, 1000, 0.0168)
    assert keeps(100, 1_000_000, 0.001)


def test_only_answers_that_are_honest_or_bad_in_a_check_s_own_way_count_for_it() -> None:
    coded = [
        (OK, evaluation(nonsensical=80, low_effort=2)),
        (OK, evaluation(low_effort=30)),
        (Verdict(is_bad=True, checks=frozenset({CheckName.NONSENSICAL})), evaluation(nonsensical=90)),
        (Verdict(is_bad=True, checks=frozenset({CheckName.LOW_EFFORT})), evaluation(nonsensical=90, low_effort=10)),
        (BAD, evaluation(nonsensical=90)),
    ]
    assert Rates.of(judgements_of(CheckName.NONSENSICAL, coded)) == Rates(
        bad=1, found=1, honest=2, false_flags=1, untold=1
    )
    low_effort = judgements_of(CheckName.LOW_EFFORT, coded)
    assert Rates.of(low_effort) == Rates(bad=1, found=0, honest=2, false_flags=0, untold=0)
    assert Rates.of(low_effort, threshold=1) == Rates(bad=1, found=0, honest=2, false_flags=1, untold=0)
    assert Rates.of(any_check(coded)) == Rates(bad=3, found=3, honest=2, false_flags=1, untold=0)
    assert Rates.of(any_check(coded, {CheckName.NONSENSICAL: 85})).false_flags == 0


def test_precision_at_another_prevalence_is_bayes_rule_within_its_bounds() -> None:
    rates = Rates(bad=100, found=80, honest=1000, false_flags=10, untold=0)
    value, low, high = rates.precision_at(0.05)
    assert value == pytest.approx(0.8 * 0.05 / (0.8 * 0.05 + 0.01 * 0.95))
    assert low < value < high
    assert rates.precision_at(0.5)[0] > value
    assert isnan(Rates(bad=9, found=0, honest=9, false_flags=0, untold=0).precision_at(0.1)[0])
    assert isnan(Share(0, 0).value)


def test_a_lower_threshold_is_suggested_where_it_finds_more_and_keeps_the_rate() -> None:
    found = suggest(sample([None] * 900 + [30.0] * 40, [45.0] * 30 + [90.0] * 10), 0.01)
    assert found.outcome is Outcome.CHANGE
    assert found.threshold == 45  # as high as it goes while it finds the same
    assert (found.rates.found, found.rates.false_flags) == (40, 0)


def test_a_stricter_threshold_is_suggested_where_the_one_in_force_flags_too_many() -> None:
    found = suggest(sample([None] * 900 + [60.0] * 40, [70.0] * 30 + [55.0] * 10), 0.01)
    assert (found.outcome, found.threshold) == (Outcome.CHANGE, 70)
    assert (found.rates.found, found.rates.false_flags) == (30, 0)


def test_what_holds_is_kept() -> None:
    assert suggest(sample([None] * 500, [90.0] * 30), 0.01).outcome is Outcome.KEEP
    few_bad = sample([None] * 500, [45.0] * 10 + [90.0] * 5)  # too few to know what would be gained
    assert suggest(few_bad, 0.01).outcome is Outcome.KEEP


def test_what_may_hold_is_kept_although_the_sample_is_too_small_to_prove_it() -> None:
    found = suggest(sample([None] * 396 + [80.0] * 4, [70.0] * 30), 0.01)
    assert (found.outcome, found.threshold) == (Outcome.UNPROVEN, None)
    assert found.rates.false_flag_rate.value == 0.01


def test_what_is_proven_and_finds_more_is_suggested_although_the_one_in_force_may_hold() -> None:
    unscored = [Judgement(is_bad=False, is_flagged=True, could_tell=True)] * 4  # flagged, but by no threshold
    found = suggest([*sample([None] * 396, [45.0] * 30), *unscored], 0.01)
    assert (found.outcome, found.threshold, found.rates.found) == (Outcome.CHANGE, 45, 30)


def test_without_enough_honest_answers_or_a_threshold_that_holds_there_is_no_suggestion() -> None:
    assert suggest(sample([None] * 298, [90.0] * 30), 0.01).outcome is Outcome.TOO_FEW
    assert suggest(sample([None] * 400 + [100.0] * 20, [90.0] * 30), 0.01).outcome is Outcome.OUT_OF_REACH
    assert suggest([], 0.01).outcome is Outcome.TOO_FEW


def test_the_promise_is_kept_in_nearly_all_samples() -> None:
    # Scores of honest answers are uniform, so that the true rate at a threshold is known. It may exceed 5 % in one
    # sample of twenty; that it does so in more than 28 of 300 has a chance of one in a thousand.
    rng = random.Random(3)
    broken = 0
    for _ in range(300):
        honest = [rng.uniform(0, 100) for _ in range(200)]
        threshold = suggest(sample(honest, [100.0] * 30, current=0), 0.05).threshold
        broken += threshold is not None and 100 - threshold > 5
    assert broken <= 28
