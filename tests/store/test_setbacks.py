"""What goes wrong with a job, and what is left of it."""

import pytest
from tests.store.test_jobs import Queue, judge, observe, page, positions, submit

from earnest.errors import InvalidInput, NotFound
from earnest.findings import JobStatus
from earnest.store import Store
from earnest.store.base import Begun, Errand, Kind


@pytest.fixture
def queue() -> Queue:
    return Queue()


def fail_one(store: Store, queue: Queue, errand: Errand, position: int) -> None:
    assert store.jobs.begin(errand) is not None
    store.setbacks.fail_one(errand, position, b'{"position":%d}' % position, "no luck", enqueue=queue.enqueue)


def test_attempts_are_counted_until_a_chunk_moves(store: Store, queue: Queue) -> None:
    job = submit(store, queue, 3)
    errand = Errand(Kind.OBSERVE, job, 0)
    assert store.jobs.attempts(errand) == 0
    assert [store.jobs.begin(errand) for _ in range(2)] == [Begun(1, 2), Begun(2, 2)]
    assert page(store, job).status is JobStatus.PROCESSING
    store.setbacks.give_back(errand)
    assert store.jobs.attempts(errand) == 1
    observe(store, queue, job, 0)
    assert store.jobs.attempts(errand) is None
    assert store.jobs.attempts(Errand(Kind.JUDGE, job, 0)) == 0
    assert store.jobs.attempts(Errand(Kind.OBSERVE, job, 7)) is None


def test_a_failed_errand_is_queued_under_another_name(store: Store, queue: Queue) -> None:
    errand = Errand(Kind.OBSERVE, submit(store, queue, 3), 0)
    queue.taken()
    for attempts in (1, 2):
        store.setbacks.try_again(errand, attempts, pause_s=5, enqueue=queue.enqueue)
    assert [each.delay_s for each in queue.errands] == [5, 5]
    assert len({errand.id, *(each.id for each in queue.errands)}) == 3


@pytest.mark.parametrize("kind", [Kind.OBSERVE, Kind.JUDGE])
def test_a_chunk_falls_apart_and_one_fails_alone(store: Store, queue: Queue, kind: Kind) -> None:
    job = submit(store, queue, 5, "https://example.org/done")
    if kind is Kind.JUDGE:
        for number in range(3):
            observe(store, queue, job, number)
    queue.taken()
    errand = Errand(kind, job, 1)
    store.setbacks.split(errand, enqueue=queue.enqueue)
    assert queue.taken() == [(kind, 3), (kind, 4)]
    store.setbacks.split(errand, enqueue=queue.enqueue)  # too late
    assert (store.jobs.begin(errand), queue.taken()) == (None, [])
    fail_one(store, queue, Errand(kind, job, 4), 3)
    store.setbacks.fail_one(Errand(kind, job, 4), 3, b"{}", "twice", enqueue=queue.enqueue)
    if kind is Kind.OBSERVE:
        for number in (0, 2, 3):
            observe(store, queue, job, number)
        assert queue.taken() == [(Kind.JUDGE, 0), (Kind.JUDGE, 2), (Kind.JUDGE, 3)]
    for number in (0, 2, 3):
        judge(store, queue, job, number)
    found = page(store, job)
    assert (found.status, positions(found), found.job.done, found.job.failed) == (
        JobStatus.COMPLETED,
        [0, 1, 2, 3, 4],
        5,
        1,
    )
    assert queue.taken() == [(Kind.CALL_BACK, 0)]
    report = store.reports.report("t", job)
    assert [(each.position, each.reason) for each in report.failures] == [(3, "no luck")]
    assert report.evaluator_versions == ("v1",)


def test_a_job_of_which_nobody_can_be_observed_is_completed(store: Store, queue: Queue) -> None:
    job = submit(store, queue, 1)
    fail_one(store, queue, Errand(Kind.OBSERVE, job, 0), 0)
    found = page(store, job)
    assert (found.status, found.job.failed, positions(found)) == (JobStatus.COMPLETED, 1, [0])


def test_a_job_fails_once_too_many_have_failed(store: Store, queue: Queue) -> None:
    job = submit(store, queue, 300, chunk_size=1)
    for position in range(15):
        fail_one(store, queue, Errand(Kind.OBSERVE, job, position), position)
    assert page(store, job).status is JobStatus.PROCESSING
    fail_one(store, queue, Errand(Kind.OBSERVE, job, 15), 15)
    found = page(store, job)
    assert (found.status, found.job.failed) == (JobStatus.FAILED, 16)
    assert "16 respondents" in str(found.job.reason)
    assert "no luck" in str(found.job.reason)


