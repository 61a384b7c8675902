"""Closed questions: how their results change with who goes, and where respondents with issues come from.

A column is what a survey table holds beside the open ends. It is kept as one small number for each respondent, so that
the columns of 20,000 respondents fit into a few megabytes and a moved threshold is counted in milliseconds.
"""

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

import numpy as np
from numpy.typing import NDArray

MOST_VALUES = 30
"""Different answers of a closed question. A convention: nobody reads a longer list as percentages."""
LEAST_REPEATED = 2
"""Respondents for each value, on average: what nearly everybody has for themselves (a name, a code) is no question."""
SMALL_BASE = 100
"""With a smaller base, a single respondent moves a result by more than one percentage point."""
SHORTEST_SCALE = 5
"""Consecutive whole numbers that are taken for a rating scale, of which a mean makes sense."""
MOST_GROUPS = 12
"""Groups that are told apart; the smaller ones are put together."""
OTHERS = "all others"
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of a survey table.

    Attributes:
        name: Of the column.
        wording: Of its question; empty where only a code is known.
        values: What occurs in it: numbers in order, all else the most frequent first.
        codes: By position of the respondent, which of the values; −1 for none.
    """

    name: str
    wording: str
    values: tuple[str, ...]
    codes: NDArray[np.int16]

    @property
    def is_closed_question(self) -> bool:
        """Whether it looks like one: few values, which occur repeatedly."""
        filled = int((self.codes >= 0).sum())
        return 2 <= len(self.values) <= MOST_VALUES and LEAST_REPEATED * len(self.values) <= filled


class Coding:
    """Takes in the cells of a column, one after another; gives up where there are too many values.

    Args:
        most: How many are not too many.
        is_time: Whether the values are days: these are in order where they can be sorted, and else as they come.
    """

    def __init__(self, most: int = MOST_VALUES, *, is_time: bool = False) -> None:
        self._most, self._is_time = most, is_time
        self._codes: dict[str, int] = {}
        self._taken = array("h")

    def see(self, cell: str) -> None:
        """Take in the next respondent's cell."""
        if len(self._codes) > self._most:
            return
        self._taken.append(self._codes.setdefault(cell, len(self._codes)) if cell else -1)

    def column(self, name: str, wording: str) -> Column | None:
        """The column; None where it has too many values."""
        if len(self._codes) > self._most:
            return None
        seen = np.frombuffer(self._taken, dtype=np.int16) if self._taken else np.zeros(0, dtype=np.int16)
        values = list(self._codes)
        order = self._order(values, np.bincount(seen[seen >= 0], minlength=len(values)))
        place = np.full(len(values) + 1, -1, dtype=np.int16)
        place[order] = np.arange(len(values), dtype=np.int16)
        return Column(name, wording, tuple(values[i] for i in order), place[seen])

    def _order(self, values: Sequence[str], counts: NDArray[np.int64]) -> list[int]:
        places = range(len(values))
        if self._is_time:
            is_sortable = all(_ISO_DAY.fullmatch(value) for value in values)
            return sorted(places, key=values.__getitem__) if is_sortable else list(places)
        numbers = [_number(value) for value in values]
        if None in numbers:
            return sorted(places, key=lambda i: -counts[i])
        return sorted(places, key=lambda i: numbers[i] or 0.0)


@dataclass(frozen=True, slots=True)
class Bar:
    """How many gave one answer.

    Attributes:
        value: Which.
        before: Share of everybody who answered, in per cent.
        after: Share of those who stay.
    """

    value: str
    before: float
    after: float

    @property
    def change(self) -> float:
        """Percentage points."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Shift:
    """How the result of a closed question changes.

    Attributes:
        name: Of the column.
        wording: Of the question; empty where only a code is known.
        bars: By answer.
        base_before: How many answered.
        base_after: How many of them stay.
        means: Of a rating scale, with everybody and with those who stay; None where it is none, or nobody stays.
    """

    name: str
    wording: str
    bars: tuple[Bar, ...]
    base_before: int
    base_after: int
    means: tuple[float, float] | None

    @property
    def largest(self) -> float:
        """The largest change of any answer, in percentage points."""
        return max((abs(bar.change) for bar in self.bars), default=0.0)

    @property
    def tallest(self) -> float:
        """The largest share of any answer, before or after; at least one per cent."""
        return max([1.0, *(max(bar.before, bar.after) for bar in self.bars)])

    @property
    def has_small_base(self) -> bool:
        """Whether single respondents move it."""
        return self.base_after < SMALL_BASE


def shifts(columns: Iterable[Column], everybody: NDArray[np.bool_], stays: NDArray[np.bool_]) -> list[Shift]:
    """How results change, the largest change first.

    Args:
        columns: The closed questions.
        everybody: By position, who counts at all.
        stays: Who still counts afterwards.
    """
    found = [_shift(column, everybody, stays) for column in columns]
    return sorted((each for each in found if each.base_before), key=lambda each: -each.largest)


def _shift(column: Column, everybody: NDArray[np.bool_], stays: NDArray[np.bool_]) -> Shift:
    before, after = _counts(column, everybody), _counts(column, stays)
    bases = int(before.sum()), int(after.sum())
    shares = [100 * counts / max(1, base) for counts, base in zip((before, after), bases, strict=True)]
    bars = tuple(map(Bar, column.values, shares[0].tolist(), shares[1].tolist()))
    scale = _scale(column.values)
    means = None
    if scale is not None and all(bases):
        means = float(before @ scale) / bases[0], float(after @ scale) / bases[1]
    return Shift(column.name, column.wording, bars, *bases, means)


def _counts(column: Column, who: NDArray[np.bool_]) -> NDArray[np.int64]:
    codes = column.codes[who]
    return np.bincount(codes[codes >= 0], minlength=len(column.values))


def _scale(values: Sequence[str]) -> NDArray[np.float64] | None:
    numbers = [_number(value) for value in values]
    points = [number for number in numbers if number is not None]
    is_scale = len(points) == len(values) >= SHORTEST_SCALE and all(
        after - before == 1 for before, after in pairwise(points)
    )
    return np.array(points) if is_scale else None


@dataclass(frozen=True, slots=True)
class Group:
    """Respondents who have something in common.

    Attributes:
        value: What.
        respondents: How many.
        with_issues: How many of them gave an answer with an issue.
        proposed: How many of them are proposed for removal.
    """

    value: str
    respondents: int
    with_issues: int
    proposed: int


def groups(
    column: Column,
    everybody: NDArray[np.bool_],
    with_issues: NDArray[np.bool_],
    proposed: NDArray[np.bool_],
    *,
    most: int = MOST_GROUPS,
) -> list[Group]:
    """Respondents by what stands in a column, in the order of its values; the smallest ones beyond the most as one.

    Args:
        column: By what.
        everybody: By position, who counts at all.
        with_issues: Who has an issue.
        proposed: Who is proposed for removal.
        most: Groups that are told apart.
    """
    counts = [_counts(column, who) for who in (everybody, with_issues & everybody, proposed & everybody)]
    shown = set(np.argsort(-counts[0], kind="stable")[:most].tolist())
    found = [
        Group(value, *(int(each[i]) for each in counts))
        for i, value in enumerate(column.values)
        if i in shown and counts[0][i]
    ]
    rest = [int(each.sum()) - sum(int(each[i]) for i in shown) for each in counts]
    return [*found, Group(OTHERS, *rest)] if rest[0] else found


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if isfinite(number) else None
