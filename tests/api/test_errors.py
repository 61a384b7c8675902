"""Every error has one shape, on every route, and says nothing that it should not."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient
from sqlalchemy import event

from earnest.api.app import create_app
from earnest.api.errors import BY_STATUS, STATUS
from earnest.errors import EarnestError
from earnest.service import Part, Service
from earnest.store import open_store
from earnest.store.engines import FULL

ONE = "/api/v1/data-quality"
BATCH = "/api/v1/data-quality/batch"
PUBLISHED = [("POST", ONE), ("POST", BATCH), ("GET", f"{BATCH}/some-job")]
ANSWER = "what the respondent said"
BODY: dict[str, Any] = {"surveyEntries": [{"question": "Why?", "answer": ANSWER}]}


def check(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    error: dict[str, Any] = response.json()
    assert set(error) in ({"code", "message"}, {"code", "message", "details"})
    assert error["code"] == BY_STATUS[status].code
    assert error["message"]
    return error


@pytest.mark.parametrize(("method", "path"), PUBLISHED)
@pytest.mark.parametrize(
    "key", [None, "", "wrong", "ek_test_abcdefghijklmnopqrstuvwxy", "ek_a_" + "b" * 5000, "schlüssel"]
)
def test_without_a_valid_key_nothing_else_is_said(
    stranger: httpx.Client, method: str, path: str, key: str | None
) -> None:
    headers = [] if key is None else [(b"X-Aftercare-Key", key.encode())]
    check(stranger.request(method, path, content=b"{", headers=headers), 403)


@pytest.mark.parametrize(
    "path", ["/nowhere", "/api/v1", "/api/v2/data-quality", "/static/../app.py", "/static/none.css"]
)
def test_an_unknown_path_is_not_found(stranger: httpx.Client, path: str) -> None:
    check(stranger.get(path), 404)


@pytest.mark.parametrize("job", ["nothing", "123e4567-e89b-12d3-a456-426614174000", "%00", "%F0%9F%98%80", "x" * 5000])
def test_an_unknown_job_is_not_found(api: httpx.Client, job: str) -> None:
    check(api.get(f"{BATCH}/{job}"), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        *(("GET", ONE, "POST"), ("PUT", ONE, "POST"), ("DELETE", BATCH, "POST"), ("PROPFIND", ONE, "POST")),
        *(("POST", f"{BATCH}/job", "GET"), ("POST", "/healthz", "GET"), ("PATCH", "/docs", "GET")),
    ],
)
def test_a_wrong_method_is_told_the_right_one(api: httpx.Client, method: str, path: str, allowed: str) -> None:
    response = api.request(method, path)
    check(response, 405)
    assert allowed in response.headers["allow"]


@pytest.mark.parametrize("path", [ONE, BATCH])
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", "text/json"]
)
def test_what_is_not_json_is_refused(api: httpx.Client, path: str, kind: str) -> None:
    check(api.post(path, content=json.dumps(BODY), headers={"Content-Type": kind}), 415)


@pytest.mark.parametrize(("path", "kind"), [(ONE, "application/x-ndjson"), (BATCH, "application/jsonl")])
def test_lines_are_for_batches_only_and_have_one_name(api: httpx.Client, path: str, kind: str) -> None:
    check(api.post(path, content=json.dumps(BODY), headers={"Content-Type": kind}), 415)


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "x"])
def test_a_body_that_is_compressed_otherwise_is_refused(api: httpx.Client, coding: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}
    check(api.post(ONE, content=b"\x1f\x8b", headers=headers), 415)


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", None])
def test_json_is_taken_however_it_is_announced(api: httpx.Client, kind: str | None) -> None:
    response = api.post(ONE, content=json.dumps(BODY), headers={} if kind is None else {"Content-Type": kind})
    assert response.status_code == 200


@pytest.mark.parametrize("path", [ONE, BATCH])
def test_a_bad_body_is_a_bad_request_with_details(api: httpx.Client, path: str) -> None:
    error = check(api.post(path, json={"surveyEntries": [{"question": ANSWER, "answer": [ANSWER]}]}), 400)
    assert error["details"]
    assert ANSWER not in json.dumps(error)


@pytest.mark.parametrize("header", ["X-Request-Encoding", "X-Response-Encoding"])
def test_an_unknown_encoding_is_a_bad_request(api: httpx.Client, header: str) -> None:
    error = check(api.post(ONE, json=BODY, headers={header: "utf-16"}), 400)
    assert list(error["details"]) == [header]


@pytest.mark.parametrize("path", [ONE, BATCH])
def test_a_large_body_is_refused_before_it_is_read(api: httpx.Client, path: str) -> None:
    def body() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    headers = {"Content-Type": "application/json", "Content-Length": "1000001"}
    check(api.post(path, content=body(), headers=headers), 413)


def test_a_large_body_of_unknown_length_is_cut_off(api: httpx.Client) -> None:
    pieces = iter(b"x" * 100_000 for _ in range(11))
    check(api.post(ONE, content=pieces, headers={"Content-Type": "application/json"}), 413)


class Broken(Service):
    """A real service, but for one fault that quotes an answer."""

    def evaluate(self, tenant: str, part: Part) -> Any:
        raise ValueError(part.entries[0].answer)


def test_an_unexpected_error_leaks_nothing(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    broken = Broken(service.settings, service._store, None)
    headers = {"X-Aftercare-Key": service.settings.api_key}
    with TestClient(create_app(broken), raise_server_exceptions=False) as client, caplog.at_level(logging.DEBUG):
        error = check(client.post(ONE, json=BODY, headers=headers), 500)
    assert error["message"] == "An unexpected error occurred."
    assert error["details"]["reference"] in caplog.text
    assert "ValueError" in caplog.text
    assert ANSWER not in caplog.text + json.dumps(error)


def test_a_full_disk_of_the_database_is_told(
    service: Service, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'earnest.db'}")
    event.listen(store._engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 1"))
    store._engine.dispose()
    full = Service(service.settings, store, service.evaluator)
    headers = {"X-Aftercare-Key": service.settings.api_key}
    body = {"surveyEntries": [{"question": "Why?", "answer": f"{ANSWER} {token_hex(20_000)}"}]}
    with TestClient(create_app(full), raise_server_exceptions=False) as client:
        error = check(client.post(ONE, json=body, headers=headers), 507)
    assert (error["code"], error["message"]) == ("OUT_OF_SPACE", FULL)
    assert ANSWER not in caplog.text + json.dumps(error)
    store.close()


def subclasses(kind: type[EarnestError]) -> Iterator[type[EarnestError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from subclasses(each)


def test_the_codes_of_the_table_are_those_of_the_errors() -> None:
    for kind in subclasses(EarnestError):
        status = next(STATUS[each] for each in kind.__mro__ if each in STATUS)
        codes = {each.code for each in kind.__mro__ if issubclass(each, EarnestError)}
        assert status == 500 or BY_STATUS[status].code in codes
