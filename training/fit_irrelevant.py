"""Fits what Irrelevant weighs, and says how well it does on sources that it has not seen.

    python training/fit_irrelevant.py ../shared/data/dev           # prints RESTATED and what thresholds would hold
    python training/fit_irrelevant.py ../shared/data/dev --write   # also writes src/earnest/data/relevance.npz

The trees learn from rows with `use: train` of all sources: honest answers, and answers to other surveys' questions or,
with less weight, to other questions of the same one. The answers from elsewhere are those of data/chat_answers, with
the facts, small talk and pasted texts of data/irrelevant.jsonl; no row of a survey is among them. Advertising, chat
remarks and restated questions are learnt from data/irrelevant.jsonl against honest answers.
"""

import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from benchmarks.bench import Bench, Row
from benchmarks.measures import Table, auroc, reliability, share
from numpy.typing import NDArray
from training.boosting import Growth, boost
from training.logistic import fit

from earnest.checks.base import Subject
from earnest.checks.irrelevant import FEWEST_KNOWN, RESTATED, Irrelevant, names_subject, readable
from earnest.checks.relevance import ALONE, AMONG, NO_SIBLING, Elsewhere, Trees, Weigher
from earnest.evaluate import Evaluator
from earnest.text import restating
from earnest.text.encoder import Encoder
from earnest.text.features import Features, measure
from earnest.text.genres import MOST_CUES, Genre, cues
from earnest.text.normalize import clean

Array = NDArray[np.float64]
ROOT = Path(__file__).parents[1]
MADE = ROOT / "training/data/irrelevant.jsonl"
CHAT_ANSWERS = ROOT / "training/data/chat_answers"
ANSWERS_A_QUESTION = 2
"""Answers from elsewhere kept per question: the most typical, and the one least like it. Four find no more."""
NAMES = {"fact": "Tell us a fact.", "smalltalk": "What happened lately?", "pasted": "Paste any text you have at hand."}
KIND_OF = {Genre.ADVERTISING: "advertising", Genre.CHAT_REMARK: "chat"}

