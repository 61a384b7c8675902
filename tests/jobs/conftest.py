import threading
import time
from collections.abc import Callable, Iterator

import pytest
from tests.jobs.receiver import Receiver
from tests.jobs.tiny import Stumbling, tiny_evaluator
from tests.postgres import BOTH, new_database

from earnest.service import JobPage, Service
from earnest.settings import Settings

PATIENCE_S = 90
Knobs = dict[str, object]
OpenService = Callable[[Knobs], Service]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module", params=BOTH)
def working(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with a worker; its check stumbles over some respondents."""
    with new_database(request, tmp_path_factory.mktemp("jobs")) as url:
        service = open_on(url, {})
        service.start_worker()
        yield service
        service.close()


@pytest.fixture
def open_service(database_url: str) -> Iterator[OpenService]:
    """Opens services on one and the same database; all are closed at the end."""
    opened: list[Service] = []

    def open_one(knobs: Knobs) -> Service:
        opened.append(open_on(database_url, knobs))
        return opened[-1]

    yield open_one
    for service in opened:
        service.close()


def open_on(url: str, knobs: Knobs) -> Service:
    settings = {"database_url": url, "chunk_size": 5, **knobs}
    return Service.open(Settings(**settings), evaluator=tiny_evaluator(Stumbling()))  # type: ignore[arg-type]


def finished(service: Service, job: str, tenant: str = "t", limit: int = 1000) -> JobPage:
    """The first page of a job, once it has ended."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        page = service.page(tenant, job, limit=limit)
        if page.status.is_final:
            return page
        time.sleep(0.05)
    pytest.fail(f"{job} is {page.status}, {page.job.done} of {page.job.total} done")
