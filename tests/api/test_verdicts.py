"""Versions of verdicts and a survey's changes, over HTTP; what makes them is in tests/jobs/test_rejudge.py."""

import httpx
import pytest

from earnest.service import Service

SURVEY = "/api/v1/earnest/surveys/verdicts over http"


@pytest.fixture(scope="module")
def judged(service: Service, stranger: httpx.Client) -> None:
    part = {
        "surveyIdentifier": "verdicts over http",
        "responseIdentifier": "ann",
        "surveyEntries": [{"question": "Why?", "answer": "It was close to where I live"}],
    }
    key = {"X-Aftercare-Key": str(service.settings.api_key)}
    assert stranger.post("/api/v1/data-quality", json=part, headers=key).status_code == 200


def test_a_response_tells_its_versions(api: httpx.Client, judged: None) -> None:
    found = api.get(f"{SURVEY}/responses/ann").json()
    assert (found["surveyIdentifier"], found["responseIdentifier"]) == ("verdicts over http", "ann")
    [version] = found["versions"]
    assert (version["version"], version["cause"], version["batchJobId"]) == (1, "evaluated at once", None)
    assert version["evaluatorVersion"]
    assert version["evaluatedAt"].endswith("Z")
    assert version["evaluation"]["responseIdentifier"] == "ann"


def test_changes_can_be_asked_for_before_there_are_any(api: httpx.Client, judged: None) -> None:
    first = api.get(f"{SURVEY}/changes").json()
    assert first["items"] == []
    again = api.get(f"{SURVEY}/changes", params={"cursor": first["nextCursor"]}).json()
    assert again == first


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/responses/nobody", 404),
        ("/changes?cursor=x", 400),
        ("/changes?limit=0", 400),
        ("/changes?limit=many", 400),
    ],
)
def test_what_cannot_be_answered(api: httpx.Client, judged: None, path: str, status: int) -> None:
    answer = api.get(SURVEY + path)
    assert answer.status_code == status
    assert set(answer.json()) <= {"code", "message", "details"}


def test_nothing_without_a_key(stranger: httpx.Client) -> None:
    assert stranger.get(f"{SURVEY}/changes").status_code == 403
    assert stranger.get(f"{SURVEY}/responses/ann").status_code == 403
