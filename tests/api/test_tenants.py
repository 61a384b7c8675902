"""No way leads to another tenant's answers: every attempt meets exactly what it would meet if there were none.

Each attempt is made twice: by a thief, with the true names of a victim's things, and by somebody else, with names that
nobody has. Both must get the same answer. A new route fails the test until it is listed here, with attempts of its own.
"""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar.testing import TestClient
from tests.jobs.tiny import some_respondents, tiny_evaluator
from tests.postgres import BOTH, new_database

from earnest.api.app import create_app
from earnest.service import Batch, Service
from earnest.settings import Settings
from earnest.store.base import cursor_of
from earnest.survey import Survey

ONE, BATCH = "/api/v1/data-quality", "/api/v1/data-quality/batch"
OURS = "/api/v1/earnest/jobs"
PATIENCE_S = 30
ANSWER = "Because my grandmother in Antwerp always bought it on Sundays"
SURVEY_NAME = "The survey of acme"

SAY_NOTHING = {
    "GET /": "only to this machine, which shows all tenants to its owner: see test_console.py",
    "GET /demo": "only to this machine; keeps nothing",
    "POST /demo": "only to this machine; keeps nothing",
    "GET /enter": "only to this machine, whose owner sees all tenants",
    "GET /sign-in": "the same for everybody",
    "POST /sign-in": "about the key or password only: see test_desk_entrance.py",
    "POST /sign-out": "ends a visit",
    "GET /docs": "the same for everybody",
    "GET /openapi.json": "the same for everybody",
    "GET /capture.js": "the same for everybody",
    "GET /static/{file_path}": "the same for everybody",
    "HEAD /static/{file_path}": "the same for everybody",
    "GET /healthz": "about the process only",
    "GET /readyz": "about the installation only",
    "POST /desk/example": "judges the example for whoever asks",
    "GET /metrics": "sums of all tenants, only to this machine and the operator: see test_metrics.py",
}
"""Routes that know of no tenant, and why."""


@dataclass(frozen=True)
class Attempt:
    """What a thief tries.

    Attributes:
        target: Method and path. <job>, <cursor>, <ours>, <survey>, <respondent>, <upload> and <retry> stand for the
            names of the victim's things, <own> for a job of the thief's.
        body: JSON with the same.
        tenant: Whose key it is; by default a new tenant's.
    """

    target: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tenant: str | None = None


def answers(**about: Any) -> dict[str, Any]:
    return {"surveyEntries": [{"question": "Why?", "questionIdentifier": "why", "answer": ANSWER}], **about}


def batch(**about: Any) -> dict[str, Any]:
    return {"surveyName": SURVEY_NAME, "responses": [answers(responseIdentifier="<respondent>")], **about}


