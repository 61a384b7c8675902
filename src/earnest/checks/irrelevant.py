"""The check for answers to something that was not asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import UNSET
from rapidfuzz import fuzz

from earnest.checks.base import Needs, Subject
from earnest.checks.logistic import Logistic
from earnest.checks.relevance import ALONE, AMONG, CLOSEST, Model, Weighed, Weigher, shipped
from earnest.findings import CheckName, Finding, rounded
from earnest.text import restating
from earnest.text.chatbot import give_away
from earnest.text.features import Features
from earnest.text.genres import MOST_CUES, Genre, cues
from earnest.text.language import SUPPORTED
from earnest.text.lexicons import GENERIC, PADDING, non_answer

RESTATED = Logistic(
    -18.4,
    {
        "asked": 14,
        "own_words_asked": 1.83,
        "asked_words_own": 0.475,
        "new_words": -0.432,
        "asks": 1.41,
        "of_the_question": 3.49,
        "words_asked": 4.01,
        "question_covered": -6.65,
        "length": 2.55,
        "choice": -2.53,
    },
)
"""Fitted by training/fit_irrelevant.py on questions said over again, answers in the question's words, and honest
answers."""
RESTATED_THRESHOLD = 0.65
ALONE_THRESHOLD, AMONG_THRESHOLD, GENRE_THRESHOLD = 0.76, 0.85, 0.5
"""Probabilities from which it is an issue. At the first two, hardly more than 1 % of the honest answers of any source
that the fit has not seen lie above: training/fit_irrelevant.py prints .76 and .81; .85 keeps nhs_fft below 1 %."""
PLAIN_THRESHOLD = 0.8
"""The same of advertising and chat remarks without any turn of phrase."""
SHOWN = 0.4
"""Probability from which a finding says what it saw, although it is not an issue yet."""

FEWEST_KNOWN = 0.5
"""Share of known words below which the encoder reads names, mash or another language, of which it cannot tell."""
MOST_ASKED = 0.1
"""Likeness to the question that nine in ten honest answers exceed (accuracy.md, Irrelevant)."""
ELSEWHERE = 0.2
"""By how much an answer must be closer to another question than to its own for the evidence to say so."""

COPY_RATIO = 90.0
"""Likeness of letters (rapidfuzz ratio, 0–100) from which an answer is a copy of its question."""
COPY = 0.95
OF_ITSELF = 0.95
"""Probabilities of copies and of what a chat program says of itself; no honest answer in accuracy.md is either."""

NO_SUBJECT = GENERIC | PADDING | {"gave", "experience", "describe", "explain", "score", "rating", "rate"}
"""Words of questions that do not say what they are about, such as "How could we improve?"."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one look at an answer found: probability, threshold, reason codes, and the sentence that says why."""

    probability: float
    threshold: float
    codes: tuple[str, ...]
    evidence: str


