"""The check for answers to something that was not asked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray
from rapidfuzz import fuzz

from earnest.checks.base import Needs, Subject
from earnest.checks.logistic import Logistic
from earnest.corpus import QuestionProfile
from earnest.findings import CheckName, Finding, rounded
from earnest.similarity import fingerprint
from earnest.text.chatbot import give_away
from earnest.text.features import Features
from earnest.text.language import SUPPORTED
from earnest.text.lexicons import ADVERTISING, CHAT_REMARKS, EMPTY, GENERIC, non_answer

ALONE = Logistic(-2.17, {"asked": -9.81, "length": 0.0322, "asked_by_length": 0.361, "known": 2.34})
AMONG_OTHERS = Logistic(-2.64, {"others": -12.9, "usual": 9.01, "length": 0.573, "elsewhere": 3.49})
"""Fitted by training/fit_checks.py on the sources named there, at a prevalence of one bad answer in seven. Alone:
likeness to the question. Among others: likeness to what they answer, against their likeness to one another."""
ALONE_THRESHOLD, AMONG_THRESHOLD = 0.6, 0.65
"""Probabilities from which it is an issue: about 1 % of the honest answers, or fewer, in every source with reliable
question wordings (docs/explanation/accuracy.md, Irrelevant)."""
SHOWN = 0.4
"""Probability from which a finding says what it saw, although it is not an issue yet."""

FEWEST_OTHERS = 8
"""Others' answers below which they say too little of what is usual."""
CLOSEST = 5
"""Others compared with: the closest few, so that up to a fifth of bad ones among 64 cannot set the tone."""
FEWEST_KNOWN = 0.5
"""Share of known words below which the encoder reads names, mash or another language, of which it cannot tell."""
MOST_ASKED = 0.1
"""Likeness to the question that nine in ten honest answers exceed (accuracy.md, Irrelevant)."""
ELSEWHERE = 0.2
"""By how much an answer must be closer to another question than to its own for the evidence to say so."""

COPY_RATIO = 90.0
"""Likeness of letters (rapidfuzz ratio, 0–100) from which an answer is a copy of its question."""
COPIED, COPIED_QUESTION, FEWEST_COPIED = 0.99, 0.6, 3
"""Shares of the answer's telling words that the question has, and of the question's that the answer has, and the number
of them, from which an answer only says its question over again."""
COPY, RESTATEMENT = 0.95, 0.8
ADVERTISING_PROBABILITY, CHAT_PROBABILITY = 0.9, 0.95
"""Probabilities of these patterns; none of the honest answers in accuracy.md has one."""

_CHOICE = re.compile(r"^(?:do|does|did|is|are|was|were|have|has|had|can|could|will|would|should)\b|\bor\b")


@dataclass(frozen=True, slots=True, eq=False)
class Others:
    """What is usual among the answers to one question.

    Attributes:
        fingerprints: uint64, shape (k,): an answer is never compared with itself.
        vectors: float32, shape (k, dimensions).
        usual: Median over the answers of their mean likeness to the CLOSEST other ones.
    """

    fingerprints: NDArray[np.uint64]
    vectors: NDArray[np.float32]
    usual: float

    @classmethod
    def of(cls, profile: QuestionProfile) -> "Others":
        """Compare the answers of a profile with one another, once."""
        vectors = profile.vectors.astype(np.float32)
        likeness = vectors @ vectors.T
        np.fill_diagonal(likeness, -1)
        closest = np.sort(likeness, axis=1)[:, -CLOSEST:]
        return cls(profile.fingerprints, vectors, float(np.median(closest.mean(axis=1))))

    def likeness(self, comparable: str, vector: NDArray[np.float32]) -> float | None:
        """Return an answer's mean likeness to the CLOSEST others, None if there are fewer than FEWEST_OTHERS."""
        others = self.vectors[self.fingerprints != np.uint64(fingerprint(comparable))] @ vector
        return float(np.sort(others)[-CLOSEST:].mean()) if len(others) >= FEWEST_OTHERS else None


