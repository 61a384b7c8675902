"""How jobs stand, for those who look after them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, select

from earnest.errors import InvalidInput, NotFound
from earnest.findings import JobStatus
from earnest.store.engines import reading
from earnest.store.jobs import MOST_PER_PAGE, job_of, row_of
from earnest.store.tables import chunk, failure, job

MOST_FAILURES = 1_000


class Failure(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A respondent who could not be judged, though everything was tried.

    Attributes:
        position: Which of the batch's responses, from 0.
        reason: Why. Never holds answer text.
    """

    position: int
    reason: str


class JobReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How a batch job stands.

    Attributes:
        batch_job_id: The job's identifier.
        survey_name: The survey's name, as submitted.
        status: Where it stands.
        total: How many respondents it has.
        done: How many of them are evaluated, or have failed.
        failed: How many of `done` could not be judged; their evaluations hold no findings.
        created_at: When it was submitted, UTC.
        finished_at: When it ended; null while it has not.
        reason: Why it failed; null unless it did.
        evaluator_versions: Which versions of the evaluator have judged it so far.
        failures: The first 1,000 who could not be judged, in the order of submission; empty in a list of jobs.
    """

    batch_job_id: str
    survey_name: str
    status: JobStatus
    total: int
    done: int
    failed: int
    created_at: datetime
    finished_at: datetime | None
    reason: str | None
    evaluator_versions: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


class JobList(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Jobs, the newest first.

    Attributes:
        items: How each stands.
        next_cursor: What to send as `cursor` for older ones; null where there are none.
    """

    items: tuple[JobReport, ...]
    next_cursor: str | None


class Reports:
    """How the jobs of all tenants stand."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, tenant: str | None, *, cursor: str | None, limit: int) -> JobList:
        """Jobs, the newest first; None is all tenants.

        Raises:
            InvalidInput: The cursor is none that was handed out, or the limit is out of range.
        """
        if not 1 <= limit <= MOST_PER_PAGE:
            raise InvalidInput(details={"limit": f"must be a whole number from 1 to {MOST_PER_PAGE}"})
        wanted = select(job).order_by(job.c.id.desc()).limit(limit + 1)
        if tenant is not None:
            wanted = wanted.where(job.c.tenant == tenant)
        with reading(self._engine) as connection:
            if cursor is not None:
                wanted = wanted.where(job.c.id < _place(connection, tenant, cursor))
            rows = connection.execute(wanted).all()
            versions = _versions(connection, [row.id for row in rows[:limit]])
        return JobList(
            items=tuple(_report(row, versions) for row in rows[:limit]),
            next_cursor=rows[limit - 1].public_id if len(rows) > limit else None,
        )

    def report(self, tenant: str | None, job_id: str) -> JobReport:
        """How one job stands.

        Raises:
            NotFound: There is no such job, or it is another tenant's; None is all tenants.
        """
        with reading(self._engine) as connection:
            row = row_of(connection, job_id, tenant)
            failures = connection.execute(
                select(failure.c.position, failure.c.reason)
                .where(failure.c.job_id == row.id)
                .order_by(failure.c.position)
                .limit(MOST_FAILURES)
            ).all()
            versions = _versions(connection, [row.id])
        return msgspec.structs.replace(
            _report(row, versions),
            failures=tuple(Failure(position=each.position, reason=each.reason) for each in failures),
        )


def _place(connection: Connection, tenant: str | None, cursor: str) -> int:
    """A cursor is the name of the last job that was shown."""
    try:
        return int(row_of(connection, cursor, tenant).id)
    except NotFound:
        fault = "is not a cursor of this list; use nextCursor as it was returned"
        raise InvalidInput(f"Invalid request parameters: cursor {fault}.", details={"cursor": fault}) from None


def _versions(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[str, ...]]:
    rows = connection.execute(
        select(chunk.c.job_id, chunk.c.evaluator)
        .where(chunk.c.job_id.in_(numbers), chunk.c.evaluator.is_not(None))
        .distinct()
        .order_by(chunk.c.evaluator)
    ).all()
    return {number: tuple(row.evaluator for row in rows if row.job_id == number) for number in numbers}


def _report(row: Row[Any], versions: dict[int, tuple[str, ...]]) -> JobReport:
    found = job_of(row)
    return JobReport(
        batch_job_id=found.id,
        survey_name=found.survey_name,
        status=found.status,
        total=found.total,
        done=found.done,
        failed=found.failed,
        created_at=found.created_at,
        finished_at=found.finished_at,
        reason=found.reason,
        evaluator_versions=versions[row.id],
    )
