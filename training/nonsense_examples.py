"""Texts to fit Nonsensical on: honest answers and what is made of them, ordered and disordered, mash alone and planted.

Disorder is shuffled answers, words of several answers, words drawn at random, and broken pieces. What resembles it
without being it is made too: typing errors, telegram style, learners' errors, and lists. nonsense.jsonl adds what is
written by hand.
"""

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.make_patterns import MASH_KINDS, records, sentences, walk

from earnest.text.normalize import clean
from earnest.text.words import _english

WRITTEN_BY_HAND = Path(__file__).parent / "data/nonsense.jsonl"
MOST_OF_A_SOURCE = 900
MOST_WORDS, FEWEST_WORDS = 40, 5
LEAST_ZIPF_OF_A_WORD = 3.7
_SMALL = """
    the of and to in is it that for on with as was at by be this are or from an but not which if when so then than into
    about there would could did what who will because a my your very more can while among behind over under
"""
_LEFT_OUT = """
    the a an is are was were be been to of it i we they he she that for in on at my your our their his her this there
    have has had do does did am as and but so
"""
SMALL, LEFT_OUT = _SMALL.split(), frozenset(_LEFT_OUT.split())
PREPOSITIONS = ("in", "on", "at", "for", "to", "of", "with", "by", "from")
LATIN_KEYBOARDS = ("qwerty", "azerty", "qwertz", "dvorak", "colemak")


@dataclass(frozen=True, slots=True)
class Example:
    """A text with the source it is made from, its kind, whether it is nonsense, and whether it may train."""

    source: str
    kind: str
    text: str
    bad: bool
    trained: bool = True


def people(folder: Path) -> dict[str, tuple[list[str], bool]]:
    """The honest English texts of each source, and whether they may train."""
    found: dict[str, set[str]] = defaultdict(set)
    lent: dict[str, bool] = {}
    for record in records(folder):
        source = str(record["source"])
        found[source] |= sentences(record)
        lent[source] = record["use"] == "train"
    return {source: (sorted(texts), lent[source]) for source, texts in sorted(found.items()) if len(texts) >= 30}


