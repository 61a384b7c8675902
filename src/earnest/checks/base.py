"""What a check is, and all that it may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from earnest.corpus import QuestionProfile, Twins
from earnest.findings import CheckName, Finding
from earnest.keystrokes import TypingEvidence
from earnest.survey import Entry, Survey
from earnest.text.encoder import Vector
from earnest.text.features import Features


class Needs(Enum):
    """What must be there for a check to say anything; without it `evaluate` does not ask the check."""

    QUESTION = auto()  # the wording of the question
    SIBLINGS = auto()  # another answer of the same person
    PEERS = auto()  # other people's answers to the same question


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A text with its measurements: `text.features.Features` and what the encoder saw, all 0 for a blank text.

    Attributes:
        features: What it looks like.
        vector: What it means.
        disorder: How much its words seem to stand in no order; see `text.encoder.Encoded`.
    """

    features: Features
    vector: Vector
    disorder: float


@dataclass(frozen=True, slots=True, eq=False)
class Sibling:
    """Another question and answer of the same respondent.

    Attributes:
        number: Counts their answers from 1 as they were asked.
        question: The question, measured.
        answer: The answer, measured.
        profile: How others answer this question; None where nobody did.
    """

    number: int
    question: Measured
    answer: Measured
    profile: QuestionProfile | None


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One answer and everything that a check may know about it.

    Attributes:
        survey: The survey it belongs to.
        entry: Question and answer as they came in.
        respondent: Identifier of the respondent.
        number: Which of the respondent's answers it is, from 1, earlier parts of the response included.
        question: The question, measured.
        answer: The answer, measured; `answer.features.is_blank` where there is nothing to read.
        siblings: The same respondent's other answers, earlier ones included, in the order in which they were asked.
        typing: How it was typed; None where nothing was recorded.
        profile: How others answer this question; None where nobody else did.
        twins: Whose answers to this question are nearly the same.
    """

    survey: Survey
    entry: Entry
    respondent: str
    number: int
    question: Measured
    answer: Measured
    siblings: tuple[Sibling, ...]
    typing: TypingEvidence | None
    profile: QuestionProfile | None
    twins: Twins


class Check(Protocol):
    """Judges answers for one kind of trouble.

    A check's class docstring has six sections (What it finds, Why it matters, How it decides, What it gets wrong,
    Reasons, Example), from which its page in the documentation is made.
    """

    name: CheckName
    needs: frozenset[Needs]
    reasons: Mapping[str, str]
    """Closed list: reason code -> what it says to a researcher."""

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        """Return one finding per subject, in order; None where the check cannot tell or does not apply."""
        ...
