"""Who else answered this question: what the checks may know about other respondents.

Nothing here depends on the order in which answers arrive, nor on how they are cut into chunks: a profile samples the
answers whose hash is lowest (a bottom-k sketch: Cohen & Kaplan 2007, "Summarizing data using bottom-k sketches"),
and twins are sorted by likeness and name. `InMemoryCorpus` serves the library and the command line,
`store.corpus.SqlCorpus` the service; both build on `choose_candidates`, `twins_of` and `profile_of`, so they agree.
"""

from array import array
from bisect import insort
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from earnest.similarity import SIMILAR, likeness
from earnest.text.encoder import Vector

SAMPLE_SIZE = 64
"""Answers in a profile: enough for a stable median likeness, few enough to compare with each answer at no cost."""
MOST_TWINS = 20
"""Twins returned for one answer: evidence names a few, the count says the rest."""
MOST_IN_BUCKET = 50
"""Distinct texts of one band that are looked at: those with the lowest fingerprints. Without a bound, a phrase that
everybody writes would compare everybody with everybody."""
MOST_CANDIDATES = 50
"""Distinct texts that one answer is compared with: those that share most bands with it, then the lowest ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One respondent's answer to one question, as the corpus keeps it.

    Attributes:
        question: Key of the question within its survey (see `evaluate.question_key`).
        respondent: Identifier of the respondent; an answer is never compared with its own author's.
        comparable: The answer in comparable form (`text.normalize.comparable`); never empty.
        fingerprint: Unsigned 64-bit hash of `comparable`.
        bands: MinHash band hashes of `comparable` (`similarity.bands`); empty where the text is too short for them.
        vector: The answer's vector.
        words: How many words the answer has.
    """

    question: str
    respondent: str
    comparable: str
    fingerprint: int
    bands: tuple[int, ...]
    vector: Vector
    words: int


@dataclass(frozen=True, slots=True, eq=False)
class QuestionProfile:
    """How a question is answered, from a sample of its distinct answers.

    Attributes:
        answers: How many answers were seen, copies included.
        fingerprints: uint64, shape (k,): the k lowest fingerprints, ascending, k ≤ SAMPLE_SIZE.
        vectors: float16, shape (k, dimensions): their vectors.
        words: int32, shape (k,): their word counts.
        texts: The k answers in comparable form.
    """

    answers: int
    fingerprints: NDArray[np.uint64]
    vectors: NDArray[np.float16]
    words: NDArray[np.int32]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """Another respondent's answer to the same question that is nearly the same text.

    Attributes:
        respondent: Who gave it.
        comparable: Their answer in comparable form.
        similarity: 0–1, 1 for equal comparable forms (`similarity.likeness`).
    """

    respondent: str
    comparable: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Twins:
    """All twins of one answer.

    Attributes:
        closest: At most MOST_TWINS, most alike first, then by respondent.
        copies: How many other respondents gave exactly the same comparable text.
    """

    closest: tuple[Twin, ...] = ()
    copies: int = 0


class Corpus(Protocol):
    """Answers of one survey, added as they are observed and asked about when all are there."""

    def add(self, sightings: Sequence[Sighting]) -> None:
        """Take answers in; the same text again from the same respondent to the same question changes nothing."""
        ...

    def profiles(self, questions: Collection[str]) -> Mapping[str, QuestionProfile]:
        """How each of these questions is answered; a question without answers is left out."""
        ...

    def twins(self, sightings: Sequence[Sighting]) -> list[Twins]:
        """For each answer, whose answers to the same question are nearly the same."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A distinct answer to a question, and who gave it.

    Attributes:
        fingerprint: Of `comparable`.
        comparable: The answer in comparable form.
        respondents: The first MOST_TWINS + 1 who gave it, by name (one may be the asker), compared by code points.
    """

    fingerprint: int
    comparable: str
    respondents: Sequence[str]


def choose_candidates(own: int, buckets: Iterable[Iterable[int]]) -> list[int]:
    """Which texts to compare an answer with; every corpus chooses so.

    Args:
        own: The answer's fingerprint.
        buckets: Per band of the answer, the MOST_IN_BUCKET lowest fingerprints of the texts that share it.

    Returns:
        At most MOST_CANDIDATES fingerprints of other texts.
    """
    shared = Counter(each for bucket in buckets for each in bucket if each != own)
    return sorted(shared, key=lambda each: (-shared[each], each))[:MOST_CANDIDATES]


def twins_of(sighting: Sighting, same: Text | None, copies: int, candidates: Iterable[Text]) -> Twins:
    """Compare an answer with its candidates; every corpus compares so.

    Args:
        sighting: The answer.
        same: Its own text, if the corpus has seen it.
        copies: How many other respondents gave exactly this text.
        candidates: The texts that `choose_candidates` chose.
    """
    likest: dict[str, Twin] = {}
    compared = [(1.0, same)] if same else []
    compared += [(likeness(sighting.comparable, text.comparable), text) for text in candidates]
    for similarity, text in sorted(compared, key=lambda each: (-each[0], each[1].fingerprint)):
        if similarity < SIMILAR:
            break
        for respondent in text.respondents:
            if respondent != sighting.respondent:
                likest.setdefault(respondent, Twin(respondent, text.comparable, similarity))
    closest = sorted(likest.values(), key=lambda twin: (-twin.similarity, twin.respondent))
    return Twins(closest=tuple(closest[:MOST_TWINS]), copies=copies)


