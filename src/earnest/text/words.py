"""How common a word is, in English and elsewhere."""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from earnest import models


def zipf(word: str) -> float:
    """Return how common a word in comparable form is in English: log10 of its occurrences in a billion words.

    0 for a word that is not among the 100,000 most common ones, else 1.9 ("nuchal") to 7.7 ("the"). Common mistakes
    ("teh"), slang ("lol"), brands and the commonest mash ("asd") are in the list too: it says what people write.
    """
    return _english().get(word, 0.0)


def elsewhere(word: str) -> Sequence[tuple[str, float]]:
    """Return how common a word is, on the same scale, in those of 38 other languages whose 2,000 commonest it is of."""
    return _others().get(word, ())


@cache
def _english() -> Mapping[str, float]:
    return {word: zipf for _, word, zipf in _listed("words")}


@cache
def _others() -> Mapping[str, Sequence[tuple[str, float]]]:
    languages: dict[str, tuple[tuple[str, float], ...]] = {}
    for language, word, zipf in _listed("words_other"):
        languages[word] = (*languages.get(word, ()), (language, zipf))
    return languages


def _listed(name: str) -> Iterator[tuple[str, str, float]]:
    """Language ("" for the only one), word and frequency."""
    for line in gzip.decompress(models.read(name)).decode().splitlines():
        *language, rank, listed = line.split("\t")
        name, zipf = "".join(language), int(rank) / 10
        for word in listed.split():
            yield name, word, zipf
