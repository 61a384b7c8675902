"""Bodies as they arrive: inflated, counted and written to a file, so that no size of theirs is ever in memory.

A body is cut off as soon as it exceeds a limit: bytes as they arrive, bytes when inflated, how often it is inflated,
and how long it takes.
"""

import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import BinaryIO, Protocol

import anyio
import zstandard
from anyio import to_thread
from litestar.exceptions import HTTPException

from earnest.api.errors import Connection
from earnest.errors import InvalidInput, TooLarge
from earnest.service import Service
from earnest.store.spool import spool

JSON, LINES = "application/json", "application/x-ndjson"
CODINGS = ("identity", "gzip", "zstd")

GRACE_S = 20
"""Before the rate of a body counts, as Apache httpd's mod_reqtimeout has it."""
PIECE = 1 << 20
"""Bytes written at once."""
MOST_INFLATED = 200
"""Times: key events shrink to a tenth, the most even answers to a hundredth; gzip can do 1,032."""
UNSUSPICIOUS = 10_000_000
"""Bytes that may be inflated from anything."""
_ZSTD_WINDOW = 1 << 23  # as RFC 9659 asks of senders
_ZSTD_SLICE = 512  # bytes: at worst they hold 128 blocks of 128 KB each


@dataclass(frozen=True, slots=True)
class Received:
    """A body that has arrived.

    Attributes:
        file: It, inflated.
        digest: Of the inflated bytes.
    """

    file: BinaryIO
    digest: bytes

    def whole(self) -> bytes:
        """All of it in memory."""
        self.file.seek(0)
        return self.file.read()


def kind_of(request: Connection, *kinds: str) -> str:
    """Which kind of body a request says that it has.

    Raises:
        HTTPException: 415 where it is none of these.
    """
    kind = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if kind not in kinds or _coding(request) not in CODINGS:
        raise HTTPException(status_code=415)
    return kind


@asynccontextmanager
async def received(request: Connection, service: Service, *, most_bytes: int) -> AsyncIterator[Received]:
    """The body of a request, as long as the block lasts.

    Args:
        request: Whose.
        service: Knows where there is room, and the limits.
        most_bytes: It may have, inflated.

    Raises:
        TooLarge: It is larger.
        InvalidInput: It cannot be inflated, or is cut off.
        HTTPException: 408 where it arrives too slowly.
        OutOfSpace: The disk is full.
    """
    if (request.content_length or 0) > most_bytes:
        raise TooLarge
    inflater = _INFLATERS[_coding(request)]()
    with spool(service.spool_folder) as file:
        writer = _Writer(file, most_bytes)
        pending = bytearray()
        async for piece in _in_time(request, service.settings.slowest_body_kb_s * 1_000):
            pending += piece
            if len(pending) >= PIECE:
                await to_thread.run_sync(writer.write, inflater, bytes(pending))
                pending.clear()
        await to_thread.run_sync(writer.write, inflater, bytes(pending))
        inflater.end()
        yield Received(file, writer.digest.digest())


class _Inflater(Protocol):
    def inflate(self, data: bytes) -> Iterator[bytes]:
        """What further bytes hold, a piece at a time."""
        ...

    def end(self) -> None:
        """Be told that no more will come."""
        ...


class _Identity:
    def inflate(self, data: bytes) -> Iterator[bytes]:
        yield data

    def end(self) -> None:
        return


class _Gzip:
    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self._is_begun = False

    def inflate(self, data: bytes) -> Iterator[bytes]:
        is_more = bool(data)
        while is_more:
            if self._member.eof:  # another member follows
                self._member = zlib.decompressobj(wbits=31)
            self._is_begun = True
            try:
                piece = self._member.decompress(data, PIECE)
            except zlib.error:
                raise InvalidInput(_DAMAGED.format("gzip")) from None
            yield piece
            data = self._member.unused_data or self._member.unconsumed_tail
            is_more = bool(data) or (len(piece) == PIECE and not self._member.eof)

    def end(self) -> None:
        if self._is_begun and not self._member.eof:
            raise InvalidInput(_CUT_OFF)


class _Zstd:
    def __init__(self) -> None:
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._frame = self._decompressor.decompressobj()
        self._is_begun = False

    def inflate(self, data: bytes) -> Iterator[bytes]:
        for i in range(0, len(data), _ZSTD_SLICE):
            some = data[i : i + _ZSTD_SLICE]
            while some:
                if self._frame.eof:
                    self._frame = self._decompressor.decompressobj()
                self._is_begun = True
                try:
                    yield self._frame.decompress(some)
                except zstandard.ZstdError:
                    raise InvalidInput(_DAMAGED.format("zstd")) from None
                some = self._frame.unused_data

    def end(self) -> None:
        if self._is_begun and not self._frame.eof:
            raise InvalidInput(_CUT_OFF)


_INFLATERS: dict[str, Callable[[], _Inflater]] = {"identity": _Identity, "gzip": _Gzip, "zstd": _Zstd}
_DAMAGED = "The body is not what its Content-Encoding says: it is no {}, or damaged."
_CUT_OFF = "The compressed body ends too early."


class _Writer:
    """Writes a body, as long as it keeps within its limits."""

    def __init__(self, file: BinaryIO, most_bytes: int) -> None:
        self._file = file
        self._most_bytes = most_bytes
        self._received = 0
        self._written = 0
        self.digest = blake2b(digest_size=16)

    def write(self, inflater: _Inflater, data: bytes) -> None:
        self._received += len(data)
        for piece in inflater.inflate(data):
            self._written += len(piece)
            if self._written > self._most_bytes:
                raise TooLarge
            if self._written > max(UNSUSPICIOUS, MOST_INFLATED * self._received):
                raise TooLarge(f"The body is compressed more than {MOST_INFLATED} times; send it less compressed.")
            self.digest.update(piece)
            self._file.write(piece)


def _coding(request: Connection) -> str:
    return request.headers.get("content-encoding", "identity").strip().lower()


async def _in_time(request: Connection, bytes_per_s: int) -> AsyncIterator[bytes]:
    """The body as it arrives, as long as it does so quickly enough."""
    deadline = time.monotonic() + GRACE_S
    pieces = request.stream()
    while True:
        piece = None
        with anyio.move_on_after(deadline - time.monotonic()):
            piece = await anext(pieces, b"")
        if piece is None:
            raise HTTPException(status_code=408, headers={"Connection": "close"})  # RFC 9110, 15.5.9
        if not piece:
            return
        deadline += len(piece) / bytes_per_s
        yield piece
