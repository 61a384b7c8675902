"""The pages: the first page, which shows the survey that was evaluated last, and the documentation of the API.

Nothing is loaded from elsewhere and nothing runs in the browser. The first page shows answers without a sign-in, so it
answers this machine only.
"""

import json
from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from anyio import to_thread
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response, get
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from earnest.api import openapi
from earnest.api.errors import BY_STATUS, Connection
from earnest.api.picture import picture
from earnest.errors import NotFound
from earnest.findings import RespondentEvaluation
from earnest.service import Job, Service

MOST_RESPONDENTS = 10_000
"""Shown of one survey: about a second of reading; the console proper will page instead."""
PAGE = 1000

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


@cache
def _pages() -> Environment:
    pages = Environment(
        loader=PackageLoader("earnest", "console/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals["pretty"] = partial(json.dumps, indent=2, ensure_ascii=False)
    return pages


def only_here(connection: ASGIConnection[BaseRouteHandler, object, object, State], _: BaseRouteHandler) -> None:
    """Let in whoever asks from this machine, by a name of this machine.

    The name matters because a web page may point its own host name at 127.0.0.1 and so make a browser here read for it;
    the forwarding headers, because a proxy on this machine brings in everybody.

    Raises:
        NotFound: For all others, as if there were no such page.
    """
    if connection.client is None or not _is_loopback(connection.client.host):
        raise NotFound
    if not _names_loopback(connection.headers) or any(name in connection.headers for name in _FORWARDED):
        raise NotFound


def _names_loopback(headers: Mapping[str, str]) -> bool:
    try:
        host = urlsplit("//" + headers.get("host", "")).hostname or ""
    except ValueError:
        return False
    return host == "localhost" or _is_loopback(host)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


@get("/", guards=[only_here])
async def first_page(request: Connection, state: State) -> Response[str]:
    """Show the survey that was evaluated last."""
    return _page(await to_thread.run_sync(_last_evaluated, state.service, request.headers["host"]))


def _last_evaluated(service: Service, host: str) -> str:
    job = service.latest_job()
    if job is None:
        return render("empty.html", host=host)
    return render("first.html", job=job, picture=picture(_evaluations(service, job)))


def _evaluations(service: Service, job: Job) -> list[RespondentEvaluation]:
    read = msgspec.json.Decoder(RespondentEvaluation)
    found: list[RespondentEvaluation] = []
    cursor: str | None = None
    while len(found) < MOST_RESPONDENTS:
        page = service.page(job.tenant, job.id, cursor=cursor, limit=PAGE)
        found += [read.decode(item) for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


@get("/docs", sync_to_thread=True)
def docs_page() -> Response[str]:
    """Document the API, for people."""
    return _page(documentation())


@get("/openapi.json", sync_to_thread=False)
def openapi_document() -> Response[bytes]:
    """Document the API, for machines."""
    return Response(_openapi_bytes(), media_type=MediaType.JSON)


@cache
def _openapi_bytes() -> bytes:
    return msgspec.json.encode(openapi.document())


@cache
def documentation() -> str:
    """The page about the API."""
    return render("docs.html", api=openapi.document(), errors=BY_STATUS)


def render(template: str, **shown: object) -> str:
    """A page; all that is put into it is escaped."""
    return _pages().get_template(template).render(**shown)


def _page(html: str) -> Response[str]:
    return Response(html, media_type=MediaType.HTML)


STATIC = create_static_files_router(path="/static", directories=[Path(str(files("earnest") / "console" / "static"))])
ROUTES: list[ControllerRouterHandler] = [first_page, docs_page, openapi_document, STATIC]
