"""Counts what follows what, for `earnest.text.patterns`: letters within words, words within sentences.

    pip install wordfreq==3.1.1
    python training/make_patterns.py ../shared/data/dev

Words of 36 languages in five scripts (wordfreq 3.1.1) stand against mash: pieces made here by fingers walking over
keyboards of fourteen layouts, and in Latin and Cyrillic letters what people typed (`MASH_SOURCES`). Sentences are
honest English answers and questions of every source with `use: train`.
"""

import hashlib
import io
import json
import random
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from earnest.text.normalize import clean, comparable, words
from earnest.text.patterns import _APOSTROPHES, _SPLIT, ALPHABETS, ENDINGS, spelt, word_class
from earnest.text.words import zipf

MASH_SOURCES = frozenset({"isitkbs", "languagehero", "wild_code_mash"})
MASH_KINDS = frozenset({"mash", "mash_partial", "random_generated"})
WRITTEN = ("llm_written", "alpaca_eval", "wildbench", "arenahard", "mtbench", "hart", "ndhal")
"""Sources without any text by people."""
TEXTS = ("question", "answer", "answer_b")
_LATIN = "en ca cs da de es fi fil fr hu id is it lt lv ms nb nl pl pt ro sh sk sl sv tr vi"
LANGUAGES = {
    "latin": _LATIN.split(),
    "greek": ["el"],
    "cyrillic": ["ru", "uk", "bg", "mk"],
    "hebrew": ["he"],
    "arabic": ["ar", "fa", "ur"],
}
WORDS_OF_ENGLISH, WORDS_OF_OTHERS = 60_000, 10_000
KEYBOARDS = {
    "qwerty": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "azerty": ("azertyuiop", "qsdfghjklm", "wxcvbn"),
    "qwertz": ("qwertzuiop", "asdfghjkl", "yxcvbnm"),
    "dvorak": ("pyfgcrl", "aoeuidhtns", "qjkxbmwvz"),
    "colemak": ("qwfpgjluy", "arstdhneio", "zxcvbkm"),
    "greek": ("σερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ"),
    "russian": ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
    "ukrainian": ("йцукенгшщзхї", "фівапролджє", "ячсмитьбю"),
    "bulgarian": ("уеишщксдзц", "ьяаожгтнвмч", "юйъэфхпрлб"),
    "bulgarian phonetic": ("чшертъуиопящ", "асдфгхйкл", "зьцжбнмю"),
    "macedonian": ("љњертзуиопшѓ", "асдфгхјклчќ", "ѕџцвбнм"),
    "hebrew": ("קראטוןםפ", "שדגכעיחלךף", "זסבהנמצתץ"),
    "arabic": ("ضصثقفغعهخحجد", "شسيبلاتنمكط", "ئءرلاىةوزظ"),
    "persian": ("ضصثقفغعهخحجچ", "شسیبلاتنمکگ", "ظطزرذدپو"),
}
TYPED_ON = {
    "latin": ["qwerty"] * 4 + ["azerty", "qwertz"] * 2 + ["dvorak", "colemak"],
    "greek": ["greek"],
    "cyrillic": ["russian"] * 3 + ["ukrainian", "bulgarian", "bulgarian phonetic", "macedonian"],
    "hebrew": ["hebrew"],
    "arabic": ["arabic", "arabic", "persian"],
}
PIECES = 16_000
REAL_PIECES_COUNT = 2
FREQUENT_WORDS = 320
OUT = Path(__file__).parents[1] / "src/earnest/data/patterns.npz"


def main(folder: Path) -> None:
    """Count, write, and print the checksum for `models.py`."""
    packed = make(folder, leave_out=())
    OUT.write_bytes(packed)
    print(f"{OUT}: {OUT.stat().st_size} bytes, sha256 {hashlib.sha256(packed).hexdigest()}")


def make(folder: Path, *, leave_out: Collection[str]) -> bytes:
    """Count without some sources; return the file, its numbers rounded to small ones."""
    lent = [each for each in records(folder) if each["use"] == "train" and each["source"] not in leave_out]
    typed = [str(each["answer"]) for each in lent if each["source"] in MASH_SOURCES and each.get("kind") in MASH_KINDS]
    frequent, order = count_order({text for each in lent for text in sentences(each)})
    arrays = {"order": small(20 * order), "frequent": np.array(" ".join(frequent))}
    for script in ALPHABETS:
        made, known = mash(script, typed), vocabulary(script)
        arrays[f"letters_{script}"] = small(10 * (log_chances(count(script, made)) - log_chances(count(script, known))))
    return pack(arrays)


def small(numbers: np.ndarray) -> np.ndarray:
    """Round to one byte."""
    return np.round(numbers).clip(-127, 127).astype(np.int8)


def pack(arrays: dict[str, np.ndarray]) -> bytes:
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


def records(folder: Path) -> Iterator[Mapping[str, object]]:
    """Yield all labelled texts, key logs apart."""
    for file in sorted(folder.glob("*.jsonl")):
        if not file.name.startswith("keystroke"):
            yield from map(json.loads, file.open(encoding="utf-8"))


def sentences(record: Mapping[str, object]) -> set[str]:
    """The English texts of a record, if people wrote them and they are no nonsense."""
    if record.get("lang") != "en" or record.get("is_gibberish") == 1 or record.get("is_llm") == 1:
        return set()
    if str(record["source"]).startswith(WRITTEN):
        return set()
    return {clean(text) for key in TEXTS if isinstance(text := record.get(key), str) and text.strip()}


