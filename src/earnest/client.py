"""The Python client of the data-quality API, of ours and of every server that speaks the same contract.

    from earnest import Entry
    from earnest.client import Client

    with Client("http://127.0.0.1:8000", "ek_…") as api:
        found = api.quality.evaluate([Entry("What do you like about it?", "asdf jkl")])
        job = api.quality.evaluate_batch(respondents, survey_name="Coffee")  # a list, or a generator of any length
        done = api.quality.wait_for_batch(job.batch_job_id)

`AsyncClient` has the same methods to await. Both only carry: what is sent and how an answer is read stands once, in the
functions that make a `Call`.
"""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Generic, Self, TypedDict, TypeVar, Unpack
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec

from earnest.errors import BY_CODE, EarnestError
from earnest.findings import (
    BatchJobResults,
    CheckName,
    DataQualityBatchResponse,
    DetectionMode,
    EvaluationResponse,
    RespondentEvaluation,
)
from earnest.survey import Entry, Respondent

T = TypeVar("T")

Json = Mapping[str, object]
SECONDS_FOR_AN_ANSWER = 60.0
PIECE = 65_536  # bytes of a long body that are sent at once


class About(TypedDict, total=False):
    """What may be said of the survey, and which checks are wanted; see the API's documentation."""

    survey_description: str
    survey_identifier: str
    quality_issues: Sequence[CheckName | str]
    detection_mode: DetectionMode | str


class AboutResponse(About, total=False):
    """What may be said of one respondent's answers."""

    survey_name: str
    response_identifier: str
    aftercare_response_identifier: str


class _Told(msgspec.Struct, frozen=True):
    """What an error says; `code` may be one that a later server knows."""

    code: str
    message: str
    details: dict[str, str] | None = None


_TOLD = msgspec.json.Decoder(_Told)  # the end of findings.py says why it is made here


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request, and how its answer is read."""

    method: str
    path: str
    answer: type[T]
    body: bytes | Iterator[bytes] | None = None
    query: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None

    @property
    def tries(self) -> tuple[bool, ...]:
        """Whether each try is the last: what can be sent again without harm is, when the connection breaks."""
        is_harmless = self.method == "GET" or (self.headers and isinstance(self.body, bytes))
        return (False, True) if is_harmless else (True,)

    def read(self, response: httpx.Response) -> T:
        """The answer.

        Raises:
            EarnestError: of the class that the answer's code names.
        """
        if response.status_code >= 400:
            raise _error(response)
        try:
            return msgspec.json.decode(response.content, type=self.answer)
        except msgspec.MsgspecError as fault:
            raise EarnestError(f"The server's answer cannot be read: {fault}.") from fault


def evaluate(entries: Sequence[Entry | Json], about: AboutResponse) -> Call[EvaluationResponse]:
    """Evaluate one respondent's answers at once."""
    return Call("POST", "/api/v1/data-quality", EvaluationResponse, _body(about, surveyEntries=entries))


