"""What happens to a job when something goes wrong, or somebody wants it to end.

A chunk that has been begun too often falls apart into its respondents; one of those who is begun too often as well
fails alone, and the job goes on without them. A job that cannot go on at all fails; whatever was found stays, and it
can be resumed.
"""

from typing import Any

from sqlalchemy import Connection, Engine, Row, bindparam, delete, func, select, update

from earnest.errors import InvalidInput
from earnest.findings import JobStatus
from earnest.store.base import Enqueue, Errand, Job, Kind
from earnest.store.engines import execute_many, writing
from earnest.store.jobs import (
    BEFORE,
    LONGEST_REASON,
    UNDER_WAY,
    end,
    go_on,
    job_of,
    judge_observed,
    locked,
    move,
    of_errand,
    row_of,
    save_results,
)
from earnest.store.submissions import State
from earnest.store.tables import chunk, evaluation, failure, job

CANCELLED = "Cancelled"
FEW = 10
FEW_SHARE = 0.05
"""Set, not measured: where more respondents fail than these, not their answers are at fault but the installation."""


class Setbacks:
    """The troubles of all jobs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def try_again(self, errand: Errand, attempts: int, *, pause_s: float, enqueue: Enqueue) -> None:
        """Queue an errand anew that has failed so many times."""
        with writing(self._engine) as connection:
            enqueue(connection, [Errand(errand.kind, errand.job, errand.number, pause_s, again=attempts)])

    def give_back(self, errand: Errand) -> None:
        """Take back that an errand was begun: it is dropped, through no fault of its own."""
        with writing(self._engine) as connection:
            row = row_of(connection, errand.job)
            connection.execute(
                update(chunk)
                .where(of_errand(row.id, errand), chunk.c.attempts > 0)
                .values(attempts=chunk.c.attempts - 1)
            )

    def split(self, errand: Errand, *, enqueue: Enqueue) -> None:
        """Make a chunk of each of a chunk's respondents, so that whoever is impossible fails alone."""
        with writing(self._engine) as connection:
            row = locked(connection, errand.job)
            place = connection.execute(select(chunk).where(of_errand(row.id, errand))).one_or_none()
            if place is None or row.status not in UNDER_WAY:
                return
            number = _next_number(connection, row.id)
            connection.execute(delete(chunk).where(of_errand(row.id, errand)))
            singles = [
                {"job_id": row.id, "number": number + i, "first": first, "end": first + 1, "state": place.state}
                for i, first in enumerate(range(place.first, place.end))
            ]
            execute_many(connection, chunk.insert(), singles)
            enqueue(connection, [Errand(errand.kind, errand.job, number + i) for i in range(len(singles))])

    def fail_one(self, errand: Errand, position: int, result: bytes, reason: str, *, enqueue: Enqueue) -> None:
        """Give up on a respondent, whose evaluation says nothing; the others go on, unless too many have failed."""
        with writing(self._engine) as connection:
            row = locked(connection, errand.job)
            if not move(connection, row, errand, state=State.FAILED):
                return
            connection.execute(
                failure.insert().values(job_id=row.id, position=position, reason=reason[:LONGEST_REASON])
            )
            save_results(connection, row.id, {position: result})
            failed = row.failed + 1
            connection.execute(update(job).where(job.c.id == row.id).values(failed=failed))
            if failed > max(FEW, FEW_SHARE * row.total):
                why = f"{failed} respondents could not be judged, the last one because: {reason}"
                end(connection, row, JobStatus.FAILED, why, enqueue)
            else:
                go_on(connection, row, errand.kind, enqueue)

    def fail(self, job_id: str, reason: str, *, enqueue: Enqueue) -> None:
        """End a job that cannot go on."""
        with writing(self._engine) as connection:
            row = locked(connection, job_id)
            if row.status in UNDER_WAY:
                end(connection, row, JobStatus.FAILED, reason, enqueue)

    def cancel(self, tenant: str | None, job_id: str, *, enqueue: Enqueue) -> Job:
        """End a job that is not wanted any longer. Cancelling it twice changes nothing.

        Raises:
            NotFound: There is no such job, or it is another tenant's; None is all tenants.
            InvalidInput: It has ended already.
        """
        with writing(self._engine) as connection:
            row = row_of(connection, job_id, tenant, lock=True)
            if row.status in UNDER_WAY:
                end(connection, row, JobStatus.FAILED, CANCELLED, enqueue)
            elif row.reason != CANCELLED:
                raise InvalidInput(f"The job is {row.status}; only one that has not ended can be cancelled.")
            return job_of(row_of(connection, job_id))

    def resume(self, tenant: str | None, job_id: str, *, enqueue: Enqueue) -> Job:
        """Do what a job that has failed, or seems to hang, has left to do; those who had failed are tried again.

        Chunks get new numbers: whatever is still queued under the old ones finds nothing.

        Raises:
            NotFound: There is no such job, or it is another tenant's; None is all tenants.
            InvalidInput: It is completed.
        """
        with writing(self._engine) as connection:
            row = row_of(connection, job_id, tenant, lock=True)
            if row.status == JobStatus.COMPLETED:
                raise InvalidInput("The job is completed; there is nothing to resume.")
            _forget_failures(connection, row)
            waiting = _renumber(connection, row.id)
            connection.execute(
                update(job).where(job.c.id == row.id).values(status=JobStatus.PROCESSING, reason=None, finished_at=None)
            )
            if waiting:
                enqueue(connection, [Errand(Kind.OBSERVE, job_id, number) for number in waiting])
            else:
                judge_observed(connection, row, enqueue)
            return job_of(row_of(connection, job_id))


def _next_number(connection: Connection, job_id: int) -> int:
    last = connection.execute(select(func.max(chunk.c.number)).where(chunk.c.job_id == job_id)).scalar_one()
    return int(last) + 1


def _forget_failures(connection: Connection, row: Row[Any]) -> None:
    failed = select(failure.c.position).where(failure.c.job_id == row.id)
    connection.execute(delete(evaluation).where(evaluation.c.job_id == row.id, evaluation.c.position.in_(failed)))
    connection.execute(delete(failure).where(failure.c.job_id == row.id))
    connection.execute(update(job).where(job.c.id == row.id).values(done=job.c.done - job.c.failed, failed=0))
    connection.execute(
        update(chunk).where(chunk.c.job_id == row.id, chunk.c.state == State.FAILED).values(state=State.WAITING)
    )


def _renumber(connection: Connection, job_id: int) -> list[int]:
    """Put all chunks that are to be done behind the others; returns the numbers of those that wait to be observed."""
    left = connection.execute(
        select(chunk.c.number, chunk.c.state)
        .where(chunk.c.job_id == job_id, chunk.c.state.in_(BEFORE.values()))
        .order_by(chunk.c.number)
    ).all()
    first = _next_number(connection, job_id)
    execute_many(
        connection,
        update(chunk)
        .where(chunk.c.job_id == job_id, chunk.c.number == bindparam("old"))
        .values(number=bindparam("new"), attempts=0),
        [{"old": each.number, "new": first + i} for i, each in enumerate(left)],
    )
    return [first + i for i, each in enumerate(left) if each.state == State.WAITING]
