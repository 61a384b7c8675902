"""A job that ends tells its owner, also when the owner is not there at first, and again when somebody asks."""

import json
import time
from collections.abc import Callable

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.jobs.conftest import PATIENCE_S, OpenService, finished
from tests.jobs.receiver import Receiver
from tests.jobs.tiny import some_respondents

from earnest.errors import InvalidInput, InvalidSettings, NotFound
from earnest.findings import CheckName
from earnest.jobs import callbacks, webhooks
from earnest.jobs.webhooks import new_secret
from earnest.service import Batch, Service
from earnest.store.deliveries import Delivery, Outcome
from earnest.survey import Survey


def batch(url: str | None) -> Batch:
    return Batch(
        survey=Survey(name="Drinks"),
        respondents=some_respondents(6),
        wanted=frozenset(CheckName),
        callback_url=url,
    )


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def deliveries(service: Service, job: str, count: int) -> tuple[Delivery, ...]:
    """The tries, as soon as there are so many."""
    wait_until(lambda: len(service.callbacks.log("t", job).deliveries) >= count)
    return service.callbacks.log("t", job).deliveries


def test_a_busy_receiver_gets_the_first_page_in_the_end_and_again_on_demand(
    open_service: OpenService, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "PAUSES_S", (0.1, 0.2))
    receiver.statuses = [503, 503, 200]
    service = open_service({"callback_allow": f"elsewhere.example:80, {receiver.address}", "page_size": 4})
    service.start_worker()
    job = service.submit("t", batch(f"http://{receiver.address}/done"))
    finished(service, job)
    tried = deliveries(service, job, 3)

    assert [headers["webhook-id"] for _, headers, _ in receiver.received] == [f"msg_{job}"] * 3
    path, headers, body = receiver.received[-1]
    sent = Webhook(service.callbacks.secrets("t")[0].value).verify(body, headers)
    assert (path, sent) == ("/done", json.loads(service.page("t", job).to_json()))
    assert (sent["batchJobId"], sent["status"], len(sent["results"]["items"])) == (job, "completed", 4)
    rest = service.page("t", job, cursor=sent["results"]["nextCursor"])
    assert (len(rest.items), rest.next_cursor) == (2, None)

    assert [(each.attempt, each.outcome, each.status) for each in tried] == [
        (1, Outcome.FAILED, 503),
        (2, Outcome.FAILED, 503),
        (3, Outcome.DELIVERED, 200),
    ]
    assert [each.next_try_at is None for each in tried] == [False, False, True]
    assert tried[0].tried_at < tried[1].tried_at

    receiver.statuses = [500, 200]
    service.callbacks.redeliver("t", job)
    again = deliveries(service, job, 5)
    assert [(each.attempt, each.outcome) for each in again[3:]] == [(4, Outcome.FAILED), (5, Outcome.DELIVERED)]
    assert [headers["webhook-id"] for _, headers, _ in receiver.received] == [f"msg_{job}"] * 5


def test_a_redelivery_replaces_the_tries_that_were_to_come(
    open_service: OpenService, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "PAUSES_S", (2.0,))
    receiver.statuses = [503, 200]
    service = open_service({"callback_allow": receiver.address})
    service.start_worker()
    job = service.submit("t", batch(f"http://{receiver.address}/"))
    deliveries(service, job, 1)
    service.callbacks.redeliver("t", job)
    service.callbacks.redeliver("t", job)
    [failed, delivered] = deliveries(service, job, 2)
    assert failed.next_try_at is not None
    planned = failed.next_try_at.timestamp()
    wait_until(lambda: time.time() > planned + 2)
    assert service.callbacks.log("t", job).deliveries == (failed, delivered)
    assert len(receiver.received) == 2


@pytest.mark.parametrize(("status", "outcome"), [(410, Outcome.GONE), (500, Outcome.FAILED)])
def test_tries_end(
    open_service: OpenService,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    outcome: Outcome,
) -> None:
    monkeypatch.setattr(webhooks, "PAUSES_S", () if status == 500 else (0.1,))
    receiver.statuses = [status]
    service = open_service({"callback_allow": receiver.address})
    service.start_worker()
    job = service.submit("t", batch(f"http://{receiver.address}/"))
    [tried] = deliveries(service, job, 1)
    assert (tried.outcome, tried.status, tried.next_try_at) == (outcome, status, None)
    [shown] = service.callbacks.latest(undelivered=True, limit=10)
    assert (shown.job, shown.tenant, shown.delivery) == (job, "t", tried)


