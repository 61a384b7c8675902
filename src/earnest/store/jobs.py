"""Batch jobs: worked on chunk by chunk, read page by page. How they come in: `submissions`; what if not: `setbacks`.

A chunk is *waiting*, then *observed*, then *judged*; or it *failed* on the way. What was found in it, its new state and
the errands that follow are one transaction, so a chunk that runs twice, or is killed anywhere, changes nothing more.
"""

import re
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, select, update

from earnest.corpus import Sighting
from earnest.errors import InvalidInput, NotFound
from earnest.findings import JobStatus
from earnest.store.base import (
    Batch,
    Begun,
    Chunk,
    Enqueue,
    Errand,
    Job,
    JobPage,
    Kind,
    at,
    cursor_of,
    position_of,
)
from earnest.store.corpus import add_sightings
from earnest.store.deliveries import next_round
from earnest.store.engines import insert_new, reading, writing
from earnest.store.late import Alike, Later, note_later
from earnest.store.responses import load, save_encoded
from earnest.store.submissions import State, open_job, request_of
from earnest.store.tables import chunk, evaluation, job, task
from earnest.text.encoder import Encoded

MOST_PER_PAGE = 1_000
_PUBLIC_ID = re.compile("[0-9a-f-]{36}")
LONGEST_REASON = 500
BEFORE = {Kind.OBSERVE: State.WAITING, Kind.JUDGE: State.OBSERVED}
"""Where a chunk stands when such an errand is to be done."""
UNDER_WAY = (JobStatus.QUEUED, JobStatus.PROCESSING)


