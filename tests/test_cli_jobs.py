"""`earnest jobs` and `earnest work` as the operator meets them."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.jobs.tiny import some_respondents
from typer.testing import CliRunner, Result

from earnest.cli import app
from earnest.findings import CheckName, JobStatus
from earnest.service import Batch, Service
from earnest.settings import Settings
from earnest.store import open_store
from earnest.survey import Survey

PATIENCE_S = 90


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a database of its own."""
    for name in [name for name in os.environ if name.startswith("EARNEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="earnest")


def submit(count: int = 3) -> str:
    service = Service.open(Settings())
    try:
        batch = Batch(
            survey=Survey(name="Dri\x1b[31mnks"), respondents=some_respondents(count), wanted=frozenset(CheckName)
        )
        return service.submit("acme", batch)
    finally:
        service.close()


def test_a_narrow_terminal_cuts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    job = submit()
    [line] = [line for line in run("jobs", "list").stdout.splitlines() if job in line]
    assert re.search(r"queued +0 of 3 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", line)


def test_a_job_is_listed_shown_cancelled_and_resumed() -> None:
    assert "no jobs" in run("jobs", "list").stdout
    job = submit()
    for told in (run("jobs", "list").stdout, run("jobs", "show", job).stdout):
        assert all(each in told for each in (job, "queued", "0 of 3", "nks"))
        assert "\x1b" not in told
    assert job not in run("jobs", "list", "--tenant", "another").stdout
    assert "Cancelled" in run("jobs", "cancel", job).stdout
    assert "failed" in run("jobs", "list").stdout
    resumed = run("jobs", "resume", job).stdout
    assert "processing" in resumed
    assert "Cancelled" not in resumed


def test_an_unknown_job_is_named_a_mistake() -> None:
    for command in ("show", "cancel", "resume"):
        told = run("jobs", command, "unknown")
        assert (told.exit_code, told.stderr.startswith("Error: There is no such batch job.")) == (2, True)


@pytest.mark.slow
def test_a_crew_works_replaces_its_dead_and_ends_when_told(place: Path) -> None:
    submit()
    store = open_store("sqlite:///earnest.db")
    command = [sys.executable, "-m", "earnest", "work", "--concurrency", "2"]
    crew = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        first = wait_for_workers(2)
        os.kill(process_of(min(first)), signal.SIGKILL)
        assert min(first) not in wait_for_workers(2, beside=first)
        crew.terminate()
        assert crew.wait(PATIENCE_S) == 0
        assert store.workers.all() == []
    finally:
        crew.kill()
        store.close()
    assert completed()


@pytest.mark.slow
def test_members_of_a_crew_end_with_whoever_started_them(place: Path) -> None:
    submit(1)
    crew = subprocess.Popen([sys.executable, "-m", "earnest", "work", "--concurrency", "2"], stdout=subprocess.DEVNULL)
    try:
        wait_for_workers(2)
    finally:
        crew.kill()
        crew.wait()
    wait_for_workers(0)


def completed() -> bool:
    service = Service.open(Settings())
    try:
        [report] = service.list_jobs("acme").items
        return report.status is JobStatus.COMPLETED
    finally:
        service.close()


def wait_for_workers(count: int, *, beside: frozenset[str] | None = None) -> frozenset[str]:
    """The names of so many workers, not the same as before."""
    store = open_store("sqlite:///earnest.db")
    deadline = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < deadline:
            names = frozenset(each.id for each in store.workers.all())
            if len(names) == count and names != beside:
                return names
            time.sleep(0.1)
    finally:
        store.close()
    pytest.fail(f"There are not {count} workers")


def process_of(worker: str) -> int:
    return int(worker.split("-")[-2])
