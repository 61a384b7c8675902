"""Who is let in, for what and how often; and that no secret shows where it should not."""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient
from tests.jobs.tiny import tiny_evaluator

from earnest.api.app import create_app
from earnest.api.auth import KEY_HEADER
from earnest.errors import EarnestError
from earnest.service import Scope, Service
from earnest.settings import Settings

ONE, BATCH = "/api/v1/data-quality", "/api/v1/data-quality/batch"
ANSWER = "what the respondent said in confidence"
BODY: dict[str, Any] = {"surveyEntries": [{"question": "Why?", "answer": ANSWER}]}
SEED = "a-first-key-of-some-length-4711"
SIGNING = "whsec_c2VjcmV0LW9mLXRoaXMtaW5zdGFsbGF0aW9u"

SCOPES = {
    f"POST {ONE}": Scope.EVALUATE,
    f"POST {BATCH}": Scope.EVALUATE,
    f"GET {BATCH}/{{batch_job_id}}": Scope.READ,
    "GET /api/v1/earnest/jobs": Scope.READ,
    "GET /api/v1/earnest/jobs/{batch_job_id}": Scope.READ,
    "POST /api/v1/earnest/jobs/{batch_job_id}/cancel": Scope.MANAGE,
    "POST /api/v1/earnest/jobs/{batch_job_id}/resume": Scope.MANAGE,
    "GET /api/v1/earnest/jobs/{batch_job_id}/deliveries": Scope.READ,
    "POST /api/v1/earnest/jobs/{batch_job_id}/redeliver": Scope.MANAGE,
    "GET /api/v1/earnest/surveys/{survey_identifier}/changes": Scope.READ,
    "GET /api/v1/earnest/surveys/{survey_identifier}/responses/{response_identifier}": Scope.READ,
}
"""What each operation asks of a key."""


def batch(count: int) -> dict[str, Any]:
    return {"surveyName": "Drinks", "responses": [BODY] * count}


@dataclass(frozen=True)
class Door:
    """A service and a client of it that has no key of its own."""

    service: Service
    client: httpx.Client

    def ask(self, operation: str, key: str | None, body: dict[str, Any] | None = None) -> httpx.Response:
        method, _, path = operation.partition(" ")
        headers = {} if key is None else {KEY_HEADER: key}
        return self.client.request(method, path, json=body, headers=headers)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'earnest.db'}", api_key=SEED, webhook_secret=SIGNING)
    service = Service.open(settings, evaluator=tiny_evaluator())
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        yield Door(service, client)
    service.close()


def test_every_operation_asks_for_a_scope(door: Door) -> None:
    operations = {
        f"{method} {route.path_format}"
        for route in create_app(door.service).routes
        for method in route.methods
        if method != "OPTIONS" and route.path_format.startswith("/api/")
    }
    assert operations == SCOPES.keys()


@pytest.mark.parametrize(("operation", "needed"), SCOPES.items())
def test_a_key_opens_what_it_is_for(door: Door, operation: str, needed: Scope) -> None:
    for scope in Scope:
        key = door.service.create_key("one", scopes=frozenset({scope}))
        answer = door.ask(operation, key)
        if scope == needed:
            assert answer.status_code in {200, 400, 404, 415}, "open; what lies behind it finds no body or job"
        else:
            assert answer.status_code == 403
            assert answer.json()["code"] == "INSUFFICIENT_SCOPE"
            assert needed in answer.json()["message"]


@pytest.mark.parametrize("operation", SCOPES)
def test_no_wrong_key_can_be_told_from_another(door: Door, operation: str) -> None:
    good = door.service.create_key("good", scopes=frozenset())
    revoked = door.service.create_key("revoked")
    door.service.revoke_key(revoked.split("_")[1])
    expired = door.service.create_key("expired", lifetime_s=0)
    unknown = f"ek_{'0' * 12}_{'a' * 43}"
    wrong = (
        None,
        "",
        "x",
        revoked,
        expired,
        unknown,
        good[:-1],
        good[:16] + "a" * 43,
        f"{good} ",
        SEED[:-1],
        SEED + "1",
    )
    answers = [door.ask(operation, key) for key in wrong]
    assert {answer.status_code for answer in answers} == {403}
    assert {answer.content for answer in answers} == {
        b'{"code":"INVALID_API_KEY","message":"Invalid or missing API key."}'
    }
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


def test_a_key_in_the_url_is_none(door: Door) -> None:
    key = door.service.create_key("good")
    for name in ("key", "api_key", KEY_HEADER):
        assert door.ask(f"GET {BATCH}/job?{name}={key}", None).status_code == 403
    assert door.client.get(f"{BATCH}/job", headers={"Authorization": f"Bearer {key}"}).status_code == 403


