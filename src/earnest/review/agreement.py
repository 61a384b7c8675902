"""How far two coders agree beyond chance."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

CERTAINTY = 1.96
"""Standard errors to each side of a 95 % interval."""
NO_VARIANCE = 1e-12
"""A variance up to this is rounding: the least real one is about one over the cases."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two coders have in common, of what both have coded.

    Attributes:
        cases: How many both have coded.
        agreed: On how many they agree.
        kappa: Cohen's kappa, −1–1; None where it is not defined: nothing in common, or no variety at all.
        low: Lower end of its 95 % interval; None where it cannot be told: kappa is not defined, or the codes vary too
            little, as where one coder says the same of every case, or the two never differ.
        high: Upper end, or None likewise.
    """

    cases: int
    agreed: int
    kappa: float | None
    low: float | None = None
    high: float | None = None


def agreement_of(codes: Iterable[tuple[str, str]]) -> Agreement:
    """Cohen's kappa (Cohen 1960), with the standard error of Fleiss, Cohen & Everitt (1969).

    Args:
        codes: What the one and the other coder said of each case.
    """
    pairs = Counter(codes)
    cases = pairs.total()
    agreed = sum(count for (one, other), count in pairs.items() if one == other)
    if not cases:
        return Agreement(0, 0, None)
    names = sorted({name for pair in pairs for name in pair})
    first = {name: sum(count for (one, _), count in pairs.items() if one == name) / cases for name in names}
    second = {name: sum(count for (_, other), count in pairs.items() if other == name) / cases for name in names}
    observed, expected = agreed / cases, sum(first[name] * second[name] for name in names)
    if expected == 1:
        return Agreement(cases, agreed, None)
    kappa = (observed - expected) / (1 - expected)
    on_diagonal = sum(
        pairs[name, name] / cases * (1 - (first[name] + second[name]) * (1 - kappa)) ** 2 for name in names
    )
    beside = (1 - kappa) ** 2 * sum(
        count / cases * (second[one] + first[other]) ** 2 for (one, other), count in pairs.items() if one != other
    )
    variance = on_diagonal + beside - (kappa - expected * (1 - kappa)) ** 2
    if variance <= NO_VARIANCE:  # the formula would promise an interval of no width, however few the cases
        return Agreement(cases, agreed, kappa)
    half = CERTAINTY * sqrt(variance / cases) / (1 - expected)
    return Agreement(cases, agreed, kappa, max(-1.0, kappa - half), min(1.0, kappa + half))
