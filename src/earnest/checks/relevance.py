"""What `Irrelevant` weighs: how near an answer is to its question, and to what others say there and elsewhere.

Others are those who answered the same question, another one of the survey, or one of quite another survey. Vectors
are compared by inner products, in one matrix product per question; all likenesses lie between −1 and 1. The trees that
weigh the signals, and the answers from elsewhere, are made by `training/fit_irrelevant.py`.
"""

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log1p

import numpy as np
from numpy.typing import NDArray

from earnest import models
from earnest.checks.base import Sibling, Subject
from earnest.corpus import QuestionProfile
from earnest.similarity import fingerprint
from earnest.text.genres import Genre, Manner

Floats = NDArray[np.float64]
DIGITS = 6
"""Decimals to which likenesses are rounded before anything is decided by them: what is added up in another order makes
no difference then, so that neither the order of respondents nor the size of chunks does."""

FEWEST_OTHERS = 8
"""Others' answers below which they say too little of what is usual."""
CLOSEST = 5
"""Others compared with: the closest few, so that up to a fifth of bad ones among 64 cannot set the tone."""
MOST_SIBLINGS = 4
"""Other questions of the survey that an answer is tried on: those it is most like."""
CLOSEST_ELSEWHERE = 3
FAR = 0.6
"""Share of the questions elsewhere that count as far from a question: those least like what it, or those who answered
it, speak of. The others may be on the same subject."""
SPREAD = 0.03
"""Added to a spread before it divides, so that it never divides by next to nothing."""
NO_SIBLING = -1.5
"""What the signals about other questions say where there is none."""