def evaluate_batch(
    responses: Iterable[Respondent | Json], survey_name: str, callback_url: str | None, key: str | None, about: About
) -> Call[DataQualityBatchResponse]:
    """Submit a survey's respondents for evaluation."""
    request: Json = {"surveyName": survey_name} | ({"callbackUrl": callback_url} if callback_url else {})
    headers = {"Idempotency-Key": key or str(uuid4())}
    body: bytes | Iterator[bytes]
    if isinstance(responses, Sequence):
        body = _body(about, **request, responses=[_sent(each) for each in responses])
    else:
        body = _compressed(_lines(_body(about, **request), responses))
        headers |= {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
    return Call("POST", "/api/v1/data-quality/batch", DataQualityBatchResponse, body, headers=headers)


def get_batch_job_status(
    job_id: str, cursor: str | None = None, limit: int | None = None
) -> Call[DataQualityBatchResponse]:
    """Ask how a batch stands, with a page of its results."""
    query = ({"cursor": cursor} if cursor else {}) | ({"limit": str(limit)} if limit is not None else {})
    return Call("GET", f"/api/v1/data-quality/batch/{quote(job_id, safe='')}", DataQualityBatchResponse, query=query)


@dataclass(slots=True)
class Waiting:
    """A batch whose results are gathered while it runs.

    Attributes:
        job_id: Which one.
        poll_seconds: How long to wait after a page that brought nothing.
        deadline: When to give up, by `time.monotonic`.
        items: What has come so far.
        cursor: Where the next page begins.
    """

    job_id: str
    poll_seconds: float
    deadline: float
    items: list[RespondentEvaluation] = field(default_factory=list)
    cursor: str | None = None

    def call(self) -> Call[DataQualityBatchResponse]:
        """Ask for what follows."""
        return get_batch_job_status(self.job_id, self.cursor)

    def pause(self, page: DataQualityBatchResponse) -> float | None:
        """Take a page in and return the seconds to wait before the next; None when this was the last.

        Raises:
            EarnestError: the time is over.
        """
        self.items += page.results.items
        self.cursor = page.results.next_cursor
        if self.cursor is None:
            return None
        if time.monotonic() > self.deadline:
            raise EarnestError(f"Batch {self.job_id} is still {page.status}; wait longer, or ask again later.")
        return 0.0 if page.results.items else self.poll_seconds

    def whole(self, last: DataQualityBatchResponse) -> DataQualityBatchResponse:
        """The finished batch with every item on one page."""
        return msgspec.structs.replace(last, results=BatchJobResults(tuple(self.items), None))


class Quality:
    """The data-quality operations, waiting for each answer."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def evaluate(self, entries: Sequence[Entry | Json], **about: Unpack[AboutResponse]) -> EvaluationResponse:
        """Judge one respondent's answers at once."""
        return self._send(evaluate(entries, about))

    def evaluate_batch(
        self,
        responses: Iterable[Respondent | Json],
        *,
        survey_name: str,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
        **about: Unpack[About],
    ) -> DataQualityBatchResponse:
        """Submit a survey's respondents to be judged together; returns at once, see `wait_for_batch`.

        A generator is sent as it goes, compressed, and never held in memory (by Earnest's server only). Calls with the
        same idempotency key and body are one job; without a key, every call is another one.
        """
        return self._send(evaluate_batch(responses, survey_name, callback_url, idempotency_key, about))

    def get_batch_job_status(
        self, batch_job_id: str, *, cursor: str | None = None, limit: int | None = None
    ) -> DataQualityBatchResponse:
        """Ask how a batch stands, with a page of its results."""
        return self._send(get_batch_job_status(batch_job_id, cursor, limit))

    def wait_for_batch(
        self, batch_job_id: str, *, poll_seconds: float = 1.0, timeout_seconds: float = inf
    ) -> DataQualityBatchResponse:
        """Wait until a batch has ended, well or not (see `status`), and return it with every item."""
        waiting = Waiting(batch_job_id, poll_seconds, time.monotonic() + timeout_seconds)
        while (pause := waiting.pause(page := self._send(waiting.call()))) is not None:
            time.sleep(pause)
        return waiting.whole(page)

    evaluateBatch, getBatchJobStatus = evaluate_batch, get_batch_job_status  # noqa: N815  as the published samples say

    def _send(self, call: Call[T]) -> T:
        request = _request(self._http, call)
        for is_last in call.tries:
            try:
                return call.read(self._http.send(request))
            except httpx.TransportError as fault:
                if is_last:
                    raise _unreachable(self._http.base_url, fault) from fault
        raise AssertionError


class AsyncQuality:
    """The data-quality operations, to await."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def evaluate(self, entries: Sequence[Entry | Json], **about: Unpack[AboutResponse]) -> EvaluationResponse:
        """Judge one respondent's answers at once."""
        return await self._send(evaluate(entries, about))

    async def evaluate_batch(
        self,
        responses: Iterable[Respondent | Json],
        *,
        survey_name: str,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
        **about: Unpack[About],
    ) -> DataQualityBatchResponse:
        """Submit a survey's respondents to be judged together; see `Quality.evaluate_batch`."""
        return await self._send(evaluate_batch(responses, survey_name, callback_url, idempotency_key, about))

    async def get_batch_job_status(
        self, batch_job_id: str, *, cursor: str | None = None, limit: int | None = None
    ) -> DataQualityBatchResponse:
        """Ask how a batch stands, with a page of its results."""
        return await self._send(get_batch_job_status(batch_job_id, cursor, limit))

    async def wait_for_batch(
        self, batch_job_id: str, *, poll_seconds: float = 1.0, timeout_seconds: float = inf
    ) -> DataQualityBatchResponse:
        """Wait until a batch has ended, well or not (see `status`), and return it with every item."""
        waiting = Waiting(batch_job_id, poll_seconds, time.monotonic() + timeout_seconds)
        while (pause := waiting.pause(page := await self._send(waiting.call()))) is not None:
            await asyncio.sleep(pause)
        return waiting.whole(page)

    evaluateBatch, getBatchJobStatus = evaluate_batch, get_batch_job_status  # noqa: N815  as the published samples say

    async def _send(self, call: Call[T]) -> T:
        request = _request(self._http, call)
        for is_last in call.tries:
            try:
                return call.read(await self._http.send(request))
            except httpx.TransportError as fault:
                if is_last:
                    raise _unreachable(self._http.base_url, fault) from fault
        raise AssertionError


class Client:
    """A connection to a server.

    Args:
        base_url: Where it is, such as "http://127.0.0.1:8000".
        key: The API key.
        timeout_seconds: How long to wait for one answer.
        transport: Carries the requests; by default the network.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        timeout_seconds: float = SECONDS_FOR_AN_ANSWER,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(
            base_url=base_url, headers=_headers(key), timeout=timeout_seconds, transport=transport
        )
        self.quality = Quality(self._http)

    def close(self) -> None:
        """Let go of all connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncClient:
    """A connection to a server, with methods to await; arguments as for `Client`."""

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        timeout_seconds: float = SECONDS_FOR_AN_ANSWER,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url, headers=_headers(key), timeout=timeout_seconds, transport=transport
        )
        self.quality = AsyncQuality(self._http)

    async def close(self) -> None:
        """Let go of all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _headers(key: str) -> dict[str, str]:
    return {"X-Aftercare-Key": key, "Content-Type": "application/json", "Accept": "application/json"}


def _request(http: httpx.Client | httpx.AsyncClient, call: Call[T]) -> httpx.Request:
    body = _awaited(call.body) if isinstance(call.body, Iterator) and isinstance(http, httpx.AsyncClient) else call.body
    return http.build_request(call.method, call.path, content=body, params=call.query, headers=call.headers)


def _body(about: Mapping[str, object], **more: object) -> bytes:
    """The request with the wire's names: survey_name -> surveyName."""
    return msgspec.json.encode({_camel(name): value for name, value in about.items() if value is not None} | more)


