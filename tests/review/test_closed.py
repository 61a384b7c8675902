"""Closed questions: what is one, how results change, and what respondents have in common."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.review import Coding, Column, groups, shifts
from earnest.review.closed import MOST_VALUES, OTHERS


def column(cells: Sequence[str], *, most: int = MOST_VALUES, is_time: bool = False) -> Column:
    coding = Coding(most, is_time=is_time)
    for cell in cells:
        coding.see(cell)
    found = coding.column("q", "How?")
    assert found is not None
    return found


def mask(*flags: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    return np.array(flags, dtype=np.bool_)


@given(st.lists(st.sampled_from(["", "yes", "no", "10", "9", "nan"]), max_size=40))
def test_coding_loses_nothing(cells: list[str]) -> None:
    found = column(cells)
    assert ["" if code < 0 else found.values[code] for code in found.codes] == cells


def test_numbers_stand_in_order_and_words_by_frequency() -> None:
    assert column(["10", "9", "2"]).values == ("2", "9", "10")
    assert column(["b", "a", "a"]).values == ("a", "b")


def test_days_stand_in_order_where_they_can_be_sorted() -> None:
    assert column(["2026-10-02", "2026-09-30"], is_time=True).values == ("2026-09-30", "2026-10-02")
    assert column(["9/30/2026", "10/2/2026", "10/2/2026"], is_time=True).values == ("9/30/2026", "10/2/2026")


def test_what_has_too_many_values_is_no_column() -> None:
    coding = Coding(2)
    for cell in "abcab":
        coding.see(cell)
    assert coding.column("q", "") is None


@pytest.mark.parametrize(
    ("cells", "is_one"),
    [(["yes", "no", "yes", "no"], True), (["a", "b", "c"], False), (["yes"] * 9, False), ([""] * 4, False)],
)
def test_a_closed_question_has_few_values_that_repeat(cells: list[str], is_one: bool) -> None:
    assert column(cells).is_closed_question is is_one


def test_a_result_changes_by_those_who_go() -> None:
    asked = column(["yes", "yes", "no", "no", ""])
    [shift] = shifts([asked], mask(1, 1, 1, 1, 1), mask(0, 1, 1, 1, 1))
    assert (shift.base_before, shift.base_after) == (4, 3)
    assert {bar.value: (round(bar.before), round(bar.after)) for bar in shift.bars} == {"yes": (50, 33), "no": (50, 67)}
    assert shift.largest == pytest.approx(16.7, abs=0.1)
    assert shift.has_small_base
    assert shift.means is None


def test_the_largest_change_comes_first_and_what_nobody_answered_is_left_out() -> None:
    still, moved, empty = column(["a", "a", "a"]), column(["b", "c", "c"]), column(["", "", ""])
    found = shifts([still, empty, moved], mask(1, 1, 1), mask(0, 1, 1))
    assert [shift.largest > 0 for shift in found] == [True, False]


def test_only_a_rating_scale_has_a_mean() -> None:
    everybody = mask(1, 1, 1, 1, 1)
    [scale] = shifts([column(list("12345"))], everybody, mask(0, 1, 1, 1, 1))
    [codes] = shifts([column(["1", "2", "4", "8", "9"])], everybody, everybody)
    assert scale.means == (3.0, 3.5)
    assert codes.means is None


def test_nobody_left_is_no_trouble() -> None:
    [shift] = shifts([column(list("12345"))], mask(1, 1, 1, 1, 1), mask(0, 0, 0, 0, 0))
    assert (shift.base_after, shift.means) == (0, None)


def test_groups_add_up_and_small_ones_are_put_together() -> None:
    suppliers = column(["A", "A", "A", "B", "C", "D", ""])
    found = groups(suppliers, mask(1, 1, 1, 1, 1, 1, 1), mask(1, 0, 0, 1, 1, 0, 1), mask(1, 0, 0, 0, 1, 0, 1), most=2)
    assert [(each.value, each.respondents, each.with_issues, each.proposed) for each in found] == [
        ("A", 3, 1, 1),
        ("B", 1, 1, 0),
        (OTHERS, 2, 1, 1),
    ]
