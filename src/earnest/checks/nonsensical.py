"""The check for answers that say nothing in any language: mash, word salad, repetition."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt
from statistics import fmean

from msgspec import UNSET

from earnest.checks.base import Needs, Subject
from earnest.checks.logistic import Logistic
from earnest.findings import CheckName, Finding, rounded
from earnest.text.features import Features
from earnest.text.language import SUPPORTED, best_in_english
from earnest.text.normalize import comparable, words
from earnest.text.patterns import in_a_row, mash_odds, neighbours
from earnest.text.words import elsewhere, zipf

THRESHOLD = 0.5
"""From this probability on it is an issue: flags at most 1 % of the honest answers of every source
(docs/explanation/accuracy.md, False flags)."""

ODDS_PER_ZIPF = 2.0
"""Nats by which a word's commonness speaks against mash, per unit of the Zipf scale: word lists hold "sdf" too."""
HELD_DOWN = 8.0
"""Nats of a word that is one letter, three times or more ("hhh"); set, so that it is an issue where nothing else is
said."""
FEWEST_HELD_DOWN = 3
SOUNDS = frozenset("mzxwoi")
"""Not these: "mmm", "zzz", "xxx", "www", "ooo" and "iii" say something."""
MASH_ODDS = 6.0
"""Nats from which a word is called mash; accuracy.md, Nonsensical, says how many honest words reach it."""
MASH = Logistic(
    1.13, {"strongest": 0.26, "share": 1.06, "total": 0.166, "unknown": -0.339, "distinct": -1.84, "upper": -4.49}
)
SALAD = Logistic(
    -1.42,
    {"states": 1, "order": -1.71, "weighed": -0.885, "rare": 0.237, "few": 0.541, "many": -0.749, "commas": 9.63},
)
"""Fitted by training/fit_nonsensical.py, at a prevalence of one nonsensical answer in seven."""

FEWEST_ORDERED = 5
"""Words from which their order says anything."""
MOST_NEIGHBOURS = 30
"""Pairs of neighbours from which more of them weigh no more."""
ACRONYM = 5
"""Letters of the longest word that, in capitals, is read as an abbreviation."""

NAMED = 2.5
"""Log-odds taken off mash where the question asks for names: of the 3,105 answers of rsurvey_en18 .1 % are flagged so,
.7 % without (nobody else's answers known)."""
QUESTION_READ = 300
"""Characters of a question among which it is seen what it asks for."""
_NAMES = re.compile(
    r"\b(?:which|what|who|name|list)\b.*\b(?:packages?|librar(?:y|ies)|tools?|software|apps?|brands?|products?|models?"
    r"|medic(?:in|ation)es?|medications?|drugs?|names?|titles?|roles?|standards?|artist|author|player|city|town|live)\b"
)

SHOWN = 0.25
"""Probability from which a finding says what it saw, although it is not an issue yet."""
SURELY_MASH = 17.5
"""Nats from which a word is mash even if two people typed it; no honest word that two people wrote reaches it
(accuracy.md; "xlsx" has 14)."""
USUAL = -5.0
"""Nats of a word that the survey mentions or that others wrote: those of an ordinary one."""
LONGEST_SHOWN = 24
"""Characters of a word that the evidence quotes."""

REPEATED, FEWEST_REPEATED = 0.5, 8
"""Share of the characters that only repeat, and characters in all, from which an answer is nothing but repetition."""
MONOTONOUS, FEWEST_MONOTONOUS = 3, 6
"""Different words up to which, and words from which, an answer is nothing but repetition. Of 20,000 honest answers in
docs/explanation/accuracy.md, Nonsensical, none reaches either pair of bounds."""
REPETITION = 0.95
LITTLE_REPETITION = 0.3
"""Probabilities for repetition, and for one that is shorter than the bounds ("hohoho", "no no no")."""

DIGITS = "0123456789"
"""Not read at either end of a word: names carry numbers ("lme4", "XG300")."""
COUNTED = "01234567890"
FEWEST_DIGITS = 6
"""Digits of the shortest number that is taken for mash where it counts up or down or repeats itself ("123123")."""
DIGIT_MASH = 0.8
"""Its probability; as numbers are rare in open ends it is set, not fitted. No honest answer of accuracy.md is one."""

_LINKS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letters:
    """What the letters of an answer say.

    Attributes:
        mash: The words that are called mash, the worst first.
        signals: What MASH weighs. strongest: nats of the worst word, −10 to 30. share: of the words' characters, those
            in mash. total: nats of all words, −20 to 20. unknown: of the words' characters, those in unknown words.
            distinct: different letters of the worst word, of all its letters. upper: 1 if it is a short one in
            capitals.
    """

    mash: tuple[str, ...]
    signals: dict[str, float]


