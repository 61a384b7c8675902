"""`earnest people`, run as a user runs it, but for the process."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from earnest.cli import app
from earnest.errors import InvalidKey
from earnest.service import Service
from earnest.settings import Settings

PASSWORD, OTHER = "a long enough password", "another long password"


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'earnest.db'}"
    monkeypatch.setenv("EARNEST_DATABASE_URL", url)
    return url


def run(*arguments: str, given: str = "", code: int = 0) -> str:
    found = CliRunner().invoke(app, ("people", *arguments), input=given, env={"COLUMNS": "160"})
    assert found.exit_code == code, found.output
    return found.output


def signs_in(database: str, name: str, password: str) -> bool:
    service = Service.open(Settings(database_url=database))
    try:
        service.people.sign_in(name, password)
    except InvalidKey:
        return False
    finally:
        service.close()
    return True


def test_somebody_is_added_gets_a_new_password_and_is_disabled(database: str) -> None:
    assert "Nobody may sign in yet" in run("list")
    run("add", "ann", "--operator", "--password-stdin", given=f"{PASSWORD}\n")
    assert signs_in(database, "ann", PASSWORD)
    assert "operator" in run("list")
    run("password", "ann", "--password-stdin", given=f"{OTHER}\n")
    assert (signs_in(database, "ann", PASSWORD), signs_in(database, "ann", OTHER)) == (False, True)
    run("disable", "ann")
    assert not signs_in(database, "ann", OTHER)


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (("add", "ann", "--password-stdin"), "short\n"),
        (("add", "ann"), f"{PASSWORD}\n"),
        (("disable", "nobody"), ""),
        (("password", "nobody", "--password-stdin"), f"{PASSWORD}\n"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], given: str) -> None:
    said = run(*arguments, given=given, code=2)
    assert PASSWORD not in said
    assert "Nobody may sign in yet" in run("list")
