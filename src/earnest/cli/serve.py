"""`earnest serve` and `earnest work`: run until told to stop, then stop cleanly."""

import logging
import os
import shlex
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import uvicorn

from earnest import __version__
from earnest.api.app import create_app
from earnest.api.limits import KEEP_ALIVE_S, MOST_HEAD_BYTES, Door
from earnest.cli.crew import IN_CREW, LOOK_S, Crew
from earnest.cli.evaluate import name_thresholds
from earnest.cli.logs import log_to_stderr
from earnest.cli.terminal import output
from earnest.errors import InvalidSettings
from earnest.service import Service
from earnest.settings import Settings

SECONDS_TO_FINISH_REQUESTS = 10
EXAMPLE = '{"surveyEntries": [{"question": "What do you like about it?", "answer": "asdf jkl"}]}'


def serve(host: str | None, port: int | None, path: Path | None, *, with_worker: bool = True) -> None:
    """Serve the API and the page until interrupted, with the settings file at `path`, if any.

    Raises:
        InvalidSettings: a setting cannot be so, or somebody else listens on that port.
        StoreUnavailable: the database cannot be used.
    """
    settings = Settings.load(path=path)
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    require_free_port(settings)
    with _running(settings, with_worker=with_worker) as service:
        _introduce(service, settings)
        uvicorn.run(
            create_app(service),
            host=settings.host,
            port=settings.port,
            http=Door,
            h11_max_incomplete_event_size=MOST_HEAD_BYTES,
            timeout_keep_alive=KEEP_ALIVE_S,
            proxy_headers=False,  # nothing here believes what a request says of its origin
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SECONDS_TO_FINISH_REQUESTS,
        )


def work(path: Path | None, concurrency: int = 1) -> None:
    """Work on batches until interrupted, with the settings file at `path`, if any, in so many processes.

    Raises:
        InvalidSettings: a setting cannot be so.
        StoreUnavailable: the database cannot be used.
        ModelUnusable: a model file is missing or damaged.
    """
    settings = Settings.load(path=path)
    output.print(f"earnest {__version__} works on batches. Ctrl+C stops it.")
    if concurrency > 1:
        Service.open(settings).close()  # migrates once, and says here what is wrong
        Crew(concurrency, path, settings.threads).run()
        return
    with _running(settings, with_worker=False) as service:
        _ = service.evaluator  # a worker without a model would let jobs fail that others could do
        service.start_worker()
        while os.environ.get(IN_CREW) in {None, str(os.getppid())}:
            time.sleep(LOOK_S)


def require_free_port(settings: Settings) -> None:
    """Make sure that nobody listens there yet.

    Raises:
        InvalidSettings: somebody does, or the address is not one of this machine.
    """
    try:
        with socket.create_server((settings.host, settings.port), family=_family(settings.host)):
            pass
    except OSError as fault:
        raise InvalidSettings(
            f"Cannot listen on {settings.host}:{settings.port}: {fault.strerror or fault}. "
            "Choose another with --port or EARNEST_PORT."
        ) from fault


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


@contextmanager
def _running(settings: Settings, *, with_worker: bool) -> Iterator[Service]:
    """A service; Ctrl+C and SIGTERM alike end the block, and then what runs is let end. A second signal ends that."""
    log_to_stderr(settings)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    service = Service.open(settings)
    name_thresholds(settings)
    try:
        with suppress(KeyboardInterrupt):
            if with_worker:
                service.start_worker()
            yield service
    finally:
        _close(service)


def _close(service: Service) -> None:
    """Close; a chunk that is still running would keep the process for as long as it takes, and is others' by now."""
    try:
        service.close()
    except KeyboardInterrupt:
        os._exit(130)
    if sys.exc_info()[0] is None and any(not each.daemon for each in threading.enumerate()[1:]):
        sys.stdout.flush()
        logging.shutdown()
        os._exit(0)


def _introduce(service: Service, settings: Settings) -> None:
    """Say where everything is, and on the first start hand out a key."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"
    output.print(f"\n[bold]earnest {__version__}[/] listens on [bold cyan]{address}[/]. Ctrl+C stops it.\n")
    output.print(f"  Console   {address}/\n  API       {address}/docs\n")
    if settings.api_key or service.list_keys():
        return
    key = service.create_key("first")
    call = (
        f"curl {address}/api/v1/data-quality -H {shlex.quote(f'X-Aftercare-Key: {key}')} "
        f"-H 'Content-Type: application/json' -d {shlex.quote(EXAMPLE)}"
    )
    output.print("A first API key was made. It is shown only now, so keep it:\n")
    output.print(f"  [bold green]{key}[/]\n", soft_wrap=True)
    output.print("Try it:\n")
    output.print(f"  {call}\n", soft_wrap=True, markup=False)
