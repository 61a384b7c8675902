"""`earnest serve` and `earnest work`: run until told to stop, then stop cleanly."""

import logging
import shlex
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import uvicorn

from earnest import __version__
from earnest.api.app import create_app
from earnest.cli.evaluate import name_thresholds
from earnest.cli.terminal import output
from earnest.errors import InvalidSettings
from earnest.service import Service
from earnest.settings import Settings

SECONDS_TO_FINISH_REQUESTS = 10
EXAMPLE = '{"surveyEntries": [{"question": "What do you like about it?", "answer": "asdf jkl"}]}'


def serve(host: str | None, port: int | None, path: Path | None) -> None:
    """Serve the API and the page until interrupted, with the settings file at `path`, if any.

    Raises:
        InvalidSettings: a setting cannot be so, or somebody else listens on that port.
        StoreUnavailable: the database cannot be used.
    """
    settings = Settings.load(path=path)
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    require_free_port(settings)
    with _running(settings) as service:
        _introduce(service, settings)
        uvicorn.run(
            create_app(service),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SECONDS_TO_FINISH_REQUESTS,
        )


def work(path: Path | None) -> None:
    """Work on batches until interrupted, with the settings file at `path`, if any.

    Raises:
        InvalidSettings: a setting cannot be so.
        StoreUnavailable: the database cannot be used.
    """
    with _running(Settings.load(path=path)):
        output.print(f"earnest {__version__} works on batches. Ctrl+C stops it.")
        threading.Event().wait()


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
def _running(settings: Settings) -> Iterator[Service]:
    """A service with its worker; Ctrl+C and SIGTERM alike end the block, and then what runs is let end."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("earnest").setLevel(settings.log_level)  # what others have to say at INFO is noise here
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    service = Service.open(settings)
    name_thresholds(settings)
    try:
        service.start_worker()
        with suppress(KeyboardInterrupt):
            yield service
    finally:
        service.close()


def _introduce(service: Service, settings: Settings) -> None:
    """Say where everything is, and on the first start hand out a key."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"
    output.print(f"\n[bold]earnest {__version__}[/] listens on [bold cyan]{address}[/]. Ctrl+C stops it.\n")
    output.print(f"  Last survey   {address}/\n  API           {address}/docs\n")
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
