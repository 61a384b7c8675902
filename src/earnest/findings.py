"""What goes out: findings, and the evaluations that hold them, in the published shape.

These structs are what checks build, what `scoring` adds up, what the encoder writes and what the database keeps.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, json

from earnest.survey import Entry

Score = Annotated[float, Meta(ge=0, le=100)]
Count = Annotated[int, Meta(ge=0)]

DECIMALS = 2


def rounded(score: float) -> float:
    """Clamp to 0–100 and round as scores are published."""
    return round(min(100.0, max(0.0, score)), DECIMALS)


class CheckName(StrEnum):
    """The six checks. A member's value is its name on the wire."""

    NONSENSICAL = "Nonsensical"
    IRRELEVANT = "Irrelevant"
    LOW_EFFORT = "Low Effort"
    LLM_GENERATED = "LLM Generated"
    SELF_DUPLICATE = "Repeated Answers"
    SHARED_DUPLICATE = "Duplicate Answers"

    @classmethod
    def called(cls, name: str) -> "CheckName | None":
        """The check of that name, on the wire or in our code, in any case and punctuation; None where there is none."""
        return next((check for check in cls if bare(name) in {bare(check.name), bare(check.value)}), None)


def bare(name: str) -> str:
    """Letters and digits only, in small letters: what makes two spellings of a name the same."""
    return "".join(filter(str.isalnum, name.casefold()))


class Finding(Struct, frozen=True, rename="camel", omit_defaults=True):
    """What one check says of one answer. Where a check cannot tell, there is no finding at all.

    Attributes:
        type: Which check speaks.
        score: 0–100, the calibrated probability in per cent that the answer has this issue. Higher is worse.
        is_issue: Whether that is enough to act on, at the check's documented false-flag rate.
        evidence: One sentence that a researcher can check against the data.
        reason_codes: The check's own codes for what it found, most important first; empty when nothing was found.
    """

    type: CheckName
    score: Score
    is_issue: bool
    evidence: str | UnsetType = UNSET
    reason_codes: tuple[str, ...] = ()


def is_flagged(finding: Finding, thresholds: Mapping[CheckName, float]) -> bool:
    """Whether it is an issue by the threshold for its check, 0–100; by the check's own where there is none.

    A finding without a reason code is never one: nobody is accused of what cannot be named.
    """
    if finding.type not in thresholds:
        return finding.is_issue
    return bool(finding.reason_codes) and finding.score >= thresholds[finding.type]


class EntryEvaluation(Struct, frozen=True, rename="camel", omit_defaults=False):
    """All that was found about one answer.

    Attributes:
        survey_entry: The answer as it came in, without its key and paste logs.
        num_issues: How many checks call it an issue.
        has_issues: Whether any does.
        quality_score: 100 − demerit_score.
        demerit_score: Weighted mean of the findings' scores, 0–100; 0 where no check could tell anything.
        quality_issue_checks: One finding per check that applies and can tell.
    """

    survey_entry: Entry
    num_issues: Count
    has_issues: bool
    quality_score: Score
    demerit_score: Score
    quality_issue_checks: tuple[Finding, ...]


class RespondentEvaluation(Struct, frozen=True, rename="camel", omit_defaults=False):
    """All that was found about one respondent.

    Attributes:
        response_identifier: The respondent's identifier, as given or as we made it.
        num_issues: Sum over the entries.
        quality_score: 100 − demerit_score.
        demerit_score: Mean of the entries' demerit scores, 0–100.
        evaluations: One per entry, in the order of the entries.
    """

    response_identifier: str
    num_issues: Count
    quality_score: Score
    demerit_score: Score
    evaluations: tuple[EntryEvaluation, ...]


class EvaluationResponse(RespondentEvaluation, frozen=True, rename="camel", omit_defaults=False):
    """All that was found about one respondent's answers.

    Attributes:
        response_identifier: The response's name, as given or as we made it.
        num_issues: Number of quality issues detected.
        quality_score: 100 − demeritScore.
        demerit_score: Mean of the entries' demerit scores. Higher is worse.
        evaluations: One per survey entry, in their order.
        aftercare_response_identifier: Send it with further parts of the same response.
    """

    aftercare_response_identifier: str


class JobStatus(StrEnum):
    """Where a batch job stands; the values are those of the wire."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self in {JobStatus.COMPLETED, JobStatus.FAILED}


class BatchJobResults(Struct, frozen=True, rename="camel"):
    """One page of results, in the order in which the responses were submitted. A page once returned never changes.

    Attributes:
        items: One per respondent.
        next_cursor: What to send as `cursor` for what follows; null on the last page of a job that has ended.
    """

    items: tuple[RespondentEvaluation, ...]
    next_cursor: str | None


class DataQualityBatchResponse(Struct, frozen=True, rename="camel"):
    """A batch job as it stands.

    Attributes:
        batch_job_id: The job's identifier.
        status: Where it stands.
        results: What is ready.
    """

    batch_job_id: str
    status: JobStatus
    results: BatchJobResults


class DetectionMode(StrEnum):
    """Which kind of trouble to look for."""

    RESPONSIVENESS = "Responsiveness"
    AUTHENTICITY = "Authenticity"
    COMPOSITE = "Composite"


CHECKS_OF_MODE = {
    DetectionMode.RESPONSIVENESS: frozenset(
        {CheckName.NONSENSICAL, CheckName.IRRELEVANT, CheckName.LOW_EFFORT, CheckName.SELF_DUPLICATE}
    ),
    DetectionMode.AUTHENTICITY: frozenset({CheckName.LLM_GENERATED, CheckName.SHARED_DUPLICATE}),
    DetectionMode.COMPOSITE: frozenset(CheckName),
}


# Now, not at first use: msgspec 0.22 crashes where two threads are the first to decode a struct at once.
json.Decoder(RespondentEvaluation)
json.Decoder(DataQualityBatchResponse)