ATTEMPTS: dict[str, tuple[Attempt, ...]] = {
    f"GET {BATCH}/{{batch_job_id}}": (
        Attempt(f"GET {BATCH}/<job>"),
        Attempt(f"GET {BATCH}/<job>?limit=1000"),
        Attempt(f"GET {BATCH}/<job>?limit=0"),
        Attempt(f"GET {BATCH}/<job>?cursor=<cursor>"),
        Attempt(f"GET {BATCH}/<job>?cursor=<cursor>&limit=1"),
        Attempt(f"GET {BATCH}/<job>?cursor=nonsense"),
        Attempt(f"GET {BATCH}/<job>?tenant=acme"),
        Attempt(f"GET {BATCH}/<own>?cursor=<cursor>"),
        Attempt(f"GET {BATCH}/<own>/../<job>"),
        Attempt(f"GET {BATCH}/<own>%2F..%2F<job>"),
        Attempt(f"GET {BATCH}/<own>,<job>"),
        Attempt(f"GET {BATCH}/<job>/"),
        Attempt(f"GET {BATCH}//<job>"),
        Attempt(f"GET {BATCH}/<job>%00"),
        Attempt(f"GET {BATCH}/<job>%20"),
        Attempt(f"GET {BATCH}/<job>%25"),
        Attempt(f"HEAD {BATCH}/<job>"),
        Attempt(f"POST {BATCH}/<job>"),
        Attempt(f"DELETE {BATCH}/<job>"),
        Attempt(f"GET {BATCH}/<job>", headers={"X-Response-Encoding": "html"}),
        Attempt(f"GET {BATCH}/<job>", headers={"X-Tenant": "acme", "X-Forwarded-User": "acme"}),
        Attempt(f"GET {BATCH}/<job>", headers={"X-HTTP-Method-Override": "DELETE"}),
        Attempt(f"GET {BATCH}/<job>", headers={"X-Aftercare-Key": "ek_<key>_" + "a" * 43}),
        Attempt(f"GET {BATCH}/<job>", tenant="ACME"),
        Attempt(f"GET {BATCH}/<job>", tenant="acme "),
        Attempt(f"GET {BATCH}/<job>", tenant="acm%"),
        Attempt(f"GET {BATCH}/<job>", tenant="' OR tenant = 'acme"),
    ),
    f"POST {ONE}": (
        Attempt(f"POST {ONE}", answers()),
        Attempt(f"POST {ONE}", answers(surveyName=SURVEY_NAME)),
        Attempt(f"POST {ONE}", answers(surveyIdentifier="<survey>")),
        Attempt(f"POST {ONE}", answers(surveyIdentifier="<survey>"), tenant="Acme"),
        Attempt(f"POST {ONE}", answers(surveyIdentifier="<survey>", responseIdentifier="<respondent>")),
        Attempt(f"POST {ONE}", answers(aftercareResponseIdentifier="<ours>")),
        Attempt(f"POST {ONE}", answers(surveyIdentifier="<survey>", aftercareResponseIdentifier="<ours>")),
        Attempt(f"POST {ONE}", answers(surveyIdentifier="<survey>", responseIdentifier="<ours>")),
        Attempt(f"POST {ONE}", answers(surveyIdentifier="<survey>", detectionMode="Authenticity")),
        Attempt(f"POST {ONE}", answers(surveyIdentifier="<survey>"), {"X-Request-Encoding": "html"}),
        Attempt(f"POST {ONE}?tenant=acme", answers(surveyIdentifier="<survey>", tenant="acme")),
    ),
    f"POST {BATCH}": (
        Attempt(f"POST {BATCH}", batch()),
        Attempt(f"POST {BATCH}", batch(surveyIdentifier="<survey>")),
        Attempt(f"POST {BATCH}", batch(surveyIdentifier="<survey>", batchJobId="<job>")),
        Attempt(f"POST {BATCH}", batch(surveyIdentifier="<survey>"), {"Idempotency-Key": "<retry>"}),
        Attempt(f"POST {BATCH}", {**batch(), "responses": [answers(responseIdentifier="<ours>")]}),
    ),
    f"GET {OURS}": (
        Attempt(f"GET {OURS}"),
        Attempt(f"GET {OURS}?limit=1000"),
        Attempt(f"GET {OURS}?cursor=<cursor>"),
        Attempt(f"GET {OURS}?tenant=acme"),
    ),
    f"GET {OURS}/{{batch_job_id}}": (
        Attempt(f"GET {OURS}/<job>"),
        Attempt(f"GET {OURS}/<job>/"),
        Attempt(f"DELETE {OURS}/<job>"),
    ),
    "GET /desk": (
        Attempt("GET /desk"),
        Attempt("GET /desk?tenant=acme"),
        Attempt("GET /desk?job=<job>&survey=<survey>&cursor=<cursor>"),
    ),
    "GET /desk/upload": (Attempt("GET /desk/upload"), Attempt("GET /desk/upload?upload=<upload>")),
    "POST /desk/upload": (Attempt("POST /desk/upload", {"upload": "<upload>"}),),
    "GET /desk/upload/{upload_id}": (Attempt("GET /desk/upload/<upload>"), Attempt("GET /desk/upload/<job>")),
    "POST /desk/upload/{upload_id}": (Attempt("POST /desk/upload/<upload>", {"action": "judge"}),),
    "POST /desk/upload/{upload_id}/discard": (Attempt("POST /desk/upload/<upload>/discard"),),
    "GET /desk/{job_id}/export": (Attempt("GET /desk/<job>/export"), Attempt("GET /desk/<own>/../<job>/export")),
    "GET /desk/{job_id}/export/{name}": tuple(
        Attempt(f"GET /desk/<job>/export/{name}") for name in ("reviewed.csv", "reviewed.json", "report.html", "none")
    ),
    "GET /desk/operator": (Attempt("GET /desk/operator"),),
    "POST /desk/operator/keys": (Attempt("POST /desk/operator/keys", {"tenant": "acme"}),),
    "POST /desk/operator/keys/{key_id}/rotate": (Attempt("POST /desk/operator/keys/<key>/rotate"),),
    "POST /desk/operator/keys/{key_id}/revoke": (Attempt("POST /desk/operator/keys/<key>/revoke"),),
    "POST /desk/operator/people": (Attempt("POST /desk/operator/people", {"tenant": "acme"}),),
    "POST /desk/operator/people/password": (Attempt("POST /desk/operator/people/password"),),
    "POST /desk/operator/people/disable": (Attempt("POST /desk/operator/people/disable"),),
    "POST /desk/operator/callbacks/{job_id}/redeliver": (Attempt("POST /desk/operator/callbacks/<job>/redeliver"),),
    "POST /desk/operator/secrets": (Attempt("POST /desk/operator/secrets", {"tenant": "acme"}),),
    "POST /desk/operator/jobs/{job_id}/{what}": (Attempt("POST /desk/operator/jobs/<job>/cancel"),),
    f"POST {OURS}/{{batch_job_id}}/cancel": (Attempt(f"POST {OURS}/<job>/cancel"),),
    f"POST {OURS}/{{batch_job_id}}/resume": (Attempt(f"POST {OURS}/<job>/resume"),),
    f"GET {OURS}/{{batch_job_id}}/deliveries": (
        Attempt(f"GET {OURS}/<job>/deliveries"),
        Attempt(f"GET {OURS}/<job>/deliveries?limit=1000"),
        Attempt(f"GET {OURS}/<own>/../<job>/deliveries"),
    ),
    f"POST {OURS}/{{batch_job_id}}/redeliver": (
        Attempt(f"POST {OURS}/<job>/redeliver"),
        Attempt(f"GET {OURS}/<job>/redeliver"),
        Attempt(f"POST {OURS}/<job>%2Fredeliver"),
    ),
}

