"""Batches as they come in: a batch, its respondents' answers and the queue of what is to do are one transaction."""

import time
from enum import StrEnum
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, Engine, Row, func, select
from sqlalchemy.exc import IntegrityError

from earnest.errors import IdempotencyConflict
from earnest.findings import CheckName, JobStatus
from earnest.store.base import Admit, Batch, Enqueue, Errand, Idempotency, Kind, sound
from earnest.store.corpus import digest_of
from earnest.store.engines import execute_many, insert_new, reading, writing
from earnest.store.responses import Packed, keep_parts, named, open_survey, pack
from earnest.store.spool import Records, folder_of, spool
from earnest.store.tables import chunk, job, part, survey, task
from earnest.survey import Survey


class State(StrEnum):
    """Where a chunk stands."""

    WAITING = "waiting"
    OBSERVED = "observed"
    JUDGED = "judged"
    FAILED = "failed"


class Request(msgspec.Struct, frozen=True):
    """What was asked for, as it is stored."""

    survey: Survey
    wanted: tuple[CheckName, ...]
    thresholds: dict[CheckName, float] | None = None
    """Of the process that took it in, so that all workers judge alike; None in what 1.0 took in."""


class Submissions:
    """Takes batches in."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.folder = folder_of(engine)

    def known(self, tenant: str, idempotency: Idempotency) -> str | None:
        """The job that a tenant has submitted with this key; None where there is none.

        Raises:
            IdempotencyConflict: It was submitted with another body.
        """
        same = job.c.tenant == tenant, job.c.idempotency_key == digest_of(idempotency.key)
        with reading(self._engine) as connection:
            row = connection.execute(select(job.c.public_id, job.c.request_digest).where(*same)).first()
        if row is None:
            return None
        if row.request_digest != idempotency.request_digest:
            raise IdempotencyConflict
        return str(row.public_id)

    def submit(
        self,
        tenant: str,
        batch: Batch,
        *,
        chunk_size: int,
        enqueue: Enqueue,
        idempotency: Idempotency | None = None,
        admit: Admit | None = None,
    ) -> str:
        """Keep a batch and queue its first pass; return the job's public name.

        Args:
            tenant: Whose it is.
            batch: Its respondents are walked through once, and never all in memory.
            chunk_size: Respondents that are worked on together.
            enqueue: Queues errands.
            idempotency: With the key of a job that is there already, nothing is kept.
            admit: Counts the respondents.

        Raises:
            InvalidInput: A respondent cannot be kept.
            IdempotencyConflict: Another body was submitted with the same key.
            OutOfSpace: There is no room for so large a batch.
        """
        with spool(self.folder) as file:
            packed = Records(file, Packed)
            for each in pack(sound(batch.respondents)):  # before anybody has to wait
                packed.add(each)
            try:
                return self._keep(tenant, batch, packed, chunk_size, enqueue, idempotency, admit)
            except IntegrityError:  # the index on keys: somebody has used this one at the same moment
                found = None if idempotency is None else self.known(tenant, idempotency)
                if found is None:
                    raise
                return found

    def _keep(
        self,
        tenant: str,
        batch: Batch,
        packed: Records[Packed],
        chunk_size: int,
        enqueue: Enqueue,
        idempotency: Idempotency | None,
        admit: Admit | None,
    ) -> str:
        total = len(packed)
        with writing(self._engine) as connection:
            before = connection.execute(select(func.coalesce(func.max(part.c.id), 0))).scalar_one()
            job_id, public_id, survey_id = open_job(
                connection, tenant, batch, total=total, parts_before=before, idempotency=idempotency
            )
            # Two batches of a survey take turns: they would lock the same responses in different orders.
            connection.execute(select(survey.c.id).where(survey.c.id == survey_id).with_for_update(key_share=True))
            position = 0
            for some in packed.slices():
                numbers = keep_parts(connection, tenant, survey_id, some)
                insert_new(
                    connection,
                    task,
                    [{"job_id": job_id, "position": i, "part_id": n} for i, n in enumerate(numbers, start=position)],
                )
                position += len(some)
            chunks = [
                {"number": n, "first": first, "end": min(first + chunk_size, total), "state": State.WAITING}
                for n, first in enumerate(range(0, total, chunk_size))
            ]
            execute_many(connection, chunk.insert(), [{"job_id": job_id, **each} for each in chunks])
            enqueue(connection, [Errand(Kind.OBSERVE, public_id, number) for number in range(len(chunks))])
            if admit is not None:
                admit(connection, total)
        return public_id


def open_job(
    connection: Connection,
    tenant: str,
    batch: Batch,
    *,
    total: int,
    parts_before: int,
    idempotency: Idempotency | None = None,
) -> tuple[int, str, int]:
    """Begin a job; return its number, its public name and its survey's number."""
    public_id = str(uuid4())
    survey_id = open_survey(connection, tenant, named(batch.survey.identifier), batch.survey)
    thresholds = None if batch.thresholds is None else dict(batch.thresholds)
    request = Request(batch.survey, tuple(sorted(batch.wanted)), thresholds)
    row = {
        "public_id": public_id,
        "tenant": tenant,
        "survey_id": survey_id,
        "request": msgspec.msgpack.encode(request),
        "callback_url": batch.callback_url,
        "parts_before": parts_before,
        "status": JobStatus.QUEUED,
        "total": total,
        "done": 0,
        "created_at": time.time(),
        "idempotency_key": None if idempotency is None else digest_of(idempotency.key),
        "request_digest": None if idempotency is None else idempotency.request_digest,
    }
    number = connection.execute(job.insert().values(row).returning(job.c.id)).scalar_one()
    return int(number), public_id, survey_id


def request_of(row: Row[Any]) -> Request:
    """What was asked for, of a row of `job` or `verdict`."""
    return msgspec.msgpack.decode(row.request, type=Request)


# Now, not at first use: msgspec 0.22 crashes where two threads are the first to decode a struct at once.
msgspec.msgpack.Decoder(Request)
