"""Fits what Low Effort weighs beyond its lists, and measures how often each of its patterns is low effort.

    python training/fit_low_effort.py ../shared/data/dev           # prints the probabilities of the patterns
    python training/fit_low_effort.py ../shared/data/dev --write   # also writes src/earnest/data/effort.npz

Learns from the bad and honest answers of training/data/low_effort.jsonl, and from the honest ones of all sources whose
rows may train (`use: train`), at most MOST_OF_A_SOURCE of each. Left out: what the lists settle, bare echoes of the
question, and short praise to questions that ask for it.
"""

import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from benchmarks.bench import Bench, Row
from benchmarks.measures import Table, reliability, share
from numpy.typing import NDArray

from earnest.checks.low_effort import CERTAIN, LowEffort, fair, own_words, pattern, unreadable, what_is_asked
from earnest.evaluate import Evaluator
from earnest.findings import CheckName, Finding
from earnest.text.encoder import Encoder
from earnest.text.features import measure
from earnest.text.lexicons import STEM
from earnest.text.normalize import clean, comparable, words
from earnest.text.substance import SIGNALS, Model, signals, tells

ROOT = Path(__file__).parents[1]
MADE = ROOT / "training/data/low_effort.jsonl"
HONEST = ("llm_certain_humans_*.jsonl", "nonsensical_real*.jsonl", "irrelevant_*.jsonl", "loweffort_*.jsonl")
MOST_OF_A_SOURCE = 800
SHORT_PREVALENCE, LONG_PREVALENCE = 0.012, 0.04
"""Of the answers of up to, and of more than, LONGEST_VAGUE words that the lists leave over, how many are taken to be
vague or padded. The first is what the labels say (cncf, todogroup, vanai_bc: 0.3–1 %); of the second they know nothing,
and it is the highest, of .03, .04, .05 and .1, at which no more than 1 % of deepconv25, left out, are flagged."""
PATTERN_PREVALENCE = 1 / 7
RIDGE = 3.0
MEANING_SCALE = 5.0  # the vector's numbers are a twentieth as large as the signals', which a ridge must not punish
FOLDS = 5
OTHER = "collected for other checks"
"""Kind of honest answers that nobody looked through for don't-knows, which some of their sources hold."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Rows that the model weighs, and what it sees: signals, shape (n, len(SIGNALS)), and vectors (n, dimensions)."""

    rows: tuple[Row, ...]
    signals: NDArray[np.float64]
    vectors: NDArray[np.float64]

    @property
    def bad(self) -> NDArray[np.bool_]:
        """Which of them are low effort."""
        return np.array([bool(row.bad) for row in self.rows])


def main(folder: Path, *, write: bool) -> None:
    """Measure the patterns, fit the model and, if asked, write it."""
    bench = Bench(folder)
    print_patterns(bench)
    model = fit(weigh(lent(bench) + made(), bench.evaluator.encoder))
    if write:
        path = ROOT / "src/earnest/data/effort.npz"
        arrays = {name: getattr(model, name).astype(np.float32) for name in ("alone", "by_length", "meaning")}
        np.savez(path, bias=np.float32(model.bias), **arrays)
        print("effort.npz sha256", hashlib.sha256(path.read_bytes()).hexdigest())


def held_out(bench: Bench) -> Iterator[Table]:
    """Recall, false flags and reliability of answers from sources, or to constructed questions, that did not train."""
    weighed = weigh(lent(bench) + made("train"), bench.evaluator.encoder)
    everything = judged_rows(bench)
    judged: list[tuple[Row, Finding | None]] = []
    for fold in range(-1, FOLDS):
        rows = [row for row in everything if (_fold(row.source) if row.trained else -1) == fold]
        out = {row.source for row in rows} if fold >= 0 else set()
        check = LowEffort(fit(weighed, without=out))
        if fold < 0:
            rows += made("held_out")
        strangers = Bench(bench.folder, Evaluator(encoder=bench.evaluator.encoder, checks=(check,)))
        judged += zip(rows, strangers.findings(rows, CheckName.LOW_EFFORT), strict=True)
    yield _flags("Low Effort, held out: recall", [each for each in judged if each[0].bad])
    yield _flags("Low Effort, held out: false flags", [each for each in judged if not each[0].bad])
    yield _reliability(judged)


