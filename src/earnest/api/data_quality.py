"""The three published operations of data quality.

Reading and judging are work for the processor: they run in threads of their own, as many as there are judges, so that
all other requests stay quick.
"""

import json
import re
from collections.abc import Callable
from functools import partial

import msgspec
from anyio import to_thread
from litestar import MediaType, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from earnest.api.auth import tenant_of
from earnest.api.contract import BatchRequest, EvaluationRequest, evaluation_response
from earnest.api.decode import decode, invalid
from earnest.api.errors import Connection
from earnest.findings import BatchJobResults, DataQualityBatchResponse, JobStatus
from earnest.service import Service
from earnest.store.jobs import MOST_PER_PAGE
from earnest.text.normalize import decode_entities

REQUEST_ENCODING = "X-Request-Encoding"
RESPONSE_ENCODING = "X-Response-Encoding"

_LIKE_ENTITY = re.compile(r'&[#\w][^"&;\s]{0,40};?')
_NOT_ASCII = re.compile("[^\x00-\x7f]")


@post("/api/v1/data-quality", status_code=200)
async def evaluate_data_quality(request: Connection, state: State) -> Response[bytes]:
    """Evaluate one respondent's answers at once."""
    return await _answer_to_body(request, state, _evaluate, 200)


def _evaluate(service: Service, tenant: str, body: bytes, html: bool) -> bytes:
    part = decode(body, EvaluationRequest, html=html).part()
    return msgspec.json.encode(evaluation_response(service.evaluate(tenant, part)))


@post("/api/v1/data-quality/batch", status_code=202)
async def evaluate_batch(request: Connection, state: State) -> Response[bytes]:
    """Keep a survey's respondents and queue their evaluation."""
    return await _answer_to_body(request, state, _submit, 202)


def _submit(service: Service, tenant: str, body: bytes, html: bool) -> bytes:
    job_id = service.submit(tenant, decode(body, BatchRequest, html=html).batch())
    nothing_yet = BatchJobResults(items=(), next_cursor=None)
    return msgspec.json.encode(DataQualityBatchResponse(job_id, JobStatus.QUEUED, nothing_yet))


async def _answer_to_body(
    request: Connection, state: State, work: Callable[[Service, str, bytes, bool], bytes], status: int
) -> Response[bytes]:
    tenant = await tenant_of(request, state.service)
    from_html, to_html = wants_html(request, REQUEST_ENCODING), wants_html(request, RESPONSE_ENCODING)
    body = await json_body(request)
    judge = partial(work, state.service, tenant, body, from_html)
    return _json(await to_thread.run_sync(_written, judge, to_html, limiter=state.judges), status)


@get("/api/v1/data-quality/batch/{batch_job_id:str}")
async def get_batch_job_status(request: Connection, state: State) -> Response[bytes]:
    """Tell how far a batch is, and hand out a page of what is ready."""
    tenant = await tenant_of(request, state.service)
    to_html = wants_html(request, RESPONSE_ENCODING)
    find = partial(
        state.service.page,
        tenant,
        request.path_params["batch_job_id"],
        cursor=request.query_params.get("cursor") or None,
        limit=_limit(request.query_params.get("limit")),
    )
    return _json(await to_thread.run_sync(_written, lambda: find().to_json(), to_html), 200)


def _limit(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MOST_PER_PAGE):
        raise invalid({"limit": f"must be a whole number from 1 to {MOST_PER_PAGE:,}"})
    return int(text)


def wants_html(request: Connection, header: str) -> bool:
    """Whether a header asks for HTML entities.

    Raises:
        InvalidInput: The header has another value than `unicode` or `html`.
    """
    value = request.headers.get(header, "unicode").strip().lower()
    if value not in {"unicode", "html"}:
        raise invalid({header: "must be unicode or html"})
    return value == "html"


async def json_body(request: Connection) -> bytes:
    """The body, cut off at the limit while it is read.

    Raises:
        HTTPException: 415 where it says that it is not plain JSON; 413 where it is too large.
    """
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if kind != "application/json" or coding != "identity":
        raise HTTPException(status_code=415)
    return await request.body()


def _json(body: bytes, status: int) -> Response[bytes]:
    return Response(body, status_code=status, media_type=MediaType.JSON)


def _written(work: Callable[[], bytes], html: bool) -> bytes:
    return as_entities(work()) if html else work()


def as_entities(body: bytes) -> bytes:
    """JSON with every non-ASCII character as an HTML entity; what looked like an entity before is protected."""
    return _NOT_ASCII.sub(_entity, _LIKE_ENTITY.sub(_protected, body.decode())).encode("ascii")


def _protected(match: re.Match[str]) -> str:
    text = match.group()
    return text if decode_entities(text) == text else "&amp;" + text[1:]


def _entity(match: re.Match[str]) -> str:
    """Some control characters have no entity (HTML reads &#128; as a euro sign); JSON can write them as well."""
    entity = f"&#{ord(match.group())};"
    return entity if decode_entities(entity) == match.group() else json.dumps(match.group())[1:-1]


ROUTES = [evaluate_data_quality, evaluate_batch, get_batch_job_status]
