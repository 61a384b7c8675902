"""From a few signals to a probability, in a way that can be read and added up by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

LARGEST = 30.0  # beyond this exp() says nothing more that a score of two decimals could show


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model, fitted by a script of `training/`.

    Attributes:
        bias: Log-odds where all signals are 0, at the stated prevalence.
        weights: What one unit of each signal adds to the log-odds.
    """

    bias: float
    weights: Mapping[str, float]

    def log_odds(self, signals: Mapping[str, float]) -> float:
        """Return the log-odds for these signals; there must be one for each weight."""
        return self.bias + sum(weight * signals[name] for name, weight in self.weights.items())

    def probability(self, signals: Mapping[str, float]) -> float:
        """Return the probability for these signals, 0–1; there must be one for each weight."""
        return 1 / (1 + exp(-max(-LARGEST, min(LARGEST, self.log_odds(signals)))))