def judged_rows(bench: Bench) -> list[Row]:
    """Every labelled answer of the Low Effort files, and each other honest one, of a kind OTHER, once."""
    own = [row for row in bench.rows("loweffort_*.jsonl") if row.bad is not None]
    known = {(row.source, row.question, row.answer) for row in own}
    others = {(row.source, row.question, row.answer): row for row in bench.rows(*HONEST[:-1]) if row.bad is False}
    return own + [replace(row, kind=OTHER) for key, row in sorted(others.items()) if key not in known]


def lent(bench: Bench) -> list[Row]:
    """Honest English answers that may train, at most MOST_OF_A_SOURCE of each source, drawn by a hash."""
    by_source: dict[str, dict[tuple[str, str], Row]] = defaultdict(dict)
    for row in bench.rows(*HONEST):
        if row.trained and row.bad is False and row.lang in {"en", "und"}:
            by_source[row.source][row.question, row.answer] = row
    drawn = [sorted(rows.values(), key=lambda row: _hash(row.answer)) for _, rows in sorted(by_source.items())]
    return [row for rows in drawn for row in rows[:MOST_OF_A_SOURCE]]


def made(*splits: str) -> list[Row]:
    """The constructed answers of these splits, or of all."""
    records = [json.loads(line) for line in MADE.open(encoding="utf-8")][1:]
    return [
        Row(
            source="constructed",
            id=str(number),
            question=each["question"],
            answer=each["answer"],
            bad=each["low_effort"] == 1,
            kind=each["kind"],
            lang=each["lang"],
            trained=True,
        )
        for number, each in enumerate(records)
        if not splits or each["split"] in splits
    ]


def weigh(rows: Sequence[Row], encoder: Encoder) -> Weighed:
    """Measure the rows as the check does, and keep those that no list settles."""
    vectors = encoder.encode([clean(row.answer) for row in rows]).vectors
    kept, measured, seen = [], [], []
    for row, vector in zip(rows, vectors, strict=True):
        features = measure(row.answer, pieces=1, pieces_cover=1)
        asks = what_is_asked(comparable(row.question))
        own = own_words(row.question, asks)
        reason = pattern(features, own, frozenset(word[:STEM] for word in words(comparable(row.question))))
        settled = not features.words or unreadable(features) or reason in CERTAIN or tells(features, own)
        if not (settled or row.kind == "echo" or (reason and fair(reason, asks))):
            kept.append(row)
            found = signals(features, own, reason)
            measured.append([found[name] for name in SIGNALS])
            seen.append(vector)
    return Weighed(tuple(kept), np.array(measured), np.array(seen, dtype=float))


def fit(weighed: Weighed, *, without: Collection[str] = ()) -> Model:
    """Logistic regression by Newton's method; sources weigh as the root of their size, bad ones to PREVALENCE."""
    used = np.array([row.source not in without for row in weighed.rows])
    bad = weighed.bad[used]
    found, vectors = weighed.signals[used], weighed.vectors[used]
    middle, spread = found.mean(0), found.std(0) + 1e-9
    scaled = (found - middle) / spread
    design = np.column_stack([np.ones(len(bad)), scaled, scaled * scaled[:, :1], vectors * MEANING_SCALE])
    sizes = Counter((row.source, row.bad) for row, use in zip(weighed.rows, used, strict=True) if use)
    weights = np.array([sizes[row.source, row.bad] ** -0.5 for row, use in zip(weighed.rows, used, strict=True) if use])
    long = found[:, SIGNALS.index("long")] > 0
    for group, prevalence in ((~long, SHORT_PREVALENCE), (long, LONG_PREVALENCE)):
        for label, share_of_group in ((bad, prevalence), (~bad, 1 - prevalence)):
            weights[group & label] *= share_of_group * group.sum() / weights[group & label].sum()
    slopes = newton(design, bad, weights)
    count = len(SIGNALS)
    alone, by_length = slopes[1 : count + 1] / spread, slopes[count + 1 : 2 * count + 1] / spread / spread[0]
    # (x - m)(n - m0): what belongs to x alone, to n alone and to neither goes where it belongs
    bias = slopes[0] - alone @ middle + by_length @ middle * middle[0]
    alone = alone - by_length * middle[0]
    alone[0] -= by_length @ middle
    return Model(float(bias), alone, by_length, slopes[2 * count + 1 :] * MEANING_SCALE)