def profile_of(sample: Iterable[Sighting], answers: int) -> QuestionProfile:
    """Make a profile; every corpus makes it so.

    Args:
        sample: One sighting for each of the SAMPLE_SIZE lowest fingerprints, at least one: that of the first respondent
            by name, since texts that compare as equal may have different vectors.
        answers: How many answers were seen.
    """
    sample = sorted(sample, key=lambda each: each.fingerprint)
    return QuestionProfile(
        answers=answers,
        fingerprints=np.array([each.fingerprint for each in sample], dtype=np.uint64),
        vectors=np.stack([each.vector for each in sample]).astype(np.float16, copy=False),
        words=np.array([each.words for each in sample], dtype=np.int32),
        texts=tuple(each.comparable for each in sample),
    )


class InMemoryCorpus:
    """The corpus of the library and the command line; lasts as long as the run."""

    def __init__(self) -> None:
        self._questions: dict[str, _Question] = {}
        self._seen: set[tuple[str, str, int]] = set()

    def add(self, sightings: Sequence[Sighting]) -> None:
        """Take answers in; the same text again from the same respondent to the same question changes nothing."""
        for sighting in sightings:
            key = (sighting.question, sighting.respondent, sighting.fingerprint)
            if key not in self._seen:
                self._seen.add(key)
                self._questions.setdefault(sighting.question, _Question()).add(sighting)

    def profiles(self, questions: Collection[str]) -> Mapping[str, QuestionProfile]:
        """How each of these questions is answered; a question without answers is left out."""
        return {key: self._questions[key].profile() for key in sorted(questions) if key in self._questions}

    def twins(self, sightings: Sequence[Sighting]) -> list[Twins]:
        """For each answer, whose answers to the same question are nearly the same."""
        return [self._twins(sighting) for sighting in sightings]

    def _twins(self, sighting: Sighting) -> Twins:
        question = self._questions.get(sighting.question)
        if question is None:
            return Twins()
        own = (sighting.question, sighting.respondent, sighting.fingerprint) in self._seen
        chosen = choose_candidates(sighting.fingerprint, question.buckets(sighting.bands))
        return twins_of(
            sighting,
            question.text(sighting.fingerprint),
            question.times(sighting.fingerprint) - own,
            [text for each in chosen if (text := question.text(each))],
        )


@dataclass(slots=True)
class _Given:
    """A distinct text: how often it was given, and the first of its respondents by name."""

    comparable: str
    times: int = 0
    respondents: list[str] = field(default_factory=list)


class _Question:
    """The answers to one question."""

    def __init__(self) -> None:
        self._given: dict[int, _Given] = {}
        self._sample: dict[int, Sighting] = {}  # by fingerprint, the SAMPLE_SIZE lowest
        self._highest: list[int] = []  # heap of the sampled fingerprints, negative
        self._answers = 0
        self._banded: tuple[array[int], array[int]] = (array("q"), array("Q"))  # band hashes, and whose they are
        self._sorted: tuple[NDArray[np.int64], NDArray[np.uint64]] | None = None  # the same, once somebody asks

    def add(self, sighting: Sighting) -> None:
        self._answers += 1
        given = self._given.get(sighting.fingerprint)
        if given is None:
            given = self._given[sighting.fingerprint] = _Given(sighting.comparable)
            hashes, owners = self._banded
            hashes.extend(sighting.bands)
            owners.extend([sighting.fingerprint] * len(sighting.bands))
            self._sorted = None
        given.times += 1
        insort(given.respondents, sighting.respondent)
        del given.respondents[MOST_TWINS + 1 :]
        self._maybe_sample(sighting)

    def _maybe_sample(self, sighting: Sighting) -> None:
        known = self._sample.get(sighting.fingerprint)
        if known is not None:
            if sighting.respondent < known.respondent:  # texts that compare as equal may have different vectors
                self._sample[sighting.fingerprint] = sighting
            return
        if len(self._sample) == SAMPLE_SIZE:
            if sighting.fingerprint > -self._highest[0]:
                return
            del self._sample[-heappop(self._highest)]
        self._sample[sighting.fingerprint] = sighting
        heappush(self._highest, -sighting.fingerprint)

    def profile(self) -> QuestionProfile:
        return profile_of(self._sample.values(), self._answers)

    def text(self, which: int) -> Text | None:
        given = self._given.get(which)
        return Text(which, given.comparable, given.respondents) if given else None

    def times(self, which: int) -> int:
        given = self._given.get(which)
        return given.times if given else 0

    def buckets(self, bands: Sequence[int]) -> list[list[int]]:
        """Per band, the MOST_IN_BUCKET lowest fingerprints that have it."""
        if not bands:
            return []
        if self._sorted is None:
            hashes, owners = np.array(self._banded[0], np.int64), np.array(self._banded[1], np.uint64)
            order = np.lexsort((owners, hashes))
            self._sorted = hashes[order], owners[order]
        hashes, owners = self._sorted
        starts, ends = np.searchsorted(hashes, bands, "left"), np.searchsorted(hashes, bands, "right")
        return [
            owners[start : min(end, start + MOST_IN_BUCKET)].tolist() for start, end in zip(starts, ends, strict=True)
        ]
