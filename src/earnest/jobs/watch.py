"""The watch that workers keep over one another: whoever dies, what it was busy with is taken over within 30 seconds.

Nothing here looks at a clock, so a clock that is wrong or moved changes nothing: a worker is dead when its number has
stood still over LOOKS looks of the one who watches. A watcher that was stopped itself finds the others' numbers higher
than when it looked last; so does one that could not reach the database.
"""

import logging
from collections.abc import Callable, Collection
from threading import Event, Thread

from earnest.errors import EarnestError
from earnest.jobs.place import is_gone
from earnest.store.workers import Worker, Workers

logger = logging.getLogger(__name__)

LOOK_S = 5.0
"""Between two looks. Each costs an idle worker about 5 ms."""
LOOKS = 4
"""So 15 to 20 seconds: a writer to SQLite may have to wait that long for its turn, and is not dead."""


class Watch:
    """Shows that this worker lives, and watches the others.

    Args:
        workers: All that are listed.
        own: This worker.
        take_over: Called at each look with what returns the names of those who live: lets others do what was left.
    """

    def __init__(
        self, workers: Workers, own: Worker, take_over: Callable[[Callable[[], Collection[str]]], None]
    ) -> None:
        self._workers = workers
        self._own = own
        self._take_over = take_over
        self._still: dict[str, tuple[int, int]] = {}
        self._ended = Event()
        self._thread = Thread(target=self._watch, name="earnest-watch", daemon=True)

    def enlist(self) -> None:
        """List this worker; to be done before it begins to work, or the others would take it for dead.

        Raises:
            StoreUnavailable: The database cannot be reached.
        """
        self._workers.beat(self._own)

    def start(self) -> None:
        """Look once, and then over and over in a thread."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """Look no more, and let the others know at once that this worker is none any longer."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
        try:
            self._workers.leave(self._own.id)
        except EarnestError as error:
            logger.warning("This worker could not sign off, so others wait for it: %s", error.message)

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_S):
            self.look()

    def look(self) -> None:
        """Raise the own number and see whose stands still."""
        try:
            self._workers.beat(self._own)
            for each in self._dead(self._workers.all()):
                logger.warning("Worker %s is gone; what it was busy with is taken over", each.id)
                self._workers.remove(each)
            self._take_over(self._living)
        except EarnestError as error:
            logger.warning("Workers cannot be watched just now: %s", error.message)

    def _living(self) -> Collection[str]:
        return {each.id for each in self._workers.all()}

    def _dead(self, listed: Collection[Worker]) -> list[Worker]:
        before, self._still = self._still, {}
        dead = []
        for each in listed:
            beat, looks = before.get(each.id, (each.beat, 0))
            looks = looks + 1 if beat == each.beat else 0
            self._still[each.id] = (each.beat, looks)
            is_here = each.place != "" and each.place == self._own.place
            if each.id != self._own.id and (looks >= LOOKS or (is_here and is_gone(each.process))):
                dead.append(each)
        return dead
