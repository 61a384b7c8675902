"""Whom a callback reaches, and how long that may take."""

import socket
import ssl
import subprocess
from http.client import HTTPException
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from tests.jobs.receiver import Receiver, Rude

from earnest.errors import InvalidInput, InvalidSettings
from earnest.jobs import outbound
from earnest.jobs.outbound import Fence, Sender, is_public, problem_of


def post(url: str, allowed: str = "", body: bytes = b"{}") -> int:
    return Sender(Fence(allowed)).post(url, {}, body).status


def answers(*addresses: str) -> Any:
    """What a name server may say."""
    return [
        (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80))
        for each in addresses
    ]


def test_an_allowed_receiver_gets_target_host_and_body(receiver: Receiver) -> None:
    body = b"x" * 100_000
    assert post(f"http://{receiver.address}?a=/b#c", receiver.address, body) == 200
    [(path, headers, received)] = receiver.received
    assert (path, headers["host"], received) == ("/?a=/b", receiver.address, body)


@pytest.mark.parametrize("allowed", ["127.0.0.0/8", "10.0.0.0/8, ::1/128,127.0.0.1/32"])
def test_an_allowed_network_counts_as_public(receiver: Receiver, allowed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"http://{receiver.address}/"
    with pytest.raises(InvalidInput, match=f"port {receiver.server_port}"):
        post(url, allowed)
    monkeypatch.setattr(outbound, "PORTS", {receiver.server_port})
    assert post(url, allowed) == 200
    with pytest.raises(InvalidInput, match="not public"):
        post(url, "127.0.0.2/32")


@pytest.mark.parametrize("allowed", ["LocalHost:{0}", "localhost.:{0}", "a:80, localhost:{0} ,"])
def test_an_allowed_name_may_be_written_in_any_case(receiver: Receiver, allowed: str) -> None:
    assert post(f"http://localhost:{receiver.server_port}/", allowed.format(receiver.server_port)) == 200


@pytest.mark.parametrize(
    "allowed", ["localhost", "http://localhost:80", "localhost:0", "localhost:http", "10.0.0.0/99", "a b:80", "10.1/8"]
)
def test_a_bad_allowance_is_named(allowed: str) -> None:
    with pytest.raises(InvalidSettings, match="EARNEST_CALLBACK_ALLOW"):
        Fence(allowed)


@pytest.mark.parametrize(
    "url", ["http://localhost:{0}/", "http://127.0.0.2:{0}/", "http://127.0.0.1:{1}/", "https://127.0.0.1:{1}/"]
)
def test_one_allowed_receiver_opens_no_other_door(receiver: Receiver, url: str) -> None:
    with pytest.raises(InvalidInput):
        post(url.format(receiver.server_port, receiver.server_port - 1), receiver.address)
    assert receiver.received == []


def test_the_name_is_looked_up_once_and_the_checked_address_is_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look-up says 8.8.8.8, a second one would say our own machine."""
    said = iter([answers("8.8.8.8")])
    connected: list[Any] = []

    def connect(_: socket.socket, place: Any) -> None:
        connected.append(place[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(outbound, "PORTS", {receiver.server_port})
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: next(said, answers("127.0.0.1")))
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(ConnectionRefusedError):
        post(f"http://rebinding.example:{receiver.server_port}/")
    assert (connected, receiver.received) == (["8.8.8.8"], [])


def test_a_dead_address_is_followed_by_the_next_one(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    unused = ("127.0.0.3", receiver.server_port)
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each) for each in (unused, receiver.server_address)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    assert post(f"http://two.example:{receiver.server_port}/", f"two.example:{receiver.server_port}") == 200


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers("8.8.8.8", "2606:4700::1111", "127.0.0.1"))
    with pytest.raises(InvalidInput, match="leads to an address that is not public"):
        post("http://mixed.example/")


@pytest.mark.parametrize("port", [22, 25, 110, 465, 2375, 3306, 5432, 6379, 9200, 11211])
def test_ports_of_other_services_are_refused(port: int) -> None:
    with pytest.raises(InvalidInput, match=f"port {port}"):
        post(f"http://8.8.8.8:{port}/")


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001::200e"])
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\n", *[b"x: y\r\n"] * 40],  # headers that never end
        [bytes([each]) for each in b"HTTP/1.1 200 OK\r\nx: y\r\n\r\n"],  # a byte at a time
        [],  # not a word
    ],
)
def test_a_slow_receiver_is_left_in_time(pieces: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "DEADLINE_S", 0.2)
    with Rude(pieces, pause_s=0.1) as rude, pytest.raises(TimeoutError):
        post(f"http://{rude.address}/", rude.address)
    assert rude.sent <= sum(map(len, pieces)) // 2


def test_a_slow_handshake_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "DEADLINE_S", 0.2)
    record = b"\x16\x03\x03\x40\x00" + b"\x02\x00\x3f\xfc\x03\x03" * 20
    with Rude([bytes([each]) for each in record], pause_s=0.05) as rude, pytest.raises(TimeoutError):
        post(f"https://{rude.address}/", rude.address)
    assert rude.sent < len(record) // 2


def test_a_receiver_that_takes_no_bytes_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "DEADLINE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(TimeoutError):
            post(f"http://{address}/", address, body=b"x" * 50_000_000)


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\n", *[b"x: " + b"y" * 1_000 + b"\r\n"] * 1_000],
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 100_000,
        [b"HTTP/1.1 200 " + b"O" * 1_000_000],
        [b"SSH-2.0-OpenSSH_9.9\r\n"],
        [b"HTTP/1.1 20x OK\r\n\r\n"],
    ],
)
def test_an_endless_or_senseless_answer_is_cut_off(pieces: list[bytes]) -> None:
    with Rude(pieces) as rude, pytest.raises(HTTPException):
        post(f"http://{rude.address}/", rude.address)


def test_a_body_is_not_read() -> None:
    with Rude([b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n", *[b"x" * 65_536] * 1_000]) as rude:
        assert post(f"http://{rude.address}/", rude.address) == 200
    assert rude.sent < 60_000_000


@pytest.fixture
def tls_receiver(receiver: Receiver, tmp_path: Path) -> tuple[str, Path]:
    """One that speaks TLS, as localhost, with a certificate of its own making."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*made.split(), *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    receiver.socket = context.wrap_socket(receiver.socket, server_side=True, do_handshake_on_connect=False)
    return f":{receiver.server_port}", certificate


def test_certificates_are_verified(
    tls_receiver: tuple[str, Path], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, certificate = tls_receiver
    monkeypatch.setattr(receiver, "handle_error", lambda *_: None)  # the handshake that we break off
    with pytest.raises(ssl.SSLCertVerificationError):
        post(f"https://localhost{port}/", f"localhost{port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(ssl.SSLCertVerificationError):
        post(f"https://127.0.0.1{port}/", f"127.0.0.1{port}")
    assert receiver.received == []
    assert post(f"https://localhost{port}/", f"localhost{port}", b"x" * 100_000) == 200


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/x?y=1#z",
        "http://example.org:8080",
        "HTTP://Example.ORG./",
        "http://xn--bcher-kva.example/",
        "http://a_b.example/",
        "http://127.0.0.1/",
        "http://[2001:db8::1]:8080/",
    ],
)
def test_urls_that_may_be_tried(url: str) -> None:
    assert problem_of(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "//example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org:70/_x",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "http://:80/",
        "http://example.org:99999/",
        "http://example.org:0/",
        "http://example.org:port/",
        "http://example.org:/",
        "http://user:word@example.org/",
        "http://[::1/",
        "http://a[::1]/",
        "http://exa mple.org/",
        "http://example.org/\r\nx: y",
        "http://example.org/\x00",
        "http://bücher.example/",
        "http://exa..mple.org/",
        "http://-example.org/",
        "http://" + "a" * 64 + ".org/",
        "https://example.org/" + "x" * 2000,
    ],
)
def test_urls_that_are_none(url: str) -> None:
    assert problem_of(url)
