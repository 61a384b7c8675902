"""Evaluations as the published API sends them: one `DataQualityBatchResponse` with every item on one page."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from earnest.files.replace import replacing
from earnest.findings import BatchJobResults, DataQualityBatchResponse, JobStatus, RespondentEvaluation


def write_batch(path: Path, job_id: str, evaluations: Sequence[RespondentEvaluation]) -> None:
    """Write all evaluations, in order.

    Raises:
        InvalidInput: the file cannot be written.
    """
    results = BatchJobResults(items=tuple(evaluations), next_cursor=None)
    response = DataQualityBatchResponse(batch_job_id=job_id, status=JobStatus.COMPLETED, results=results)
    with replacing(path, encoding="utf-8") as stream:
        stream.write(msgspec.json.encode(response).decode())
        stream.write("\n")
