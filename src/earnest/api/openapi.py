"""What the API is, told to machines: the OpenAPI 3.1 document, made from the structs that do the reading and writing.

Schemas, constraints and field descriptions come from `contract.py`, `findings.py` and `survey.py`; only what concerns
whole operations is written here. Operations and schemas bear their published names.
"""

import inspect
import re
from typing import Any

import msgspec

from earnest.api import contract, examples
from earnest.api.auth import KEY_HEADER
from earnest.api.data_quality import REQUEST_ENCODING, RESPONSE_ENCODING
from earnest.api.errors import BY_STATUS
from earnest.findings import (
    BatchJobResults,
    CheckName,
    DataQualityBatchResponse,
    EntryEvaluation,
    EvaluationResponse,
    Finding,
    JobStatus,
    RespondentEvaluation,
)
from earnest.store.jobs import MOST_PER_PAGE
from earnest.survey import Entry, KeyStroke, Paste

Document = dict[str, Any]

PUBLISHED_NAMES = {
    CheckName: "QualityIssueType",
    Entry: "SurveyEntry",  # what comes back of an entry is an entry
    EntryEvaluation: "SurveyEntryEvaluation",
    Finding: "QualityIssueCheck",
    JobStatus: "BatchJobStatus",
    KeyStroke: "SurveyEntryKeyStroke",
    Paste: "SurveyEntryPaste",
}
STRUCTS = (
    contract.EvaluationRequest,
    EvaluationResponse,
    contract.BatchRequest,
    contract.SurveyResponse,
    contract.SurveyEntry,
    BatchJobResults,
    DataQualityBatchResponse,
    contract.Error,
    RespondentEvaluation,
    EntryEvaluation,
    Finding,
    KeyStroke,
    Paste,
)
KEY: dict[str, list[str]] = {"ApiKeyAuth": []}
WHY = {
    400: "The request cannot be understood; `details` names every bad field.",
    403: "The key is missing or wrong.",
    404: "There is no such thing, or it is not yours.",
    413: "The body is larger than this installation accepts.",
    415: "The body is not plain JSON.",
    500: "An unexpected error; `details.reference` finds it in the log.",
    503: "Something that Earnest needs is not usable; `details` says what, and how to mend it.",
}
_SNAKE = re.compile("[a-z]+(?:_[a-z]+)+")
OVERVIEW = """\
Earnest tells which answers to open-ended survey questions were not given in earnest, and why. It speaks the Aftercare
data-quality API: a client written for that one works here after changing the base URL and the key. Every check runs on
this machine.

Send your key in the header `X-Aftercare-Key`. `null` counts as absent, and fields that are not described are ignored.
With `X-Request-Encoding: html` the HTML entities in your strings are decoded before anything else happens; with
`X-Response-Encoding: html` non-ASCII characters come back as entities."""


