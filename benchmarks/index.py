"""How fast, how sure and how large the index of near copies is, for one question of one survey.

    .venv/bin/python benchmarks/index.py [--answers 1000000] [--url postgresql://…]

Without a URL the database is an SQLite file in a temporary folder; a database that is named must be empty. Answers are
synthetic: Zipf-distributed words, 3 to 60 of them; one answer in ten is one of 200 short popular ones, one in fifty a
near copy of an earlier answer of six words and more (typing errors, a tenth of the words changed, a fifth added). They
are taken in, then looked up, in chunks of 200, as the two passes of a batch do. Prints a Markdown table with a row for
each size on the way. CPU seconds are those of this process, and of PostgreSQL's process that serves it where that runs
on the same machine; vectors are random, and making them is not counted.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import psycopg
from numpy.typing import NDArray

import earnest.store.corpus
from earnest.corpus import Sighting, choose_candidates
from earnest.similarity import SIMILAR, bands, fingerprint, likeness
from earnest.store import Store, open_store
from earnest.store.base import Part
from earnest.store.corpus import SqlCorpus
from earnest.survey import Entry, Survey

CHUNK = 200
LOOKED_UP = 10_000
"""Answers looked up at each size."""
SIZES = (10_000, 100_000, 1_000_000)
VOCABULARY, DIMENSIONS, POPULAR = 50_000, 384, 200
LETTERS = "etaoinshrdlcumwfgypbvk"
QUESTION = "id:q"


class Answers:
    """Synthetic answers, the same for the same seed.

    Attributes:
        texts: The answers.
        planted: Places of near copies, and of their originals before them.
    """

    def __init__(self, count: int, seed: int = 1) -> None:
        self._numbers, self._draw = np.random.default_rng(seed), random.Random(seed)
        sizes = np.clip(self._numbers.gamma(4, 1.4, VOCABULARY).astype(int), 2, 14)
        self._words = ["".join(self._draw.choices(LETTERS, k=size)) for size in sizes.tolist()]
        weights = 1 / np.arange(1, VOCABULARY + 1)
        self._chances = weights / weights.sum()
        popular = [" ".join(self._some_words(self._draw.randint(1, 4))) for _ in range(POPULAR)]
        self.texts: list[str] = []
        self.planted: dict[int, int] = {}
        lengths = np.clip(self._numbers.geometric(1 / 15, count) + 2, 3, 60)
        stream = iter(self._some_words(int(lengths.sum())))
        for i, length in enumerate(lengths.tolist()):
            text = " ".join(next(stream) for _ in range(length))
            if i % 10 == 9:
                text = popular[min(int(self._draw.paretovariate(0.8)) - 1, POPULAR - 1)]
            elif i % 50 == 25:
                original = self._draw.randrange(i)
                if len(self.texts[original].split()) >= 6:
                    text = self._copy(self.texts[original], kind=i // 50 % 3)
                    self.planted[i] = original
            self.texts.append(text)

    def _some_words(self, count: int) -> list[str]:
        return [self._words[i] for i in self._numbers.choice(VOCABULARY, count, p=self._chances).tolist()]

    def _copy(self, text: str, kind: int) -> str:
        words, draw = text.split(), self._draw
        if kind == 0:
            letters = list(text)
            for _ in range(max(1, len(letters) // 25)):
                letters[draw.randrange(len(letters))] = draw.choice(LETTERS)
            return " ".join("".join(letters).split())
        for new in self._some_words(max(1, round(len(words) * (0.1 if kind == 1 else 0.2)))):
            place = draw.randrange(len(words))
            words[place : place + (kind == 1)] = [new]
        return " ".join(words)


@dataclass(slots=True)
class Clock:
    """CPU seconds of this process and of the server's processes that work for it.

    Args:
        url: Where the database is.
    """

    url: str

    def __call__(self) -> float:
        """The seconds so far."""
        return time.process_time() + self._server_s()

    def _server_s(self) -> float:
        if not self.url.startswith("postgresql"):
            return 0.0
        with psycopg.connect(self.url) as connection:
            others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            pids = [pid for (pid,) in connection.execute(others)]
        stats = [Path(f"/proc/{pid}/stat") for pid in pids]
        fields = [stat.read_text().rpartition(")")[2].split() for stat in stats if stat.exists()]
        return sum(int(each[11]) + int(each[12]) for each in fields) / 100  # user and system time, in ticks


def main() -> None:
    """Fill an index and measure it at each size."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--answers", type=int, default=SIZES[-1])
    parser.add_argument("--url", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.url or f"sqlite:///{folder}/index.db"
        store = open_store(url)
        print("| answers | in, per CPU-s | hashed | looked up | in and looked up | recall | false candidates | bytes |")
        print("|---|---|---|---|---|---|---|---|")
        for row in measured(store, Answers(asked.answers), Clock(url), lambda: size_of(url)):
            print(row, flush=True)
        store.close()


def measured(store: Store, answers: Answers, clock: Clock, size: Callable[[], int]) -> Iterator[str]:
    """One row of the table per size."""
    part = Part(survey=Survey(identifier="s"), entries=(Entry(question="q", answer="a"),), wanted=frozenset())
    corpus = store.corpus(store.responses.keep("t", part, "e").survey_id, "e")
    empty, hashing_s, adding_s, begun = size(), 0.0, 0.0, 0
    count = len(answers.texts)
    for start in range(0, count, CHUNK):
        places = range(start, min(start + CHUNK, count))
        vectors = some_vectors(len(places), start)
        before_s = time.process_time()
        chunk = [sighting(i, answers.texts[i], vector) for i, vector in zip(places, vectors, strict=True)]
        hashing_s += time.process_time() - before_s
        before_s = clock()
        corpus.add(chunk)
        adding_s += clock() - before_s
        done = places.stop
        if done in SIZES or done == count:
            recent = done - begun
            hashed, added = recent / hashing_s, recent / adding_s
            looked, false = look_up(corpus, answers, done, clock)
            both = 1 / (1 / hashed + 1 / added + 1 / looked)
            yield (
                f"| {done:,} | {added:,.0f} | {hashed:,.0f} | {looked:,.0f} | {both:,.0f}"
                f" | {recall(corpus, answers, done):.4f} | {false:.2f} | {(size() - empty) / done:,.0f} |"
            )
            hashing_s, adding_s, begun = 0.0, 0.0, done


def look_up(corpus: SqlCorpus, answers: Answers, done: int, clock: Clock) -> tuple[float, float]:
    """Answers a CPU-second, and candidates per answer that were no near copies."""
    draw, spent_s, false = random.Random(done), 0.0, 0
    by_fingerprint = {fingerprint(text): text for text in answers.texts[:done]}
    found: list[tuple[int, list[int]]] = []

    def noted(own: int, buckets: Sequence[Sequence[int]]) -> list[int]:
        found.append((own, choose_candidates(own, buckets)))
        return found[-1][1]

    chunks = LOOKED_UP // CHUNK
    for i in range(chunks):
        places = [draw.randrange(done) for _ in range(CHUNK)]
        vectors = some_vectors(CHUNK, i)
        asked = [sighting(place, answers.texts[place], vector) for place, vector in zip(places, vectors, strict=True)]
        before_s = clock()
        with mock.patch.object(earnest.store.corpus, "choose_candidates", noted):
            corpus.twins(asked)
        corpus.profiles({QUESTION})
        spent_s += clock() - before_s
    for own, candidates in found:
        false += sum(likeness(by_fingerprint[own], by_fingerprint[each]) < SIMILAR for each in candidates)
    return chunks * CHUNK / spent_s, false / (chunks * CHUNK)


def recall(corpus: SqlCorpus, answers: Answers, done: int) -> float:
    """Of the planted copies that are similar to their originals, the share that meets them."""
    texts = answers.texts
    pairs = [
        (copy, original)
        for copy, original in answers.planted.items()
        if copy < done and likeness(texts[copy], texts[original]) >= SIMILAR
    ]
    pairs = random.Random(0).sample(pairs, min(len(pairs), LOOKED_UP))
    met = 0
    for start in range(0, len(pairs), CHUNK):
        some = pairs[start : start + CHUNK]
        vectors = some_vectors(len(some), start)
        asked = [sighting(copy, texts[copy], vector) for (copy, _), vector in zip(some, vectors, strict=True)]
        for (_, original), twins in zip(some, corpus.twins(asked), strict=True):
            met += any(twin.comparable == texts[original] for twin in twins.closest)
    return met / len(pairs)


def sighting(place: int, text: str, vector: NDArray[np.float16]) -> Sighting:
    """An answer as the first pass sees it."""
    return Sighting(
        question=QUESTION,
        respondent=f"respondent-{place}",
        comparable=text,
        fingerprint=fingerprint(text),
        bands=bands(text),
        vector=vector,
        words=len(text.split()),
    )


def some_vectors(count: int, seed: int) -> NDArray[np.float16]:
    """Random unit vectors."""
    vectors = np.random.default_rng(seed).standard_normal((count, DIMENSIONS), dtype=np.float32)
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float16)


def size_of(url: str) -> int:
    """Bytes of a database, its log included."""
    if url.startswith("postgresql"):
        with psycopg.connect(url) as connection:
            [row] = connection.execute("SELECT pg_database_size(current_database())")
            return int(row[0])
    path = Path(url.removeprefix("sqlite:///"))
    return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*") if not each.name.endswith("-shm"))


if __name__ == "__main__":
    main()
