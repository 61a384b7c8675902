"""Make the word lists of src/earnest/data: English words, and the commonest words of other languages, by how common.

    python training/make_words.py

Needs training/requirements.txt. The data of wordfreq are CC BY-SA 4.0 and so are the lists made here.
"""

import gzip
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import wordfreq

from earnest.text.normalize import comparable

WORDFREQ = "3.1.1"
MOST_WORDS = 100_000
"""Down to Zipf 2.0, one occurrence in ten million words: rarer entries are mostly names and scanning errors."""
MOST_WORDS_ELSEWHERE = 2_000
"""Of each other language: three in four words of its sentences (training/README.md, "Language")."""
WITHOUT_SPACES = frozenset({"zh", "ja", "ko"})
"""Their writing gives them away, and their words cannot be looked up without cutting sentences."""
DATA = Path(__file__).resolve().parents[1] / "src/earnest/data"


def frequencies(language: str, words: Iterable[str], most: int) -> dict[str, float]:
    """Return the Zipf frequency of every word that keeps being one word in comparable form."""
    found: dict[str, float] = {}
    for word in words:
        form = comparable(word)
        # wordfreq writes a long number as zeros: it knows how common such numbers are, not which ones
        if form and " " not in form and any(letter.isalpha() for letter in form):
            found[form] = max(found.get(form, 0.0), wordfreq.zipf_frequency(word, language))
        if len(found) == most:
            break
    return found


def by_rank(found: Mapping[str, float]) -> list[tuple[int, str]]:
    """The words of each Zipf frequency × 10 in alphabetical order, the most common first."""
    classes: dict[int, list[str]] = defaultdict(list)
    for word, zipf in found.items():
        classes[round(zipf * 10)].append(word)
    return [(rank, " ".join(sorted(classes[rank]))) for rank in sorted(classes, reverse=True)]


def write(name: str, lines: Iterable[str]) -> None:
    """Write a list, packed, and print its checksum for `models.py`."""
    packed = gzip.compress("".join(lines).encode(), compresslevel=9, mtime=0)
    (DATA / name).write_bytes(packed)
    print(f"{name}: {len(packed)} bytes, sha256 {hashlib.sha256(packed).hexdigest()}")


def main() -> None:
    """Write both lists: one line per (language and) Zipf frequency × 10."""
    if version("wordfreq") != WORDFREQ:
        raise SystemExit(f"wordfreq {WORDFREQ} is needed, this is {version('wordfreq')}")
    english = frequencies("en", wordfreq.iter_wordlist("en", "large"), MOST_WORDS)
    write("words_en.txt.gz", (f"{rank}\t{words}\n" for rank, words in by_rank(english)))
    others = sorted(set(wordfreq.available_languages("small")) - {"en"} - WITHOUT_SPACES)
    write(
        "words_other.txt.gz",
        (
            f"{'tl' if language == 'fil' else language}\t{rank}\t{words}\n"
            for language in others
            for rank, words in by_rank(
                frequencies(language, islice(wordfreq.iter_wordlist(language, "small"), 4_000), MOST_WORDS_ELSEWHERE)
            )
        ),
    )


if __name__ == "__main__":
    main()