def _sent(response: Respondent | Json) -> Json:
    if isinstance(response, Respondent):
        return {"responseIdentifier": response.identifier, "surveyEntries": response.entries}
    return response


def _lines(head: bytes, responses: Iterable[Respondent | Json]) -> Iterator[bytes]:
    yield head + b"\n"
    for each in responses:
        yield msgspec.json.encode(_sent(each)) + b"\n"


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same as gzip, in pieces worth sending."""
    gzip = zlib.compressobj(wbits=31)
    ready = bytearray()
    for piece in pieces:
        ready += gzip.compress(piece)
        if len(ready) >= PIECE:
            yield bytes(ready)
            ready.clear()
    yield bytes(ready) + gzip.flush()


async def _awaited(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same for those who await; each piece is made in a thread, since the one who makes it may be slow."""
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _error(response: httpx.Response) -> EarnestError:
    """The error that an answer tells of."""
    try:
        told = _TOLD.decode(response.content)
    except msgspec.MsgspecError:
        return EarnestError(f"The server answered {response.status_code} without saying why.")
    error = BY_CODE.get(told.code, EarnestError)(told.message, details=told.details)
    error.code = told.code
    return error


def _unreachable(url: httpx.URL, fault: httpx.TransportError) -> EarnestError:
    return EarnestError(f"Cannot reach {url}: {str(fault) or type(fault).__name__}.")
