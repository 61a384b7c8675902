"""Who else answered this question: what the checks may know about other respondents.

Nothing here depends on the order in which answers arrive, nor on how they are cut into chunks: a profile samples the
answers whose hash is lowest (a bottom-k sketch: Cohen & Kaplan 2007, "Summarizing data using bottom-k sketches"),
and twins are sorted by likeness and name. `InMemoryCorpus` serves the library and the command line,
`store.corpus.SqlCorpus` the service; both build on `choose_candidates`, `twins_of` and `profile_of`, so they agree.
"""

from array import array
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from earnest.similarity import SIMILAR, Known, known_of, likeness, nearest
from earnest.text.encoder import Vector

SAMPLE_SIZE = 64
"""Answers in a profile: enough for a stable median likeness, few enough to compare with each answer at no cost."""
MOST_TWINS = 20
"""Twins returned for one answer: evidence names a few, the count says the rest."""
MOST_IN_BUCKET = 50
"""Distinct texts of one band that are looked at: those with the lowest fingerprints. Without a bound, a phrase that
everybody writes would compare everybody with everybody."""
FEW_IN_BUCKET = 2
"""Other texts of a band that are compared for its sake alone; where there are more, a text must share a second band.
The four lowest 4-grams of a band are often those of the commonest words: among 425,000 synthetic answers that leaves .9
candidates for each in place of 15, and .992 of the near copies in place of .994. Among 3,807 real ones it is .14 in
place of .28, and .973 of 6,000 copies both times."""
FEWEST_WORDS = 3
"""Words of an answer whose meaning is compared with others'."""
MOST_KNOWN = 4_096
"""Distinct answers to a question, those of lowest fingerprint, with whose meaning each answer is compared. That bounds
what a comparison costs (.1 ms, a thirtieth of encoding) and keeps (3 MB a question); of more answers, paraphrases are
found in proportion."""
MOST_KIN = 6
"""Distinct texts, nearest in meaning, that one answer is compared with."""
NEAR = 0.45
"""Least inner product of vectors of answers that are compared: of the rewordings that `training/fit_duplicates.py` fits
on, 3 % are less alike."""
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
class Kin:
    """Another respondent's answer to the same question that is not the same text, but near in meaning.

    Attributes:
        respondent: Who gave it.
        comparable: Their answer in comparable form.
        closeness: Inner product of the two vectors, NEAR to 1.
    """

    respondent: str
    comparable: str
    closeness: float


@dataclass(frozen=True, slots=True)
class Twins:
    """All twins and kin of one answer.

    Attributes:
        closest: At most MOST_TWINS, most alike first, then by respondent.
        copies: How many other respondents gave exactly the same comparable text.
        kin: At most MOST_KIN + 1, nearest first.
    """

    closest: tuple[Twin, ...] = ()
    copies: int = 0
    kin: tuple[Kin, ...] = ()


class Corpus(Protocol):
    """Answers of one survey, added as they are observed and asked about when all are there."""

    def add(self, sightings: Sequence[Sighting]) -> None:
        """Take answers in; the same text again from the same respondent to the same question changes nothing."""
        ...

    def profiles(self, questions: Collection[str]) -> Mapping[str, QuestionProfile]:
        """How each of these questions is answered; a question without answers is left out."""
        ...

    def twins(self, sightings: Sequence[Sighting]) -> list[Twins]:
        """For each answer, whose answers to the same question are nearly the same, or near in meaning."""
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
    others = [[each for each in bucket if each != own] for bucket in buckets]
    shared = Counter(each for bucket in others for each in bucket)
    alone = {each for bucket in others if len(bucket) <= FEW_IN_BUCKET for each in bucket}
    worth = [each for each, times in shared.items() if times > 1 or each in alone]
    return sorted(worth, key=lambda each: (-shared[each], each))[:MOST_CANDIDATES]


def find_kin(sightings: Sequence[Sighting], known: Mapping[str, Known]) -> list[dict[int, float]]:
    """Which texts are nearest in meaning to each answer; every corpus finds them so.

    Args:
        sightings: The answers.
        known: What is known of their questions.

    Returns:
        Per answer, the inner products of at most MOST_KIN other texts by fingerprint, nearest first.
    """
    found: list[dict[int, float]] = [{} for _ in sightings]
    asking: dict[str, list[int]] = defaultdict(list)
    for i, sighting in enumerate(sightings):
        if sighting.words >= FEWEST_WORDS and sighting.question in known:
            asking[sighting.question].append(i)
    for question, places in asking.items():
        near = nearest(np.stack([sightings[i].vector for i in places]), known[question], least=NEAR, most=MOST_KIN + 1)
        for i, each in zip(places, near, strict=True):
            each.pop(sightings[i].fingerprint, None)
            found[i] = each
    return found


