"""One POST to an address that a client has named, and so perhaps to the inside of our own network.

The name is resolved once, every address that it has is checked, and the connection goes to a checked address: there is
no second look-up that could say something else. No redirect is followed, no body is read, and all of it ends in time,
however slowly the other side talks.
"""

import io
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.parse import SplitResult, urlsplit

import certifi
from AntiSSRF import IPAddressRanges  # type: ignore[import-untyped]

from earnest.errors import InvalidInput, InvalidSettings
from earnest.settings import variable_of

DEADLINE_S = 20.0
"""For all of it but the look-up of the name, which the system's resolver bounds. Standard Webhooks: 15 to 30 s."""
CONNECT_S = 5.0
"""For one address of several."""
MOST_ANSWER_BYTES = 65_536
"""Of a status line and headers; http.client alone would read 6.5 MB."""
LONGEST_URL = 2_000
PORTS = {80, 443, 8080, 8443}
"""Where web servers listen. Others must be named: a POST can be mischief to a mail server or a database."""
SETTING = variable_of("callback_allow")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PIECE_BYTES = 16_384
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_LIKE_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")

Place = tuple[socket.AddressFamily, tuple[str | int | bytes, ...]]
"""Where a socket can connect to."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_DENIED: tuple[Network, ...] = tuple(ipaddress.ip_network(each) for each in IPAddressRanges.recommended_latest)
_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All public IPv6 addresses; mapped, compatible and translated IPv4 ones, local ones and multicast lie outside."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side answered.

    Attributes:
        status: HTTP status.
        retry_after: The header of that name, unread; None where there is none.
    """

    status: int
    retry_after: str | None


