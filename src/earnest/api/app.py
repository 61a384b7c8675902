"""The HTTP application: all routes, their errors, limits and headers, around one `Service`."""

import os
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread
from litestar import Litestar, MediaType, Response, get
from litestar.datastructures import MutableScopeHeaders, State

from earnest.api import callbacks, console, data_quality, demo, desk, jobs, verdicts
from earnest.api.contract import Error
from earnest.api.errors import BY_STATUS, EXCEPTION_HANDLERS, answer
from earnest.api.limits import at_the_door, rate_headers
from earnest.api.metrics import Watched, metrics
from earnest.api.traced import traced
from earnest.service import Service

if TYPE_CHECKING:
    from litestar.types import Message, Scope

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer: nothing is kept, framed, guessed at or loaded from elsewhere."""


def create_app(service: Service) -> Litestar:
    """The application that `earnest serve` runs."""
    settings = service.settings
    return Litestar(
        route_handlers=[
            *data_quality.ROUTES,
            *callbacks.ROUTES,
            *jobs.ROUTES,
            *verdicts.ROUTES,
            *console.ROUTES,
            *demo.ROUTES,
            *desk.ROUTES,
            metrics,
            alive,
            ready,
        ],
        state=State(
            {
                "service": service,
                "watched": Watched(),
                "judges": CapacityLimiter(settings.threads or os.cpu_count() or 1),
                "readers": CapacityLimiter(os.cpu_count() or 1),  # of batches, so that no judge waits for a large one
            }
        ),
        exception_handlers=EXCEPTION_HANDLERS,
        before_send=[_add_headers],
        middleware=[at_the_door(settings.most_requests), *traced()],  # whoever is refused at the door is not traced
        request_max_body_size=settings.max_body_mb * 1_000_000,
        openapi_config=None,
        logging_config=None,
    )


@get("/healthz", sync_to_thread=False)
def alive() -> dict[str, str]:
    """Say that the process is alive."""
    return {"status": "ok"}


@get("/readyz")
async def ready(state: State) -> Response[dict[str, str]] | Response[bytes]:
    """Say whether everything that the service depends on is usable."""
    service: Service = state.service
    parts = await to_thread.run_sync(service.health)
    faults = {part: said for part, said in parts.items() if said != "ok"}
    if faults:
        return answer(503, Error(BY_STATUS[503].code, BY_STATUS[503].message, faults))
    return Response(parts, media_type=MediaType.JSON)


async def _add_headers(message: "Message", scope: "Scope") -> None:
    if message["type"] == "http.response.start":
        scope["litestar_app"].state.watched.count(scope, message["status"])
        headers = MutableScopeHeaders.from_message(message)
        for name, value in (HEADERS | rate_headers(scope["state"])).items():
            headers.setdefault(name, value)
