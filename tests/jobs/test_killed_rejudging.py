"""kill -9 of the worker in the middle of judging again: everybody has one new verdict in the end, and one change."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from dbos import WorkflowStatus
from tests.jobs.conftest import OpenService, finished
from tests.jobs.test_rejudge import STORY, at_once, batch, changes, issues, verdicts
from tests.jobs.test_takeover import wait_until

from earnest.jobs import watch
from earnest.jobs.dbos_engine import DbosEngine
from earnest.service import Service
from earnest.survey import Survey

ROOT = Path(__file__).parents[2]
SURVEY = Survey(identifier="shop", name="Shop")
EARLIER = ["r0", "r1", "r2", "r3"]  # twice as many as a doomed worker judges in one go


def left_to_do(service: Service) -> list[WorkflowStatus]:
    """What is queued or begun."""
    assert isinstance(service.engine, DbosEngine)
    return service.engine._client.list_workflows(status=["ENQUEUED", "PENDING"])


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["judged", "settling", "settled"])
def test_who_was_being_judged_again_has_one_new_version(
    database_url: str, open_service: OpenService, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("earnest.store.late.PAUSE_S", 0.0)
    monkeypatch.setattr(watch, "LOOK_S", 0.2)
    service = open_service({})  # the API that accepts; it does not work yet
    job = service.submit("t", batch(SURVEY, **dict.fromkeys(EARLIER, STORY)))
    command = [sys.executable, "-m", "tests.jobs.doomed", database_url, "", moment]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}) as doomed:
        before = finished(service, job).items
        at_once(service, SURVEY, "late", STORY)
        assert doomed.wait() == -signal.SIGKILL
    done = {"judged": 2, "settling": 2, "settled": 4}[moment]
    assert len(changes(service, SURVEY).items) == done
    assert left_to_do(service)

    service.start_worker()
    wait_until(lambda: not left_to_do(service))
    for name in EARLIER:
        assert issues(verdicts(service, SURVEY, name, 2)) == [1, 1]
    assert [each.response_identifier for each in changes(service, SURVEY).items] == EARLIER
    assert finished(service, job).items == before
