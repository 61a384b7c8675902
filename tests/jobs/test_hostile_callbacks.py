"""Callback URLs that lead to where they should not: none reaches the trap, each is refused, logged and noted."""

import socket
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import pytest
from sqlalchemy import Connection
from tests.jobs.receiver import Receiver
from tests.jobs.tiny import some_respondents

from earnest.findings import CheckName
from earnest.jobs import outbound
from earnest.jobs.callbacks import Callbacks
from earnest.service import Batch
from earnest.settings import Settings
from earnest.store import open_store
from earnest.store.base import Errand, Kind
from earnest.store.deliveries import CallbackLog, Outcome
from earnest.survey import Survey

NAMES = {
    "trap.example": ["127.0.0.1"],
    "mixed.example": ["8.8.8.8", "127.0.0.1"],
    "mixed6.example": ["2606:4700:4700::1111", "::1"],
    "metadata.google.internal": ["169.254.169.254"],
    "instance-data.ec2.internal": ["fd00:ec2::254"],
    "metadata.azure.example": ["168.63.129.16"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "intranet.example": ["10.1.2.3"],
    "kubernetes.default.svc": ["10.96.0.1"],
    "carrier.example": ["100.64.0.1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "translated.example": ["64:ff9b::7f00:1"],
    "ula.example": ["fc00::1"],
    "zone.example": ["fe80::1%lo"],
    "broadcast.example": ["255.255.255.255"],
    "multicast.example": ["224.0.0.1"],
    "teredo.example": ["2001:0:7f00:1::"],
    "documentation.example": ["192.0.2.1"],
    "localhost": ["127.0.0.1", "::1"],
    "localhost.": ["127.0.0.1"],
    "localhost.localdomain": ["127.0.0.1"],
    "ip6-localhost": ["::1"],
    "anything.localhost": ["127.0.0.1"],
    "xn--lcalhost-54a.example": ["127.0.0.1"],
}
ADDRESSES = """
    127.0.0.1 127.255.255.254 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 100.100.100.200
    169.254.169.254 169.254.170.2 192.0.0.192 198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 168.63.129.16
    [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:10.0.0.1] [::127.0.0.1] [::ffff:0:7f00:1]
    [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::] [fc00::1] [fd00:ec2::254] [fe80::1]
    [fec0::1] [ff02::1] [2001:db8::1] [100::1]
"""
ODD_FORMS = """
    2130706433 0x7f000001 0x7f.0.0.1 0x7f.1 017700000001 0177.0.0.1 127.1 127.0.1 127.00.0.1 0 0x0 1.1.1.1.1 127.0.0.1.
    [::ffff:127.0.0.1%25lo] [fe80::1%25lo] [fe80::1%lo] 127%2e0%2e0%2e1 %6c%6f%63alhost localhost%00.example
    127。0。0。1 127．0．0．1 ①②⑦.⓪.⓪.① ｌｏｃａｌｈｏｓｔ lоcalhost trap.example\u2044.example
"""
TRICKS = [
    "http://public.example@{trap}/",
    "http://public.example:80@{trap}/",
    "http://{trap}@public.example/",
    "http://public.example\\@{trap}/",
    "http://{trap}\\@public.example/",
    "http://public.example:22#@{trap}/",
    "http://[::1]{port}/",
    "http://{trap}:80/",
    "http://{trap} public.example/",
    "http://public.example/\r\nhost: {trap}",
    "http://public.example%0d%0ahost:{trap}/",
    "http://\t{trap}/",
    "http:{trap}/",
    "http:///{trap}/",
    "//{trap}/",
    "\x01http://{trap}/",
    "gopher://{trap}/_POST",
    "file://{trap}/etc/passwd",
    "dict://{trap}/",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/x",
    "http://public.example:6379/",
    "http://public.example:25/",
    "https://public.example:22/",
]


def urls(trap: str) -> list[str]:
    port = trap.rpartition(":")[2]
    hosts = [*NAMES, *ADDRESSES.split(), *ODD_FORMS.split()]
    return [f"http://{host}:{port}/hook" for host in hosts] + [each.format(trap=trap, port=port) for each in TRICKS]


def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
    """A name server that says what its owner likes, and otherwise what a lenient C library makes of a number."""
    try:
        found = NAMES.get(host) or [str(ip_address(host))]
    except ValueError:
        try:
            found = [socket.inet_ntoa(socket.inet_aton(host))]
        except OSError:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
    return [(socket.AF_INET6 if ":" in each else socket.AF_INET, 1, 6, "", (each, port)) for each in found]


def test_no_hostile_url_reaches_the_trap(
    database_url: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(database_url)
    queued: list[Errand] = []

    def enqueue(_: Connection, errands: Sequence[Errand]) -> None:
        queued.extend(errands)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(outbound, "PORTS", {80, 443, receiver.server_port})  # so that only addresses can be refused

    def log_of(url: str, callbacks: Callbacks) -> CallbackLog:
        batch = Batch(survey=Survey(), respondents=some_respondents(1), wanted=frozenset(CheckName), callback_url=url)
        job = store.jobs.keep("t", batch, [b"{}"])
        callbacks.call(Errand(Kind.CALL_BACK, job, 0))
        return callbacks.log("t", job)

    fenced, open_wide = (
        Callbacks(store, lambda: enqueue, Settings(callback_allow=each))
        for each in ("public.example:9000", "127.0.0.0/8")
    )
    hostile = urls(receiver.address)
    assert len(hostile) == len(set(hostile)) >= 100
    for url in hostile:
        caplog.clear()
        [delivery] = log_of(url, fenced).deliveries
        assert (delivery.outcome, delivery.status, delivery.next_try_at) == (Outcome.REFUSED, None, None), url
        assert delivery.reason
        [record] = caplog.records
        assert (record.levelname, delivery.reason in record.getMessage()) == ("WARNING", True)
        assert record.getMessage().isprintable()
    assert (receiver.received, queued) == ([], [])

    [delivery] = log_of(f"http://trap.example:{receiver.server_port}/", open_wide).deliveries
    assert (delivery.outcome, len(receiver.received)) == (Outcome.DELIVERED, 1)  # the trap works
    store.close()
