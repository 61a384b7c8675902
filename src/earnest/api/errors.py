"""Every error as an answer: one table from error class to HTTP status, one body for all of them.

The body is `{code, message, details?}`, also for what never reaches a route. Nothing of an unexpected error leaves the
process but a reference, under which the log names the error's type and place; never a foreign message, which may quote
an answer.
"""

import logging
import traceback
from typing import Any
from uuid import uuid4

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from earnest.api.contract import Error
from earnest.errors import (
    EarnestError,
    IdempotencyConflict,
    InvalidInput,
    InvalidKey,
    InvalidSettings,
    NotFound,
    OutOfSpace,
    RateLimited,
    StoreUnavailable,
    TooLarge,
)

Connection = Request[Any, Any, Any]

STATUS: dict[type[EarnestError], int] = {
    InvalidInput: 400,
    InvalidKey: 403,
    NotFound: 404,
    IdempotencyConflict: 409,
    TooLarge: 413,
    RateLimited: 429,
    InvalidSettings: 500,
    StoreUnavailable: 503,
    OutOfSpace: 507,
    EarnestError: 500,
}
"""An error that is not listed has the status of its nearest listed ancestor."""

BY_STATUS = {
    400: Error(InvalidInput.code, "Invalid request parameters."),
    403: Error(InvalidKey.code, "Invalid or missing API key."),
    404: Error(NotFound.code, "Requested resource not found."),
    405: Error("METHOD_NOT_ALLOWED", "This path does not answer this method; see the Allow header."),
    408: Error("REQUEST_TIMEOUT", "The body arrives too slowly (EARNEST_SLOWEST_BODY_KB_S)."),
    409: Error(IdempotencyConflict.code, IdempotencyConflict().message),
    413: Error(
        TooLarge.code,
        "The body is larger than this installation accepts (EARNEST_MAX_BODY_MB); send the survey in several batches.",
    ),
    415: Error(
        "UNSUPPORTED_MEDIA_TYPE",
        "Send JSON (Content-Type: application/json; batches also application/x-ndjson), plain or with Content-Encoding:"
        " gzip or zstd.",
    ),
    429: Error(RateLimited.code, "Too many requests; ask again after the seconds that Retry-After names."),
    431: Error("HEAD_TOO_LARGE", "The URL and the headers are longer than Earnest accepts, 16 KB."),
    500: Error(EarnestError.code, "An unexpected error occurred."),
    503: Error(EarnestError.code, "Not ready."),
    507: Error(OutOfSpace.code, OutOfSpace().message),
}
"""What is said where there is nothing more exact to say."""

BUSY = Error("TOO_BUSY", "This server has as much in hand as it takes on (EARNEST_MOST_REQUESTS); ask again.")
UNREACHABLE = Error(StoreUnavailable.code, "The database cannot be used at the moment; ask again.")
"""The other 503s."""

_log = logging.getLogger(__name__)


def answer(status: int, error: Error, headers: dict[str, str] | None = None) -> Response[bytes]:
    """An error as it travels."""
    return Response(msgspec.json.encode(error), status_code=status, media_type=MediaType.JSON, headers=headers)


def _earnest(connection: Connection, fault: EarnestError) -> Response[bytes]:
    status = next(STATUS[kind] for kind in type(fault).__mro__ if kind in STATUS)
    if status >= 500:
        return _unexpected(connection, fault, status)
    headers = {"Retry-After": str(fault.retry_after_s)} if isinstance(fault, RateLimited) else None
    return answer(status, Error(fault.code, fault.message, fault.details), headers)


def _http(_: Connection, fault: HTTPException) -> Response[bytes]:
    """What the framework refuses, in our words: its own may quote the request."""
    if fault.status_code == 503:
        return answer(503, BUSY, dict(fault.headers or {}))
    if fault.status_code >= 500:
        return answer(500, BY_STATUS[500])
    status = fault.status_code if fault.status_code in BY_STATUS else 400
    return answer(status, BY_STATUS[status], dict(fault.headers or {}))


def _unexpected(_: Connection, fault: Exception, status: int = 500) -> Response[bytes]:
    reference = uuid4().hex[:12]
    places = " < ".join(
        f"{frame.filename}:{frame.lineno}" for frame in reversed(traceback.extract_tb(fault.__traceback__))
    )
    what = fault.message if isinstance(fault, EarnestError) else type(fault).__name__
    _log.error("unexpected: %s, reference %s, at %s", what, reference, places)
    error = BY_STATUS[status] if status != 503 else UNREACHABLE
    if isinstance(fault, OutOfSpace):
        error = Error(fault.code, fault.message)  # which disk
    return answer(status, msgspec.structs.replace(error, details={"reference": reference}))


EXCEPTION_HANDLERS: ExceptionHandlersMap = {EarnestError: _earnest, HTTPException: _http, Exception: _unexpected}
