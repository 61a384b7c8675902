from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import Connection

from earnest.errors import InvalidInput, NotFound
from earnest.findings import CheckName, JobStatus
from earnest.store import Store
from earnest.store.base import Batch, Errand, JobPage, Kind, Part
from earnest.survey import Entry, Respondent, Survey
from earnest.text.encoder import Encoded


class Queue:
    """Remembers what was queued."""

    def __init__(self) -> None:
        self.errands: list[Errand] = []

    def enqueue(self, connection: Connection, errands: Sequence[Errand]) -> None:
        self.errands += errands

    def taken(self) -> list[tuple[Kind, int]]:
        taken, self.errands = self.errands, []
        return [(errand.kind, errand.number) for errand in taken]


class RefusedError(Exception):
    pass


@pytest.fixture
def queue() -> Queue:
    return Queue()


def batch(count: int, callback_url: str | None = None) -> Batch:
    respondents = (Respondent(f"r{i}", (Entry(question="Why?", answer=f"answer {i}"),)) for i in range(count))
    return Batch(
        survey=Survey(name="Drinks", identifier="s"),
        respondents=tuple(respondents),
        wanted=frozenset({CheckName.IRRELEVANT}),
        callback_url=callback_url,
    )


def submit(store: Store, queue: Queue, count: int, callback_url: str | None = None, chunk_size: int = 2) -> str:
    return store.submissions.submit("t", batch(count, callback_url), chunk_size=chunk_size, enqueue=queue.enqueue)


def observe(store: Store, queue: Queue, job: str, number: int) -> None:
    errand = Errand(Kind.OBSERVE, job, number)
    seen = Encoded(np.ones((1, 4), np.float16), np.ones(1, np.int32), np.ones(1, np.int32), np.ones(1, np.float32))
    chunk = store.jobs.chunk(errand, encoder="e1")
    parts = [each.part.id for each in chunk.responses.values()] if chunk else []
    store.jobs.save_observed(errand, encoder="e1", seen=dict.fromkeys(parts, seen), sightings=[], enqueue=queue.enqueue)


def judge(store: Store, queue: Queue, job: str, number: int, mark: bytes = b"") -> None:
    errand = Errand(Kind.JUDGE, job, number)
    chunk = store.jobs.chunk(errand, encoder="e1")
    positions = chunk.responses if chunk else {}
    results = {position: b'{"position":%d%b}' % (position, mark) for position in positions}
    store.jobs.save_judged(errand, results, evaluator="v1", enqueue=queue.enqueue)


def page(store: Store, job: str, cursor: str | None = None, limit: int = 100, tenant: str = "t") -> JobPage:
    return store.jobs.page(tenant, job, cursor=cursor, limit=limit)


def positions(page: JobPage) -> list[int]:
    return [int(item.partition(b":")[2].rstrip(b"}")) for item in page.items]


def test_a_job_goes_its_way(store: Store, queue: Queue) -> None:
    job = submit(store, queue, 5, "https://example.org/done")
    assert page(store, job).status is JobStatus.QUEUED
    assert queue.taken() == [(Kind.OBSERVE, 0), (Kind.OBSERVE, 1), (Kind.OBSERVE, 2)]

    for number in (2, 0):
        store.jobs.begin(Errand(Kind.OBSERVE, job, number))
        observe(store, queue, job, number)
    assert (page(store, job).status, queue.taken()) == (JobStatus.PROCESSING, [])
    observe(store, queue, job, 1)
    assert queue.taken() == [(Kind.JUDGE, 0), (Kind.JUDGE, 1), (Kind.JUDGE, 2)]

    for number in (1, 2, 0):
        judge(store, queue, job, number)
    assert queue.taken() == [(Kind.CALL_BACK, 0)]
    found = page(store, job)
    assert (found.status, positions(found), found.next_cursor) == (JobStatus.COMPLETED, [0, 1, 2, 3, 4], None)
    assert (found.job.total, found.job.done, found.job.survey_name) == (5, 5, "Drinks")
    assert found.job.finished_at is not None
    assert found.job.created_at <= found.job.finished_at <= datetime.now(tz=UTC)
    assert store.jobs.callback(job) == (found.job, "https://example.org/done")


def test_a_chunk_knows_what_is_asked(store: Store, queue: Queue) -> None:
    job = submit(store, queue, 5)
    chunk = store.jobs.chunk(Errand(Kind.OBSERVE, job, 1), encoder="e1")
    assert chunk is not None
    assert (chunk.survey, chunk.wanted) == (Survey(name="Drinks", identifier="s"), frozenset({CheckName.IRRELEVANT}))
    assert {position: each.identifier for position, each in chunk.responses.items()} == {2: "r2", 3: "r3"}
    assert chunk.responses[2].part.entries == (Entry(question="Why?", answer="answer 2"),)
    observe(store, queue, job, 1)
    assert store.jobs.chunk(Errand(Kind.OBSERVE, job, 1), encoder="e1") is None
    judged = store.jobs.chunk(Errand(Kind.JUDGE, job, 1), encoder="e1")
    assert judged is not None
    assert judged.responses[2].part.encoded is not None


def test_a_submit_that_cannot_be_queued_leaves_nothing(store: Store) -> None:
    def refuse(connection: Connection, errands: Sequence[Errand]) -> None:
        raise RefusedError(errands[0].job)

    with pytest.raises(RefusedError) as refused:
        store.submissions.submit("t", batch(3), chunk_size=2, enqueue=refuse)
    with pytest.raises(NotFound):
        page(store, str(refused.value))