PREVALENCE = 1 / 7
OTHER_QUESTION = 0.2
"""Weight of answers to another question of the same survey, many of which fit both."""
FOLLOWS = {
    "far_elsewhere": 1,
    "usual": 1,
    "other_question": 1,
    "other_answers": 1,
    "asked": -1,
    "others": -1,
    "centre": -1,
}
"""Signals that may speak in one direction only: 1 against the answer, −1 for it."""
TREES, LEAVES, RATE = 100, 8, 0.08
"""60 trees found 2 points less, 150 the same."""
NOT_AMONG = frozenset({"protoqa_scraped", "topicalchat"})
"""Sources with too few answers to a question to say what others answer."""
MOST_FLAGGED, FEWEST_HONEST = 0.01, 300
"""A threshold is the lowest that flags at most this share, and one more, of the honest answers of each source with so
many: one more or less is chance."""
DIFFERENT = 0.5
"""Likeness of two questions below which they differ in topic; set before anything was measured."""
HONEST_WEIGHT, RIDGE, MEANING = 0.05, 3.0, 5.0
GENRE_PREVALENCE, RESTATED_PREVALENCE = 0.01, 0.05
"""Of all answers, and of those that say little of their own; taken, not measured."""
FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The labelled rows, and the signals of each; rows of NaN where the check does not weigh them."""

    rows: Sequence[Row]
    alone: Array
    among: Array
    sources: NDArray[np.str_]
    """Where the question is from."""
    kinds: NDArray[np.str_]
    """"honest", "another survey", "another topic", "another question" (of the same topic) or "copy"."""


class Recorder:
    """Stands where the check would, and keeps what it would weigh."""

    name = Irrelevant.name
    needs = Irrelevant.needs
    reasons: Mapping[str, str] = {}

    def __init__(self, elsewhere: Elsewhere) -> None:
        self.elsewhere = elsewhere
        self.alone: list[Array] = []
        self.among: list[Array] = []

    def judge(self, subjects: Sequence[Subject]) -> list[None]:
        """Keep the signals of each subject, in order."""
        able = [i for i, each in enumerate(subjects) if _weighed(each.answer.features)]
        weighed = Weigher(self.elsewhere).weigh([subjects[i] for i in able])
        alone, among = (np.full((len(subjects), len(names)), np.nan) for names in (ALONE, AMONG))
        topical = np.array([names_subject(subjects[i].question.features) for i in able], dtype=bool)
        alone[able], among[able] = np.where(topical[:, None], weighed.alone, np.nan), weighed.among
        self.alone.append(alone)
        self.among.append(among)
        return [None] * len(subjects)


def _weighed(features: Features) -> bool:
    return readable(features) and features.known_share >= FEWEST_KNOWN


def main(folder: Path, *, write: bool) -> None:
    """Fit all, print what stands in the code, and write the rest if asked."""
    bench = Bench(folder)
    encoder = bench.evaluator.encoder
    elsewhere, arrays = gather_elsewhere(encoder)
    measured = record(bench, elsewhere)
    for name, signals in (("alone", measured.alone), ("among", measured.among)):
        trees = fit_trees(measured, signals)
        arrays |= {
            f"{name}_signal": trees.signal.astype(np.int8),
            f"{name}_threshold": trees.threshold.astype(np.float32),
        }
        arrays |= {f"{name}_left": trees.left.astype(np.int8), f"{name}_bias": np.array(trees.bias, dtype=np.float32)}
        print(f"# {name}: threshold {_probability(threshold(measured, left_out(measured, signals))):.2f}")
    honest = [row for row in measured.rows if row.trained and row.bad is False]
    for genre in Genre:
        arrays[genre.value] = fit_manner(genre, honest, encoder).astype(np.float32)
    bias, *slopes = fit_restated(honest, encoder)
    shown = ", ".join(f'"{key}": {slope:.3g}' for key, slope in zip(RESTATED.weights, slopes, strict=True))
    print(f"RESTATED = Logistic({bias:.3g}, {{{shown}}})")
    if write:
        path = ROOT / "src/earnest/data/relevance.npz"
        np.savez_compressed(path, **arrays)
        print("# relevance.npz sha256", hashlib.sha256(path.read_bytes()).hexdigest())


def gather_elsewhere(encoder: Encoder) -> tuple[Elsewhere, dict[str, NDArray[np.generic]]]:
    """Choose and encode the answers from elsewhere; as they are used, and as they ship."""
    questions, groups = [], []
    for question, answers in chat_answers():
        vectors = encoder.encode(sorted({clean(answer) for answer in answers})).vectors.astype(np.float32)
        likeness = vectors @ vectors.T
        chosen = [int(likeness.mean(1).argmax())]
        while len(chosen) < min(ANSWERS_A_QUESTION, len(vectors)):
            chosen.append(int(likeness[:, chosen].max(1).argmin()))
        questions.append(question)
        groups.append(vectors[chosen])
    for kind, name in NAMES.items():
        questions.append(name)
        groups.append(encoder.encode([clean(each["answer"]) for each in made(kind)]).vectors.astype(np.float32))
    vectors = np.concatenate(groups)
    small = np.round(vectors * 127 / np.abs(vectors).max()).astype(np.int8)
    question_of = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    arrays = {"questions": np.array(questions), "answers": small, "question_of": question_of.astype(np.int16)}
    return Elsewhere.of(questions, small.astype(np.float32), question_of), arrays


def chat_answers() -> Iterator[tuple[str, list[str]]]:
    """Questions and answers of data/chat_answers, in order."""
    for path in sorted(CHAT_ANSWERS.glob("*.txt")):
        found: dict[str, list[str]] = defaultdict(list)
        question = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("?"):
                question = clean(line[1:])
            elif ":" in line and not line.startswith("#"):
                found[question].append(line.split(":", 1)[1].replace("\\n", "\n"))
        yield from found.items()


def made(*kinds: str) -> list[Mapping[str, str]]:
    """The constructed texts of these kinds."""
    records = [json.loads(line) for line in MADE.open(encoding="utf-8")][1:]
    return [each for each in records if each["kind"] in kinds]


def record(bench: Bench, elsewhere: Elsewhere) -> Measured:
    """Let the check's own code measure the labelled rows, among others in a whole survey."""
    rows = [row for row in bench.rows("irrelevant_*.jsonl") if row.bad is not None and row.question]
    recorder = Recorder(elsewhere)
    Bench(bench.folder, Evaluator(encoder=bench.evaluator.encoder, checks=(recorder,))).findings(
        rows, recorder.name, others=True, siblings=True
    )
    asked = {row.question: row.source for row in reversed(rows) if not row.bad}
    sources = np.array([asked.get(row.question, row.source) for row in rows])
    return Measured(
        rows,
        np.concatenate(recorder.alone),
        np.concatenate(recorder.among),
        sources,
        _kinds(rows, bench.evaluator.encoder),
    )