class Irrelevant:
    """Answers to something that was not asked.

    What it finds:
        Answers about another subject, answers to another question of the survey, copies and restatements of the
        question, advertising, and what a chat program says about itself ("Regenerate response").

    Why it matters:
        The respondent did not read the question, or a machine pasted what it had. Coded by keyword, such answers turn
        up in the results as opinions that nobody has.

    How it decides:
        A sentence encoder tells how alike two texts are in meaning. Where at least 8 other answers are known, an
        answer is compared with the five most alike of them, and that with how alike the others are among themselves;
        being closer to another question of the survey than to its own adds to it. Where not, only its likeness to the
        question counts, which is weaker evidence, so that far fewer are found. Copies and restatements of the
        question, which look most alike of all, are told by their words. What is no answer at all is for the other
        checks.

    What it gets wrong:
        An honest answer with an unusual thought, or in fewer words than the others, looks like one to another question.
        Answers to two questions that differ by one word ("like best", "like least") cannot be told apart. English only,
        and it cannot tell about answers made of names that no dictionary knows.

    Reasons:
        unlike_others, unlike_question, fits_other_question, copy_of_question, advertising, chat_remark; see `reasons`.

    Example:
        "What do you value most in a friendship?" – "It is drizzling and about ten degrees outside" → 86,
        unlike_others: "Its likeness in meaning to the 5 closest other answers is 0.05, where theirs to one another is
        usually 0.42 and 1 would be the same."
    """

    name = CheckName.IRRELEVANT
    needs = frozenset({Needs.QUESTION})
    reasons: Mapping[str, str] = {
        "unlike_others": "It has little in common with what others answered to this question.",
        "unlike_question": "It has little in common with the question.",
        "fits_other_question": "It is closer to another question of the survey than to its own.",
        "copy_of_question": "It says the question over again.",
        "advertising": "It advertises something.",
        "chat_remark": "It is what a chat program says about itself or to its user.",
    }

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        """Return a finding for each answer that can be compared, else None: no answer, another language, only names."""
        known: dict[int, Others] = {}
        return [self._judge(subject, known) for subject in subjects]

    def _judge(self, subject: Subject, known: dict[int, Others]) -> Finding | None:
        features = subject.answer.features
        if not readable(features) or not subject.question.vector.any():
            return None
        said = _said(subject)
        if said:
            probability, codes, evidence = said
            threshold = ALONE_THRESHOLD
        elif features.known_share < FEWEST_KNOWN:
            return None
        else:
            probability, codes, evidence, threshold = _meant(subject, known)
        shown = probability >= SHOWN
        return Finding(
            type=self.name,
            score=rounded(100 * probability),
            is_issue=probability >= threshold,
            evidence=evidence if shown else UNSET,
            reason_codes=codes if shown else (),
        )


def readable(features: Features) -> bool:
    """Whether there is an answer with a subject, in a language that the encoder reads."""
    if not features.words or non_answer(features.words) or GENERIC.issuperset(features.words):
        return False
    return features.language is None or features.language in SUPPORTED


def _said(subject: Subject) -> tuple[float, tuple[str, ...], str] | None:
    """What the words alone say: a copy of the question, advertising, a chat program's remark."""
    answer, question = subject.answer.features, subject.question.features
    remark = CHAT_REMARKS.search(answer.comparable)
    of_itself = give_away(subject.entry.answer)
    if remark or (of_itself and of_itself.kind == "identity"):
        quote = remark[0] if remark else of_itself.quote if of_itself else ""
        return CHAT_PROBABILITY, ("chat_remark",), f"'{quote}' is what a chat program says, or is told."
    advertised = ADVERTISING.search(answer.comparable)
    if advertised and advertised[0] not in question.comparable:
        return ADVERTISING_PROBABILITY, ("advertising",), f"'{advertised[0]}' is what advertisements say."
    return _copied(answer, question)


