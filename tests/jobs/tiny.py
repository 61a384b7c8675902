"""An encoder and a check that are small, and all of what a check may see shows in what the check says."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import numpy as np

from earnest.checks.base import Check, Needs, Subject
from earnest.evaluate import Evaluator
from earnest.findings import CheckName, Finding
from earnest.survey import Entry, KeyStroke, Respondent
from earnest.text.encoder import Encoded


class TinyEncoder:
    revision = "tiny-1"

    def encode(self, texts: Sequence[str]) -> Encoded:
        vectors = np.zeros((len(texts), 16), dtype=np.float16)
        for i, text in enumerate(texts):
            if text == "unreadable":
                raise ValueError(text)
            if text.strip():
                seed = int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
                vector = np.random.default_rng(seed).normal(size=16)
                vectors[i] = vector / np.linalg.norm(vector)
        return Encoded(
            vectors=vectors,
            pieces=np.array([len(text.split()) for text in texts], dtype=np.int32),
            characters=np.array([len("".join(text.split())) for text in texts], dtype=np.int32),
            disorder=np.array([len(text) % 7 for text in texts], dtype=np.float32),
        )


class Witness:
    """Says what it saw, as a digest; differs where anything differs."""

    name = CheckName.SHARED_DUPLICATE
    needs: frozenset[Needs] = frozenset()
    reasons: Mapping[str, str] = {}

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        return [self._judge(subject) for subject in subjects]

    def _judge(self, subject: Subject) -> Finding:
        profile = subject.profile
        seen = (
            subject.respondent,
            subject.number,
            subject.answer.vector.tobytes(),
            subject.answer.features.pieces_per_character,
            [(each.number, each.answer.features.text, each.answer.vector.tobytes()) for each in subject.siblings],
            subject.typing is not None,
            profile and (profile.answers, profile.texts, profile.vectors.tobytes(), profile.words.tobytes()),
            subject.twins,
        )
        return Finding(
            type=self.name,
            score=min(100.0, 10.0 * subject.twins.copies),
            is_issue=bool(subject.twins.closest),
            evidence=f"{len(subject.siblings)} siblings, {blake2b(repr(seen).encode(), digest_size=8).hexdigest()}",
        )


class Stumbling(Witness):
    """Fails on respondents who are named for it: once, always, or while broken. What it raises holds an answer."""

    broken = True

    def __init__(self) -> None:
        self._stumbled: set[str] = set()

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        for subject in subjects:
            name = subject.respondent
            first_time = name.startswith("once") and name not in self._stumbled
            if first_time or name.startswith("always") or (self.broken and name.startswith("broken")):
                self._stumbled.add(name)
                raise KeyError(subject.entry.answer)
        return super().judge(subjects)


def tiny_evaluator(*checks: Check) -> Evaluator:
    return Evaluator(encoder=TinyEncoder(), checks=checks or (Witness(),))


def some_respondents(count: int) -> tuple[Respondent, ...]:
    """Each answers two questions; every third answer to the second one is a copy."""
    return tuple(
        Respondent(
            f"r{i}",
            (
                Entry(
                    question="Why do you like it?",
                    question_identifier="why",
                    answer=f"Because my family {i} likes the taste of it, number {i * 7919 % 101}",
                    key_events=(KeyStroke(key="a", down_ms=i, hold_ms=80, code="KeyA"),),
                ),
                Entry(
                    question="What else?",
                    answer="nothing else comes to my mind at the moment" if i % 3 == 0 else f"{i} things, {i % 5} more",
                ),
            ),
        )
        for i in range(count)
    )