ALONE = ("asked", "length", "known", "fits_elsewhere", "far_elsewhere")
AMONG = (*ALONE, "others", "usual", "centre", "other_question", "other_answers")
"""Signals of the two models, in order.

Attributes:
    asked: Likeness to the question.
    length: log(1 + words).
    known: Share of letters in words of the English list.
    fits_elsewhere: Likeness to the CLOSEST_ELSEWHERE closest answers elsewhere.
    far_elsewhere: The same of answers to questions that are far from this one, or from what others answered to it.
    others: Likeness to the CLOSEST closest other answers.
    usual: Median of the same over the other answers.
    centre: Likeness to the mean of the other answers.
    other_question: By how much it is nearer to another question than to its own, in spreads of what is usual for
        answers to this question; the largest over the questions tried.
    other_answers: The same of `others`, against the answers to the other question.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Elsewhere:
    """Answers to questions of other surveys on many subjects, written for this purpose (training/data).

    Attributes:
        questions: The wordings; what is no answer to anything, such as a fact, has a word for what it is.
        answers: Shape (m, dimensions), unit length.
        question_of: Index of the question of each answer, ascending.
        centres: Shape (questions, dimensions): the mean answer to each, unit length.
    """

    questions: tuple[str, ...]
    answers: Floats
    question_of: NDArray[np.int64]
    centres: Floats

    @classmethod
    def of(cls, questions: Sequence[str], answers: Floats, question_of: NDArray[np.int64]) -> "Elsewhere":
        """Gather answers; those to one question must follow one another."""
        starts = np.flatnonzero(np.diff(question_of, prepend=-1))
        return cls(tuple(questions), _unit(answers), question_of, _unit(np.add.reduceat(answers, starts)))

    def far_from(self, anchor: Floats) -> NDArray[np.intp]:
        """Return the indices of the answers to those FAR questions that are least like a text."""
        likeness = np.round(self.centres @ anchor, DIGITS)
        least = np.partition(likeness, int(FAR * len(likeness)))[int(FAR * len(likeness))]
        return np.flatnonzero((likeness < least)[self.question_of])


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """A sum of small decision trees, as arrays of shape (trees, nodes).

    Attributes:
        signal: Which signal a node asks about; −1 in a leaf.
        threshold: Go left where the signal is at most so much; in a leaf, its log-odds.
        left: Index of the node on the left; that on the right follows it.
        bias: Log-odds to which the leaves are added.
    """

    signal: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    bias: float

    def log_odds(self, signals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds of n answers from their signals, shape (n, signals)."""
        trees, rows = np.arange(len(self.signal))[:, None], np.arange(len(signals))
        node = np.zeros((len(self.signal), len(signals)), dtype=np.int64)
        while (asks := self.signal[trees, node]).max(initial=-1) >= 0:
            right = signals[rows, asks] > self.threshold[trees, node]
            node = np.where(asks < 0, node, self.left[trees, node] + right)
        return np.asarray(self.threshold[trees, node].sum(axis=0) + self.bias)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Everything that was learnt, as it ships."""

    alone: Trees
    among: Trees
    elsewhere: Elsewhere
    manners: Mapping[Genre, Manner]


@cache
def shipped() -> Model:
    """Return the shipped model, read once."""
    with np.load(io.BytesIO(models.read("relevance"))) as file:
        alone, among = (
            Trees(
                file[f"{name}_signal"].astype(np.int64),
                file[f"{name}_threshold"].astype(np.float64),
                file[f"{name}_left"].astype(np.int64),
                float(file[f"{name}_bias"]),
            )
            for name in ("alone", "among")
        )
        questions = [str(each) for each in file["questions"]]
        answers, question_of = file["answers"].astype(np.float64), file["question_of"].astype(np.int64)
        weights = {genre: file[genre.value].astype(np.float64) for genre in Genre}
    manners = {genre: Manner(float(w[0]), float(w[1]), float(w[2]), w[3:]) for genre, w in weights.items()}
    return Model(alone, among, Elsewhere.of(questions, answers, question_of), manners)


@dataclass(frozen=True, slots=True, eq=False)
class Others:
    """What is usual among the answers to one question.

    Attributes:
        fingerprints: uint64, shape (k,): an answer is never compared with itself.
        vectors: Shape (k, dimensions).
        near: Shape (k,): the mean likeness of each to the CLOSEST others of them.
        far: Indices of the answers elsewhere that are far from these.
    """

    fingerprints: NDArray[np.uint64]
    vectors: Floats
    near: Floats
    far: NDArray[np.intp]

    @classmethod
    def of(cls, profile: QuestionProfile, elsewhere: Elsewhere) -> "Others":
        """Compare the answers of a profile with one another, once."""
        vectors = profile.vectors.astype(np.float64)
        likeness = vectors @ vectors.T
        np.fill_diagonal(likeness, -1)
        far = elsewhere.far_from(np.asarray(vectors.sum(axis=0)))
        return cls(profile.fingerprints, vectors, _top(likeness, CLOSEST), far)

    def likeness(self, vectors: Floats, fingerprints: NDArray[np.uint64]) -> tuple[Floats, NDArray[np.bool_]]:
        """Return how like n answers are to these, shape (n, k), −1 to themselves, and which are themselves."""
        same = np.equal.outer(fingerprints, self.fingerprints)
        return np.where(same, np.float64(-1), vectors @ self.vectors.T), same


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """The signals of n answers, and where the evidence is found.

    Attributes:
        alone: Shape (n, len(ALONE)).
        among: Shape (n, len(AMONG)); rows of NaN where fewer than FEWEST_OTHERS others answered.
        elsewhere: Shape (n,): index of the far question elsewhere to one of whose answers each is closest.
        sibling: The other question of the survey that each fits best; None where there is none to compare with.
    """

    alone: NDArray[np.float64]
    among: NDArray[np.float64]
    elsewhere: NDArray[np.int64]
    sibling: list[Sibling | None]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers to one question, on their way through `Weigher`."""

    subjects: Sequence[Subject]
    question: Floats
    vectors: Floats
    fingerprints: NDArray[np.uint64]

    @classmethod
    def of(cls, subjects: Sequence[Subject]) -> "Answers":
        """Gather what is compared."""
        features = [subject.answer.features for subject in subjects]
        return cls(
            subjects,
            subjects[0].question.vector.astype(np.float64),
            np.stack([subject.answer.vector for subject in subjects]).astype(np.float64),
            np.array([fingerprint(each.comparable) for each in features], dtype=np.uint64),
        )

    def tried(self) -> Iterator[tuple[NDArray[np.intp], list[Sibling]]]:
        """Which of the answers to try on which other question: rows, and each one's sibling with that question."""
        questions = {id(each.question): each.question for subject in self.subjects for each in subject.siblings}
        if not questions:
            return
        likeness = self.vectors @ np.stack([each.vector for each in questions.values()]).astype(np.float64).T
        column = {key: i for i, key in enumerate(questions)}
        chosen: dict[tuple[int, int], list[tuple[int, Sibling]]] = defaultdict(list)
        for row, subject in enumerate(self.subjects):
            others = [each for each in subject.siblings if each.question is not subject.question]
            others.sort(key=lambda each: -likeness[row, column[id(each.question)]])
            for each in others[:MOST_SIBLINGS]:
                chosen[id(each.question), id(each.profile)].append((row, each))
        for pairs in chosen.values():
            yield np.array([row for row, _ in pairs]), [each for _, each in pairs]