class Jobs:
    """The batch jobs of all tenants."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, tenant: str, batch: Batch, results: Sequence[bytes]) -> str:
        """Keep a batch that was evaluated elsewhere, as a completed job; return its public name."""
        with writing(self._engine) as connection:
            job_id, public_id, _ = open_job(connection, tenant, batch, total=len(results), parts_before=0)
            save_results(connection, job_id, dict(enumerate(results)))
            connection.execute(
                update(job).where(job.c.id == job_id).values(status=JobStatus.COMPLETED, finished_at=time.time())
            )
        return public_id

    def attempts(self, errand: Errand) -> int | None:
        """How often an errand was begun and not ended; None where it is not to be done (any longer)."""
        with reading(self._engine) as connection:
            found: int | None = connection.execute(
                select(chunk.c.attempts)
                .join(job, job.c.id == chunk.c.job_id)
                .where(
                    job.c.public_id == errand.job,
                    job.c.status.in_(UNDER_WAY),
                    chunk.c.number == errand.number,
                    chunk.c.state == BEFORE[errand.kind],
                )
            ).scalar()
        return found

    def begin(self, errand: Errand) -> Begun | None:
        """Note that an errand is begun, before anything can go wrong; None where it is not to be done (any longer)."""
        with writing(self._engine) as connection:
            row = connection.execute(select(job.c.id, job.c.status).where(job.c.public_id == errand.job)).one()
            if row.status not in UNDER_WAY:
                return None
            begun = connection.execute(
                update(chunk)
                .where(of_errand(row.id, errand))
                .values(attempts=chunk.c.attempts + 1)
                .returning(chunk.c.attempts, chunk.c.end - chunk.c.first)
            ).one_or_none()
            if begun is not None and row.status == JobStatus.QUEUED:
                connection.execute(
                    update(job)
                    .where(job.c.id == row.id, job.c.status == JobStatus.QUEUED)
                    .values(status=JobStatus.PROCESSING)
                )
        return None if begun is None else Begun(*begun)

    def chunk(self, errand: Errand, *, encoder: str) -> Chunk | None:
        """What an errand is about; None where it is done already."""
        with reading(self._engine) as connection:
            row = row_of(connection, errand.job)
            place = connection.execute(select(chunk).where(of_errand(row.id, errand))).one_or_none()
            if place is None:
                return None
            parts = connection.execute(
                select(task.c.position, task.c.part_id)
                .where(task.c.job_id == row.id, task.c.position >= place.first, task.c.position < place.end)
                .order_by(task.c.position)
            )
            responses = load(
                connection,
                {position: number for position, number in parts},
                before=row.parts_before,
                encoder=encoder,
                events=errand.kind is Kind.JUDGE,
            )
        request = request_of(row)
        return Chunk(request.survey, row.survey_id, frozenset(request.wanted), request.thresholds, responses)

    def save_observed(
        self,
        errand: Errand,
        *,
        encoder: str,
        seen: Mapping[int, Encoded],
        sightings: Sequence[Sighting],
        enqueue: Enqueue,
    ) -> None:
        """Keep what was seen in the parts of a chunk, by their numbers; the last chunk lets the second pass begin."""
        with writing(self._engine) as connection:
            row = locked(connection, errand.job)
            if move(connection, row, errand, state=State.OBSERVED):
                save_encoded(connection, encoder, seen)
                add_sightings(connection, row.survey_id, encoder, sightings)
                go_on(connection, row, errand.kind, enqueue)

    def save_judged(
        self,
        errand: Errand,
        results: Mapping[int, bytes],
        *,
        evaluator: str,
        enqueue: Enqueue,
        alike: Collection[Alike] = (),
        ledger: bytes | None = None,
    ) -> None:
        """Keep the evaluations of a chunk, by position, and which evaluator made them; the last chunk ends the job.

        Whoever gave an answer in `alike` before is judged again. The ledger, packed, is what the evaluations come to in
        numbers; without one it is counted when somebody looks.
        """
        with writing(self._engine) as connection:
            row = locked(connection, errand.job)
            judged = {"evaluator": evaluator, "judged_at": time.time(), "ledger": ledger}
            if move(connection, row, errand, state=State.JUDGED, **judged):
                save_results(connection, row.id, results)
                later = Later(survey_id=row.survey_id, alike=alike, job=(row.id, row.public_id))
                note_later(connection, later, token=f"{row.public_id}-{errand.number}", enqueue=enqueue)
                go_on(connection, row, errand.kind, enqueue)

    def page(self, tenant: str, job_id: str, *, cursor: str | None, limit: int) -> JobPage:
        """Some of a job's results, in the order of submission.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
            InvalidInput: The cursor is not one of this job's, or the limit is out of range.
        """
        if not 1 <= limit <= MOST_PER_PAGE:
            raise InvalidInput(details={"limit": f"must be a whole number from 1 to {MOST_PER_PAGE}"})
        with reading(self._engine) as connection:
            row = row_of(connection, job_id, tenant)
            after = -1 if cursor is None else position_of(cursor, row.public_id)
            rows = connection.execute(
                select(evaluation.c.position, evaluation.c.result)
                .where(evaluation.c.job_id == row.id, evaluation.c.position > after)
                .order_by(evaluation.c.position)
                .limit(limit + 1)
            ).all()
        found = job_of(row)
        if not found.status.is_final:  # what stands behind a gap must wait, or its neighbours would never be shown
            rows = [each for expected, each in enumerate(rows, start=after + 1) if each.position == expected]
        shown = rows[:limit]
        is_last = found.status.is_final and len(rows) <= limit
        return JobPage(
            job=found,
            items=tuple(each.result for each in shown),
            next_cursor=None if is_last else cursor_of(row.public_id, shown[-1].position if shown else after),
        )

    def callback(self, job_id: str) -> tuple[Job, str]:
        """A job that has ended, and where its owner wants to hear of it."""
        with reading(self._engine) as connection:
            row = row_of(connection, job_id)
        return job_of(row), str(row.callback_url)


def row_of(connection: Connection, job_id: str, tenant: str | None = None, *, lock: bool = False) -> Row[Any]:
    """The row of a job.

    Args:
        connection: Where from.
        job_id: Its public name.
        tenant: Whose it must be; None for anybody's.
        lock: Nobody else may change it until the transaction ends.

    Raises:
        NotFound: There is no such job, or it is another tenant's.
    """
    found = select(job).where(job.c.public_id == job_id)
    row = (
        connection.execute(found.with_for_update() if lock else found).first() if _PUBLIC_ID.fullmatch(job_id) else None
    )
    if row is None or tenant not in {None, row.tenant}:
        raise NotFound("There is no such batch job.")
    return row


def locked(connection: Connection, job_id: str) -> Row[Any]:
    """The job, and nobody else may change it until the transaction ends: two last chunks must see each other."""
    return row_of(connection, job_id, lock=True)


def of_errand(job_id: int, errand: Errand) -> ColumnElement[bool]:
    """Which chunk an errand is about, if that is still to be done."""
    return and_(chunk.c.job_id == job_id, chunk.c.number == errand.number, chunk.c.state == BEFORE[errand.kind])


def move(connection: Connection, row: Row[Any], errand: Errand, **values: object) -> bool:
    """Move a chunk on; False where the errand was done before, or the job has ended."""
    if row.status not in UNDER_WAY:
        return False
    moved = connection.execute(update(chunk).where(of_errand(row.id, errand)).values(attempts=0, **values))
    return moved.rowcount == 1


def go_on(connection: Connection, row: Row[Any], done: Kind, enqueue: Enqueue) -> None:
    """Queue what can begin now that a chunk has moved: the second pass, or the callback."""
    if _has_chunk(connection, row.id, State.WAITING):
        return
    if _has_chunk(connection, row.id, State.OBSERVED):
        if done is Kind.OBSERVE:
            judge_observed(connection, row, enqueue)
        return
    end(connection, row, JobStatus.COMPLETED, None, enqueue)


def judge_observed(connection: Connection, row: Row[Any], enqueue: Enqueue) -> None:
    """Queue the second pass over all chunks that have passed the first."""
    ready = connection.execute(
        select(chunk.c.number).where(chunk.c.job_id == row.id, chunk.c.state == State.OBSERVED).order_by(chunk.c.number)
    ).scalars()
    enqueue(connection, [Errand(Kind.JUDGE, row.public_id, number) for number in ready])


def end(connection: Connection, row: Row[Any], status: JobStatus, reason: str | None, enqueue: Enqueue) -> None:
    """End a job, and queue the callback."""
    connection.execute(
        update(job)
        .where(job.c.id == row.id)
        .values(status=status, reason=None if reason is None else reason[:LONGEST_REASON], finished_at=time.time())
    )
    if row.callback_url is not None:
        enqueue(connection, [Errand(Kind.CALL_BACK, row.public_id, next_round(connection, row.id))])


def save_results(connection: Connection, job_id: int, results: Mapping[int, bytes]) -> None:
    """Keep evaluations, by position."""
    insert_new(
        connection,
        evaluation,
        [{"job_id": job_id, "position": position, "result": result} for position, result in results.items()],
    )
    connection.execute(update(job).where(job.c.id == job_id).values(done=job.c.done + len(results)))


def job_of(row: Row[Any]) -> Job:
    """A row of `job` as it is told."""
    return Job(
        id=row.public_id,
        tenant=row.tenant,
        survey_name=request_of(row).survey.name,
        status=JobStatus(row.status),
        total=row.total,
        done=row.done,
        failed=row.failed,
        created_at=at(row.created_at),
        finished_at=None if row.finished_at is None else at(row.finished_at),
        reason=row.reason,
    )


def _has_chunk(connection: Connection, job_id: int, state: State) -> bool:
    one = select(chunk.c.number).where(chunk.c.job_id == job_id, chunk.c.state == state).limit(1)
    return connection.execute(one).first() is not None
