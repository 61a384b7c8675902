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
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding=encoding, errors="replace", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as stream:
            try:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
                Path(stream.name).chmod(_permissions())
                Path(stream.name).replace(path)
            except BaseException:
                Path(stream.name).unlink(missing_ok=True)
                raise
    except OSError as fault:
        raise InvalidInput(f"Cannot write {path}: {fault.strerror or fault}.") from fault


def _permissions() -> int:
    """What a newly created file gets here; a temporary file is private, a result need not be."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
