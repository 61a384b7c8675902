"""The check for answers that different people share and cannot have written independently."""

from collections.abc import Mapping, Sequence
from math import log2
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from earnest.checks.base import Needs, Subject
from earnest.corpus import Kin, QuestionProfile, Twins
from earnest.findings import CheckName, Finding, rounded
from earnest.similarity import SIMILAR, likeness
from earnest.text.coincidence import RAREST_CHANCE, agreement, chance, copied, copy_signals, probability
from earnest.text.contradiction import opposed
from earnest.text.lexicons import non_answer
from earnest.text.rewording import Rewording, compare, may_be_reworded, nearest_closeness, reworded, typical_closeness

COPIED, REWORDED = 0.71, 0.71
"""From these probabilities on it is an issue: each flags at most .5 % of the honest answers of every survey, in groups
of 2 to 500 people (`training/fit_duplicates.py`)."""
FEWEST_SHARED = 5
"""Words that copies must share: one or two name a thing, four make a stock phrase ("friendly and helpful staff")."""
MOST_OF_FEW = -2.0
"""Log-odds that agreement in fewer words reaches at most: set by hand, since it cannot be told from chance."""
MOST_COMPARED = 3
"""Texts near in meaning that are looked at: a contradiction may be nearer than the original."""
WORTH_A_LOOK = -4.0
"""Log-odds from which it is asked whether two texts deny each other: two in a hundred are rewordings at most."""
NAMED = 3
"""Respondents, and telling words, named in the evidence."""


def weigh_copy(
    answer: str, twins: Twins, *, question: str, profile: QuestionProfile, closeness: NDArray[np.float64]
) -> dict[str, float]:
    """What the answer and its closest twin agree in, for `coincidence.copied`; all texts in comparable form.

    Args:
        answer: The answer.
        twins: Whose answers are nearly the same; at least one.
        question: The question.
        profile: How the question is answered.
        closeness: Inner products of the answer's vector and the profile's.
    """
    twin = twins.closest[0].comparable
    others = [i for i, text in enumerate(profile.texts) if text != twin and likeness(answer, text) < SIMILAR]
    found = agreement(answer, twin, question=question, peers=[profile.texts[i] for i in others])
    variants = len({each.comparable for each in twins.closest})
    return copy_signals(found, typical=typical_closeness(closeness[others]), variants=variants)


def candidates(answer: str, twins: Twins) -> list[Kin]:
    """The answers near in meaning that may be this one in other words."""
    return [kin for kin in twins.kin if may_be_reworded(answer, kin.comparable)][:MOST_COMPARED]


def weigh_rewording(
    answer: str,
    kin: Kin,
    *,
    question: str,
    asked: float,
    profile: QuestionProfile,
    closeness: NDArray[np.float64],
) -> Rewording:
    """How the answer resembles one that is near in meaning; what is still nearer may be of the same making.

    Args:
        answer: The answer.
        kin: The answer of somebody else.
        question: The question.
        asked: Inner product of the vectors of answer and question.
        profile: How the question is answered.
        closeness: Inner products of the answer's vector and the profile's.
    """
    texts = profile.texts
    others = [
        i for i, near in enumerate(closeness) if near <= kin.closeness and texts[i] not in (answer, kin.comparable)
    ]
    return compare(
        answer,
        kin.comparable,
        closeness=kin.closeness,
        asked=asked,
        nearest=nearest_closeness(closeness[others]),
        question=question,
        peers=tuple(texts[i] for i in others),
    )


class Reworded(NamedTuple):
    """Another respondent's answer in other words, and the log-odds that it is that."""

    odds: float
    kin: Kin
    rewording: Rewording


class SharedDuplicate:
    """Answers that different people share and cannot have written independently.

    What it finds:
        The same text, or nearly the same, from two or more respondents to one question: pasted from one source, passed
        on, or sent by one person under many names. Changed case, typing errors, and some words changed, added or moved
        do not hide a copy; nor, in answers of eight words and more, does saying the same thing in other words, as
        rewriting tools and chat models do it.

    Why it matters:
        Copies make one opinion look like many. Together with normal scores elsewhere they are the trace of survey
        farms.

    How it decides:
        It looks for answers of at least 80 % alike letters or words. Then it asks how surprising the agreement is: each
        shared word counts by how rare it is in the language and among other answers to this question, words of the
        question do not count, and the more people there are, and the more alike their answers usually are, the likelier
        is a coincidence; what many put in many ways is common knowledge. So "price", "good service" and "easy to use"
        are forgiven, a shared sentence is not. Don't-knows and refusals are never copies. Texts that contradict each
        other ("would recommend", "would not recommend") are not alike, unless they are long. For rewording it compares
        meanings: is the other answer nearer than the question explains, and nearer than answers to this question
        usually are? Do both share words that few others use, and say about as much? Texts that deny each other are
        never called paraphrases. Every copy is flagged, the first as well: the text does not say who wrote it.

    What it gets wrong:
        It misses most copies of fewer than about six words, paraphrases of fewer than eight or in other languages than
        English, and single sentences copied into longer answers. It takes a proverb, a slogan, a product's full name or
        a fact that was asked for ("chief justice of the Supreme Court") for a copy now and then, and answers to
        questions that have one right answer for paraphrases where few people answer. People who submit twice under two
        identifiers are flagged, which is right, and so are people who were given a text to quote, which is not.

    Reasons:
        exact_copy, near_copy, paraphrase; see `reasons`.

    Example:
        "The checkout kept freezing so I gave up and went to the shop instead", twice among 200 → 100, exact_copy: "1
        other respondent gave the same answer: 'r1' (100 % alike); honest answers agree so by chance in fewer than 1 of
        1,000,000 cases."
    """

    name = CheckName.SHARED_DUPLICATE
    needs: frozenset[Needs] = frozenset({Needs.PEERS})
    reasons: Mapping[str, str] = {
        "exact_copy": "Another respondent gave exactly this text, which is too unusual for a coincidence.",
        "near_copy": "Another respondent gave almost this text, which is too unusual for a coincidence.",
        "paraphrase": "Another respondent gave this answer in other words: more alike than people who agree.",
    }

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        """Return a finding for each answer that holds a word, else None."""
        return [
            self._judge(subject, closeness) for subject, closeness in zip(subjects, _closeness(subjects), strict=True)
        ]

    def _judge(self, subject: Subject, closeness: NDArray[np.float64]) -> Finding | None:
        features, twins = subject.answer.features, subject.twins
        if not features.comparable or subject.profile is None:
            return None
        if non_answer(features.words) or not (twins.closest or twins.kin):
            return Finding(type=self.name, score=0.0, is_issue=False)
        copy = _copied(subject, subject.profile, closeness)
        other = _reworded(subject, subject.profile, closeness)
        is_copy = copy is not None and probability(copy) >= COPIED
        if copy is not None and (is_copy or other is None or other.odds <= copy):
            how = _how_likely(copy) if is_copy else FORGIVEN
            return Finding(
                type=self.name,
                score=rounded(100 * probability(copy)),
                is_issue=is_copy,
                evidence=f"{_who(twins)}; {how}.",
                reason_codes=("exact_copy" if twins.copies else "near_copy",) if probability(copy) >= SHOWN else (),
            )
        return self._paraphrase(other) if other else Finding(type=self.name, score=0.0, is_issue=False)

    def _paraphrase(self, other: Reworded) -> Finding:
        found = probability(other.odds)
        is_issue = found >= REWORDED
        return Finding(
            type=self.name,
            score=rounded(100 * found),
            is_issue=is_issue,
            evidence=f"{_in_other_words(other)}{'' if is_issue else AGREED}.",
            reason_codes=("paraphrase",) if found >= SHOWN else (),
        )


