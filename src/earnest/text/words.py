"""How common a word is in English."""

import gzip
from collections.abc import Mapping
from functools import cache

from earnest import models


def zipf(word: str) -> float:
    """Return how common a word in comparable form is: log10 of its occurrences in a billion words.

    0 for a word that is not among the 100,000 most common ones, else 1.9 ("nuchal") to 7.7 ("the"). Common mistakes
    ("teh"), slang ("lol"), brands and the commonest mash ("asd") are in the list too: it says what people write.
    """
    return _frequencies().get(word, 0.0)


@cache
def _frequencies() -> Mapping[str, float]:
    lines = gzip.decompress(models.read("words")).decode().splitlines()
    return {
        word: int(rank) / 10 for rank, _, listed in (line.partition("\t") for line in lines) for word in listed.split()
    }
