"""Answers that arrive later change earlier verdicts: visibly, once, and no page of a finished job."""

import time
from collections.abc import Callable, Sequence
from uuid import uuid4

import pytest
from msgspec.structs import replace
from tests.jobs.conftest import PATIENCE_S, finished
from tests.jobs.tiny import Stumbling, Witness, tiny_evaluator

from earnest.checks.base import Subject
from earnest.errors import InvalidInput, NotFound
from earnest.findings import CheckName, Finding, RespondentEvaluation
from earnest.jobs.rejudge import Rejudging
from earnest.service import Batch, Part, Service
from earnest.settings import Settings
from earnest.store.base import Errand, Kind
from earnest.store.selection import Selection, Thing
from earnest.store.verdicts import ResponseVerdicts, SurveyChanges
from earnest.survey import Entry, KeyStroke, Respondent, Survey

STORY = "the checkout kept freezing so i gave up and went to the shop in town instead"
NEARLY = STORY.replace("gave up", "gave it up")
OTHER = "my sister drives me there every sunday because the bakery next door has the best rolls"
ALL = frozenset(CheckName)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("earnest.store.late.PAUSE_S", 0.0)


@pytest.fixture
def survey() -> Survey:
    return Survey(identifier=f"shop {uuid4().hex}", name="Shop")


def entry(answer: str) -> Entry:
    return Entry(question="Why?", answer=answer)


def batch(survey: Survey, **answers: str) -> Batch:
    respondents = tuple(Respondent(name, (entry(answer),)) for name, answer in answers.items())
    return Batch(survey=survey, respondents=respondents, wanted=ALL)


def at_once(service: Service, survey: Survey, name: str, answer: str, tenant: str = "t") -> RespondentEvaluation:
    part = Part(survey=survey, entries=(entry(answer),), wanted=ALL, response_identifier=name)
    return service.evaluate(tenant, part).evaluation


def eventually(find: Callable[[], ResponseVerdicts], versions: int) -> ResponseVerdicts:
    deadline = time.monotonic() + PATIENCE_S
    while len((found := find()).versions) < versions:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def verdicts(service: Service, survey: Survey, name: str, versions: int) -> ResponseVerdicts:
    return eventually(lambda: service.verdicts("t", str(survey.identifier), name), versions)


def issues(found: ResponseVerdicts) -> list[int]:
    return [each.evaluation.num_issues for each in found.versions]


def changes(service: Service, survey: Survey, cursor: str | None = None) -> SurveyChanges:
    return service.changes("t", str(survey.identifier), cursor=cursor)


def test_a_copy_that_comes_a_day_later_flags_both_and_no_page_changes(working: Service, survey: Survey) -> None:
    first = working.submit("t", batch(survey, ann=STORY, bob=OTHER))
    before = finished(working, first)
    assert changes(working, survey).items == ()
    second = working.submit("t", batch(survey, cid=NEARLY))
    [cid] = finished(working, second).items
    assert b'"numIssues":1' in cid

    ann = verdicts(working, survey, "ann", 2)
    assert issues(ann) == [0, 1]
    assert [each.version for each in ann.versions] == [1, 2]
    assert [each.batch_job_id for each in ann.versions] == [first, None]
    assert [each.cause for each in ann.versions] == ["evaluated in a batch", f"later answers in job {second}"]
    assert all(each.evaluator_version for each in ann.versions)
    assert finished(working, first).items == before.items
    assert issues(verdicts(working, survey, "bob", 1)) == [0]
    assert issues(verdicts(working, survey, "cid", 1)) == [1]


def test_whoever_asks_hears_of_each_change_once(working: Service, survey: Survey) -> None:
    assert at_once(working, survey, "ann", STORY).num_issues == 0
    assert at_once(working, survey, "bob", OTHER).num_issues == 0
    start = changes(working, survey)
    assert start.items == ()
    assert at_once(working, survey, "cid", NEARLY).num_issues == 1
    ann = verdicts(working, survey, "ann", 2)
    assert [each.cause for each in ann.versions] == ["evaluated at once", "a later answer"]

    first = changes(working, survey, start.next_cursor)
    [change] = first.items
    assert (change.response_identifier, change.version, change.evaluation) == ("ann", 2, ann.versions[1].evaluation)
    assert changes(working, survey, first.next_cursor).items == ()

    at_once(working, survey, "dan", OTHER)
    verdicts(working, survey, "bob", 2)
    [change] = changes(working, survey, first.next_cursor).items
    assert change.response_identifier == "bob"
    assert [each.response_identifier for each in changes(working, survey).items] == ["ann", "bob"]


