"""Fits the coefficients of Nonsensical, Irrelevant and Low Effort, and prints them for pasting into `earnest.checks`.

    python training/fit_checks.py ../shared/data/dev

Reads rows with `use: train` of FIT_SOURCES only; what is said of other sources in docs/explanation/accuracy.md is
said of strangers. Logistic models of one to four signals, by Newton's method with a slight ridge; each source weighs
as the root of its size. Bad answers are weighted to the stated prevalence.
"""

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from benchmarks.bench import Bench, Row
from numpy.typing import NDArray
from training.make_patterns import FIT_SOURCES, walk

from earnest.checks.base import Subject
from earnest.checks.irrelevant import FEWEST_KNOWN, Irrelevant, Others, readable, signals_alone, signals_among
from earnest.checks.low_effort import fair, own_words, pattern, what_is_asked
from earnest.checks.nonsensical import disorder, read_letters
from earnest.evaluate import Evaluator
from earnest.text.features import measure
from earnest.text.normalize import clean, comparable, words

Signals = Mapping[str, float]
LENT = FIT_SOURCES | {"query_wellformedness", "tatoeba_tl", "tatoeba_id", "tatoeba_vi"}
RIDGE = 1e-4
NONSENSE_PREVALENCE = 0.02
IRRELEVANT_PREVALENCE = LOW_EFFORT_PREVALENCE = 1 / 7
OTHER_QUESTION = 0.1  # weight of answers to another question of the same survey, many of which fit both


def main(folder: Path) -> None:
    """Fit and print all."""
    bench = Bench(folder)
    rows = lent(bench, "nonsensical_*.jsonl") + [
        row for row in lent(bench, "irrelevant_surveys2.jsonl", "irrelevant_topicalchat.jsonl") if row.bad is False
    ]
    fit_mash(rows)
    fit_salad(rows)
    measure_low_effort(bench)
    fit_irrelevant(bench)


class Recorder:
    """Stands where a check would, and keeps what the check would weigh."""

    name = Irrelevant.name
    needs = Irrelevant.needs
    reasons: Mapping[str, str] = {}

    def __init__(self) -> None:
        self.alone: list[Signals | None] = []
        self.among: list[Signals | None] = []

    def judge(self, subjects: Sequence[Subject]) -> list[None]:
        """Keep the signals of each subject that the check would judge by its vectors, in order."""
        known: dict[int, Others] = {}
        for subject in subjects:
            features = subject.answer.features
            weighed = readable(features) and features.known_share >= FEWEST_KNOWN
            self.alone.append(signals_alone(subject) if weighed else None)
            self.among.append(signals_among(subject, known) if weighed else None)
        return [None] * len(subjects)


def fit_mash(rows: Sequence[Row]) -> None:
    """Mash alone and between words against honest answers of every kind."""
    rng = random.Random(7)
    honest = [row.answer for row in rows if row.bad is False]
    sentences = [words for words in (answer.split() for answer in honest) if 3 <= len(words) <= 25]
    mash = [row.answer for row in rows if row.bad and row.source == "isitkbs"]
    mash += [" ".join(walk(rng) for _ in range(max(1, rng.randint(-3, 5)))) for _ in range(1200)]
    for _ in range(1200):
        partly = list(rng.choice(sentences))
        for place in rng.sample(range(len(partly)), max(1, int(len(partly) * rng.uniform(0.25, 0.7)))):
            partly[place] = walk(rng)
        mash.append(" ".join(partly))
    read = [(read_letters(clean(text)), bad) for texts, bad in ((honest, 0), (mash, 1)) for text in texts]
    known = [(letters.signals, bad) for letters, bad in read if letters]
    show("MASH", known, NONSENSE_PREVALENCE)


