"""A server on a free port, for a browser to talk to."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

import uvicorn

from earnest.api.app import create_app
from earnest.service import Service


@dataclass(frozen=True)
class Desk:
    """A server with a service behind it."""

    address: str
    service: Service


@contextmanager
def serving(service: Service) -> Iterator[Desk]:
    """Serve as long as the block lasts, and close the service."""
    server = uvicorn.Server(uvicorn.Config(create_app(service), port=0, log_config=None))
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield Desk(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", service)
    finally:
        server.should_exit = True
        thread.join()
        service.close()
