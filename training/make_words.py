"""Make src/earnest/data/words_en.txt.gz: common English words by how common they are.

    python training/make_words.py

Needs training/requirements.txt. The data of wordfreq are CC BY-SA 4.0 and so is the list made here.
"""

import gzip
import hashlib
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import wordfreq

from earnest.text.normalize import comparable

WORDFREQ = "3.1.1"
MOST_WORDS = 100_000
"""Down to Zipf 2.0, one occurrence in ten million words: rarer entries are mostly names and scanning errors."""
OUT = Path(__file__).resolve().parents[1] / "src/earnest/data/words_en.txt.gz"


def frequencies() -> dict[str, float]:
    """Return the Zipf frequency of every word that keeps being one word in comparable form."""
    found: dict[str, float] = {}
    for word in wordfreq.iter_wordlist("en", "large"):
        form = comparable(word)
        # wordfreq writes a long number as zeros: it knows how common such numbers are, not which ones
        if form and " " not in form and any(letter.isalpha() for letter in form):
            found[form] = max(found.get(form, 0.0), wordfreq.zipf_frequency(word, "en"))
        if len(found) == MOST_WORDS:
            break
    return found


def main() -> None:
    """Write the list: one line per Zipf frequency × 10, the words in alphabetical order."""
    if version("wordfreq") != WORDFREQ:
        raise SystemExit(f"wordfreq {WORDFREQ} is needed, this is {version('wordfreq')}")
    classes: dict[int, list[str]] = defaultdict(list)
    for word, zipf in frequencies().items():
        classes[round(zipf * 10)].append(word)
    lines = [f"{rank}\t{' '.join(sorted(classes[rank]))}\n" for rank in sorted(classes, reverse=True)]
    packed = gzip.compress("".join(lines).encode(), compresslevel=9, mtime=0)
    OUT.write_bytes(packed)
    print(f"{OUT.name}: {sum(map(len, classes.values()))} words, {len(packed)} bytes")
    print(f"sha256 {hashlib.sha256(packed).hexdigest()}")


if __name__ == "__main__":
    main()
