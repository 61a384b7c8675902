"""Counts what follows what, for `earnest.text.patterns`: letters within words, words within sentences.

    pip install wordfreq==3.1.1
    python training/make_patterns.py ../shared/data/dev

Words of thirteen languages (wordfreq 3.1.1) stand against mash: three in four pieces made here by fingers walking over
keyboards of three layouts, the rest from `isitkbs`. Sentences are honest answers and questions of FIT_SOURCES. Only
rows with `use: train` are read; whole sources stay out, so that the accuracy reported on them is of things never
seen.
"""

import hashlib
import io
import json
import random
import re
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from earnest.text.patterns import _APOSTROPHES, _SPLIT, EDGE, ENDINGS, SYMBOLS, word_class

FIT_SOURCES = frozenset(
    {"carpentries", "cncf", "k8s_contribex", "spack", "todogroup", "protoqa_scraped", "topicalchat", "isitkbs"}
)
LANGUAGES = ("en", "fr", "es", "de", "it", "pt", "nl", "id", "vi", "fil", "sv", "pl", "tr")
KEYBOARDS = (
    ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    ("azertyuiop", "qsdfghjklm", "wxcvbn"),
    ("qwertzuiop", "asdfghjkl", "yxcvbnm"),
)
FREQUENT_WORDS = 320
MASH_PIECES = 6_000
OUT = Path(__file__).parents[1] / "src/earnest/data/patterns.npz"


def main(folder: Path) -> None:
    """Count, round to small integers, write, and print the checksum for `models.py`."""
    rows = list(read(folder))
    rng = random.Random(1)
    mash = Counter(walk(rng) for _ in range(MASH_PIECES))
    mash.update(
        word for row in rows if row.get("is_gibberish") == 1 for word in latin(row["answer"].lower()) if len(word) > 1
    )
    frequent, order = count_order({text for row in rows for text in sentences(row)})
    arrays = {
        "letters": np.round(10 * (log_chances(count(mash)) - log_chances(count(vocabulary()))))
        .clip(-127, 127)
        .astype(np.int8),
        "order": np.round(20 * order).clip(-127, 127).astype(np.int8),
        "frequent": np.array(" ".join(frequent)),
    }
    OUT.write_bytes(packed(arrays))
    print(f"{OUT}: {OUT.stat().st_size} bytes, sha256 {hashlib.sha256(OUT.read_bytes()).hexdigest()}")


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    """Write an npz file that is the same bytes every time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (2026, 11, 24, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED
            )
    return out.getvalue()


def read(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the rows that may train, of the sources that do."""
    for pattern in (
        "nonsensical_train2.jsonl",
        "irrelevant_*.jsonl",
        "loweffort_*.jsonl",
        "llm_certain_humans_*.jsonl",
    ):
        for file in sorted(folder.glob(pattern)):
            for line in file.open(encoding="utf-8"):
                row = json.loads(line)
                if row["use"] == "train" and row["source"] in FIT_SOURCES and row["lang"] in {"en", "und"}:
                    yield row


def sentences(row: dict[str, str]) -> Iterable[str]:
    """The honest texts of a row."""
    return () if row.get("is_gibberish") == 1 else filter(None, (row["answer"], row.get("question")))


def walk(rng: random.Random) -> str:
    """Mash: fingers wander along a row, two hands take turns, a handful of keys repeats, or anything goes."""
    rows = rng.choice((KEYBOARDS[0], *KEYBOARDS))
    length, how = int(min(25, 3 + rng.expovariate(1 / 6))), rng.random()
    if how < 0.5:
        row, at, typed = rng.choice(rows), 0, ""
        at = rng.randrange(len(row))
        for _ in range(length):
            typed += row[at]
            if rng.random() < 0.2:
                row = rng.choice(rows)
            at = max(0, min(len(row) - 1, at + rng.choice((-3, -2, -1, -1, 1, 1, 2, 3))))
        return typed
    if how < 0.7:
        hands = ([row[:5] for row in rows], [row[5:] for row in rows])
        return "".join(rng.choice(rng.choice(hands[turn % 2])) for turn in range(length))
    if how < 0.85:
        row = rng.choice(rows)
        start = rng.randrange(len(row) - 2)
        unit = row[start : start + rng.choice((2, 3, 4))]
        if rng.random() < 0.4:
            unit = "".join(rng.sample(unit, len(unit)))
        return (unit * 9)[:length]
    return "".join(rng.choice(SYMBOLS[:26]) for _ in range(length))


def vocabulary() -> Counter[str]:
    """Words of LANGUAGES, weighted a little by how common they are, English three times as much."""
    import wordfreq  # noqa: PLC0415  (needed only here)

    words: Counter[str] = Counter()
    for language in LANGUAGES:
        for rank, listed in enumerate(wordfreq.top_n_list(language, 30_000 if language == "en" else 6_000)):
            for word in latin(listed):
                words[word] += (3 if language == "en" else 1) * (1 + 5 / (1 + rank / 300))
    return words


def latin(text: str) -> list[str]:
    """The words of a text, without accents, apostrophes and everything that is not in SYMBOLS."""
    plain = text.encode("ascii", "ignore").decode() if text.isascii() else fold(text)
    return re.findall(r"[a-z0]+", re.sub(r"\d", "0", _APOSTROPHES.sub("", plain.lower())))


def fold(text: str) -> str:
    """Remove accents."""
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


def count(words: Counter[str]) -> np.ndarray:
    """Weighted counts of three symbols in a row, edges included."""
    size = EDGE + 1
    counts = np.zeros((size, size, size))
    for word, weight in words.items():
        symbols = [EDGE, EDGE, *(SYMBOLS.index(each) for each in word), EDGE]
        for first, second, third in zip(symbols, symbols[1:], symbols[2:], strict=False):
            counts[first, second, third] += weight
    return counts


def log_chances(counts: np.ndarray, *, backing: float = 20.0) -> np.ndarray:
    """Log-chance of the third symbol given two, backed by the chance given one, and that by the chance given none."""
    none = counts.sum((0, 1)) + 0.5
    none /= none.sum()
    one = counts.sum(0)
    one = (one + backing * none) / (one.sum(1, keepdims=True) + backing)
    return np.log((counts + backing * one) / (counts.sum(2, keepdims=True) + backing))


def count_order(texts: set[str]) -> tuple[list[str], np.ndarray]:
    """The most frequent words, and the log-odds of one class following another rather than standing anywhere."""
    split = [_SPLIT.findall(_APOSTROPHES.sub("", text.lower())) for text in sorted(texts)]
    words = Counter(token for tokens in split for token in tokens if token[0].isalpha())
    frequent = [word for word, _ in words.most_common(FREQUENT_WORDS)]
    classes = {word: number for number, word in enumerate(frequent)}
    edge = len(frequent) + len(ENDINGS) + 2
    seen = np.zeros((edge + 1, edge + 1))
    for tokens in split:
        kinds = [edge, *(word_class(token, classes) if token[0].isalnum() else edge for token in tokens), edge]
        for first, second in pairwise(kinds):
            if first != edge or second != edge:
                seen[first, second] += 1
    expected = seen.sum(1, keepdims=True) * seen.sum(0, keepdims=True) / seen.sum()
    doubt = (
        2 * expected / (expected + 1) + 0.3
    )  # pseudo-counts towards "no preference": two, but fewer where all is rare
    return frequent, np.log((seen + doubt) / (expected + doubt))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/dev"))
