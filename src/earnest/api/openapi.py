"""What the API is, told to machines: the OpenAPI 3.1 document, made from the structs that do the reading and writing.

Schemas, constraints and field descriptions come from `contract.py`, `findings.py` and `survey.py`; only what concerns
whole operations is written here. Operations and schemas bear their published names.
"""

import msgspec

from earnest.api import examples
from earnest.api.auth import KEY_HEADER
from earnest.api.data_quality import IDEMPOTENCY_KEY, LONGEST_KEY, REQUEST_ENCODING, RESPONSE_ENCODING
from earnest.api.errors import BY_STATUS
from earnest.api.schemas import Document, ref, schemas
from earnest.api.stream import LINES
from earnest.store.jobs import MOST_PER_PAGE

KEY: dict[str, list[str]] = {"ApiKeyAuth": []}
WHY = {
    400: "The request cannot be understood; `details` names every bad field.",
    403: "The key is missing or wrong (INVALID_API_KEY), or is not for this (INSUFFICIENT_SCOPE).",
    404: "There is no such thing, or it is not yours.",
    408: "The body arrives too slowly.",
    409: "The Idempotency-Key came with another request before.",
    413: "The body is larger than this installation accepts.",
    415: "The body is of another kind, or compressed in another way.",
    429: "The tenant has asked too often this minute, or for too many respondents today; see Retry-After.",
    431: "The URL and the headers are too long.",
    500: "An unexpected error; `details.reference` finds it in the log.",
    503: "Something that Earnest needs is not usable, and `details` says what; or the server is busy (TOO_BUSY).",
    507: "The disk is full; nothing of the request was kept.",
}
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
            {"name": "Jobs", "description": "What Earnest adds: how jobs and their callbacks fare"},
            {"name": "Verdicts", "description": "What Earnest adds: verdicts that change when others answer alike"},
            {"name": "Service", "description": "Whether this installation is well"},
        ],
        "paths": {
            "/api/v1/data-quality": {"post": _evaluate()},
            "/api/v1/data-quality/batch": {"post": _evaluate_batch()},
            "/api/v1/data-quality/batch/{batchJobId}": {"get": _batch_job_status()},
            "/api/v1/earnest/jobs": {"get": _list_jobs()},
            "/api/v1/earnest/jobs/{batchJobId}": {"get": _get_job()},
            "/api/v1/earnest/jobs/{batchJobId}/cancel": {"post": _cancel_job()},
            "/api/v1/earnest/jobs/{batchJobId}/resume": {"post": _resume_job()},
            "/api/v1/earnest/jobs/{batchJobId}/deliveries": {"get": _list_deliveries()},
            "/api/v1/earnest/jobs/{batchJobId}/redeliver": {"post": _redeliver()},
            "/api/v1/earnest/surveys/{surveyIdentifier}/responses/{responseIdentifier}": {"get": _list_verdicts()},
            "/api/v1/earnest/surveys/{surveyIdentifier}/changes": {"get": _list_changes()},
            "/healthz": {"get": _healthz()},
            "/readyz": {"get": _readyz()},
        },
        "components": {
            "schemas": schemas(),
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
            **_errors(400, 403, 408, 413, 415, 429, 431, 500, 503, 507),
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
            " the `batchJobId`, or name a `callbackUrl`. The body may be compressed (`Content-Encoding: gzip` or"
            " `zstd`), or be lines of JSON: the request without `responses` in the first, one response in each other."
        ),
        "parameters": [_encoding(REQUEST_ENCODING), _encoding(RESPONSE_ENCODING), _idempotency_key()],
        "requestBody": _batch_body(),
        "responses": {
            "202": _json("The job is queued.", "DataQualityBatchResponse", examples.BATCH_QUEUED),
            **_errors(400, 403, 408, 409, 413, 415, 429, 431, 500, 503, 507),
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
            _job_id(),
            _cursor(),
            _limit("as many as the installation is set to (200)"),
            _encoding(RESPONSE_ENCODING),
        ],
        "responses": {
            "200": _json("The job as it stands.", "DataQualityBatchResponse", examples.BATCH_COMPLETED),
            **_errors(400, 403, 404, 429, 431, 500, 503),
        },
        "x-codeSamples": examples.samples("get_batch_job_status"),
    }


def _list_jobs() -> Document:
    return {
        "tags": ["Jobs"],
        "operationId": "listJobs",
        "summary": "List jobs",
        "description": "Tells how your batch jobs stand, the newest first.",
        "parameters": [_cursor(), _limit("50")],
        "responses": {
            "200": _json("Your jobs.", "JobList", examples.JOB_LIST),
            **_errors(400, 403, 429, 431, 500, 503),
        },
    }


def _get_job() -> Document:
    return {
        "tags": ["Jobs"],
        "operationId": "getJob",
        "summary": "See how a job stands",
        "description": "Tells how far a batch job is, which evaluator has judged it, and who could not be judged.",
        "parameters": [_job_id()],
        "responses": {
            "200": _json("How it stands.", "JobReport", examples.JOB_REPORT),
            **_errors(403, 404, 429, 431, 500, 503),
        },
    }


def _cancel_job() -> Document:
    return {
        "tags": ["Jobs"],
        "operationId": "cancelJob",
        "summary": "Cancel a job",
        "description": "Ends a job: what was evaluated is kept, the rest is not, and the job's status is `failed`.",
        "parameters": [_job_id()],
        "responses": {
            "200": _json("It has ended.", "JobReport", examples.JOB_REPORT),
            **_errors(400, 403, 404, 429, 431, 500, 503),
        },
    }


