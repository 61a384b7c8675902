"""Answers among other answers, as Duplicate Answers sees them: what it is fitted and measured on.

Honest: everybody's answer to one question of a real survey is compared with all others', and with those of smaller
random groups, since few respondents make fewer coincidences and less knowledge of the question. Copies: an answer of
the same surveys is planted again, unchanged or with typing errors, a tenth of its words replaced or a fifth added.
Rewordings: those of chat models (imbd) and other pairs of texts, two respondents alone; and `data/paraphrases.jsonl`,
which was written for this, among other answers and alone.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.bench import Bench

from earnest.checks.shared_duplicate import candidates, weigh_copy, weigh_rewording
from earnest.corpus import InMemoryCorpus, QuestionProfile, Sighting, Twins
from earnest.similarity import bands, fingerprint
from earnest.text.contradiction import opposed
from earnest.text.encoder import Encoder, Vector
from earnest.text.lexicons import non_answer
from earnest.text.normalize import comparable, words

SURVEYS = (
    "loweffort_surveys", "llm_certain_humans_surveys", "llm_certain_humans_surveys2", "irrelevant_surveys2",
    "irrelevant_deepconv25", "loweffort_anes08", "loweffort_nhs_fft", "irrelevant_jupyter15", "irrelevant_mohler",
)  # fmt: skip
WRITTEN = Path(__file__).parent / "data" / "paraphrases.jsonl"
LEAST_ANSWERS = 10
SIZES = (2,) * 40 + (5,) * 16 + (20,) * 4 + (100, 10_000)
COPIES_PER_SIZE = {2: 1, 5: 1, 20: 3, 100: 12, 10_000: 12}
LONGEST_COINCIDENCE = 9
"""Equal answers of as many words in the honest surveys are double submissions (all of them were read): left out."""
LEAST_CLOSENESS = 0.45
"""Pairs of imbd that are less alike are no rewordings: excerpts of different passages, or a prompt's own example."""
KINDS = ("unchanged", "typing errors", "10 % replaced", "20 % added")
LETTERS = "etaoinshrdlu"

Signals = Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """An answer in comparable form, and its vector."""

    text: str
    vector: Vector


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A question and the answers to it."""

    source: str
    may_train: bool
    question: Said
    answers: Sequence[Said]


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One answer among others, as the check sees it.

    Attributes:
        source: Where it is from.
        may_train: Whether it may be fitted on.
        kind: "honest", how a copy was made, or how it was reworded.
        words: How many words it has.
        size: How many people answered.
        copy: What `copied` weighs; None without a twin.
        rewordings: What `reworded` weighs, of each candidate.
    """

    source: str
    may_train: bool
    kind: str
    words: int
    size: int
    copy: Signals | None
    rewordings: Sequence[Signals]


def examples(bench: Bench) -> list[Example]:
    """All examples, the same every time."""
    encoder, rng = bench.evaluator.encoder, random.Random(20261124)
    found: list[Example] = []
    for group in _surveys(bench):
        found += _honest(group, rng)
        found += _copies(group, encoder, rng)
    return [*found, *_pairs(bench), *_written(encoder)]


def read_groups(path: Path, encoder: Encoder) -> list[Group]:
    """Questions with enough relevant answers."""
    groups: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        honest = row.get("relevant", 1) == 1 and row.get("is_llm") in (0, None)
        if row["question"] and honest and comparable(row["answer"]):
            groups[row["source"], row["question"], row["use"] == "train"].append(row["answer"])
    return [
        Group(source, use, said(encoder, [question])[0], said(encoder, texts))
        for (source, question, use), texts in groups.items()
        if len(texts) >= LEAST_ANSWERS
    ]


def said(encoder: Encoder, texts: Sequence[str]) -> list[Said]:
    """Texts as the check sees them."""
    vectors = encoder.encode(texts).vectors
    return [Said(comparable(text), vector) for text, vector in zip(texts, vectors, strict=True)]


def _surveys(bench: Bench) -> Iterator[Group]:
    for name in SURVEYS:
        yield from read_groups(bench.folder / f"{name}.jsonl", bench.evaluator.encoder)


def _honest(group: Group, rng: random.Random) -> Iterator[Example]:
    for size in SIZES:
        if size <= len(group.answers) or size == SIZES[-1]:
            yield from judged(group, rng.sample(group.answers, min(size, len(group.answers))), "honest")


def _copies(group: Group, encoder: Encoder, rng: random.Random) -> Iterator[Example]:
    originals = [each for each in group.answers if len(words(each.text)) > 2 and not non_answer(words(each.text))]
    texts = [each.text for each in group.answers]
    for size in set(SIZES) if originals else ():
        for _ in range(COPIES_PER_SIZE[size]):
            original, kind = rng.choice(originals), rng.choice(KINDS)
            others = [each for each in group.answers if each is not original]
            copy = said(encoder, [vary(original.text, texts, rng, kind=kind)])[0]
            people = [*rng.sample(others, min(size - 2, len(others))), original, copy]
            yield from judged(group, people, kind, only_last=True, words_of=original)