def _kinds(rows: Sequence[Row], encoder: Encoder) -> NDArray[np.str_]:
    """What each row is; to another question: whether that differs in topic, where it is known."""
    questions = sorted({clean(row.question) for row in rows})
    vectors = dict(zip(questions, encoder.encode(questions).vectors.astype(np.float32), strict=True))
    answered = {(row.source, row.answer): row.question for row in rows if not row.bad}
    kinds = []
    for row in rows:
        kind = "honest" if not row.bad else "copy" if "copy" in row.kind else row.kind
        if row.bad and ("across" in kind or "cross" in kind):
            kind = "another survey"
        elif row.bad and "within" in kind:
            own = answered.get((row.source, row.answer))
            alike = 1.0 if own is None else float(vectors[clean(own)] @ vectors[clean(row.question)])
            kind = "another topic" if alike < DIFFERENT else "another question"
        kinds.append(kind)
    return np.array(kinds)


def fit_trees(measured: Measured, signals: Array, *, without: Collection[str] = ()) -> Trees:
    """Fit the trees of one model to the rows that may train, of sources other than these."""
    among = signals.shape[1] == len(AMONG)
    kinds = ["honest", "another survey", *(["another topic", "another question"] if among else [])]
    out = {*without, *(NOT_AMONG if among else ())}
    used = np.isin(measured.kinds, kinds) & ~np.isnan(signals[:, 0])
    used &= np.array([row.trained and row.source not in out for row in measured.rows]) & ~np.isin(
        measured.sources, [*out]
    )
    bad = measured.kinds[used] != "honest"
    sizes = Counter(zip(measured.sources[used], bad, strict=True))
    weights = np.array([sizes[key] ** -0.5 for key in zip(measured.sources[used], bad, strict=True)])
    weights[np.isin(measured.kinds[used], ["another topic", "another question"])] *= OTHER_QUESTION
    weights *= np.where(bad, PREVALENCE / weights[bad].sum(), (1 - PREVALENCE) / weights[~bad].sum())
    seen = signals[used]
    if among:  # half of the weight goes to the same answers of people who were asked nothing else
        other = np.isin(measured.kinds[used], ["another topic", "another question"])
        single = seen[~other].copy()
        single[:, [AMONG.index(name) for name in ("other_question", "other_answers")]] = NO_SIBLING
        seen, bad = np.concatenate([seen, single]), np.concatenate([bad, bad[~other]])
        weights = np.concatenate([weights, weights[~other]])
    directions = [FOLLOWS.get(name, 0) for name in (AMONG if among else ALONE)]
    return boost(seen, bad, weights / weights.mean(), Growth(TREES, LEAVES, RATE, directions))