LOOKED_AT = (
    "GET /desk/{job_id}",
    "GET /desk/{job_id}/coders",
    "GET /desk/{job_id}/copies",
    "GET /desk/{job_id}/copies/groups",
    "GET /desk/{job_id}/groups",
    "GET /desk/{job_id}/progress",
    "GET /desk/{job_id}/questions",
    "GET /desk/{job_id}/questions/{place}",
    "GET /desk/{job_id}/questions/{place}/words",
    "GET /desk/{job_id}/review",
    "GET /desk/{job_id}/review/all",
    "GET /desk/{job_id}/review/{position}",
    "GET /desk/{job_id}/review/{position}/copies/{number}",
    "GET /desk/{job_id}/review/{position}/replay/{number}",
    "GET /desk/{job_id}/what-if",
    "GET /desk/{job_id}/what-if/closed",
    "GET /desk/{job_id}/what-if/earnest.toml",
    "POST /desk/{job_id}/coders/{position}",
    "POST /desk/{job_id}/review/all",
    "POST /desk/{job_id}/review/undo",
    "POST /desk/{job_id}/review/{position}",
)
"""Pages about a job; each is asked for as it stands, about the victim's job and its first respondent."""
ATTEMPTS |= {
    route: (
        Attempt(re.sub(r"\{(?!job_id)\w+\}", "0", route).replace("{job_id}", "<job>")),
        Attempt(re.sub(r"\{(?!job_id)\w+\}", "0", route).replace("{job_id}", "<own>/../<job>")),
    )
    for route in LOOKED_AT
}
SURVEYS = "/api/v1/earnest/surveys"
ATTEMPTS |= {
    f"GET {SURVEYS}/{{survey_identifier}}/changes": (
        Attempt(f"GET {SURVEYS}/<survey>/changes"),
        Attempt(f"GET {SURVEYS}/<survey>/changes?cursor=<cursor>&limit=1000"),
    ),
    f"GET {SURVEYS}/{{survey_identifier}}/responses/{{response_identifier}}": (
        Attempt(f"GET {SURVEYS}/<survey>/responses/<respondent>"),
        Attempt(f"GET {SURVEYS}/<survey>/responses/<ours>"),
    ),
}


