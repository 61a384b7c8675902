"""A huge job does not keep a small one waiting."""

from tests.jobs.conftest import OpenService, finished
from tests.jobs.tiny import some_respondents

from earnest.findings import CheckName
from earnest.service import Batch
from earnest.survey import Survey


def test_a_small_job_that_comes_later_is_done_earlier(open_service: OpenService) -> None:
    service = open_service({"chunk_size": 1})
    huge, small = (
        service.submit(tenant, Batch(survey=Survey(), respondents=some_respondents(count), wanted=frozenset(CheckName)))
        for tenant, count in (("t", 100), ("u", 2))
    )
    service.start_worker()
    finished(service, small, "u")
    assert service.job("t", huge).done == 0
    service.cancel("t", huge)