def left_out(measured: Measured, signals: Array) -> Array:
    """Log-odds of every row by trees that have not seen its source; NaN where it is not weighed."""
    odds = np.full(len(measured.rows), np.nan)
    for source in sorted(set(measured.sources)):
        here = (measured.sources == source) & ~np.isnan(signals[:, 0])
        if here.any():
            odds[here] = fit_trees(measured, signals, without={source}).log_odds(signals[here])
    return odds


def threshold(measured: Measured, odds: Array, *, without: str = "") -> float:
    """The lowest log-odds that MOST_FLAGGED allows in every large source, one left out."""
    honest = (measured.kinds == "honest") & ~np.isnan(odds)
    found = []
    for source in sorted(set(measured.sources) - {without}):
        own = np.sort(odds[honest & (measured.sources == source)])[::-1]
        if len(own) >= FEWEST_HONEST:
            found.append(own[int(MOST_FLAGGED * len(own)) + 1] + 1e-6)
    return float(max(found))


def fit_manner(genre: Genre, honest: Sequence[Row], encoder: Encoder) -> Array:
    """Bias and weights of cues, likeness to the question and vector, calibrated on folds left out."""
    questions = sorted({row.question for row in honest})
    texts = [
        (str(each.get("question", questions[_hash(each["answer"]) % len(questions)])), each["answer"])
        for each in made(KIND_OF[genre])
    ]
    near = [(each["question"], each["answer"]) for each in made("near")]
    pairs = texts + near + [(row.question, row.answer) for row in honest]
    bad = np.arange(len(pairs)) < len(texts)
    weights = np.where(np.arange(len(pairs)) < len(texts) + len(near), 1.0, HONEST_WEIGHT)
    answers, asked = (encoder.encode([clean(pair[i]) for pair in pairs]).vectors.astype(float) for i in (1, 0))
    found = [min(MOST_CUES, len(cues(genre, measure(answer, pieces=1, pieces_cover=1).words))) for _, answer in pairs]
    design = np.column_stack([np.ones(len(pairs)), found, (answers * asked).sum(1), answers * MEANING])
    folds = np.array([_hash(answer) % FOLDS for _, answer in pairs])
    odds = np.zeros(len(pairs))
    for fold in range(FOLDS):
        learnt = folds != fold
        odds[~learnt] = design[~learnt] @ _newton(design[learnt], bad[learnt], weights[learnt])
    shift, scale = fit(odds[:, None], bad.astype(float), GENRE_PREVALENCE, np.ones(len(pairs)))
    level = -shift / scale
    rates = [float((odds[rows] > level).mean()) for rows in (bad, ~bad & (weights == 1), weights < 1)]
    print(f"# {genre}, left out: {rates[0]:.2f} found, {rates[1]:.3f} of near misses, {rates[2]:.4f} of honest answers")
    slopes = _newton(design, bad, weights) * scale
    slopes[0] += shift
    slopes[3:] *= MEANING
    return slopes


def _newton(design: Array, bad: NDArray[np.bool_], weights: Array) -> Array:
    ridge = np.diag([0.0, 0.1, 0.1] + [RIDGE] * (design.shape[1] - 3))
    slopes = np.zeros(design.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(design @ slopes, -30, 30)))
        slope = design.T @ (weights * (chance - bad)) + ridge @ slopes
        slopes -= np.linalg.solve((design * (weights * chance * (1 - chance))[:, None]).T @ design + ridge, slope)
    return slopes


