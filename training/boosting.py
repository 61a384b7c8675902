"""Gradient boosting of small decision trees for `earnest.checks.relevance.Trees`, in numpy and without chance.

As in LightGBM and scikit-learn's HistGradientBoosting, signals are cut into bins, and a tree grows where the loss falls
most. A signal can be bound to work in one direction only, which keeps few rows from telling a tale against reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earnest.checks.relevance import Trees

BINS = 48
FEWEST_ROWS = 40
RIDGE = 5.0


@dataclass(slots=True, eq=False)
class Leaf:
    """A leaf that may still be split: its rows, node, value, the bounds of values below it, and the best split."""

    rows: NDArray[np.intp]
    node: int
    value: float
    low: float
    high: float
    gain: float = 0.0
    signal: int = -1
    cut: int = 0
    values: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Growth:
    """How trees grow.

    Attributes:
        trees: How many.
        leaves: Of each tree, at most.
        rate: What part of each tree is taken.
        directions: Per signal, 1 where more of it may only raise the log-odds, −1 lower, 0 either.
    """

    trees: int
    leaves: int
    rate: float
    directions: Sequence[int]


def boost(signals: NDArray[np.float64], bad: NDArray[np.bool_], weights: NDArray[np.float64], growth: Growth) -> Trees:
    """Fit trees to n rows; weights count as rows if they average 1."""
    cuts = [np.unique(np.quantile(column, np.linspace(0, 1, BINS + 1)[1:-1])) for column in signals.T]
    binned = np.column_stack([np.searchsorted(cut, column) for cut, column in zip(cuts, signals.T, strict=True)])
    bias = float(np.log(weights[bad].sum() / weights[~bad].sum()))
    odds = np.full(len(bad), bias)
    nodes = 2 * growth.leaves - 1
    signal = np.full((growth.trees, nodes), -1)
    threshold = np.zeros((growth.trees, nodes))
    left = np.zeros((growth.trees, nodes), dtype=np.int64)
    for tree in range(growth.trees):
        chance = 1 / (1 + np.exp(-odds))
        slope, curve = weights * (chance - bad), weights * chance * (1 - chance)
        leaves = [_searched(Leaf(np.arange(len(bad)), 0, 0.0, -np.inf, np.inf), binned, slope, curve, growth)]
        grown = 1
        while grown < nodes and (split := max(leaves, key=lambda leaf: leaf.gain)).gain > 0:
            leaves.remove(split)
            signal[tree, split.node], left[tree, split.node] = split.signal, grown
            threshold[tree, split.node] = cuts[split.signal][split.cut]
            for child in _children(split, binned, grown, growth):
                leaves.append(_searched(child, binned, slope, curve, growth))
            grown += 2
        for leaf in leaves:
            threshold[tree, leaf.node] = growth.rate * leaf.value
            odds[leaf.rows] += growth.rate * leaf.value
    return Trees(signal, threshold, left, bias)


def _children(split: Leaf, binned: NDArray[np.intp], node: int, growth: Growth) -> tuple[Leaf, Leaf]:
    goes_left = binned[split.rows, split.signal] <= split.cut
    (low, high), middle = (split.low, split.high), sum(split.values) / 2
    bounds = {1: ((low, middle), (middle, high)), -1: ((middle, high), (low, middle)), 0: ((low, high), (low, high))}
    ends = bounds[growth.directions[split.signal]]
    return (
        Leaf(split.rows[goes_left], node, split.values[0], *ends[0]),
        Leaf(split.rows[~goes_left], node + 1, split.values[1], *ends[1]),
    )


def _searched(
    leaf: Leaf, binned: NDArray[np.intp], slope: NDArray[np.float64], curve: NDArray[np.float64], growth: Growth
) -> Leaf:
    """Find where to split a leaf."""
    rows = leaf.rows
    own_slope, own_curve = slope[rows], curve[rows]
    whole = float(_loss(own_slope.sum(), own_curve.sum(), np.array(leaf.value)))
    for column, direction in enumerate(growth.directions):
        bins = binned[rows, column]
        slopes, curves, counts = (
            np.bincount(bins, weights=each, minlength=BINS).cumsum() for each in (own_slope, own_curve, None)
        )
        sides = [
            (slopes[:-1], curves[:-1], counts[:-1]),
            (slopes[-1] - slopes[:-1], curves[-1] - curves[:-1], counts[-1] - counts[:-1]),
        ]
        values = [np.clip(-side[0] / (side[1] + RIDGE), leaf.low, leaf.high) for side in sides]
        gain = whole - sum(_loss(side[0], side[1], value) for side, value in zip(sides, values, strict=True))
        allowed = (np.minimum(sides[0][2], sides[1][2]) >= FEWEST_ROWS) & (direction * (values[1] - values[0]) >= 0)
        gain = np.where(allowed, gain, 0.0)
        best = int(gain.argmax())
        if gain[best] > leaf.gain:
            leaf.gain, leaf.signal, leaf.cut = float(gain[best]), column, best
            leaf.values = float(values[0][best]), float(values[1][best])
    return leaf


def _loss(slope: NDArray[np.float64], curve: NDArray[np.float64], value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Second-order loss of giving a leaf this value."""
    return np.asarray(slope * value + (curve + RIDGE) / 2 * value * value)
