"""Makes src/earnest/data/authorship.npz, the model of `earnest.text.authorship`, and prints how well it carries over.

    python training/train_authorship.py DATA [--write]

DATA is the folder with the labelled `llm_*.jsonl`, of which only rows marked `use: train` are learnt from; what a chat
model wrote for this project, and people's reviews, lie in training/data. About three minutes. What is printed comes
from five folds; each leaves out whole sources of people's texts and whole questions of the machine's. Without --write
nothing is kept.
"""

import argparse
import hashlib
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from earnest.text.authorship import BUCKETS, CLIP, COMMON_ZIPF, FEWEST_WORDS, echo, level, measure, tokens
from earnest.text.normalize import clean, comparable, words
from earnest.text.words import zipf

TARGET = Path(__file__).parents[1] / "src/earnest/data/authorship.npz"
OURS = Path(__file__).parent / "data"
FOLDS = (
    ("rsurvey_en18", "osu_course_eval"),
    ("jupyter15", "carpentries"),
    ("cncf", "k8s_contribex"),
    ("spack", "todogroup", "people_reviews"),
    ("topicalchat",),
)
SURVEYS = frozenset(source for fold in FOLDS for source in fold) - {"people_reviews"}
PARTS = {
    # Share of all weight that each part of a class gets; found by trying a dozen on the folds.
    (True, "written"): 0.80,
    (True, "chat"): 0.12,
    (True, "other"): 0.07,
    (True, "reworked"): 0.01,
    (False, "survey"): 0.60,
    (False, "reviews"): 0.20,
    (False, "other"): 0.20,
}
WRITTEN = frozenset({"llm_written_dev", "chat_answers"})
FEWEST_SUBJECTS = 7
"""Of the files of training/data/chat_answers, and other chats as one more: so many must hold a rarer word for it to be
seen whole. Found by trying 3 to 9 on the folds."""
FEWEST_USES = 3
LENGTHS = (8, 12, 17, 25, 40, 70)
"""Both classes weigh the same between these numbers of words, so that length tells nothing."""
TYPICAL_WORDS, SPREAD = 22, 0.6
"""Long texts are cut to lengths like those of survey answers: log-normal, median and sigma."""
STYLE_SCALE = 0.2
C = 3.0
MAXIMUM, FEWEST_CERTAIN = 0.01, 150
"""Text alone flags at most this share of people's texts in every left-out source that has so many."""
CERTAIN = ("nhs_fft", "authenticheck_asap")
"""Sources of certain people that are never learnt from."""
LEFT_OUT = OURS.parent / "left_out/authorship.json"
"""What benchmarks/accuracy_left_out.py shows of all this."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text to learn from or to be tried on."""

    text: str
    by_machine: bool
    part: str
    source: str
    group: str
    style: str
    question: str = ""
    weight: float = 1.0
    is_made: bool = False  # cut from, or joined from, other texts: for learning only

    @property
    def words(self) -> int:
        """How many there are."""
        return len(self.text.split())


