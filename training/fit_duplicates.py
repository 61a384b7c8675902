"""Fits how agreement becomes a probability of copying, and likeness in meaning one of rewording.

    python training/fit_duplicates.py --data DIRECTORY

Only rows of `use: train`, and `training/data/paraphrases.jsonl`, are fitted on. Prints the constants of
`earnest.text.coincidence` and `earnest.text.rewording`, and what `held_out` finds they are worth on sources left out.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from benchmarks.bench import Bench
from benchmarks.measures import Table, reliability, share
from numpy.typing import NDArray
from training.duplicate_examples import KINDS, SIZES, Example, Signals, examples

from earnest.checks.shared_duplicate import FEWEST_SHARED
from earnest.text import coincidence, rewording

PREVALENCE = 0.05
MOST_FALSE_FLAGS = 0.005
LEAST_HONEST = 300
"""Honest answers of a source, in groups of like size, that may set a threshold."""
EXAMS = frozenset({"mohler"})
"""Questions with one right answer, asked of a dozen students: measured, but no threshold makes up for that."""
LENGTHS = ((3, 5), (6, 8), (9, 1000))
ROWS_WORTH, RIDGE = 20_000, 0.1

SignalsOf = Callable[[Example], Sequence[Signals]]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Fitted constants of one kind of signals, and the threshold of its log-odds."""

    bias: float
    weights: Signals
    per_other: float
    threshold: float = float("inf")

    def odds(self, signals: Signals, size: int) -> float:
        """Log-odds among so many people."""
        weighed = sum(weight * signals[name] for name, weight in self.weights.items())
        return self.bias + weighed - self.per_other * float(np.log(max(1, size - 1)))

    def highest(self, signals: Sequence[Signals], size: int) -> float:
        """Log-odds of the likeliest candidate."""
        return max((self.odds(each, size) for each in signals), default=-float("inf"))


class Verdict(NamedTuple):
    """What models that never saw its source say of an example: probabilities, and whether it is flagged."""

    example: Example
    copied: float
    reworded: float
    is_copied: bool
    is_reworded: bool


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    found = examples(Bench(parser.parse_args().data))
    for name, model in zip(("coincidence", "rewording"), fit_all(found), strict=True):
        rounded = {signal: round(weight, 2) for signal, weight in model.weights.items()}
        print(f"{name}: BIAS = {model.bias:.2f}, WEIGHTS = {rounded}, threshold {_probability(model.threshold):.2f}")
    for table in _tables(found):
        print(table.markdown())


def held_out(bench: Bench) -> Iterator[Table]:
    """What the fit is worth on each source, when weights and thresholds come from the others."""
    return _tables(examples(bench))


def fit_all(
    found: Sequence[Example], *, leave_out: Collection[str] = (), without: Collection[str] = ()
) -> tuple[Model, Model]:
    """The models of copies and of rewordings, from all sources but some, and all signals but some."""
    known = [each for each in found if each.source not in leave_out]
    honest = [each for each in known if each.kind == "honest" and each.source not in EXAMS]
    copies = [each for each in known if each.may_train and each.kind in KINDS and each.words >= LENGTHS[0][0]]
    reworded = [each for each in known if each.may_train and each.kind.endswith(("the same", "reworded"))]
    return (
        _fitted(honest, copies, _copy, coincidence.WEIGHTS.keys() - {*without}, coincidence.PER_OTHER),
        _fitted(honest, reworded, _rewordings, rewording.WEIGHTS.keys() - {*without}, rewording.PER_OTHER),
    )


def _copy(example: Example) -> Sequence[Signals]:
    return [example.copy] if example.copy else []


def _rewordings(example: Example) -> Sequence[Signals]:
    return example.rewordings


