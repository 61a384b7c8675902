"""Fits Nonsensical: writes word_order.npy, prints the coefficients for `earnest.checks.nonsensical`, and measures.

    python training/fit_nonsensical.py ../shared/data/dev [--write] [--cache FILE]

Needs training/requirements.txt. Two logistic models. Mash weighs six numbers about letters; word salad weighs 768 means
of the encoder's middle states (together one number, `Encoded.disorder`) and six numbers about neighbouring words.
Only sources with `use: train` are fitted on, each weighing as the root of its size. What is reported is of whole
sources left out: a fifth at a time, from the tables of letters and neighbours as well.
"""

import argparse
import hashlib
import io
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from benchmarks.bench import Bench
from benchmarks.measures import Table, auroc, reliability, share
from numpy.typing import NDArray
from training import make_patterns, nonsense_examples
from training.make_patterns import MASH_KINDS
from training.nonsense_examples import Example

from earnest.checks.nonsensical import FEWEST_ORDERED, MASH, SALAD, THRESHOLD, order_signals, read_letters
from earnest.text import patterns
from earnest.text.encoder import DIMENSIONS, MIDDLE, OnnxEncoder
from earnest.text.language import SUPPORTED, detect
from earnest.text.normalize import clean, comparable, words

Floats = NDArray[np.floating]
FOLDS = 5
PREVALENCE = 1 / 7
CAUTION = {"mash": 0.6, "word salad": 1.3}
"""Log-odds taken off, so that at most 1 % of every source left out is flagged."""
RIDGE_OF_STATES, RIDGE_OF_LETTERS = 0.02, 1.0
OUT = Path(__file__).parents[1] / "src/earnest/data/word_order.npy"
LEFT_OUT = Path(__file__).parent / "left_out/nonsensical.json"
"""The figures of sources left out, which take a quarter of an hour."""
LEAST = float(np.log(THRESHOLD / (1 - THRESHOLD)))
"""Log-odds of an issue."""