class Irrelevant:
    """Answers to something that was not asked.

    What it finds:
        Answers about another subject, answers to another question of the survey, copies and restatements of the
        question, advertising, and what people paste from or write to a chat program ("Regenerate response").

    Why it matters:
        The respondent did not read the question, or a machine pasted what it had. Coded by keyword, such answers turn
        up in the results as opinions that nobody has.

    How it decides:
        A sentence encoder tells how alike two texts are in meaning. Where at least 8 other answers are known, an
        answer is compared with the five most alike of them, with how alike the others are among themselves, with the
        survey's other questions and the answers to them, and with some 1,500 answers to quite other questions that
        ship with Earnest; what words it shares with the others counts too. Small decision trees weigh these signals.
        Where too few others answered, only likeness to the question and to answers elsewhere count, which is weaker
        evidence, so that far fewer are found. Copies and restatements of the question, which look most alike of all,
        and advertising and chat remarks are told by their words and manner. What is no answer at all is for the other
        checks.

    What it gets wrong:
        An honest answer with an unusual thought, or in fewer words than the others, looks like one to another question.
        A few words that fit anything ("better communication") cannot be told from an answer, nor can answers to two
        questions that differ by one word ("like best", "like least"). English only, and it cannot tell about answers
        made of names that no dictionary knows, nor, without other answers, about questions that name no subject.

    Reasons:
        unlike_others, unlike_question, fits_other_question, fits_elsewhere, copy_of_question, advertising,
        chat_remark; see `reasons`.

    Example:
        "What do you value most in a friendship?" – "It is drizzling and about ten degrees outside today" → 95,
        unlike_others, fits_elsewhere: "Its likeness in meaning to the 5 closest other answers is 0.05, where theirs to
        one another is usually 0.42 and 1 would be the same; it is closer to answers to quite other questions (0.41),
        such as "What is the biggest challenge facing your farm over the next five years?"."
    """

    name = CheckName.IRRELEVANT
    needs = frozenset({Needs.QUESTION})
    reasons: Mapping[str, str] = {
        "unlike_others": "It has little in common with what others answered to this question.",
        "unlike_question": "It has little in common with the question.",
        "fits_other_question": "It is closer to another question of the survey than to its own.",
        "fits_elsewhere": "It is closer to answers to quite other questions than to its own question or its answers.",
        "copy_of_question": "It says the question over again.",
        "advertising": "It advertises something.",
        "chat_remark": "It is what a chat program says about itself or to its user, or its user to it.",
    }

    def __init__(self, model: Model | None = None) -> None:
        """Get ready to judge.

        Args:
            model: What to weigh the signals with; by default what ships, read when first needed.
        """
        self._model = model

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        """Return a finding for each answer that can be compared, else None: no answer, another language, only names."""
        model = self._model or shipped()
        able = [i for i, each in enumerate(subjects) if _comparable(each)]
        findings: list[Finding | None] = [None] * len(subjects)
        judged = [subjects[i] for i in able]
        weighed = Weigher(model.elsewhere).weigh(judged)
        alone = _probabilities(model.alone.log_odds(weighed.alone))
        among = _probabilities(model.among.log_odds(np.nan_to_num(weighed.among)))
        for row, (i, subject) in enumerate(zip(able, judged, strict=True)):
            found = _said(subject, model, float(weighed.alone[row, 0]))
            if found is None and subject.answer.features.known_share >= FEWEST_KNOWN:
                if not np.isnan(weighed.among[row, 0]):
                    found = _among(subject, weighed, row, float(among[row]), model)
                elif names_subject(subject.question.features):
                    found = _alone(weighed, row, float(alone[row]), model)
            findings[i] = self._finding(found) if found else None
        return findings

    def _finding(self, found: Judgement) -> Finding:
        shown = found.probability >= SHOWN
        return Finding(
            type=self.name,
            score=rounded(100 * found.probability),
            is_issue=found.probability >= found.threshold,
            evidence=found.evidence if shown else UNSET,
            reason_codes=found.codes if shown else (),
        )


def readable(features: Features) -> bool:
    """Whether there is an answer with a subject, in a language that the encoder reads."""
    if not features.words or non_answer(features.words) or GENERIC.issuperset(features.words):
        return False
    return features.language is None or features.language in SUPPORTED


def _comparable(subject: Subject) -> bool:
    """Whether there is something to compare: an answer, or the question once more, however little that says."""
    answer, question = subject.answer.features, subject.question.features
    return bool(subject.question.vector.any()) and (
        readable(answer) or _likeness_of_letters(answer, question) >= COPY_RATIO
    )


def _likeness_of_letters(answer: Features, question: Features) -> float:
    """Rapidfuzz's ratio, 0–100; 0 for what is too short to be a question said over again."""
    if len(answer.words) < restating.FEWEST_WORDS:
        return 0.0
    return fuzz.ratio(answer.comparable, question.comparable)


def names_subject(question: Features) -> bool:
    """Whether a question says what it is about."""
    return not NO_SUBJECT.issuperset(question.words)


def _probabilities(log_odds: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float]:
    return [float(each) for each in 1 / (1 + np.exp(-log_odds))]


