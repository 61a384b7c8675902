"""Callbacks that were tried: what came of each try, what comes next, and starting again by hand.

Tries come in rounds. The first round begins when a job ends, another one each time somebody asks for a redelivery; what
an older round had still to do is then dropped. A try's number is the round's times ROUND, and its place in the round.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, func, select

from earnest.errors import InvalidInput, NotFound
from earnest.store.base import Enqueue, Errand, Kind, at
from earnest.store.engines import insert, reading, writing
from earnest.store.tables import delivery, job

ROUND = 100
LONGEST_REASON = 200
_PUBLIC_ID = re.compile("[0-9a-f-]{36}")


class Outcome(StrEnum):
    """How a try to post a callback ended."""

    DELIVERED = "delivered"
    FAILED = "failed"
    REFUSED = "refused"
    GONE = "gone"


class Delivery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A try to post a callback.

    Attributes:
        attempt: Which try of this job, from 1.
        tried_at: When, UTC.
        took_ms: How long it took.
        outcome: How it ended: refused is what may not be reached, gone is what answered 410; neither is tried again.
        status: The HTTP status that was answered; null where nothing was.
        reason: Why it did not arrive; null where it did.
        next_try_at: When it is tried again, UTC; null where it is not.
    """

    attempt: int
    tried_at: datetime
    took_ms: int
    outcome: Outcome
    status: int | None
    reason: str | None
    next_try_at: datetime | None


class CallbackLog(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How a job's callback fared.

    Attributes:
        batch_job_id: The job.
        callback_url: Where its owner wants to hear of it; null for nowhere.
        webhook_id: The `webhook-id` of every try.
        deliveries: All tries, oldest first.
    """

    batch_job_id: str
    callback_url: str | None
    webhook_id: str
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class ListedDelivery:
    """A try as the operator sees it, among those of all jobs."""

    job: str
    tenant: str
    callback_url: str
    delivery: Delivery


class Deliveries:
    """The callbacks of all tenants."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def is_due(self, errand: Errand) -> bool:
        """Whether a try is still to be made: not after it was, nor after a newer round began, nor of a purged job."""
        with reading(self._engine) as connection:
            number = connection.execute(select(job.c.id).where(job.c.public_id == errand.job)).scalar()
            latest = None if number is None else _last_number(connection, number)
        return number is not None and (latest is None or latest < errand.number)

    def save(self, errand: Errand, tried: Delivery, *, then: Errand | None, enqueue: Enqueue) -> None:
        """Note a try and queue the next one; noting it twice changes nothing."""
        with writing(self._engine) as connection:
            row = {
                "job_id": _job(connection, errand.job).id,
                "attempt": errand.number,
                "tried_at": tried.tried_at.timestamp(),
                "took_ms": tried.took_ms,
                "outcome": tried.outcome,
                "status": tried.status,
                "reason": None if tried.reason is None else tried.reason[:LONGEST_REASON],
                "next_at": None if tried.next_try_at is None else tried.next_try_at.timestamp(),
            }
            noting = insert(connection, delivery).values(row).on_conflict_do_nothing().returning(delivery.c.id)
            if connection.execute(noting).first() is not None and then is not None:
                enqueue(connection, [then])

    def log(self, tenant: str | None, job_id: str) -> CallbackLog:
        """All tries of a job's callback.

        Raises:
            NotFound: There is no such job, or it is another tenant's; None is all tenants.
        """
        with reading(self._engine) as connection:
            row = _job(connection, job_id, tenant)
            tries = connection.execute(
                select(delivery).where(delivery.c.job_id == row.id).order_by(delivery.c.attempt)
            ).all()
        return CallbackLog(
            batch_job_id=row.public_id,
            callback_url=row.callback_url,
            webhook_id=webhook_id_of(row.public_id),
            deliveries=tuple(_delivery(each, i) for i, each in enumerate(tries, start=1)),
        )

    def redeliver(self, tenant: str | None, job_id: str, enqueue: Enqueue) -> None:
        """Begin a new round of tries. Asking again before its first try has been made changes nothing.

        Raises:
            NotFound: There is no such job, or it is another tenant's; None is all tenants.
            InvalidInput: The job has no callback URL, or has not ended.
        """
        with writing(self._engine) as connection:
            row = _job(connection, job_id, tenant)
            if row.callback_url is None:
                raise InvalidInput("The job was submitted without a callbackUrl.")
            if row.finished_at is None:
                raise InvalidInput("The job has not ended; its callback is posted when it does.")
            begins = next_round(connection, row.id) or ROUND  # the first one began when the job ended
            enqueue(connection, [Errand(Kind.CALL_BACK, job_id, begins)])

    def latest(self, job_id: str | None = None, *, undelivered: bool, limit: int) -> Sequence[ListedDelivery]:
        """The latest tries of all tenants' jobs, newest first.

        Args:
            job_id: Only those of this job; None for all jobs.
            undelivered: Only the last try of each job whose callback has not arrived.
            limit: Most tries to return.

        Raises:
            NotFound: There is no such job.
        """
        number = func.row_number().over(partition_by=delivery.c.job_id, order_by=delivery.c.attempt)
        last = func.max(delivery.c.attempt).over(partition_by=delivery.c.job_id)
        tries = select(delivery, number.label("number"), last.label("last")).subquery()
        wanted = (
            select(tries, job.c.public_id, job.c.tenant, job.c.callback_url)
            .join(job, job.c.id == tries.c.job_id)
            .order_by(tries.c.id.desc())
            .limit(limit)
        )
        if undelivered:
            wanted = wanted.where(tries.c.attempt == tries.c.last, tries.c.outcome != Outcome.DELIVERED)
        with reading(self._engine) as connection:
            if job_id is not None:
                wanted = wanted.where(tries.c.job_id == _job(connection, job_id).id)
            rows = connection.execute(wanted).all()
        return [ListedDelivery(row.public_id, row.tenant, row.callback_url, _delivery(row, row.number)) for row in rows]


def next_round(connection: Connection, job_id: int) -> int:
    """Number of the first try of a new round, by the job's own number."""
    latest = _last_number(connection, job_id)
    return 0 if latest is None else (latest // ROUND + 1) * ROUND


def webhook_id_of(job_id: str) -> str:
    """The name of the one event that a job causes: the same for every try."""
    return f"msg_{job_id}"


def now() -> datetime:
    """This moment, UTC."""
    return at(time.time())


def _job(connection: Connection, job_id: str, tenant: str | None = None) -> Row[Any]:
    found = select(job).where(job.c.public_id == job_id)
    row = connection.execute(found).first() if _PUBLIC_ID.fullmatch(job_id) else None
    if row is None or tenant not in {None, row.tenant}:
        raise NotFound("There is no such batch job.")
    return row


def _last_number(connection: Connection, job_id: int) -> int | None:
    """Number of the last try."""
    latest: int | None = connection.execute(
        select(func.max(delivery.c.attempt)).where(delivery.c.job_id == job_id)
    ).scalar_one()
    return latest


def _delivery(row: Row[Any], number: int) -> Delivery:
    return Delivery(
        attempt=number,
        tried_at=at(row.tried_at),
        took_ms=row.took_ms,
        outcome=Outcome(row.outcome),
        status=row.status,
        reason=row.reason,
        next_try_at=None if row.next_at is None else at(row.next_at),
    )
