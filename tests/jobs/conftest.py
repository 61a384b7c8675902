import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.jobs.receiver import Receiver
from tests.jobs.tiny import Stumbling, tiny_evaluator

from earnest.jobs import dbos_engine
from earnest.service import JobPage, Service
from earnest.settings import Settings

PATIENCE_S = 30
Knobs = dict[str, int | str]
OpenService = Callable[[Knobs], Service]


@pytest.fixture(autouse=True, scope="session")
def quick_polls() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbos_engine, "POLL_S", 0.05)
        yield


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with a worker; its check stumbles over some respondents."""
    service = open_in(tmp_path_factory.mktemp("jobs"), {})
    service.start_worker()
    yield service
    service.close()


@pytest.fixture
def open_service(tmp_path: Path) -> Iterator[OpenService]:
    """Opens services on one and the same database; all are closed at the end."""
    opened: list[Service] = []

    def open_one(knobs: Knobs) -> Service:
        opened.append(open_in(tmp_path, knobs))
        return opened[-1]

    yield open_one
    for service in opened:
        service.close()


def open_in(folder: Path, knobs: Knobs) -> Service:
    settings = {"database_url": f"sqlite:///{folder / 'earnest.db'}", "chunk_size": 5, **knobs}
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
