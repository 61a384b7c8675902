"""The demo: a small survey that one fills in and sees judged at once; and the script that survey pages load.

The demo keeps nothing. It answers this machine only; the script, which holds no secret, is for every page.
"""

from functools import cache, partial
from importlib.resources import files

import msgspec
from anyio import to_thread
from litestar import MediaType, Response, get, post
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler

from earnest.api.console import only_here, render
from earnest.api.contract import EvaluationRequest
from earnest.api.data_quality import json_body
from earnest.api.decode import decode
from earnest.api.errors import Connection
from earnest.errors import NotFound
from earnest.findings import RespondentEvaluation
from earnest.service import Service
from earnest.survey import Respondent

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
OF_ALL_PAGES = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=3600",
}


@get("/demo", guards=[only_here], sync_to_thread=False)
def demo_page() -> Response[str]:
    """Show the survey."""
    return Response(render("demo.html"), media_type=MediaType.HTML, headers={"Content-Security-Policy": POLICY})


@post("/demo", guards=[only_here], status_code=200)
async def judge_demo(request: Connection, state: State) -> Response[bytes]:
    """Judge one respondent's answers, as POST /api/v1/data-quality does, and forget them.

    Raises:
        NotFound: another site's page asks.
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise NotFound
    judge = partial(_judged, state.service, await json_body(request, state.service))
    found = await to_thread.run_sync(judge, limiter=state.judges)
    return Response(msgspec.json.encode(found), media_type=MediaType.JSON)


def _judged(service: Service, body: bytes) -> RespondentEvaluation:
    part = decode(body, EvaluationRequest).part()
    [found] = service.evaluator.evaluate(part.survey, [Respondent("demo", part.entries)], wanted=part.wanted)
    return found


@get("/capture.js", sync_to_thread=False)
def capture_script() -> Response[bytes]:
    """Hand out the script that records keys and pastes (docs/how-to/capture.md)."""
    return Response(_script(), media_type="text/javascript", headers=OF_ALL_PAGES)


@cache
def _script() -> bytes:
    return (files("earnest") / "console" / "static" / "capture.js").read_bytes()


ROUTES: list[ControllerRouterHandler] = [demo_page, judge_demo, capture_script]
