"""The check for answers that say nothing in any language: mash, word salad, repetition."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

from msgspec import UNSET

from earnest.checks.base import Needs, Subject
from earnest.checks.logistic import Logistic
from earnest.findings import CheckName, Finding, rounded
from earnest.text.features import Features
from earnest.text.language import SUPPORTED
from earnest.text.normalize import comparable, words
from earnest.text.patterns import mash_odds, neighbours
from earnest.text.words import zipf

THRESHOLD = 0.5
"""From this probability on it is an issue: flags at most 1 % of the honest answers of every source
(docs/explanation/accuracy.md, False flags)."""

ODDS_PER_ZIPF = 2.0
"""Nats by which a word's commonness speaks against mash, per unit of the Zipf scale: word lists hold "asd" too."""
MASH_ODDS = 6.0
"""Nats from which a word is called mash; accuracy.md, Nonsensical, says how many honest words reach it."""
MASH = Logistic(-3.33, {"strongest": 0.251, "share": 2.81, "total": 0.155, "unknown": 0.509})
SALAD = Logistic(-5.78, {"disorder": 2.9})
"""Fitted by training/fit_checks.py, at a prevalence of one answer of each kind in fifty."""

ORDERED = 0.35
"""Mean log-odds of neighbours below which words seem shuffled; sentences lie around 1 (accuracy.md, Nonsensical)."""
FEWEST_NEIGHBOURS = 5
MOST_NEIGHBOURS = 30
"""Neighbours from which their order says anything, and from which more of them add nothing."""

SHOWN = 0.25
"""Probability from which a finding says what it saw, although it is not an issue yet."""
SURELY_MASH = 14.0
"""Nats from which a word is mash even if two people typed it; no honest word in accuracy.md reaches it."""
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

_LINKS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letters:
    """What the letters of an answer say.

    Attributes:
        mash: The words that are called mash, the worst first.
        signals: What MASH weighs. strongest: nats of the worst word, −10 to 30. share: of the words' characters, those
            in mash. total: nats of all words, −20 to 20. unknown: of the words' characters, those in unknown words.
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
        follow one another in keyboard mash than in words of thirteen languages; common words speak against it, and so
        does a word that the survey mentions or somebody else used. Order: how rarely neighbouring words stand
        together in sentences (English only, from 5 pairs of neighbours on). Repetition: which share of the characters
        only repeats, and how few words differ. Web addresses are skipped.

    What it gets wrong:
        Mash of three or four letters ("gerg", "tyh") looks like an abbreviation and passes. Unusual names of software
        in a survey that does not mention them come close to mash. Mash on Cyrillic, Greek and other keyboards is
        found only where it repeats; for other languages than English it cannot tell unless there is mash. Shuffled
        words of a short answer, and of lists, are found about every second time.

    Reasons:
        mash, word_salad, repetition; see `reasons`.

    Example:
        "cancelled the fghdfg becuase hjklhjk price" → 87, mash: "2 of 6 words are keyboard mash ('hjklhjk',
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
        if letters and letters.mash:
            letters = read_letters(features.text, _usual(subject, others))
        english = features.language is None or features.language in SUPPORTED
        found = [_repetition(features)]
        if letters:
            found.append(_mash(letters, len(features.words)))
        if english:
            found.append(_salad(features))
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

    None without any word in Latin letters.
    """
    said = words(comparable(_LINKS.sub(" ", text)))
    odds = {word: mash_odds(word.strip(DIGITS)) - ODDS_PER_ZIPF * zipf(word) for word in said if word.strip(DIGITS)}
    if not any(odds.values()):
        return None
    odds |= {word: 0.0 for word in odds if word in usual}
    mash = {word for word in odds if odds[word] > MASH_ODDS}
    characters = sum(map(len, said))
    unknown = sum(len(word) for word in said if word in odds and word not in usual and not zipf(word))
    return Letters(
        tuple(sorted(mash, key=lambda word: (-odds[word], word))),
        {
            "strongest": min(30.0, max(-10.0, *odds.values())),
            "share": sum(len(word) for word in said if word in mash) / characters,
            "total": min(20.0, max(-20.0, sum(odds.get(word, 0.0) for word in said))),
            "unknown": unknown / characters,
        },
    )


def disorder(text: str) -> float:
    """Return how far the order of words lies below that of sentences, heavier for more words; 0 where it does not."""
    pairs = neighbours(_LINKS.sub(" ", text))
    odds = [each for _, _, each in pairs]
    if sum(bool(first and second) for first, second, _ in pairs) < FEWEST_NEIGHBOURS:
        return 0.0
    return max(0.0, ORDERED - fmean(odds)) * sqrt(min(len(odds), MOST_NEIGHBOURS))


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
        usual |= {
            each
            for each in subject.answer.features.words
            if counts[each] > own and mash_odds(each.strip(DIGITS)) < SURELY_MASH
        }
    return usual


def _mash(letters: Letters, count: int) -> tuple[float, str, str]:
    shown = ", ".join(f"'{word[:LONGEST_SHOWN]}'" for word in letters.mash[:3])
    much = f"{len(letters.mash)} of {count} words are" if count > 1 else "the answer is"
    return (
        MASH.probability(letters.signals),
        "mash",
        f"{much[0].upper()}{much[1:]} keyboard mash ({shown}): the letters do not follow one another as in words."
        if shown
        else "The letters of the answer's unknown words hardly follow one another as in words.",
    )


def _salad(features: Features) -> tuple[float, str, str]:
    amount = disorder(features.text)
    if not amount:
        return 0.0, "word_salad", ""
    pairs = sorted((each for each in neighbours(features.text) if each[0] and each[1]), key=lambda pair: pair[2])
    rare = sum(odds < 0 for _, _, odds in pairs)
    shown = ", ".join(f"'{first} {second}'" for first, second, _ in pairs[:3])
    return (
        SALAD.probability({"disorder": amount}),
        "word_salad",
        f"{rare} of {len(pairs)} pairs of neighbours hardly ever stand together in a sentence (such as {shown}).",
    )


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
