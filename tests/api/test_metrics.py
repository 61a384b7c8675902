"""What the operator can watch, who else can not, and that nobody's words or names are in it."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import anyio
import httpx
import pytest
from litestar.testing import TestClient
from tests.api.conftest import in_memory
from tests.jobs.tiny import tiny_evaluator

from earnest.api import metrics
from earnest.api.app import create_app
from earnest.findings import CheckName
from earnest.service import Batch, Service
from earnest.settings import Settings
from earnest.store import open_store
from earnest.store.gauges import BUCKETS_S, Count, took
from earnest.survey import Entry, Respondent, Survey

TOKEN = "a token that is long enough"
NAMES = ("acme-tenant", "panelist", "gramophone", "receiver.example")
PATIENCE_S = 60


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(metrics, "KEPT_S", 0.0)
    url = f"sqlite:///{tmp_path / 'earnest.db'}"
    settings = Settings(database_url=url, chunk_size=2, metrics_token=TOKEN)
    service = Service.open(settings, evaluator=tiny_evaluator())
    yield service
    service.close()


def scrape(service: Service, client: str = "127.0.0.1", headers: Mapping[str, str] | None = None) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = in_memory(create_app(service), client)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as reader:
            return await reader.get("/metrics", headers=dict(headers or {}))

    return anyio.run(ask)


def samples(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def batch() -> Batch:
    people = [Respondent(f"panelist {i}", (Entry(question="Why?", answer="my gramophone"),)) for i in range(5)]
    url = "https://receiver.example/done"
    return Batch(survey=Survey(), respondents=people, wanted=frozenset({CheckName.SHARED_DUPLICATE}), callback_url=url)


def test_what_waits_and_what_was_done_is_told(service: Service) -> None:
    job = service.submit("acme-tenant", batch())
    waiting = samples(scrape(service).text)
    assert waiting["earnest_respondents_waiting"] == 5
    assert waiting["earnest_chunks_waiting"] == 3
    assert waiting['earnest_jobs{status="queued"}'] == 1
    assert waiting["earnest_workers"] == 0
    time.sleep(0.01)
    assert waiting["earnest_oldest_job_age_seconds"] < samples(scrape(service).text)["earnest_oldest_job_age_seconds"]
    service.start_worker()
    deadline = time.monotonic() + PATIENCE_S
    while not service.page("acme-tenant", job).status.is_final and time.monotonic() < deadline:
        time.sleep(0.05)
    while True:  # the last chunk is counted after it is saved
        response = scrape(service)
        done = samples(response.text)
        if done['earnest_chunk_seconds_count{pass="judge"}'] == 3 or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    assert response.headers["content-type"] == metrics.MEDIA_TYPE
    assert done["earnest_respondents_waiting"] == done["earnest_oldest_job_age_seconds"] == 0
    assert (done["earnest_workers"], done["earnest_respondents_judged_total"]) == (1, 5)
    assert done['earnest_verdicts_total{check="shared_duplicate",verdict="issue"}'] == 5
    for phase in ("observe", "judge"):
        assert done[f'earnest_chunk_seconds_bucket{{pass="{phase}",le="+Inf"}}'] == 3
        assert done[f'earnest_chunk_seconds_sum{{pass="{phase}"}}'] > 0
    assert not any(name in response.text for name in NAMES)


def test_counts_of_several_processes_add_up_and_outlive_them(service: Service) -> None:
    for each in [open_store(service.settings.database_url) for _ in range(2)]:
        each.tally.add({(Count.CALLBACKS, "failed"): 2, (Count.FAILURES, "respondent"): 1})
        each.close()
    told = samples(scrape(service).text)
    assert told['earnest_callbacks_total{outcome="failed"}'] == 4
    assert told['earnest_failures_total{kind="respondent"}'] == 2


def test_only_the_operator_reads_it(service: Service) -> None:
    for key in (service.create_key("k", "acme-tenant"), TOKEN):
        assert scrape(service, "10.1.2.3", {"X-Aftercare-Key": key}).status_code == 404
    assert scrape(service, "10.1.2.3", {"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    for wrong in (f"Bearer {TOKEN}x", TOKEN, "Bearer ", "Bearer"):
        assert scrape(service, "10.1.2.3", {"Authorization": wrong}).status_code == 404
    assert scrape(service, headers={"X-Forwarded-For": "10.1.2.3"}).status_code == 404


def test_requests_are_counted_by_route_and_not_by_path(service: Service) -> None:
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        for path in ("/healthz", "/api/v1/earnest/jobs/panelist-17", "/gramophone", "/static/nothing"):
            client.get(path)
        text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    told = samples(text)
    assert told['earnest_http_requests_total{route="/healthz",status="200"}'] == 1
    assert told['earnest_http_requests_total{route="other",status="404"}'] >= 1
    assert told['earnest_http_requests_total{route="/api/v1/earnest/jobs/{batch_job_id}",status="403"}'] == 1
    assert "gramophone" not in text
    assert "panelist" not in text


@pytest.mark.parametrize(("seconds", "bucket"), [(0.0, "0.1"), (0.1, "0.1"), (0.11, "0.25"), (61, "+Inf")])
def test_a_chunk_falls_into_one_bucket(seconds: float, bucket: str) -> None:
    assert took(Count.JUDGED, seconds) == {(Count.JUDGED, bucket): 1, (Count.JUDGED, "sum"): seconds}
    assert sorted(BUCKETS_S) == list(BUCKETS_S)