def test_the_order_of_arrival_does_not_matter_in_the_end(working: Service) -> None:
    answers = {"ann": STORY, "bob": NEARLY, "cid": OTHER}
    ends = []
    for order in (["ann", "bob", "cid"], ["cid", "bob", "ann"]):
        survey = Survey(identifier=f"order {uuid4().hex}")
        for name in order:
            at_once(working, survey, name, answers[name])
        flagged = order[0] if order[0] != "cid" else "bob"
        verdicts(working, survey, flagged, 2)
        newest = [verdicts(working, survey, name, 1).versions[-1].evaluation for name in answers]
        ends.append([(each.num_issues, each.quality_score) for each in newest])
    assert ends[0] == ends[1]
    assert [issues for issues, _ in ends[0]] == [1, 1, 0]


def test_the_same_job_needs_no_second_look(working: Service, survey: Survey) -> None:
    job = working.submit("t", batch(survey, ann=STORY, bob=NEARLY, cid=STORY))
    finished(working, job)
    time.sleep(0.3)
    assert [len(verdicts(working, survey, name, 1).versions) for name in ("ann", "bob", "cid")] == [1, 1, 1]


def test_short_answers_that_coincide_make_nobody_look_again(working: Service, survey: Survey) -> None:
    for i in range(5):
        at_once(working, survey, f"r{i}", "good service")
    time.sleep(0.3)
    assert changes(working, survey).items == ()


def test_whoever_cannot_be_judged_again_keeps_the_verdict(working: Service, survey: Survey) -> None:
    stumbling = working.evaluator.checks[0]
    assert isinstance(stumbling, Stumbling)
    stumbling.broken = False
    at_once(working, survey, "broken", STORY)
    at_once(working, survey, "ann", STORY)
    verdicts(working, survey, "broken", 2)
    stumbling.broken = True
    at_once(working, survey, "bob", STORY)
    verdicts(working, survey, "ann", 2)
    assert len(verdicts(working, survey, "broken", 2).versions) == 2


class Typed(Witness):
    """Flags whoever's keys were recorded."""

    name = CheckName.LLM_GENERATED

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        return [Finding(type=self.name, score=90.0, is_issue=True) if each.typing else None for each in subjects]


def test_what_rested_on_key_events_stays_when_they_are_deleted(database_url: str, survey: Survey) -> None:
    service = Service.open(Settings(database_url=database_url), evaluator=tiny_evaluator(Typed(), Witness()))
    keys = (KeyStroke(key="a", down_ms=0, hold_ms=80, code="KeyA"),)
    typed = replace(entry(STORY), key_events=keys)
    ann = Part(survey=survey, entries=(typed,), wanted=ALL, response_identifier="ann")
    assert service.evaluate("t", ann).evaluation.num_issues == 1
    assert service.purge.typing(Selection(survey=str(survey.identifier)))[Thing.TYPED] == 1

    at_once(service, survey, "bob", STORY)
    Rejudging(service._store, lambda: service.evaluator).do(Errand(Kind.REJUDGE, "again", 1))
    found = verdicts(service, survey, "ann", 2)
    flagged = [
        {each.type for each in version.evaluation.evaluations[0].quality_issue_checks if each.is_issue}
        for version in found.versions
    ]
    assert flagged == [{CheckName.LLM_GENERATED}, {CheckName.LLM_GENERATED, CheckName.SHARED_DUPLICATE}]
    assert issues(found) == [1, 2]
    service.close()


def test_other_tenants_see_and_change_nothing(working: Service, survey: Survey) -> None:
    at_once(working, survey, "ann", STORY)
    cursor = changes(working, survey).next_cursor
    name = str(survey.identifier)
    for ask in (
        lambda: working.verdicts("foreign", name, "ann"),
        lambda: working.changes("foreign", name),
        lambda: working.verdicts("t", name, "nobody"),
        lambda: working.verdicts("t", "no such survey", "ann"),
    ):
        with pytest.raises(NotFound):
            ask()
    assert at_once(working, survey, "bob", STORY, tenant="foreign").num_issues == 0
    with pytest.raises(InvalidInput):
        working.changes("foreign", name, cursor=cursor)
    assert working.changes("foreign", name).items == ()
    assert len(verdicts(working, survey, "ann", 1).versions) == 1
