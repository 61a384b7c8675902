"""Whatever happens to a worker, its work is done once, by whoever is left."""

import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import msgspec
import pytest
from tests.jobs.conftest import OpenService, finished
from tests.jobs.tiny import some_respondents, tiny_evaluator
from tests.jobs.workers import worker

from earnest.findings import CheckName, JobStatus
from earnest.service import Batch, Service
from earnest.store import Store, open_store
from earnest.survey import Respondent, Survey

PATIENCE_S = 90

pytestmark = pytest.mark.slow


def named(prefix: str, count: int) -> tuple[Respondent, ...]:
    return tuple(Respondent(f"{prefix}{each.identifier}", each.entries) for each in some_respondents(count))


def submit(service: Service, respondents: tuple[Respondent, ...]) -> str:
    return service.submit(
        "t", Batch(survey=Survey(name="Drinks"), respondents=respondents, wanted=frozenset(CheckName))
    )


def undisturbed(respondents: tuple[Respondent, ...]) -> list[bytes]:
    return [msgspec.json.encode(each) for each in tiny_evaluator().evaluate(Survey(name="Drinks"), respondents)]


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def stop_between_writes(process: subprocess.Popen[bytes], url: str) -> None:
    """Stop a process; not where it has SQLite's only lock, since then everybody waits until it wakes."""
    while True:
        process.send_signal(signal.SIGSTOP)
        if not url.startswith("sqlite"):
            return
        try:
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0.1)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                return
        except sqlite3.OperationalError:
            process.send_signal(signal.SIGCONT)
            time.sleep(0.01)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = open_store(database_url)
    yield store
    store.close()


@pytest.fixture
def service(open_service: OpenService) -> Service:
    return open_service({"chunk_size": 3})


def test_what_a_killed_worker_was_busy_with_is_done_by_another(database_url: str, service: Service) -> None:
    respondents = named("slow", 30)
    with worker(database_url) as first:
        job = submit(service, respondents)
        wait_until(lambda: service.job("t", job).done > 5)
        with worker(database_url):
            first.kill()
            page = finished(service, job)
    assert (page.status, list(page.items)) == (JobStatus.COMPLETED, undisturbed(respondents))


def test_a_worker_that_is_stopped_is_taken_for_dead_and_changes_nothing_when_it_wakes(
    database_url: str, service: Service, store: Store
) -> None:
    respondents = named("slow", 30)
    with worker(database_url) as first:
        job = submit(service, respondents)
        wait_until(lambda: service.job("t", job).done > 5)
        stop_between_writes(first, database_url)
        [stopped] = store.workers.all()
        with worker(database_url):
            page = finished(service, job)
            assert list(page.items) == undisturbed(respondents)
            wait_until(lambda: stopped.id not in {each.id for each in store.workers.all()})
            first.send_signal(signal.SIGCONT)
            wait_until(lambda: stopped.id in {each.id for each in store.workers.all()})
            again = submit(service, respondents)
            assert list(finished(service, again).items) == undisturbed(respondents)
            assert service.page("t", job, limit=1000) == page


def test_a_worker_that_is_told_to_stop_leaves_the_rest_to_others_at_once(
    database_url: str, service: Service, store: Store
) -> None:
    respondents = named("slow", 30)
    with worker(database_url, look_s=1000) as first, worker(database_url, look_s=1000):
        wait_until(lambda: len(store.workers.all()) == 2)
        job = submit(service, respondents)
        wait_until(lambda: service.job("t", job).done > 2)
        first.terminate()
        assert first.wait(PATIENCE_S) == 0
        assert len(store.workers.all()) == 1
        page = finished(service, job)
    assert list(page.items) == undisturbed(respondents)
    assert store.workers.all() != []  # the other one was killed


def test_an_answer_that_kills_its_process_fails_alone(database_url: str, service: Service) -> None:
    respondents = (*some_respondents(7), Respondent("kills", some_respondents(1)[0].entries), *named("more", 4))
    job = submit(service, respondents)
    deaths = 0
    with ExitStack() as workers:
        process: subprocess.Popen[bytes] = workers.enter_context(worker(database_url))
        while not service.page("t", job).status.is_final:
            if process.poll() is not None:
                deaths += 1
                process = workers.enter_context(worker(database_url))
            time.sleep(0.05)
    page = finished(service, job)
    assert (page.status, page.job.done, page.job.failed, deaths) == (JobStatus.COMPLETED, 12, 1, 6)
    assert [each.position for each in service.job("t", job).failures] == [7]
    expected = undisturbed(respondents)
    assert [*page.items[:7], *page.items[8:]] == [*expected[:7], *expected[8:]]
