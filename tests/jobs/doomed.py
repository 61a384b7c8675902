"""A worker that a test kills: `python -m tests.jobs.doomed DATABASE_URL ALLOWED MOMENT`.

At its moment it kills itself:

    noting      a callback has been answered and is about to be noted
    judged      half of those who are to be judged again have their new verdicts, the others' are found
    settling    the same, and the others' are written, but not committed
    settled     all new verdicts are committed, the errand has not ended
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from unittest import mock

from tests.jobs.tiny import tiny_evaluator

from earnest.jobs import rejudge
from earnest.service import Service
from earnest.settings import Settings
from earnest.store import late
from earnest.store.deliveries import Deliveries
from earnest.store.verdicts import Verdicts

AT_ONCE = 2


def die(*_: object, **__: object) -> None:
    """Be killed, without a moment to clean up."""
    os.kill(os.getpid(), signal.SIGKILL)


def second_time(work: Callable[..., None], *, works: bool) -> Callable[..., None]:
    """The same, but the second call is the last one; whether or not it still works."""
    calls = 0

    def call(*given: object, **named: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 1 or works:
            work(*given, **named)
        if calls == 2:
            die()

    return call


def doom(moment: str) -> None:
    """Arrange the end."""
    rejudge.AT_ONCE = AT_ONCE
    if moment == "noting":
        mock.patch.object(Deliveries, "save", die).start()
    elif moment == "settling":
        mock.patch("earnest.store.verdicts.settle", second_time(late.settle, works=True)).start()
    else:
        mock.patch.object(Verdicts, "settle", second_time(Verdicts.settle, works=moment == "settled")).start()


if __name__ == "__main__":
    url, allowed, moment = sys.argv[1:]
    doom(moment)
    service = Service.open(Settings(database_url=url, callback_allow=allowed), evaluator=tiny_evaluator())
    service.start_worker()
    threading.Event().wait()