def _copied(answer: Features, question: Features) -> tuple[float, tuple[str, ...], str] | None:
    """Say that an answer is its question, letter by letter or in a statement."""
    if len(answer.words) < FEWEST_COPIED:
        return None
    ratio = fuzz.ratio(answer.comparable, question.comparable)
    if ratio >= COPY_RATIO:
        return COPY, ("copy_of_question",), f"{round(ratio)} % of the answer is the question, letter by letter."
    own, asked = _telling(answer.words), _telling(question.words)
    shared = own & asked
    all_asked = len(shared) >= max(FEWEST_COPIED, COPIED * len(own), COPIED_QUESTION * len(asked))
    if not all_asked or _CHOICE.search(question.comparable):
        return None
    return RESTATEMENT, ("copy_of_question",), f"All {len(own)} telling words of the answer are the question's."


def _telling(said: Sequence[str]) -> set[str]:
    """The stems of the words that name something."""
    return {word[:5] for word in said if word not in EMPTY}


def _meant(subject: Subject, known: dict[int, Others]) -> tuple[float, tuple[str, ...], str, float]:
    """What the vectors say."""
    signals = signals_among(subject, known)
    if signals is None:
        signals = signals_alone(subject)
        evidence = (
            f"Its likeness in meaning to the question is {signals['asked']:.2f}, "
            f"and nine in ten honest answers exceed {MOST_ASKED}."
        )
        return ALONE.probability(signals), ("unlike_question",), evidence, ALONE_THRESHOLD
    codes: tuple[str, ...] = ("unlike_others",)
    own, usual = signals["others"], signals["usual"]
    evidence = (
        f"Its likeness in meaning to the {CLOSEST} closest other answers is {own:.2f}, "
        f"where theirs to one another is usually {usual:.2f} and 1 would be the same"
    )
    if signals["elsewhere"] > ELSEWHERE:
        codes += ("fits_other_question",)
        number, better = _closest_question(subject)
        evidence += f"; it is closer to question {number} ({better:.2f}) than to its own ({_asked(subject):.2f})"
    return AMONG_OTHERS.probability(signals), codes, f"{evidence}.", AMONG_THRESHOLD


def signals_alone(subject: Subject) -> dict[str, float]:
    """What ALONE weighs: likeness to the question (−1 to 1), log of 1 + words, their product, share of known words."""
    asked, length = _asked(subject), log1p(len(subject.answer.features.words))
    return {
        "asked": asked,
        "length": length,
        "asked_by_length": asked * length,
        "known": subject.answer.features.known_share,
    }


def signals_among(subject: Subject, known: dict[int, Others]) -> dict[str, float] | None:
    """What AMONG_OTHERS weighs; None where too few others answered.

    Likeness to the closest others and theirs to one another (−1 to 1), log of 1 + words, and by how much the answer is
    closer to another question than to its own (0 to 2).

    Args:
        subject: The answer.
        known: What is usual, by the profile's id; filled on the way.
    """
    profile = subject.profile
    if profile is None:
        return None
    if id(profile) not in known:
        known[id(profile)] = Others.of(profile)
    others = known[id(profile)]
    own = others.likeness(subject.answer.features.comparable, subject.answer.vector.astype(np.float32))
    if own is None:
        return None
    return {
        "others": own,
        "usual": others.usual,
        "length": log1p(len(subject.answer.features.words)),
        "elsewhere": max(0.0, _closest_question(subject)[1] - _asked(subject)),
    }


def _asked(subject: Subject) -> float:
    return float(subject.question.vector.astype(np.float32) @ subject.answer.vector.astype(np.float32))


def _closest_question(subject: Subject) -> tuple[int, float]:
    """Which of the respondent's other questions the answer is most like, and how much; (0, −1) without any."""
    vector = subject.answer.vector.astype(np.float32)
    likeness = [(float(each.question.vector.astype(np.float32) @ vector), -each.number) for each in subject.siblings]
    better, number = max(likeness, default=(-1.0, 0))
    return -number, better