def _closeness(subjects: Sequence[Subject]) -> list[NDArray[np.float64]]:
    """Each answer's inner products with the vectors of its question's profile."""
    by_profile: dict[int, list[int]] = {}
    for i, subject in enumerate(subjects):
        if subject.twins.closest or subject.twins.kin:
            by_profile.setdefault(id(subject.profile), []).append(i)
    found = [np.zeros(0)] * len(subjects)
    for places in by_profile.values():
        profile = subjects[places[0]].profile
        if profile is not None:
            own = np.stack([subjects[i].answer.vector for i in places]).astype(np.float64)
            for i, row in zip(places, own @ profile.vectors.astype(np.float64).T, strict=True):
                found[i] = row
    return found


def _copied(subject: Subject, profile: QuestionProfile, closeness: NDArray[np.float64]) -> float | None:
    if not subject.twins.closest:
        return None
    signals = weigh_copy(
        subject.answer.features.comparable,
        subject.twins,
        question=subject.question.features.comparable,
        profile=profile,
        closeness=closeness,
    )
    odds = copied(signals, others=profile.answers - 1)
    return odds if signals["words"] >= log2(1 + FEWEST_SHARED) else min(odds, MOST_OF_FEW)


def _reworded(subject: Subject, profile: QuestionProfile, closeness: NDArray[np.float64]) -> Reworded | None:
    """The likeliest original, or rewording, of an answer."""
    answer, question = subject.answer, subject.question
    weighed = []
    for kin in candidates(answer.features.comparable, subject.twins):
        rewording = weigh_rewording(
            answer.features.comparable,
            kin,
            question=question.features.comparable,
            asked=_asked(subject),
            profile=profile,
            closeness=closeness,
        )
        odds = reworded(rewording.signals, others=profile.answers - 1)
        if odds < WORTH_A_LOOK or not opposed(answer.features.comparable, kin.comparable):
            weighed.append(Reworded(odds, kin, rewording))
    return max(weighed, key=lambda each: each.odds, default=None)


def _asked(subject: Subject) -> float:
    return float(subject.answer.vector.astype(np.float64) @ subject.question.vector.astype(np.float64))


SHOWN = 0.25
"""Probability from which a finding names its reason, so that somebody's own, lower threshold can flag it."""
AGREED = "; people who agree may say it so"
FORGIVEN = "it is so short or so common here that this may well be chance"


def _who(twins: Twins) -> str:
    near = sum(twin.similarity < 1 for twin in twins.closest)
    total = twins.copies + near
    people = "1 other respondent" if total == 1 else f"{total:,} other respondents"
    names = ", ".join(f"'{twin.respondent}' ({percent(twin.similarity)} % alike)" for twin in twins.closest[:NAMED])
    more = f" and {total - NAMED:,} more" if total > NAMED else ""
    return f"{people} gave {'nearly ' if near == total else ''}the same answer: {names}{more}"


def _in_other_words(other: Reworded) -> str:
    close, usual = percent(other.kin.closeness), percent(other.rewording.signals["nearest"])
    words = ", ".join(f"'{word}'" for word in other.rewording.telling[:NAMED])
    return (
        f"'{other.kin.respondent}' says much the same in other words: {close} % alike in meaning,"
        f" where the most alike of other answers reach about {usual} %{f'; both say {words}' if words else ''}"
    )


def _how_likely(odds: float) -> str:
    rare = chance(odds)
    often = "fewer than 1 of 1,000,000" if rare <= RAREST_CHANCE else f"about 1 of {round(1 / rare, -2):,.0f}"
    return f"honest answers agree so by chance in {often} cases"


def percent(share: float) -> int:
    """Whole per cent, 100 only for all of it."""
    return min(99, round(100 * share)) if share < 1 else 100
