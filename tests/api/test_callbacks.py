"""Our own operations about callbacks, over HTTP."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from litestar.testing import TestClient

from earnest.api.app import create_app
from earnest.findings import CheckName
from earnest.service import Batch, Scope, Service
from earnest.settings import Settings
from earnest.survey import Entry, Respondent, Survey

URL = "https://receiver.example/done"
RESPONDENTS = (Respondent("r", (Entry(question="Why?", answer="Because of the taste"),)),)


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("callbacks")
    service = Service.open(Settings(database_url=f"sqlite:///{folder / 'earnest.db'}"))
    yield service
    service.close()


@pytest.fixture(scope="module")
def http(owner: Service) -> Iterator[httpx.Client]:
    with TestClient(create_app(owner), raise_server_exceptions=False) as client:
        yield client


def job_of(service: Service, tenant: str, url: str | None = URL) -> str:
    batch = Batch(survey=Survey(), respondents=RESPONDENTS, wanted=frozenset(CheckName), callback_url=url)
    return service.keep(tenant, batch, [])


def key_of(service: Service, tenant: str, *scopes: Scope) -> dict[str, str]:
    return {"X-Aftercare-Key": service.create_key("test", tenant, scopes=frozenset(scopes) or None)}


def test_a_tenant_sees_and_repeats_its_own_deliveries(owner: Service, http: httpx.Client) -> None:
    job, headers = job_of(owner, "acme"), key_of(owner, "acme")
    nothing_yet = {"batchJobId": job, "callbackUrl": URL, "webhookId": f"msg_{job}", "deliveries": []}
    seen = http.get(f"/api/v1/earnest/jobs/{job}/deliveries", headers=headers)
    assert (seen.status_code, seen.json()) == (200, nothing_yet)
    asked = http.post(f"/api/v1/earnest/jobs/{job}/redeliver", headers=headers)
    assert (asked.status_code, asked.json()) == (202, nothing_yet)


def test_what_is_refused(owner: Service, http: httpx.Client) -> None:
    acme, globex = job_of(owner, "acme"), job_of(owner, "globex")
    mine, reader = key_of(owner, "acme"), key_of(owner, "acme", Scope.READ)

    def ask(method: str, job: str, what: str, headers: dict[str, str]) -> tuple[int, str]:
        answer = http.request(method, f"/api/v1/earnest/jobs/{job}/{what}", headers=headers)
        return answer.status_code, answer.json()["code"]

    for job in (globex, str(uuid4()), "x", "..%2f" + acme, "%00", acme + "%20"):
        assert ask("GET", job, "deliveries", mine) == (404, "NOT_FOUND")
        assert ask("POST", job, "redeliver", mine) == (404, "NOT_FOUND")
    assert ask("GET", acme, "deliveries", {}) == (403, "INVALID_API_KEY")
    assert ask("POST", acme, "redeliver", {}) == (403, "INVALID_API_KEY")
    assert ask("POST", acme, "redeliver", reader)[0] == 403
    assert ask("GET", acme, "redeliver", mine) == (405, "METHOD_NOT_ALLOWED")
    silent = job_of(owner, "acme", url=None)
    assert ask("POST", silent, "redeliver", mine) == (400, "INVALID_REQUEST")
    assert http.get(f"/api/v1/earnest/jobs/{silent}/deliveries", headers=reader).json()["callbackUrl"] is None
