"""What is refused before anybody reads it: too many requests at once, too long a head, or one that never ends."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

import h11
import msgspec
from litestar.exceptions import HTTPException
from uvicorn.protocols.http.h11_impl import H11Protocol

from earnest.api.contract import Error
from earnest.service import Rate

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Middleware, Receive, Scope, Send

MOST_HEAD_BYTES = 16_384
"""Of a request's line and headers; nginx takes 8 KB of the line and 32 KB of headers, and no client of ours sends 2."""
HEAD_S = 10
"""From the first byte of a connection, or of a further request on it, to the end of the headers."""
KEEP_ALIVE_S = 5
"""How long a connection may be idle between two requests."""
RETRY_BUSY_S = 1
WITHOUT_LIMIT = {"/healthz"}
"""A busy server is alive."""

_NO_HTTP = Error("INVALID_REQUEST", "This is not an HTTP/1.1 request, or its URL and headers are longer than 16 KB.")


def at_the_door(most_requests: int) -> "Middleware":
    """Refuse a request with 503 while so many are in hand, and one with too long a head with 431."""
    in_hand = 0

    def middleware(app: "ASGIApp") -> "ASGIApp":
        async def enter(scope: "Scope", receive: "Receive", send: "Send") -> None:
            nonlocal in_hand
            if _head_bytes(scope) > MOST_HEAD_BYTES:
                raise HTTPException(status_code=431)
            if scope["path"] in WITHOUT_LIMIT:
                return await app(scope, receive, send)
            if in_hand >= most_requests:
                raise HTTPException(status_code=503, headers={"Retry-After": str(RETRY_BUSY_S)})
            in_hand += 1
            try:
                await app(scope, receive, send)
            finally:
                in_hand -= 1

        return enter

    return middleware


def _head_bytes(scope: "Scope") -> int:
    line = len(scope["raw_path"]) + len(scope["query_string"])
    return line + sum(len(name) + len(value) for name, value in scope["headers"])


def rate_headers(state: Mapping[str, object]) -> dict[str, str]:
    """Where the tenant stands in this minute, as draft-ietf-httpapi-ratelimit-headers-10 says it; {} without limit."""
    rate = state.get("rate")
    if not isinstance(rate, Rate):
        return {}
    return {
        "RateLimit-Policy": f'"minute";q={rate.limit};w=60',
        "RateLimit": f'"minute";r={rate.remaining};t={rate.reset_s}',
    }


class Door(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, but a head has HEAD_S to arrive, and what is no HTTP gets our error body."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait()

    def handle_events(self) -> None:
        """Wait on, or no longer."""
        super().handle_events()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        super().connection_lost(exc)
        self._stop_waiting()

    def send_400_response(self, msg: str) -> None:
        """Say in our words that this is no HTTP, unless an answer is already under way."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            body = msgspec.json.encode(_NO_HTTP)
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
            head = h11.Response(status_code=400, headers=list(headers.items()))
            for event in (head, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