def _pairs(bench: Bench) -> Iterator[Example]:
    """Two texts, of which one is the other in other words, or not."""
    encoder = bench.evaluator.encoder
    nothing = Said("", np.zeros_like(said(encoder, ["a"])[0].vector))
    for path in sorted(bench.folder.glob("duplicates_*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            pair = said(encoder, [row["answer"], row["answer_b"]])
            if row["duplicate"] is None or not all(each.text for each in pair):
                continue
            is_imbd = row["source"].startswith("imbd")
            if is_imbd and row["duplicate"] and float(np.dot(*(each.vector for each in pair))) < LEAST_CLOSENESS:
                continue
            question = said(encoder, [row["question"]])[0] if row["question"] else nothing
            group = Group(row["source"], is_imbd and row["duplicate"] == 1, question, pair)
            yield from judged(group, pair, f"{row['kind']}, {'the same' if row['duplicate'] else 'another'}", True)


def _written(encoder: Encoder) -> Iterator[Example]:
    """Our own rewordings and opposites, among independent answers and alone."""
    rows = [json.loads(line) for line in WRITTEN.read_text(encoding="utf-8").splitlines()][1:]
    for row in rows:
        others = said(encoder, [each["answer"] for each in rows if each["question"] == row["question"]])
        group = Group("written", True, said(encoder, [row["question"]])[0], others)
        original = said(encoder, [row["answer"]])[0]
        alone = [each for each in others if each.text != original.text]
        for kind in ("reworded", "opposite"):
            for changed in said(encoder, row[kind]):
                yield from judged(group, [*alone, original, changed], kind, True)
                yield from judged(group, [original, changed], kind, True)


def judged(
    group: Group, people: Sequence[Said], kind: str, only_last: bool = False, words_of: Said | None = None
) -> Iterator[Example]:
    """What the check sees of these people's answers, or of the last one's."""
    sightings = [
        Sighting("", f"{i:06}", each.text, fingerprint(each.text), bands(each.text), each.vector, len(words(each.text)))
        for i, each in enumerate(people)
    ]
    corpus = InMemoryCorpus()
    corpus.add(sightings)
    profile = corpus.profiles([""])[""]
    asked = sightings[-1:] if only_last else sightings
    for sighting, twins in zip(asked, corpus.twins(asked), strict=True):
        if kind == "honest" and twins.copies and sighting.words >= LONGEST_COINCIDENCE:
            continue
        length = len(words(words_of.text)) if words_of else sighting.words
        seen = (None, ()) if non_answer(words(sighting.comparable)) else _signals(group, sighting, twins, profile)
        yield Example(group.source, group.may_train, kind, length, len(people), *seen)


def _signals(
    group: Group, sighting: Sighting, twins: Twins, profile: QuestionProfile
) -> tuple[Signals | None, Sequence[Signals]]:
    own = sighting.vector.astype(np.float64)
    question, closeness = group.question.text, profile.vectors.astype(np.float64) @ own
    asked = float(own @ group.question.vector.astype(np.float64))
    copy = None
    if twins.closest:
        copy = weigh_copy(sighting.comparable, twins, question=question, profile=profile, closeness=closeness)
    weighed = [
        weigh_rewording(
            sighting.comparable, kin, question=question, asked=asked, profile=profile, closeness=closeness
        ).signals
        for kin in candidates(sighting.comparable, twins)
        if not opposed(sighting.comparable, kin.comparable)
    ]
    return copy, weighed


def vary(text: str, texts: Sequence[str], rng: random.Random, *, kind: str = "") -> str:
    """A copy as a cheat makes it, of one of KINDS or any; replacing and added words come from other answers."""
    kind = kind or rng.choice(KINDS)
    if kind == "typing errors":
        return typing_errors(text, rng)
    said_words = text.split()
    tenths = {"unchanged": 0, "10 % replaced": 1, "20 % added": 2}[kind]
    for _ in range(max(1, round(len(said_words) * tenths / 10)) if tenths else 0):
        word, place = rng.choice(rng.choice(texts).split()), rng.randrange(len(said_words))
        said_words[place : place + (tenths == 1)] = [word]
    return " ".join(said_words)


def typing_errors(text: str, rng: random.Random) -> str:
    """One error in 25 letters: one left out, one too many, or a wrong one."""
    for _ in range(max(1, len(text) // 25)):
        place, kind = rng.randrange(len(text)), rng.randrange(3)
        text = text[:place] + (rng.choice(LETTERS) if kind else "") + text[place + (kind < 2) :]
    return comparable(text) or "e"
