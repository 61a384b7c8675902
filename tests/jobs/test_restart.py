"""What a stopped process leaves behind, the next one does."""

import msgspec
import pytest
from tests.jobs.conftest import OpenService, finished
from tests.jobs.tiny import some_respondents, tiny_evaluator

from earnest.errors import EarnestError
from earnest.findings import CheckName, JobStatus
from earnest.service import Batch
from earnest.survey import Respondent, Survey


def batch(respondents: tuple[Respondent, ...]) -> Batch:
    return Batch(survey=Survey(name="Drinks"), respondents=respondents, wanted=frozenset(CheckName))


def test_chunks_order_and_restarts_do_not_matter(open_service: OpenService) -> None:
    respondents = some_respondents(23)
    service = open_service({"chunk_size": 1000})
    whole = service.submit("t", batch(respondents))
    assert service.page("t", whole).status is JobStatus.QUEUED
    service.close()
    service = open_service({"chunk_size": 4})
    backwards = service.submit("t", batch(respondents[::-1]))
    service.start_worker()
    expected = [msgspec.json.encode(each) for each in tiny_evaluator().evaluate(Survey(name="Drinks"), respondents)]
    assert list(finished(service, whole).items) == expected
    assert list(finished(service, backwards).items) == expected[::-1]


def test_two_workers_in_one_process_are_refused(open_service: OpenService) -> None:
    open_service({}).start_worker()
    with pytest.raises(EarnestError, match="already"):
        open_service({}).start_worker()
