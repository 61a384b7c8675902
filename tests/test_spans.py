"""Requests and errands are traced where somebody wants it, and a span tells no answer."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from litestar.testing import TestClient
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.jobs.conftest import finished
from tests.jobs.tiny import Stumbling, tiny_evaluator

from earnest.api.app import create_app
from earnest.findings import CheckName
from earnest.service import Batch, Service
from earnest.settings import Settings
from earnest.survey import Entry, Respondent, Survey

KEY = "ek_key_of_the_traced_server"
ANSWER = "nobody may read this answer in a span"
CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    provider, exporter = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tests")
    for module in ("spans", "api.traced"):
        monkeypatch.setattr(f"earnest.{module}.tracer", lambda: tracer)
    yield exporter
    provider.shutdown()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'earnest.db'}", api_key=KEY)
    service = Service.open(settings, evaluator=tiny_evaluator(Stumbling()))
    yield service
    service.close()


@pytest.fixture
def api(seen: InMemorySpanExporter, service: Service) -> Iterator[httpx.Client]:
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        client.headers["X-Aftercare-Key"] = KEY
        yield client


def told(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def test_a_request_is_told_by_route_and_status_and_belongs_to_its_caller(
    api: httpx.Client, seen: InMemorySpanExporter
) -> None:
    api.get("/healthz")
    api.get("/api/v1/data-quality/batch/some-secret-job", headers={"traceparent": CALLER})
    [span] = seen.get_finished_spans()
    assert span.name == "GET /api/v1/data-quality/batch/{batch_job_id}"
    assert (told(span)["http.response.status_code"], span.status.is_ok) == (404, True)
    assert span.parent
    assert f"{span.context.trace_id:032x}-{span.parent.span_id:016x}" == CALLER[3:-3]
    assert "some-secret-job" not in span.to_json()


def test_what_has_no_route_is_answered_as_ever(api: httpx.Client) -> None:
    assert api.get("/nothing/of/that/name").status_code == 404
    assert api.request("BREW", "/docs").status_code == 405


def test_no_span_holds_an_answer_not_even_that_of_an_error(api: httpx.Client, seen: InMemorySpanExporter) -> None:
    body = {"responseIdentifier": "always", "surveyEntries": [{"question": "Why?", "answer": ANSWER}]}
    assert api.post("/api/v1/data-quality", json=body).status_code == 500
    [span] = seen.get_finished_spans()
    assert (told(span)["error.type"], span.status.is_ok) == ("500", False)
    assert ANSWER not in span.to_json()
    assert not span.events


def test_each_errand_has_a_span(seen: InMemorySpanExporter, service: Service) -> None:
    people = tuple(Respondent(name, (Entry(question="Why?", answer=ANSWER),)) for name in ("r0", "r1"))
    job = service.submit("t", Batch(survey=Survey(name="s"), respondents=people, wanted=frozenset(CheckName)))
    service.start_worker()
    finished(service, job)
    service.close()
    found = [(span.name, told(span)["earnest.job"], told(span)["earnest.number"]) for span in seen.get_finished_spans()]
    assert found == [("earnest observe", job, 0), ("earnest judge", job, 0)]
    assert not any(ANSWER in span.to_json() for span in seen.get_finished_spans())


class Collector(HTTPServer):
    """Takes what is exported."""

    def __init__(self) -> None:
        self.bodies: list[tuple[str, bytes]] = []
        collector = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.bodies.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Taking)


TRACED = """
from earnest.spans import span
with span("earnest judge", {"earnest.number": 7}) as begun:
    print(begun is not None)
"""


def traced(**environment: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "OTEL_EXPORTER_OTLP_COMPRESSION": "none", **environment}
    return subprocess.run([sys.executable, "-c", TRACED], env=environment, capture_output=True, text=True, check=True)


def test_spans_go_where_the_environment_says() -> None:
    with Collector() as collector:
        thread = Thread(target=collector.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        done = traced(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.server_port}")
        collector.shutdown()
        thread.join()
    assert done.stdout == "True\n"
    [(path, body)] = collector.bodies
    assert path == "/v1/traces"
    assert b"earnest judge" in body


def test_nothing_is_traced_unless_the_environment_says_where_to() -> None:
    done = traced()
    assert (done.stdout, done.stderr) == ("False\n", "")
