"""Callbacks reach who is meant, signed, and nobody else."""

import json
import socket
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.jobs.receiver import Receiver

from earnest.errors import InvalidSettings
from earnest.jobs.webhooks import PAUSES_S, Caller, Outcome, new_secret, pause_before, problem_of, receiver_of

SECRET = new_secret()


def test_a_callback_is_signed(receiver: Receiver) -> None:
    caller = Caller(SECRET, frozenset({receiver.address}))
    body = '{"answer":"größer"}'.encode()
    assert caller.post(f"http://{receiver.address}/hook?x=1", message_id="msg_1", body=body) is Outcome.DELIVERED
    [(path, headers, received)] = receiver.received
    assert (path, received, headers["content-type"]) == ("/hook?x=1", body, "application/json")
    assert headers["webhook-id"] == "msg_1"
    assert Webhook(SECRET).verify(received, headers) == json.loads(body)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(received, headers)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (204, Outcome.DELIVERED),
        (302, Outcome.TRY_AGAIN),
        (404, Outcome.TRY_AGAIN),
        (410, Outcome.REFUSED),
        (503, Outcome.TRY_AGAIN),
    ],
)
def test_answers(receiver: Receiver, status: int, outcome: Outcome) -> None:
    receiver.statuses = [status]
    caller = Caller(SECRET, frozenset({receiver.address}))
    assert caller.post(f"http://{receiver.address}/", message_id="msg_1", body=b"{}") is outcome
    assert len(receiver.received) == 1  # a redirect is not followed


def test_nobody_there_is_tried_again() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        caller = Caller(SECRET, frozenset({address}))
        assert caller.post(f"http://{address}/", message_id="msg_1", body=b"{}") is Outcome.TRY_AGAIN


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "localhost",
        "0.0.0.0",  # noqa: S104
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[::]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00:ec2::254]",
    ],
)
def test_private_addresses_are_refused_in_any_form(receiver: Receiver, host: str) -> None:
    caller = Caller(SECRET, frozenset({"another.example:80"}))
    url = f"http://{host}:{receiver.server_port}/"
    assert caller.post(url, message_id="msg_1", body=b"{}") is Outcome.REFUSED
    assert receiver.received == []


def test_a_name_that_changes_its_address_is_not_believed(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look-up says 192.0.2.1, the second one our own machine: connecting by name would reach it."""
    answers = iter(["8.8.8.8"])
    resolve = socket.getaddrinfo
    connected: list[str] = []

    def rebinding(host: str, port: int | None, *args: Any, **kwargs: Any) -> Any:
        if host == "rebinding.example":
            return resolve(next(answers, "127.0.0.1"), port, *args, **kwargs)
        connected.append(host)
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    url = f"http://rebinding.example:{receiver.server_port}/"
    assert Caller(SECRET).post(url, message_id="msg_1", body=b"{}") is Outcome.TRY_AGAIN
    assert (connected, receiver.received) == (["8.8.8.8"], [])


def test_a_name_with_one_private_address_is_refused(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def mixed(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 0)) for each in ("8.8.8.8", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", mixed)
    assert Caller(SECRET).post("http://mixed.example/", message_id="msg_1", body=b"{}") is Outcome.REFUSED


@pytest.mark.parametrize("url", ["http://a@{0}/", "http://allowed.example\\@{0}/", "http://{0}#@allowed.example:80/"])
def test_an_allowed_receiver_opens_no_other_door(receiver: Receiver, url: str) -> None:
    caller = Caller(SECRET, frozenset({"allowed.example:80"}))
    assert caller.post(url.format(receiver.address), message_id="msg_1", body=b"{}") is not Outcome.DELIVERED
    assert receiver.received == []


@pytest.mark.parametrize(
    ("url", "receiver"),
    [
        ("http://Example.org/x", "example.org:80"),
        ("https://example.org", "example.org:443"),
        ("https://example.org:8443/x", "example.org:8443"),
        ("http://10.1.2.3:9000/x", "10.1.2.3:9000"),
        ("http://", ""),
        ("ftp://example.org/", ""),
    ],
)
def test_receivers(url: str, receiver: str) -> None:
    assert receiver_of(url) == receiver


@pytest.mark.parametrize("url", ["https://example.org/x?y=1#z", "http://example.org:8080", "http://127.0.0.1/"])
def test_urls_that_may_be_tried(url: str) -> None:
    assert problem_of(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "http://example.org:99999/",
        "http://example.org:0/",
        "http://example.org:port/",
        "http://user:word@example.org/",
        "http://[::1/",
        "http://exa mple.org/",
        "http://example.org/\r\nx: y",
        "http://example.org/\x00",
        "http://bücher.example/",
        "https://example.org/" + "x" * 2000,
    ],
)
def test_urls_that_are_none(url: str) -> None:
    assert problem_of(url)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", "whsec_é", "not base64!", "whsec_c2hvcnQ="])
def test_a_bad_secret_is_named(secret: str) -> None:
    with pytest.raises(InvalidSettings, match="EARNEST_WEBHOOK_SECRET"):
        Caller(secret)


def test_pauses_grow_and_end() -> None:
    pauses = [pause_before(attempt) for attempt in range(len(PAUSES_S) + 2)]
    assert pauses == [0, *PAUSES_S, None]
    assert list(PAUSES_S) == sorted(PAUSES_S)