@dataclass(frozen=True)
class World:
    """A service in which one tenant has something to lose."""

    service: Service
    client: httpx.Client
    key: str
    true: Mapping[str, str]

    def as_seen_by_its_owner(self) -> list[bytes]:
        job, headers = self.true["job"], {"X-Aftercare-Key": self.key}
        paths = (f"{BATCH}/{job}", f"{BATCH}/{job}?limit=1", f"{OURS}/{job}", f"{OURS}/{job}/deliveries")
        return [self.client.get(path, headers=headers).content for path in paths]


@pytest.fixture(scope="module", params=BOTH)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with new_database(request, tmp_path_factory.mktemp("tenants")) as url:
        service = Service.open(Settings(database_url=url, page_size=2), evaluator=tiny_evaluator())
        service.start_worker()
        try:
            with TestClient(create_app(service), raise_server_exceptions=False) as client:
                yield a_world(service, client)
        finally:
            service.close()


def a_world(service: Service, client: httpx.Client) -> World:
    key = service.create_key("victim", "acme")
    headers = {"X-Aftercare-Key": key}
    names = {"survey": "tracker-2026", "respondent": "panelist-17"}
    about = {"surveyIdentifier": names["survey"], "surveyName": SURVEY_NAME}
    one = client.post(ONE, json=answers(**about, responseIdentifier=names["respondent"]), headers=headers).json()
    several = [answers(responseIdentifier=f"{names['respondent']}{i}") for i in range(4)]
    body = {**about, "responses": several}
    job = client.post(BATCH, json=body, headers={**headers, "Idempotency-Key": "retry-1"}).json()["batchJobId"]
    page = finished(client, job, headers)
    true = {
        **names,
        "job": job,
        "cursor": page["results"]["nextCursor"],
        "ours": one["aftercareResponseIdentifier"],
        "retry": "retry-1",
        "key": key.split("_")[1],
        "upload": service.uploads.keep("acme", "acme.csv", [f"id,why\n1,{ANSWER}\n".encode()]).id,
    }
    return World(service, client, key, true)


def finished(client: httpx.Client, job: str, headers: Mapping[str, str]) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        page: dict[str, Any] = client.get(f"{BATCH}/{job}", headers=headers).json()
        if page["status"] not in {"queued", "processing"}:
            return page
        time.sleep(0.05)
    pytest.fail(f"{job} does not end")


def made_up() -> dict[str, str]:
    """Names of things that there are not."""
    job = str(uuid4())
    return {
        "job": job,
        "cursor": cursor_of(job, 1),
        "ours": uuid4().hex,
        "survey": "tracker-" + uuid4().hex[:4],
        "respondent": "panelist-" + uuid4().hex[:2],
        "retry": uuid4().hex[:7],
        "key": uuid4().hex[:12],
        "upload": str(uuid4()),
    }


def own_job(service: Service, tenant: str) -> str:
    evaluator, respondents = tiny_evaluator(), some_respondents(3)
    own = Batch(survey=Survey(name="Mine"), respondents=respondents, wanted=frozenset())
    return service.keep(tenant, own, evaluator.evaluate(Survey(), respondents))


