"""Requests that follow from one another: a batch is submitted, asked for, cancelled, resumed, delivered again."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance
from tests.api.conftest import KEY

from earnest.api import openapi

BATCH = "/api/v1/data-quality/batch"
NEXT = ("getBatchJobStatus", "getJob", "cancelJob", "resumeJob", "listDeliveries", "redeliver")


def linked() -> dict[str, Any]:
    """Our document, with what may follow upon a submit."""
    document: dict[str, Any] = openapi.document()
    submit = document["paths"][BATCH]["post"]
    del submit["requestBody"]["content"]["application/x-ndjson"]
    job = {"parameters": {"batchJobId": "$response.body#/batchJobId"}}
    submit["responses"]["202"]["links"] = {each: {"operationId": each} | job for each in NEXT}
    page = {"batchJobId": "$request.path.batchJobId", "cursor": "$response.body#/results/nextCursor"}
    read = document["paths"][f"{BATCH}/{{batchJobId}}"]["get"]
    read["responses"]["200"]["links"] = {"next": {"operationId": "getBatchJobStatus", "parameters": page}}
    return document


schema = schemathesis.openapi.from_dict(linked())


@schema.hook
def map_body(context: object, body: Any) -> Any:
    """No callbacks: what a URL is, its pattern says only roughly."""
    return {name: each for name, each in body.items() if name != "callbackUrl"} if isinstance(body, dict) else body


@pytest.mark.slow
def test_what_follows_from_a_batch_is_never_a_server_error(server: str) -> None:
    followed = set()

    class Machine(schema.as_state_machine()):  # type: ignore[misc]  # the base is made here, of the document
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"base_url": server, "headers": {"X-Aftercare-Key": KEY}}

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            checks = [not_a_server_error, status_code_conformance, response_schema_conformance]
            case.validate_response(response, checks=checks)
            if "{batchJobId}" in case.operation.path and response.status_code in {200, 202}:
                followed.add(case.operation.path)

    Machine.run(
        settings=settings(
            max_examples=20, stateful_step_count=6, deadline=None, suppress_health_check=list(HealthCheck)
        )
    )
    assert followed, "only a link knows the name of a job that there is"