def test_a_chunk_that_runs_twice_changes_nothing(store: Store, queue: Queue) -> None:
    job = submit(store, queue, 4)
    for number in (0, 0, 1, 1, 0):
        observe(store, queue, job, number)
    assert queue.taken()[-2:] == [(Kind.JUDGE, 0), (Kind.JUDGE, 1)]
    for number in (0, 0, 1, 1):
        judge(store, queue, job, number)
    late = Errand(Kind.JUDGE, job, 0)
    store.jobs.save_judged(late, {0: b'{"position":99}'}, evaluator="v2", enqueue=queue.enqueue)
    assert (store.jobs.begin(late), store.jobs.attempts(late)) == (None, None)
    found = page(store, job)
    assert (positions(found), found.status, found.job.done) == ([0, 1, 2, 3], JobStatus.COMPLETED, 4)


def test_pages_follow_a_running_job_without_gap_or_repetition(store: Store, queue: Queue) -> None:
    job = submit(store, queue, 10)
    for number in range(5):
        observe(store, queue, job, number)
    seen: list[int] = []
    cursor: str | None = None
    for number in (0, 3, 1, 4, 2):
        judge(store, queue, job, number)
        for _ in range(2):
            found = page(store, job, cursor, limit=3)
            seen += positions(found)
            before, cursor = cursor, found.next_cursor
            if not found.status.is_final:
                assert cursor is not None
                assert found.items or cursor == before or before is None
    while cursor is not None:
        found = page(store, job, cursor, limit=3)
        seen, cursor = seen + positions(found), found.next_cursor
    assert seen == list(range(10))


@pytest.mark.parametrize("limit", [1, 3, 4, 5, 1000])
def test_pages_of_a_finished_job_cover_it_once(store: Store, queue: Queue, limit: int) -> None:
    job = store.jobs.keep("t", batch(4), [b'{"position":%d}' % i for i in range(4)])
    seen: list[int] = []
    cursor: str | None = None
    pages = 0
    while pages == 0 or cursor is not None:
        found = page(store, job, cursor, limit=limit)
        assert found == page(store, job, cursor, limit=limit)
        seen, cursor, pages = seen + positions(found), found.next_cursor, pages + 1
    assert (seen, pages) == ([0, 1, 2, 3], -(-4 // limit))


def test_a_page_is_the_published_shape(store: Store) -> None:
    job = store.jobs.keep("t", batch(1), [b'{"position":0}'])
    assert page(store, job).to_json() == (
        b'{"batchJobId":"%b","status":"completed","results":{"items":[{"position":0}],"nextCursor":null}}'
        % job.encode()
    )


def test_foreign_and_unknown_jobs_do_not_exist(store: Store) -> None:
    job = store.jobs.keep("t", batch(1), [b"{}"])
    for job_id, tenant in ((job, "another"), ("no such job", "t"), ("", "t"), ("\x00", "t"), ("x" * 10_000, "t")):
        with pytest.raises(NotFound):
            page(store, job_id, tenant=tenant)


def test_bad_cursors_and_limits_are_named(store: Store) -> None:
    job, other = (store.jobs.keep("t", batch(3), [b"{}"] * 3) for _ in range(2))
    of_other = page(store, other, limit=1).next_cursor
    good = page(store, job, limit=1).next_cursor
    assert good is not None
    for cursor in ("", "x", "é", "\x00", of_other, f"{good}=", f"{good}A", good[:-1], " " + good, "a" * 100_000):
        with pytest.raises(InvalidInput) as refused:
            page(store, job, cursor)
        assert list(refused.value.details) == ["cursor"]
    for limit in (0, -1, 1001):
        with pytest.raises(InvalidInput) as refused:
            page(store, job, limit=limit)
        assert list(refused.value.details) == ["limit"]


def test_repeated_identifiers_keep_their_positions_and_are_no_past(store: Store, queue: Queue) -> None:
    entries = [(Entry(question=question, answer="a"),) for question in ("one", "two", "one")]
    respondents = tuple(Respondent("same", each) for each in entries)
    twice = Batch(survey=Survey(identifier="s"), respondents=respondents, wanted=frozenset())
    job = store.submissions.submit("t", twice, chunk_size=10, enqueue=queue.enqueue)
    chunk = store.jobs.chunk(Errand(Kind.OBSERVE, job, 0), encoder="e1")
    assert chunk is not None
    assert [each.part.entries for each in chunk.responses.values()] == entries
    assert [each.earlier for each in chunk.responses.values()] == [(), (), ()]


def test_what_arrived_before_a_job_is_its_respondents_past(store: Store, queue: Queue) -> None:
    def arrive(question: str) -> None:
        part = Part(
            survey=Survey(identifier="s"),
            entries=(Entry(question=question, answer="a"),),
            wanted=frozenset(),
            response_identifier="r1",
        )
        store.responses.keep("t", part, "e1")

    arrive("before")
    job = submit(store, queue, 3)
    arrive("after")
    chunk = store.jobs.chunk(Errand(Kind.OBSERVE, job, 0), encoder="e1")
    assert chunk is not None
    assert [[part.entries[0].question for part in each.earlier] for each in chunk.responses.values()] == [
        [],
        ["before"],
    ]