def _fitted(
    honest: Sequence[Example],
    bad: Sequence[Example],
    signals_of: SignalsOf,
    names: Collection[str],
    per_other: float,
) -> Model:
    names, rows, labels, weights, offsets = sorted(names), [], [], [], []
    for is_bad, group in ((0.0, [each for each in honest if each.may_train]), (1.0, bad)):
        for each in group:
            for signals in signals_of(each)[: 1 if is_bad else None]:
                rows.append([1.0, *(signals[name] for name in names)])
                labels.append(is_bad)
                weights.append((PREVALENCE if is_bad else 1 - PREVALENCE) * ROWS_WORTH / len(group))
                offsets.append(-per_other * np.log(max(1, each.size - 1)))
    beta = fit(np.array(rows), np.array(labels), np.array(weights), np.array(offsets))
    model = Model(float(beta[0]), dict(zip(names, map(float, beta[1:]), strict=True)), per_other)
    return replace(model, threshold=_threshold(model, honest, signals_of))


def fit(
    rows: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    offsets: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Weighted logistic regression, with a little ridge, by Newton's method in bounded steps; offsets are log-odds."""
    beta = np.zeros(rows.shape[1])
    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(rows @ beta + offsets, -30, 30)))
        slope = rows.T @ (weights * (labels - chance)) - RIDGE * beta
        curve = (rows.T * (weights * chance * (1 - chance))) @ rows + RIDGE * np.eye(len(beta))
        step = np.linalg.solve(curve, slope)
        beta = beta + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-6:
            break
    return beta


def _threshold(model: Model, honest: Sequence[Example], signals_of: SignalsOf) -> float:
    """The lowest log-odds at which few enough honest answers of each source, in groups of each size, are flagged."""
    odds: dict[tuple[str, int], list[float]] = defaultdict(list)
    for each in honest:
        odds[each.source, min(size for size in SIZES if each.size <= size)].append(
            model.highest([] if _is_short(each, signals_of) else signals_of(each), each.size)
        )
    many = [sorted(each) for each in odds.values() if len(each) >= LEAST_HONEST]
    return max(each[-1 - int(MOST_FALSE_FLAGS * len(each))] for each in many)


def _is_short(example: Example, signals_of: SignalsOf) -> bool:
    """Whether it is a copy of too few words to be flagged."""
    return signals_of is _copy and example.copy is not None and example.copy["words"] < np.log2(1 + FEWEST_SHARED)


def cross_validated(found: Sequence[Example], *, without: Collection[str] = ()) -> list[Verdict]:
    """Judge each source by models that were fitted, and given thresholds, on all others."""
    by_source: dict[str, list[Example]] = defaultdict(list)
    for each in found:
        by_source[each.source].append(each)
    verdicts = []
    for source, own in sorted(by_source.items()):
        copies, rewordings = fit_all(found, leave_out={source}, without=without)
        for each in own:
            copied = copies.highest(_copy(each), each.size)
            reworded = rewordings.highest(_rewordings(each), each.size)
            is_copied = copied > copies.threshold and not _is_short(each, _copy)
            is_reworded = not is_copied and reworded > rewordings.threshold
            verdicts.append(Verdict(each, _probability(copied), _probability(reworded), is_copied, is_reworded))
    return verdicts


def _probability(odds: float) -> float:
    return 1 / (1 + float(np.exp(-np.clip(odds, -30, 30))))


def _tables(found: Sequence[Example]) -> Iterator[Table]:
    verdicts = cross_validated(found)
    yield _honest_table(verdicts)
    yield _copies_table(verdicts)
    yield _rewordings_table(verdicts)
    yield _reliability_table(verdicts)
    yield _ablation_table(found)


def _honest_table(verdicts: Sequence[Verdict]) -> Table:
    table = Table(
        "Duplicate Answers, sources left out: false flags",
        ("source", "people in a group", "answers", "as copies", "as paraphrases"),
        note="Weights and thresholds come from the other sources. Groups are drawn from each question's answers. mohler"
        " holds exam questions with one right answer.",
    )
    groups: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for each in verdicts:
        if each.example.kind == "honest":
            people = each.example.size
            groups[each.example.source, "2–5" if people <= 5 else "20" if people == 20 else "all, or 100"].append(each)
    for (source, size), own in sorted(groups.items()):
        flags = (sum(each.is_copied for each in own), sum(each.is_reworded for each in own))
        table.add(source, size, len(own), *(share(flagged, len(own)) for flagged in flags))
    return table


