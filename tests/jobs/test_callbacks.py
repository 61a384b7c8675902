"""A job that ends tells its owner, also when the owner is not there at first."""

import json
import time

import pytest
from standardwebhooks import Webhook
from tests.jobs.conftest import PATIENCE_S, OpenService, finished
from tests.jobs.receiver import Receiver
from tests.jobs.tiny import some_respondents

from earnest.findings import CheckName
from earnest.jobs import webhooks
from earnest.service import Batch
from earnest.survey import Survey


def test_a_busy_receiver_gets_the_first_page_in_the_end(
    open_service: OpenService, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "PAUSES_S", (0.1, 0.2))
    receiver.statuses = [503, 503, 200]
    service = open_service({"callback_allow": f"elsewhere.example:80, {receiver.address}", "page_size": 4})
    service.start_worker()
    batch = Batch(
        survey=Survey(name="Drinks"),
        respondents=some_respondents(6),
        wanted=frozenset(CheckName),
        callback_url=f"http://{receiver.address}/done",
    )
    job = service.submit("t", batch)
    finished(service, job)
    deadline = time.monotonic() + PATIENCE_S
    while len(receiver.received) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)

    assert [headers["webhook-id"] for _, headers, _ in receiver.received] == [f"msg_{job}"] * 3
    path, headers, body = receiver.received[-1]
    sent = Webhook(service.webhook_secret()).verify(body, headers)
    assert (path, sent) == ("/done", json.loads(service.page("t", job).to_json()))
    assert (sent["batchJobId"], sent["status"], len(sent["results"]["items"])) == (job, "completed", 4)
    rest = service.page("t", job, cursor=sent["results"]["nextCursor"])
    assert (len(rest.items), rest.next_cursor) == (2, None)
