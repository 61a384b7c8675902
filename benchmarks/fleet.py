"""Earnest as it runs in production, process by process: an API, some workers, and a client of them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self
from uuid import uuid4

import httpx
import msgspec

from earnest.survey import Respondent

ROOT = Path(__file__).resolve().parent.parent
KEY = "ek_for_the_campaign_only"
BATCH = "/api/v1/data-quality/batch"
PATIENCE_S = 240
PAUSE_S = 0.1
PASSING = {429, 503, 507}
"""What the API may answer while something is broken: it asks to be tried again."""


class Page(msgspec.Struct, rename="camel"):
    """A page of results, each as the bytes that came."""

    items: list[msgspec.Raw]
    next_cursor: str | None


class Answer(msgspec.Struct, rename="camel"):
    """What the API says of a job."""

    batch_job_id: str
    status: str
    results: Page


class Report(msgspec.Struct):
    """How far a job is."""

    status: str
    done: int
    failed: int
    total: int


class Jobs(msgspec.Struct, rename="camel"):
    """A page of the list of jobs."""

    items: list[Report]
    next_cursor: str | None


class Fleet:
    """The processes; whichever is dead is started anew by `mend`.

    Args:
        command: That runs Earnest, but for its subcommand.
        url: Of the database.
        folder: For logs and clocks.
        workers: How many.
        knobs: More of the environment.
    """

    def __init__(self, command: Sequence[str], url: str, folder: Path, *, workers: int = 2, **knobs: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.workers = [f"worker-{number}" for number in range(1, workers + 1)]
        self._commands = {"api": [*command, "serve", "--no-worker"]} | {
            name: [*command, "work"] for name in self.workers
        }
        self._folder = folder
        self._environment = {name: each for name, each in os.environ.items() if not name.startswith("EARNEST_")} | {
            "EARNEST_DATABASE_URL": url,
            "EARNEST_API_KEY": KEY,
            "EARNEST_PORT": str(port),
            "EARNEST_THREADS": "1",
            **knobs,
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.mend(["api"])  # it migrates
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill(list(self._processes))

    @property
    def pids(self) -> dict[str, int]:
        """The processes by name."""
        return {name: process.pid for name, process in self._processes.items()}

    def mend(self, names: Sequence[str] | None = None) -> None:
        """Start what does not run, and wait for the API."""
        for name in names or self._commands:
            if name not in self._processes or self._processes[name].poll() is not None:
                with (self._folder / f"{name}.log").open("ab") as log:
                    self._processes[name] = subprocess.Popen(
                        self._commands[name], env=self._environment, cwd=ROOT, stdout=log, stderr=log
                    )
        deadline = time.monotonic() + PATIENCE_S
        while not self._is_up():
            if time.monotonic() > deadline:
                raise TimeoutError("the API does not start")
            if self._processes["api"].poll() is not None:  # the database was away when it started
                self.mend(names)
            time.sleep(0.05)

    def kill(self, names: Sequence[str]) -> None:
        """`kill -9`, all at once."""
        for name in names:
            self._processes[name].kill()
        for name in names:
            self._processes[name].wait()

    def pause(self, name: str) -> None:
        """Stop a process as it stands."""
        self._processes[name].send_signal(signal.SIGSTOP)

    def go_on(self, name: str) -> None:
        """Let a stopped process continue."""
        self._processes[name].send_signal(signal.SIGCONT)

    def _is_up(self) -> bool:
        try:
            return httpx.get(f"{self.address}/healthz", timeout=5).is_success
        except httpx.TransportError:
            return False


class Caller:
    """A client that does not give up: whatever can be tried again is, under the same Idempotency-Key.

    Args:
        address: Of the API.
        key: Of the tenant.

    Attributes:
        refusals: How often the API asked to be tried again, and how often it could not be reached, by what it said.
        errors: Answers that nothing excuses.
    """

    def __init__(self, address: str, key: str = KEY) -> None:
        self.refusals: Counter[str] = Counter()
        self.errors: list[str] = []
        self._http = httpx.Client(base_url=address, headers={"X-Aftercare-Key": key}, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def submit(self, body: bytes) -> str:
        """Submit a batch; returns the job's id."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        response = self._answered("POST", BATCH, content=body, headers=headers)
        return msgspec.json.decode(response, type=Answer).batch_job_id

    def page(self, job: str, cursor: str | None = None, limit: int = 200) -> Answer:
        """One page of a job."""
        query = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        return msgspec.json.decode(self._answered("GET", f"{BATCH}/{job}", params=query), type=Answer)

    def report(self, job: str) -> Report:
        """How a job stands."""
        return msgspec.json.decode(self._answered("GET", f"/api/v1/earnest/jobs/{job}"), type=Report)

    def count_jobs(self) -> int:
        """How many jobs there are."""
        count, cursor = 0, ""
        while True:
            query = {"limit": "200"} | ({"cursor": cursor} if cursor else {})
            page = msgspec.json.decode(self._answered("GET", "/api/v1/earnest/jobs", params=query), type=Jobs)
            count += len(page.items)
            if page.next_cursor is None:
                return count
            cursor = page.next_cursor

    def results(self, job: str) -> list[bytes]:
        """All results of a job, once it has ended.

        Raises:
            TimeoutError: It has not ended after PATIENCE_S.
        """
        deadline = time.monotonic() + PATIENCE_S
        while self.page(job, limit=1).status not in {"completed", "failed"}:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{job} does not end: {self.report(job)}")
            time.sleep(PAUSE_S)
        found: list[bytes] = []
        cursor = None
        while True:
            page = self.page(job, cursor).results
            found += [bytes(each) for each in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return found

    def _answered(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> bytes:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                response = self._http.request(method, path, params=params, headers=headers, content=content)
            except httpx.TransportError as fault:
                said = type(fault).__name__
            else:
                if response.is_success:
                    return response.content
                said = str(response.status_code)
                if response.status_code not in PASSING:
                    self.errors.append(f"{method} {path.rpartition('/')[0]}: {said} {response.text[:200]}")
            self.refusals[said] += 1
            if time.monotonic() > deadline:
                raise TimeoutError(f"{method} {path}: {said}")
            time.sleep(PAUSE_S)


def body_of(name: str, respondents: Sequence[Respondent]) -> bytes:
    """The batch body of some respondents."""
    responses = [
        {"responseIdentifier": each.identifier, "surveyEntries": msgspec.to_builtins(each.entries)}
        for each in respondents
    ]
    return msgspec.json.encode({"surveyName": name, "responses": responses})


def python(*words: str) -> list[str]:
    """A command of this Python."""
    return [sys.executable, *words]
