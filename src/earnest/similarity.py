"""How alike two texts are, letter by letter; no storage, no model.

Three steps, from cheap to exact: equal fingerprints are equal texts, a shared band makes two texts worth comparing, and
`likeness` compares them. Fingerprints and bands are stored, so their numbers never change between versions, machines or
runs: the hashes are our own, and so are their constants.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from earnest.text.coincidence import tokens

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
MOST_REWRITTEN = 2
"""Differing words on either side up to which a contradiction counts: the opposite opinion in the same words has one or
two ("would not", "do not like"); beyond, it is an accident of rewriting."""
MISSPELT = 70
"""Per cent of alike letters from which two words are one word spelt twice."""
OTHER_ORDER = 0.95
"""Likeness of the same words in another order."""


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
    letters = np.frombuffer(f" {comparable[:LONGEST]} ".encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    windows = np.lib.stride_tricks.sliding_window_view(letters.astype(np.uint64), GRAM)
    grams = _mixed((windows * _GRAM_FACTORS).sum(axis=1, dtype=np.uint64))
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
    """How alike two comparable texts are, 0–1; 1 only for equal texts.

    The share of letters that stay when one is edited into the other, or when the words of both are sorted first, which
    counts as OTHER_ORDER at most. Contradicting texts are less alike than their letters.
    """
    if a == b:
        return 1.0
    a, b = a[:LONGEST], b[:LONGEST]
    alike = max(fuzz.ratio(a, b), OTHER_ORDER * fuzz.token_sort_ratio(a, b)) / 100
    if alike >= SIMILAR and contradict(a, b):
        words = max(a.count(" "), b.count(" ")) + 1
        alike *= max(0.0, 1 - WORDS_PER_FLIP / words)
    return min(alike, 0.99)


def contradict(a: str, b: str) -> bool:
    """Whether two texts differ in little else than a negation, their numbers, or a pair of opposites.

    A text that was rewritten in many places is not called the opposite of another for having one "not" more.
    """
    first, second = Counter(a.split()), Counter(b.split())
    only_first, only_second = list((first - second).elements()), list((second - first).elements())
    if max(len(only_first), len(only_second)) > MOST_REWRITTEN:
        return False
    if any(not _OPPOSITES.get(word, set()).isdisjoint(only_second) for word in only_first):
        return True
    only_first, only_second = _without_misspelt(only_first, only_second), _without_misspelt(only_second, only_first)
    if sum(map(_is_negation, only_first)) % 2 != sum(map(_is_negation, only_second)) % 2:
        return True
    return any(word[0].isdigit() for word in only_first) and any(word[0].isdigit() for word in only_second)


def _without_misspelt(words: Iterable[str], others: Sequence[str]) -> list[str]:
    """The words that are not merely spelt otherwise among the others."""
    return [word for word in words if not any(_is_misspelt(word, other) for other in others)]


def _is_misspelt(word: str, other: str) -> bool:
    negates = {word + "t", word + "nt"} & {other} or {other + "t", other + "nt"} & {word}  # can/cant, was/wasnt
    return not (negates or word[0].isdigit() or other[0].isdigit()) and fuzz.ratio(word, other) >= MISSPELT


def _is_negation(word: str) -> bool:
    return word in _NEGATIONS


_NEGATING_WORDS = """
    no not never none nobody nothing nowhere neither nor without cannot hardly cant dont doesnt didnt isnt arent wasnt
    werent wont wouldnt couldnt shouldnt hasnt havent hadnt aint
    nicht kein keine keinen keiner keinem nie niemals ohne niet geen nooit pas jamais aucun aucune sans nunca nada sin
    não nao nem sem non mai senza nie bez не нет никогда без
"""
_NEGATIONS = frozenset(_NEGATING_WORDS.split())
"""English, then German, Dutch, French, Spanish, Portuguese, Italian, Polish and Russian. A spelling that two languages
share does no harm: it must occur in one text and not in its near copy."""

_OPPOSING_WORDS = """
    good/bad better/worse best/worst like/dislike love/hate like/hate love/dislike likes/dislikes liked/disliked
    more/less most/least many/few easy/difficult easy/hard easier/harder cheap/expensive cheaper/dearer high/low
    higher/lower increase/decrease increased/decreased increases/decreases fast/slow faster/slower quick/slow
    always/never yes/no helpful/unhelpful agree/disagree satisfied/dissatisfied satisfied/unsatisfied happy/unhappy
    positive/negative clean/dirty friendly/unfriendly friendly/rude fresh/stale big/small large/small bigger/smaller
    long/short longer/shorter strong/weak safe/unsafe reliable/unreliable clear/unclear useful/useless fair/unfair
    comfortable/uncomfortable likely/unlikely possible/impossible right/wrong true/false support/oppose for/against
    advantage/disadvantage before/after early/late loud/quiet hot/cold open/closed buy/sell win/lose men/women
    man/woman boy/girl boys/girls
"""
_OPPOSITES: dict[str, set[str]] = {}
for _pair in _OPPOSING_WORDS.split():
    _one, _other = _pair.split("/")
    _OPPOSITES.setdefault(_one, set()).add(_other)
    _OPPOSITES.setdefault(_other, set()).add(_one)
