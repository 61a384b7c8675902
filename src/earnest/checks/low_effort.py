"""The check for answers that were given without trying: don't-knows, refusals, praise without content, padding."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from math import exp

import numpy as np
from msgspec import UNSET

from earnest.checks.base import Needs, Subject
from earnest.corpus import QuestionProfile
from earnest.findings import CheckName, Finding, rounded
from earnest.text.features import Features
from earnest.text.language import SUPPORTED
from earnest.text.lexicons import (
    AFFIRMATIVE,
    AS_IT_IS,
    GENERIC,
    OTHER_LANGUAGES,
    PRAISE,
    QUANTITIES,
    STEM,
    VAGUE,
    non_answer,
)
from earnest.text.normalize import comparable, words
from earnest.text.substance import LONGEST_VAGUE, Model, fits_anywhere, shipped, signals, tells

THRESHOLD = 0.5
"""From this probability on it is an issue: flags at most 1 % of the honest answers of every source
(docs/explanation/accuracy.md, False flags)."""
SHOWN = 0.25
"""Probability from which a finding says what it saw, although it is not an issue yet."""

PROBABILITY = {
    # Of the answers with this pattern, how many are low effort at a prevalence of one in seven; as measured by
    # training/fit_low_effort.py, down to praise. "vague" lies between its .46 (13 answers) and the .8 of nhs_fft (61,
    # which must not train). The last four are set so that none is an issue: at most .15 of such answers are.
    "no_answer": 0.99,
    "no_words": 0.73,
    "dont_know": 0.96,
    "refusal": 0.84,
    "nothing": 0.98,
    "bare_yes": 0.8,
    "praise": 0.76,
    "vague": 0.6,
    "empty_words": 0.3,
    "echo": 0.3,
    "as_it_is": 0.3,
    "too_short": 0.3,
}
CERTAIN = frozenset({"no_answer", "no_words", "dont_know", "refusal", "nothing", "bare_yes", "as_it_is"})
"""Patterns that the words settle; of all other answers, `text.substance` weighs how little they say."""
CLEAR = 0.02
"""Probability where none of the patterns fits (same measurement)."""
FAIR = 0.45
"""Most that a pattern gets where it is an answer all the same: "No" to "Anything else?", "good" to "How was it?". By
decision, not by measurement: labels that go by words call nine in ten of them low effort, and nobody should lose their
pay for the answer that the question offers."""

FEW_WORDS, USUAL_WORDS = 2, 15
"""An answer of so few words is short where the question asks for an explanation, or others use so many (median)."""
LONGEST_POINTING = 6
"""Words up to which a vague one among empty ones settles it: longer, people put
opinions so ("there are too many ways to do it"), and the model decides."""
LONGEST_SHOWN = 60
"""Characters of an answer that the evidence quotes."""
FEW_TOLD = 5
"""Words that the evidence names one by one."""
MOST_QUESTIONS_KEPT = 1_000
"""Question wordings whose reading is remembered; the same few are asked of everybody."""
FEWEST_OTHERS = 8
"""Other people's answers from which their length is a norm."""


class Asks(StrEnum):
    """What kind of answer a question asks for."""

    EXPLANATION = "explanation"
    ANYTHING_ELSE = "anything_else"
    YES_OR_NO = "yes_or_no"
    NAME = "name"
    QUANTITY = "quantity"
    OPINION = "opinion"
    OPEN = "open"