class Fence:
    """Whom a callback may reach: public addresses on the ports of web servers, and what the operator allows.

    Args:
        allowed: Separated by commas: a `host:port` is reached whatever its address is; the addresses of a network
            (`10.2.0.0/16`) count as public.

    Raises:
        InvalidSettings: `allowed` holds something else.
    """

    def __init__(self, allowed: str = "") -> None:
        entries = [each.strip().lower() for each in allowed.split(",") if each.strip()]
        self._receivers = {_receiver(each) for each in entries if "/" not in each}
        self._networks = [_network(each) for each in entries if "/" in each]

    def sockets(self, parts: SplitResult) -> Sequence[Place]:
        """Addresses to connect to, in the resolver's order.

        Raises:
            InvalidInput: One of them is not to be reached.
            OSError: The name has none.
        """
        host, port = parts.hostname or "", port_of(parts)
        is_named = (host.rstrip("."), port) in self._receivers
        if not is_named and port not in PORTS:
            raise InvalidInput(f"port {port} is none of a web server; see {SETTING}")
        found = [(family, place) for family, _, _, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        for _, place in found:
            if not (is_named or self._is_open(ipaddress.ip_address(str(place[0])))):
                raise InvalidInput(f"{host} leads to an address that is not public; see {SETTING}")
        return found

    def _is_open(self, address: Address) -> bool:
        return is_public(address) or any(address in network for network in self._networks)


class Sender:
    """Posts within a fence.

    Args:
        fence: Whom it may reach.
    """

    def __init__(self, fence: Fence) -> None:
        self._fence = fence
        self._tls = ssl.create_default_context()  # the system's authorities, or those of SSL_CERT_FILE
        self._tls.load_verify_locations(certifi.where())  # a container may have none

    def post(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Post a body once.

        Raises:
            InvalidInput: The URL leads to where it may not.
            OSError: Nobody is there, or not in time.
            HTTPException: What came back is not HTTP.
        """
        problem = problem_of(url)
        if problem is not None:
            raise InvalidInput(f"the URL {problem}")
        parts = urlsplit(url)
        places = self._fence.sockets(parts)
        deadline = time.monotonic() + DEADLINE_S
        with _connected(places, deadline) as plain, self._secured(plain, parts, deadline) as channel:
            _send(channel, _head(parts, {**headers, "content-length": str(len(body))}) + body, deadline)
            with HTTPResponse(_Incoming(channel, deadline), method="POST") as response:  # type: ignore[arg-type]
                response.begin()
                return Answer(response.status, response.headers.get("retry-after"))

    def _secured(self, plain: socket.socket, parts: SplitResult, deadline: float) -> socket.socket:
        if parts.scheme == "http":
            return plain
        plain.settimeout(_left_s(deadline))
        return self._tls.wrap_socket(plain, server_hostname=parts.hostname)


class _Incoming(io.RawIOBase):
    """What comes in on a socket: until the deadline, and not more than a cap."""

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self._channel = channel
        self._deadline = deadline
        self._left = MOST_ANSWER_BYTES

    def makefile(self, _: str) -> io.BufferedReader:
        """Be the file that HTTPResponse asks a socket for."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the base says "any buffer"
        """Wait for some bytes."""
        if self._left <= 0:
            raise HTTPException("headers too long")
        self._channel.settimeout(_left_s(self._deadline))
        count = self._channel.recv_into(buffer[: self._left])
        self._left -= count
        return count


def problem_of(url: str) -> str | None:
    """What is wrong with a callback URL that can be told without resolving it; None where nothing is."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return f"must be a URL of at most {LONGEST_URL} printable ASCII characters"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "must be a URL"
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or port == 0:
        return "must be an http or https URL"
    if "@" in parts.netloc:
        return "must hold no user name or password"
    shown = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if parts.netloc.lower() != (shown if port is None else f"{shown}:{port}") or not _is_host(parts.hostname):
        return "must name its host plainly: a domain name, 192.0.2.1 or [2001:db8::1]"
    return None


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST:
        return False
    return address.is_global and not any(address in network for network in _DENIED)


def port_of(parts: SplitResult) -> int:
    """The port that a URL leads to."""
    return parts.port or _DEFAULT_PORTS[parts.scheme]


def _is_host(host: str) -> bool:
    """Whether this is a name, or an address in the one form that everybody reads alike."""
    labels = host.removesuffix(".").split(".")
    if ":" in host or _LIKE_NUMBER.fullmatch(labels[-1]):
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return "%" not in host  # no zone: it would name an interface of ours
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)


def _receiver(entry: str) -> tuple[str, int]:
    """Host and port of an entry of the setting."""
    url = f"http://{entry}"
    parts = urlsplit(url) if problem_of(url) is None else None
    if parts is None or parts.port is None or parts.netloc != entry:
        raise _unreadable(entry)
    return str(parts.hostname).rstrip("."), parts.port


def _network(entry: str) -> Network:
    try:
        return ipaddress.ip_network(entry)
    except ValueError:
        raise _unreadable(entry) from None


def _unreadable(entry: str) -> InvalidSettings:
    problem = f"holds {entry!r}, which is neither host:port nor a network such as 10.2.0.0/16"
    return InvalidSettings(f"{SETTING} {problem}", details={SETTING: problem})


def _left_s(deadline: float) -> float:
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s


def _connected(places: Sequence[Place], deadline: float) -> socket.socket:
    """A connection to the first address that takes one."""
    fault: OSError = OSError("no address")
    for family, place in places:
        channel = socket.socket(family, socket.SOCK_STREAM)
        try:
            channel.settimeout(min(CONNECT_S, _left_s(deadline)))
            channel.connect(place)
        except OSError as error:
            channel.close()
            fault = error
        else:
            return channel
    raise fault


def _head(parts: SplitResult, headers: dict[str, str]) -> bytes:
    """Request line and headers. The URL is printable ASCII without spaces, so nothing can end a line early."""
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"POST {target} HTTP/1.1", f"host: {parts.netloc}", *(f"{name}: {headers[name]}" for name in headers)]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode("ascii")


def _send(channel: socket.socket, data: bytes, deadline: float) -> None:
    """Send in pieces: the time limit of a TLS socket is one for each of its records."""
    for start in range(0, len(data), _PIECE_BYTES):
        channel.settimeout(_left_s(deadline))
        channel.sendall(data[start : start + _PIECE_BYTES])