class Nonsensical:
    """Answers that say nothing in any language.

    What it finds:
        Keyboard mash, alone or between words ("the talk by wqerwqer was vbnmvbnm"), words in random order, and letters,
        syllables or words repeated over and over.

    Why it matters:
        Such an answer holds no information, and whoever gives one rarely read the question. It is the cheapest way
        through a required open end.

    How it decides:
        Three measures, of which the worst counts. Letters: how much more often the letters of each unknown word
        follow one another in mash on keyboards of fourteen layouts than in words of 36 languages; common words speak
        against it, and so does a word that the survey mentions or somebody else used. Order: how much the words, as
        the encoder reads them one after another, and their pairs look like shuffled sentences (English only, from 5
        words on). Repetition: which share of the characters only repeats, and how few words differ. Web addresses
        are skipped.

    What it gets wrong:
        Mash of three or four letters ("gerg", "tyh") looks like an abbreviation and mostly passes. Unusual names of
        software in a survey that does not mention them come close to mash. For other languages than English it
        cannot tell unless there is mash, in Latin, Greek, Cyrillic, Hebrew or Arabic letters, or repetition. Of
        shuffled answers of 5 to 8 words every third passes; long lists without commas and notes in telegram style
        come close.

    Reasons:
        mash, word_salad, repetition; see `reasons`.

    Example:
        "cancelled the fghdfg becuase hjklhjk price" → 98, mash: "2 of 6 words are keyboard mash ('hjklhjk',
        'fghdfg'): the letters do not follow one another as in words."
    """

    name = CheckName.NONSENSICAL
    needs: frozenset[Needs] = frozenset()
    reasons: Mapping[str, str] = {
        "mash": "Letters follow one another as on a keyboard, not as in words.",
        "word_salad": "The words are real, but stand in an order in which they hardly ever stand in sentences.",
        "repetition": "The answer repeats the same letters, syllables or words over and over.",
    }

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        """Return a finding for each answer that can be read, else None: no words, or an unsupported language."""
        others: dict[int, Counter[str]] = {}
        return [self._judge(subject, others) for subject in subjects]

    def _judge(self, subject: Subject, others: dict[int, Counter[str]]) -> Finding | None:
        features = subject.answer.features
        if not features.words:
            return None
        letters = read_letters(features.text)
        if letters and MASH.probability(letters.signals) >= SHOWN:
            letters = read_letters(features.text, _usual(subject, others))
        english = features.language is None or features.language in SUPPORTED
        found = [_repetition(features), _numbers(features)]
        if letters:
            names = bool(_NAMES.search(subject.question.features.comparable[:QUESTION_READ]))
            found.append(_mash(letters, len(features.words), names=names))
        if english:
            found.append(_salad(features, subject.answer.disorder))
        probability, reason, evidence = max(found)
        if probability < THRESHOLD and not (english and letters):
            return None
        shown = probability >= SHOWN
        return Finding(
            type=self.name,
            score=rounded(100 * probability),
            is_issue=probability >= THRESHOLD,
            evidence=evidence if shown else UNSET,
            reason_codes=(reason,) if shown else (),
        )


def read_letters(text: str, usual: Collection[str] = ()) -> Letters | None:
    """Look at the letters of each word that is not among the usual ones.

    None without any word in letters that `text.patterns` knows.
    """
    said = words(comparable(_LINKS.sub(" ", text)))
    known = {word: 0.0 if in_a_row(word) else _known(word) for word in said if word.strip(DIGITS)}
    odds = {
        word: HELD_DOWN if _held_down(word) else mash_odds(word.strip(DIGITS)) - ODDS_PER_ZIPF * each
        for word, each in known.items()
    }
    if not any(odds.values()):
        return None
    odds |= {word: USUAL for word in odds if word in usual}
    mash = {word for word in odds if odds[word] > MASH_ODDS}
    characters = sum(map(len, said))
    unknown = sum(len(word) for word in said if word in odds and word not in usual and not known[word])
    worst = max(odds, key=lambda word: (odds[word], word))
    return Letters(
        tuple(sorted(mash, key=lambda word: (-odds[word], word))),
        {
            "strongest": min(30.0, max(-10.0, odds[worst])),
            "share": sum(len(word) for word in said if word in mash) / characters,
            "total": min(20.0, max(-20.0, sum(odds.get(word, 0.0) for word in said))),
            "unknown": unknown / characters,
            "distinct": len(set(worst)) / len(worst),
            "upper": float(len(worst) <= ACRONYM and worst.upper() in text),
        },
    )


