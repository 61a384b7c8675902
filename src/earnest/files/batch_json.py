"""Batches in JSON: with a response on each line, on their way in; as the published API sends them, on their way out."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from earnest.errors import InvalidInput
from earnest.files.replace import replacing
from earnest.findings import BatchJobResults, DataQualityBatchResponse, JobStatus, RespondentEvaluation
from earnest.review.decisions import Decisions


def write_batch(
    path: Path, job_id: str, evaluations: Sequence[RespondentEvaluation], decisions: Decisions | None = None
) -> None:
    """Write all evaluations, in order, and beside them by respondent what people decided, if they did.

    Raises:
        InvalidInput: the file cannot be written.
    """
    results = BatchJobResults(items=tuple(evaluations), next_cursor=None)
    response = DataQualityBatchResponse(batch_job_id=job_id, status=JobStatus.COMPLETED, results=results)
    with replacing(path, encoding="utf-8") as stream:
        body = msgspec.json.encode(response)
        if decisions:  # one object: the published fields, and ours behind them
            body = body[:-1] + b',"decisions":' + msgspec.json.encode(decisions) + b"}"
        stream.write(body.decode())
        stream.write("\n")


def body_of_lines(lines: bytes, *, survey_name: str) -> bytes:
    """The body of a batch request, from a file with a JSON object on each line.

    The first line has the survey's fields, such as surveyName, and each further line is a response. Where the first
    line is a response as well, the survey has no field but its name.

    Raises:
        InvalidInput: naming the first line that is no JSON object, or because nobody says what the survey is called.
    """
    objects = [line.strip() for line in lines.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    filled = {number: each for number, each in enumerate(objects, start=1) if each}
    for number, each in filled.items():
        try:
            msgspec.json.decode(each, type=dict[str, msgspec.Raw])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise InvalidInput(f"line {number} is not a JSON object; each line needs to be one.") from None
    responses = list(filled.values())
    head: dict[str, msgspec.Raw] = {}
    if responses and "surveyEntries" not in (first := msgspec.json.decode(responses[0], type=dict[str, msgspec.Raw])):
        head, responses = first, responses[1:]
    if survey_name:
        head["surveyName"] = msgspec.Raw(msgspec.json.encode(survey_name))
    elif "surveyName" not in head:
        raise InvalidInput('name the survey with --survey-name, or in a first line {"surveyName": …}.')
    head["responses"] = msgspec.Raw(b"[" + b",".join(responses) + b"]")
    return msgspec.json.encode(head)
