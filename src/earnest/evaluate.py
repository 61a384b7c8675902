"""THE LINE: respondents -> subjects -> checks -> findings -> scores -> evaluations.

Two passes, so that neither order nor chunking changes a result: `observe` encodes each answer once, and the corpus is
told about it; `judge` measures each answer and compares it with the finished corpus. The library runs both in memory, a
batch job runs them chunk by chunk over the database; nothing here knows which.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import msgspec
import numpy as np

from earnest.checks import CHECKS
from earnest.checks.base import Check, Measured, Needs, Sibling, Subject
from earnest.corpus import Corpus, InMemoryCorpus, QuestionProfile, Sighting, Twins
from earnest.findings import CheckName, Finding, RespondentEvaluation, is_flagged
from earnest.keystrokes import read_typing
from earnest.scoring import evaluate_entry, evaluate_respondent
from earnest.similarity import bands, fingerprint
from earnest.survey import Entry, Respondent, Survey
from earnest.text.encoder import Encoded, Encoder, OnnxEncoder
from earnest.text.features import measure, words_said
from earnest.text.normalize import clean, comparable

T = TypeVar("T")

CHUNK = 200
"""Respondents encoded and judged together: enough to fill the encoder's batches, few enough to show progress."""

MOST_QUESTIONS_KEPT = 10_000
"""Question wordings measured and remembered by one evaluator (about 2 kB each)."""

ALL_CHECKS = frozenset(CheckName)


@dataclass(frozen=True, eq=False)
class Observed:
    """One respondent with all answers: first the earlier ones, then those to judge."""

    respondent: Respondent
    entries: tuple[Entry, ...]
    questions: tuple[Measured, ...]
    encoded: Encoded

    @cached_property
    def answers(self) -> tuple[Measured, ...]:
        """The answers, measured when somebody asks: the corpus needs none of it."""
        return tuple(_measured(entry.answer, self.encoded, i) for i, entry in enumerate(self.entries))

    @cached_property
    def sightings(self) -> dict[int, Sighting]:
        """What the corpus should know, by position in `entries`; blank answers are nobody's twin and left out."""
        said = [comparable(entry.answer) for entry in self.entries]
        return {
            i: Sighting(
                question=question_key(entry),
                respondent=self.respondent.identifier,
                comparable=said[i],
                fingerprint=fingerprint(said[i]),
                bands=bands(said[i]),
                vector=self.encoded.vectors[i],
                words=len(words_said(said[i])),
            )
            for i, entry in enumerate(self.entries)
            if said[i]
        }


def question_key(entry: Entry) -> str:
    """What makes two entries answers to the same question: its identifier, or else its wording."""
    identifier = entry.question_identifier
    return f"id:{identifier}" if isinstance(identifier, str) and identifier else f"text:{comparable(entry.question)}"


