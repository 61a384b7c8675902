"""How good a score is at telling bad answers from honest ones, and a Markdown table to say so. Numpy only."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earnest.validation import wilson


def auroc(bad: ArrayLike, honest: ArrayLike) -> float:
    """Chance that a bad answer scores higher than an honest one, ties counted half; NaN when either is missing."""
    high, low = np.asarray(bad, dtype=float), np.sort(np.asarray(honest, dtype=float))
    if not len(high) or not len(low):
        return float("nan")
    below = np.searchsorted(low, high, side="left")
    up_to = np.searchsorted(low, high, side="right")
    return float((below + up_to).sum() / (2 * len(high) * len(low)))


def recall_at(bad: ArrayLike, honest: ArrayLike, *, false_flags: float = 0.01) -> float:
    """Share of bad answers above the lowest threshold that flags at most this share of the honest ones."""
    high, low = np.asarray(bad, dtype=float), np.sort(np.asarray(honest, dtype=float))[::-1]
    if not len(high) or not len(low):
        return float("nan")
    threshold = low[int(false_flags * len(low))]  # so many honest ones lie strictly above it, or fewer
    return float((high > threshold).mean())


def reliability(scores: ArrayLike, bad: ArrayLike, *, weights: ArrayLike | None = None) -> NDArray[np.float64]:
    """Mean score, share of bad ones and number per tenth of the scale (0–1), of the tenths that occur; shape (n, 3)."""
    score, label = np.asarray(scores, dtype=float), np.asarray(bad, dtype=float)
    weight = np.ones_like(score) if weights is None else np.asarray(weights, dtype=float)
    tenth = np.minimum((score * 10).astype(int), 9)
    rows = []
    for each in np.unique(tenth):
        here = tenth == each
        total = weight[here].sum()
        rows.append(((score * weight)[here].sum() / total, (label * weight)[here].sum() / total, here.sum()))
    return np.array(rows).reshape(-1, 3)


def share(hits: int, of: int) -> str:
    """A share with its 95 % interval, as "0.8 % (0.3–1.9)"; "–" of nothing."""
    if not of:
        return "–"
    low, high = wilson(hits, of)
    return f"{100 * hits / of:.1f} % ({100 * low:.1f}–{100 * high:.1f})"


def figure(value: float) -> str:
    """A figure between 0 and 1 as ".984"; "–" when it is not a number."""
    if np.isnan(value):
        return "–"
    return f"{value:.3f}".removeprefix("0") if value < 1 else "1.000"


@dataclass
class Table:
    """A Markdown table under a heading, with a sentence on how to read it."""

    title: str
    columns: Sequence[str]
    note: str = ""
    rows: list[Sequence[str]] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """Append a row; floats between 0 and 1 are written as figures."""
        self.rows.append([figure(cell) if isinstance(cell, float) else str(cell) for cell in cells])

    def markdown(self) -> str:
        """The heading, the note and the table."""
        lines = [f"## {self.title}", ""]
        if self.note:
            lines += [self.note, ""]
        lines += ["| " + " | ".join(self.columns) + " |", "|" + "---|" * len(self.columns)]
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        return "\n".join(lines) + "\n"