def test_what_cannot_be_redelivered(open_service: OpenService, receiver: Receiver) -> None:
    service = open_service({})
    silent, early = service.submit("t", batch(None)), service.submit("t", batch(f"http://{receiver.address}/"))
    with pytest.raises(InvalidInput, match="without a callbackUrl"):
        service.callbacks.redeliver("t", silent)
    with pytest.raises(InvalidInput, match="has not ended"):
        service.callbacks.redeliver("t", early)
    for tenant, job in (("another", early), ("t", "nonsense"), ("t", "\x00"), ("t", early[:-1] + "x")):
        with pytest.raises(NotFound):
            service.callbacks.redeliver(tenant, job)
        with pytest.raises(NotFound):
            service.callbacks.log(tenant, job)
    assert service.callbacks.log(None, early).deliveries == ()


def test_a_body_is_bounded_and_what_is_missing_follows_the_cursor(
    open_service: OpenService, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = open_service({"callback_allow": receiver.address})
    whole = service.submit("t", batch(None))
    service.start_worker()
    items = finished(service, whole).items
    for room, count in ((len(items[0]) + len(items[1]), 2), (len(items[0]) - 1, 0)):
        monkeypatch.setattr(callbacks, "LARGEST_BODY", room)
        job = service.submit("t", batch(f"http://{receiver.address}/"))
        deliveries(service, job, 1)
        results = json.loads(receiver.received[-1][2])["results"]
        assert len(results["items"]) == count
        assert len(service.page("t", job, cursor=results["nextCursor"]).items) == 6 - count


def test_no_tenant_knows_what_signs_for_another(open_service: OpenService, receiver: Receiver) -> None:
    service = open_service({"callback_allow": receiver.address})
    service.start_worker()
    deliveries(service, service.submit("t", batch(f"http://{receiver.address}/")), 1)
    [(_, headers, body)] = receiver.received
    own, foreign = (service.callbacks.secrets(tenant)[0].value for tenant in ("t", "another"))
    assert Webhook(own).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(foreign).verify(body, headers)


def test_a_secret_is_replaced_without_a_gap(open_service: OpenService) -> None:
    service = open_service({})
    first = service.callbacks.secrets("t")[0].value
    second = service.callbacks.rotate_secret("t", overlap_s=3_600)
    third = service.callbacks.rotate_secret("t", overlap_s=60)
    signing = service.callbacks.secrets("t")
    assert [each.value for each in signing] == [third, second, first]
    assert [each.expires_at is None for each in signing] == [True, False, False]
    last = service.callbacks.rotate_secret("t", overlap_s=0)
    assert [each.value for each in service.callbacks.secrets("t")] == [last]
    with pytest.raises(InvalidInput, match="Invalid"):
        service.callbacks.rotate_secret("t", overlap_s=31 * 86_400)


def test_the_setting_signs_for_whoever_has_no_secret_of_their_own(open_service: OpenService) -> None:
    setting = new_secret()
    made = open_service({}).callbacks.secrets("t")[0].value
    service = open_service({"webhook_secret": setting})
    assert [each.value for each in service.callbacks.secrets("t")] == [setting]
    chosen = service.callbacks.rotate_secret("t", overlap_s=60)
    assert [each.value for each in service.callbacks.secrets("t")] == [chosen, setting]
    assert [each.value for each in service.callbacks.secrets("another")] == [setting]
    assert made != setting


def test_the_first_tenant_keeps_the_secret_of_the_previous_release(open_service: OpenService) -> None:
    service = open_service({})
    service._store.keys.secret("webhook", otherwise="whsec_of_the_previous_release")
    assert service.callbacks.secrets("default")[0].value == "whsec_of_the_previous_release"
    assert service.callbacks.secrets("t")[0].value != "whsec_of_the_previous_release"


@pytest.mark.parametrize("setting", [{"webhook_secret": "whsec_short"}, {"callback_allow": "nowhere"}])
def test_a_worker_does_not_start_with_a_bad_setting(open_service: OpenService, setting: dict[str, object]) -> None:
    with pytest.raises(InvalidSettings):
        open_service(setting).start_worker()