class Evaluator:
    """Judges respondents' answers; holds the encoder and the checks, and nothing of any survey."""

    def __init__(
        self,
        *,
        encoder: Encoder | None = None,
        checks: Sequence[Check] = CHECKS,
        thresholds: Mapping[CheckName, float] | None = None,
    ) -> None:
        """Get ready to judge.

        Args:
            encoder: Reads texts; by default the shipped model.
            checks: Whom to ask.
            thresholds: By check, the score (0–100) from which it is an issue; a check that is not named decides itself.
        """
        self.encoder = encoder or OnnxEncoder.shipped()
        self.checks = checks
        self.thresholds = dict(thresholds or {})
        self._questions: dict[str, Measured] = {}  # by wording; the same few are asked of everybody

    def evaluate(
        self,
        survey: Survey,
        respondents: Sequence[Respondent],
        *,
        wanted: Collection[CheckName] = ALL_CHECKS,
        progress: Callable[[int], None] | None = None,
    ) -> list[RespondentEvaluation]:
        """Judge all respondents of a survey against one another, in memory.

        Args:
            survey: The survey.
            respondents: Everybody; identifiers must differ, or the same person's answers count as one person's.
            wanted: Which checks to run.
            progress: Called with the number of respondents just finished, once per chunk and pass.

        Returns:
            One evaluation per respondent, in order.
        """
        corpus = InMemoryCorpus()
        observed: list[Observed] = []
        for chunk in _chunks(respondents):
            observed += self.observe(chunk)
            corpus.add([sighting for each in observed[-len(chunk) :] for sighting in each.sightings.values()])
            if progress:
                progress(len(chunk))
        evaluations: list[RespondentEvaluation] = []
        for part in _chunks(observed):
            evaluations += self.judge(survey, part, corpus, wanted=wanted)
            if progress:
                progress(len(part))
        return evaluations

    def observe(self, respondents: Sequence[Respondent], *, kept: Sequence[Encoded] | None = None) -> list[Observed]:
        """Read every answer once.

        Args:
            respondents: Whose.
            kept: Each respondent's encoded answers (earlier ones first), if an earlier pass has encoded them already.

        Returns:
            One per respondent, in order.
        """
        entries = [(*respondent.earlier, *respondent.entries) for respondent in respondents]
        encoded = list(kept) if kept is not None else self._encode([[e.answer for e in each] for each in entries])
        questions = self._questions_of({entry.question for each in entries for entry in each})
        return [
            Observed(
                respondent=respondent,
                entries=each,
                questions=tuple(questions[entry.question] for entry in each),
                encoded=seen,
            )
            for respondent, each, seen in zip(respondents, entries, encoded, strict=True)
        ]

    def judge(
        self,
        survey: Survey,
        observed: Sequence[Observed],
        corpus: Corpus,
        *,
        wanted: Collection[CheckName] = ALL_CHECKS,
        thresholds: Mapping[CheckName, float] | None = None,
    ) -> list[RespondentEvaluation]:
        """Judge respondents against a corpus that has seen everybody, themselves included.

        Args:
            survey: The survey.
            observed: Whom to judge.
            corpus: Everybody's answers to the survey's questions.
            wanted: Which checks to run.
            thresholds: Instead of the evaluator's own.

        Returns:
            One evaluation per respondent, in order.
        """
        thresholds = self.thresholds if thresholds is None else thresholds
        profiles, twins = _known(observed, corpus)
        subjects = [_subjects(survey, each, profiles, own) for each, own in zip(observed, twins, strict=True)]
        flat = [subject for each in subjects for subject in each]
        by_check = [_run(check, flat, thresholds) for check in self.checks if check.name in wanted]
        evaluations = iter(
            evaluate_entry(subject.entry, [found[i] for found in by_check]) for i, subject in enumerate(flat)
        )
        return [
            evaluate_respondent(each.respondent, [next(evaluations) for _ in own])
            for each, own in zip(observed, subjects, strict=True)
        ]

    def _encode(self, texts: Sequence[Sequence[str]]) -> list[Encoded]:
        """Encode many respondents' answers in one go and hand each their own."""
        seen = self.encoder.encode([clean(text) for each in texts for text in each])
        ends = np.cumsum([len(each) for each in texts])
        return [seen[end - len(each) : end] for each, end in zip(texts, ends, strict=True)]

    def _questions_of(self, wordings: Collection[str]) -> Mapping[str, Measured]:
        """All questions that were measured, these among them; another thread may begin a new collection meanwhile."""
        if len(self._questions) > MOST_QUESTIONS_KEPT:
            self._questions = {}
        questions = self._questions
        new = sorted(wording for wording in wordings if wording not in questions)
        seen = self.encoder.encode([clean(wording) for wording in new])
        questions |= {wording: _measured(wording, seen, i) for i, wording in enumerate(new)}
        return questions


def _run(check: Check, subjects: Sequence[Subject], thresholds: Mapping[CheckName, float]) -> list[Finding | None]:
    """Ask a check about the subjects that have what it needs; it cannot tell about the others."""
    able = [i for i, subject in enumerate(subjects) if _has(subject, check.needs)]
    findings: list[Finding | None] = [None] * len(subjects)
    for i, finding in zip(able, check.judge([subjects[i] for i in able]), strict=True):
        if finding is not None and check.name in thresholds:
            finding = msgspec.structs.replace(finding, is_issue=is_flagged(finding, thresholds))  # noqa: PLW2901
        findings[i] = finding
    return findings


def _measured(text: str, seen: Encoded, i: int) -> Measured:
    features = measure(text, pieces=int(seen.pieces[i]), pieces_cover=int(seen.characters[i]))
    return Measured(features, seen.vectors[i], float(seen.disorder[i]))


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


def _known(
    observed: Sequence[Observed], corpus: Corpus
) -> tuple[Mapping[str, QuestionProfile], list[dict[int, Twins]]]:
    """The profiles of all their questions and, per respondent, the twins of each answer by its position."""
    sightings = [each.sightings for each in observed]
    flat = [sighting for each in sightings for sighting in each.values()]
    twins = iter(corpus.twins(flat))
    return (
        corpus.profiles({sighting.question for sighting in flat}),
        [{position: next(twins) for position in each} for each in sightings],
    )


def _subjects(
    survey: Survey, observed: Observed, profiles: Mapping[str, QuestionProfile], twins: Mapping[int, Twins]
) -> list[Subject]:
    """One subject per answer to judge."""
    numbered = [
        Sibling(number, question, answer, profiles.get(question_key(entry)))
        for number, (entry, question, answer) in enumerate(
            zip(observed.entries, observed.questions, observed.answers, strict=True), start=1
        )
    ]
    subjects = []
    for own in numbered[len(observed.respondent.earlier) :]:
        entry = observed.entries[own.number - 1]
        subjects.append(
            Subject(
                survey=survey,
                entry=entry,
                respondent=observed.respondent.identifier,
                number=own.number,
                question=own.question,
                answer=own.answer,
                siblings=tuple(other for other in numbered if other is not own),
                typing=read_typing(entry),
                profile=own.profile,
                twins=twins.get(own.number - 1, Twins()),
            )
        )
    return subjects


def _has(subject: Subject, needs: Collection[Needs]) -> bool:
    available = {
        Needs.QUESTION: not subject.question.features.is_blank,
        Needs.SIBLINGS: bool(subject.siblings),
        Needs.PEERS: subject.profile is not None and subject.profile.answers > 1,
    }
    return all(available[need] for need in needs)
