"""A result file appears whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from earnest.errors import InvalidInput


@contextmanager
def replacing(path: Path, *, encoding: str) -> Iterator[IO[str]]:
    """Write text beside `path` and rename it into place when the block ends well; otherwise leave `path` as it was.

    Raises:
        InvalidInput: the place cannot be written to, or its disk is full.
    """
    with (
        replacing_file(path) as place,
        place.open("w", encoding=encoding, errors="replace", newline="") as stream,
    ):
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """The same for what opens its files itself: gives the place to write to, which has the suffix of `path`.

    Raises:
        InvalidInput: the place cannot be written to, or its disk is full.
    """
    try:
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
        os.close(number)
        try:
            yield Path(name)
            Path(name).chmod(_permissions())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as fault:
        raise InvalidInput(f"Cannot write {path}: {fault.strerror or fault}.") from fault


def _permissions() -> int:
    """What a newly created file gets here; a temporary file is private, a result need not be."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