def _resume_job() -> Document:
    return {
        "tags": ["Jobs"],
        "operationId": "resumeJob",
        "summary": "Resume a job",
        "description": (
            "Takes up a job that has failed or was cancelled: what was evaluated stays, the rest is done, and those who"
            " had failed are tried again. Read its pages anew when it has ended."
        ),
        "parameters": [_job_id()],
        "responses": {
            "200": _json("It goes on.", "JobReport", examples.JOB_REPORT),
            **_errors(400, 403, 404, 429, 431, 500, 503),
        },
    }


def _list_deliveries() -> Document:
    return {
        "tags": ["Jobs"],
        "operationId": "listDeliveries",
        "summary": "List a callback's deliveries",
        "description": "Tells how a job's callback fared: every try to post it, and when the next one is due.",
        "parameters": [_job_id()],
        "responses": {
            "200": _json("The tries so far.", "CallbackLog", examples.CALLBACK_LOG),
            **_errors(403, 404, 429, 431, 500, 503),
        },
    }


def _redeliver() -> Document:
    return {
        "tags": ["Jobs"],
        "operationId": "redeliver",
        "summary": "Post a callback again",
        "description": (
            "Queues a job's callback once more, with a schedule of tries of its own and the same `webhook-id`; tries of"
            " the old schedule that were still to come are dropped. Asking again before its first try changes nothing."
        ),
        "parameters": [_job_id()],
        "responses": {
            "202": _json("It is queued; these are the tries so far.", "CallbackLog", examples.CALLBACK_LOG),
            **_errors(400, 403, 404, 429, 431, 500, 503),
        },
    }


def _list_verdicts() -> Document:
    return {
        "tags": ["Verdicts"],
        "operationId": "listVerdicts",
        "summary": "List the verdicts on a response",
        "description": (
            "Tells everything that was found about a response, in versions: at once, in batches, and again when others"
            " answered alike later. The last version counts; the pages of batches stay as they were."
        ),
        "parameters": [
            _in_path("surveyIdentifier", "The survey, as named with its responses."),
            _in_path("responseIdentifier", "The response, as you named it, or as Earnest did where you did not."),
        ],
        "responses": {
            "200": _json("The versions, oldest first.", "ResponseVerdicts", examples.VERDICTS),
            **_errors(403, 404, 429, 431, 500, 503),
        },
    }


def _list_changes() -> Document:
    return {
        "tags": ["Verdicts"],
        "operationId": "listChanges",
        "summary": "List changed verdicts",
        "description": (
            "Tells which verdicts of a survey took the place of earlier ones, oldest first, since others answered alike"
            " later. Keep `nextCursor` and ask again with it: you get what has changed since."
        ),
        "parameters": [
            _in_path("surveyIdentifier", "The survey, as named with its responses."),
            _cursor(),
            _limit("as many as the installation is set to (200)"),
        ],
        "responses": {
            "200": _json("What has changed.", "SurveyChanges", examples.CHANGES),
            **_errors(400, 403, 404, 429, 431, 500, 503),
        },
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


def _job_id() -> Document:
    return _in_path("batchJobId", "The job, as named when it was queued.")


def _in_path(name: str, description: str) -> Document:
    return {"name": name, "in": "path", "required": True, "description": description, "schema": {"type": "string"}}


def _cursor() -> Document:
    said = "`nextCursor` of an earlier page; leave it out for the first."
    return {"name": "cursor", "in": "query", "description": said, "schema": {"type": "string"}}


def _limit(otherwise: str) -> Document:
    return {
        "name": "limit",
        "in": "query",
        "description": f"Most items to return; without it, {otherwise}.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE},
    }


def _encoding(header: str) -> Document:
    whose = "request" if header == REQUEST_ENCODING else "answer"
    return {
        "name": header,
        "in": "header",
        "description": f"How the {whose} writes non-ASCII characters in its strings: as such, or as HTML entities.",
        "schema": {"type": "string", "enum": ["unicode", "html"], "default": "unicode"},
    }


def _idempotency_key() -> Document:
    return {
        "name": IDEMPOTENCY_KEY,
        "in": "header",
        "description": (
            "Your name for this request. Sent again with the same key and body, it is the same job; with another body,"
            " an error. Keys are remembered as long as their jobs."
        ),
        "schema": {"type": "string", "pattern": "^[!-~]([ -~]{0,253}[!-~])?$", "maxLength": LONGEST_KEY},
    }


def _batch_body() -> Document:
    request = examples.BATCH_REQUEST
    lines = [{name: value for name, value in request.items() if name != "responses"}, *request["responses"]]
    body = _body("BatchRequest", request)
    body["content"][LINES] = {
        "schema": {"type": "string", "description": "Lines of JSON: a BatchRequest without responses, then responses."},
        "example": "".join(msgspec.json.encode(each).decode() + "\n" for each in lines),
    }
    return body


def _body(name: str, example: Document) -> Document:
    content = {"schema": ref(name), "example": example}
    return {"required": True, "content": {"application/json": content}}


def _json(description: str, name: str, example: object) -> Document:
    content = {"schema": ref(name), "example": example}
    return {"description": description, "content": {"application/json": content}}


def _errors(*statuses: int) -> Document:
    return {str(status): _json(WHY[status], "Error", msgspec.to_builtins(BY_STATUS[status])) for status in statuses}