def _held_down(word: str) -> bool:
    return len(word) >= FEWEST_HELD_DOWN and len(set(word)) == 1 and word[0] not in SOUNDS


def order_signals(text: str, disorder: float) -> dict[str, float]:
    """Return what SALAD weighs.

    states: the encoder's reading. order: mean log-odds of neighbouring words, about 1 in sentences and 0 in shuffled
    ones. weighed: the same, times the root of their number. rare: share of pairs that are rarer than by chance. few and
    many: the number of pairs, as one over its root and as its logarithm. commas: per pair.
    """
    odds = [each for _, _, each in neighbours(_LINKS.sub(" ", text))] or [0.0]
    mean = fmean(odds)
    return {
        "states": disorder,
        "order": mean,
        "weighed": mean * sqrt(min(len(odds), MOST_NEIGHBOURS)),
        "rare": sum(each < 0 for each in odds) / len(odds),
        "few": 1 / sqrt(len(odds)),
        "many": log(len(odds)),
        "commas": text.count(",") / len(odds),
    }


@lru_cache(maxsize=20_000)
def _known(word: str) -> float:
    """How common a word is in English, or else where it is most common."""
    return zipf(word) or max((common for _, common in elsewhere(word)), default=0.0)


def _usual(subject: Subject, others: dict[int, Counter[str]]) -> set[str]:
    """Words that the survey mentions, or that somebody else wrote in answer to the same question."""
    entry, survey, profile = subject.entry, subject.survey, subject.profile
    context = entry.question_context if isinstance(entry.question_context, str) else ""
    usual = {*subject.question.features.words, *words(comparable(f"{context} {survey.name} {survey.description}"))}
    if profile:
        if id(profile) not in others:
            others[id(profile)] = Counter(word for text in profile.texts for word in set(words(text)))
        own = subject.answer.features.comparable in profile.texts
        counts = others[id(profile)]
        usual |= {each for each in subject.answer.features.words if counts[each] > own and not _surely_mash(each)}
    return usual


def _surely_mash(word: str) -> bool:
    return mash_odds(word.strip(DIGITS)) >= SURELY_MASH or (len(word) > FEWEST_HELD_DOWN and in_a_row(word))


def _mash(letters: Letters, count: int, *, names: bool) -> tuple[float, str, str]:
    model = Logistic(MASH.bias - NAMED, MASH.weights) if names else MASH
    shown = ", ".join(f"'{word[:LONGEST_SHOWN]}'" for word in letters.mash[:3])
    much = f"{len(letters.mash)} of {count} words are" if count > 1 else "the answer is"
    return (
        model.probability(letters.signals),
        "mash",
        f"{much[0].upper()}{much[1:]} keyboard mash ({shown}): the letters do not follow one another as in words."
        if shown
        else "The letters of the answer's unknown words hardly follow one another as in words.",
    )


def _salad(features: Features, disorder: float) -> tuple[float, str, str]:
    if len(features.words) < FEWEST_ORDERED:
        return 0.0, "word_salad", ""
    probability = SALAD.probability(order_signals(features.text, disorder))
    if probability < SHOWN:
        return probability, "word_salad", ""
    if not best_in_english(features.words[:MOST_NEIGHBOURS]):
        return 0.0, "word_salad", ""
    pairs = sorted((each for each in neighbours(features.text) if each[0] and each[1]), key=lambda pair: pair[2])
    shown = ", ".join(f"'{first} {second}'" for first, second, _ in pairs[:3])
    return (
        probability,
        "word_salad",
        f"The {len(features.words)} words hardly stand in the order of a sentence (such as {shown}).",
    )


def _numbers(features: Features) -> tuple[float, str, str]:
    text = features.comparable.replace(" ", "")
    counts = text in COUNTED or text in COUNTED[::-1]
    if len(text) < FEWEST_DIGITS or not text.isdecimal() or not (counts or text in (text + text)[1:-1]):
        return 0.0, "mash", ""
    how = "counts along the keyboard" if counts else "repeats itself"
    return DIGIT_MASH, "mash", f"The answer is a number that {how}: '{text[:LONGEST_SHOWN]}'."


def _repetition(features: Features) -> tuple[float, str, str]:
    said = features.words
    few = len(said) >= FEWEST_MONOTONOUS and len(set(said)) <= MONOTONOUS
    repeated = features.repeated_share >= REPEATED
    if not few and not repeated:
        return 0.0, "repetition", ""
    enough = few or sum(map(len, said)) >= FEWEST_REPEATED
    return (
        REPETITION if enough else LITTLE_REPETITION,
        "repetition",
        f"{round(100 * features.repeated_share)} % of the characters only repeat what stands before them"
        f" (different words: {len(set(said))} of {len(said)}).",
    )