def order(folder: Path) -> list[Example]:
    """Texts in order and in disorder, of at least FEWEST_WORDS words; as many of both."""
    rng = random.Random(11)
    texts = people(folder)
    drawn = [word for known, lent in texts.values() if lent for word in " ".join(rng.sample(known, 30)).lower().split()]
    common = sorted(w for w, zipf in _english().items() if zipf >= LEAST_ZIPF_OF_A_WORD and w.isalpha() and len(w) > 2)
    found: list[Example] = []
    for source, (known, lent) in texts.items():
        own = [_cut(rng, text) for text in known if len(text.split()) >= FEWEST_WORDS]
        if len(own) < 20:
            continue
        most = min(len(own), MOST_OF_A_SOURCE if lent else MOST_OF_A_SOURCE // 3)
        found += [Example(source, "honest", _styled(rng, text), False, lent) for text in rng.sample(own, most)]
        for kind, make in NEAR_MISSES.items():
            near = (_styled(rng, make(rng, text)) for text in rng.sample(own, most // 7))
            found += [Example(source, kind, text, False, lent) for text in near]
        short = [text for text in own if len(text.split()) <= 9] or own
        for kind in ("shuffled", "shuffled", "short_shuffled", "mixed", "drawn", "common", "broken"):
            for _ in range(most // 6):
                text = _disordered(rng, kind, short if kind == "short_shuffled" else own, drawn, common)
                found.append(Example(source, kind, _styled(rng, text), True, lent))
    return found + lists(folder, rng) + cut_off(texts)


def cut_off(texts: Mapping[str, tuple[list[str], bool]]) -> list[Example]:
    """Words of an answer, most of them without their ends, in another order."""
    rng, found = random.Random(13), []
    for source, (known, lent) in texts.items():
        own = [text for text in known if FEWEST_WORDS <= len(text.split()) <= MOST_WORDS]
        for text in rng.sample(own, min(len(own), 90)):
            said = rng.sample(text.split(), rng.randint(FEWEST_WORDS, min(12, len(text.split()))))
            cut = [word[: rng.randint(2, 4)] if rng.random() < 0.65 else word for word in said]
            found.append(Example(source, "cut off", " ".join(cut).lower(), True, lent))
    return found


def lists(folder: Path, rng: random.Random) -> list[Example]:
    """Lists without grammar: short answers of several people to the same question, one after another."""
    answers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for record in records(folder):
        answer = str(record.get("answer")).strip(" .,")
        fits = record["use"] == "train" and sentences(record) and record.get("relevant") != 0
        if fits and record.get("question") and 1 <= len(answer.split()) <= 3:
            answers[str(record["source"]), str(record["question"])].add(answer)
    asked = sorted(question for question, given in answers.items() if len(given) >= 4)
    found = []
    for _ in range(2_500):
        question = rng.choice(asked)
        given = rng.sample(sorted(answers[question]), min(len(answers[question]), rng.randint(3, 9)))
        text = rng.choice((", ", ", ", ",", " ", " and ", "; ", " / ")).join(given)
        found.append(Example(question[0], "list", _styled(rng, text), False))
    return [each for each in found if len(each.text.split()) >= FEWEST_WORDS]


def mash(folder: Path) -> list[Example]:
    """Mash alone and between words, against every honest text in Latin letters."""
    rng = random.Random(7)
    found: list[Example] = []
    honest: dict[tuple[str, str], bool] = {}
    for record in records(folder):
        source, answer = str(record["source"]), clean(str(record.get("answer")))
        if record.get("kind") in MASH_KINDS:
            found.append(Example(source, str(record["kind"]), answer, True, record["use"] == "train"))
        elif record.get("is_gibberish") != 1 and record.get("is_llm") != 1 and answer:
            honest[source, answer] = record["use"] == "train"
    found += [Example(source, "honest", text, False, lent) for (source, text), lent in sorted(honest.items())]
    sentences_known = sorted(text for (_, text), lent in honest.items() if lent and 3 <= len(text.split()) <= 25)
    for keyboard in LATIN_KEYBOARDS:
        for _ in range(300):
            alone = " ".join(walk(rng, keyboard) for _ in range(max(1, rng.randint(-3, 4))))
            found.append(Example(f"made on {keyboard}", "made", alone, True))
        for _ in range(200):
            found.append(Example(f"planted on {keyboard}", "planted", _planted(rng, sentences_known, keyboard), True))
    return found


def by_hand() -> list[tuple[Mapping[str, str], Example]]:
    """The examples of nonsense.jsonl, each with its record."""
    found = []
    for line in WRITTEN_BY_HAND.read_text(encoding="utf-8").splitlines()[1:]:
        record = json.loads(line)
        found.append((record, Example("by hand", record["kind"], clean(record["answer"]), record["bad"])))
    return found


def shuffled(rng: random.Random, text: str) -> str:
    """The words of a text in another order, most of them in another place."""
    said = text.split()
    for _ in range(5):
        drawn = rng.sample(said, len(said))
        if sum(old == new for old, new in zip(said, drawn, strict=True)) <= 0.4 * len(said):
            break
    return " ".join(drawn)


def _disordered(
    rng: random.Random, kind: str, texts: Sequence[str], drawn: Sequence[str], common: Sequence[str]
) -> str:
    if kind == "mixed":
        said = [word for _ in range(rng.randint(2, 4)) for word in rng.choice(texts).split()]
        return " ".join(rng.sample(said, min(len(said), rng.randint(5, 20))))
    if kind == "drawn":
        return " ".join(rng.choices(drawn, k=rng.randint(5, 20)))
    if kind == "common":
        return " ".join(rng.choice(rng.choice((SMALL, common, common))) for _ in range(rng.randint(5, 16)))
    if kind == "broken":
        own = rng.choice(texts).lower().split()
        said = [rng.choice((SMALL, SMALL, SMALL, own)) for _ in range(rng.randint(6, 14))]
        pieces = [rng.choice(each) if rng.random() > 0.15 else rng.choice(own)[: rng.randint(2, 4)] for each in said]
        return " ".join(piece + ("." if rng.random() < 0.1 else "") for piece in pieces)
    return shuffled(rng, rng.choice(texts))


def _mistyped(rng: random.Random, text: str) -> str:
    often, said = rng.uniform(0.1, 0.6), []
    for word in text.split():
        at = rng.randrange(max(1, len(word) - 1))
        if len(word) > 2 and rng.random() < often:
            before, here, after = word[:at], word[at : at + 2], word[at + 2 :]
            said.append(before + rng.choice((here[1:], here[::-1], here[0] + here)) + after)
        else:
            said.append(word)
    return " ".join(said)


def _telegram(rng: random.Random, text: str) -> str:
    often, said = rng.uniform(0.4, 0.95), []
    for word in text.split():
        if word.lower().strip(".,") in LEFT_OUT and rng.random() < often:
            continue
        short = len(word) > 5 and rng.random() < 0.12
        said.append(word[: rng.randint(3, 4)] + rng.choice((".", "")) if short else word)
    return " ".join(said)


def _learnt(rng: random.Random, text: str) -> str:
    return " ".join(filter(None, (_mislearnt(rng, word) for word in text.split())))


def _mislearnt(rng: random.Random, word: str) -> str:
    lower, chance = word.lower(), rng.random()
    if lower in {"the", "a", "an"} and chance < 0.5:
        return ""
    if lower in PREPOSITIONS and chance < 0.35:
        return rng.choice(PREPOSITIONS)
    if lower in {"is", "are", "was", "were"} and chance < 0.35:
        return rng.choice(("is", "are", "was", "be"))
    if len(lower) > 4 and chance < 0.35:
        return re.sub(r"(s|ed|ing)$", "", word)
    return word + rng.choice((" the", " very", " much", " too", " more", " of")) if chance > 0.985 else word


NEAR_MISSES: Mapping[str, Callable[[random.Random, str], str]] = {
    "mistyped": _mistyped,
    "telegram": _telegram,
    "learnt": _learnt,
}


def _planted(rng: random.Random, texts: Sequence[str], keyboard: str) -> str:
    said = rng.choice(texts).split()
    for place in rng.sample(range(len(said)), max(1, int(len(said) * rng.uniform(0.2, 0.6)))):
        said[place] = walk(rng, keyboard)
    return " ".join(said)


def _cut(rng: random.Random, text: str) -> str:
    said = text.split()
    start = rng.randrange(max(1, len(said) - MOST_WORDS))
    return " ".join(said[start : start + MOST_WORDS])


def _styled(rng: random.Random, text: str) -> str:
    """The same as it is, without case and punctuation, or in capitals: so that these give nothing away."""
    chance = rng.random()
    if chance < 0.55:
        return text
    return " ".join(re.findall(r"[\w']+", text.lower())) if chance < 0.92 else text.upper()
