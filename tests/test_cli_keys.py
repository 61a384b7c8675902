"""`earnest keys` and `earnest tenants`, run as a user runs them, but for the process."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from earnest.cli import app
from earnest.cli.terminal import seconds
from earnest.errors import InvalidInput, InvalidKey, MissingScope
from earnest.service import Scope, Service
from earnest.settings import Settings


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'earnest.db'}"
    monkeypatch.setenv("EARNEST_DATABASE_URL", url)
    return url


def run(*arguments: str, code: int = 0) -> str:
    found = CliRunner().invoke(app, arguments, env={"COLUMNS": "160"})
    assert found.exit_code == code, found.output
    return found.stdout


def accepted(database: str, key: str, scope: Scope) -> str:
    service = Service.open(Settings(database_url=database))
    try:
        return service.tenant_of(key, scope)
    finally:
        service.close()


def test_a_key_is_made_replaced_and_ended(database: str) -> None:
    old = run("keys", "create", "panel", "--tenant", "acme", "--scope", "read", "--expires", "90d").strip()
    assert accepted(database, old, Scope.READ) == "acme"
    with pytest.raises(MissingScope):
        accepted(database, old, Scope.EVALUATE)
    new = run("keys", "rotate", old.split("_")[1], "--overlap", "24h").strip()
    run("keys", "revoke", old.split("_")[1])
    assert accepted(database, new, Scope.READ) == "acme"
    with pytest.raises(InvalidKey):
        accepted(database, old, Scope.READ)
    listed = run("keys", "list")
    assert "revoked" in listed
    assert re.search(r"panel +acme +read +\d{4}-\d\d-\d\d \d\d:\d\d +\d{4}-\d\d-\d\d *\n", listed)
    assert not any(key.split("_", 2)[2] in listed for key in (old, new))


@pytest.mark.parametrize("wrong", [("--scope", "nope"), ("--expires", "3weeks"), ("--tenant", "")])
def test_a_key_that_cannot_be_is_not_made(wrong: tuple[str, str]) -> None:
    run("keys", "create", "x", *wrong, code=2)
    assert "no keys" in run("keys", "list")


def test_every_scope_is_in_the_help() -> None:
    said = run("keys", "create", "--help")
    assert all(scope in said for scope in Scope)


def test_a_tenant_is_limited() -> None:
    assert "no tenants" in run("tenants", "list")
    run("tenants", "limit", "acme", "--requests-per-minute", "1200")
    run("tenants", "limit", "acme", "--respondents-per-day", "70")
    assert re.search(r"acme +1,200 +70 +0 *\n", run("tenants", "list"))
    run("tenants", "limit", "acme", code=2)


@pytest.mark.parametrize(("duration", "expected"), [("30m", 1800), ("24h", 86_400), ("90d", 7_776_000)])
def test_durations(duration: str, expected: int) -> None:
    assert seconds(duration, "--expires") == expected


@pytest.mark.parametrize("duration", ["", "1", "h", "-1h", "1.5h", "1w", "999999d", "1h1"])
def test_what_is_no_duration_is_refused(duration: str) -> None:
    with pytest.raises(InvalidInput, match="--expires must be"):
        seconds(duration, "--expires")