def newton(design: NDArray[np.float64], bad: NDArray[np.bool_], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slopes of the logistic regression with a ridge on all but the first."""
    ridge = np.diag([0.0] + [RIDGE] * (design.shape[1] - 1))
    slopes = np.zeros(design.shape[1])
    for _ in range(40):
        chance = 1 / (1 + np.exp(-np.clip(design @ slopes, -30, 30)))
        slope = design.T @ (weights * (chance - bad)) + ridge @ slopes
        step = np.linalg.solve((design * (weights * chance * (1 - chance))[:, None]).T @ design + ridge, slope)
        slopes -= step
        if abs(step).max() < 1e-4:
            break
    return slopes


def print_patterns(bench: Bench) -> None:
    """How often each pattern is low effort in labelled surveys, with one of each added to be careful."""
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for row in bench.rows("loweffort_*.jsonl"):
        if row.trained and row.bad is not None and row.lang == "en":
            features = measure(row.answer, pieces=1, pieces_cover=1)
            asks = what_is_asked(comparable(row.question))
            asked = frozenset(word[:STEM] for word in words(comparable(row.question)))
            reason = pattern(features, own_words(row.question, asks), asked) or "clear"
            counts[f"{reason} (an answer)" if fair(reason, asks) else reason][row.bad] += 1
    bad, honest = (sum(count[label] for count in counts.values()) for label in (True, False))
    for reason, count in sorted(counts.items()):
        odds = (count[True] + 0.5) / (bad + 1) * PATTERN_PREVALENCE
        against = (count[False] + 0.5) / (honest + 1) * (1 - PATTERN_PREVALENCE)
        print(f"{reason}: {odds / (odds + against):.2f} ({count[True]} low effort, {count[False]} honest)")


def _flags(title: str, judged: Sequence[tuple[Row, Finding | None]]) -> Table:
    groups: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row, finding in judged:
        kind = row.kind if row.bad or row.source == "constructed" or row.kind == OTHER else "honest"
        kind += f" ({row.lang})" if row.lang not in {"en", "und"} else ""
        groups[row.source, kind].append(finding is not None and finding.is_issue)
    table = Table(title, ("source", "kind or language", "n", "flagged"))
    for (source, kind), flags in sorted(groups.items()):
        table.add(source, kind, len(flags), share(sum(flags), len(flags)))
    return table


def _reliability(judged: Sequence[tuple[Row, Finding | None]]) -> Table:
    """Scores against shares of bad answers in the Low Effort files, at PATTERN_PREVALENCE."""
    looked_through = [(row, finding) for row, finding in judged if row.source != "constructed" and row.kind != OTHER]
    scored = [(finding.score / 100, bool(row.bad)) for row, finding in looked_through if finding]
    bad = sum(label for _, label in scored)
    weight = (PATTERN_PREVALENCE / bad, (1 - PATTERN_PREVALENCE) / (len(scored) - bad))
    table = Table("Low Effort, held out: reliability", ("mean score", "low effort", "n"))
    found = reliability(
        [score for score, _ in scored], [bad for _, bad in scored], weights=[weight[not bad] for _, bad in scored]
    )
    for mean, observed, count in found:
        table.add(float(mean), float(observed), int(count))
    return table


def _hash(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


def _fold(source: str) -> int:
    return _hash(source) % FOLDS


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/dev"), write="--write" in sys.argv)
