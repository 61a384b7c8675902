"""`earnest purge` and `earnest backup`, run as a user runs them, but for the process."""

import re
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path
from threading import Event, Thread

import pytest
from tests.jobs.tiny import some_respondents, tiny_evaluator
from tests.lacking import lacking
from tests.postgres import Postgres
from typer.testing import CliRunner

from earnest.cli import app
from earnest.findings import CheckName
from earnest.service import Batch, Part, Service
from earnest.settings import Settings
from earnest.survey import Entry, Survey

ALL = frozenset(CheckName)
PATIENCE_S = 60


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EARNEST_DATABASE_URL", f"sqlite:///{tmp_path / 'earnest.db'}")
    return tmp_path / "earnest.db"


def opened(database: Path) -> Service:
    return Service.open(Settings(database_url=f"sqlite:///{database}", chunk_size=5), evaluator=tiny_evaluator())


def run(*arguments: str, code: int = 0) -> str:
    found = CliRunner().invoke(app, arguments, env={"COLUMNS": "160"})
    assert found.exit_code == code, found.output
    return found.output


def count(said: str, thing: str) -> int:
    found = re.search(rf"{thing} +([\d,]+)", said)
    return int(found[1].replace(",", "")) if found else 0


def batch(survey: str) -> Batch:
    return Batch(survey=Survey(name=survey, identifier=survey), respondents=some_respondents(12), wanted=ALL)


def test_purge_says_what_is_gone(database: Path) -> None:
    service = opened(database)
    part = Part(
        survey=Survey(identifier="s"), entries=(Entry("Why?", "marzipan"),), wanted=ALL, response_identifier="r"
    )
    service.evaluate("t", part)
    service.close()
    assert count(run("purge", "--survey", "s", "--respondent", "r", "--dry-run"), "respondents") == 1
    assert "nothing" in run("purge", "--older-than", "1d")
    assert "nothing" in run("purge", "--survey", "s", "--key-events-only")
    said = run("purge", "--survey", "s", "--respondent", "r", "--tenant", "t")
    assert (count(said, "respondents"), count(said, "distinct answers")) == (1, 1)
    assert b"marzipan" not in b"".join(each.read_bytes() for each in database.parent.glob("earnest.db*"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Say what to delete"),
        (("--tenant", "t"), "Say what to delete"),
        (("--older-than", "3weeks"), "--older-than must be"),
        (("--survey", "unknown"), "Nothing is kept of a survey 'unknown'"),
        (("--respondent", "unknown"), "Nothing is kept of a respondent 'unknown'"),
    ],
)
def test_purge_refuses_what_it_cannot_do(arguments: tuple[str, ...], said: str) -> None:
    assert said in run("purge", *arguments, code=2)


def test_purge_refuses_what_a_job_needs(database: Path) -> None:
    service = opened(database)
    job = service.submit("t", batch("s"))
    service.close()
    assert f"earnest jobs cancel {job}" in " ".join(run("purge", "--survey", "s", code=2).split())
    run("jobs", "cancel", job)
    assert count(run("purge", "--survey", "s"), "batch jobs") == 1


def test_a_backup_under_load_is_restored_and_its_jobs_complete(database: Path, tmp_path: Path) -> None:
    service = opened(database)
    jobs = [service.submit("t", batch(f"before {i}")) for i in range(2)]
    ended = Event()

    def load() -> None:
        i = 0
        while not ended.is_set():
            service.submit("t", batch(f"meanwhile {i}"))
            i += 1

    loading = Thread(target=load)
    loading.start()
    try:
        said = run("backup", str(tmp_path / "copy.db"))
    finally:
        ended.set()
        loading.join()
        service.close()
    assert "copy.db" in said
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    restored = tmp_path / "restored"
    restored.mkdir()
    shutil.copy(tmp_path / "copy.db", restored / "earnest.db")
    service = opened(restored / "earnest.db")
    service.start_worker()
    try:
        deadline = time.monotonic() + PATIENCE_S
        for job in jobs:
            while not (page := service.page("t", job)).status.is_final and time.monotonic() < deadline:
                time.sleep(0.05)
            assert len(page.items) == 12
    finally:
        service.close()


def test_a_backup_is_never_overwritten_and_never_half(database: Path, tmp_path: Path) -> None:
    assert "no database" in run("backup", str(tmp_path / "copy.db"), code=2)
    opened(database).close()
    (tmp_path / "kept.db").write_text("mine")
    assert "there already" in run("backup", str(tmp_path / "kept.db"), code=2)
    assert (tmp_path / "kept.db").read_text() == "mine"
    assert "is not there" in run("backup", str(tmp_path / "nowhere/copy.db"), code=2)
    with sqlite3.connect(database) as broken:
        broken.execute("PRAGMA journal_mode = DELETE").fetchone()
    broken.close()
    damaged = bytearray(database.read_bytes())
    damaged[4096 * 3 : 4096 * 9] = bytes(4096 * 6)
    database.write_bytes(damaged)
    run("backup", str(tmp_path / "copy.db"), code=2)
    assert sorted(each.name for each in tmp_path.glob("*copy*")) == []


def test_postgresql_is_backed_up_by_its_own_tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EARNEST_DATABASE_URL", "postgresql://earnest@localhost/earnest")
    assert "pg_dump" in run("backup", str(tmp_path / "copy.db"), code=2)


@pytest.mark.postgres
def test_a_dump_of_postgresql_is_restored_and_its_jobs_complete(
    postgres: Postgres, postgres_template: str, tmp_path: Path
) -> None:
    if shutil.which("pg_dump") is None or shutil.which("pg_restore") is None:
        lacking("PostgreSQL's client programs are not installed")
    dump = str(tmp_path / "earnest.dump")
    with postgres.database(template=postgres_template) as url, postgres.database() as other:
        service = Service.open(Settings(database_url=url, chunk_size=5), evaluator=tiny_evaluator())
        job = service.submit("t", batch("s"))
        subprocess.run(["pg_dump", "--format=custom", f"--file={dump}", url], check=True)
        service.close()
        subprocess.run(["pg_restore", f"--dbname={other}", "--no-owner", dump], check=True)
        service = Service.open(Settings(database_url=other, chunk_size=5), evaluator=tiny_evaluator())
        service.start_worker()
        try:
            deadline = time.monotonic() + PATIENCE_S
            while not (page := service.page("t", job)).status.is_final and time.monotonic() < deadline:
                time.sleep(0.05)
            assert len(page.items) == 12
        finally:
            service.close()
