"""kill -9 of the server at random moments: whatever it accepted is done, every respondent exactly once."""

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import pytest
from tests.jobs.tiny import some_respondents

from earnest.evaluate import Evaluator
from earnest.survey import Survey

KILLS = 10
PATIENCE_S = 60
RESPONDENTS = 60
KEY = "ek_for_the_killed_server"
URL = "/api/v1/data-quality/batch"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def server(folder: Path) -> Iterator[httpx.Client]:
    """`earnest serve` on a database in a folder; killed without warning at the end."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "EARNEST_DATABASE_URL": f"sqlite:///{folder / 'earnest.db'}",
        "EARNEST_API_KEY": KEY,
        "EARNEST_PORT": str(port),
        "EARNEST_CHUNK_SIZE": "10",
        "EARNEST_THREADS": "1",
    }
    with (
        (folder / "log.txt").open("a") as log,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"X-Aftercare-Key": KEY}, timeout=30) as client,
    ):
        process = subprocess.Popen([sys.executable, "-m", "earnest", "serve"], env=environment, stdout=log, stderr=log)
        try:
            yield client
        finally:
            process.kill()
            process.wait()


def wait_until_up(client: httpx.Client) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if client.get("/healthz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail("the server did not start")


def submit(client: httpx.Client) -> str:
    respondents = [
        {"responseIdentifier": each.identifier, "surveyEntries": msgspec.to_builtins(each.entries)}
        for each in some_respondents(RESPONDENTS)
    ]
    response = client.post(URL, json={"surveyName": "Drinks", "responses": respondents})
    assert response.status_code == 202, response.text
    return str(response.json()["batchJobId"])


def results(client: httpx.Client, job: str) -> list[object]:
    """All results of a job, once it has ended, page by page."""
    deadline = time.monotonic() + PATIENCE_S
    found: list[object] = []
    cursor = None
    while time.monotonic() < deadline:
        page = client.get(f"{URL}/{job}", params={"limit": 25} | ({"cursor": cursor} if cursor else {})).json()
        found += page["results"]["items"]
        cursor = page["results"]["nextCursor"]
        if cursor is None:
            assert page["status"] == "completed"
            return found
        time.sleep(0.1)
    pytest.fail(f"{job} did not end; {len(found)} results")


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_is_done_twice(tmp_path: Path) -> None:
    moments = random.Random(2026)
    jobs: list[str] = []
    interrupted = 0
    for kill in range(KILLS):
        with server(tmp_path) as client:
            if kill % 5 == 4:  # while it starts and takes up what the last one left behind
                time.sleep(moments.uniform(0.5, 3))
                continue
            wait_until_up(client)
            jobs.append(submit(client))
            time.sleep(moments.uniform(0, 1.5))
            interrupted += client.get(f"{URL}/{jobs[-1]}").json()["status"] in {"queued", "processing"}
    assert interrupted >= KILLS // 2

    expected = Evaluator().evaluate(Survey(name="Drinks"), some_respondents(RESPONDENTS))
    with server(tmp_path) as client:
        wait_until_up(client)
        for job in jobs:
            assert results(client, job) == msgspec.json.decode(msgspec.json.encode(expected))
