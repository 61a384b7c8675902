"""What all pages have in common, the way to the first one, and the documentation of the API.

Nothing is loaded from elsewhere. What needs no sign-in and still tells something answers this machine only.
"""

import json
from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response, get
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler

from earnest.api import openapi
from earnest.api.errors import BY_STATUS
from earnest.errors import NotFound
from earnest.settings import Settings

Connection = ASGIConnection[Any, Any, Any, Any]

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


def only_here(connection: Connection, _: BaseRouteHandler) -> None:
    """Let in whoever asks from this machine.

    Raises:
        NotFound: For all others, as if there were no such page.
    """
    if not is_here(connection):
        raise NotFound


def is_here(connection: Connection) -> bool:
    """Whether somebody asks from this machine, by a name of this machine.

    The name matters because a web page may point its own host name at 127.0.0.1 and so make a browser here read for it;
    forwarding headers, because a proxy on this machine brings in everybody; HTTP/1.0, because no browser speaks it, but
    nginx does, which unless told otherwise adds no such header and puts our own name in. A proxy that shows none of
    this must be named in the settings.
    """
    settings: Settings = connection.app.state.service.settings
    proxies = {each.strip() for each in settings.proxies.split(",")}
    if connection.client is None or not _is_loopback(connection.client.host) or connection.client.host in proxies:
        return False
    if connection.scope["http_version"] == "1.0":
        return False
    return _names_loopback(connection.headers) and not any(name in connection.headers for name in _FORWARDED)


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


@get("/", sync_to_thread=False)
def first_page() -> Response[None]:
    """Lead to the list of surveys."""
    return Response(None, status_code=303, headers={"Location": "/desk"})


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