def document() -> Document:
    """The OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Earnest",
            "version": "1.0.0",
            "description": OVERVIEW,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This installation"}],
        "security": [KEY],
        "tags": [
            {"name": "Data Quality", "description": "Which answers were not given in earnest, and why"},
            {"name": "Service", "description": "Whether this installation is well"},
        ],
        "paths": {
            "/api/v1/data-quality": {"post": _evaluate()},
            "/api/v1/data-quality/batch": {"post": _evaluate_batch()},
            "/api/v1/data-quality/batch/{batchJobId}": {"get": _batch_job_status()},
            "/healthz": {"get": _healthz()},
            "/readyz": {"get": _readyz()},
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"ApiKeyAuth": {"type": "apiKey", "in": "header", "name": KEY_HEADER}},
        },
    }


def _evaluate() -> Document:
    return {
        "tags": ["Data Quality"],
        "operationId": "evaluateDataQuality",
        "summary": "Evaluate one respondent",
        "description": (
            "Judges one respondent's answers at once. With a `surveyIdentifier` they are compared with all answers that"
            " arrived for that survey. A response may arrive in parts: send the `aftercareResponseIdentifier` of the"
            " first part, or your own `responseIdentifier`, with each further one, and repeated answers are found"
            " across them."
        ),
        "parameters": [_encoding(REQUEST_ENCODING), _encoding(RESPONSE_ENCODING)],
        "requestBody": _body("EvaluationRequest", examples.EVALUATION_REQUEST),
        "responses": {
            "200": _json("The evaluation.", "EvaluationResponse", examples.EVALUATION_RESPONSE),
            **_errors(400, 403, 413, 415, 500),
        },
        "x-codeSamples": examples.samples("evaluate"),
    }


def _evaluate_batch() -> Document:
    return {
        "tags": ["Data Quality"],
        "operationId": "evaluateBatch",
        "summary": "Evaluate a survey",
        "description": (
            "Keeps a survey's respondents and queues their evaluation, which compares each of them with all others."
            " When the answer arrives, nothing can be lost any more, not even by a restart. Ask for the results with"
            " the `batchJobId`, or name a `callbackUrl`."
        ),
        "parameters": [_encoding(REQUEST_ENCODING), _encoding(RESPONSE_ENCODING)],
        "requestBody": _body("BatchRequest", examples.BATCH_REQUEST),
        "responses": {
            "202": _json("The job is queued.", "DataQualityBatchResponse", examples.BATCH_QUEUED),
            **_errors(400, 403, 413, 415, 500),
        },
        "x-codeSamples": examples.samples("evaluate_batch"),
    }


def _batch_job_status() -> Document:
    return {
        "tags": ["Data Quality"],
        "operationId": "getBatchJobStatus",
        "summary": "Get batch job status",
        "description": (
            "Tells how far a batch is and hands out a page of its results, in the order of submission. Ask again with"
            " `nextCursor` until it is null; while a job runs, a page may be empty. A page once returned never changes."
        ),
        "parameters": [
            {
                "name": "batchJobId",
                "in": "path",
                "required": True,
                "description": "The job, as named when it was queued.",
                "schema": {"type": "string"},
            },
            {
                "name": "cursor",
                "in": "query",
                "description": "`nextCursor` of an earlier page; leave it out for the first.",
                "schema": {"type": "string"},
            },
            {
                "name": "limit",
                "in": "query",
                "description": "Most items to return; without it, as many as the installation is set to (200).",
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE},
            },
            _encoding(RESPONSE_ENCODING),
        ],
        "responses": {
            "200": _json("The job as it stands.", "DataQualityBatchResponse", examples.BATCH_COMPLETED),
            **_errors(400, 403, 404, 500),
        },
        "x-codeSamples": examples.samples("get_batch_job_status"),
    }


def _healthz() -> Document:
    ok = {"type": "object", "required": ["status"], "properties": {"status": {"const": "ok"}}}
    return {
        "tags": ["Service"],
        "operationId": "isAlive",
        "summary": "Is the process alive?",
        "description": "Answers without a key and without touching anything else.",
        "security": [],
        "responses": {"200": {"description": "It is.", "content": {"application/json": {"schema": ok}}}},
    }


def _readyz() -> Document:
    parts = {"type": "object", "additionalProperties": {"type": "string"}}
    return {
        "tags": ["Service"],
        "operationId": "isReady",
        "summary": "Can it do its work?",
        "description": "Looks at the database and the model. Answers without a key.",
        "security": [],
        "responses": {
            "200": {"description": "It can.", "content": {"application/json": {"schema": parts}}},
            **_errors(500, 503),
        },
    }


def _encoding(header: str) -> Document:
    whose = "request" if header == REQUEST_ENCODING else "answer"
    return {
        "name": header,
        "in": "header",
        "description": f"How the {whose} writes non-ASCII characters in its strings: as such, or as HTML entities.",
        "schema": {"type": "string", "enum": ["unicode", "html"], "default": "unicode"},
    }


def _body(name: str, example: Document) -> Document:
    content = {"schema": _ref(name), "example": example}
    return {"required": True, "content": {"application/json": content}}


def _json(description: str, name: str, example: object) -> Document:
    content = {"schema": _ref(name), "example": example}
    return {"description": description, "content": {"application/json": content}}


def _errors(*statuses: int) -> Document:
    return {str(status): _json(WHY[status], "Error", msgspec.to_builtins(BY_STATUS[status])) for status in statuses}


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> Document:
    """The structs' schemas under their published names, with descriptions from their docstrings."""
    _, schemas = msgspec.json.schema_components(STRUCTS, ref_template="#/components/schemas/{name}")
    for struct in STRUCTS:
        described = _described(struct)
        schema = schemas[struct.__name__]
        for field in msgspec.structs.fields(struct):
            schema["properties"][field.encode_name]["description"] = described[field.name]
        required_first = dict.fromkeys([*schema.get("required", []), *schema["properties"]])
        schema["properties"] = {name: schema["properties"][name] for name in required_first}
    for schema in schemas.values():
        schema["description"] = schema.get("description", "").partition("Attributes:")[0].strip()
        del schema["title"]  # the name of our class
    for request in ("EvaluationRequest", "BatchRequest"):
        issues = schemas[request]["properties"]["qualityIssues"]
        issues["anyOf"] = [{"type": "array", "items": _ref("CheckName")}, {"type": "null"}]
        issues["description"] += " Names of older clients and any case are accepted too."
    return _published(schemas)


def _described(struct: type[msgspec.Struct]) -> dict[str, str]:
    """The `Attributes:` section of a docstring, by attribute."""
    section = (inspect.getdoc(struct) or "").partition("Attributes:\n")[2]
    found = re.findall(r"^    (\w+): (.+(?:\n     .+)*)", section, re.MULTILINE)
    return {name: _SNAKE.sub(_camel, re.sub(r"\s+", " ", text)) for name, text in found}


def _camel(name: re.Match[str]) -> str:
    first, *rest = name.group().split("_")
    return first + "".join(map(str.capitalize, rest))


def _published(schemas: Document) -> Document:
    """The same under the published names, references included."""
    ours = {kind.__name__: name for kind, name in PUBLISHED_NAMES.items()}
    text = msgspec.json.encode({name: schema for name, schema in schemas.items() if name != Entry.__name__}).decode()
    for old, new in ours.items():
        text = text.replace(f'#/components/schemas/{old}"', f'#/components/schemas/{new}"')
    renamed: Document = msgspec.json.decode(text)
    return dict(sorted((ours.get(name, name), schema) for name, schema in renamed.items()))
