"""What is kept, in the product's words: parts, batches, jobs, errands and keys. No SQL here."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from sqlalchemy import Connection

from earnest.errors import InvalidInput
from earnest.findings import CheckName, JobStatus, RespondentEvaluation
from earnest.survey import Entry, Respondent, Survey
from earnest.text.encoder import Encoded

LONGEST_IDENTIFIER = 500
"""Characters of a response's identifier: it is part of an index, and PostgreSQL's hold 2,700 bytes."""
TOO_LONG = f"must have at most {LONGEST_IDENTIFIER} characters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some answers of one respondent, to be judged at once: all of a response, or as much of it as is there.

    Attributes:
        survey: What they belong to. With an identifier, they are compared with everything of that survey.
        entries: The answers, at least one.
        wanted: Which checks to run.
        response_identifier: The survey's own name for the response; within a survey that has an identifier, parts with
            the same one belong together.
        aftercare_response_identifier: The name that we gave the response with an earlier part; wins over the other, and
            needs no survey. One that we never gave is adopted.
    """

    survey: Survey
    entries: tuple[Entry, ...]
    wanted: frozenset[CheckName]
    response_identifier: str | None = None
    aftercare_response_identifier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEvaluation:
    """What was found in a part, and the names under which further parts of the response may follow."""

    evaluation: RespondentEvaluation
    aftercare_response_identifier: str
    response_identifier: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Respondents to be judged together, later.

    Attributes:
        survey: What they belong to. Without an identifier they are compared with one another only.
        respondents: At least one, in memory or anywhere else. Every position gets exactly one evaluation, also where
            identifiers repeat; answers under the same identifier count as one person's and are not held against one
            another.
        wanted: Which checks to run.
        callback_url: Where to post the first page of results when the job ends (http or https); None for nowhere.
        thresholds: By check, the score from which an answer is flagged; None for those of whoever judges.
    """

    survey: Survey
    respondents: Collection[Respondent]
    wanted: frozenset[CheckName]
    callback_url: str | None = None
    thresholds: Mapping[CheckName, float] | None = None


@dataclass(frozen=True, slots=True)
class Idempotency:
    """What makes a request that is sent again the same request.

    Attributes:
        key: The client's name for it.
        request_digest: Of all that it asks for, 16 bytes; with another one, it is another request.
    """

    key: str
    request_digest: bytes


def sound(respondents: Iterable[Respondent]) -> Iterator[Respondent]:
    """The same respondents, as long as they can be kept.

    Raises:
        InvalidInput: at the end, naming all that cannot: one has no entries, or an identifier is too long.
    """
    faults: dict[str, str] = {}
    for i, each in enumerate(respondents):
        faults |= _unsound(i, each)
        if not faults:
            yield each
    if faults:
        raise InvalidInput(details=faults)


def unsound(respondents: Iterable[Respondent]) -> dict[str, str]:
    """What keeps respondents from being kept, by field."""
    return {path: fault for i, each in enumerate(respondents) for path, fault in _unsound(i, each).items()}


def _unsound(number: int, respondent: Respondent) -> dict[str, str]:
    faults = {}
    if len(respondent.identifier) > LONGEST_IDENTIFIER:
        faults[f"responses[{number}].responseIdentifier"] = TOO_LONG
    if not respondent.entries:
        faults[f"responses[{number}].surveyEntries"] = "must hold at least one entry"
    return faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A batch job as it stands.

    Attributes:
        id: Its public name (batchJobId).
        tenant: Whose it is.
        survey_name: The survey's name when it was submitted.
        status: Where it stands.
        total: How many respondents it has.
        done: How many of them are evaluated, or have failed.
        failed: How many of `done` could not be judged, though everything was tried.
        created_at: When it was submitted, UTC.
        finished_at: When it ended, UTC; None while it has not.
        reason: Why it failed; None unless it did. Never holds answer text.
    """

    id: str
    tenant: str
    survey_name: str
    status: JobStatus
    total: int
    done: int
    failed: int
    created_at: datetime
    finished_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    """Some of a job's results, in the order in which the respondents were submitted.

    While a job runs, a page holds what is finished without a gap, possibly nothing, and always a cursor: asking again
    with it later continues exactly behind the last item seen. Items never change once shown.

    Attributes:
        job: The job as it stands.
        items: Each a `RespondentEvaluation` as JSON.
        next_cursor: What to ask for next; None only on the last page of a job that has ended.
    """

    job: Job
    items: tuple[bytes, ...]
    next_cursor: str | None

    @property
    def status(self) -> JobStatus:
        """Where the job stands."""
        return self.job.status

    def to_json(self) -> bytes:
        """The page as the wire's `DataQualityBatchResponse`; the items are spliced in unread."""
        return msgspec.json.encode(
            {
                "batchJobId": self.job.id,
                "status": self.job.status,
                "results": {"items": [msgspec.Raw(item) for item in self.items], "nextCursor": self.next_cursor},
            }
        )


