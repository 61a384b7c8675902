"""A worker that a test kills: `python -m tests.jobs.doomed DATABASE_URL ALLOWED MOMENT`.

At the moment "noting" it kills itself, when a callback has been answered and is about to be noted.
"""

import os
import signal
import sys
import threading
from unittest import mock

from tests.jobs.tiny import tiny_evaluator

from earnest.service import Service
from earnest.settings import Settings
from earnest.store.deliveries import Deliveries


def die(*_: object, **__: object) -> None:
    """Be killed, without a moment to clean up."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    url, allowed, moment = sys.argv[1:]
    if moment == "noting":
        mock.patch.object(Deliveries, "save", die).start()
    service = Service.open(Settings(database_url=url, callback_allow=allowed), evaluator=tiny_evaluator())
    service.start_worker()
    threading.Event().wait()