def test_too_many_requests_are_told_when_to_come_back(door: Door) -> None:
    door.service.limit_tenant("acme", requests_per_minute=3)
    key = door.service.create_key("panel", "acme")
    answers = [door.ask(f"GET {BATCH}/none", key) for _ in range(7)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 1, "even if a minute ends meanwhile"
    assert refused[0].json()["code"] == "RATE_LIMITED"
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    first = answers[0]
    assert first.headers["RateLimit-Policy"] == '"minute";q=3;w=60'
    assert first.headers["RateLimit"].startswith('"minute";r=2;t=')
    assert door.ask(f"GET {BATCH}/none", SEED).status_code == 404, "another tenant"
    assert "RateLimit" not in door.ask(f"GET {BATCH}/none", SEED).headers


def test_a_day_s_respondents_are_counted_whole(door: Door) -> None:
    door.service.limit_tenant("acme", respondents_per_day=5)
    key = door.service.create_key("panel", "acme")
    assert door.ask(f"POST {BATCH}", key, batch(6)).status_code == 429
    assert door.ask(f"POST {BATCH}", key, batch(3)).status_code == 202
    refused = door.ask(f"POST {BATCH}", key, batch(3))
    assert (refused.status_code, refused.json()["code"]) == (429, "RATE_LIMITED")
    assert 1 <= int(refused.headers["Retry-After"]) <= 86_400
    assert [door.ask(f"POST {ONE}", key, BODY).status_code for _ in range(3)] == [200, 200, 429]
    [counted] = [each for each in door.service.tenants() if each.tenant == "acme"]
    assert counted.respondents_today == 5
    assert ANSWER not in refused.text


def test_no_secret_is_in_a_log_or_an_answer(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    key = door.service.create_key("panel", "acme", scopes=frozenset({Scope.READ}))
    with caplog.at_level(logging.DEBUG):
        answers = [
            door.ask(operation, sent, body)
            for operation in (*SCOPES, "GET /", "GET /nowhere", "PATCH /healthz", "GET /readyz", "GET /docs")
            for sent in (key, SEED, key[:-1], SEED + "x")
            for body in (None, BODY, {"surveyEntries": key}, batch(1))
        ]
        for sent in (key, key + "x"):
            with pytest.raises(EarnestError) as raised:
                door.service.tenant_of(sent, Scope.MANAGE)
            assert key not in repr(raised.value) + str(raised.value)
    said = caplog.text + "".join(answer.text + repr(answer.headers) for answer in answers)
    for secret in (key, key.split("_", 2)[2], SEED, SIGNING):
        assert secret not in said


@pytest.mark.slow
def test_no_secret_is_in_what_a_server_prints(tmp_path: Path) -> None:
    """Everything that `earnest serve` says at its most talkative, sound and broken requests alike."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "EARNEST_DATABASE_URL": f"sqlite:///{tmp_path / 'earnest.db'}",
        "EARNEST_API_KEY": SEED,
        "EARNEST_WEBHOOK_SECRET": SIGNING,
        "EARNEST_LOG_LEVEL": "DEBUG",
    }
    command = [sys.executable, "-m", "earnest"]
    made = subprocess.run(
        [*command, "keys", "create", "x"], env=environment, capture_output=True, text=True, check=True
    )
    key = made.stdout.strip()
    server = subprocess.Popen(
        [*command, "serve", "--port", str(port)],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _ask_everything(port, key)
        title = Path(f"/proc/{server.pid}/cmdline")
        shown = title.read_text() if title.exists() else ""
    finally:
        server.send_signal(signal.SIGTERM)
        said = server.communicate(timeout=60)[0]
    listed = subprocess.run([*command, "keys", "list"], env=environment, capture_output=True, text=True, check=True)
    assert "listens on" in said
    for secret in (key, key.split("_", 2)[2], SEED, SIGNING, ANSWER):
        assert secret not in said + shown + listed.stdout


def _ask_everything(port: int, key: str) -> None:
    deadline = time.monotonic() + 60
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        while True:
            try:
                client.get("/healthz")
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        for sent in (key, SEED, key[:-1]):
            for operation in SCOPES:
                method, _, path = operation.partition(" ")
                for body in (BODY, batch(1), {"surveyEntries": [{"question": 1, "answer": [ANSWER, key]}]}):
                    client.request(method, path, json=body, headers={KEY_HEADER: sent})
    for garbage in (
        f"GET / HTTP/1.1\r\n{KEY_HEADER}: {key}\r\n{key}\r\n\r\n",
        f"{key}\r\n\r\n",
        f"GET /{key} HTTP/9\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(garbage.encode())
            connection.recv(1000)
