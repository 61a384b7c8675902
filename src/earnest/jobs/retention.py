"""Answers, and how they were typed, are kept as long as the settings say; workers see to it once an hour."""

import logging
import time
from threading import Event, Thread

from earnest.errors import EarnestError
from earnest.jobs.reasons import reason_of
from earnest.settings import Settings
from earnest.store import Store
from earnest.store.selection import Selection

logger = logging.getLogger(__name__)

LOOK_S = 60.0
HOUR_S, DAY_S = 3_600, 86_400


class Retention:
    """Deletes what is too old, in a thread of its own; of all workers, one each hour."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._ended = Event()
        self._thread = Thread(target=self._watch, name="earnest-retention", daemon=True)

    def start(self) -> None:
        """Begin, where anything is to be deleted some day."""
        if self._settings.keep_days or self._settings.keep_key_events_days:
            self._thread.start()

    def stop(self) -> None:
        """Begin nothing new. What is being deleted may be left in the middle: the next hour goes on with it."""
        self._ended.set()

    def apply(self) -> None:
        """Delete what is too old now.

        Raises:
            StoreUnavailable: The database cannot be used.
        """
        now = time.time()
        removed = []
        if self._settings.keep_key_events_days:
            before = now - self._settings.keep_key_events_days * DAY_S
            removed.append(self._store.purge.typing(Selection(before=before)))
        if self._settings.keep_days:
            removed.append(self._store.purge.answers(Selection(before=now - self._settings.keep_days * DAY_S)))
        for thing, count in (each for some in removed for each in some.items() if each[1]):
            logger.info("Retention: %d %s", count, thing)
        self._store.purge.settle()

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_S):
            try:
                if self._store.purge.is_first_in(int(time.time() // HOUR_S)):
                    self.apply()
            except EarnestError as error:
                logger.warning("What is too old is deleted later: %s", error.message)
            except Exception as error:  # the worker goes on, and the next hour tries again
                logger.error("What is too old could not be deleted: %s", reason_of(error))
