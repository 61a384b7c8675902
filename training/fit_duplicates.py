"""Fits how surprise becomes a probability of copying: the constants BIAS, PER_BIT of `earnest.text.coincidence`.

    python training/fit_duplicates.py --data DIRECTORY

Honest agreement: everybody's answer to one question of a real survey is compared with all others' and with those of
smaller random groups, since few respondents make fewer coincidences and less knowledge of the question. Copies: an
answer of the same surveys is planted again, unchanged or with typing errors, a tenth of its words
replaced or a fifth added. Only rows of `use: train`. Prints the constants, and for each number of bits how many
honest answers agree so.
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earnest.checks.shared_duplicate import weigh
from earnest.corpus import InMemoryCorpus, Sighting
from earnest.similarity import bands, fingerprint
from earnest.text.normalize import comparable

FILES = ("loweffort_surveys", "llm_certain_humans_surveys", "irrelevant_deepconv25")
LEAST_ANSWERS = 10
SIZES = (2, 2, 5, 10, 30, 100, 10_000)
COPIES_PER_SIZE = 15
PREVALENCE = 0.05
LONGEST_COINCIDENCE = 9
"""Equal answers of more words in the honest surveys are double submissions (all of them were read): left out."""
KINDS = ("unchanged", "typing errors", "10 % replaced", "20 % added")
LETTERS = "etaoinshrdlu"
NO_VECTOR = np.zeros(1, np.float16)

Group = tuple[str, list[str]]  # a question and its answers, comparable


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    rng = random.Random(20261124)
    groups = [group for name in FILES for group in read_groups(parser.parse_args().data / f"{name}.jsonl")]
    honest, answers = [], 0
    copies, planted = [], 0
    for question, texts in groups:
        for size in SIZES:
            sample = rng.sample(texts, min(size, len(texts)))
            answers += len(sample)
            honest += [bits for text, bits in agreements(question, sample) if _is_coincidence(text)]
            for original in rng.choices(sample, k=COPIES_PER_SIZE):
                planted += 1
                answers_with_copy = [*sample, vary(original, texts, rng)]
                copies += [bits for _, bits in agreements(question, answers_with_copy, only_last=True)]
    report(honest, answers, copies, planted)


def read_groups(path: Path, *, use: str = "train") -> list[Group]:
    """Questions with enough relevant answers that may be used so."""
    groups: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        text = comparable(row["answer"])
        if row["question"] and row["use"] == use and row.get("relevant", 1) == 1 and text:
            groups[row["question"]].append(text)
    return [(comparable(question), texts) for question, texts in groups.items() if len(texts) >= LEAST_ANSWERS]


def agreements(question: str, texts: Sequence[str], *, only_last: bool = False) -> Iterator[tuple[str, float]]:
    """The answers that have a twin, and what that is worth; of all respondents, or of the last."""
    corpus = InMemoryCorpus()
    sightings = [
        Sighting("", f"{i:06}", text, fingerprint(text), bands(text), NO_VECTOR, 0) for i, text in enumerate(texts)
    ]
    corpus.add(sightings)
    profile = corpus.profiles([""])[""]
    if only_last:
        sightings = sightings[-1:]
    for sighting, twins in zip(sightings, corpus.twins(sightings), strict=True):
        if twins.closest:
            answer = sighting.comparable
            yield answer, weigh(answer, twins.closest[0].comparable, question=question, profile=profile)


def vary(text: str, texts: Sequence[str], rng: random.Random, *, kind: str = "") -> str:
    """A copy as a cheat makes it, of one of KINDS or any; replacing and added words come from other answers."""
    kind = kind or rng.choice(KINDS)
    words = text.split()
    if kind == "typing errors":
        return typing_errors(text, rng)
    tenths = {"unchanged": 0, "10 % replaced": 1, "20 % added": 2}[kind]
    for _ in range(max(1, round(len(words) * tenths / 10)) if tenths else 0):
        word, place = rng.choice(rng.choice(texts).split()), rng.randrange(len(words))
        words[place : place + (tenths == 1)] = [word]
    return " ".join(words)


def typing_errors(text: str, rng: random.Random) -> str:
    """One error in 25 letters: one left out, one too many, or a wrong one."""
    for _ in range(max(1, len(text) // 25)):
        place, kind = rng.randrange(len(text)), rng.randrange(3)
        text = text[:place] + (rng.choice(LETTERS) if kind else "") + text[place + (kind < 2) :]
    return comparable(text) or "e"


def _is_coincidence(text: str) -> bool:
    return len(text.split()) < LONGEST_COINCIDENCE


def report(honest: Sequence[float], answers: int, copies: Sequence[float], planted: int) -> None:
    """Fit and print."""
    signals = np.array([[1.0, bits] for bits in (*honest, *copies)])
    labels = np.array([0.0] * len(honest) + [1.0] * len(copies))
    weights = np.where(labels == 1, PREVALENCE / planted, (1 - PREVALENCE) / answers) * answers
    print("BIAS, PER_BIT =", *np.round(fit(signals, labels, weights), 3))
    print(f"{answers} honest answers, {len(honest)} agree; {planted} copies, {len(copies)} found")
    print("bits: honest answers that agree so or more; copies")
    for bits in (0, 4, 8, 12, 16, 20, 24):
        agree, found = (sum(each >= bits for each in group) for group in (honest, copies))
        print(f"{bits:4} {agree / answers:.6f} {found / len(copies):.3f}")


def fit(signals: NDArray[np.float64], labels: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted logistic regression by Newton's method, with a little ridge."""
    beta = np.zeros(signals.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(signals @ beta, -30, 30)))
        slope = signals.T @ (weights * (labels - chance)) - 1e-3 * beta
        curve = (signals.T * (weights * chance * (1 - chance))) @ signals + 1e-3 * np.eye(len(beta))
        beta = beta + np.linalg.solve(curve, slope)
    return beta


if __name__ == "__main__":
    main()