class States(OnnxEncoder):
    """The encoder, giving the mean states of its middle."""

    def means(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (n, 768)."""
        found = np.zeros((len(texts), len(MIDDLE) * DIMENSIONS), np.float32)
        counts = self.encode([""] * len(texts))
        block = 2_000
        for start in range(0, len(texts), block):
            part = counts[start : start + block]
            for rows, pieces in self._batches([clean(text) for text in texts[start : start + block]], part):
                states, *middle = self._session.run(None, {"pieces": np.array(pieces, np.int64)})
                means = [each.reshape(states.shape).mean(axis=1) for each in middle]
                found[[start + row for row in rows]] = np.concatenate(means, axis=1)
            print(f"\rencoded {start} of {len(texts)}", end="", file=sys.stderr)
        return found


def main(folder: Path, *, write: bool, cache: Path | None) -> None:
    """Fit on everything, print and write; then leave out."""
    fit_mash = Mash(nonsense_examples.mash(folder) + [each for _, each in nonsense_examples.by_hand()])
    fit_salad = Salad(order_examples(folder), cache)
    print(fit_mash.model(fit_mash.fitted()))
    order, salad = fit_salad.model(fit_salad.fitted())
    print(salad)
    if write:
        buffer = io.BytesIO()
        np.save(buffer, order, allow_pickle=False)
        OUT.write_bytes(buffer.getvalue())
        print(f"{OUT}: sha256 {hashlib.sha256(buffer.getvalue()).hexdigest()}")
    tables = list(tables_of(folder, fit_mash, fit_salad))
    for table in tables:
        print(table.markdown())
    if write:
        LEFT_OUT.write_text(json.dumps([asdict(table) for table in tables], indent=0) + "\n", encoding="utf-8")


def held_out(_: Bench) -> Iterator[Table]:
    """What both models find and flag in sources that they were not fitted on, when what ships was fitted."""
    for table in json.loads(LEFT_OUT.read_text("utf-8")):
        yield Table(**table)


def order_examples(folder: Path) -> list[Example]:
    """Texts in and out of order, those written by hand among them, that the check would read."""
    hand = [each for _, each in nonsense_examples.by_hand() if not each.bad or each.kind in {"salad", "broken"}]
    known = {each.text: each for each in nonsense_examples.order(folder) + hand}
    return [
        each
        for text, each in known.items()
        if len(words(comparable(text))) >= FEWEST_ORDERED and detect(clean(text)) in {None, *SUPPORTED}
    ]


class Fit:
    """A logistic model of examples, fitted on all sources or on all but some."""

    name: str
    ridge: float

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples
        self.sources = np.array([each.source for each in examples])
        self.bad = np.array([each.bad for each in examples])
        self.kinds = np.array([each.kind for each in examples])
        lent = np.array([each.trained for each in examples])
        sizes = Counter(zip(self.sources, self.bad, strict=True))
        weights = np.array([sizes[key] ** -0.5 for key in zip(self.sources, self.bad, strict=True)])
        self.weights = np.where(lent, weights, 0.0)
        self.folds = np.array([fold(source) for source in self.sources])

    def design(self) -> Floats:
        """The signals, shape (n, k)."""
        raise NotImplementedError

    def fitted(self, without: int | None = None) -> Floats:
        """Weights of the signals, then the bias, at PREVALENCE and with CAUTION."""
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  (not where the figures are only shown)

        signals = self.design()
        used = (self.folds != without) & (self.weights > 0)
        weights = self.weights * used
        for label, part in ((True, PREVALENCE), (False, 1 - PREVALENCE)):
            weights[self.bad == label] *= part / weights[self.bad == label].sum()
        spread = signals[used].std(0) + 1e-9
        model = LogisticRegression(C=self.ridge / PREVALENCE, max_iter=400)
        model.fit(signals[used] / spread, self.bad[used], sample_weight=weights[used] * used.sum())
        return np.append(model.coef_[0] / spread, model.intercept_[0] - CAUTION[self.name])

    def odds(self, fitted: Floats) -> Floats:
        """Log-odds of all examples."""
        signals: Floats = self.design() @ fitted[:-1] + fitted[-1]
        return signals

    def left_out(self, folder: Path) -> Floats:
        """Log-odds of all examples by models that know nothing of their source."""
        found = np.zeros(len(self.examples))
        for each in range(FOLDS):
            sources = {str(source) for source in self.sources[self.folds == each]}
            with tables_without(folder, sources):
                found[self.folds == each] = self.odds(self.fitted(each))[self.folds == each]
        return found


class Mash(Fit):
    """Mash by its letters."""

    name = "mash"
    ridge = RIDGE_OF_LETTERS
    names = tuple(MASH.weights)

    def __init__(self, examples: Sequence[Example]) -> None:
        super().__init__([each for each in examples if read_letters(each.text)])

    def design(self) -> Floats:
        """Signals by the tables in use."""
        read = [read_letters(each.text) for each in self.examples]
        return np.array([[each.signals[name] if each else 0.0 for name in self.names] for each in read])

    def model(self, fitted: Floats) -> str:
        """As it stands in the code."""
        return f"MASH = {shown(fitted, self.names)}"


class Salad(Fit):
    """Word salad by the encoder's states and by neighbouring words."""

    name = "word salad"
    ridge = RIDGE_OF_STATES
    names = tuple(SALAD.weights)

    def __init__(self, examples: Sequence[Example], cache: Path | None) -> None:
        super().__init__(examples)
        self.states = _states([each.text for each in examples], cache)

    def design(self) -> Floats:
        """States, then signals by the tables in use."""
        own = [[order_signals(each.text, 0.0)[name] for name in self.names[1:]] for each in self.examples]
        return np.hstack([self.states, np.array(own, np.float32)])

    def model(self, fitted: Floats) -> tuple[NDArray[np.float32], str]:
        """What becomes `word_order.npy`, and the rest as it stands in the code."""
        order, rest = fitted[: self.states.shape[1]], fitted[self.states.shape[1] :]
        return order.astype(np.float32), f"SALAD = {shown(np.append(1.0, rest), self.names)}"


def _states(texts: Sequence[str], cache: Path | None) -> NDArray[np.float32]:
    """The mean states of texts; those in the cache are not computed again."""
    known: dict[str, int] = {}
    states = np.zeros((0, len(MIDDLE) * DIMENSIONS), np.float32)
    if cache and cache.exists():
        with np.load(cache, allow_pickle=False) as kept:
            known, states = {text: i for i, text in enumerate(kept["texts"].tolist())}, kept["states"]
    new = [text for text in dict.fromkeys(texts) if text not in known]
    if new:
        encoder = OnnxEncoder.shipped()
        encoder.__class__ = States
        states = np.concatenate([states, encoder.means(new)])
        known |= {text: len(known) + i for i, text in enumerate(new)}
        if cache:
            np.savez(cache, texts=np.array(list(known)), states=states)
    return states[[known[text] for text in texts]]


def shown(fitted: Floats, names: Sequence[str]) -> str:
    """A model in Python."""
    weights = ", ".join(f'"{name}": {weight:.3g}' for name, weight in zip(names, fitted[:-1], strict=True))
    return f"Logistic({fitted[-1]:.3g}, {{{weights}}})"


def fold(source: str) -> int:
    """Which fifth a source belongs to."""
    return int(hashlib.sha256(source.encode()).hexdigest(), 16) % FOLDS


@contextmanager
def tables_without(folder: Path, sources: set[str]) -> Iterator[None]:
    """Let `text.patterns` use tables that were counted without these sources."""
    shipped = patterns._patterns
    made = patterns.load(make_patterns.make(folder, leave_out=sources))
    patterns._patterns = lambda: made  # type: ignore[assignment]
    patterns.mash_odds.cache_clear()
    try:
        yield
    finally:
        patterns._patterns = shipped
        patterns.mash_odds.cache_clear()


def tables_of(folder: Path, *fits: Fit) -> Iterator[Table]:
    """Recall by kind and length, false flags by source, and reliability, of sources left out."""
    for fit in fits:
        odds = fit.left_out(folder)
        yield _found(fit, odds)
        yield _accused(fit, odds)
        table = Table(f"Nonsensical, {fit.name}, reliability", ("mean score", "share of nonsense", "n"))
        weights = np.where(fit.bad, PREVALENCE / fit.bad.sum(), (1 - PREVALENCE) / (~fit.bad).sum())
        for score, bad, number in reliability(1 / (1 + np.exp(-odds)), fit.bad, weights=weights):
            table.add(float(score), float(bad), int(number))
        yield table


def _found(fit: Fit, odds: Floats) -> Table:
    table = Table(f"Nonsensical, {fit.name}, sources left out", ("texts", "n", "flagged", "AUROC"))
    honest = odds[(fit.kinds == "honest") & ~fit.bad]
    labels = np.array([_label(each) if each.bad else "" for each in fit.examples])
    for label in sorted(set(labels[fit.bad])):
        own = odds[labels == label]
        table.add(label, len(own), share(int((own >= LEAST).sum()), len(own)), auroc(own, honest))
    return table


def _accused(fit: Fit, odds: Floats) -> Table:
    table = Table(f"Nonsensical, {fit.name}, honest texts of sources left out", ("texts", "n", "flagged"))
    labels = np.array(["" if each.bad else _label(each) for each in fit.examples])
    for label in sorted(set(labels[~fit.bad])):
        own = odds[labels == label]
        table.add(label, len(own), share(int((own >= LEAST).sum()), len(own)))
    return table


def _label(example: Example) -> str:
    """The line of a table: by length what is shuffled, by kind what is made, by source the rest."""
    if example.kind in {"shuffled", "short_shuffled"}:
        count = len(example.text.split())
        return f"shuffled, {'5–8' if count < 9 else '9–15' if count < 16 else '16–40'} words"
    made = example.kind not in MASH_KINDS | {"honest", "made", "planted"}
    return example.kind if made and example.source != "by hand" else f"{example.source}: {example.kind}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/data/dev"))
    parser.add_argument("--write", action="store_true", help="replace the shipped file")
    parser.add_argument("--cache", type=Path, help="where to keep the states, which take minutes")
    arguments = parser.parse_args()
    main(arguments.folder, write=arguments.write, cache=arguments.cache)