def outcome(world: World, attempt: Attempt, names: Mapping[str, str], tenant: str) -> tuple[object, ...]:
    """What came of an attempt: statuses, headers and bodies, with every name and whatever is new each time left out."""
    key = world.service.create_key("thief", tenant)
    names = {**names, "own": own_job(world.service, tenant) if "<own>" in attempt.target else ""}
    method, _, path = named(attempt.target, names).partition(" ")
    headers = {"X-Aftercare-Key": key, **{name: named(value, names) for name, value in attempt.headers.items()}}
    if not path.startswith("/api/"):
        headers["Cookie"] = visit(world.client, key)
    body = None if attempt.body is None else named(msgspec.json.encode(attempt.body).decode(), names)
    answer = world.client.request(method, path, content=body, headers=headers)
    answers = [answer]
    assert answer.status_code < 500, answer.text
    if method == "POST" and path == BATCH and answer.status_code == 202:
        job = answer.json()["batchJobId"]
        finished(world.client, job, headers)
        answers.append(world.client.get(f"{BATCH}/{job}", headers=headers))
    return tuple((each.status_code, shape(each.headers), blurred(each.text, names)) for each in answers)


def visit(client: httpx.Client, key: str) -> str:
    """Sign in to the pages with a key; the cookie that says so."""
    answer = client.post("/sign-in", data={"key": key}, follow_redirects=False)
    client.cookies.clear()
    return answer.headers["set-cookie"].partition(";")[0]


def named(text: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"<{name}>", value)
    return text


def shape(headers: httpx.Headers) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in headers.items() if name not in {"content-length", "date"})


def blurred(text: str, names: Mapping[str, str]) -> str:
    for name, value in sorted(names.items(), key=lambda each: -len(each[1])):
        for spelling in {value, quote(value)} - {""}:
            text = text.replace(spelling, f"<{name}>")
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<new>", text)
    # What we name responses, the tiny evaluator's digests, into which these names go, and the proof in forms.
    return re.sub(r"\b([0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{64})\b", "<new>", text)


EVERY = [each for group in ATTEMPTS.values() for each in group]


@pytest.mark.parametrize("attempt", EVERY, ids=[f"{i} {each.target}" for i, each in enumerate(EVERY, 1)])
def test_a_thief_meets_what_anybody_meets(world: World, attempt: Attempt) -> None:
    before = world.as_seen_by_its_owner()
    found = outcome(world, attempt, world.true, attempt.tenant or f"thief {uuid4()}")
    expected = outcome(world, attempt, made_up(), f"thief {uuid4()}")
    assert found == expected
    assert SURVEY_NAME not in repr(found).replace(repr(attempt.body), "")
    assert world.as_seen_by_its_owner() == before


def test_its_owner_meets_something_else(world: World) -> None:
    """Or else the test above would prove nothing."""
    job, headers = world.true["job"], {"X-Aftercare-Key": world.key}
    page = world.client.get(f"{BATCH}/{job}", headers=headers)
    assert (page.status_code, len(page.json()["results"]["items"])) == (200, 2)
    assert world.client.get(f"{BATCH}/{job}?cursor={world.true['cursor']}", headers=headers).status_code == 200
    again = answers(surveyIdentifier=world.true["survey"], responseIdentifier="somebody else")
    [check] = world.client.post(ONE, json=again, headers=headers).json()["evaluations"][0]["qualityIssueChecks"]
    assert check["score"] >= 50, "five respondents of acme have given this answer"
    part = {
        "surveyEntries": [{"question": "What else?", "answer": "Nothing else comes to my mind"}],
        "aftercareResponseIdentifier": world.true["ours"],
    }
    [check] = world.client.post(ONE, json=part, headers=headers).json()["evaluations"][0]["qualityIssueChecks"]
    assert check["evidence"].startswith("1 siblings")


def test_every_route_is_attempted_or_has_nothing_to_say(world: World) -> None:
    routes = {
        f"{method} {route.path_format}"
        for route in create_app(world.service).routes
        for method in route.methods
        if method != "OPTIONS"
    }
    assert routes == ATTEMPTS.keys() | SAY_NOTHING.keys()
    assert len(EVERY) > 50, "SECURITY.md says so"