class Weigher:
    """Weighs answers, question by question, and works out only once what they share."""

    def __init__(self, elsewhere: Elsewhere) -> None:
        self.elsewhere = elsewhere
        self._others: dict[int, Others] = {}
        self._spreads: dict[tuple[int, ...], tuple[float, float]] = {}

    def weigh(self, subjects: Sequence[Subject]) -> Weighed:
        """Measure the signals of many answers, which must live as long as the weigher."""
        weighed = Weighed(
            np.zeros((len(subjects), len(ALONE))),
            np.full((len(subjects), len(AMONG)), np.nan),
            np.zeros(len(subjects), dtype=np.int64),
            [None] * len(subjects),
        )
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)
        for i, subject in enumerate(subjects):
            groups[id(subject.profile), id(subject.question)].append(i)
        for places in groups.values():
            self._weigh_question(Answers.of([subjects[i] for i in places]), np.array(places), weighed)
        for signals in (weighed.alone, weighed.among):
            np.round(signals, DIGITS, out=signals)
        return weighed

    def _weigh_question(self, answers: Answers, places: NDArray[np.intp], weighed: Weighed) -> None:
        features = [subject.answer.features for subject in answers.subjects]
        outside = np.round(answers.vectors @ self.elsewhere.answers.T, DIGITS)
        far = self.elsewhere.far_from(answers.question)
        weighed.alone[places] = np.column_stack(
            [
                answers.vectors @ answers.question,
                [log1p(len(each.words)) for each in features],
                [each.known_share for each in features],
                _top(outside, CLOSEST_ELSEWHERE),
                _top(outside[:, far], CLOSEST_ELSEWHERE),
            ]
        )
        others = self._known(answers.subjects[0].profile)
        if others:
            far = others.far
            weighed.among[places, : len(ALONE)] = weighed.alone[places]
            weighed.among[places, AMONG.index("far_elsewhere")] = _top(outside[:, far], CLOSEST_ELSEWHERE)
            self._weigh_among(answers, others, places, weighed)
        weighed.elsewhere[places] = self.elsewhere.question_of[far[outside[:, far].argmax(axis=1)]]

    def _weigh_among(self, answers: Answers, others: Others, places: NDArray[np.intp], weighed: Weighed) -> None:
        """Fill in what the other answers say."""
        likeness, same = others.likeness(answers.vectors, answers.fingerprints)
        near, is_one = _top(likeness, CLOSEST), np.asarray(same.any(axis=1))
        centre = others.vectors.sum(axis=0) - is_one[:, None] * answers.vectors
        among = np.column_stack(
            [
                near,
                np.full(len(places), np.median(others.near)),
                (answers.vectors * _unit(centre)).sum(axis=1),
                np.full((len(places), 2), NO_SIBLING),
            ]
        )
        for rows, siblings in answers.tried():
            tried = self._try(answers, rows, siblings[0], others, near)
            better = tried.sum(axis=1) > among[rows, -2:].sum(axis=1)
            for row, sibling, is_better in zip(rows, siblings, better, strict=True):
                if is_better:
                    weighed.sibling[places[row]] = sibling
            among[rows, -2:] = np.maximum(among[rows, -2:], tried)
        weighed.among[places, len(ALONE) :] = among
        weighed.among[places[(~same).sum(axis=1) < FEWEST_OTHERS]] = np.nan

    def _try(
        self, answers: Answers, rows: NDArray[np.intp], sibling: Sibling, others: Others, near: Floats
    ) -> NDArray[np.float64]:
        """Measure how well answers fit another question, shape (rows, 2): the last two signals of AMONG."""
        vectors = answers.vectors[rows]
        found = np.full((len(rows), 2), NO_SIBLING)
        direction = sibling.question.vector.astype(np.float64) - answers.question
        asked = id(others), id(answers.subjects[0].question), id(sibling.question)
        if asked not in self._spreads:
            self._spreads[asked] = _middle_and_spread(others.vectors @ direction)
        middle, spread = self._spreads[asked]
        found[:, 0] = (vectors @ direction - middle) / spread
        theirs = self._known(sibling.profile)
        if theirs:
            if (id(others), id(theirs)) not in self._spreads:
                across = _top(theirs.likeness(others.vectors, others.fingerprints)[0], CLOSEST)
                self._spreads[id(others), id(theirs)] = _middle_and_spread(across - others.near)
            middle, spread = self._spreads[id(others), id(theirs)]
            likeness, _ = theirs.likeness(vectors, answers.fingerprints[rows])
            found[:, 1] = (_top(likeness, CLOSEST) - near[rows] - middle) / spread
        return found

    def _known(self, profile: QuestionProfile | None) -> Others | None:
        """Return who else answered; None where they are too few."""
        if profile is None or len(profile.fingerprints) < FEWEST_OTHERS:
            return None
        if id(profile) not in self._others:
            self._others[id(profile)] = Others.of(profile, self.elsewhere)
        return self._others[id(profile)]


def _middle_and_spread(values: Floats) -> tuple[float, float]:
    return float(np.median(values)), float(values.std()) + SPREAD


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / (lengths + np.float64(1e-9)), dtype=np.float64)


def _top(likeness: Floats, most: int) -> Floats:
    """Mean of the largest few of each row."""
    most = min(most, likeness.shape[1])
    return np.asarray(np.partition(likeness, -most, axis=1)[:, -most:].mean(axis=1), dtype=np.float64)
