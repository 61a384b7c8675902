"""The durable engine: DBOS Transact, in our own database. The only file that knows it.

An errand is a DBOS workflow whose id is the errand's, so it exists once; its arguments are ids. All workers go by one
executor id: whichever starts takes up what any of them left behind. What another worker is still busy with may so be
done twice, which changes nothing.
"""

import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, WorkflowSerializationFormat
from sqlalchemy import Connection

from earnest.errors import EarnestError
from earnest.store.base import Errand, Kind

logger = logging.getLogger(__name__)

APPLICATION = "earnest"
VERSION = "jobs-v1"
"""By default it would be a hash of the code, and an upgrade would orphan every job in flight."""
EXECUTOR = "earnest"
CHUNKS, CALLBACKS = "chunks", "callbacks"
POLL_S = 0.25
"""Looking oftener was not faster (0.1 s, 1,000 chunks) and burns an idle core."""
CHUNKS_AT_ONCE = 2
"""One is encoded while the other one is judged and saved; all threads of the encoder are shared anyway."""
CALLBACKS_AT_ONCE = 4
PAUSES_S = (0, 1, 5)
"""Before each try of an errand. A database that is busy has been waited for already: `engines.BUSY_MS`."""
PATIENCE_S = 10
"""For running errands, when the process is asked to stop."""


class DbosEngine:
    """Runs errands. Several may queue them, one at a time in a process may be started.

    Args:
        url: The database, the same as the store's; DBOS adds tables of its own.
    """

    def __init__(self, url: str) -> None:
        _quieten()
        DBOS.migrate(url)
        self._url = url
        self._client = DBOSClient(system_database_url=url, application_name=APPLICATION, lazy=True)
        self._is_started = False

    def enqueue(self, connection: Connection, errands: Sequence[Errand]) -> None:
        """Queue errands within the caller's transaction: they are done exactly if it is committed."""
        for errand in errands:
            options: EnqueueOptions = {
                "workflow_name": run.__name__,
                "workflow_id": errand.id,
                "queue_name": CALLBACKS if errand.kind is Kind.CALL_BACK else CHUNKS,
                "app_version": VERSION,
                "serialization_type": WorkflowSerializationFormat.PORTABLE,  # JSON; the default is pickle
            }
            if errand.delay_s:
                options["delay_seconds"] = errand.delay_s
            self._client.enqueue_in_transaction(connection, options, errand.kind, errand.job, errand.number)

    def start(self, do: Callable[[Errand], None], give_up: Callable[[Errand, str], None]) -> None:
        """Work in this process, first on what a killed one has left behind.

        Raises:
            EarnestError: Another engine is started in this process.
        """
        if _started:
            raise EarnestError("This process works on batch jobs already; stop that service first")
        _started.append(_Work(do, give_up))
        self._is_started = True
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._url,
            "application_version": VERSION,
            "executor_id": EXECUTOR,
            "log_level": "WARNING",
            "use_listen_notify": False,
        }
        for queue, at_once, poll_s in ((CHUNKS, CHUNKS_AT_ONCE, POLL_S), (CALLBACKS, CALLBACKS_AT_ONCE, 1.0)):
            self._client.register_queue(queue, worker_concurrency=at_once, polling_interval_sec=poll_s)
        DBOS(config=config)
        DBOS.launch()

    def stop(self) -> None:
        """Let what is running end, for some seconds, and start nothing new."""
        if self._is_started:
            DBOS.destroy(workflow_completion_timeout_sec=PATIENCE_S if _started[0].running else 0)
            _started.clear()
            self._is_started = False
        self._client.destroy()


@dataclass(frozen=True, slots=True)
class _Work:
    """What the started engine calls, and the errands that it is busy with."""

    do: Callable[[Errand], None]
    give_up: Callable[[Errand, str], None]
    running: set[str] = field(default_factory=set)


_started: list[_Work] = []
"""At most one. DBOS finds workflows by their names in the process, so they cannot be methods of an engine."""


@DBOS.workflow()
def run(kind: str, job: str, number: int) -> None:
    """Try an errand some times, then give up on it."""
    reason: str | None = None
    for pause_s in PAUSES_S:
        if pause_s:
            DBOS.sleep(pause_s)
        reason = attempt(kind, job, number)
        if reason is None:
            return
    give_up(kind, job, number, str(reason))


@DBOS.step()
def attempt(kind: str, job: str, number: int) -> str | None:
    """Try an errand; return why it failed, or None. DBOS keeps and logs what is raised here, so nothing is."""
    errand, work = Errand(Kind(kind), job, number), _started[0]
    work.running.add(errand.id)
    try:
        work.do(errand)
    except Exception as error:
        reason = _reason(error)
        logger.warning("%s failed: %s", errand.id, reason)
        return reason
    finally:
        work.running.discard(errand.id)
    return None


@DBOS.step(retries_allowed=True, max_attempts=10, interval_seconds=1, backoff_rate=2)
def give_up(kind: str, job: str, number: int, reason: str) -> None:
    """Note that an errand will not be done."""
    _started[0].give_up(Errand(Kind(kind), job, number), reason)


def _reason(error: Exception) -> str:
    """Why something failed. Of an error that is not ours only the type and the place: its words may hold an answer."""
    if isinstance(error, EarnestError):
        return error.message
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"


def _quieten() -> None:
    """Let DBOS log through our root logger, warnings only; left alone, it writes to the terminal itself."""
    engine_logger = logging.getLogger("dbos")
    if not engine_logger.handlers:
        engine_logger.addHandler(logging.NullHandler())
    engine_logger.setLevel(logging.WARNING)
