"""Callbacks are signed, and what is answered decides what comes next."""

import json
import logging
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.jobs.receiver import Receiver, Rude

from earnest.errors import InvalidSettings
from earnest.jobs.outbound import Fence, Sender
from earnest.jobs.webhooks import (
    JITTER,
    LONGEST_WISH_S,
    PAUSES_S,
    Caller,
    Tried,
    key_of,
    new_secret,
    pause_before,
)
from earnest.store.deliveries import Outcome

SECRET = new_secret()


def post(url: str, allowed: str, body: bytes = b"{}", secrets: tuple[str, ...] = (SECRET,)) -> Tried:
    return Caller(Sender(Fence(allowed))).post(url, message_id="msg_1", body=body, signed_by=secrets)


def test_a_callback_is_signed(receiver: Receiver) -> None:
    body = '{"answer":"größer"}'.encode()
    tried = post(f"http://{receiver.address}/hook?x=1", receiver.address, body)
    assert (tried.outcome, tried.status, tried.reason) == (Outcome.DELIVERED, 200, None)
    [(path, headers, received)] = receiver.received
    assert (path, received, headers["content-type"]) == ("/hook?x=1", body, "application/json")
    assert headers["webhook-id"] == "msg_1"
    assert Webhook(SECRET).verify(received, headers) == json.loads(body)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(received, headers)


def test_while_secrets_change_every_one_of_them_signs(receiver: Receiver) -> None:
    newest, older = new_secret(), new_secret()
    post(f"http://{receiver.address}/", receiver.address, secrets=(newest, older))
    [(_, headers, body)] = receiver.received
    first, second = headers["webhook-signature"].split(" ")
    for secret in (newest, older):
        assert Webhook(secret).verify(body, headers) == {}
    assert Webhook(newest).verify(body, {**headers, "webhook-signature": first}) == {}
    assert Webhook(older).verify(body, {**headers, "webhook-signature": second}) == {}


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (204, Outcome.DELIVERED, None),
        (302, Outcome.FAILED, "answered 302; redirects are not followed"),
        (404, Outcome.FAILED, "answered 404"),
        (410, Outcome.GONE, "the receiver wants to hear nothing more (410)"),
        (503, Outcome.FAILED, "answered 503"),
    ],
)
def test_answers(receiver: Receiver, status: int, outcome: Outcome, reason: str | None) -> None:
    receiver.statuses = [status]
    tried = post(f"http://{receiver.address}/", receiver.address)
    assert (tried.outcome, tried.status, tried.reason) == (outcome, status, reason)
    assert len(receiver.received) == 1  # a redirect is not followed


@pytest.mark.parametrize(
    ("asked", "wish_s"),
    [
        ("120", 120),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("-5", 0),
        ("1e9", 0),
        ("٣", 0),
        ("soon", 0),
        ("Wed, 99 Foo 2015", 0),
        ("9" * 5_000, 0),
    ],
)
def test_a_wish_to_be_left_alone_is_read(receiver: Receiver, asked: str, wish_s: float) -> None:
    receiver.statuses, receiver.headers = [503], {"retry-after": asked.encode().decode("latin-1")}
    assert post(f"http://{receiver.address}/", receiver.address).wish_s == wish_s


def test_a_wish_to_be_left_alone_until_a_moment_is_read(receiver: Receiver) -> None:
    moment = format_datetime(datetime.now(tz=UTC) + timedelta(hours=1))
    receiver.statuses, receiver.headers = [503], {"retry-after": moment}
    assert 3_000 <= post(f"http://{receiver.address}/", receiver.address).wish_s <= 3_600


def test_a_name_that_nobody_knows_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    tried = post("http://nobody.example/", "")
    assert (tried.outcome, tried.reason) == (Outcome.FAILED, "Name or service not known")


def test_why_nobody_answered_is_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        assert post(f"http://{address}/", address).reason == "Connection refused"
        assert post(f"http://{address}/", "").outcome is Outcome.REFUSED
    with Rude([b"220 mail.example ESMTP\r\n"]) as rude:
        assert post(f"http://{rude.address}/", rude.address).reason == "what it answered is not HTTP"
    with Rude([b"220 mail.example ESMTP\r\n"]) as rude:
        assert post(f"https://{rude.address}/", rude.address).reason == "TLS failed"


def test_the_log_names_the_place_but_nothing_that_may_be_secret(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    post(f"http://{receiver.address}/hook?token=hush", receiver.address, b'{"answer": "hush"}')
    assert f"Callback msg_1 to {receiver.address}: delivered, 200" in caplog.text
    assert "hush" not in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_%%%", "whsec_é", "not base64!", "whsec_c2hvcnQ=", "whsec_" + "A" * 88]
)
def test_a_bad_secret_is_named(secret: str) -> None:
    with pytest.raises(InvalidSettings, match="EARNEST_WEBHOOK_SECRET"):
        key_of(secret)


def test_pauses_grow_and_end_within_two_days() -> None:
    pauses = [pause_before(attempt) for attempt in range(len(PAUSES_S) + 2)]
    assert (pauses[0], pauses[-1]) == (0, None)
    for planned, pause in zip(PAUSES_S, pauses[1:-1], strict=True):
        assert pause is not None
        assert planned <= pause <= planned * (1 + JITTER)
    assert list(PAUSES_S) == sorted(PAUSES_S)
    assert 86_400 < sum(PAUSES_S) < 2 * 86_400


def test_a_wish_lengthens_a_pause_within_bounds() -> None:
    def pause(wish_s: float) -> float:
        found = pause_before(1, wish_s=wish_s)
        assert found is not None
        return found

    assert pause(0) < 6
    assert 60 <= pause(60) <= 66
    assert LONGEST_WISH_S <= pause(10**9) <= LONGEST_WISH_S * (1 + JITTER)
    assert pause_before(len(PAUSES_S) + 1, wish_s=60) is None