_ASKS = (
    # The first that fits; in comparable form.
    (Asks.ANYTHING_ELSE, r"^if (?!.*\b(?:could|were|had|would|why)\b)"),  # "If you have applied, …"
    (
        Asks.NAME,
        r"\b(?:one|single|two|three|few) (?:words?|adjectives?)\b|^(?:name|tell me) (?:a|an|one|some|the)\b"
        r"|\bplease specify$|\bother please\b|^you (?:chose|picked|selected) other (?!.*\bwhy\b)",
    ),
    (
        Asks.EXPLANATION,
        r"\b(?:why|explain|describe|elaborate|in detail|reasons? for|main reason"
        r"|tell (?:us|me) (?:\w+ )?(?:about|more|why|how)"
        r"|how come|examples?|please (?:comment|share)|what makes|in your own words)\b",
    ),
    (
        Asks.ANYTHING_ELSE,
        r"\b(?:anything else|if any(?:thing)?|any (?:other |further |additional |final )?(?:comments?|feedback|thoughts"
        r"|suggestions?|remarks|questions)|other comments?|is there anything|are there|do you have (?:any|comments)"
        r"|(?:problems?|issues?|difficulties|side effects|symptoms)"
        r" (?:did|have) you (?:have|had|experienced?|encountere?d?))\b",
    ),
    (
        Asks.YES_OR_NO,
        r"^(?:do|does|did|is|are|was|were|am|have|has|had|can|could|will|would|should|may|might|any)\b"
        r"|^(?!.*\b(?:what|how|which|who|where|when)\b).*\b(?:do|did|are|have) you\b",
    ),
    (Asks.QUANTITY, r"^how (?:many|much|often|long|old|far)\b|^who\b|^what other\b"),
    (
        Asks.NAME,
        r"^(?:name|which|who|whom|whose|where|when|what (?:is your|time|day|year|brand|colou?r|kind|type|job))\b",
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
_CHOICE = re.compile(
    r"\b(?:or|should)\b|(?:^|[.?!,]\s*)(?:do|does|did|is|are|was|were|have|has|had|can|could|will|would)\b",
    re.IGNORECASE,
)
_EXAMPLES = re.compile(r"\([^)]*\)|\b(?:e\.?g\.?|such as|for example|for instance|including)\b[^?.]*", re.IGNORECASE)


_FAIR = {
    Asks.NAME: {"praise", "vague", "empty_words", "echo", "bare_yes"},
    Asks.QUANTITY: {"nothing", "praise", "vague", "empty_words", "echo"},
    Asks.ANYTHING_ELSE: {"nothing", "refusal", "bare_yes", "praise", "vague"},
    Asks.YES_OR_NO: {"nothing", "dont_know", "bare_yes", "praise", "vague", "empty_words", "echo"},
    Asks.OPINION: {"praise", "vague"},
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
        By what the question asks for. An answer is a don't-know, a refusal or a none only if every word of it is, slips
        of the keyboard included; in eight other languages, if it is one of their usual ones from end to end. "No" to a
        question that can be answered so, or to "Anything else?", is an answer, and so is "Nike" to "Which brand?". An
        answer with two words that are neither common nor the question's own tells something. Of the others, a model
        weighs how common, how few and how general the words are, and how close the whole is, in meaning, to answers
        that say nothing. One or two words where an explanation was asked for, or where others write a sentence, are
        noted and not an issue, and so is an answer in the question's own words. A pattern's score is how often it was
        low effort in labelled surveys, the model's is calibrated on answers from surveys that it did not know.

    What it gets wrong:
        Padding with rarer words passes, and so does about every third padded answer of the kind that it knows; an
        opinion put in the plainest words ("that it will take over") can look vague. A don't-know is flagged where it
        is the honest answer, as in a question of knowledge, and a "nothing" where all is well ("What could we do
        better?"). But for usual non-answers, English only.

    Reasons:
        no_answer, no_words, dont_know, refusal, nothing, bare_yes, praise, vague, padded,
        empty_words, echo, as_it_is, too_short; see `reasons`.

    Example:
        "What do you like most about our app?" – "hard to say, i dont know" → 96, dont_know: "It only says that the
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
        "vague": "Words that fit an answer to almost any question.",
        "padded": "Many words that say next to nothing beyond the question.",
        "as_it_is": "It says that all is well as it is; noted, not an issue.",
        "empty_words": "Only words that point at something and name nothing.",
        "echo": "Only the question's own words, and words that fit any question.",
        "too_short": "One or two words where the question asks for an explanation, or where others write a sentence.",
    }

    def __init__(self, model: Model | None = None) -> None:
        """Weigh substance by this model, or by the one that ships."""
        self._model = model

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        """Return a finding for each answer; None where it is blank, or in a language that the lists do not cover."""
        return [self._judge(subject) for subject in subjects]

    def _judge(self, subject: Subject) -> Finding | None:
        features = subject.answer.features
        if features.is_blank:
            return None  # a question that was passed over, sent along instead of being left out
        if features.words and unreadable(features) and features.comparable not in OTHER_LANGUAGES:
            return None
        asks, own, asked = _read(subject.entry.question)
        reason = pattern(features, own, asked)
        probability = PROBABILITY[reason] if reason else CLEAR
        evidence = _evidence(reason, features) if reason else ""
        if reason not in CERTAIN and not tells(features, own):
            found = signals(features, own, reason)
            empty = 1 / (1 + exp(-(self._model or shipped()).log_odds(found, subject.answer.vector)))
            if empty > probability:
                probability = empty
                if reason not in {"praise", "vague"}:
                    reason = "padded" if len(features.words) > LONGEST_VAGUE else "vague"
                    evidence = _emptiness(features, own)
        if reason and fair(reason, asks):
            probability = min(probability, FAIR)
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


@lru_cache(maxsize=MOST_QUESTIONS_KEPT)
def _read(question: str) -> tuple[Asks, frozenset[str], frozenset[str]]:
    """What a question asks for, its own words' stems (`own_words`) and all of them."""
    said = comparable(question)
    asks = what_is_asked(said)
    return asks, own_words(question, asks), frozenset(word[:STEM] for word in words(said))


def unreadable(features: Features) -> bool:
    """Whether a text is in another language, or in another script and too short for its name."""
    if features.language is not None and features.language not in SUPPORTED:
        return True
    return not features.text.isascii() and features.known_share == 0


def what_is_asked(question: str) -> Asks:
    """Return what kind of answer a question (in comparable form) asks for; OPEN where nothing tells."""
    return next((asks for asks, wording in _COMPILED if wording.search(question)), Asks.OPEN)


def pattern(features: Features, own: frozenset[str] = frozenset(), asked: frozenset[str] = frozenset()) -> str | None:
    """Return the reason code of the pattern that the whole answer follows, or None.

    Args:
        features: The answer.
        own: The question's own words, which tell nothing when they are repeated.
        asked: Stems of all of its words, which tell nothing beside a don't-know.
    """
    said = features.words
    if not said:
        return "no_answer" if not features.comparable else "no_words"
    kind = non_answer(said, asked)
    if kind:
        return kind.value
    if AFFIRMATIVE.issuperset(said):
        return "bare_yes"
    if len(said) > LONGEST_VAGUE:
        return None
    if GENERIC.issuperset(said):
        return _empty(said)
    return "echo" if all(word in GENERIC or word[:STEM] in own for word in said) else None


def _empty(said: Sequence[str]) -> str:
    """Which kind of short answer made of generic words it is."""
    praise = PRAISE.intersection(said)
    if praise and len(said) > FEW_WORDS and not AS_IT_IS.isdisjoint(said):
        return "as_it_is"
    if VAGUE.isdisjoint(said) and praise and (praise != {"like"} or "i" in said):
        return "praise"
    vague = len(said) <= LONGEST_POINTING and not VAGUE.isdisjoint(said)
    return "vague" if vague or QUANTITIES.issuperset(said) else "empty_words"


def fair(reason: str, asks: Asks) -> bool:
    """Whether an answer of this pattern answers a question of this kind all the same."""
    return reason in _FAIR.get(asks, ())


def own_words(question: str, asks: Asks) -> frozenset[str]:
    """The stems of the question's words; none where an answer has to repeat some: to choose, to agree, to advise."""
    if asks is Asks.YES_OR_NO or _CHOICE.search(question):
        return frozenset()
    return frozenset(word[:STEM] for word in words(comparable(_EXAMPLES.sub(" ", question))))


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
        "as_it_is": f"It only says that all is well as it is: {quoted}.",
        "empty_words": f"{all_words} would fit almost any question: {quoted}.",
        "echo": f"{all_words} only repeat the question or would fit any other: {quoted}.",
    }[reason]


def _emptiness(features: Features, own: frozenset[str]) -> str:
    """Say what the model for vague and padded answers saw."""
    telling = [word for word in dict.fromkeys(features.words) if not fits_anywhere(word, own)]
    count = len(features.words)
    rest = f"the others are {', '.join(telling[:FEW_TOLD])}" if len(telling) <= FEW_TOLD else "the others are common"
    fitting = sum(fits_anywhere(word, own) for word in features.words)
    return f"{fitting} of its {count} words would fit almost any question or are this one's" + (
        f"; {rest}." if telling else "."
    )


def _shortness(features: Features, asks: Asks, profile: QuestionProfile | None) -> str:
    """Say why so few words are short here, or '' if they are not."""
    count = f"{len(features.words)} word{'s' if len(features.words) > 1 else ''}"
    if profile and len(profile.words) >= FEWEST_OTHERS and np.median(profile.words) >= USUAL_WORDS:
        return f"The answer has {count}; half of the others write {int(np.median(profile.words))} or more."
    return f"The question asks for an explanation, and the answer has {count}." if asks is Asks.EXPLANATION else ""
