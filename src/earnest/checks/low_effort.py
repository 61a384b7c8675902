"""The check for answers that were given without trying: don't-knows, refusals, praise without content, padding."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np
from msgspec import UNSET

from earnest.checks.base import Needs, Subject
from earnest.corpus import QuestionProfile
from earnest.findings import CheckName, Finding, rounded
from earnest.text.features import Features
from earnest.text.language import SUPPORTED
from earnest.text.lexicons import AFFIRMATIVE, GENERIC, PADDING, PRAISE, QUANTITIES, VAGUE, non_answer
from earnest.text.normalize import comparable, words

THRESHOLD = 0.5
"""From this probability on it is an issue: flags at most 1 % of the honest answers of every source
(docs/explanation/accuracy.md, False flags)."""
SHOWN = 0.25
"""Probability from which a finding says what it saw, although it is not an issue yet."""

PROBABILITY = {
    # Of the answers with this pattern, how many are low effort, at a prevalence of one in seven: measured by
    # training/fit_checks.py down to bare_yes. The labels of its sources hardly know the others; these are set so that
    # a pattern is an issue only where it flags at most 1 % of honest answers (accuracy.md, Low Effort, by kind).
    "no_answer": 0.98,
    "no_words": 0.7,
    "dont_know": 0.95,
    "refusal": 0.85,
    "nothing": 0.95,
    "bare_yes": 0.9,
    "praise": 0.7,
    "vague": 0.6,
    "padded": 0.7,
    "empty_words": 0.3,
    "echo": 0.3,
    "too_short": 0.3,
}
CLEAR = 0.02
"""Probability where none of the patterns fits (same measurement)."""
FAIR = 0.45
"""Most that a pattern gets where it is an answer all the same: "No" to "Anything else?", "good" to "How was it?"."""

LONGEST_VAGUE = 12
"""Words from which saying nothing is padding rather than vagueness."""
FEW_WORDS, USUAL_WORDS = 2, 15
"""An answer of so few words is short where the question asks for an explanation, or others use so many (median)."""
STEM = 5
"""Letters that a word and the question's must share to count as the same word ("affect", "affected")."""
LONGEST_SHOWN = 60
"""Characters of an answer that the evidence quotes."""
FEWEST_OTHERS = 8
"""Other people's answers from which their length is a norm."""


class Asks(StrEnum):
    """What kind of answer a question asks for."""

    EXPLANATION = "explanation"
    ANYTHING_ELSE = "anything_else"
    YES_OR_NO = "yes_or_no"
    NAME = "name"
    OPINION = "opinion"
    OPEN = "open"


_ASKS = (
    # The first that fits; in comparable form.
    (Asks.NAME, r"\b(?:one|single|two|three|few) (?:words?|adjectives?)\b|^(?:name|tell me) (?:a|an|one|some|the)\b"),
    (
        Asks.EXPLANATION,
        r"\b(?:why|explain|describe|elaborate|in detail|reasons? for|main reason"
        r"|tell (?:us|me) (?:\w+ )?(?:about|more|why|how)"
        r"|how come|examples?|please (?:comment|share)|what makes|in your own words)\b",
    ),
    (
        Asks.ANYTHING_ELSE,
        r"\b(?:anything else|if any(?:thing)?|any (?:other |further |additional |final )?(?:comments?|feedback|thoughts"
        r"|suggestions?|remarks|questions)|other comments?|is there anything|are there|do you have any)\b",
    ),
    (
        Asks.YES_OR_NO,
        r"^(?:do|does|did|is|are|was|were|am|have|has|had|can|could|will|would|should|may|might)\b"
        r"|^(?!.*\b(?:what|how|which|who|where|when)\b).*\b(?:do|did|are|have) you\b",
    ),
    (
        Asks.NAME,
        r"^(?:name|which|who|whom|whose|where|when|what (?:is your|time|day|year|brand|colou?r|kind|type|job)"
        r"|how (?:many|much"
        r"|often|long|old|far))\b",
    ),
    (
        Asks.OPINION,
        r"\bhow (?:(?:do|did|does|would) (?:you|it|they) (?:feel|rate|find|like)|was|were|is|are)\b"
        r"|\bhow (?:satisfied|likely|well|good|easy)\b"
        r"|\bwhat do you think\b|\boverall\b"
        r"|\bopinion\b|\brate\b",
    ),
)
_COMPILED = tuple((asks, re.compile(pattern)) for asks, pattern in _ASKS)
_EXAMPLES = re.compile(r"\([^)]*\)|\b(?:e\.?g\.?|such as|for example|for instance|including)\b[^?.]*", re.IGNORECASE)


