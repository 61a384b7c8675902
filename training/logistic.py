"""Logistic regression for the few signals of `earnest.checks.logistic.Logistic`."""

import numpy as np
from numpy.typing import NDArray

RIDGE = 1e-4


def fit(
    signals: NDArray[np.float64], labels: NDArray[np.float64], prevalence: float, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return bias and slopes, by Newton's method with a slight ridge.

    Args:
        signals: Shape (n, signals).
        labels: 1 for what is looked for, else 0.
        prevalence: How often a label is 1 where the model is used; weights are brought to that.
        weights: How much each row counts among those of its label.
    """
    middle, spread = signals.mean(0), signals.std(0) + 1e-9
    design = np.column_stack([np.ones(len(labels)), (signals - middle) / spread])
    share = (weights * labels).sum() / weights.sum()
    weights = weights * np.where(labels == 1, prevalence / share, (1 - prevalence) / (1 - share))
    weights = weights / weights.mean()
    ridge = RIDGE * len(labels) * np.diag([0.0] + [1.0] * signals.shape[1])
    found = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (weights * (chance - labels)) + ridge @ found
        curve = (design * (weights * chance * (1 - chance))[:, None]).T @ design + ridge
        found -= np.linalg.solve(curve, slope)
    slopes = found[1:] / spread
    return np.concatenate([[found[0] - (slopes * middle).sum()], slopes])
