"""What the API and the command line rely on; batches are in tests/jobs."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.jobs.tiny import some_respondents, tiny_evaluator

from earnest.errors import InvalidInput, InvalidKey, NotFound
from earnest.evaluate import Evaluator
from earnest.findings import CheckName, JobStatus
from earnest.service import Batch, Part, PartEvaluation, Service
from earnest.settings import Settings
from earnest.survey import Entry, Respondent, Survey

ALL = frozenset(CheckName)
ONE = Entry(question="Why do you like it?", answer="Because my family and I like the taste of it so much")
TWO = Entry(question="What else?", answer="The bottle is easy to open", question_identifier="else")


@pytest.fixture
def evaluator() -> Evaluator:
    return tiny_evaluator()


@pytest.fixture
def service(tmp_path: Path, evaluator: Evaluator) -> Iterator[Service]:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'earnest.db'}", api_key="a-first-key-of-some-length")
    service = Service.open(settings, evaluator=evaluator)
    yield service
    service.close()


def evaluate(
    service: Service, *entries: Entry, survey: str | None = "s", response: str | None = None, ours: str | None = None
) -> PartEvaluation:
    part = Part(
        survey=Survey(identifier=survey),
        entries=entries,
        wanted=ALL,
        response_identifier=response,
        aftercare_response_identifier=ours,
    )
    return service.evaluate("t", part)


def evidence(found: PartEvaluation) -> list[str]:
    return [str(each.quality_issue_checks[0].evidence) for each in found.evaluation.evaluations]


def batch(*respondents: Respondent, callback_url: str | None = None) -> Batch:
    return Batch(survey=Survey(name="Drinks"), respondents=respondents, wanted=ALL, callback_url=callback_url)


def test_one_respondent_is_judged_as_the_library_does(service: Service, evaluator: Evaluator) -> None:
    for survey in ("s", None):
        found = evaluate(service, ONE, TWO, survey=survey, response="r1")
        [expected] = evaluator.evaluate(Survey(identifier=survey), [Respondent("r1", (ONE, TWO))])
        assert found.evaluation == expected
        assert found.response_identifier == "r1"


def test_a_response_may_arrive_in_parts(service: Service, evaluator: Evaluator) -> None:
    first = evaluate(service, ONE)
    second = evaluate(service, TWO, ours=first.aftercare_response_identifier)
    assert first.response_identifier is second.response_identifier is None
    assert first.aftercare_response_identifier == second.aftercare_response_identifier
    [expected] = evaluator.evaluate(
        Survey(identifier="s"), [Respondent(first.aftercare_response_identifier, (TWO,), earlier=(ONE,))]
    )
    assert second.evaluation == expected


def test_neither_a_repeated_nor_a_corrected_part_is_held_against_its_author(service: Service) -> None:
    first = evaluate(service, ONE, response="r1")
    again = evaluate(service, ONE, response="r1")
    assert again.evaluation == first.evaluation
    corrected = msgspec.structs.replace(ONE, answer=ONE.answer + " and yes the bottle too")
    assert evidence(evaluate(service, corrected, response="r1"))[0].startswith("0 siblings")
    assert evidence(evaluate(service, TWO, response="r1"))[0].startswith("1 siblings")


def test_a_survey_remembers_across_requests(service: Service) -> None:
    evaluate(service, ONE, response="r1")
    score = [
        found.evaluation.evaluations[0].quality_issue_checks[0].score
        for found in (
            evaluate(service, ONE, response="r2"),
            evaluate(service, ONE, response="r3"),
            evaluate(service, ONE, response="r3", survey="another"),
            evaluate(service, ONE, response="r3", survey=None),
            service.evaluate("another tenant", Part(survey=Survey(identifier="s"), entries=(ONE,), wanted=ALL)),
        )
    ]
    assert score == [10, 20, 0, 0, 0]


def test_faults_are_named(service: Service) -> None:
    long = "x" * 501
    with pytest.raises(InvalidInput) as refused:
        evaluate(service, response=long, ours=long)
    assert set(refused.value.details) == {"surveyEntries", "responseIdentifier", "aftercareResponseIdentifier"}
    with pytest.raises(InvalidInput) as refused:
        service.submit("t", batch())
    assert set(refused.value.details) == {"responses"}
    with pytest.raises(InvalidInput) as refused:
        service.submit("t", batch(Respondent(long, (ONE,)), Respondent("r2", ()), callback_url="ftp://example.org/"))
    assert set(refused.value.details) == {
        "responses[0].responseIdentifier",
        "responses[1].surveyEntries",
        "callbackUrl",
    }


def test_keys(service: Service) -> None:
    key = service.create_key("laptop", tenant="acme")
    assert service.tenant_of(key) == "acme"
    assert service.tenant_of("a-first-key-of-some-length") == "default"
    for unknown in (None, "", "a-first-key-of-some-lengtH", "\ud800", key[:-1]):
        with pytest.raises(InvalidKey):
            service.tenant_of(unknown)
    [listed] = service.list_keys()
    service.revoke_key(listed.id)
    with pytest.raises(InvalidKey):
        service.tenant_of(key)
    with pytest.raises(NotFound):
        service.revoke_key("unknown")
    for tenant in ("", "x" * 101):
        with pytest.raises(InvalidInput):
            service.create_key("laptop", tenant=tenant)


def test_what_was_evaluated_elsewhere_can_be_kept(service: Service, evaluator: Evaluator) -> None:
    respondents = some_respondents(3)
    evaluations = evaluator.evaluate(Survey(name="Drinks"), respondents)
    job = service.keep("t", batch(*respondents), evaluations)
    page = service.page("t", job)
    assert [msgspec.json.decode(item, type=type(evaluations[0])) for item in page.items] == evaluations
    [kept] = service.list_jobs("t").items
    assert (kept.batch_job_id, kept.status, kept.survey_name) == (job, JobStatus.COMPLETED, "Drinks")


def test_a_page_without_limit_is_as_long_as_the_settings_say(tmp_path: Path, evaluator: Evaluator) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'earnest.db'}", page_size=2)
    service = Service.open(settings, evaluator=evaluator)
    respondents = some_respondents(3)
    job = service.keep("t", batch(*respondents), evaluator.evaluate(Survey(), respondents))
    assert [len(service.page("t", job, limit=limit).items) for limit in (None, 3)] == [2, 3]
    service.close()


def test_health(service: Service, tmp_path: Path) -> None:
    assert service.health() == {"database": "ok", "migrations": "ok", "model": "ok"}
    connection = sqlite3.connect(tmp_path / "earnest.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    found = service.health()
    assert "upgrade Earnest" in found["database"]
    assert found["model"] == "ok"


def test_keys_need_neither_model_nor_engine(tmp_path: Path) -> None:
    asked = (
        "from earnest.service import Service; from earnest.settings import Settings; import sys\n"
        f"Service.open(Settings(database_url='sqlite:///{tmp_path / 'earnest.db'}')).create_key('laptop')\n"
        "print('dbos' in sys.modules)"
    )
    seen = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert seen.stdout.split() == ["False"]