_FAIR = {
    Asks.NAME: {"praise", "vague", "empty_words", "echo", "bare_yes"},
    Asks.ANYTHING_ELSE: {"nothing", "bare_yes", "praise"},
    Asks.YES_OR_NO: {"nothing", "bare_yes", "praise", "vague", "empty_words", "echo"},
    Asks.OPINION: {"praise"},
}


class LowEffort:
    """Answers that were given without trying.

    What it finds:
        Don't-knows, refusals and nones; a bare "yes" or "good" where more was asked for; vague answers ("lots of
        things"); padding, which says in many words what was asked and nothing else; and answers without any word.

    Why it matters:
        Such answers cannot be coded. A few of them are a fact of life, many of them from one person, or from one panel,
        say that the survey was clicked through.

    How it decides:
        By what the question asks for. An answer is a don't-know, a refusal or a none only if every word of it is.
        "No" to a question that can be answered so, or to "Anything else?", is an answer, and so is "Nike" to "Which
        brand?". What is left must name something: an answer made only of words that fit any question, and of the
        question's own, is praise, vague or padded by its length. One or two words where an explanation was asked for,
        or where others write a sentence, are noted and not an issue. Each pattern's score is how often it was low
        effort in labelled surveys, where their labels know the pattern.

    What it gets wrong:
        It reads words, not sense: padding with rarer words passes, and an opinion put in the plainest words ("it
        should be for everyone") can look vague. A don't-know is flagged where it is the honest answer, as in a
        question of knowledge. English only.

    Reasons:
        no_answer, no_words, dont_know, refusal, nothing, bare_yes, praise, vague, padded,
        empty_words, echo, too_short; see `reasons`.

    Example:
        "What do you like most about our app?" – "hard to say, i dont know" → 95, dont_know: "It only says that the
        respondent does not know: 'hard to say, i dont know'."
    """

    name = CheckName.LOW_EFFORT
    needs: frozenset[Needs] = frozenset()
    reasons: Mapping[str, str] = {
        "no_answer": "Nothing was written but punctuation.",
        "no_words": "There are symbols or emoji, but no words.",
        "dont_know": "The whole answer says that the respondent does not know.",
        "refusal": "The whole answer declines to answer.",
        "nothing": "The whole answer says that there is nothing to say.",
        "bare_yes": "A bare yes or maybe to a question that asks for more.",
        "praise": "Praise or blame that does not say for what.",
        "vague": "Only words that fit an answer to almost any question.",
        "padded": "Many words that say nothing beyond the question.",
        "empty_words": "Only words that point at something and name nothing.",
        "echo": "Only the question's own words, and words that fit any question.",
        "too_short": "One or two words where the question asks for an explanation, or where others write a sentence.",
    }

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        """Return a finding for each answer; None where it is blank, or in a language that the lexicons do not cover."""
        return [self._judge(subject) for subject in subjects]

    def _judge(self, subject: Subject) -> Finding | None:
        features = subject.answer.features
        if features.is_blank:
            return None  # a question that was passed over, sent along instead of being left out
        if features.words and features.language is not None and features.language not in SUPPORTED:
            return None
        if features.words and not features.text.isascii() and features.known_share == 0:
            return None  # another script or language, too short for its name
        asks = what_is_asked(subject.question.features.comparable)
        reason = pattern(features, own_words(subject.entry.question, asks))
        probability = PROBABILITY[reason] if reason else CLEAR
        if reason and fair(reason, asks):
            probability = min(probability, FAIR)
        evidence = _evidence(reason, features) if reason else ""
        if not reason and len(features.words) <= FEW_WORDS:
            evidence = _shortness(features, asks, subject.profile)
            if evidence:
                reason, probability = "too_short", PROBABILITY["too_short"]
        shown = probability >= SHOWN
        return Finding(
            type=self.name,
            score=rounded(100 * probability),
            is_issue=probability >= THRESHOLD,
            evidence=evidence if shown else UNSET,
            reason_codes=(reason,) if reason and shown else (),
        )