def fit_restated(honest: Sequence[Row], encoder: Encoder) -> Array:
    """Bias and slopes of RESTATED; prints how it does on questions and sources left out."""
    pairs = [(each["question"], each["answer"], each["kind"]) for each in made("restated", "near")]
    pairs += [(row.question, row.answer, row.source) for row in honest]
    asked, answers = (encoder.encode([clean(pair[i]) for pair in pairs]).vectors.astype(float) for i in (0, 1))
    signals, kinds, folds = [], [], []
    for (question, answer, kind), likeness in zip(pairs, (asked * answers).sum(1), strict=True):
        read = [measure(text, pieces=1, pieces_cover=1) for text in (question, answer)]
        if found := restating.signals(*read, float(likeness)):
            signals.append(list(found.values()))
            kinds.append(kind)
            folds.append(_hash(question if kind in {"restated", "near"} else kind) % FOLDS)
    design, bad, fold_of = np.array(signals), np.array(kinds) == "restated", np.array(folds)
    weights = np.where(np.isin(kinds, ["restated", "near"]), 1.0, HONEST_WEIGHT)
    odds = np.zeros(len(bad))
    for fold in range(FOLDS):
        learnt = fold_of != fold
        bias, *slopes = fit(design[learnt], bad[learnt].astype(float), 0.1, weights[learnt])
        odds[~learnt] = bias + design[~learnt] @ np.array(slopes)
    shift, scale = fit(odds[:, None], bad.astype(float), RESTATED_PREVALENCE, np.ones(len(bad)))
    flagged = odds > -shift / scale
    of = {kind: float(flagged[np.array(kinds) == kind].mean()) for kind in sorted(set(kinds))}
    print("# restated, left out:", ", ".join(f"{kind} {rate:.3f}" for kind, rate in of.items()))
    found = fit(design, bad.astype(float), 0.1, weights) * scale
    found[0] += shift
    return found


def held_out(bench: Bench) -> Iterator[Table]:
    """Recall and false flags of each source by trees and thresholds that have not seen it, and reliability."""
    measured = record(bench, gather_elsewhere(bench.evaluator.encoder)[0])
    for name, signals in (
        ("without other people's answers", measured.alone),
        ("among other people's answers", measured.among),
    ):
        odds = left_out(measured, signals)
        yield _carried_over(f"Irrelevant, held out, {name}", measured, odds)
        yield _reliability(f"Irrelevant, held out, {name}: reliability", measured, odds)


def _carried_over(title: str, measured: Measured, odds: Array) -> Table:
    kinds = ("another survey", "another topic", "another question")
    table = Table(
        title,
        (
            "source",
            "honest",
            "false flags",
            *(f"{kind}: {what}" for kind in kinds for what in ("n", "recall", "AUROC")),
        ),
        note="By what the texts mean alone. Another topic: the two questions' likeness is below "
        f"{DIFFERENT}. Copies, advertising and chat remarks are told otherwise.",
    )
    for source in sorted(set(measured.sources)):
        here = (measured.sources == source) & ~np.isnan(odds)
        honest = odds[here & (measured.kinds == "honest")]
        if not len(honest):
            continue
        level = threshold(measured, odds, without=source)
        cells: list[object] = [source, len(honest), share(int((honest > level).sum()), len(honest))]
        for kind in kinds:
            bad = odds[here & (measured.kinds == kind)]
            cells += [len(bad), share(int((bad > level).sum()), len(bad)), auroc(bad, honest)]
        table.add(*cells)
    return table


def _reliability(title: str, measured: Measured, odds: Array) -> Table:
    """Scores against shares of answers to another survey's question, at PREVALENCE in each source."""
    used = np.isin(measured.kinds, ["honest", "another survey"]) & ~np.isnan(odds)
    bad = measured.kinds[used] != "honest"
    sizes = Counter(zip(measured.sources[used], bad, strict=True))
    both = [source for source in set(measured.sources) if sizes[source, True] and sizes[source, False]]
    kept = np.isin(measured.sources[used], both)
    weights = [
        (PREVALENCE if label else 1 - PREVALENCE) / sizes[source, label]
        for source, label in zip(measured.sources[used][kept], bad[kept], strict=True)
    ]
    table = Table(title, ("mean score", "irrelevant", "n"), note="At one bad answer in seven in every source.")
    for mean, observed, count in reliability(_probability(odds[used][kept]), bad[kept], weights=weights):
        table.add(float(mean), float(observed), int(count))
    return table


def _probability(odds: Array | float) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.asarray(odds))))


def _hash(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/dev"), write="--write" in sys.argv)
