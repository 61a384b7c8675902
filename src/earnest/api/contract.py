"""What travels: the request bodies as clients may send them. The answers are in `findings`.

The wire is tolerant where the domain is not: null is as good as absent, unknown fields are ignored, checks have older
names, ids may be numbers. All of it is settled here, and nothing behind this file knows of it. The same structs are the
published schema: their docstrings are its descriptions (`api/openapi.py`).
"""

from collections.abc import Collection
from typing import Annotated
from uuid import uuid4

import msgspec
from msgspec import Meta, Struct

from earnest.api.pieces import MOST_RESPONSES
from earnest.findings import CHECKS_OF_MODE, CheckName, DetectionMode, EvaluationResponse
from earnest.service import Batch, Part, PartEvaluation
from earnest.store.base import LONGEST_IDENTIFIER
from earnest.survey import Capture, Entry, KeyStroke, Paste, Respondent, Survey

ALIASES = {
    "nonsense": CheckName.NONSENSICAL,
    "relevance": CheckName.IRRELEVANT,
    "low-effort": CheckName.LOW_EFFORT,
    "llm-generated": CheckName.LLM_GENERATED,
    "self duplicated": CheckName.SELF_DUPLICATE,
    "shared duplicate": CheckName.SHARED_DUPLICATE,
}
"""Names that older clients send, beside the published ones. Upper and lower case are the same."""

_CHECK_OF = ALIASES | {check.value.lower(): check for check in CheckName}


MOST_NUMBER = 2**53
"""The largest whole number that every JSON reader keeps exact."""


def _any_case(text: str) -> str:
    """A regular expression without flags, since JSON Schema has none."""
    return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else c for c in text)


_END = r"$(?!\n)"  # in Python alone, $ also stands before a last line break

Identifier = Annotated[
    str,
    Meta(max_length=LONGEST_IDENTIFIER, extra={"must": f"be a string of at most {LONGEST_IDENTIFIER:,} characters"}),
]
GivenIdentifier = Annotated[
    # Spreadsheets turn a column of whole numbers with gaps into floats.
    Identifier
    | Annotated[int, Meta(ge=-MOST_NUMBER, le=MOST_NUMBER)]
    | Annotated[float, Meta(ge=-MOST_NUMBER, le=MOST_NUMBER)],
    Meta(extra={"must": "be the string or number that an earlier answer gave"}),
]
IssueType = Annotated[
    str,
    Meta(
        pattern="^(" + "|".join(map(_any_case, _CHECK_OF)) + f"){_END}",
        extra={"must": "be one of: " + ", ".join(CheckName)},
        examples=list(CheckName),
    ),
]
CallbackUrl = Annotated[
    str,
    Meta(
        pattern=r"^[Hh][Tt][Tt][Pp][Ss]?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?([/?#][!-~]*)?" + _END,
        max_length=2000,
        extra={"must": "be an http or https URL with a host, of at most 2,000 printable ASCII characters"},
        examples=["https://example.com/earnest/done"],
    ),
]
AT_LEAST_ONE = "be an array with at least one item"
MOST_ENTRIES = 1_000
"""Questions that one respondent answers at once; each answer is compared with every other one."""
MOST_EVENTS = 100_000
"""Of one answer: four hours of typing without a pause. The published collector stops at about 600."""
LONGEST_TEXT = 1_000_000


def _most_items(number: int) -> Meta:
    return Meta(max_length=number, extra={"must": f"be an array of at most {number:,} items"})


Text = Annotated[
    str, Meta(max_length=LONGEST_TEXT, extra={"must": f"be a string of at most {LONGEST_TEXT:,} characters"})
]


class SurveyEntry(Struct, frozen=True, rename="camel"):
    """One question and one respondent's answer to it. A question that was not answered is left out.

    Attributes:
        question: The question as it was asked.
        answer: The answer, untouched.
        question_context: What you want to learn from this question.
        question_identifier: Ties the question to itself across respondents; without one, its wording does.
        parent_question_identifier: The earlier question in a follow-up thread.
        key_events: Key strokes, in any order. Leave it out where none were recorded: an empty array says that
            there were none.
        paste_events: Pastes, likewise.
        honeypot_phrase: Words hidden from people in the page; an answer that holds them was written by a machine.
        capture: What Earnest's own browser script saw besides keys and pastes, such as dictation. Other collectors
            leave it out.
    """

    question: Text
    answer: Text
    question_context: Text | None = None
    question_identifier: Identifier | None = None
    parent_question_identifier: Identifier | None = None
    key_events: Annotated[tuple[KeyStroke, ...], _most_items(MOST_EVENTS)] | None = None
    paste_events: Annotated[tuple[Paste, ...], _most_items(MOST_EVENTS)] | None = None
    honeypot_phrase: Text | None = None
    capture: Capture | None = None

    def entry(self) -> Entry:
        """The same, clean."""
        given = msgspec.structs.asdict(self)
        return Entry(**{name: value for name, value in given.items() if value is not None})


Entries = Annotated[
    tuple[SurveyEntry, ...],
    Meta(min_length=1, max_length=MOST_ENTRIES, extra={"must": f"be an array of 1 to {MOST_ENTRIES:,} items"}),
]


