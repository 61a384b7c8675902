"""Requests made from our own OpenAPI document, sound and broken: no 500, no undocumented status or body."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, HookContext
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.api.conftest import KEY

from earnest.api import openapi

LISTS = {"/api/v1/earnest/jobs", "/api/v1/earnest/surveys/{surveyIdentifier}/changes"}
"""Where a cursor is looked at first; elsewhere a job is looked for, and what schemas make up names none."""

document = openapi.document()
# Lines of JSON have no schema to make them from; tests/api/test_batch_body.py makes some.
del document["paths"]["/api/v1/data-quality/batch"]["post"]["requestBody"]["content"]["application/x-ndjson"]
schema = schemathesis.openapi.from_dict(document)


@schema.hook
def map_body(context: object, body: Any) -> Any:
    """What a URL is, its pattern says roughly; a port of 99999 is refused all the same."""
    if isinstance(body, dict) and str(body.get("callbackUrl")).lower().startswith("http"):
        return body | {"callbackUrl": "https://example.com/done"}
    return body


@schema.hook
def map_query(context: HookContext, query: Any) -> Any:
    """No schema can say which cursors were handed out; tests/api/test_jobs.py and test_verdicts.py have others."""
    if query and context.operation and context.operation.path in LISTS:
        return {name: value for name, value in query.items() if name != "cursor"}
    return query


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_the_document_says_holds(case: Case[Any], server: str) -> None:
    case.call_and_validate(
        base_url=server,
        headers={"X-Aftercare-Key": KEY},
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
            positive_data_acceptance,
        ],
    )