def load(folder: Path, *, use: str) -> Iterator[Text]:
    """Read the English rows."""
    for path in sorted(folder.glob("llm_*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            text = clean(row["answer"])
            if row["is_llm"] is None or not row["lang"].startswith("en") or row["use"] != use or len(text.split()) < 5:
                continue
            source, style = row["source"], row.get("style") or row.get("attack") or ""
            yield Text(
                text=text,
                by_machine=bool(row["is_llm"]),
                part=part_of(source, style, bool(row["is_llm"])),
                source=source,
                group=row["question"] if source == "llm_written_dev" else source,
                style=style,
                question=row["question"] or "",
            )


def ours() -> Iterator[Text]:
    """Read what lies in training/data: a chat model's answers, and people's reviews, single or two in a row."""
    for path in sorted((OURS / "chat_answers").glob("*.txt")):
        question = ""
        for line in path.read_text("utf-8").splitlines():
            style, _, answer = line.partition(": ")
            if line.startswith("? "):
                question = line
            elif answer and not line.startswith("#") and len(answer.split()) >= 5:
                answer = clean(answer.replace("\\n", "\n"))
                yield Text(
                    answer,
                    by_machine=True,
                    part="written",
                    source="chat_answers",
                    group=f"{path.stem}{question}",
                    style=style,
                    question=question[2:],
                )
    lines = (OURS / "people_reviews.txt").read_text("utf-8").splitlines()
    sentences = [line.split("\t")[1] for line in lines if not line.startswith("#")]
    rng = random.Random(3)
    while sentences:
        count = rng.choice([1, 1, 1, 2])
        text, sentences = clean(" ".join(sentences[:count])), sentences[count:]
        if len(text.split()) >= 5:
            yield Text(
                text, by_machine=False, part="reviews", source="people_reviews", group="people_reviews", style=""
            )


def whole_words(texts: Iterable[Text]) -> frozenset[str]:
    """The words that the machine uses whatever it is asked about."""
    uses: Counter[str] = Counter()
    subjects = defaultdict(set)
    for each in texts:
        if each.source == "chat_answers" or each.part == "chat":
            said = {token.lower() for token in tokens(level(each.text)) if token[0].isalpha()}
            uses.update(said)
            for word in said:
                subjects[word].add(each.group.split("?")[0] if each.part == "written" else "chat")
    often = {word for word, where in subjects.items() if len(where) >= FEWEST_SUBJECTS and uses[word] >= FEWEST_USES}
    return frozenset(word for word in often if zipf(word.replace("'", "")) < COMMON_ZIPF)


def part_of(source: str, style: str, by_machine: bool) -> str:
    """Name the part of the class that a row belongs to."""
    if source in WRITTEN:
        return "written"
    if source in {"wildbench", "arenahard", "mtbench"}:
        return "chat"
    if by_machine and style.startswith(("polish", "rewrite", "expand")):
        return "reworked"
    return "survey" if source in SURVEYS else "other"


def more(texts: list[Text], rng: random.Random) -> list[Text]:
    """Cut long texts to the length of answers, and join people's short ones to make up for the few long ones."""
    made = []
    for each in texts:
        if each.words > 25:
            for _ in range(1 if each.part == "reworked" else 2):
                cut = _window(each.text, min(80.0, max(8.0, rng.lognormvariate(np.log(TYPICAL_WORDS), SPREAD))), rng)
                made.append(replace(each, text=cut, weight=0.5, is_made=True))
    by_source = defaultdict(list)
    for each in texts:
        if each.part == "survey":
            by_source[each.source].append(each)
    for source in by_source.values():
        for each in source:
            if rng.random() < 0.5:
                others = rng.sample(source, min(len(source), rng.choice([1, 2, 3])))
                joined = " ".join(_ended(other.text, rng) for other in (each, *others))
                made.append(replace(each, text=joined, weight=0.7, is_made=True))
    return [each for each in made if each.words >= 6]


def _window(text: str, words: float, rng: random.Random) -> str:
    """Some whole sentences in a row of about so many words."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    start = rng.randrange(len(sentences))
    taken: list[str] = []
    for sentence in sentences[start:]:
        count = sum(len(each.split()) for each in taken)
        if count >= words or (taken and count + len(sentence.split()) > 1.4 * words):
            break
        taken.append(sentence)
    return " ".join(taken)


def _ended(text: str, rng: random.Random) -> str:
    return text if text[-1] in ".?!" or rng.random() < 0.5 else text + "."


def weigh(texts: list[Text]) -> np.ndarray:
    """Weights by which parts have their shares, sources count less than in proportion, and lengths are matched."""
    counts = Counter((each.part, each.source) for each in texts)
    weights = np.array([each.weight * counts[each.part, each.source] ** -0.4 for each in texts])
    parts = np.array([list(PARTS).index((each.by_machine, each.part)) for each in texts])
    labels = np.array([each.by_machine for each in texts])
    lengths = np.digitize([each.words for each in texts], LENGTHS)
    for _ in range(6):
        for i, share in enumerate(PARTS.values()):
            weights[parts == i] *= share / max(weights[parts == i].sum(), 1e-9)
        for length in set(lengths):
            here = lengths == length
            half = weights[here].sum() / 2
            for label in (True, False):
                weights[here & (labels == label)] *= half / max(weights[here & (labels == label)].sum(), 1e-9)
    return weights / weights.mean()


@dataclass(frozen=True, slots=True)
class Measured:
    """Texts as numbers."""

    runs: sp.csr_matrix
    style: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> "Measured":
        return Measured(self.runs[rows], self.style[rows])


def measured(texts: Iterable[Text], whole: frozenset[str]) -> Measured:
    """Measure as at run time."""
    columns, values, ends, styles = [], [], [0], []
    for each in texts:
        buckets, rates = measure(each.text, whole)
        columns += buckets
        values += [1 / sqrt(len(buckets))] * len(buckets)
        ends.append(len(columns))
        styles.append(rates)
    runs = sp.csr_matrix((np.array(values, np.float32), columns, ends), shape=(len(styles), BUCKETS))
    runs.sum_duplicates()
    return Measured(runs, np.array(styles, np.float32))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model of `earnest.text.authorship`, without calibration."""

    of_runs: np.ndarray
    of_style: np.ndarray
    means: np.ndarray
    deviations: np.ndarray
    bias: float

    def scores(self, seen: Measured) -> np.ndarray:
        """Score texts as at run time, but for the rounding of weights."""
        deviating = np.clip((seen.style - self.means) / self.deviations, -CLIP, CLIP)
        return seen.runs @ self.of_runs + deviating @ self.of_style + self.bias


def fit(seen: Measured, labels: np.ndarray, weights: np.ndarray) -> Fitted:
    """Fit the logistic regression."""
    means, deviations = seen.style.mean(0), seen.style.std(0) + 1e-6
    deviating = np.clip((seen.style - means) / deviations, -CLIP, CLIP) * STYLE_SCALE
    both = sp.hstack([seen.runs, sp.csr_matrix(deviating)]).tocsr()
    model = LogisticRegression(C=C, max_iter=300, tol=1e-3).fit(both, labels, sample_weight=weights)
    found = model.coef_[0].astype(np.float32)
    return Fitted(found[:BUCKETS], found[BUCKETS:] * STYLE_SCALE, means, deviations, float(model.intercept_[0]))


def fold_of(text: Text) -> int:
    """Which fold leaves this text out; −1 for none."""
    if text.part == "written":
        return int(hashlib.sha256(text.group.encode()).hexdigest(), 16) % len(FOLDS)
    return next((i for i, sources in enumerate(FOLDS) if text.source in sources), -1)


def quantile_above(scores: np.ndarray, share: float) -> float:
    """The score that this share of the scores exceeds."""
    return float(np.sort(scores)[::-1][int(share * len(scores))])


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns a score, and how much an answer takes up its question, into log-odds at even odds."""

    slope: float
    of_echo: np.ndarray
    offset: float

    @classmethod
    def of(cls, scores: np.ndarray, echoes: np.ndarray, labels: np.ndarray) -> "Calibration":
        """Fit it to texts left out."""
        even = np.where(labels, 0.5 / labels.sum(), 0.5 / (~labels).sum()) * len(labels)
        model = LogisticRegression(C=1e3).fit(np.column_stack([scores, echoes]), labels, sample_weight=even)
        return cls(float(model.coef_[0, 0]), model.coef_[0, 1:], float(model.intercept_[0]))

    def log_odds(self, scores: np.ndarray, echoes: np.ndarray) -> np.ndarray:
        """Apply it."""
        return self.slope * scores + echoes @ self.of_echo + self.offset


def echoes(texts: Iterable[Text]) -> np.ndarray:
    """How much each text takes up its question."""
    return np.array([echo(words(comparable(each.text)), words(comparable(each.question))) for each in texts])


def left_out_by(groups: Sequence[str], log_odds: np.ndarray, labels: np.ndarray, alone: float) -> list[list[object]]:
    """Per group: how many, and which share is above what 1 % of people exceed, and above what text alone takes."""
    at_one = quantile_above(log_odds[~labels], 0.01)
    rows = []
    for name in sorted(set(groups)):
        own = log_odds[np.array([each == name for each in groups])]
        rows.append([name, len(own), round(float((own > at_one).mean()), 3), round(float((own > alone).mean()), 3)])
    return rows


def named(text: Text) -> str:
    """The group under which a text is reported."""
    return f"{text.source}, {f'machine {text.style}'.strip() if text.by_machine else 'people'}"


def auroc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Chance that a machine's text scores higher than a person's."""
    low = np.sort(scores[~labels])
    both = np.searchsorted(low, scores[labels], "left") + np.searchsorted(low, scores[labels], "right")
    return float(both.mean() / 2 / len(low))


def main() -> None:
    """Train, report, and with --write keep."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    real = [*load(given.data, use="train"), *ours()]
    whole = whole_words(real)
    print(f"{len(real)} texts, {len(whole)} rarer words seen whole")
    texts = real + more(real, random.Random(1))
    seen, labels = measured(texts, whole), np.array([each.by_machine for each in texts])
    unseen = [each for each in load(given.data, use="measure") if each.words >= FEWEST_WORDS]
    unseen_measured = measured(unseen, whole)
    folds = np.array([fold_of(each) for each in texts])
    left_out, elsewhere = np.full(len(texts), np.nan), np.zeros(len(unseen))
    for fold in range(len(FOLDS)):
        rows = np.flatnonzero(folds != fold)
        model = fit(seen[rows], labels[rows], weigh([texts[i] for i in rows]))
        left_out[folds == fold] = model.scores(seen[np.flatnonzero(folds == fold)])
        elsewhere += model.scores(unseen_measured) / len(FOLDS)
    tried = np.array([f >= 0 and not t.is_made and t.words >= FEWEST_WORDS for f, t in zip(folds, texts, strict=True)])
    shown = [*(each for each, is_tried in zip(texts, tried, strict=True) if is_tried), *unseen]
    scores = np.concatenate([left_out[tried], elsewhere])
    truth, said = np.array([each.by_machine for each in shown]), echoes(shown)
    asked = np.array([bool(each.question) for each in shown]) & (np.arange(len(shown)) < tried.sum())
    calibration = Calibration.of(scores[asked], said[asked], truth[asked])
    found = calibration.log_odds(scores, said)
    sources = np.array([each.source for each in shown])
    certain = ~truth & (np.isin(sources, [*SURVEYS, *CERTAIN]))
    bounds = {source: quantile_above(found[certain & (sources == source)], MAXIMUM) for source in set(sources[certain])}
    sure = {
        source: bound for source, bound in bounds.items() if (certain & (sources == source)).sum() >= FEWEST_CERTAIN
    }
    alone = max(sure.values())
    print(f"AUROC {auroc(found, truth):.3f}, without questions {auroc(scores, truth):.3f}; {calibration}")
    print(f"least log-odds for text alone {alone:.3f}, the bound of {max(sure, key=lambda source: sure[source])}")
    rows = left_out_by([named(each) for each in shown], found, truth, alone)
    for row in rows:
        print("  {:60.60} {:6} {:7.3f} {:7.3f}".format(*row))
    if given.write:
        LEFT_OUT.write_text(json.dumps(rows, ensure_ascii=False).replace("], ", "],\n") + "\n", "utf-8")
        keep(fit(seen, labels, weigh(texts)), whole, calibration, alone)


def keep(model: Fitted, whole: frozenset[str], calibration: Calibration, least_alone: float) -> None:
    """Write the weights, the runs' in one byte each."""
    scale = np.abs(model.of_runs).max() / 127
    np.savez_compressed(
        TARGET,
        whole=np.array(" ".join(sorted(whole))),
        of_runs=np.round(model.of_runs / scale).astype(np.int8),
        scale=np.float32(scale),
        of_style=model.of_style,
        means=model.means,
        deviations=model.deviations,
        slope=np.float32(calibration.slope),
        of_echo=calibration.of_echo.astype(np.float32),
        offset=np.float32(calibration.offset + calibration.slope * model.bias),
        least_alone=np.float32(least_alone),
    )
    contents = TARGET.read_bytes()
    print(f"{TARGET.name}: {len(contents)} bytes, sha256 {hashlib.sha256(contents).hexdigest()}")


if __name__ == "__main__":
    main()
