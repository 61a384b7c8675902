"""The durable engine: DBOS Transact, in our own database. The only file that knows it.

An errand is a DBOS workflow whose id is the errand's, so it exists once; its arguments are ids. It has no steps: what
is done twice changes nothing, so there is nothing that DBOS would have to remember of a try.

Each worker goes by a name of its own, and DBOS notes who is busy with what. It does not take over what a dead worker
was busy with; `take_over` does, as soon as `watch` knows of it. Should the worker live after all, both do the errand,
one result is kept, and DBOS takes no word from the one that was given up.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, WorkflowSerializationFormat, WorkflowStatus
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from earnest.errors import EarnestError, StoreUnavailable
from earnest.store import tuned
from earnest.store.base import Errand, Kind

logger = logging.getLogger(__name__)

APPLICATION = "earnest"
VERSION = "jobs-v1"
"""By default it would be a hash of the code, and an upgrade would orphan every job in flight."""
CHUNKS, CALLBACKS = "chunks", "callbacks"
POLL_S, IDLE_POLL_S = 0.25, 1.0
"""While there is work, and while there is none. Looking oftener was not faster (0.1 s, 1,000 chunks); four times a
second with nothing to do takes .7 s of CPU a minute, once a second .2."""
CHUNKS_IN_HAND = 2
"""A worker looks for the next one while it works on the first, if it does not work on both; see `batch.AT_ONCE`."""
CALLBACKS_AT_ONCE = 4
CALLBACK_POLL_S = 2.0
REJUDGE_PRIORITY = 100
"""Judging again can wait for small jobs, and not for all of a huge one."""
PATIENCE_S = 10
"""For running errands, when the process is asked to stop."""


class DbosEngine:
    """Runs errands. Several may queue them, one at a time in a process may be started.

    Args:
        url: The database, the same as the store's; DBOS adds tables of its own.
    """

    def __init__(self, url: str) -> None:
        _quieten()
        self._url = tuned(url)
        with _reached():
            DBOS.migrate(self._url)
        self.stopping = Event()
        self._work: _Work | None = None
        self._poll_s = POLL_S
        self._client = DBOSClient(
            system_database_url=self._url, application_name=APPLICATION, lazy=True, retry_connection_errors=False
        )

    def enqueue(self, connection: Connection, errands: Sequence[Errand]) -> None:
        """Queue errands within the caller's transaction: they are done exactly if it is committed."""
        for errand in errands:
            options: EnqueueOptions = {
                "workflow_name": run.__name__,
                "workflow_id": errand.id,
                "queue_name": _queue_of(errand.kind),
                "app_version": VERSION,
                "serialization_type": WorkflowSerializationFormat.PORTABLE,  # JSON; the default is pickle
            }
            if errand.delay_s:
                options["delay_seconds"] = errand.delay_s
            if errand.kind is not Kind.CALL_BACK:
                # The lowest goes first: so a small job's first chunk does not wait for the last one of a huge job.
                options["priority"] = REJUDGE_PRIORITY if errand.kind is Kind.REJUDGE else errand.number + 1
            self._client.enqueue_in_transaction(connection, options, errand.kind, errand.job, errand.number)

    def start(self, do: Callable[[Errand], None], worker: str) -> None:
        """Work in this process, under a name that no other process has ever had.

        Raises:
            EarnestError: Another engine is started in this process.
        """
        if _started:
            raise EarnestError("This process works on batch jobs already; stop that service first")
        self._work = _Work(worker, do, self._hurry)
        _started.append(self._work)
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._url,
            "application_version": VERSION,
            "executor_id": worker,
            "log_level": "WARNING",
            "use_listen_notify": False,
        }
        with _reached():
            self._client.register_queue(
                CALLBACKS, worker_concurrency=CALLBACKS_AT_ONCE, polling_interval_sec=CALLBACK_POLL_S
            )
            self._poll_every(POLL_S)
            DBOS(config=config)
            DBOS.launch()

    def take_over(self, living: Callable[[], Collection[str]]) -> None:
        """Queue again what workers were busy with who live no more; doing it twice changes nothing."""
        work = self._work  # which a stop may end meanwhile
        with _reached():
            busy = self._pending()
            names = living()
            left = [each for each in busy if each.executor_id not in names or (work and work.has_dropped(each))]
            self._queue_again(left)
            if busy or self._poll_s == POLL_S:
                self._poll_every(POLL_S if busy else IDLE_POLL_S)
        if work is not None:
            work.missed = {each.workflow_id for each in busy if each.executor_id == work.worker}

    def stop(self) -> list[Errand]:
        """Begin nothing new, let what is running end, for some seconds, and queue again the rest, which is returned."""
        self.stopping.set()
        left: list[Errand] = []
        work = self._work
        if work is not None:
            DBOS.destroy(workflow_completion_timeout_sec=PATIENCE_S if work.running else 0)
            left = [work.running[name] for name in sorted(work.running)]
            _started.clear()
            try:
                with _reached():
                    self._queue_again([each for each in self._pending() if each.executor_id == work.worker])
            except StoreUnavailable as error:
                logger.warning("What was begun is done by others once this worker is missed: %s", error.message)
            self._work = None
        self._client.destroy()
        return left

    def _poll_every(self, poll_s: float) -> None:
        """Set how often all workers look for chunks; DBOS keeps it in the database and reads it each time."""
        self._client.register_queue(CHUNKS, worker_concurrency=CHUNKS_IN_HAND, polling_interval_sec=poll_s)
        self._poll_s = poll_s

    def _hurry(self) -> None:
        """Work has come: look oftener. Where that cannot be said, the next look of the watch will."""
        if self._poll_s != POLL_S:
            with suppress(StoreUnavailable), _reached():
                self._poll_every(POLL_S)

    def _pending(self) -> list[WorkflowStatus]:
        return self._client.list_workflows(
            status="PENDING", name=run.__name__, app_version=VERSION, load_input=False, load_output=False
        )

    def _queue_again(self, left: Sequence[WorkflowStatus]) -> None:
        by_queue = defaultdict(list)
        for each in left:
            by_queue[_queue_of(Kind(each.workflow_id.split("/")[1]))].append(each.workflow_id)
        for queue, ids in by_queue.items():
            logger.info("Queued again: %s", ", ".join(ids))
            self._client.resume_workflows(ids, queue_name=queue)


