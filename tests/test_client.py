"""The client against the real application, over a socket and in memory."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import httpx
import pytest
import uvicorn
from litestar import Litestar
from tests.api.conftest import in_memory

from earnest import EarnestError, Entry, KeyStroke, Paste, Respondent
from earnest.api.app import create_app
from earnest.client import AsyncClient, Client
from earnest.errors import IdempotencyConflict, InvalidInput, InvalidKey, MissingScope, NotFound
from earnest.findings import CheckName, DataQualityBatchResponse, DetectionMode, JobStatus
from earnest.service import Scope, Service
from earnest.settings import Settings

KEY = "a-key-for-the-tests-of-the-client"
QUESTION = "What do you like about the coffee?"
RESPONDENTS = [
    Respondent(f"R{i}", (Entry(QUESTION, answer, question_identifier="q1"),))
    for i, answer in enumerate(
        ["It tastes of chocolate.", "asdf jkl asdf", "The smell, when I open the bag.", "idk", "Price"]
    )
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    path = tmp_path_factory.mktemp("client") / "earnest.db"
    service = Service.open(Settings(database_url=f"sqlite:///{path}", api_key=KEY, page_size=2))
    service.start_worker()
    yield service
    service.close()


@pytest.fixture(scope="module")
def app(service: Service) -> Litestar:
    return create_app(service)


@pytest.fixture(scope="module")
def address(app: Litestar) -> Iterator[str]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def api(address: str) -> Iterator[Client]:
    with Client(address, KEY) as api:
        yield api


def test_one_respondent_is_judged_at_once(api: Client) -> None:
    entry = Entry(
        QUESTION, "asdf jkl asdf", key_events=(KeyStroke("a", 0.0, 80.0, "KeyA"),), paste_events=(Paste(1.0, "asdf"),)
    )
    found = api.quality.evaluate(
        [entry], survey_name="Coffee", response_identifier="R9", detection_mode="Responsiveness"
    )
    assert found.response_identifier == "R9"
    assert found.aftercare_response_identifier
    assert CheckName.NONSENSICAL in {each.type for each in found.evaluations[0].quality_issue_checks if each.is_issue}
    assert CheckName.LLM_GENERATED not in {each.type for each in found.evaluations[0].quality_issue_checks}


def test_a_part_follows_the_part_before(api: Client) -> None:
    long = "It tastes of chocolate, and my husband likes it as well as I do."
    first = api.quality.evaluate([{"question": QUESTION, "answer": long}])
    name = first.aftercare_response_identifier
    second = api.quality.evaluate([Entry("And what else?", long)], aftercare_response_identifier=name)
    assert second.aftercare_response_identifier == name
    assert CheckName.SELF_DUPLICATE in {
        each.type for each in second.evaluations[0].quality_issue_checks if each.is_issue
    }


def answering(answer: httpx.Response) -> httpx.MockTransport:
    """A server that only ever says one thing."""
    return httpx.MockTransport(lambda _: answer)


def check_batch(queued: DataQualityBatchResponse, done: DataQualityBatchResponse) -> None:
    assert queued.status in {JobStatus.QUEUED, JobStatus.PROCESSING}
    assert done.batch_job_id == queued.batch_job_id
    assert done.status is JobStatus.COMPLETED
    assert done.results.next_cursor is None
    assert [item.response_identifier for item in done.results.items] == [each.identifier for each in RESPONDENTS]
    assert done.results.items[1].num_issues > 0


def test_a_batch_is_waited_for_and_comes_whole(api: Client) -> None:
    queued = api.quality.evaluate_batch(RESPONDENTS, survey_name="Coffee", detection_mode=DetectionMode.COMPOSITE)
    check_batch(queued, api.quality.wait_for_batch(queued.batch_job_id, poll_seconds=0.05))
    page = api.quality.getBatchJobStatus(queued.batch_job_id, limit=3)
    assert len(page.results.items) == 3
    rest = api.quality.get_batch_job_status(queued.batch_job_id, cursor=page.results.next_cursor)
    assert [item.response_identifier for item in rest.results.items] == ["R3", "R4"]


def test_the_same_awaited(app: Litestar) -> None:
    async def judge() -> tuple[DataQualityBatchResponse, DataQualityBatchResponse]:
        async with AsyncClient("http://earnest", KEY, transport=in_memory(app)) as api:
            assert (await api.quality.evaluate([Entry(QUESTION, "asdf jkl asdf")])).num_issues > 0
            queued = await api.quality.evaluateBatch(RESPONDENTS, survey_name="Coffee", quality_issues=["Nonsense"])
            return queued, await api.quality.wait_for_batch(queued.batch_job_id, poll_seconds=0.05)

    check_batch(*asyncio.run(judge()))


def test_errors_are_ours_by_their_code(api: Client, address: str, service: Service) -> None:
    with Client(address, "wrong") as stranger, pytest.raises(InvalidKey):
        stranger.quality.evaluate([Entry(QUESTION, "It tastes good.")])
    reader = service.create_key("reader", scopes=frozenset({Scope.READ}))
    with Client(address, reader) as reading, pytest.raises(MissingScope):
        reading.quality.evaluate([Entry(QUESTION, "It tastes good.")])
    with pytest.raises(InvalidInput) as raised:
        api.quality.evaluate([{"question": QUESTION}], survey_name="Coffee")
    assert list(raised.value.details) == ["surveyEntries[0].answer"]
    with pytest.raises(NotFound):
        api.quality.get_batch_job_status("nobody's")
    with pytest.raises(NotFound):
        api.quality.get_batch_job_status("../../../healthz")


def test_an_error_that_we_do_not_know_keeps_its_code() -> None:
    answer = httpx.Response(429, json={"code": "RATE_LIMITED", "message": "Slow down."})
    with Client("http://earnest", KEY, transport=answering(answer)) as api:
        with pytest.raises(EarnestError, match="Slow down") as raised:
            api.quality.get_batch_job_status("1")
        assert raised.value.code == "RATE_LIMITED"
    assert EarnestError.code == "INTERNAL_ERROR"


@pytest.mark.parametrize("answer", [httpx.Response(502, text="<html>"), httpx.Response(200, text="{}")])
def test_what_is_no_answer_is_said(answer: httpx.Response) -> None:
    with Client("http://earnest", KEY, transport=answering(answer)) as api, pytest.raises(EarnestError, match="server"):
        api.quality.get_batch_job_status("1")


def test_a_server_that_is_not_there_is_said() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    with Client(f"http://127.0.0.1:{port}", KEY) as api, pytest.raises(EarnestError, match="Cannot reach"):
        api.quality.get_batch_job_status("1")


def test_waiting_ends_when_time_is_over() -> None:
    body = {"batchJobId": "1", "status": "processing", "results": {"items": [], "nextCursor": "later"}}
    answer = httpx.Response(200, json=body)
    with (
        Client("http://earnest", KEY, transport=answering(answer)) as api,
        pytest.raises(EarnestError, match="still processing"),
    ):
        api.quality.wait_for_batch("1", poll_seconds=0, timeout_seconds=0)


def test_respondents_may_come_from_a_generator(api: Client, address: str, service: Service) -> None:
    jobs = [api.quality.evaluate_batch((each for each in RESPONDENTS), survey_name="Coffee", survey_identifier="g")]

    async def ask() -> None:
        async with AsyncClient(address, KEY) as awaited:
            many = ({"surveyEntries": [{"question": QUESTION, "answer": f"No {i}"}]} for i in range(3_000))
            jobs.append(await awaited.quality.evaluate_batch(many, survey_name="Coffee"))

    asyncio.run(ask())
    assert [service.page("default", job.batch_job_id).job.total for job in jobs] == [5, 3_000]
    for job in jobs:
        with suppress(InvalidInput):  # it has ended meanwhile
            service.cancel("default", job.batch_job_id)


def test_a_call_with_the_same_key_is_the_same_job(api: Client) -> None:
    def submit(key: str | None, name: str = "Coffee") -> str:
        found = api.quality.evaluate_batch(RESPONDENTS[:1], survey_name=name, idempotency_key=key)
        return found.batch_job_id

    assert submit("once") == submit("once") != submit(None) != submit(None)
    with pytest.raises(IdempotencyConflict):
        submit("once", "Tea")


class BreaksOnce(httpx.BaseTransport):
    """A connection that breaks when the server has already read the first request."""

    def __init__(self) -> None:
        self.keys: list[str | None] = []
        self._network = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers.get("idempotency-key"))
        response = self._network.handle_request(request)
        if len(self.keys) == 1:
            response.read()
            response.close()
            raise httpx.ReadError("connection reset", request=request)
        return response

    def close(self) -> None:
        self._network.close()


def test_a_batch_whose_answer_got_lost_is_sent_again_and_counts_once(address: str, service: Service) -> None:
    transport = BreaksOnce()
    with Client(address, KEY, transport=transport) as api:
        job = api.quality.evaluate_batch(RESPONDENTS[:1], survey_name="Lost")
    assert len(set(transport.keys)) == 1
    assert transport.keys[0]
    assert [each.batch_job_id for each in service.list_jobs("default").items if each.survey_name == "Lost"] == [
        job.batch_job_id
    ]


def test_what_might_count_twice_is_not_sent_again(address: str) -> None:
    transport = BreaksOnce()
    with Client(address, KEY, transport=transport) as api, pytest.raises(EarnestError, match="Cannot reach"):
        api.quality.evaluate(RESPONDENTS[0].entries)
    assert len(transport.keys) == 1
