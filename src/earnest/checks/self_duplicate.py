"""The check for people who give the same answer to different questions."""

from collections.abc import Mapping, Sequence

import numpy as np

from earnest.checks.base import Needs, Sibling, Subject
from earnest.findings import CheckName, Finding, rounded
from earnest.similarity import SIMILAR, likeness
from earnest.text.coincidence import Agreement, agreement, copied, copy_signals, probability
from earnest.text.contradiction import contradict
from earnest.text.lexicons import non_answer

THRESHOLD = 0.71
"""From this probability on it is an issue, as for copies of other people's answers."""
SHOWN = 0.25
"""Probability from which a finding names its reason, so that somebody's own, lower threshold can flag it."""
OWN_WORDS_BITS = 6
"""Bits that do not count because a person has favourite words and topics. Chosen, not measured: no data at hand
follow one person over several questions."""
LIKE_QUESTIONS_BITS = 10
"""Bits that do not count where both questions mean the same; fewer, the less they do. Chosen, not measured."""
UNLIKE_QUESTIONS = 0.5
"""Cosine up to which two questions count as different. Chosen, not measured."""
MOST_SIBLINGS = 100
"""Other answers that are looked at; a person gives some dozens at most."""
NAMED = 3
"""Answers named in the evidence."""


class SelfDuplicate:
    """The same person's answers to different questions that say the same in the same words.

    What it finds:
        Text that a respondent pasted or typed again in answer to another question, unchanged or nearly so.

    Why it matters:
        Whoever answers "why did you buy it?" and "what should we change?" with the same sentence answered neither. Bots
        and hurried people fill every box with one text.

    How it decides:
        It compares each answer with the person's other answers, earlier parts of the response included. Words that
        stand in either question are taken out first, so that repeating the question's wording does not count. What
        remains must be at least 80 % alike, and too surprising for one person's habits: rare words and long texts
        count most, what other people answer to this question counts less, and so does agreement between similar
        questions. "None" or "Nike" twice is no repetition. Both answers are flagged, the earlier one too: neither was
        written for its question. Answers to the same wording are not compared, since a survey that asks twice is
        answered twice.

    What it gets wrong:
        It misses the same thought in other words, and repeats of fewer than about five words. An honest "see above"
        that was written out by pasting the earlier answer is flagged. In loops (the same wording for each brand) it
        sees nothing.

    Reasons:
        exact_repeat, near_repeat; see `reasons`.

    Example:
        Answers 2 and 4 are both "Friendly people who took their time to explain every option" → 100, exact_repeat:
        "Apart from the questions' words this is 100 % the same as answer 2 of this respondent."
    """

    name = CheckName.SELF_DUPLICATE
    needs: frozenset[Needs] = frozenset({Needs.SIBLINGS})
    reasons: Mapping[str, str] = {
        "exact_repeat": "The respondent gave exactly this text to another question, too.",
        "near_repeat": "The respondent gave almost this text to another question, too.",
    }

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        """Return a finding for each answer that holds a word and has another to compare with, else None."""
        return [self._judge(subject) for subject in subjects]

    def _judge(self, subject: Subject) -> Finding | None:
        if not subject.answer.features.comparable:
            return None
        siblings = [sibling for sibling in subject.siblings[:MOST_SIBLINGS] if _is_other_question(subject, sibling)]
        if not siblings:
            return None
        alike = [] if non_answer(subject.answer.features.words) else _alike(subject, siblings)
        if not alike:
            return Finding(type=self.name, score=0.0, is_issue=False)
        found = probability(max(_odds(subject, sibling, others=len(siblings)) for _, sibling in alike))
        is_issue = found >= THRESHOLD
        exact = any(subject.answer.features.comparable == each.answer.features.comparable for _, each in alike)
        return Finding(
            type=self.name,
            score=rounded(100 * found),
            is_issue=is_issue,
            evidence=_evidence(alike, is_issue=is_issue),
            reason_codes=("exact_repeat" if exact else "near_repeat",) if found >= SHOWN else (),
        )


def _is_other_question(subject: Subject, sibling: Sibling) -> bool:
    asked = subject.question.features.comparable
    same = bool(asked) and asked == sibling.question.features.comparable  # without a wording nobody asks twice
    return bool(sibling.answer.features.comparable) and not same


def _alike(subject: Subject, siblings: Sequence[Sibling]) -> list[tuple[float, Sibling]]:
    """Siblings that say nearly the same, most alike first."""
    compared = []
    for sibling in siblings:
        similarity = likeness(*_own_words(subject, sibling))
        whole = subject.answer.features.comparable, sibling.answer.features.comparable
        if similarity >= SIMILAR and not contradict(*whole):
            compared.append((similarity, sibling))
    return sorted(compared, key=lambda each: (-each[0], each[1].number))


def _own_words(subject: Subject, sibling: Sibling) -> tuple[str, str]:
    """Both answers without the words of both questions."""
    asked = {*subject.question.features.words, *sibling.question.features.words}
    first, second = (
        " ".join(word for word in answer.features.words if word not in asked)
        for answer in (subject.answer, sibling.answer)
    )
    return first, second


def _odds(subject: Subject, sibling: Sibling, *, others: int) -> float:
    """Log-odds that more than a person's habits and the questions' likeness explain the agreement."""
    own, other = _own_words(subject, sibling)
    peers = [text for text in subject.profile.texts if likeness(own, text) < SIMILAR] if subject.profile else []
    vectors = (each.question.vector.astype(np.float32) for each in (subject, sibling))
    closeness = max(0.0, float(np.dot(*vectors)) - UNLIKE_QUESTIONS) / (1 - UNLIKE_QUESTIONS)
    found = agreement(own, other, peers=peers)
    surprising = max(0.0, found.bits - OWN_WORDS_BITS - LIKE_QUESTIONS_BITS * closeness)
    return copied(copy_signals(Agreement(surprising, found.words)), others=others)


def _evidence(alike: Sequence[tuple[float, Sibling]], *, is_issue: bool) -> str:
    numbers = [str(sibling.number) for _, sibling in alike[:NAMED]]
    which = f"answers {', '.join(numbers[:-1])} and {numbers[-1]}" if len(numbers) > 1 else f"answer {numbers[0]}"
    more = f" (and {len(alike) - NAMED} more)" if len(alike) > NAMED else ""
    percent = 100 if alike[0][0] == 1 else min(99, round(100 * alike[0][0]))
    forgiven = "" if is_issue else "; it is so short or so common that this is no repetition to speak of"
    return (
        f"Apart from the questions' words this is {percent} % the same as {which} of this respondent{more}{forgiven}."
    )
