"""A process at work on batches: listed, on watch, and doing errands."""

import os
import secrets
import socket

from earnest import __version__
from earnest.errors import StoreUnavailable
from earnest.jobs.base import JobEngine
from earnest.jobs.batch import Errands
from earnest.jobs.place import own_place, process_of
from earnest.jobs.watch import Watch
from earnest.store import Store
from earnest.store.workers import Worker

_LONGEST_HOST = 40


class BatchWorker:
    """Works on the batches of a database from `start` until `stop`.

    Args:
        store: The database.
        engine: Queues and runs.
        errands: Does what is run.
    """

    def __init__(self, store: Store, engine: JobEngine, errands: Errands) -> None:
        self._engine = engine
        self._errands = errands
        own = Worker(
            id=f"{socket.gethostname()[:_LONGEST_HOST]}-{os.getpid()}-{secrets.token_hex(4)}",
            place=own_place(),
            process=process_of(os.getpid()),
            version=__version__,
            slots=errands.at_once,
        )
        self._name = own.id
        self._watch = Watch(store.workers, own, engine.take_over)

    def start(self) -> None:
        """Take up errands, first those that a dead worker was busy with.

        Raises:
            EarnestError: Another worker is started in this process, or the database cannot be reached.
        """
        self._watch.enlist()
        self._engine.start(self._errands.do, self._name)
        self._watch.start()

    def stop(self) -> None:
        """Begin nothing new, let what runs end, for some seconds, and leave the rest to others."""
        left = self._engine.stop()
        try:
            for errand in left:
                self._errands.give_back(errand)
        except StoreUnavailable:
            pass  # then it counts as one more try of the chunk
        self._watch.stop()
