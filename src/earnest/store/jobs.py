"""Batch jobs: submitted in one transaction, worked on chunk by chunk, read page by page.

A chunk is *waiting*, then *observed*, then *judged*; or it *failed* on the way. What was found in it, its new state and
the errands that follow are one transaction, so a chunk that runs twice, or is killed anywhere, changes nothing more.
"""

import re
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, Engine, Row, func, select, update

from earnest.corpus import Sighting
from earnest.errors import InvalidInput, NotFound
from earnest.findings import CheckName, JobStatus
from earnest.store.base import (
    Batch,
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
from earnest.store.engines import execute_many, insert, reading, writing
from earnest.store.responses import keep_parts, load, named, open_survey, pack, save_encoded
from earnest.store.tables import chunk, evaluation, job, part, task
from earnest.survey import Survey
from earnest.text.encoder import Encoded

MOST_PER_PAGE = 1_000
_PUBLIC_ID = re.compile("[0-9a-f-]{36}")


class _State(StrEnum):
    """Where a chunk stands."""

    WAITING = "waiting"
    OBSERVED = "observed"
    JUDGED = "judged"
    FAILED = "failed"


_BEFORE = {Kind.OBSERVE: _State.WAITING, Kind.JUDGE: _State.OBSERVED}
_AFTER = {Kind.OBSERVE: _State.OBSERVED, Kind.JUDGE: _State.JUDGED}


class _Request(msgspec.Struct, frozen=True):
    """What was asked for, as it is stored."""

    survey: Survey
    wanted: tuple[CheckName, ...]


class Jobs:
    """The batch jobs of all tenants."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def submit(self, tenant: str, batch: Batch, *, chunk_size: int, enqueue: Enqueue) -> str:
        """Keep a batch and queue its first pass; return the job's public name."""
        packed = pack((each.identifier, each.entries) for each in batch.respondents)  # before anybody has to wait
        chunks = [
            {"number": number, "first": first, "end": min(first + chunk_size, len(packed)), "state": _State.WAITING}
            for number, first in enumerate(range(0, len(packed), chunk_size))
        ]
        with writing(self._engine) as connection:
            before = connection.execute(select(func.coalesce(func.max(part.c.id), 0))).scalar_one()
            job_id, public_id, survey_id = _open(connection, tenant, batch, parts_before=before)
            numbers = keep_parts(connection, tenant, survey_id, packed)
            execute_many(
                connection,
                task.insert(),
                [{"job_id": job_id, "position": i, "part_id": number} for i, number in enumerate(numbers)],
            )
            execute_many(connection, chunk.insert(), [{"job_id": job_id, **each} for each in chunks])
            enqueue(connection, [Errand(Kind.OBSERVE, public_id, number) for number in range(len(chunks))])
        return public_id

    def keep(self, tenant: str, batch: Batch, results: Sequence[bytes]) -> str:
        """Keep a batch that was evaluated elsewhere, as a completed job; return its public name."""
        with writing(self._engine) as connection:
            job_id, public_id, _ = _open(connection, tenant, batch, parts_before=0)
            _save(connection, job_id, dict(enumerate(results)))
            connection.execute(
                update(job).where(job.c.id == job_id).values(status=JobStatus.COMPLETED, finished_at=time.time())
            )
        return public_id

    def chunk(self, errand: Errand, *, encoder: str) -> Chunk | None:
        """What an errand is about; None where it is done already."""
        with reading(self._engine) as connection:
            row = _row(connection, errand.job)
            place = connection.execute(
                select(chunk).where(chunk.c.job_id == row.id, chunk.c.number == errand.number)
            ).one()
            if place.state != _BEFORE[errand.kind]:
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
            )
        request = _request(row)
        return Chunk(request.survey, row.survey_id, frozenset(request.wanted), responses)

    def begin(self, job_id: str) -> None:
        """Note that somebody works on a job."""
        with writing(self._engine) as connection:
            connection.execute(
                update(job)
                .where(job.c.public_id == job_id, job.c.status == JobStatus.QUEUED)
                .values(status=JobStatus.PROCESSING)
            )

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
            row = _locked(connection, errand.job)
            if _move(connection, row.id, errand, _AFTER[errand.kind]):
                save_encoded(connection, encoder, seen)
                add_sightings(connection, row.survey_id, encoder, sightings)
                _go_on(connection, row, errand, enqueue)

    def save_judged(self, errand: Errand, results: Mapping[int, bytes], *, enqueue: Enqueue) -> None:
        """Keep the evaluations of a chunk, by position; the last chunk ends the job."""
        with writing(self._engine) as connection:
            row = _locked(connection, errand.job)
            if _move(connection, row.id, errand, _AFTER[errand.kind]):
                _save(connection, row.id, results)
                _go_on(connection, row, errand, enqueue)

    def save_failed(self, errand: Errand, reason: str, *, enqueue: Enqueue) -> None:
        """Give up on a chunk; the other ones go on."""
        with writing(self._engine) as connection:
            row = _locked(connection, errand.job)
            if _move(connection, row.id, errand, _State.FAILED):
                connection.execute(
                    update(job).where(job.c.id == row.id, job.c.reason.is_(None)).values(reason=reason[:500])
                )
                _go_on(connection, row, errand, enqueue)

    def page(self, tenant: str, job_id: str, *, cursor: str | None, limit: int) -> JobPage:
        """Some of a job's results, in the order of submission.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
            InvalidInput: The cursor is not one of this job's, or the limit is out of range.
        """
        if not 1 <= limit <= MOST_PER_PAGE:
            raise InvalidInput(details={"limit": f"must be a whole number from 1 to {MOST_PER_PAGE}"})
        with reading(self._engine) as connection:
            row = _row(connection, job_id, tenant)
            after = -1 if cursor is None else position_of(cursor, row.public_id)
            rows = connection.execute(
                select(evaluation.c.position, evaluation.c.result)
                .where(evaluation.c.job_id == row.id, evaluation.c.position > after)
                .order_by(evaluation.c.position)
                .limit(limit + 1)
            ).all()
        found = _job(row)
        if not found.status.is_final:  # what stands behind a gap must wait, or its neighbours would never be shown
            rows = [each for expected, each in enumerate(rows, start=after + 1) if each.position == expected]
        shown = rows[:limit]
        is_last = found.status.is_final and len(rows) <= limit
        return JobPage(
            job=found,
            items=tuple(each.result for each in shown),
            next_cursor=None if is_last else cursor_of(row.public_id, shown[-1].position if shown else after),
        )

    def latest(self, tenant: str | None) -> Job | None:
        """The newest completed job, of one tenant or of all."""
        newest = select(job).where(job.c.status == JobStatus.COMPLETED).order_by(job.c.id.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(newest if tenant is None else newest.where(job.c.tenant == tenant)).first()
        return None if row is None else _job(row)

    def callback(self, job_id: str) -> tuple[Job, str]:
        """A job that has ended, and where its owner wants to hear of it."""
        with reading(self._engine) as connection:
            row = _row(connection, job_id)
        return _job(row), str(row.callback_url)

    def later(self, errand: Errand, enqueue: Enqueue) -> None:
        """Queue one errand."""
        with writing(self._engine) as connection:
            enqueue(connection, [errand])


def _open(connection: Connection, tenant: str, batch: Batch, *, parts_before: int) -> tuple[int, str, int]:
    """Begin a job; return its number, its public name and its survey's number."""
    public_id = str(uuid4())
    survey_id = open_survey(connection, tenant, named(batch.survey.identifier))
    row = {
        "public_id": public_id,
        "tenant": tenant,
        "survey_id": survey_id,
        "request": msgspec.msgpack.encode(_Request(batch.survey, tuple(sorted(batch.wanted)))),
        "callback_url": batch.callback_url,
        "parts_before": parts_before,
        "status": JobStatus.QUEUED,
        "total": len(batch.respondents),
        "done": 0,
        "created_at": time.time(),
    }
    number = connection.execute(job.insert().values(row).returning(job.c.id)).scalar_one()
    return int(number), public_id, survey_id


def _row(connection: Connection, job_id: str, tenant: str | None = None) -> Row[Any]:
    found = select(job).where(job.c.public_id == job_id)
    row = connection.execute(found).first() if _PUBLIC_ID.fullmatch(job_id) else None
    if row is None or tenant not in {None, row.tenant}:
        raise NotFound("There is no such batch job.")
    return row


def _locked(connection: Connection, job_id: str) -> Row[Any]:
    """The job, and nobody else may change it until the transaction ends: two last chunks must see each other."""
    return connection.execute(select(job).where(job.c.public_id == job_id).with_for_update()).one()


def _move(connection: Connection, job_id: int, errand: Errand, state: _State) -> bool:
    """Move a chunk to its next state; False where the errand was done before."""
    moved = connection.execute(
        update(chunk)
        .where(chunk.c.job_id == job_id, chunk.c.number == errand.number, chunk.c.state == _BEFORE[errand.kind])
        .values(state=state)
    )
    return moved.rowcount == 1


def _go_on(connection: Connection, row: Row[Any], done: Errand, enqueue: Enqueue) -> None:
    """Queue what can begin now that a chunk has moved: the second pass, or the callback."""
    chunks = connection.execute(
        select(chunk.c.number, chunk.c.state).where(chunk.c.job_id == row.id).order_by(chunk.c.number)
    ).all()
    states = {each.state for each in chunks}
    if _State.WAITING in states:
        return
    if _State.OBSERVED in states:
        if done.kind is Kind.OBSERVE:
            ready = [each.number for each in chunks if each.state == _State.OBSERVED]
            enqueue(connection, [Errand(Kind.JUDGE, done.job, number) for number in ready])
        return
    status = JobStatus.FAILED if _State.FAILED in states else JobStatus.COMPLETED
    connection.execute(update(job).where(job.c.id == row.id).values(status=status, finished_at=time.time()))
    if row.callback_url is not None:
        enqueue(connection, [Errand(Kind.CALL_BACK, done.job, 0)])


def _save(connection: Connection, job_id: int, results: Mapping[int, bytes]) -> None:
    execute_many(
        connection,
        insert(connection, evaluation).on_conflict_do_nothing(),
        [{"job_id": job_id, "position": position, "result": result} for position, result in results.items()],
    )
    connection.execute(update(job).where(job.c.id == job_id).values(done=job.c.done + len(results)))


def _request(row: Row[Any]) -> _Request:
    return msgspec.msgpack.decode(row.request, type=_Request)


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.public_id,
        tenant=row.tenant,
        survey_name=_request(row).survey.name,
        status=JobStatus(row.status),
        total=row.total,
        done=row.done,
        created_at=at(row.created_at),
        finished_at=None if row.finished_at is None else at(row.finished_at),
        reason=row.reason,
    )
