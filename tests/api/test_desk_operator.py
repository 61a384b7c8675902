"""The operator's page: what is shown and changed, and that nobody else learns that it exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from litestar.testing import TestClient
from tests.api.reviewed import PASSWORD, add_people

from earnest.api.app import create_app
from earnest.errors import InvalidKey
from earnest.service import Batch, Scope, Service
from earnest.settings import Settings
from earnest.survey import Entry, Respondent, Survey

HERE = "/desk/operator"
OWN_KEY = "ek_own_key_of_this_installation"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    url = f"sqlite:///{tmp_path_factory.mktemp('operator') / 'earnest.db'}"
    service = Service.open(
        Settings(
            database_url=url,
            api_key=OWN_KEY,
            webhook_secret="whsec_" + "c2VjcmV0" * 4,
            metrics_token="a-token-of-20-characters",
        )
    )
    add_people(service)
    yield service
    service.close()


def a_browser(desk: Service, **form: str) -> httpx.Client:
    browser = TestClient(create_app(desk), base_url="http://survey.example", raise_server_exceptions=False)
    browser.follow_redirects = False
    browser.post("/sign-in", data=form)
    return browser


@pytest.fixture
def chief(desk: Service) -> httpx.Client:
    return a_browser(desk, name="chief", password=PASSWORD)


@pytest.fixture
def coder(desk: Service) -> httpx.Client:
    return a_browser(desk, name="coder-a", password=PASSWORD)


def csrf_on(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page.text)
    assert found, page.text
    return found.group(1)


def change(browser: httpx.Client, path: str, **form: object) -> httpx.Response:
    return browser.post(f"{HERE}/{path}", data={"csrf": csrf_on(browser.get(HERE)), **form})


def secret_on(page: httpx.Response) -> str:
    [secret] = re.findall(r"<code>((?:ek_|whsec_)[^<]+)</code>", page.text)
    return str(secret)


CHANGES = [
    "keys",
    "keys/0123456789ab/revoke",
    "keys/0123456789ab/rotate",
    "people",
    "people/password",
    "people/disable",
    "callbacks/x/redeliver",
    "secrets",
    "jobs/x/cancel",
]


def test_nobody_else_learns_that_it_exists(coder: httpx.Client) -> None:
    nowhere = coder.get("/desk-nowhere")
    assert (coder.get(HERE).status_code, coder.get(HERE).json()) == (404, nowhere.json())
    csrf = csrf_on(coder.get("/desk/upload"))
    for path in CHANGES:
        assert coder.post(f"{HERE}/{path}", data={"csrf": csrf, "name": "coder-b"}).status_code == 404


@pytest.mark.parametrize("path", CHANGES)
def test_every_change_must_be_meant(chief: httpx.Client, desk: Service, path: str) -> None:
    before = (desk.list_keys(), desk.people.list())
    assert chief.post(f"{HERE}/{path}", data={"name": "coder-b", "tenant": "x"}).status_code == 403
    assert (desk.list_keys(), desk.people.list()) == before


def test_a_key_is_made_shown_once_rotated_and_revoked(chief: httpx.Client, desk: Service) -> None:
    form = {"name": "panel", "tenant": "acme", "scope": ["read", "evaluate"], "lifetime": str(90 * 86_400)}
    made = change(chief, "keys", **form)
    key = secret_on(made)
    assert desk.tenant_of(key, Scope.READ) == "acme"
    assert key not in chief.get(HERE).text
    key_id = key.split("_")[1]
    [listed] = [each for each in desk.list_keys() if each.id == key_id]
    assert listed.scopes == {Scope.READ, Scope.EVALUATE}
    assert listed.expires_at
    new = secret_on(change(chief, f"keys/{key_id}/rotate", overlap="3600"))
    assert desk.tenant_of(new) == desk.tenant_of(key) == "acme"
    assert change(chief, f"keys/{key_id}/revoke").headers["location"] == f"{HERE}#keys"
    with pytest.raises(InvalidKey):
        desk.tenant_of(key)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("keys", {"name": "", "tenant": "x", "scope": "read"}),
        ("keys", {"name": "x", "tenant": "", "scope": "read"}),
        ("keys", {"name": "x", "tenant": "x"}),
        ("keys", {"name": "x", "tenant": "x", "scope": "read", "lifetime": "-1"}),
        ("people", {"name": "new", "password": "short", "tenant": "x"}),
        ("people", {"name": "chief", "password": PASSWORD, "tenant": "x"}),
        ("people", {"name": "new", "password": PASSWORD, "tenant": ""}),
        ("people/disable", {"name": "chief"}),
        ("secrets", {"tenant": "x", "overlap": "nan"}),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    chief: httpx.Client, desk: Service, path: str, form: dict[str, str]
) -> None:
    before = (desk.list_keys(), desk.people.list())
    response = change(chief, path, **form)
    assert response.status_code == 400
    assert re.search(r'role="alert">[^<]+', response.text)
    assert (desk.list_keys(), desk.people.list()) == before


def test_people_come_and_go(chief: httpx.Client, desk: Service) -> None:
    change(chief, "people", name="dora", password=PASSWORD, tenant="default")
    dora = a_browser(desk, name="dora", password=PASSWORD)
    assert dora.get("/desk").status_code == 200
    change(chief, "people/password", name="dora", password=PASSWORD[::-1])
    assert dora.get("/desk").status_code == 303
    dora = a_browser(desk, name="dora", password=PASSWORD[::-1])
    assert dora.get(HERE).status_code == 404
    change(chief, "people/disable", name="dora")
    assert dora.get("/desk").status_code == 303


def test_a_signing_secret_is_made_and_shown_once(chief: httpx.Client, desk: Service) -> None:
    secret = secret_on(change(chief, "secrets", tenant="acme", overlap="3600"))
    assert desk.callbacks.secrets("acme")[0].value == secret
    assert secret not in chief.get(HERE).text


def test_jobs_are_listed_cancelled_and_their_callbacks_posted_again(chief: httpx.Client, desk: Service) -> None:
    people = [Respondent("R", (Entry(question="Why?", answer="Because"),))]
    batch = Batch(survey=Survey(name="<i>Tea</i>"), respondents=people, wanted=frozenset())
    job = desk.submit("acme", batch)
    assert "&lt;i&gt;Tea&lt;/i&gt;" in chief.get(HERE).text
    assert change(chief, f"jobs/{job}/cancel").status_code == 303
    assert desk.job(None, job).status.is_final
    assert change(chief, f"callbacks/{job}/redeliver").status_code == 400
    assert change(chief, "jobs/nothing/cancel").status_code == 404
    assert change(chief, f"jobs/{job}/delete").status_code == 404


def test_health_and_settings_without_secrets(chief: httpx.Client, desk: Service) -> None:
    page = chief.get(HERE).text
    assert "nobody works on batches" in page
    assert "EARNEST_MAX_BODY_MB" in page
    assert OWN_KEY not in page
    assert desk.settings.webhook_secret not in page
    assert desk.settings.metrics_token not in page
    assert "set, not shown" in page
    assert not re.search(r"\son\w+=|\sstyle=|<script(?![^>]*src=)", page)


def test_a_key_without_the_scope_does_not_open_the_desk(desk: Service) -> None:
    reader = desk.create_key("reader", scopes=frozenset({Scope.READ}))
    response = a_browser(desk).post("/sign-in", data={"key": reader})
    assert response.status_code == 403
    assert "scope manage" in response.text


def test_a_visit_ends_with_the_key_that_opened_it(desk: Service, tmp_path: Path) -> None:
    key = desk.create_key("manager", scopes=frozenset({Scope.MANAGE}))
    browser, other = a_browser(desk, key=key), a_browser(desk, key=OWN_KEY)
    assert browser.get("/desk").status_code == other.get("/desk").status_code == 200
    desk.revoke_key(key.split("_")[1])
    assert browser.get("/desk").status_code == 303
    assert other.get("/desk").status_code == 200
