"""Who is at work: each worker process keeps a row, and raises its number as long as it lives."""

import time
from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select, update

from earnest.store.engines import reading, writing
from earnest.store.tables import worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A worker process.

    Attributes:
        id: Its name, of at most 64 characters; no two processes ever have the same.
        place: What gives `process` a meaning: machine, boot and process namespace; empty where that cannot be told.
        process: Which process of that place it is.
        version: Of Earnest.
        slots: How many errands of a batch it does at once.
        beat: Rises while it lives.
    """

    id: str
    place: str
    process: int
    version: str
    slots: int
    beat: int = 0


class Workers:
    """All worker processes of a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def beat(self, own: Worker) -> None:
        """Raise a worker's number; one that was taken for dead, or is new, is listed from now on."""
        with writing(self._engine) as connection:
            raised = connection.execute(update(worker).where(worker.c.id == own.id).values(beat=worker.c.beat + 1))
            if raised.rowcount == 0:
                connection.execute(
                    insert(worker).values(
                        id=own.id,
                        place=own.place,
                        process=own.process,
                        version=own.version,
                        slots=own.slots,
                        started_at=time.time(),
                        beat=0,
                    )
                )

    def all(self) -> list[Worker]:
        """Those who are listed, by name."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(worker).order_by(worker.c.id)).all()
        return [
            Worker(
                id=row.id,
                place=row.place,
                process=row.process,
                version=row.version,
                slots=row.slots,
                beat=row.beat,
            )
            for row in rows
        ]

    def remove(self, dead: Worker) -> None:
        """Strike a worker off the list, unless it has raised its number meanwhile."""
        with writing(self._engine) as connection:
            connection.execute(delete(worker).where(worker.c.id == dead.id, worker.c.beat == dead.beat))

    def leave(self, worker_id: str) -> None:
        """Strike a worker off the list that ends by itself."""
        with writing(self._engine) as connection:
            connection.execute(delete(worker).where(worker.c.id == worker_id))
