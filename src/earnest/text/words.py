"""How common a word is, in English and elsewhere."""

import gzip
from collections.abc import Iterator, Mapping
from functools import cache

from earnest import models


def zipf(word: str) -> float:
    """Return how common a word in comparable form is in English: log10 of its occurrences in a billion words.

    0 for a word that is not among the 100,000 most common ones, else 1.9 ("nuchal") to 7.7 ("the"). Common mistakes
    ("teh"), slang ("lol"), brands and the commonest mash ("asd") are in the list too: it says what people write.
    """
    return _english().get(word, 0.0)


def elsewhere() -> Mapping[str, Mapping[str, float]]:
    """Return how common, on the same scale, the 2,000 commonest words of each of 38 other languages are there."""
    return _others()


@cache
def _english() -> Mapping[str, float]:
    return {word: zipf for _, word, zipf in _listed("words")}


@cache
def _others() -> Mapping[str, Mapping[str, float]]:
    languages: dict[str, dict[str, float]] = {}
    for language, word, zipf in _listed("words_other"):
        languages.setdefault(language, {})[word] = zipf
    return languages


def _listed(name: str) -> Iterator[tuple[str, str, float]]:
    """Language ("" for the only one), word and frequency."""
    for line in gzip.decompress(models.read(name)).decode().splitlines():
        *language, rank, listed = line.split("\t")
        for word in listed.split():
            yield "".join(language), word, int(rank) / 10
