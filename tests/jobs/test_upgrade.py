"""A database of the release before, with a job half done, is brought up to date and the job completes."""

import gzip
import re
import sqlite3
from pathlib import Path

import msgspec
import pytest
from tests.jobs.conftest import finished, open_on
from tests.jobs.tiny import some_respondents, tiny_evaluator

from earnest.findings import JobStatus, RespondentEvaluation
from earnest.survey import Survey

DUMP = Path(__file__).parents[1] / "data" / "database-0001.sql.gz"
DONE, HALF_DONE = "64deaef8-0d70-419d-9cb1-374e9c89b479", "a9815f08-9616-4ab5-9d70-e0bce9d45a95"
"""Five respondents, and 23 in chunks of four; its worker was killed over the third of them."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    path = tmp_path / "earnest.db"
    connection = sqlite3.connect(path)
    connection.executescript(gzip.decompress(DUMP.read_bytes()).decode())
    connection.close()
    return f"sqlite:///{path}"


def said(item: bytes) -> RespondentEvaluation:
    """What an evaluation says, but for the digest of all that the witness saw: that may change between releases."""
    return msgspec.json.decode(re.sub(rb"siblings, \w+", b"siblings", item), type=RespondentEvaluation)


def test_a_job_of_the_release_before_completes(url: str) -> None:
    service = open_on(url, {})
    before = service.page("t", HALF_DONE)
    assert (before.status, before.job.done, before.job.failed) == (JobStatus.PROCESSING, 8, 0)
    done = service.page("t", DONE)
    assert (done.status, len(done.items), service.job("t", DONE).evaluator_versions) == (JobStatus.COMPLETED, 5, ())
    service.start_worker()
    page = finished(service, HALF_DONE)
    expected = tiny_evaluator().evaluate(Survey(name="Drinks"), some_respondents(23))
    assert (page.status, page.job.failed) == (JobStatus.COMPLETED, 0)
    assert [said(item) for item in page.items] == [said(msgspec.json.encode(each)) for each in expected]
    service.close()
