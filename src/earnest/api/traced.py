"""A span for each request, where spans are wanted: its route and its status, never its path, which may hold a name."""

from typing import TYPE_CHECKING

from litestar.datastructures import Headers
from litestar.enums import ScopeType

from earnest.spans import note_fault, span, tracer

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Message, Middleware, Receive, Scope, Send

UNTRACED = {"/healthz", "/readyz", "/metrics"}
"""Asked every few seconds by machines; they would bury the rest."""
FIRST_FAULT = 500


def traced() -> "list[Middleware]":
    """The middleware that traces; none where nothing is traced."""
    return [] if tracer() is None else [_middleware]


def _middleware(app: "ASGIApp") -> "ASGIApp":
    async def enter(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != ScopeType.HTTP or scope["path"] in UNTRACED:
            await app(scope, receive, send)
            return
        method, route = scope["method"], scope["path_template"]
        attributes: dict[str, str | int] = {"http.request.method": method, "http.route": route}
        caller = Headers.from_scope(scope).get("traceparent", "")
        with span(f"{method} {route}", attributes, caller=caller) as begun:

            async def noted(message: "Message") -> None:
                if begun and message["type"] == "http.response.start":
                    begun.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= FIRST_FAULT:
                        note_fault(begun, str(message["status"]))
                await send(message)

            await app(scope, receive, noted)

    return enter