def _said(subject: Subject, model: Model, asked: float) -> Judgement | None:
    """What words and manner say: a copy of the question, advertising, talk with a chat program; None if nothing."""
    answer, question = subject.answer.features, subject.question.features
    of_itself = give_away(subject.entry.answer)
    if of_itself and of_itself.kind == "identity":
        evidence = f"'{of_itself.quote}' is what a chat program says of itself."
        return Judgement(OF_ITSELF, GENRE_THRESHOLD, ("chat_remark",), evidence)
    if copied := _copied(answer, question, asked):
        return copied
    for genre, manner in model.manners.items():
        if manner.probability(MOST_CUES, asked, subject.answer.vector) < GENRE_THRESHOLD:
            continue  # whatever turns of phrase it has, and looking for them takes longest
        found = cues(genre, answer.words)
        probability = manner.probability(len(found), asked, subject.answer.vector)
        if probability >= (GENRE_THRESHOLD if found else PLAIN_THRESHOLD):
            evidence = f"It reads like {_NAMED[genre]}"
            evidence += f": '{found[0]}' is how such texts are worded." if found else ", though no one phrase says so."
            return Judgement(probability, GENRE_THRESHOLD, (genre.value,), evidence)
    return None


_NAMED = {Genre.ADVERTISING: "advertising", Genre.CHAT_REMARK: "a talk with a chat program"}


def _copied(answer: Features, question: Features, asked: float) -> Judgement | None:
    """Say that an answer is its question, letter by letter or in other words."""
    ratio = _likeness_of_letters(answer, question)
    if ratio >= COPY_RATIO:
        evidence = f"{round(ratio)} % of the answer is the question, letter by letter."
        return Judgement(COPY, RESTATED_THRESHOLD, ("copy_of_question",), evidence)
    signals = restating.signals(question, answer, asked)
    if signals is None or (probability := RESTATED.probability(signals)) < RESTATED_THRESHOLD:
        return None
    own, shared = restating.telling(answer), restating.telling(answer) & restating.telling(question)
    evidence = (
        f"Its likeness in meaning to the question is {asked:.2f}, where 1 would be the same, and {len(shared)} of its "
        f"{len(own)} telling words are the question's."
    )
    return Judgement(probability, RESTATED_THRESHOLD, ("copy_of_question",), evidence)


def _alone(weighed: Weighed, row: int, probability: float, model: Model) -> Judgement:
    """What its likeness to the question says."""
    signals = dict(zip(ALONE, weighed.alone[row], strict=True))
    codes: tuple[str, ...] = ("unlike_question",)
    evidence = (
        f"Its likeness in meaning to the question is {signals['asked']:.2f}, "
        f"and nine in ten honest answers exceed {MOST_ASKED}"
    )
    if signals["far_elsewhere"] > signals["asked"]:
        codes += ("fits_elsewhere",)
        evidence += _elsewhere(weighed, row, signals["far_elsewhere"], model)
    return Judgement(probability, ALONE_THRESHOLD, codes, f"{evidence}.")


def _among(subject: Subject, weighed: Weighed, row: int, probability: float, model: Model) -> Judgement:
    """What the other answers say."""
    signals = dict(zip(AMONG, weighed.among[row], strict=True))
    codes: tuple[str, ...] = ("unlike_others",)
    evidence = (
        f"Its likeness in meaning to the {CLOSEST} closest other answers is {signals['others']:.2f}, "
        f"where theirs to one another is usually {signals['usual']:.2f} and 1 would be the same"
    )
    sibling = weighed.sibling[row]
    if sibling:
        better = float(sibling.question.vector.astype(np.float32) @ subject.answer.vector.astype(np.float32))
        if better - signals["asked"] > ELSEWHERE:
            codes += ("fits_other_question",)
            evidence += (
                f"; it is closer to question {sibling.number} ({better:.2f}) than to its own ({signals['asked']:.2f})"
            )
    if signals["far_elsewhere"] > signals["others"]:
        codes += ("fits_elsewhere",)
        evidence += _elsewhere(weighed, row, signals["far_elsewhere"], model)
    return Judgement(probability, AMONG_THRESHOLD, codes, f"{evidence}.")


def _elsewhere(weighed: Weighed, row: int, likeness: float, model: Model) -> str:
    question = model.elsewhere.questions[int(weighed.elsewhere[row])]
    return f'; it is closer to answers to quite other questions ({likeness:.2f}), such as "{question}"'
