"""The check for answers that different people share and cannot have written independently."""

from collections.abc import Mapping, Sequence
from math import log2

from earnest.checks.base import Needs, Subject
from earnest.corpus import QuestionProfile, Twins
from earnest.findings import CheckName, Finding, rounded
from earnest.similarity import SIMILAR, likeness
from earnest.text.coincidence import RAREST_CHANCE, chance, copied, surprise
from earnest.text.lexicons import non_answer

THRESHOLD = 0.985
"""From this probability on it is an issue: flags at most .3 % of the honest answers of any source, but .7 % where
people were asked which office somebody holds, and .6 % of a source that holds lists of ticked options
(`benchmarks/accuracy_duplicates.py`)."""
NAMED = 3
"""Respondents named in the evidence."""


def weigh(answer: str, twin: str, *, question: str, profile: QuestionProfile) -> float:
    """Bits of surprise that one of all others agrees with an answer so; all texts in comparable form.

    Below 0 where agreement is to be expected.
    """
    peers = [text for text in profile.texts if text != twin and likeness(answer, text) < SIMILAR]
    return surprise(answer, twin, question=question, peers=peers) - log2(max(1, profile.answers - 1))


class SharedDuplicate:
    """Answers that different people share and cannot have written independently.

    What it finds:
        The same text, or nearly the same, from two or more respondents to one question: pasted from one source, passed
        on, or sent by one person under many names. Changed case, typing errors, and some words changed, added or moved
        do not hide a copy.

    Why it matters:
        Copies make one opinion look like many. Together with normal scores elsewhere they are the trace of survey
        farms.

    How it decides:
        It looks for answers of at least 80 % alike letters. Then it asks how surprising the agreement is: each shared
        word counts by how rare it is in the language and among other answers to this question, words of the question
        do not count, and the more people there are, the likelier is a coincidence. So "price", "good service" and
        "easy to use" are forgiven, a shared sentence is not. Don't-knows and refusals are never copies. Texts that
        contradict each other ("would recommend", "would not recommend") are not alike, unless they are long. Every
        copy is flagged, the first as well: the text does not say who wrote it.

    What it gets wrong:
        It misses copies of fewer than about six words, paraphrases, and single sentences copied into longer answers.
        It takes a proverb, a slogan, a product's full name or a fact that was asked for ("chief justice of the Supreme
        Court") for a copy now and then, and so it does with lists of ticked options that were exported as text. People
        who submit twice under two identifiers are flagged, which is right, and so are people who were given a text to
        quote, which is not.

    Reasons:
        exact_copy, near_copy; see `reasons`.

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
    }

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        """Return a finding for each answer that holds a word, else None."""
        return [self._judge(subject) for subject in subjects]

    def _judge(self, subject: Subject) -> Finding | None:
        features, twins = subject.answer.features, subject.twins
        if not features.comparable or subject.profile is None:
            return None
        if not twins.closest or non_answer(features.words):
            return Finding(type=self.name, score=0.0, is_issue=False)
        bits = weigh(
            features.comparable,
            twins.closest[0].comparable,
            question=subject.question.features.comparable,
            profile=subject.profile,
        )
        probability = copied(bits)
        is_issue = probability >= THRESHOLD
        return Finding(
            type=self.name,
            score=rounded(100 * probability),
            is_issue=is_issue,
            evidence=f"{_who(twins)}; {_how_likely(bits) if is_issue else FORGIVEN}.",
            reason_codes=("exact_copy" if twins.copies else "near_copy",) if is_issue else (),
        )


FORGIVEN = "it is so short or so common here that this may well be chance"


def _who(twins: Twins) -> str:
    near = sum(twin.similarity < 1 for twin in twins.closest)
    total = twins.copies + near
    people = "1 other respondent" if total == 1 else f"{total:,} other respondents"
    names = ", ".join(f"'{twin.respondent}' ({percent(twin.similarity)} % alike)" for twin in twins.closest[:NAMED])
    more = f" and {total - NAMED:,} more" if total > NAMED else ""
    return f"{people} gave {'nearly ' if near == total else ''}the same answer: {names}{more}"


def _how_likely(bits: float) -> str:
    rare = chance(bits)
    often = "fewer than 1 of 1,000,000" if rare <= RAREST_CHANCE else f"about 1 of {round(1 / rare, -2):,.0f}"
    return f"honest answers agree so by chance in {often} cases"


def percent(share: float) -> int:
    """Whole per cent, 100 only for all of it."""
    return min(99, round(100 * share)) if share < 1 else 100
