from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Connection

from earnest.errors import InvalidInput, NotFound
from earnest.findings import CheckName
from earnest.store import Store
from earnest.store.base import Batch, Errand, Kind
from earnest.store.deliveries import ROUND, Delivery, Outcome
from earnest.survey import Entry, Respondent, Survey

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://receiver.example/done"


class Queue:
    def __init__(self) -> None:
        self.errands: list[Errand] = []

    def __call__(self, _: Connection, errands: Sequence[Errand]) -> None:
        self.errands += errands


@pytest.fixture
def queue() -> Queue:
    return Queue()


def ended_job(store: Store, url: str | None = URL, tenant: str = "t") -> str:
    respondents = (Respondent("r", (Entry(question="Why?", answer="Because of the taste"),)),)
    return store.jobs.keep(
        tenant, Batch(survey=Survey(), respondents=respondents, wanted=frozenset(CheckName), callback_url=url), [b"{}"]
    )


def tried(outcome: Outcome, *, reason: str | None = None, again: bool = False) -> Delivery:
    return Delivery(
        attempt=0,
        tried_at=NOON,
        took_ms=12,
        outcome=outcome,
        status=503,
        reason=reason,
        next_try_at=NOON + timedelta(hours=1) if again else None,
    )


def call(job: str, number: int) -> Errand:
    return Errand(Kind.CALL_BACK, job, number)


def save(store: Store, job: str, number: int, delivery: Delivery, queue: Queue, then: Errand | None = None) -> None:
    store.deliveries.save(call(job, number), delivery, then=then, enqueue=queue)


def test_a_try_is_noted_once_and_queues_the_next_one_once(store: Store, queue: Queue) -> None:
    job = ended_job(store)
    assert store.deliveries.is_due(call(job, 0))
    for _ in range(2):
        save(store, job, 0, tried(Outcome.FAILED, reason="x" * 1_000, again=True), queue, then=call(job, 1))
    assert queue.errands == [call(job, 1)]
    assert not store.deliveries.is_due(call(job, 0))
    assert store.deliveries.is_due(call(job, 1))
    log = store.deliveries.log("t", job)
    assert (log.batch_job_id, log.webhook_id, log.callback_url) == (job, f"msg_{job}", URL)
    [delivery] = log.deliveries
    assert (delivery.attempt, delivery.tried_at, delivery.took_ms, delivery.status) == (1, NOON, 12, 503)
    assert (delivery.outcome, delivery.next_try_at) == (Outcome.FAILED, NOON + timedelta(hours=1))
    assert delivery.reason == "x" * 200


def test_a_newer_round_drops_the_older_one(store: Store, queue: Queue) -> None:
    job = ended_job(store)
    save(store, job, 0, tried(Outcome.FAILED, again=True), queue)
    store.deliveries.redeliver("t", job, queue)
    store.deliveries.redeliver(None, job, queue)
    assert {each.id for each in queue.errands} == {call(job, ROUND).id}
    assert store.deliveries.is_due(call(job, 1))
    save(store, job, ROUND, tried(Outcome.DELIVERED), queue)
    assert not store.deliveries.is_due(call(job, 1))
    store.deliveries.redeliver("t", job, queue)
    assert queue.errands[-1] == call(job, 2 * ROUND)
    assert [each.attempt for each in store.deliveries.log("t", job).deliveries] == [1, 2]


def test_a_job_of_which_nothing_is_known_can_be_redelivered(store: Store, queue: Queue) -> None:
    job = ended_job(store)
    store.deliveries.redeliver("t", job, queue)
    assert queue.errands == [call(job, ROUND)]


def test_a_purged_job_owes_nobody_a_call(store: Store) -> None:
    assert not store.deliveries.is_due(call(str(uuid4()), 0))


def test_a_job_is_its_tenants_alone(store: Store, queue: Queue) -> None:
    job = ended_job(store)
    for tenant, name in (("another", job), ("t", job.upper()), ("t", "x"), ("t", "\x00"), ("", job)):
        with pytest.raises(NotFound):
            store.deliveries.log(tenant, name)
        with pytest.raises(NotFound):
            store.deliveries.redeliver(tenant, name, queue)
    assert queue.errands == []


def test_without_a_callback_url_there_is_nothing_to_post(store: Store, queue: Queue) -> None:
    with pytest.raises(InvalidInput, match="callbackUrl"):
        store.deliveries.redeliver("t", ended_job(store, url=None), queue)


def test_the_newest_tries_stand_first_and_the_undelivered_alone_on_demand(store: Store, queue: Queue) -> None:
    mended, broken, refused = ended_job(store), ended_job(store, tenant="u"), ended_job(store)
    save(store, mended, 0, tried(Outcome.FAILED), queue)
    save(store, broken, 0, tried(Outcome.FAILED), queue)
    save(store, broken, 1, tried(Outcome.FAILED), queue)
    save(store, refused, 0, tried(Outcome.REFUSED), queue)
    save(store, mended, 1, tried(Outcome.DELIVERED), queue)
    every = store.deliveries.latest(undelivered=False, limit=10)
    assert [(each.job, each.delivery.attempt) for each in every] == [
        (mended, 2),
        (refused, 1),
        (broken, 2),
        (broken, 1),
        (mended, 1),
    ]
    assert {(each.tenant, each.callback_url) for each in every} == {("t", URL), ("u", URL)}
    assert [each.job for each in store.deliveries.latest(undelivered=True, limit=10)] == [refused, broken]
    assert len(store.deliveries.latest(undelivered=False, limit=2)) == 2
    assert [each.delivery.attempt for each in store.deliveries.latest(broken, undelivered=False, limit=9)] == [2, 1]
    assert store.deliveries.latest(mended, undelivered=True, limit=9) == []
    with pytest.raises(NotFound):
        store.deliveries.latest("nonsense", undelivered=False, limit=9)
