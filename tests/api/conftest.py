"""A real service on a database of its own, and HTTP clients of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Event, Semaphore, Thread

import httpx
import pytest
import uvicorn
from litestar import Litestar
from litestar.testing import TestClient
from tests.api.reviewed import PASSWORD

from earnest.api.app import create_app
from earnest.api.limits import KEEP_ALIVE_S, MOST_HEAD_BYTES, Door
from earnest.service import Part, PartEvaluation, Service
from earnest.settings import Settings

Enter = Callable[[str], httpx.Client]
KEY = "ek_test_abcdefghijklmnopqrstuvwxyz"


def in_memory(app: Litestar, client: str = "127.0.0.1") -> httpx.ASGITransport:
    """Carries requests to an application without a network, as if they came from this address."""
    return httpx.ASGITransport(app, client=(client, 50_000))  # type: ignore[arg-type]  # Litestar's scope is narrower


class Slow(Service):
    """A service whose judges take their time."""

    def __init__(self, settings: Settings, like: Service) -> None:
        super().__init__(settings, like._store, like.evaluator)
        self.judging, self.may_end = Semaphore(0), Event()

    def evaluate(self, tenant: str, part: Part) -> PartEvaluation:
        """Judge when the test lets it."""
        self.judging.release()
        assert self.may_end.wait(30)
        return super().evaluate(tenant, part)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    path = tmp_path_factory.mktemp("api") / "earnest.db"
    return Settings(database_url=f"sqlite:///{path}", api_key=KEY, max_body_mb=1, page_size=3)


@pytest.fixture(scope="session")
def service(settings: Settings) -> Iterator[Service]:
    """Without a worker: batches stay queued."""
    service = Service.open(settings)
    yield service
    service.close()


@pytest.fixture(scope="session")
def stranger(service: Service) -> Iterator[httpx.Client]:
    """A client without a key."""
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def api(stranger: httpx.Client) -> Iterator[httpx.Client]:
    """A client with a key."""
    stranger.headers["X-Aftercare-Key"] = KEY
    yield stranger
    del stranger.headers["X-Aftercare-Key"]


@pytest.fixture(scope="module")
def enter(desk: Service) -> Iterator[Enter]:
    """Sign one of `reviewed.add_people` in to a module's `desk`; each in a browser of their own."""
    browsers: dict[str, TestClient[Litestar]] = {}
    with ExitStack() as stack:

        def sign_in(name: str) -> httpx.Client:
            if name not in browsers:
                app = create_app(desk)
                client = TestClient(app, base_url="http://survey.example", raise_server_exceptions=False)
                browsers[name] = stack.enter_context(client)
                browsers[name].follow_redirects = False
                browsers[name].post("/sign-in", data={"name": name, "password": PASSWORD})
            return browsers[name]

        yield sign_in


@pytest.fixture(scope="session")
def server(service: Service) -> Iterator[str]:
    """The address of a real server."""
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(service),
            port=0,
            http=Door,
            h11_max_incomplete_event_size=MOST_HEAD_BYTES,
            timeout_keep_alive=KEEP_ALIVE_S,
            proxy_headers=False,
            log_config=None,
        )
    )
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()
