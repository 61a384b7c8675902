"""Worker processes with the tiny evaluator, to be killed, stopped and continued."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.jobs.tiny import Witness, tiny_evaluator

from earnest.checks.base import Subject
from earnest.findings import Finding
from earnest.jobs import batch, dbos_engine, watch
from earnest.service import Service
from earnest.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


class Deadly(Witness):
    """Kills its process for respondents who are named for it, and takes its time over others."""

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        for subject in subjects:
            if subject.respondent.startswith("kills"):
                os.kill(os.getpid(), signal.SIGKILL)
            if subject.respondent.startswith("slow"):
                time.sleep(0.1)
        return super().judge(subjects)


@contextmanager
def worker(url: str, *, look_s: float = 1.0) -> Iterator[subprocess.Popen[bytes]]:
    """A process that works on a database; killed at the end."""
    command = [sys.executable, "-m", "tests.jobs.workers", url, str(look_s)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def main(url: str, look_s: str) -> None:
    """Work until told to stop."""
    logging.basicConfig(level=logging.ERROR)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    dbos_engine.POLL_S = dbos_engine.IDLE_POLL_S = 0.05
    batch.PAUSES_S = (0.0, 0.0)
    watch.LOOK_S = float(look_s)
    service = Service.open(Settings(database_url=url), evaluator=tiny_evaluator(Deadly()))
    try:
        service.start_worker()
        threading.Event().wait()
    except KeyboardInterrupt:
        service.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