def fit_salad(rows: Sequence[Row]) -> None:
    """Honest answers against the same words in another order, and words drawn at random."""
    rng = random.Random(7)
    honest = [clean(row.answer) for row in rows if row.bad is False and row.lang == "en"]
    split = [words(comparable(text)) for text in honest]
    long = [said for said in split if 5 <= len(said) <= 40]
    vocabulary = [word for said in long for word in said]
    salad = [" ".join(rng.sample(said, len(said))) for said in rng.sample(long, 1500)]
    salad += [" ".join(rng.choices(vocabulary, k=rng.randint(6, 20))) for _ in range(800)]
    measured = [({"disorder": disorder(text)}, bad) for texts, bad in ((honest, 0), (salad, 1)) for text in texts]
    show("SALAD", measured, NONSENSE_PREVALENCE)


def fit_irrelevant(bench: Bench) -> None:
    """Answers against those of other surveys, and, with little weight, of other questions of the same survey."""
    rows = [row for row in lent(bench, "irrelevant_*.jsonl") if row.kind != "question_copy"]
    for name, others in (("ALONE", False), ("AMONG_OTHERS", True)):
        recorder = Recorder()
        Bench(bench.folder, Evaluator(encoder=bench.evaluator.encoder, checks=(recorder,))).findings(
            rows, recorder.name, others=others, siblings=others
        )
        weighed = recorder.among if others else recorder.alone
        taken = [
            (row, signals)
            for row, signals in zip(rows, weighed, strict=True)
            if signals and (others or "within" not in row.kind) and not (others and row.source == "protoqa_scraped")
        ]
        sizes = Counter((row.source, row.bad) for row, _ in taken)
        weights = [
            sizes[row.source, row.bad] ** -0.5 * (OTHER_QUESTION if "within" in row.kind else 1) for row, _ in taken
        ]
        show(name, [(signals, int(row.bad is True)) for row, signals in taken], IRRELEVANT_PREVALENCE, weights)


def measure_low_effort(bench: Bench) -> None:
    """How often each pattern is low effort, with one of each added to be careful."""
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for row in lent(bench, "loweffort_*.jsonl"):
        if row.lang != "en":
            continue
        features = measure(row.answer, pieces=1, pieces_cover=1)
        asks = what_is_asked(comparable(row.question))
        reason = pattern(features, own_words(row.question, asks)) or "clear"
        counts[f"{reason}{' (fair)' if reason != 'clear' and fair(reason, asks) else ''}"][row.bad is True] += 1
    bad, honest = (sum(count[label] for count in counts.values()) for label in (True, False))
    print("Low Effort, of one in seven:")
    for reason, count in sorted(counts.items()):
        odds = (count[True] + 0.5) / (bad + 1) * LOW_EFFORT_PREVALENCE
        against = (count[False] + 0.5) / (honest + 1) * (1 - LOW_EFFORT_PREVALENCE)
        print(f"  {reason}: {odds / (odds + against):.2f} ({count[True]} low effort, {count[False]} honest)")


def lent(bench: Bench, *patterns: str) -> list[Row]:
    """The labelled rows that may train, of the sources that do."""
    return [row for row in bench.rows(*patterns) if row.trained and row.bad is not None and row.source in LENT]


def show(
    name: str, measured: Sequence[tuple[Signals, int]], prevalence: float, weights: Sequence[float] | None = None
) -> None:
    """Fit one model and print it as it stands in the code."""
    names = list(measured[0][0])
    signals = np.array([[each[key] for key in names] for each, _ in measured])
    labels = np.array([label for _, label in measured], dtype=float)
    bias, *slopes = fit(signals, labels, prevalence, np.array(weights or [1.0] * len(labels)))
    shown = ", ".join(f'"{key}": {slope:.3g}' for key, slope in zip(names, slopes, strict=True))
    print(f"{name} = Logistic({bias:.3g}, {{{shown}}})  # {int(labels.sum())} bad, {int((1 - labels).sum())} honest")


def fit(
    signals: NDArray[np.float64], labels: NDArray[np.float64], prevalence: float, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Logistic regression: bias and slopes at this prevalence."""
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


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/dev"))
