"""Logs of a full run, good and bad: whole lines, what they refer to, and nothing that anybody said or must not know."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from earnest.cli.logs import JsonLines, Lines

ROOT = Path(__file__).parents[1]
ANSWER, KEY = "marzipan", "ek_given_abcdefghijklmnopqrstuvwxyz"
SECRET, TOKEN = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "opensesame"
RUN = """
import sys, time
from litestar.testing import TestClient
from tests.jobs.tiny import Stumbling, tiny_evaluator
from earnest.api.app import create_app
from earnest.cli.logs import log_to_stderr
from earnest.jobs import batch, dbos_engine
from earnest.service import Service
from earnest.settings import Settings
url, form, answer, key, secret, token = sys.argv[1:]
dbos_engine.POLL_S = dbos_engine.IDLE_POLL_S = dbos_engine.CALLBACK_POLL_S = 0.05
batch.PAUSES_S = (0.0, 0.0)
settings = Settings(
    database_url=url, api_key=key, webhook_secret="whsec_" + secret, log_level="DEBUG", log_format=form, chunk_size=3,
    metrics_token="a long enough token",
)
log_to_stderr(settings)
service = Service.open(settings, evaluator=tiny_evaluator(Stumbling()))
service.start_worker()
with TestClient(create_app(service), raise_server_exceptions=False) as client:
    headers = {"X-Aftercare-Key": key}
    def entries(i):
        return [{"question": "Why?", "answer": f"{answer} {i}", "keyEvents": []}]
    one = {"responseIdentifier": "always", "surveyEntries": entries(0)}
    assert client.post("/api/v1/data-quality", json=one, headers=headers).status_code == 500
    client.post("/api/v1/data-quality", content=f'{{"surveyEntries": "{answer}', headers=headers)
    client.post("/api/v1/data-quality", json=one, headers={"X-Aftercare-Key": key + "x"})
    people = [{"responseIdentifier": n, "surveyEntries": entries(n)} for n in ("a", "b", "c", "d", "once", "always")]
    body = {"surveyName": "S", "responses": people, "callbackUrl": f"http://user:{token}@127.0.0.1:9/{token}"}
    job = client.post("/api/v1/data-quality/batch", json=body, headers=headers).json().get("batchJobId")
    if job is None:
        body["callbackUrl"] = f"http://127.0.0.1:9/{token}"
        job = client.post("/api/v1/data-quality/batch", json=body, headers=headers).json()["batchJobId"]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if client.get(f"/api/v1/earnest/jobs/{job}/deliveries", headers=headers).json()["deliveries"]:
            break
        time.sleep(0.05)
    from earnest.store.selection import Selection
    service.purge.answers(Selection(respondent="a"))
service.close()
print(job)
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_log_of_a_full_run_tells_what_it_must_not(form: str, tmp_path: Path) -> None:
    arguments = [f"sqlite:///{tmp_path / 'earnest.db'}", form, ANSWER, KEY, SECRET, TOKEN]
    ran = subprocess.run([sys.executable, "-c", RUN, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert not any(each in ran.stderr for each in (ANSWER, KEY, SECRET, TOKEN, "long enough"))
    lines = ran.stderr.splitlines()
    job = ran.stdout.strip()
    assert any("could not be judged" in line and job in line for line in lines)
    assert any("reference" in line for line in lines)
    if form == "json":
        told = [json.loads(line) for line in lines]
        assert all(list(each)[:4] == ["time", "level", "logger", "message"] for each in told)
        assert {each["job"] for each in told if "job" in each} == {job}
        assert any(each.get("errand", "").startswith(f"{job}/judge/") for each in told)
        assert any(len(each.get("reference", "")) == 12 for each in told)


def record(message: str, *arguments: object, error: Exception | None = None) -> logging.LogRecord:
    kind = None if error is None else (type(error), error, None)
    return logging.LogRecord("earnest.x", logging.ERROR, "x.py", 1, message, arguments, kind)


def test_a_message_of_several_lines_stays_one_line() -> None:
    [line] = JsonLines().format(record("one\ntwo %s", "\u2028three")).splitlines()[:1]
    assert json.loads(line)["message"] == "one\ntwo \u2028three"


@pytest.mark.parametrize("form", [JsonLines(), Lines()])
def test_of_an_exception_only_the_type_is_told(form: logging.Formatter) -> None:
    said = form.format(record("failed", error=KeyError(ANSWER)))
    assert "KeyError" in said
    assert ANSWER not in said
