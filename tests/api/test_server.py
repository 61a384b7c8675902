"""A real server on a real socket: refusals do not wait for the body, and requests do not wait for one another."""

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
from tests.api.conftest import KEY, Slow, in_memory

from earnest.api.app import create_app
from earnest.service import Service

BODY: dict[str, Any] = {"surveyEntries": [{"question": "Why?", "answer": "Because"}]}


def answer_to(server: str, head: str) -> str:
    """Send the head of a request and none of its body, and return how the answer begins."""
    address = urlsplit(server)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(f"POST /api/v1/data-quality HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
        return connection.recv(65536).decode()


def test_a_large_body_is_refused_while_it_is_still_at_home(server: str) -> None:
    answer = answer_to(server, f"X-Aftercare-Key: {KEY}\r\nContent-Type: application/json\r\nContent-Length: 2000000")
    assert answer.startswith("HTTP/1.1 413")


def test_a_wrong_key_is_refused_while_the_body_is_still_at_home(server: str) -> None:
    answer = answer_to(server, "Content-Type: application/json\r\nContent-Length: 900000")
    assert answer.startswith("HTTP/1.1 403")


def test_the_client_of_a_published_sample_gets_its_answer(server: str) -> None:
    response = httpx.post(f"{server}/api/v1/data-quality", json=BODY, headers={"X-Aftercare-Key": KEY})
    assert response.status_code == 200


def test_all_other_requests_go_on_while_every_judge_is_busy(service: Service) -> None:
    slow = Slow(service.settings, service)
    app = create_app(slow)

    async def ask() -> tuple[list[int], int, int]:
        statuses: list[int] = []
        async with httpx.AsyncClient(
            transport=in_memory(app), base_url="http://x", headers={"X-Aftercare-Key": KEY}, timeout=60
        ) as client:

            async def evaluate() -> None:
                statuses.append((await client.post("/api/v1/data-quality", json=BODY)).status_code)

            async with anyio.create_task_group() as group:
                for _ in range(12):
                    group.start_soon(evaluate)
                await anyio.to_thread.run_sync(slow.judging.acquire)
                health = await client.get("/healthz")
                job = await client.get("/api/v1/data-quality/batch/none")
                slow.may_end.set()
            return statuses, health.status_code, job.status_code

    statuses, health, job = anyio.run(ask)
    assert (health, job) == (200, 404)
    assert statuses == [200] * 12


def test_many_at_once_get_an_answer_each(server: str) -> None:
    with ThreadPoolExecutor(8) as pool, httpx.Client(headers={"X-Aftercare-Key": KEY}, timeout=60) as client:
        bodies = [{"surveyEntries": [{"question": "Why?", "answer": f"Because of {i}"}]} for i in range(24)]
        found = list(pool.map(lambda body: client.post(f"{server}/api/v1/data-quality", json=body).json(), bodies))
    assert [each["evaluations"][0]["surveyEntry"]["answer"] for each in found] == [f"Because of {i}" for i in range(24)]
