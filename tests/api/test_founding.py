"""The founding document: every answer of getBatchJobStatus is valid by it, whatever was found, however it is paged."""

from pathlib import Path
from typing import Any

import httpx
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from earnest.findings import CheckName, Finding, RespondentEvaluation
from earnest.scoring import evaluate_entry, evaluate_respondent
from earnest.service import Batch, Service
from earnest.survey import Entry, KeyStroke, Respondent, Survey

FOUNDING = yaml.safe_load((Path(__file__).parents[1] / "data" / "batch-status.openapi.yaml").read_text())
BATCH = "/api/v1/data-quality/batch"


def as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 writes `nullable` where JSON Schema has a type of its own."""
    if isinstance(node, list):
        return [as_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    schema = {name: as_json_schema(each) for name, each in node.items() if name != "nullable"}
    return schema | ({"type": [schema["type"], "null"]} if node.get("nullable") is True else {})


def validate(instance: object, name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": as_json_schema(FOUNDING["components"])}
    Draft202012Validator(schema).validate(instance)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
keys = st.builds(KeyStroke, key=texts, down_ms=st.floats(-1e15, 1e15), hold_ms=st.floats(0, 1e15), code=texts)
entries = st.builds(
    Entry, question=texts, answer=texts, question_identifier=texts, key_events=st.lists(keys, max_size=2).map(tuple)
)
findings = st.builds(
    Finding,
    type=st.sampled_from(CheckName),
    score=st.floats(0, 100),
    is_issue=st.booleans(),
    evidence=texts,
    reason_codes=st.lists(texts, max_size=2).map(tuple),
)
evaluations = st.builds(
    lambda name, found: evaluate_respondent(
        Respondent(name, ()), [evaluate_entry(entry, each) for entry, each in found]
    ),
    texts,
    st.lists(st.tuples(entries, st.lists(findings, max_size=6)), max_size=3),
)


def all_pages(api: httpx.Client, job: str, limit: int) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = []
    cursor: str | None = None
    while not pages or cursor is not None:
        query = {"limit": str(limit)} | ({} if cursor is None else {"cursor": cursor})
        response = api.get(f"{BATCH}/{job}", params=query)
        assert response.status_code == 200, response.text
        pages.append(response.json())
        cursor = pages[-1]["results"]["nextCursor"]
    return pages


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(evaluations, min_size=1, max_size=5), limit=st.integers(1, 6))
def test_every_page_is_valid_and_together_they_hold_everything_in_order(
    api: httpx.Client, service: Service, found: list[RespondentEvaluation], limit: int
) -> None:
    respondents = tuple(
        Respondent(each.response_identifier, tuple(entry.survey_entry for entry in each.evaluations)) for each in found
    )
    job = service.keep("default", Batch(survey=Survey(), respondents=respondents, wanted=frozenset()), found)
    pages = all_pages(api, job, limit)
    for page in pages:
        validate(page, "DataQualityBatchResponse")
        assert page["status"] == "completed"
        assert len(page["results"]["items"]) <= limit
    items = [item for page in pages for item in page["results"]["items"]]
    assert [item["responseIdentifier"] for item in items] == [each.response_identifier for each in found]
    assert all("keyEvents" not in entry["surveyEntry"] for item in items for entry in item["evaluations"])


def test_without_a_limit_a_page_is_as_long_as_the_settings_say(api: httpx.Client, service: Service) -> None:
    found = [evaluate_respondent(Respondent(f"r-{i}", ()), []) for i in range(4)]
    respondents = tuple(Respondent(each.response_identifier, ()) for each in found)
    job = service.keep("default", Batch(survey=Survey(), respondents=respondents, wanted=frozenset()), found)
    results = api.get(f"{BATCH}/{job}").json()["results"]
    assert len(results["items"]) == service.settings.page_size
    assert results["nextCursor"]


def test_a_queued_job_is_valid_too(api: httpx.Client) -> None:
    body = {"surveyName": "S", "responses": [{"surveyEntries": [{"question": "Why?", "answer": "Because"}]}]}
    queued = api.post(BATCH, json=body).json()
    validate(queued, "DataQualityBatchResponse")
    validate(api.get(f"{BATCH}/{queued['batchJobId']}").json(), "DataQualityBatchResponse")


def test_errors_are_valid_too(api: httpx.Client, stranger: httpx.Client) -> None:
    for response in (api.get(f"{BATCH}/none"), api.get(f"{BATCH}/none?limit=x")):
        validate(response.json(), "Error")
    validate(stranger.get(f"{BATCH}/none", headers={"X-Aftercare-Key": "no"}).json(), "Error")