def test_a_job_that_has_ended_runs_no_more_and_shows_what_it_has(store: Store, queue: Queue) -> None:
    job = submit(store, queue, 6, "https://example.org/done")
    for number in range(3):
        observe(store, queue, job, number)
    for number in (0, 2):
        judge(store, queue, job, number)
    assert positions(page(store, job)) == [0, 1]  # what stands behind the gap waits
    queue.taken()
    store.setbacks.fail(job, "the model is damaged", enqueue=queue.enqueue)
    store.setbacks.fail(job, "twice", enqueue=queue.enqueue)
    assert queue.taken() == [(Kind.CALL_BACK, 0)]
    late = Errand(Kind.JUDGE, job, 1)
    assert store.jobs.begin(late) is None
    store.jobs.save_judged(late, {2: b"{}"}, evaluator="v1", enqueue=queue.enqueue)
    store.setbacks.split(late, enqueue=queue.enqueue)
    found = page(store, job)
    assert (found.status, found.job.reason) == (JobStatus.FAILED, "the model is damaged")
    assert (positions(found), found.next_cursor, queue.taken()) == ([0, 1, 4, 5], None, [])


def test_a_resumed_job_does_what_was_left_under_new_numbers(store: Store, queue: Queue) -> None:
    job = submit(store, queue, 8)
    for number in (1, 2, 3):
        observe(store, queue, job, number)
    store.setbacks.split(Errand(Kind.OBSERVE, job, 0), enqueue=queue.enqueue)
    fail_one(store, queue, Errand(Kind.OBSERVE, job, 4), 0)
    observe(store, queue, job, 5)
    judge(store, queue, job, 3)
    store.setbacks.fail(job, "no", enqueue=queue.enqueue)
    queue.taken()
    resumed = store.setbacks.resume("t", job, enqueue=queue.enqueue)
    assert (resumed.status, resumed.done, resumed.failed, resumed.reason, resumed.finished_at) == (
        JobStatus.PROCESSING,
        2,
        0,
        None,
        None,
    )
    assert queue.taken() == [(Kind.OBSERVE, 8)]
    assert store.jobs.begin(Errand(Kind.JUDGE, job, 1)) is None  # what was queued before finds nothing
    observe(store, queue, job, 8)
    assert queue.taken() == [(Kind.JUDGE, number) for number in (6, 7, 8, 9)]
    for number in (6, 7, 8, 9):
        judge(store, queue, job, number)
    found = page(store, job)
    assert (found.status, positions(found), found.job.done) == (JobStatus.COMPLETED, list(range(8)), 8)


def test_a_job_that_was_observed_goes_on_with_judging(store: Store, queue: Queue) -> None:
    job = submit(store, queue, 4)
    for number in range(2):
        observe(store, queue, job, number)
    store.setbacks.cancel("t", job, enqueue=queue.enqueue)
    queue.taken()
    store.setbacks.resume(None, job, enqueue=queue.enqueue)
    assert queue.taken() == [(Kind.JUDGE, 2), (Kind.JUDGE, 3)]


def test_only_what_can_be_is_cancelled_or_resumed(store: Store, queue: Queue) -> None:
    job = submit(store, queue, 2)
    for change in (store.setbacks.cancel, store.setbacks.resume):
        with pytest.raises(NotFound):
            change("another", job, enqueue=queue.enqueue)
    observe(store, queue, job, 0)
    judge(store, queue, job, 0)
    for change in (store.setbacks.cancel, store.setbacks.resume):
        with pytest.raises(InvalidInput):
            change("t", job, enqueue=queue.enqueue)
    failed = submit(store, queue, 2)
    store.setbacks.fail(failed, "no", enqueue=queue.enqueue)
    with pytest.raises(InvalidInput):
        store.setbacks.cancel("t", failed, enqueue=queue.enqueue)


def test_jobs_are_listed_newest_first_page_by_page(store: Store, queue: Queue) -> None:
    jobs = [submit(store, queue, 1) for _ in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        listed = store.reports.list("t", cursor=cursor, limit=2)
        seen += [each.batch_job_id for each in listed.items]
        cursor = listed.next_cursor
        if cursor is None:
            break
    assert seen == jobs[::-1]
    assert store.reports.list("another", cursor=None, limit=2).items == ()
    assert len(store.reports.list(None, cursor=None, limit=9).items) == 5
    for bad in ("x", "", jobs[0] + "x"):
        with pytest.raises(InvalidInput):
            store.reports.list("t", cursor=bad, limit=2)
    with pytest.raises(InvalidInput):
        store.reports.list("another", cursor=jobs[0], limit=2)
