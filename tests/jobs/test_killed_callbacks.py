"""kill -9 of the worker in the middle of a callback: the receiver hears it again, by the same name, and it is noted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from standardwebhooks import Webhook
from tests.jobs.conftest import OpenService
from tests.jobs.receiver import Receiver
from tests.jobs.test_callbacks import batch, deliveries, wait_until

from earnest.store.deliveries import Outcome

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["answering", "noting"])
def test_a_killed_callback_is_posted_again(
    database_url: str, open_service: OpenService, receiver: Receiver, moment: str
) -> None:
    service = open_service({"callback_allow": receiver.address})  # the API that accepts; it does not work
    job = service.submit("t", batch(f"http://{receiver.address}/"))
    command = [sys.executable, "-m", "tests.jobs.doomed", database_url, receiver.address, moment]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}) as doomed:
        receiver.before_answer = doomed.kill if moment == "answering" else lambda: None
        wait_until(lambda: len(receiver.received) == 1)
        doomed.wait()
    receiver.before_answer = lambda: None
    assert service.callbacks.log("t", job).deliveries == ()
    service.close()

    service = open_service({"callback_allow": receiver.address})
    service.start_worker()
    [noted] = deliveries(service, job, 1)
    assert (noted.attempt, noted.outcome) == (1, Outcome.DELIVERED)
    assert [headers["webhook-id"] for _, headers, _ in receiver.received] == [f"msg_{job}"] * 2
    [first, second] = [
        Webhook(service.callbacks.secrets("t")[0].value).verify(body, headers) for _, headers, body in receiver.received
    ]
    assert first == second