@dataclass(slots=True)
class _Work:
    """What the started engine calls, what it is busy with, and what DBOS thought it was busy with at the last look."""

    worker: str
    do: Callable[[Errand], None]
    hurry: Callable[[], None]
    running: dict[str, Errand] = field(default_factory=dict)
    missed: set[str] = field(default_factory=set)

    def has_dropped(self, busy: WorkflowStatus) -> bool:
        """Whether we seem to be busy with it and are not, nor were at the last look: the database failed in between."""
        is_ours = busy.executor_id == self.worker
        return is_ours and busy.workflow_id not in self.running and busy.workflow_id in self.missed


_started: list[_Work] = []
"""At most one. DBOS finds workflows by their names in the process, so they cannot be methods of an engine."""


@DBOS.workflow()
def run(kind: str, job: str, number: int) -> None:
    """Do an errand. What it raises, DBOS keeps and logs, so it must hold no answer."""
    work, name = _started[0], str(DBOS.workflow_id)
    errand = Errand(Kind(kind), job, number)
    work.running[name] = errand
    try:
        work.hurry()
        work.do(errand)
    finally:
        work.running.pop(name, None)


def _queue_of(kind: Kind) -> str:
    return CALLBACKS if kind is Kind.CALL_BACK else CHUNKS


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreUnavailable(f"The job engine cannot use the database: {type(error).__name__}") from None


def _quieten() -> None:
    """Let DBOS log through our root logger, warnings only; left alone, it writes to the terminal itself."""
    engine_logger = logging.getLogger("dbos")
    if not engine_logger.handlers:
        engine_logger.addHandler(logging.NullHandler())
    engine_logger.setLevel(logging.WARNING)
