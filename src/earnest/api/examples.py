"""The examples of the API's documentation. A test reads each of them with the code that reads requests."""

import json
from typing import Any

Example = dict[str, Any]

_QUESTION = "What did you like most about the breakfast bar?"
_CONTEXT = "Which qualities make people buy it again"
_ANSWER = "The oats stayed crunchy and it was not too sweet, so my kids ate it too."
_POOR = "idk good"

EVALUATION_REQUEST: Example = {
    "surveyName": "Breakfast habits",
    "surveyIdentifier": "breakfast-2026",
    "responseIdentifier": "r-1001",
    "surveyEntries": [
        {"question": _QUESTION, "questionIdentifier": "q1", "questionContext": _CONTEXT, "answer": _ANSWER},
        {
            "question": "What would make you eat it more often?",
            "questionIdentifier": "q2",
            "answer": _POOR,
            "keyEvents": [
                {"k": "i", "t": 0, "ht": 84.2, "c": "KeyI"},
                {"k": "d", "t": 131.5, "ht": 77.9, "c": "KeyD"},
            ],
            "pasteEvents": [],
        },
    ],
}
BATCH_REQUEST: Example = {
    "surveyName": "Breakfast habits",
    "surveyIdentifier": "breakfast-2026",
    "callbackUrl": "https://example.com/earnest/done",
    "responses": [
        {
            "responseIdentifier": "r-1001",
            "surveyEntries": [{"question": _QUESTION, "questionIdentifier": "q1", "answer": _ANSWER}],
        },
        {
            "responseIdentifier": "r-1002",
            "surveyEntries": [{"question": _QUESTION, "questionIdentifier": "q1", "answer": _POOR}],
        },
    ],
}
_EVALUATION: Example = {
    "responseIdentifier": "r-1002",
    "numIssues": 1,
    "qualityScore": 61.0,
    "demeritScore": 39.0,
    "evaluations": [
        {
            "surveyEntry": {"question": _QUESTION, "questionIdentifier": "q1", "answer": _POOR},
            "numIssues": 1,
            "hasIssues": True,
            "qualityScore": 61.0,
            "demeritScore": 39.0,
            "qualityIssueChecks": [
                {"type": "Irrelevant", "score": 10.0, "isIssue": False},
                {
                    "type": "Low Effort",
                    "score": 87.33,
                    "isIssue": True,
                    "evidence": "Says that the respondent does not know (“idk”), with a general word of praise.",
                },
            ],
        }
    ],
}
EVALUATION_RESPONSE: Example = _EVALUATION | {"aftercareResponseIdentifier": "123e4567-e89b-12d3-a456-426614174000"}
_JOB = "123e4567-e89b-12d3-a456-426614174000"
BATCH_QUEUED: Example = {"batchJobId": _JOB, "status": "queued", "results": {"items": [], "nextCursor": None}}
BATCH_COMPLETED: Example = {
    "batchJobId": _JOB,
    "status": "completed",
    "results": {"items": [_EVALUATION], "nextCursor": None},
}
_CHANGE: Example = {
    "version": 2,
    "evaluatorVersion": "2026.11.3",
    "evaluatedAt": "2026-11-25T09:30:05.120000Z",
    "cause": f"later answers in job {_JOB}",
    "batchJobId": None,
    "evaluation": _EVALUATION,
}
VERDICTS: Example = {
    "surveyIdentifier": BATCH_REQUEST["surveyIdentifier"],
    "responseIdentifier": _EVALUATION["responseIdentifier"],
    "versions": [
        {
            **_CHANGE,
            "version": 1,
            "evaluatedAt": "2026-11-24T12:00:00.250000Z",
            "cause": "evaluated in a batch",
            "batchJobId": _JOB,
        },
        _CHANGE,
    ],
}
CHANGES: Example = {
    "items": [{**_CHANGE, "responseIdentifier": _EVALUATION["responseIdentifier"]}],
    "nextCursor": "kwGoYjM5ZjA0ZTcB",
}
CALLBACK_LOG: Example = {
    "batchJobId": _JOB,
    "callbackUrl": BATCH_REQUEST["callbackUrl"],
    "webhookId": f"msg_{_JOB}",
    "deliveries": [
        {
            "attempt": 1,
            "triedAt": "2026-11-24T12:00:00.250000Z",
            "tookMs": 184,
            "outcome": "failed",
            "status": 503,
            "reason": "answered 503",
            "nextTryAt": "2026-11-24T12:00:05.634000Z",
        },
        {
            "attempt": 2,
            "triedAt": "2026-11-24T12:00:06.010000Z",
            "tookMs": 97,
            "outcome": "delivered",
            "status": 200,
            "reason": None,
            "nextTryAt": None,
        },
    ],
}
JOB_REPORT: Example = {
    "batchJobId": _JOB,
    "surveyName": BATCH_REQUEST["surveyName"],
    "status": "completed",
    "total": 2,
    "done": 2,
    "failed": 1,
    "createdAt": "2026-11-24T11:59:58.120000Z",
    "finishedAt": "2026-11-24T12:00:00.030000Z",
    "reason": None,
    "evaluatorVersions": ["2026.11.2"],
    "failures": [{"position": 0, "reason": "It ended the process that worked on it"}],
}
JOB_LIST: Example = {"items": [JOB_REPORT | {"failures": []}], "nextCursor": None}


def samples(method: str) -> list[Example]:
    """How to call an operation, with curl and with the Python client."""
    shell, python = _SAMPLES[method]
    return [{"lang": "Shell", "source": shell}, {"lang": "Python", "source": python}]


def _post(path: str, body: Example) -> str:
    shown = json.dumps(body, indent=2, ensure_ascii=False).replace("'", "'\\''")
    return (
        f"curl http://127.0.0.1:8000{path} \\\n"
        '  -H "X-Aftercare-Key: $EARNEST_API_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d '{shown}'"
    )


_SHORT: Example = {"surveyEntries": [{"question": _QUESTION, "answer": _POOR}]}
_SAMPLES = {
    "evaluate": (
        _post("/api/v1/data-quality", _SHORT),
        f'entry = {{"question": "{_QUESTION}", "answer": "{_POOR}"}}\nfound = api.quality.evaluate([entry])',
    ),
    "evaluate_batch": (
        _post("/api/v1/data-quality/batch", {"surveyName": "Breakfast habits", "responses": [_SHORT]}),
        'job = api.quality.evaluate_batch(responses, survey_name="Breakfast habits")',
    ),
    "get_batch_job_status": (
        f'curl "http://127.0.0.1:8000/api/v1/data-quality/batch/{_JOB}?limit=100" \\\n'
        '  -H "X-Aftercare-Key: $EARNEST_API_KEY"',
        "status = api.quality.get_batch_job_status(job.batch_job_id)",
    ),
}
