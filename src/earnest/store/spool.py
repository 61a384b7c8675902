"""What is too large for memory waits in a file that has no name, so that nothing of it outlives the process."""

import errno
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Generic, TypeVar

import msgspec
from sqlalchemy import Engine

from earnest.errors import OutOfSpace

T = TypeVar("T", bound=msgspec.Struct)

MOST_BYTES = 2_000_000
"""Of records that are in memory at once."""
MOST_RECORDS = 500
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_LENGTH = struct.Struct("<I")


def folder_of(engine: Engine) -> Path | None:
    """Where there is room: beside an SQLite database; None for the system's folder of temporary files (TMPDIR)."""
    return Path(engine.url.database or ".").absolute().parent if engine.name == "sqlite" else None


@contextmanager
def spool(folder: Path | None) -> Iterator[BinaryIO]:
    """A file to write and read that is gone at the end of the block, and also when the process is killed.

    Raises:
        OutOfSpace: The disk is full.
    """
    try:
        with TemporaryFile(dir=folder) as file:
            yield file
    except OSError as error:
        if error.errno in _FULL:
            raise OutOfSpace from None
        raise


class Records(Generic[T]):
    """Structs in a file, written one by one and read some at a time.

    Args:
        file: Where to, from its beginning.
        kind: Their class.
    """

    def __init__(self, file: BinaryIO, kind: type[T]) -> None:
        self._file = file
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._count = 0

    def add(self, record: T) -> None:
        """Write one more."""
        encoded = msgspec.msgpack.encode(record)
        self._file.write(_LENGTH.pack(len(encoded)) + encoded)
        self._count += 1

    def __len__(self) -> int:
        """How many were written."""
        return self._count

    def slices(self) -> Iterator[list[T]]:
        """All of them in order, as many at a time as memory should hold."""
        self._file.seek(0)
        some: list[T] = []
        size = 0
        for _ in range(self._count):
            [length] = _LENGTH.unpack(self._file.read(_LENGTH.size))
            some.append(self._decoder.decode(self._file.read(length)))
            size += length
            if size >= MOST_BYTES or len(some) == MOST_RECORDS:
                yield some
                some, size = [], 0
        if some:
            yield some