def what_is_asked(question: str) -> Asks:
    """Return what kind of answer a question (in comparable form) asks for; OPEN where nothing tells."""
    return next((asks for asks, wording in _COMPILED if wording.search(question)), Asks.OPEN)


def pattern(features: Features, own: frozenset[str] = frozenset()) -> str | None:
    """Return the reason code of the pattern that the whole answer follows, or None.

    Args:
        features: The answer.
        own: The question's own words, which tell nothing when they are repeated.
    """
    said = features.words
    if not said:
        return "no_answer" if not features.comparable else "no_words"
    kind = non_answer(said)
    if kind:
        return kind.value
    if AFFIRMATIVE.issuperset(said):
        return "bare_yes"
    if len(said) > LONGEST_VAGUE:
        told = any(word not in GENERIC and word not in PADDING and word[:STEM] not in own for word in said)
        return None if told else "padded"
    if GENERIC.issuperset(said):
        return _empty(said)
    return "echo" if all(word in GENERIC or word[:STEM] in own for word in said) else None


def _empty(said: Sequence[str]) -> str:
    """Which kind of short answer made of generic words it is."""
    praise = PRAISE.intersection(said)
    if VAGUE.isdisjoint(said) and praise and (praise != {"like"} or "i" in said):
        return "praise"
    return "vague" if not VAGUE.isdisjoint(said) or QUANTITIES.issuperset(said) else "empty_words"


def fair(reason: str, asks: Asks) -> bool:
    """Whether an answer of this pattern answers a question of this kind all the same."""
    return reason in _FAIR.get(asks, ())


def own_words(question: str, asks: Asks) -> frozenset[str]:
    """The stems of the words that the question says; none where it offers some to choose from."""
    if asks is Asks.YES_OR_NO or " or " in question:
        return frozenset()
    return frozenset(word[:STEM] for word in words(comparable(_EXAMPLES.sub(" ", question))) if len(word) >= STEM)


def _evidence(reason: str, features: Features) -> str:
    count = len(features.words)
    quoted = f"'{features.text[:LONGEST_SHOWN]}{'…' if len(features.text) > LONGEST_SHOWN else ''}'"
    all_words = f"All {count} words" if count > 1 else "The only word"
    return {
        "no_answer": f"The answer holds no word: {quoted}.",
        "no_words": f"The answer holds symbols but no word: {quoted}.",
        "dont_know": f"It only says that the respondent does not know: {quoted}.",
        "refusal": f"It only says that the respondent does not want to answer: {quoted}.",
        "nothing": f"It only says that there is nothing to say: {quoted}.",
        "bare_yes": f"The question asks for more than a yes or a maybe: {quoted}.",
        "praise": f"It says how good or bad, and not what: {quoted}.",
        "vague": f"{all_words} would fit almost any question: {quoted}.",
        "padded": f"{all_words} would fit almost any question, or only repeat this one: {quoted}.",
        "empty_words": f"{all_words} would fit almost any question: {quoted}.",
        "echo": f"{all_words} only repeat the question or would fit any other: {quoted}.",
    }[reason]


def _shortness(features: Features, asks: Asks, profile: QuestionProfile | None) -> str:
    """Say why so few words are short here, or '' if they are not."""
    count = f"{len(features.words)} word{'s' if len(features.words) > 1 else ''}"
    if profile and len(profile.words) >= FEWEST_OTHERS and np.median(profile.words) >= USUAL_WORDS:
        return f"The answer has {count}; half of the others write {int(np.median(profile.words))} or more."
    return f"The question asks for an explanation, and the answer has {count}." if asks is Asks.EXPLANATION else ""