def twins_of(
    sighting: Sighting, same: Text | None, copies: int, candidates: Iterable[Text], kin: Mapping[int, float]
) -> Twins:
    """Compare an answer with its candidates; every corpus compares so.

    Args:
        sighting: The answer.
        same: Its own text, if the corpus has seen it.
        copies: How many other respondents gave exactly this text.
        candidates: The texts that `choose_candidates` chose, and those that `find_kin` found.
        kin: What `find_kin` found.
    """
    likest: dict[str, Twin] = {}
    compared = [(1.0, same)] if same else []
    compared += [(likeness(sighting.comparable, text.comparable), text) for text in candidates]
    others: list[Kin] = []
    for similarity, text in sorted(compared, key=lambda each: (-each[0], each[1].fingerprint)):
        givers = [each for each in text.respondents if each != sighting.respondent]
        if similarity >= SIMILAR:
            for respondent in givers:
                likest.setdefault(respondent, Twin(respondent, text.comparable, similarity))
        elif givers and text.fingerprint in kin:
            others.append(Kin(givers[0], text.comparable, kin[text.fingerprint]))
    closest = sorted(likest.values(), key=lambda twin: (-twin.similarity, twin.respondent))
    others.sort(key=lambda each: (-each.closeness, each.comparable))
    return Twins(closest=tuple(closest[:MOST_TWINS]), copies=copies, kin=tuple(others))


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
        """For each answer, whose answers to the same question are nearly the same, or near in meaning."""
        questions = {sighting.question for sighting in sightings}
        kin = find_kin(sightings, {key: known for key in questions if (known := self._known(key))})
        return [self._twins(sighting, near) for sighting, near in zip(sightings, kin, strict=True)]

    def _known(self, key: str) -> Known | None:
        question = self._questions.get(key)
        return question.known() if question else None

    def _twins(self, sighting: Sighting, kin: Mapping[int, float]) -> Twins:
        question = self._questions.get(sighting.question)
        if question is None:
            return Twins()
        own = (sighting.question, sighting.respondent, sighting.fingerprint) in self._seen
        chosen = choose_candidates(sighting.fingerprint, question.buckets(sighting.bands))
        return twins_of(
            sighting,
            question.text(sighting.fingerprint),
            question.times(sighting.fingerprint) - own,
            [text for each in {**dict.fromkeys(chosen), **kin} if (text := question.text(each))],
            kin,
        )


@dataclass(slots=True)
class _Given:
    """A distinct text: how often it was given, and the first of its respondents by name."""

    comparable: str
    times: int = 0
    respondents: list[str] = field(default_factory=list)


class _Lowest:
    """Of many sightings, one for each of the lowest fingerprints: that of the first respondent by name."""

    def __init__(self, size: int) -> None:
        self.kept: dict[int, Sighting] = {}
        self._size = size
        self._highest: list[int] = []  # heap of the kept fingerprints, negative

    def add(self, sighting: Sighting) -> None:
        known = self.kept.get(sighting.fingerprint)
        if known is not None:
            if sighting.respondent < known.respondent:  # texts that compare as equal may have different vectors
                self.kept[sighting.fingerprint] = sighting
            return
        if len(self.kept) == self._size:
            if sighting.fingerprint > -self._highest[0]:
                return
            del self.kept[-heappop(self._highest)]
        self.kept[sighting.fingerprint] = sighting
        heappush(self._highest, -sighting.fingerprint)


class _Question:
    """The answers to one question."""

    def __init__(self) -> None:
        self._given: dict[int, _Given] = {}
        self._sample = _Lowest(SAMPLE_SIZE)
        self._known = _Lowest(MOST_KNOWN)
        self._compared: Known | None = None  # the same as one matrix, once somebody asks
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
        self._sample.add(sighting)
        if sighting.words >= FEWEST_WORDS:
            self._known.add(sighting)
            self._compared = None

    def profile(self) -> QuestionProfile:
        return profile_of(self._sample.kept.values(), self._answers)

    def known(self) -> Known | None:
        if self._compared is None and self._known.kept:
            self._compared = known_of((fingerprint, each.vector) for fingerprint, each in self._known.kept.items())
        return self._compared

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
