"""Survey files that came in by the console: kept in pieces, so that no file is ever in memory as a whole."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, Row, delete, select, update

from earnest.errors import NotFound
from earnest.store.base import at
from earnest.store.engines import reading, writing
from earnest.store.jobs import row_of
from earnest.store.tables import job, piece, upload

PIECE = 1024 * 1024
"""Bytes of a piece: one transaction each, so that nobody waits for a large file."""

MOST_WAITING = 20
"""Files that are listed; older ones wait unseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came in.

    Attributes:
        id: Its public name.
        file: As the user calls it.
        size: Bytes.
        choice: Which columns are what, as JSON; None until that was looked at.
        job: The job that judges it; None until there is one.
        created_at: When it came in, UTC.
    """

    id: str
    file: str
    size: int
    choice: bytes | None
    job: str | None
    created_at: datetime


class Uploads:
    """The uploaded files of all tenants."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, tenant: str, file: str, pieces: Iterable[bytes]) -> Upload:
        """Keep a file.

        Args:
            tenant: Whose it is.
            file: As the user calls it.
            pieces: Its bytes, in order, at most PIECE at once.
        """
        public_id = str(uuid4())
        row = {"public_id": public_id, "tenant": tenant, "file": file, "size": 0, "created_at": time.time()}
        with writing(self._engine) as connection:
            number = connection.execute(upload.insert().values(row).returning(upload.c.id)).scalar_one()
        size = 0
        try:
            for i, data in enumerate(pieces):
                size += len(data)
                with writing(self._engine) as connection:
                    connection.execute(piece.insert().values(upload_id=number, number=i, data=data))
        except BaseException:  # half a file is none
            self.discard(tenant, public_id)
            raise
        with writing(self._engine) as connection:
            connection.execute(update(upload).where(upload.c.id == number).values(size=size))
        return self.find(tenant, public_id)

    def find(self, tenant: str, upload_id: str) -> Upload:
        """An uploaded file.

        Raises:
            NotFound: There is no such file, or it is another tenant's.
        """
        with reading(self._engine) as connection:
            row = connection.execute(_ALL.where(upload.c.public_id == upload_id, upload.c.tenant == tenant)).first()
        if row is None:
            raise NotFound("There is no such file.")
        return _upload(row)

    def waiting(self, tenant: str) -> list[Upload]:
        """The files that no job judges yet, newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                _ALL.where(upload.c.tenant == tenant, upload.c.job_id.is_(None), upload.c.size > 0)
                .order_by(upload.c.id.desc())
                .limit(MOST_WAITING)
            ).all()
        return [_upload(row) for row in rows]

    def of_job(self, tenant: str, job_id: str) -> Upload | None:
        """The file that a job judges; None where it came in otherwise.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
        """
        with reading(self._engine) as connection:
            number = row_of(connection, job_id, tenant).id
            row = connection.execute(_ALL.where(upload.c.job_id == number)).first()
        return None if row is None else _upload(row)

    def choose(self, tenant: str, upload_id: str, choice: bytes) -> None:
        """Note which columns are what.

        Raises:
            NotFound: There is no such file, or it is another tenant's.
        """
        self._change(tenant, upload_id, {"choice": choice})

    def judged_by(self, tenant: str, upload_id: str, job_id: str) -> None:
        """Note which job judges a file.

        Raises:
            NotFound: There is no such file or job, or it is another tenant's.
        """
        with reading(self._engine) as connection:
            number = row_of(connection, job_id, tenant).id
        self._change(tenant, upload_id, {"job_id": number})

    def write(self, tenant: str, upload_id: str, path: Path) -> None:
        """Write an uploaded file to a path, byte by byte as it came.

        Raises:
            NotFound: There is no such file, or it is another tenant's.
        """
        self.find(tenant, upload_id)
        with path.open("wb") as stream:
            number = 0
            while (data := self._piece(upload_id, number)) is not None:
                stream.write(data)
                number += 1

    def discard(self, tenant: str, upload_id: str) -> None:
        """Forget a file, but not what was found in it.

        Raises:
            NotFound: There is no such file, or it is another tenant's.
        """
        with writing(self._engine) as connection:
            found = connection.execute(
                select(upload.c.id).where(upload.c.public_id == upload_id, upload.c.tenant == tenant)
            ).scalar()
            if found is None:
                raise NotFound("There is no such file.")
            connection.execute(delete(piece).where(piece.c.upload_id == found))
            connection.execute(delete(upload).where(upload.c.id == found))

    def _piece(self, upload_id: str, number: int) -> bytes | None:
        with reading(self._engine) as connection:
            data: bytes | None = connection.execute(
                select(piece.c.data)
                .join(upload, upload.c.id == piece.c.upload_id)
                .where(upload.c.public_id == upload_id, piece.c.number == number)
            ).scalar()
        return data

    def _change(self, tenant: str, upload_id: str, values: dict[str, object]) -> None:
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(upload).where(upload.c.public_id == upload_id, upload.c.tenant == tenant).values(values)
            )
            if not changed.rowcount:
                raise NotFound("There is no such file.")


_ALL = select(upload, job.c.public_id.label("job")).join_from(upload, job, upload.c.job_id == job.c.id, isouter=True)


def _upload(row: Row[Any]) -> Upload:
    return Upload(
        id=row.public_id,
        file=row.file,
        size=row.size,
        choice=row.choice,
        job=row.job,
        created_at=at(row.created_at),
    )
