"""What the checks do with other languages than English: which language is seen, who is flagged, what mash is found."""

import random
import re
from collections import defaultdict
from collections.abc import Iterator

from benchmarks.bench import Bench, Row
from benchmarks.measures import Table, share
from training.make_patterns import KEYBOARDS, walk

from earnest.findings import CheckName
from earnest.text.language import SUPPORTED, detect
from earnest.text.normalize import clean, comparable, words

FILES = ("nonsensical_*.jsonl", "llm_glimpse.jsonl", "llm_imbd.jsonl", "loweffort_surveys.jsonl")
NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "en": "English", "es": "Spanish", "fr": "French, by learners", "hi": "Hindi",
    "id": "Indonesian", "ja": "Japanese", "pt": "Portuguese", "ru": "Russian", "tl": "Tagalog", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip
KEYBOARD_OF = {"ar": "arabic", "bg": "bulgarian", "ru": "russian", "fr": "azerty"}
MOST_TEXTS = 500
MOST_WORDS = 40
SHORT = range(1, 6)
PLANTED = 0.3
OURS = (CheckName.NONSENSICAL, CheckName.IRRELEVANT, CheckName.LOW_EFFORT, CheckName.LLM_GENERATED)


def tables(bench: Bench) -> Iterator[Table]:
    """Flags and coverage of honest answers, planted mash, and short answers, by language."""
    texts = honest(bench)
    yield flags(bench, texts)
    yield planted(bench, texts)
    yield short(texts)


def honest(bench: Bench) -> dict[str, list[str]]:
    """Honest answers by language, cut to MOST_WORDS words and sampled."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in bench.rows(*FILES):
        if row.bad is False and row.lang in NAMES and row.source not in {"imbd_pubmed", "imbd_squad", "imbd_writing"}:
            found[row.lang].add(" ".join(clean(row.answer).split()[:MOST_WORDS]))
    rng = random.Random(1)
    return {lang: rng.sample(sorted(found[lang]), min(len(found[lang]), MOST_TEXTS)) for lang in sorted(found)}


def flags(bench: Bench, texts: dict[str, list[str]]) -> Table:
    """Which share of honest answers each check can tell about, and flags."""
    table = Table(
        "Languages: honest answers",
        ("language", "answers", "seen as English", *(f"{check}: can tell, flags" for check in OURS)),
        note="Up to 500 answers or sentences by people, at most 40 words of each, judged without a question.",
    )
    for lang, known in texts.items():
        cells = []
        for check in OURS:
            found = bench.findings(_rows(lang, known, bad=False), check)
            told = sum(each is not None for each in found)
            flagged = sum(each is not None and each.is_issue for each in found)
            cells.append(f"{told / len(known):.0%}, {share(flagged, len(known))}")
        seen = sum(_as_english(text) for text in known)
        table.add(NAMES[lang], len(known), f"{seen / len(known):.0%}", *cells)
    return table


def planted(bench: Bench, texts: dict[str, list[str]]) -> Table:
    """How much mash Nonsensical finds in each language, on the language's own keyboard where it has one."""
    table = Table(
        "Languages: mash",
        ("language", "keyboard", "mash alone", f"mash for {PLANTED:.0%} of the words"),
        note="Recall of made mash at our own `isIssue`; five letters and more a piece.",
    )
    for lang, known in texts.items():
        rng, keyboard = random.Random(2), KEYBOARD_OF.get(lang, "qwerty")
        pieces = [piece for _ in range(4_000) if len(piece := walk(rng, keyboard)) >= 5]
        alone = [" ".join(rng.sample(pieces, rng.randint(1, 3))) for _ in range(300)]
        within = []
        for text in (text for text in known if len(text.split()) >= 4):
            said = text.split()
            for place in rng.sample(range(len(said)), max(1, round(PLANTED * len(said)))):
                said[place] = rng.choice(pieces)
            within.append(" ".join(said))
        cells = []
        for mashed in (alone, within[:300]):
            found = bench.findings(_rows(lang, mashed, bad=True), CheckName.NONSENSICAL)
            cells.append(share(sum(each is not None and each.is_issue for each in found), len(mashed)))
        table.add(NAMES[lang], keyboard if keyboard in KEYBOARDS else "–", *cells)
    return table


def short(texts: dict[str, list[str]]) -> Table:
    """How short an answer may be and still be seen not to be English."""
    table = Table(
        "Languages: short answers",
        ("language", *(f"{number} word{'s' * (number > 1)}" for number in SHORT)),
        note="Clauses of the same answers, by number of words: share seen as another language than English. For English"
        " itself it is the share of mistakes.",
    )
    for lang, known in texts.items():
        clauses = {clause for text in known for clause in re.split(r"[.,;:!?()।。、,]", text)}
        by_length: dict[int, list[str]] = defaultdict(list)
        for clause in sorted(clauses):
            by_length[len(words(comparable(clause)))].append(clause)
        cells = []
        for number in SHORT:
            own = by_length[number]
            cells.append(f"{sum(not _as_english(each) for each in own) / len(own):.1%}" if len(own) >= 20 else "–")
        table.add(NAMES[lang], *cells)
    return table


def _as_english(text: str) -> bool:
    return detect(clean(text)) in {None, *SUPPORTED}


def _rows(lang: str, texts: list[str], *, bad: bool) -> list[Row]:
    return [Row("languages", str(i), "", text, bad, "", lang, trained=False) for i, text in enumerate(texts)]
