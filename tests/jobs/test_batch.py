"""Batches on the durable engine, in this process."""

import logging
import time

import msgspec
import pytest
from tests.jobs.conftest import finished
from tests.jobs.tiny import Stumbling, some_respondents, tiny_evaluator

from earnest.errors import InvalidInput
from earnest.findings import CheckName, JobStatus, RespondentEvaluation
from earnest.service import Batch, Part, Service
from earnest.survey import Entry, Respondent, Survey

SURVEY = Survey(name="Drinks")
ALL = frozenset(CheckName)


def undisturbed(respondents: tuple[Respondent, ...]) -> list[bytes]:
    return [msgspec.json.encode(each) for each in tiny_evaluator().evaluate(SURVEY, respondents)]


def batch(respondents: tuple[Respondent, ...], survey: Survey = SURVEY) -> Batch:
    return Batch(survey=survey, respondents=respondents, wanted=ALL)


def test_a_batch_says_what_the_library_says_and_a_poller_sees_it_grow(working: Service) -> None:
    respondents = some_respondents(23)
    job = working.submit("t", batch(respondents))
    seen: list[bytes] = []
    page = working.page("t", job, limit=7)
    while page.next_cursor is not None:
        seen += page.items
        time.sleep(0.02)
        page = working.page("t", job, cursor=page.next_cursor, limit=7)
    assert [*seen, *page.items] == undisturbed(respondents)
    assert page.status is JobStatus.COMPLETED
    assert all(b"1 siblings" in item for item in seen)


def test_a_chunk_that_stumbles_is_tried_again(working: Service, caplog: pytest.LogCaptureFixture) -> None:
    respondents = (*some_respondents(7), Respondent("once", some_respondents(1)[0].entries))
    page = finished(working, working.submit("t", batch(respondents)))
    assert (page.status, list(page.items)) == (JobStatus.COMPLETED, undisturbed(respondents))
    [message] = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert "KeyError" in message
    assert "family" not in caplog.text  # nor anything else of an answer


def test_who_always_stumbles_fails_alone_and_visibly(working: Service, caplog: pytest.LogCaptureFixture) -> None:
    respondents = (*some_respondents(7), Respondent("always", some_respondents(1)[0].entries))
    job = working.submit("t", batch(respondents))
    page = finished(working, job)
    assert (page.status, page.job.done, page.job.failed, page.job.reason) == (JobStatus.COMPLETED, 8, 1, None)
    *others, last = page.items
    assert others == undisturbed(respondents)[:7]
    unjudged = msgspec.json.decode(last, type=RespondentEvaluation)
    assert (unjudged.response_identifier, unjudged.quality_score, unjudged.num_issues) == ("always", 100, 0)
    assert [each.quality_issue_checks for each in unjudged.evaluations] == [(), ()]
    [failure] = working.job("t", job).failures
    assert failure.position == 7
    assert "KeyError" in failure.reason
    assert "respondent 7" in caplog.text
    assert "family" not in caplog.text + failure.reason


def test_who_cannot_be_observed_fails_alone(working: Service) -> None:
    poison = Entry(question="Why?", answer="unreadable")
    respondents = (*some_respondents(7), Respondent("r7", (poison,)))
    page = finished(working, working.submit("t", batch(respondents)))
    assert (page.status, page.job.done, page.job.failed) == (JobStatus.COMPLETED, 8, 1)
    assert list(page.items[:7]) == undisturbed(respondents[:7])


def test_where_nearly_all_fail_the_job_fails_and_can_be_resumed(working: Service) -> None:
    respondents = tuple(Respondent(f"broken {each.identifier}", each.entries) for each in some_respondents(14))
    job = working.submit("t", batch(respondents))
    page = finished(working, job)
    assert (page.status, page.job.failed) == (JobStatus.FAILED, 11)
    assert "11 respondents could not be judged" in str(page.job.reason)
    Stumbling.broken = False
    try:
        assert working.resume("t", job).status is JobStatus.PROCESSING
        page = finished(working, job)
    finally:
        Stumbling.broken = True
    assert (page.status, page.job.failed, list(page.items)) == (JobStatus.COMPLETED, 0, undisturbed(respondents))


def test_a_cancelled_job_keeps_what_it_has_and_can_be_resumed(working: Service) -> None:
    respondents = some_respondents(60)
    job = working.submit("t", batch(respondents))
    cancelled = working.cancel("t", job)
    assert (cancelled.status, cancelled.reason) == (JobStatus.FAILED, "Cancelled")
    assert working.cancel("t", job) == cancelled
    time.sleep(0.3)  # what ran when it was cancelled changes nothing any more
    assert working.job("t", job) == cancelled
    working.resume("t", job)
    page = finished(working, job)
    assert (page.status, list(page.items)) == (JobStatus.COMPLETED, undisturbed(respondents))
    with pytest.raises(InvalidInput):
        working.cancel("t", job)
    with pytest.raises(InvalidInput):
        working.resume("t", job)


def test_surveys_of_different_batches_do_not_mix_unless_named(working: Service) -> None:
    respondents = some_respondents(6)
    renamed = tuple(Respondent(f"other {each.identifier}", each.entries) for each in respondents)
    named = Survey(identifier="named")
    finished(working, working.submit("t", batch(respondents, named)))
    alone, together = working.submit("t", batch(renamed)), working.submit("t", batch(renamed, named))
    foreign = working.submit("another", batch(renamed, named))

    def copies(job: str, tenant: str = "t") -> list[float]:
        read = msgspec.json.Decoder(RespondentEvaluation)
        return [
            entry.quality_issue_checks[0].score
            for item in finished(working, job, tenant).items
            for entry in read.decode(item).evaluations
            if entry.survey_entry.answer.startswith("nothing")
        ]

    assert copies(alone) == copies(foreign, "another") == [10.0, 10.0]
    assert copies(together) == [30.0, 30.0]


def test_a_part_sent_later_is_judged_with_its_batch(working: Service) -> None:
    survey = Survey(identifier="later")
    finished(working, working.submit("t", batch(some_respondents(6), survey)))
    part = Part(
        survey=survey,
        entries=(Entry(question="And why not?", answer="It is far too sweet for me"),),
        wanted=ALL,
        response_identifier="r1",
    )
    [entry] = working.evaluate("t", part).evaluation.evaluations
    assert str(entry.quality_issue_checks[0].evidence).startswith("2 siblings")


def test_the_numbers_of_a_job_are_kept_as_it_is_judged(working: Service) -> None:
    job = working.submit("t", batch(some_respondents(12)))
    page = finished(working, job)
    ledger = working.results.ledger("t", job)
    scores = [msgspec.json.decode(item, type=RespondentEvaluation).demerit_score for item in page.items]
    assert ledger.positions.tolist() == list(range(12))
    assert ledger.demerits == pytest.approx(scores, abs=0.01)
