"""Our own operations on jobs."""

import httpx
from tests.jobs.tiny import some_respondents

from earnest.findings import CheckName
from earnest.service import Batch, Scope, Service
from earnest.survey import Survey

URL = "/api/v1/earnest/jobs"


def submit(service: Service, tenant: str = "default") -> str:
    batch = Batch(survey=Survey(name="Drinks"), respondents=some_respondents(3), wanted=frozenset(CheckName))
    return service.submit(tenant, batch)


def test_jobs_are_listed_newest_first(api: httpx.Client, service: Service) -> None:
    jobs = [submit(service) for _ in range(3)]
    submit(service, "another")
    first = api.get(URL, params={"limit": 2}).json()
    assert [each["batchJobId"] for each in first["items"]] == [jobs[2], jobs[1]]
    then = api.get(URL, params={"limit": 2, "cursor": first["nextCursor"]}).json()
    assert then["items"][0]["batchJobId"] == jobs[0]
    for wrong in ({"limit": "0"}, {"limit": "x"}, {"cursor": "x"}):
        refused = api.get(URL, params=wrong)
        assert (refused.status_code, list(refused.json()["details"])) == (400, list(wrong))


def test_a_job_is_cancelled_and_resumed(api: httpx.Client, service: Service) -> None:
    job = submit(service)
    report = api.get(f"{URL}/{job}").json()
    assert (report["status"], report["total"], report["done"], report["failed"]) == ("queued", 3, 0, 0)
    assert (report["surveyName"], report["failures"], report["finishedAt"]) == ("Drinks", [], None)
    cancelled = api.post(f"{URL}/{job}/cancel")
    assert cancelled.status_code == 200
    assert (cancelled.json()["status"], cancelled.json()["reason"]) == ("failed", "Cancelled")
    assert api.post(f"{URL}/{job}/cancel").json() == cancelled.json()
    resumed = api.post(f"{URL}/{job}/resume")
    assert (resumed.status_code, resumed.json()["status"], resumed.json()["reason"]) == (200, "processing", None)


def test_a_completed_job_is_neither_cancelled_nor_resumed(api: httpx.Client, service: Service) -> None:
    batch = Batch(survey=Survey(), respondents=some_respondents(1), wanted=frozenset(CheckName))
    job = service.keep("default", batch, service.evaluator.evaluate(Survey(), tuple(batch.respondents)))
    for change in ("cancel", "resume"):
        refused = api.post(f"{URL}/{job}/{change}")
        assert (refused.status_code, refused.json()["code"]) == (400, "INVALID_REQUEST")


def test_anothers_and_unknown_jobs_are_not_found(api: httpx.Client, service: Service) -> None:
    foreign = submit(service, "another")
    for job in (foreign, "unknown"):
        found = [api.get(f"{URL}/{job}"), api.post(f"{URL}/{job}/cancel"), api.post(f"{URL}/{job}/resume")]
        assert [each.status_code for each in found] == [404, 404, 404]


def test_a_key_that_only_reads_changes_no_job(stranger: httpx.Client, service: Service) -> None:
    job = submit(service)
    key = {"X-Aftercare-Key": service.create_key("reader", scopes=frozenset({Scope.READ}))}
    assert stranger.get(f"{URL}/{job}", headers=key).status_code == 200
    for change in ("cancel", "resume"):
        assert stranger.post(f"{URL}/{job}/{change}", headers=key).status_code == 403
