"""The document about the API: valid, complete, true to the founding one and to the routes."""

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from earnest.api import console, examples, openapi
from earnest.api.batch_body import read_batch
from earnest.api.contract import BatchRequest, EvaluationRequest
from earnest.api.decode import decode
from earnest.api.errors import BY_STATUS
from earnest.findings import CheckName

FOUNDING = yaml.safe_load((Path(__file__).parents[1] / "data" / "batch-status.openapi.yaml").read_text())
DOCUMENT = openapi.document()
OPERATIONS = [operation for methods in DOCUMENT["paths"].values() for operation in methods.values()]


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]})


def test_the_operations_bear_their_published_names() -> None:
    names = {operation["operationId"] for operation in OPERATIONS}
    assert names >= {"evaluateDataQuality", "evaluateBatch", "getBatchJobStatus"}
    assert len(names) == len(OPERATIONS)


def test_every_founding_schema_has_its_name_fields_and_values_here() -> None:
    ours = DOCUMENT["components"]["schemas"]
    for name, theirs in FOUNDING["components"]["schemas"].items():
        assert set(theirs.get("properties", {})) <= set(ours[name].get("properties", {})), name
        assert set(theirs.get("enum", [])) == set(ours[name].get("enum", [])), name


def test_check_names_are_the_published_ones() -> None:
    assert list(CheckName) == FOUNDING["components"]["schemas"]["QualityIssueType"]["enum"]


def test_every_schema_and_field_is_described() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert schema["description"], name
        assert "\n" not in schema["description"], "one paragraph, without the code's own sections"
        for field, each in schema.get("properties", {}).items():
            assert each["description"], f"{name}.{field}"
            assert "_" not in each["description"], "fields go by their names on the wire"


def test_the_schemas_are_sound_and_refer_to_schemas_that_exist() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    referred = set(re.findall(r"'#/components/schemas/(\w+)'", repr(DOCUMENT)))
    assert referred <= set(DOCUMENT["components"]["schemas"])


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation["operationId"])
def test_examples_fit_their_schemas(operation: dict[str, Any]) -> None:
    contents = [*operation["responses"].values(), *([operation["requestBody"]] if "requestBody" in operation else [])]
    for each in contents:
        for content in each["content"].values():
            if "example" in content and "$ref" in content["schema"]:
                validator(content["schema"]["$ref"].rpartition("/")[2]).validate(content["example"])


def test_the_request_examples_are_read() -> None:
    assert decode(json.dumps(examples.EVALUATION_REQUEST).encode(), EvaluationRequest).part().entries
    assert decode(json.dumps(examples.BATCH_REQUEST).encode(), BatchRequest).batch().respondents


def test_the_example_of_lines_is_read_as_the_same_request() -> None:
    content = DOCUMENT["paths"]["/api/v1/data-quality/batch"]["post"]["requestBody"]["content"]
    lines = BytesIO(content["application/x-ndjson"]["example"].encode())
    batch = read_batch(lines, lines=True, html=False)
    whole = decode(json.dumps(examples.BATCH_REQUEST).encode(), BatchRequest).batch()
    assert (batch.survey, list(batch.respondents)) == (whole.survey, list(whole.respondents))


def test_the_page_shows_every_operation_schema_and_error() -> None:
    page = console.documentation()
    for name in [operation["operationId"] for operation in OPERATIONS] + list(DOCUMENT["components"]["schemas"]):
        assert f'id="{name}"' in page
    for status in BY_STATUS:
        assert f"<code>{status}</code>" in page


def test_the_page_loads_nothing_from_elsewhere() -> None:
    page = console.documentation()
    assert not re.findall(r'(?:src|href)="(?!/|#)', page)
    assert "<script" not in page
    assert "style=" not in page
