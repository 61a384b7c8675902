"""Cursors are opaque, lead back to where they were made, and a forged one is refused rather than believed."""

import pytest

from earnest.errors import InvalidInput
from earnest.store.base import cursor_of, position_of

JOB = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize("after", [-1, 0, 199, 99_999])
def test_a_cursor_leads_back(after: int) -> None:
    assert position_of(cursor_of(JOB, after), JOB) == after


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "AAAA",
        cursor_of(JOB, 2**63),
        cursor_of(JOB, -2),
        cursor_of("another-job", 3),
        cursor_of(JOB, 3) + "=",
    ],
)
def test_a_cursor_of_nobody_s_making_is_named(cursor: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        position_of(cursor, JOB)
    assert "cursor" in raised.value.details
