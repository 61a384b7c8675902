"""`earnest callbacks`, as the operator meets it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from earnest.cli import app
from earnest.findings import CheckName
from earnest.service import Batch, Service
from earnest.settings import Settings
from earnest.store.base import Errand, Kind
from earnest.store.deliveries import Delivery, Outcome
from earnest.survey import Entry, Respondent, Survey

RESPONDENTS = (Respondent("r", (Entry(question="Why?", answer="Because of the taste"),)),)


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    url = f"sqlite:///{tmp_path}/earnest.db"
    monkeypatch.setenv("EARNEST_DATABASE_URL", url)
    monkeypatch.setenv("COLUMNS", "80")
    return Service.open(Settings(database_url=url))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["callbacks", *arguments])


def job_with(service: Service, *outcomes: Outcome) -> str:
    url = "https://receiver.example/done?token=hush"
    batch = Batch(survey=Survey(), respondents=RESPONDENTS, wanted=frozenset(CheckName), callback_url=url)
    job = service.keep("acme", batch, [])
    for number, outcome in enumerate(outcomes):
        tried = Delivery(
            attempt=0,
            tried_at=datetime(2026, 11, 24, 12, tzinfo=UTC),
            took_ms=1_234,
            outcome=outcome,
            status=None if outcome is Outcome.REFUSED else 200 if outcome is Outcome.DELIVERED else 503,
            reason=None if outcome is Outcome.DELIVERED else "because",
            next_try_at=None,
        )
        errand = Errand(Kind.CALL_BACK, job, number)
        service._store.deliveries.save(errand, tried, then=None, enqueue=lambda *_: None)
    return job


def test_tries_are_listed_without_what_may_be_secret(service: Service) -> None:
    assert "No callback has been posted." in run("list").stdout
    mended, refused = job_with(service, Outcome.FAILED, Outcome.DELIVERED), job_with(service, Outcome.REFUSED)
    lines = run("list").stdout.splitlines()
    assert [[word for word in line.split("  ") if word][1].strip() for line in lines[3:6]] == [refused, mended, mended]
    assert "failed: because" in lines[5]
    assert "receiver.example" in lines[5]
    assert "hush" not in "".join(lines)
    undelivered = run("list", "--failed").stdout
    assert refused in undelivered
    assert mended not in undelivered
    of_one = run("list", "--job", mended).stdout
    assert of_one.count(mended) == 2
    assert refused not in of_one
    assert "No callback is undelivered." in run("list", "--failed", "--job", mended).stdout


def test_a_job_is_posted_again(service: Service) -> None:
    job = job_with(service, Outcome.REFUSED)
    done = run("redeliver", job)
    assert (done.exit_code, f"earnest callbacks list --job {job}" in done.stdout) == (0, True)
    for command in (["redeliver", "nonsense"], ["list", "--job", "nonsense"]):
        unknown = run(*command)
        assert (unknown.exit_code, "There is no such batch job." in unknown.stderr) == (2, True)


def test_secrets_are_shown_and_rotated_for_scripts(service: Service) -> None:
    first = run("secret", "show", "--tenant", "acme").stdout
    assert first.startswith("whsec_")
    assert run("secret", "show", "--tenant", "acme").stdout == first
    assert run("secret", "show").stdout != first
    second = run("secret", "rotate", "--tenant", "acme", "--overlap", "2h")
    assert second.stdout.startswith("whsec_")
    assert "signs beside it for 2h more" in second.stderr
    shown = run("secret", "show", "--tenant", "acme")
    assert (shown.stdout, "An older one still signs as well" in shown.stderr) == (second.stdout, True)
    run("secret", "rotate", "--tenant", "acme", "--overlap", "0h")
    assert run("secret", "show", "--tenant", "acme").stderr == ""
    for overlap in ("31d", "soon", "-1h"):
        assert run("secret", "rotate", "--overlap", overlap).exit_code == 2
