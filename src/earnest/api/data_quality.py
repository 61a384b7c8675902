"""The three published operations of data quality.

Reading and judging are work for the processor: they run in threads of their own, as many as there are judges, so that
all other requests stay quick.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import blake2b

import msgspec
from anyio import to_thread
from litestar import MediaType, Response, get, post
from litestar.datastructures import State

from earnest.api.auth import authorised
from earnest.api.batch_body import read_batch
from earnest.api.contract import EvaluationRequest, evaluation_response
from earnest.api.decode import decode, invalid
from earnest.api.errors import Connection
from earnest.api.pieces import LARGEST_RESPONSE
from earnest.api.stream import JSON, LINES, Received, kind_of, received
from earnest.findings import BatchJobResults, DataQualityBatchResponse, JobStatus
from earnest.service import Idempotency, Scope, Service
from earnest.store.jobs import MOST_PER_PAGE
from earnest.text.normalize import decode_entities

REQUEST_ENCODING = "X-Request-Encoding"
RESPONSE_ENCODING = "X-Response-Encoding"
IDEMPOTENCY_KEY = "Idempotency-Key"
LONGEST_KEY = 255
MB = 1_000_000

_SOUND_KEY = re.compile(f"[ -~]{{1,{LONGEST_KEY}}}")
_LIKE_ENTITY = re.compile(r'&[#\w][^"&;\s]{0,40};?')
_NOT_ASCII = re.compile("[^\x00-\x7f]")


@post("/api/v1/data-quality", status_code=200)
async def evaluate_data_quality(request: Connection, state: State) -> Response[bytes]:
    """Evaluate one respondent's answers at once."""
    service: Service = state.service
    tenant = await authorised(request, service, Scope.EVALUATE)
    from_html, to_html = wants_html(request, REQUEST_ENCODING), wants_html(request, RESPONSE_ENCODING)
    work = partial(_evaluate, service, tenant, await json_body(request, service), html=from_html)
    return _json(await to_thread.run_sync(_written, work, to_html, limiter=state.judges), 200)


def _evaluate(service: Service, tenant: str, body: bytes, *, html: bool) -> bytes:
    part = decode(body, EvaluationRequest, html=html).part()
    return msgspec.json.encode(evaluation_response(service.evaluate(tenant, part)))


@post("/api/v1/data-quality/batch", status_code=202)
async def evaluate_batch(request: Connection, state: State) -> Response[bytes]:
    """Keep a survey's respondents and queue their evaluation."""
    service: Service = state.service
    tenant = await authorised(request, service, Scope.EVALUATE)
    from_html, to_html = wants_html(request, REQUEST_ENCODING), wants_html(request, RESPONSE_ENCODING)
    key = idempotency_key(request)
    is_lines = kind_of(request, JSON, LINES) == LINES
    async with received(request, service, most_bytes=service.settings.max_body_mb * MB) as body:
        asked = blake2b(body.digest + bytes((is_lines, from_html)), digest_size=16).digest()
        idempotency = None if key is None else Idempotency(key, asked)
        work = partial(_submit, service, tenant, body, idempotency, lines=is_lines, html=from_html)
        return _json(await to_thread.run_sync(_written, work, to_html, limiter=state.readers), 202)


def _submit(
    service: Service, tenant: str, body: Received, idempotency: Idempotency | None, *, lines: bool, html: bool
) -> bytes:
    job_id = None if idempotency is None else service.submitted(tenant, idempotency)
    if job_id is None:
        batch = read_batch(body.file, lines=lines, html=html)
        job_id = service.submit(tenant, batch, idempotency=idempotency)
    nothing_yet = BatchJobResults(items=(), next_cursor=None)
    return msgspec.json.encode(DataQualityBatchResponse(job_id, JobStatus.QUEUED, nothing_yet))


def idempotency_key(request: Connection) -> str | None:
    """The client's name for the request; None where it gives none.

    Raises:
        InvalidInput: It is too long, or has other characters than printable ASCII.
    """
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is not None and not _SOUND_KEY.fullmatch(key):
        raise invalid({IDEMPOTENCY_KEY: f"must have 1 to {LONGEST_KEY} printable ASCII characters"})
    return key


@get("/api/v1/data-quality/batch/{batch_job_id:str}")
async def get_batch_job_status(request: Connection, state: State) -> Response[bytes]:
    """Tell how far a batch is, and hand out a page of what is ready."""
    tenant = await authorised(request, state.service, Scope.READ)
    to_html = wants_html(request, RESPONSE_ENCODING)
    find = partial(state.service.page, tenant, request.path_params["batch_job_id"], **page_of(request.query_params))
    return _json(await to_thread.run_sync(_written, lambda: find().to_json(), to_html), 200)


def page_of(query: Mapping[str, str]) -> dict[str, str | int | None]:
    """The `cursor` and the `limit` that a query asks for; None where it asks for none.

    Raises:
        InvalidInput: The limit is no whole number, or out of range.
    """
    limit = query.get("limit") or None
    if limit and not (limit.isascii() and limit.isdigit() and len(limit) < 10 and 1 <= int(limit) <= MOST_PER_PAGE):
        raise invalid({"limit": f"must be a whole number from 1 to {MOST_PER_PAGE:,}"})
    return {"cursor": query.get("cursor") or None, "limit": limit and int(limit)}


def wants_html(request: Connection, header: str) -> bool:
    """Whether a header asks for HTML entities.

    Raises:
        InvalidInput: The header has another value than `unicode` or `html`.
    """
    value = request.headers.get(header, "unicode").strip().lower()
    if value not in {"unicode", "html"}:
        raise invalid({header: "must be unicode or html"})
    return value == "html"


async def json_body(request: Connection, service: Service) -> bytes:
    """The body of a request about one respondent.

    Raises:
        HTTPException: 415 where it says that it is not JSON; 408 where it arrives too slowly.
        TooLarge: It is larger than the installation accepts, or than one response of a batch may be.
        InvalidInput: It is not compressed as it says.
    """
    kind_of(request, JSON)
    most_bytes = min(service.settings.max_body_mb * MB, LARGEST_RESPONSE)
    async with received(request, service, most_bytes=most_bytes) as body:
        return body.whole()


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
