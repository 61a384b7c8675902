import pytest
from tests.jobs.tiny import tiny_evaluator

from earnest.service import Service
from earnest.settings import Settings


@pytest.mark.parametrize(("threads", "slots"), [(1, 1), (2, 2), (0, 2)])
def test_who_may_use_one_thread_works_on_one_chunk_at_a_time(database_url: str, threads: int, slots: int) -> None:
    service = Service.open(Settings(database_url=database_url, threads=threads), evaluator=tiny_evaluator())
    try:
        service.start_worker()
        assert [each.slots for each in service.workers.all()] == [slots]
    finally:
        service.close()
