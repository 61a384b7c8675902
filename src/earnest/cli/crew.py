"""Several workers on one machine: a process each, since one Python uses one core; whoever dies is replaced."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from earnest.cli.terminal import note

IN_CREW = "EARNEST_IN_CREW"
"""Tells a member by whom it was started; it ends when that process does."""
LOOK_S = 1.0
ENOUGH_S = 30.0
"""After a stop: longer than a worker lets its chunks run on."""
REPLACE_S = 5.0
"""Before a dead member is replaced: what kills it may kill the next one, too."""


class Crew:
    """Runs `earnest work` in several processes until it is interrupted.

    Args:
        size: How many.
        path: The settings file, if any.
        threads: That each encodes with; 0 for an equal share of the cores.
    """

    def __init__(self, size: int, path: Path | None, threads: int) -> None:
        self._size = size
        self._command = [sys.executable, "-m", "earnest", "work", *([] if path is None else ["--settings", str(path)])]
        self._environment = _environment(threads or max(1, (os.cpu_count() or 1) // size))
        self._members: list[subprocess.Popen[bytes]] = []

    def run(self) -> None:
        """Work; on Ctrl+C or SIGTERM let what runs end, and on a second one do not."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with suppress(KeyboardInterrupt):
                while True:
                    self._fill()
                    time.sleep(LOOK_S)
            self._stop()
        finally:
            for member in self._members:
                member.kill()

    def _fill(self) -> None:
        for dead in [each for each in self._members if each.poll() is not None]:
            note(f"Worker {dead.pid} ended with {dead.returncode}; another one takes its place.")
            self._members.remove(dead)
            time.sleep(REPLACE_S)
        while len(self._members) < self._size:
            # A session of its own: Ctrl+C reaches this process only, and who is told to stop is told once.
            self._members.append(
                subprocess.Popen(  # noqa: S603 - this very program
                    self._command, env=self._environment, stdout=subprocess.DEVNULL, start_new_session=True
                )
            )

    def _stop(self) -> None:
        for member in self._members:
            member.send_signal(signal.SIGTERM)
        until = time.monotonic() + ENOUGH_S
        for member in self._members:
            with suppress(subprocess.TimeoutExpired):
                member.wait(max(0.0, until - time.monotonic()))


def _environment(threads: int) -> Mapping[str, str]:
    return {**os.environ, IN_CREW: str(os.getpid()), "EARNEST_THREADS": str(threads)}
