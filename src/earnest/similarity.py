"""How alike texts are, letter by letter, and which are near in meaning; no storage, no model.

Three steps, from cheap to exact: equal fingerprints are equal texts, a shared band makes two texts worth comparing, and
`likeness` compares them; `nearest` compares vectors. Fingerprints and bands are stored, so their numbers never change
between versions, machines or runs: the hashes are our own, and so are their constants.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from heapq import nsmallest

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from earnest.text.coincidence import tokens
from earnest.text.contradiction import contradict, opposed

SIMILAR = 0.80
"""Least likeness of near copies. Of the copies described at BANDS, .97 to .99 are as alike as that; those that are not
contradict the original."""

BANDS, ROWS = 15, 4
"""Texts that share s of their 4-grams share a band with probability 1 − (1 − s⁴)¹⁵: .14 at s = .3, .99 at s = .7. Of
3,315 copies of real answers with a typing error per 25 letters, a tenth of the words replaced or a fifth strewn in,
15 × 4 bands find .997, .996 and .993; 10 × 6 find .925, .898 and .868. The price: one more candidate for every 5,000
other answers."""
GRAM = 4
SHORTEST, FEWEST = 30, 6
"""Characters, and words, of a text that has near copies; one of either will do. Shorter answers differ little from one
another: in a measurement on synthetic answers nearly all wrong candidates were of three to five words."""
LONGEST = 5_000
"""Characters of a text that are compared: some 900 words, more than any two people write alike."""
WORDS_PER_FLIP = 3
"""A contradiction ("not", another number, an opposite) weighs as much as this many changed words: texts of up to about
15 words that agree but for a contradiction are then no near copies. Longer ones are: nobody contradicts a stranger in
the same 16 words. Chosen with the next: all 32 negated pairs of Tatoeba, and 4 of 5 contradicting pairs of SICK, that
are at least 80 % alike by their letters are kept apart."""
SHORT = 10
"""Words up to which any sign of contradiction counts; longer texts that change so much are rewritten, not turned."""
OTHER_ORDER = 0.95
"""Likeness of the same words in another order."""
ROUNDING = 1e-4
"""More than a product of unit vectors loses in float32."""


def fingerprint(comparable: str) -> int:
    """An unsigned 64-bit hash of a text, the same for ever."""
    return int.from_bytes(blake2b(comparable.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _constants(name: str, count: int) -> NDArray[np.uint64]:
    """Odd 64-bit numbers that look random and never change."""
    digests = (blake2b(f"earnest {name} {i}".encode(), digest_size=8).digest() for i in range(count))
    return np.array([int.from_bytes(digest, "big") | 1 for digest in digests], dtype=np.uint64)


_GRAM_FACTORS = _constants("gram", GRAM)
_FACTORS = _constants("factor", BANDS * ROWS)[:, None]
_OFFSETS = _constants("offset", BANDS * ROWS)[:, None]
_ROW_FACTORS = _constants("row", ROWS)
_BAND_OFFSETS = _constants("band", BANDS)


def bands(comparable: str) -> tuple[int, ...]:
    """Band hashes: two texts that share one are worth comparing.

    MinHash (Broder 1997) over the text's character 4-grams, 60 permutations in 15 bands of 4 rows.

    Returns:
        BANDS signed 64-bit numbers (as SQL's BIGINT holds them); none where the text is too short to have near copies.
    """
    if not _has_near_copies(comparable):
        return ()
    written = f" {comparable[:LONGEST]} ".encode("utf-32-le", "surrogatepass")
    letters = np.frombuffer(written, dtype=np.uint32).astype(np.uint64)
    count = len(letters) - GRAM + 1
    grams = letters[:count] * _GRAM_FACTORS[0]
    for i in range(1, GRAM):  # a window view of so few columns takes three times as long
        grams += letters[i : i + count] * _GRAM_FACTORS[i]
    grams = _mixed(grams)
    lowest = (_FACTORS * grams + _OFFSETS).min(axis=1).reshape(BANDS, ROWS)
    hashes = _mixed((lowest * _ROW_FACTORS).sum(axis=1, dtype=np.uint64) + _BAND_OFFSETS)
    return tuple(hashes.view(np.int64).tolist())


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread every bit over all others (the finaliser of splitmix64: Steele, Lea & Flood 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _has_near_copies(comparable: str) -> bool:
    return len(comparable) >= SHORTEST or len(tokens(comparable)) >= FEWEST


def likeness(a: str, b: str) -> float:
    """How alike two comparable texts are, 0–1; 1 only for equal texts, and 0 for texts that are less than SIMILAR.

    The share of letters or of words that stay when one is edited into the other, whichever is higher; or of letters
    when the words of both are sorted first, which counts as OTHER_ORDER at most. Contradicting texts are less alike.
    """
    if a == b:
        return 1.0
    a, b = a[:LONGEST], b[:LONGEST]
    first, second = a.split(), b.split()
    if not (_may_be_similar(len(a), len(b)) or _may_be_similar(len(first), len(second))):
        return 0.0
    least = 100 * SIMILAR
    sorted_words = fuzz.token_sort_ratio(a, b, score_cutoff=least / OTHER_ORDER)
    letters = max(fuzz.ratio(a, b, score_cutoff=least), OTHER_ORDER * sorted_words) / 100
    alike = max(letters, Indel.normalized_similarity(first, second, score_cutoff=SIMILAR))
    words = max(len(first), len(second))
    if alike >= SIMILAR and (contradict(a, b) or (words <= SHORT and opposed(a, b))):
        alike *= max(0.0, 1 - WORDS_PER_FLIP / words)
    return min(alike, 0.99)


def _may_be_similar(length: int, other: int) -> bool:
    """Whether so much may stay of two texts of these lengths: all of the shorter, at most."""
    return 2 * min(length, other) >= SIMILAR * (length + other)


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Texts whose meaning is known.

    Attributes:
        fingerprints: uint64, shape (n,), ascending.
        vectors: float16, shape (n, dimensions).
    """

    fingerprints: NDArray[np.uint64]
    vectors: NDArray[np.float16]


def known_of(vectors: Iterable[tuple[int, NDArray[np.float16]]]) -> Known:
    """Put the vectors of some texts, at least one, in order of their fingerprints."""
    ordered = sorted(vectors, key=lambda each: each[0])
    return Known(
        np.array([fingerprint for fingerprint, _ in ordered], dtype=np.uint64),
        np.stack([vector for _, vector in ordered]).astype(np.float16, copy=False),
    )


def nearest(vectors: NDArray[np.float16], known: Known, *, least: float, most: int) -> list[dict[int, float]]:
    """For each vector, the known texts of highest inner product with it, by fingerprint, nearest first.

    Products of float16 numbers up to 1 add up exactly in float64, so company and order change nothing.

    Args:
        vectors: Shape (m, dimensions).
        known: What to compare with.
        least: Smallest inner product that counts.
        most: Largest number of texts for one vector; of equally near ones those of lowest fingerprint.
    """
    rough = vectors.astype(np.float32) @ known.vectors.astype(np.float32).T
    is_near = rough >= least - ROUNDING
    crowded = np.flatnonzero(is_near.sum(axis=1) > most)  # only these need the order of their products
    if len(crowded):
        lowest = np.partition(rough[crowded], -most, axis=1)[:, [-most]]
        is_near[crowded] &= rough[crowded] >= lowest - ROUNDING
    rows, columns = np.nonzero(is_near)
    pairs = vectors[rows].astype(np.float64), known.vectors[columns].astype(np.float64)
    near: list[list[tuple[float, int]]] = [[] for _ in vectors]
    for row, column, closeness in zip(rows, columns, np.einsum("ij,ij->i", *pairs).tolist(), strict=True):
        if closeness >= least:
            near[row].append((-closeness, int(known.fingerprints[column])))
    return [{fingerprint: -less for less, fingerprint in nsmallest(most, each)} for each in near]
