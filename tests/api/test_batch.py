"""A batch from its submission over HTTP to its last page, through the real engine."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient
from tests.api.conftest import KEY

from earnest.api.app import create_app
from earnest.service import Service
from earnest.settings import Settings

BATCH = "/api/v1/data-quality/batch"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    service = Service.open(Settings(database_url=f"sqlite:///{tmp_path / 'earnest.db'}", api_key=KEY, chunk_size=2))
    service.start_worker()
    with TestClient(create_app(service)) as client:
        client.headers["X-Aftercare-Key"] = KEY
        yield client
    service.close()


def finished(api: httpx.Client, job: str) -> dict[str, Any]:
    for _ in range(600):
        page: dict[str, Any] = api.get(f"{BATCH}/{job}").json()
        if page["status"] in {"completed", "failed"}:
            return page
        time.sleep(0.1)
    raise AssertionError("the job does not end")


@pytest.mark.slow
def test_a_batch_is_evaluated_in_order_and_copies_are_found_wherever_they_stand(api: httpx.Client) -> None:
    question = {"question": "What did you like about the breakfast bar?", "questionIdentifier": "q1"}
    copied = "Honestly the toasted hazelnut smell took me straight back to my grandfather's bakery in Ghent."
    answers = [
        copied,
        "The oats stayed crunchy, even with cold milk poured over them.",
        "Not too sweet, so my kids ate it without asking for more sugar.",
        "It fits in my coat pocket and does not crumble on the train.",
        copied,
    ]
    responses = [
        {"responseIdentifier": f"r-{i}", "surveyEntries": [question | {"answer": answer}]}
        for i, answer in enumerate(answers)
    ]
    queued = api.post(BATCH, json={"surveyName": "Breakfast", "responses": responses}).json()
    page = finished(api, queued["batchJobId"])
    assert page["status"] == "completed"
    items = page["results"]["items"]
    assert [item["responseIdentifier"] for item in items] == [f"r-{i}" for i in range(5)]
    duplicates = {
        item["responseIdentifier"]
        for item in items
        for check in item["evaluations"][0]["qualityIssueChecks"]
        if check["type"] == "Duplicate Answers" and check["isIssue"]
    }
    assert duplicates == {"r-0", "r-4"}
