"""`earnest` with the tests' tiny evaluator, a watch that looks oftener, and a clock that can be moved.

    python -m benchmarks.tiny_earnest LOOK_S CLOCK_FILE work

What a fault may damage is what a check sees: answers, siblings, other people's answers, typing. The tiny evaluator's
check writes a digest of all that into its evidence, so it differs where anything differs; the real checks mostly would
not. It takes 20 ms a respondent, so that faults meet chunks under way.

The clock is what `time.time` says, to us and to the engine alike: the real one and the seconds that stand in the file.
(libfaketime 0.9.10, Debian's, makes `time.sleep` of Python 3.11 fail, so it cannot be used.)
"""

import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from unittest import mock

from tests.jobs.tiny import Witness, tiny_evaluator

from earnest.checks.base import Subject
from earnest.cli import app
from earnest.findings import Finding
from earnest.jobs import watch
from earnest.service import Service

RESPONDENT_S = 0.02


class Slow(Witness):
    """Takes its time over each answer; a respondent gives two."""

    def judge(self, subjects: Sequence[Subject]) -> list[Finding | None]:
        """Say what was seen, later."""
        time.sleep(RESPONDENT_S / 2 * len(subjects))
        return super().judge(subjects)


class Clock:
    """A clock that is ahead by as many seconds as a file says; the file is read once a second.

    Args:
        file: Which; where there is none, the clock is right.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._real = time.time
        self._ahead_s = 0
        self._read_at = -1.0

    def time(self) -> float:
        """What `time.time` is to say."""
        if time.monotonic() > self._read_at + 1 and self._file.exists():
            self._ahead_s = int(self._file.read_text() or self._ahead_s)
            self._read_at = time.monotonic()
        return self._real() + self._ahead_s


if __name__ == "__main__":
    watch.LOOK_S = float(sys.argv[1])
    time.time = Clock(Path(sys.argv[2])).time
    mock.patch.object(Service, "open", partial(Service.open, evaluator=tiny_evaluator(Slow()))).start()
    app(sys.argv[3:])
