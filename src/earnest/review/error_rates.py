"""How often honest answers are flagged: measured; told before a threshold is moved, in reports and in methods sections.

The numbers are written by benchmarks/error_rates.py, from answers that people gave before chat models existed.
"""

from functools import cache
from importlib.resources import files

import msgspec

from earnest.findings import CheckName


class _Check(msgspec.Struct, frozen=True):
    answers: int
    sources: int
    own: tuple[float, float]
    reached: dict[str, tuple[float, float]]


class _Rates(msgspec.Struct, frozen=True, rename="camel"):
    evaluator: str
    measured_on: str
    checks: dict[CheckName, _Check]


class FlagRate(msgspec.Struct, frozen=True):
    """How many honest answers are flagged.

    Attributes:
        mean: Share, 0–1; mean of the sources.
        worst: Share in the source where it is highest.
        answers: How many honest answers were judged.
        sources: Of how many sources.
        evaluator: Version of the evaluator that judged them.
    """

    mean: float
    worst: float
    answers: int
    sources: int
    evaluator: str

    def __str__(self) -> str:
        """In words."""
        return f"{100 * self.mean:.1f} % of answers, {100 * self.worst:.1f} % in the worst of {self.sources} sources"


def flag_rate(check: CheckName, threshold: float | None = None) -> FlagRate | None:
    """How many honest answers a check flags, or would flag from a score on.

    Args:
        check: The check.
        threshold: A score, 0–100; None for the check's own verdict.

    Returns:
        The rate at the nearest score below that was measured, so never too low; None where none was.
    """
    rates = _rates()
    found = rates.checks.get(check)
    if found is None:
        return None
    share = (1.0, 1.0)
    if threshold is None:
        share = found.own
    else:
        measured = [score for score in found.reached if float(score) <= threshold]
        share = found.reached[max(measured, key=float)] if measured else share
    return FlagRate(*share, found.answers, found.sources, rates.evaluator)


@cache
def _rates() -> _Rates:
    return msgspec.json.decode(files("earnest").joinpath("review", "error_rates.json").read_bytes(), type=_Rates)


# Now, not at first use: msgspec 0.22 crashes where two threads are the first to decode a struct at once.
msgspec.json.Decoder(_Rates)
