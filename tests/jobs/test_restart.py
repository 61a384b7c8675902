"""What a stopped process leaves behind, the next one does."""

import msgspec
import pytest
from tests.jobs.conftest import OpenService, finished
from tests.jobs.tiny import some_respondents, tiny_evaluator

from earnest.checks import EVALUATOR_VERSION
from earnest.errors import EarnestError, ModelUnusable
from earnest.findings import CheckName, JobStatus, RespondentEvaluation
from earnest.jobs.dbos_engine import DbosEngine
from earnest.service import Batch
from earnest.survey import Respondent, Survey
from earnest.text.encoder import OnnxEncoder


def batch(respondents: tuple[Respondent, ...]) -> Batch:
    return Batch(survey=Survey(name="Drinks"), respondents=respondents, wanted=frozenset(CheckName))


def undisturbed(respondents: tuple[Respondent, ...]) -> list[bytes]:
    return [msgspec.json.encode(each) for each in tiny_evaluator().evaluate(Survey(name="Drinks"), respondents)]


def test_chunks_order_and_restarts_do_not_matter(open_service: OpenService) -> None:
    respondents = some_respondents(23)
    service = open_service({"chunk_size": 1000})
    whole = service.submit("t", batch(respondents))
    assert service.page("t", whole).status is JobStatus.QUEUED
    service.close()
    service = open_service({"chunk_size": 4})
    backwards = service.submit("t", batch(respondents[::-1]))
    service.start_worker()
    expected = undisturbed(respondents)
    assert list(finished(service, whole).items) == expected
    assert list(finished(service, backwards).items) == expected[::-1]


def test_two_workers_in_one_process_are_refused(open_service: OpenService) -> None:
    open_service({}).start_worker()
    with pytest.raises(EarnestError, match="already"):
        open_service({}).start_worker()


def test_a_look_that_meets_a_stop_does_no_harm(open_service: OpenService, monkeypatch: pytest.MonkeyPatch) -> None:
    service = open_service({})
    service.start_worker()
    engine = service.engine
    assert isinstance(engine, DbosEngine)
    queue_again = engine._queue_again

    def look(_: object) -> None:
        monkeypatch.setattr(engine, "_queue_again", queue_again)
        engine.take_over(list)

    monkeypatch.setattr(engine, "_queue_again", look)  # the last that a stop does before it has ended
    engine.stop()


def test_a_batch_is_judged_by_the_thresholds_of_who_took_it_in(open_service: OpenService) -> None:
    strict = open_service({"thresholds": {CheckName.SHARED_DUPLICATE: 0.0}})
    job = strict.submit("t", batch(some_respondents(6)))
    lenient = open_service({})
    lenient.start_worker()
    page = finished(lenient, job)
    found = [msgspec.json.decode(item, type=RespondentEvaluation) for item in page.items]
    assert sum(each.num_issues for each in found) == 0  # nothing without a reason code is ever an issue
    assert sum(b'"isIssue":true' in item for item in undisturbed(some_respondents(6))) > 0
    assert lenient.job("t", job).evaluator_versions == (EVALUATOR_VERSION,)


def test_batches_come_in_while_the_model_is_loaded(open_service: OpenService) -> None:
    service = open_service({})
    with service._evaluator_lock:  # as the one has who loads it
        job = service.submit("t", batch(some_respondents(3)))
    assert service.job("t", job).total == 3


def test_a_job_fails_whose_model_is_unusable_and_can_be_resumed(
    open_service: OpenService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(threads: int) -> OnnxEncoder:
        raise ModelUnusable("encoder.onnx is damaged; reinstall Earnest.")

    monkeypatch.setattr(OnnxEncoder, "shipped", refuse)
    service = open_service({})
    usable, service._evaluator = service._evaluator, None
    service.start_worker()
    job = service.submit("t", batch(some_respondents(3)))
    page = finished(service, job)
    assert (page.status, page.job.reason) == (JobStatus.FAILED, "encoder.onnx is damaged; reinstall Earnest.")
    service._evaluator = usable
    service.resume("t", job)
    assert list(finished(service, job).items) == undisturbed(some_respondents(3))
