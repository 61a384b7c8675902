"""What is refused at the door, by a real server on a real socket, and that a refusal is always an error of ours."""

import json
import re
import socket
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.conftest import KEY, Slow, in_memory

from earnest.api import limits
from earnest.api.app import create_app
from earnest.api.errors import BY_STATUS
from earnest.service import Service

ONE = "/api/v1/data-quality"
BODY: dict[str, Any] = {"surveyEntries": [{"question": "Why?", "answer": "Because"}]}


def said(server: str, sent: bytes) -> bytes:
    """All that a server says to these bytes until it closes the connection."""
    address = urlsplit(server)
    pieces = []
    to = (address.hostname, address.port)
    with suppress(ConnectionError), socket.create_connection(to, timeout=20) as connection:
        connection.sendall(sent)  # the server may close while we are still speaking
        while piece := connection.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def is_our_error(answer: bytes, *statuses: int) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]) in statuses and json.loads(body).keys() >= {"code", "message"}


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz?" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nCookie: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: a\r\n" % i for i in range(3000)) + b"\r\n",
    ],
    ids=["path", "query", "one header", "many headers"],
)
def test_a_long_head_is_refused(server: str, head: bytes) -> None:
    head = head.replace(b"Host: x", b"Host: x\r\nConnection: close")
    assert is_our_error(said(server, head), 400, 404, 431)


def test_a_head_without_end_is_not_read_on(server: str) -> None:
    endless = b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: a\r\n" % i for i in range(200_000))
    answer = said(server, endless)
    assert answer == b"" or is_our_error(answer, 400)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_is_no_http_gets_an_error_of_ours(server: str, garbage: bytes) -> None:
    assert is_our_error(said(server, garbage), 400, 404)


SMUGGLED = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nContent-Length: 50\r\n",
        b"Content-Length: 5, 50\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: -1\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    ],
)
def test_a_body_of_doubtful_length_ends_the_connection(server: str, headers: bytes) -> None:
    """Two servers in a row must never disagree on where a request ends."""
    answer = said(server, b"POST /healthz HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n0\r\n\r\n" + SMUGGLED)
    assert len(re.findall(rb"HTTP/1\.1 [0-9]{3} ", answer)) == 1
    assert is_our_error(answer, 400)


def test_a_head_that_does_not_end_is_not_waited_for(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEAD_S", 0.2)
    address = urlsplit(server)
    for begun in (b"", b"GET /healthz HTTP/1.1\r\nHost: ", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /heal"):
        with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
            connection.sendall(begun)
            while connection.recv(65536):
                pass


def test_a_busy_server_says_so_and_is_alive(service: Service) -> None:
    slow = Slow(replace(service.settings, most_requests=1), service)
    transport = in_memory(create_app(slow))

    async def ask() -> tuple[httpx.Response, httpx.Response, httpx.Response, httpx.Response]:
        headers = {"X-Aftercare-Key": KEY}
        async with httpx.AsyncClient(transport=transport, base_url="http://x", headers=headers, timeout=60) as client:
            first: list[httpx.Response] = []

            async def evaluate() -> None:
                first.append(await client.post(ONE, json=BODY))

            async with anyio.create_task_group() as group:
                group.start_soon(evaluate)
                await anyio.to_thread.run_sync(slow.judging.acquire)
                busy, alive = await client.post(ONE, json=BODY), await client.get("/healthz")
                slow.may_end.set()
            return first[0], busy, alive, await client.get("/openapi.json")

    first, busy, alive, afterwards = anyio.run(ask)
    assert (first.status_code, alive.status_code, afterwards.status_code) == (200, 200, 200)
    assert (busy.status_code, busy.json()["code"], busy.headers["Retry-After"]) == (503, "TOO_BUSY", "1")


METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "TRACE", "CONNECT", "PROPFIND"]) | st.text(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-", min_size=1, max_size=12
)
SEGMENTS = st.sampled_from(["api", "v1", "data-quality", "batch", "static", "earnest", "jobs", "..", ".", "", "%2e%2e"])
PATHS = st.lists(SEGMENTS | st.text("abc%/;?&=+~é'\"<>{}|\\^`0\x7f", max_size=12), max_size=7).map("/".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=METHODS, path=PATHS)
def test_every_answer_is_documented_or_an_error_of_ours(api: httpx.Client, method: str, path: str) -> None:
    try:
        answer = api.request(method, "/" + path)
    except httpx.InvalidURL:
        return
    if answer.status_code >= 400:
        assert answer.status_code in BY_STATUS
        assert answer.status_code < 500
        assert answer.headers["content-type"] == "application/json"
        if method != "HEAD":
            assert answer.json()["code"] == BY_STATUS[answer.status_code].code
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_proxy_that_speaks_as_nginx_does_unless_told_otherwise_is_not_let_in(server: str) -> None:
    """It puts our own name into Host and adds no header, but speaks HTTP/1.0."""
    address = urlsplit(server)
    for version, status in ((b"1.0", b"404"), (b"1.1", b"303")):
        with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
            request = b"GET /enter HTTP/%b\r\nHost: 127.0.0.1:8000\r\nConnection: close\r\n\r\n" % version
            connection.sendall(request)
            assert connection.recv(65536).split()[1] == status