def _copies_table(verdicts: Sequence[Verdict]) -> Table:
    table = Table(
        "Duplicate Answers, sources left out: recall of planted copies",
        ("source", *(f"{low}–{high} words" if high < 1000 else f"{low} words and more" for low, high in LENGTHS)),
        note="Among groups of 2 to all. Copies of what many say are forgiven, so little is found where most answers are"
        " don't-knows, facts that were asked for (anes08_office, mohler) or ticked options (cncf).",
    )
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for each in verdicts:
        if each.example.kind in KINDS:
            groups[each.example.source].append(each)
    for source, own in sorted(groups.items()):
        cells = [[each for each in own if low <= each.example.words <= high] for low, high in LENGTHS]
        table.add(source, *(share(sum(each.is_copied or each.is_reworded for each in c), len(c)) for c in cells))
    return table


def _rewordings_table(verdicts: Sequence[Verdict]) -> Table:
    table = Table(
        "Duplicate Answers, sources left out: rewordings",
        ("source", "kind", "pairs", "as copies", "as paraphrases", "either"),
        note='Two respondents alone ("written" also among others). "written" was made for the fit: no real people.',
    )
    groups: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for each in verdicts:
        if each.example.kind != "honest" and each.example.kind not in KINDS:
            groups[each.example.source, each.example.kind].append(each)
    for (source, kind), own in sorted(groups.items()):
        copies, rewordings = sum(each.is_copied for each in own), sum(each.is_reworded for each in own)
        table.add(source, kind, len(own), *(share(n, len(own)) for n in (copies, rewordings, copies + rewordings)))
    return table


def _reliability_table(verdicts: Sequence[Verdict]) -> Table:
    table = Table(
        "Duplicate Answers, sources left out: reliability",
        ("what", "mean score", "share that is bad", "answers"),
        note=f"Planted copies, and rewordings, weighed as {PREVALENCE:.0%} of answers.",
    )
    for what, kinds in (("copy", KINDS), ("paraphrase", ("the same", "reworded"))):
        known = [each for each in verdicts if each.example.may_train]
        bad = [each for each in known if each.example.kind.endswith(kinds)]
        honest = [each for each in known if each.example.kind == "honest"]
        weights = [PREVALENCE / len(bad)] * len(bad) + [(1 - PREVALENCE) / len(honest)] * len(honest)
        scores = [each.copied if kinds is KINDS else each.reworded for each in (*bad, *honest)]
        labels = [1] * len(bad) + [0] * len(honest)
        for mean, rate, number in reliability(scores, labels, weights=weights):
            table.add(what, float(mean), float(rate), int(number))
    return table


def _ablation_table(found: Sequence[Example]) -> Table:
    table = Table(
        "Duplicate Answers, sources left out: what each signal is worth",
        ("without", f"copies of {LENGTHS[1][0]} words and more", "rewordings"),
        note="Recall on the sources that may train, each left out in turn, at thresholds that flag at most"
        f" {MOST_FALSE_FLAGS:.1%} of the other sources' honest answers.",
    )
    for name in ("", *coincidence.WEIGHTS, *rewording.WEIGHTS):
        verdicts = [each for each in cross_validated(found, without=[name]) if each.example.may_train]
        copies = [each for each in verdicts if each.example.kind in KINDS and each.example.words >= LENGTHS[1][0]]
        rewordings = [each for each in verdicts if each.example.kind.endswith(("the same", "reworded"))]
        recalls = (np.mean([each.is_copied or each.is_reworded for each in some]) for some in (copies, rewordings))
        table.add(name or "nothing", *(float(recall) for recall in recalls))
    return table


if __name__ == "__main__":
    main()