def mash(script: str, typed: Iterable[str]) -> Counter[str]:
    """Pieces of mash in a script: made ones, and the words that are in no list among those that people typed."""
    rng = random.Random(1)
    pieces = Counter(walk(rng, rng.choice(TYPED_ON[script])) for _ in range(PIECES))
    for text in typed:
        for word in words(comparable(clean(text))):
            if len(word) > 1 and not zipf(word) and spelt(word)[0] == script:
                pieces[word] += REAL_PIECES_COUNT
    return pieces


def walk(rng: random.Random, keyboard: str) -> str:
    """Mash: fingers wander along a row, two hands take turns, a handful of keys repeats, or anything goes."""
    rows, how = KEYBOARDS[keyboard], rng.random()
    length = int(min(30, 3 + rng.expovariate(1 / 6)))
    if how < 0.4:
        return _along(rng, rows, length)
    if how < 0.65:
        return _in_turn(rng, rows, length)
    if how < 0.85:
        return _again(rng, rng.choice(rows), length)
    return "".join(rng.choice("".join(rows) + ("00000" if how > 0.95 else "")) for _ in range(length))


def _along(rng: random.Random, rows: tuple[str, ...], length: int) -> str:
    row, typed = rng.choice((*rows, rows[1], rows[1])), ""
    at = rng.randrange(len(row))
    for _ in range(length):
        typed += row[at]
        if rng.random() < 0.2:
            row = rng.choice(rows)
        at = max(0, min(len(row) - 1, at + rng.choice((-3, -2, -1, -1, 1, 1, 2, 3))))
    return typed


def _in_turn(rng: random.Random, rows: tuple[str, ...], length: int) -> str:
    hands, hand, typed = ([row[:5] for row in rows], [row[5:] for row in rows]), rng.randrange(2), ""
    while len(typed) < length:
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            typed += rng.choice(rng.choice((hands[hand][1], rng.choice(hands[hand]))))
        hand = 1 - hand
    return typed[:length]


def _again(rng: random.Random, row: str, length: int) -> str:
    start, typed = rng.randrange(max(1, len(row) - 3)), ""
    unit = row[start : start + rng.choice((2, 3, 4, 5))]
    while len(typed) < length:
        if rng.random() < 0.3:
            unit = "".join(rng.sample(unit, len(unit)))
        typed += unit + (rng.choice(row) if rng.random() < 0.25 else "")
    return typed[:length]


@cache
def vocabulary(script: str) -> Mapping[str, float]:
    """Words of the script's languages, weighted a little by how common they are, English three times as much."""
    import wordfreq  # type: ignore[import-not-found]  # noqa: PLC0415  (needed only here)

    known: dict[str, float] = defaultdict(float)
    for language in LANGUAGES[script]:
        most, weight = (WORDS_OF_ENGLISH, 3) if language == "en" else (WORDS_OF_OTHERS, 1)
        for rank, listed in enumerate(wordfreq.top_n_list(language, most)):
            for word in words(comparable(listed)):
                known[word] += weight * (1 + 5 / (1 + rank / 300))
    return known


def count(script: str, pieces: Mapping[str, float]) -> np.ndarray:
    """Weighted counts of three symbols in a row, edges included."""
    edge = len(ALPHABETS[script]) + 1
    counts = np.zeros((edge + 1, edge + 1, edge + 1))
    for word, weight in pieces.items():
        written, found = spelt(word)
        if written == script and min(found, default=-1) >= 0:
            symbols = [edge, edge, *found, edge]
            for first, second, third in zip(symbols, symbols[1:], symbols[2:], strict=False):
                counts[first, second, third] += weight
    return counts


def log_chances(counts: np.ndarray, *, backing: float = 20.0) -> np.ndarray:
    """Log-chance of the third symbol given two, backed by the chance given one, and that by the chance given none."""
    none = counts.sum((0, 1)) + 0.5
    none /= none.sum()
    one = counts.sum(0)
    one = (one + backing * none) / (one.sum(1, keepdims=True) + backing)
    chances: np.ndarray = np.log((counts + backing * one) / (counts.sum(2, keepdims=True) + backing))
    return chances


def count_order(texts: Collection[str]) -> tuple[list[str], np.ndarray]:
    """The most frequent words, and the log-odds of one class following another rather than standing anywhere."""
    split = [_SPLIT.findall(_APOSTROPHES.sub("", text.lower())) for text in sorted(texts)]
    counted = Counter(token for tokens in split for token in tokens if token[0].isalpha())
    frequent = [word for word, _ in counted.most_common(FREQUENT_WORDS)]
    classes = {word: number for number, word in enumerate(frequent)}
    edge = len(frequent) + len(ENDINGS) + 2
    seen = np.zeros((edge + 1, edge + 1))
    for tokens in split:
        kinds = [edge, *(word_class(token, classes) if token[0].isalnum() else edge for token in tokens), edge]
        for first, second in pairwise(kinds):
            if first != edge or second != edge:
                seen[first, second] += 1
    expected = seen.sum(1, keepdims=True) * seen.sum(0, keepdims=True) / seen.sum()
    # pseudo-counts towards "no preference": two, but fewer where all is rare
    doubt = 2 * expected / (expected + 1) + 0.3
    return frequent, np.log((seen + doubt) / (expected + doubt))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/dev"))