class _AboutSurvey(Struct, frozen=True, rename="camel"):
    survey_description: str | None = None
    survey_identifier: Identifier | None = None
    quality_issues: tuple[IssueType, ...] | None = None
    detection_mode: DetectionMode | None = None

    def wanted(self) -> frozenset[CheckName]:
        """Which checks to run: those of the mode, or else those named, or else all."""
        if self.detection_mode is not None:
            return CHECKS_OF_MODE[self.detection_mode]
        return frozenset(_CHECK_OF[name.lower()] for name in self.quality_issues or CheckName)

    def survey(self, name: str | None) -> Survey:
        """The survey that the request describes."""
        return Survey(
            name=name or "", description=self.survey_description or "", identifier=self.survey_identifier or None
        )


class EvaluationRequest(_AboutSurvey, frozen=True, rename="camel", kw_only=True):
    """One respondent's answers, or as many of them as are there.

    Attributes:
        survey_entries: The questions and answers.
        survey_name: The survey's name.
        survey_description: Its purpose; names of brands, products and films that answers may mention.
        survey_identifier: Ties questions and answers to one survey, across requests.
        response_identifier: Ties answers to one respondent's response, which may arrive in parts.
        aftercare_response_identifier: The name that we gave the response with an earlier part; wins over
            responseIdentifier.
        quality_issues: Only these checks; without it, or when empty, all that apply.
        detection_mode: Which kind of trouble to look for; wins over qualityIssues.
    """

    survey_entries: Entries
    survey_name: str | None = None
    response_identifier: Identifier | None = None
    aftercare_response_identifier: GivenIdentifier | None = None

    def part(self) -> Part:
        """The same, clean."""
        return Part(
            survey=self.survey(self.survey_name),
            entries=tuple(each.entry() for each in self.survey_entries),
            wanted=self.wanted(),
            response_identifier=self.response_identifier or None,
            aftercare_response_identifier=_text(self.aftercare_response_identifier) or None,
        )


class SurveyResponse(Struct, frozen=True, rename="camel"):
    """One respondent of a batch.

    Attributes:
        survey_entries: The questions and answers.
        response_identifier: Your name for the response; we make one where it is missing.
    """

    survey_entries: Entries
    response_identifier: Identifier | None = None

    def respondent(self) -> Respondent:
        """The same, clean, with an identifier in any case."""
        return Respondent(
            identifier=self.response_identifier or str(uuid4()),
            entries=tuple(each.entry() for each in self.survey_entries),
        )


class _AboutBatch(_AboutSurvey, frozen=True, rename="camel", kw_only=True):
    survey_name: str
    callback_url: CallbackUrl | None = None

    def batch_of(self, respondents: Collection[Respondent]) -> Batch:
        """The batch of these respondents that the request asks for."""
        return Batch(
            survey=self.survey(self.survey_name),
            respondents=respondents,
            wanted=self.wanted(),
            callback_url=self.callback_url,
        )


class BatchHead(_AboutBatch, frozen=True, rename="camel", kw_only=True):
    """A batch request of which the responses are taken out and read one by one."""

    responses: Annotated[tuple[None, ...], Meta(extra={"must": AT_LEAST_ONE})]


class BatchLines(_AboutBatch, frozen=True, rename="camel", kw_only=True):
    """The first of a batch request's lines; the others are its responses."""

    responses: Annotated[None, Meta(extra={"must": "be left out: each further line is a response"})] = None


class BatchRequest(_AboutBatch, frozen=True, rename="camel", kw_only=True):
    """A survey's respondents, to be judged together.

    Attributes:
        survey_name: The survey's name.
        responses: The respondents.
        callback_url: Where to post the results when the job ends; without it, ask for them.
        survey_description: Its purpose; names of brands, products and films that answers may mention.
        survey_identifier: Ties questions and answers to one survey, across requests.
        quality_issues: Only these checks; without it, or when empty, all that apply.
        detection_mode: Which kind of trouble to look for; wins over qualityIssues.
    """

    responses: Annotated[
        tuple[SurveyResponse, ...], Meta(min_length=1, max_length=MOST_RESPONSES, extra={"must": AT_LEAST_ONE})
    ]

    def batch(self) -> Batch:
        """The same, clean."""
        return self.batch_of(tuple(each.respondent() for each in self.responses))


def evaluation_response(found: PartEvaluation) -> EvaluationResponse:
    """What the client is told about a part."""
    given = msgspec.structs.asdict(found.evaluation)
    given["response_identifier"] = found.response_identifier or found.aftercare_response_identifier
    return EvaluationResponse(**given, aftercare_response_identifier=found.aftercare_response_identifier)


class Error(Struct, frozen=True, omit_defaults=True):
    """What went wrong.

    Attributes:
        code: What kind of error it is; does not change between releases.
        message: What is wrong and how to mend it.
        details: Each bad field's path, and what is wrong with it.
    """

    code: str
    message: str
    details: dict[str, str] = {}


def _text(identifier: str | float | None) -> str | None:
    """An identifier that may be a number, as text: 12 and 12.0 are the same number in JSON."""
    if isinstance(identifier, float) and identifier.is_integer():
        identifier = int(identifier)
    return None if identifier is None else str(identifier)


# Now, not at first use: msgspec 0.22 crashes where two threads are the first to decode a struct at once.
for _kind in (EvaluationRequest, SurveyResponse, BatchHead, BatchLines, BatchRequest):
    msgspec.json.Decoder(_kind)