class Scope(StrEnum):
    """What a key is good for."""

    EVALUATE = "evaluate"
    """Send answers, at once or as a batch."""
    READ = "read"
    """See what was found and how far jobs are."""
    MANAGE = "manage"
    """Cancel, resume, deliver again, delete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it may be listed: the secret itself is shown once, when it is made, and kept as a hash only.

    Attributes:
        id: The public part of the key.
        tenant: Whose data it opens.
        name: What it is for.
        scopes: What it may do; all where nothing was said.
        created_at: UTC, as all times.
        expires_at: From then on it is refused; None for never.
        last_used_at: To the minute; None for never.
        revoked_at: Since then it is refused; None where it was not revoked.
    """

    id: str
    tenant: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


def at(seconds: float) -> datetime:
    """A moment as it is kept (seconds since 1970) as one that people read, UTC."""
    return datetime.fromtimestamp(seconds, tz=UTC)


class Kind(StrEnum):
    """What can be done later."""

    OBSERVE = "observe"
    JUDGE = "judge"
    CALL_BACK = "call-back"
    REJUDGE = "rejudge"


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do later.

    Attributes:
        kind: What is to be done.
        job: The job's public name; to judge again, any name that is its own.
        number: Which chunk of it, or, for a callback, which attempt; from 0. To judge again, the number of the survey.
        delay_s: Not before so many seconds have passed.
        again: How often the same was begun before; each time it is an errand of its own.
    """

    kind: Kind
    job: str
    number: int
    delay_s: float = 0.0
    again: int = 0

    @property
    def id(self) -> str:
        """A name of its own: the same errand is never queued twice."""
        return f"{self.job}/{self.kind}/{self.number}" + (f"/{self.again}" if self.again else "")


Enqueue = Callable[[Connection, Sequence[Errand]], None]
"""Queues errands within a transaction, so that they are done exactly if it is committed."""

Admit = Callable[[Connection, int], None]
"""Counts so many respondents at the end of the transaction that keeps them; what it raises undoes all."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptPart:
    """A part as it is kept.

    Attributes:
        id: Its number.
        entries: Its answers.
        encoded: What the encoder saw in them; None until they are observed, or where it was another encoder.
    """

    id: int
    entries: tuple[Entry, ...]
    encoded: Encoded | None


@dataclass(frozen=True, slots=True, eq=False)
class KeptResponse:
    """A response of which one part is to be judged.

    Attributes:
        survey_id: Number of its survey.
        identifier: The respondent's identifier.
        aftercare_identifier: Our name for it.
        part: What is to be judged.
        earlier: What had arrived before, oldest first.
    """

    survey_id: int
    identifier: str
    aftercare_identifier: str
    part: KeptPart
    earlier: tuple[KeptPart, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some respondents of a job, to be worked on together.

    Attributes:
        survey: What they belong to.
        survey_id: Its number.
        wanted: Which checks to run.
        thresholds: By check, the score from which an answer is flagged; None for those of whoever judges.
        responses: Who, by position in the batch.
    """

    survey: Survey
    survey_id: int
    wanted: frozenset[CheckName]
    thresholds: Mapping[CheckName, float] | None
    responses: dict[int, KeptResponse]


@dataclass(frozen=True, slots=True)
class Begun:
    """An errand that was begun.

    Attributes:
        attempts: How often by now, without having been ended.
        respondents: How many it is about.
    """

    attempts: int
    respondents: int


class _Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    version: int
    job: str
    after: Annotated[int, msgspec.Meta(ge=-1, lt=2**31)]


def cursor_of(job_id: str, after: int) -> str:
    """An opaque name for the place behind a position of a job; -1 stands for its start."""
    packed = msgspec.msgpack.encode(_Cursor(1, job_id[:8], after))
    return urlsafe_b64encode(packed).decode().rstrip("=")


def position_of(cursor: str, job_id: str, *, of: str = "job") -> int:
    """The position that a cursor stands behind.

    Raises:
        InvalidInput: It is not a cursor of this job.
    """
    try:
        packed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        found = msgspec.msgpack.decode(packed, type=_Cursor)
    except (ValueError, msgspec.MsgspecError):
        found = _Cursor(0, "", 0)
    if (found.version, found.job) != (1, job_id[:8]) or cursor != cursor_of(job_id, found.after):
        fault = f"is not a cursor of this {of}; use nextCursor as it was returned"
        raise InvalidInput(f"Invalid request parameters: cursor {fault}.", details={"cursor": fault})
    return found.after


# Now, not at first use: msgspec 0.22 crashes where two threads are the first to decode a struct at once.
msgspec.msgpack.Decoder(_Cursor)
