"""Breaks what can break while batches come in, and looks whether every respondent was judged exactly once.

    python benchmarks/faults.py [--database sqlite|postgresql] [--faults 100] [--seed 1]

An API and two workers run as processes of their own, and batches are submitted all the time. One fault after the other
is injected. After each, every job that was submitted so far has to end with exactly the results of an undisturbed run
in one process. Prints a Markdown table; ends with 1 where anything was lost or done twice.

The clocks of all processes but the database are moved (benchmarks/tiny_earnest.py). A small disk needs root, who may
mount it; what cannot be injected is listed.
"""

import argparse
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from statistics import median
from threading import Event, Lock, Thread

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.databases import Database, PostgresDatabase, SqliteDatabase, new_database
from benchmarks.fleet import Caller, Fleet, body_of, python
from tests.jobs.tiny import some_respondents, tiny_evaluator

from earnest.jobs.dbos_engine import DbosEngine
from earnest.jobs.watch import LOOKS
from earnest.survey import Respondent, Survey

LOOK_S = 1.0
"""Of the watch, instead of its 5 s: so a fault takes as little time as it may."""
PAUSED_S = LOOK_S * (LOOKS + 3)
"""Longer than a worker may be silent."""
BROKEN_S = 3.0
"""How long a disk is full, a lock is held, a message is delivered again and again."""
SIZES = (1, 7, 24, 60)
"""Respondents of a batch."""
CHUNK = 8
OPEN_JOBS = 6
"""At most so many are under way at any time."""
SUBMIT_EVERY_S = 0.4


class Fault(StrEnum):
    """What can be broken."""

    KILL_API = "`kill -9` of the API"
    KILL_WORKER = "`kill -9` of a worker"
    KILL_ALL = "`kill -9` of everything at once"
    RESTART = "database restarted under load"
    CUT = "all connections cut"
    LOCK = "database locked by somebody else"
    FULL = "disk full"
    CLOCK = "clocks moved, by minutes to a year"
    PAUSE = "worker paused beyond its lease, and continued"
    TWICE = "errands delivered again while they run"


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job, and what has to come out."""

    id: str
    expected: list[bytes]


@dataclass(slots=True)
class Findings:
    """What a campaign has found.

    Attributes:
        left_out: Faults that could not be injected here, and why.
        recovered_s: By fault: from its beginning until all jobs of that time had ended.
        undisturbed_s: The same with no fault.
    """

    left_out: dict[Fault, str] = field(default_factory=dict)
    recovered_s: dict[Fault, list[float]] = field(default_factory=lambda: defaultdict(list))
    undisturbed_s: list[float] = field(default_factory=list)
    jobs: int = 0
    respondents: int = 0
    lost: int = 0
    twice: int = 0
    different: int = 0
    twice_submitted: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether nothing was lost, done twice, or came out differently, and no answer was an error."""
        return not (self.lost or self.twice or self.different or self.twice_submitted or self.errors)


class Submitter:
    """Submits one batch after the other, in a thread, as long as not too many are under way."""

    def __init__(self, address: str, moments: random.Random) -> None:
        self.caller = Caller(address)
        self._moments = moments
        self._lock = Lock()
        self._open: list[Submitted] = []
        self._stop = Event()
        self._thread = Thread(target=self._submit, name="submitter")
        self._respondents = some_respondents(max(SIZES) * 2)

    def __enter__(self) -> "Submitter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.caller.close()

    def open(self) -> list[Submitted]:
        """The jobs that nobody has looked at yet."""
        with self._lock:
            return list(self._open)

    def done(self, jobs: list[Submitted]) -> None:
        """Forget jobs that were looked at."""
        with self._lock:
            self._open = [each for each in self._open if each not in jobs]

    def require_life(self) -> None:
        """Make sure that there will be more.

        Raises:
            TimeoutError: The API took no batch for so long that the thread has given up.
        """
        if not self._thread.is_alive():
            raise TimeoutError("nothing is submitted any more")

    def _submit(self) -> None:
        while not self._stop.is_set():
            self._stop.wait(SUBMIT_EVERY_S)
            if len(self.open()) >= OPEN_JOBS:
                continue
            start = self._moments.randrange(max(SIZES))
            respondents = self._respondents[start : start + self._moments.choice(SIZES)]
            job = self.caller.submit(body_of("Drinks", respondents))
            with self._lock:
                self._open.append(Submitted(job, undisturbed(respondents)))


class Campaign:
    """Injects faults into a fleet and looks at what comes of it.

    Args:
        database: Which the fleet uses.
        clock: The file that moves the fleet's clocks.
        fleet: Which.
        submitter: Submits to it.
        reader: Reads what came of it.
        seed: Of all that is drawn.
    """

    def __init__(
        self, database: Database, clock: Path, fleet: Fleet, submitter: Submitter, reader: Caller, seed: int
    ) -> None:
        self._database = database
        self._clock = clock
        self._fleet = fleet
        self._submitter = submitter
        self._reader = reader
        self._moments = random.Random(seed)
        self.findings = Findings()

    def injections(self) -> dict[Fault, Callable[[], object]]:
        """What can be broken here, and how; the rest is noted."""
        found: dict[Fault, Callable[[], object]] = {
            Fault.KILL_API: lambda: self._kill("api"),
            Fault.KILL_WORKER: lambda: self._kill(self._a_worker()),
            Fault.KILL_ALL: lambda: self._kill(*self._fleet.pids),
            Fault.PAUSE: self._pause,
            Fault.TWICE: self._deliver_again,
            Fault.CLOCK: self._move_clocks,
        }
        if isinstance(self._database, PostgresDatabase):
            found |= {Fault.RESTART: partial(self._restart, self._database), Fault.CUT: self._database.cut}
        else:
            found[Fault.LOCK] = partial(self._database.lock, BROKEN_S)
        if self._database.disk.is_small:
            found[Fault.FULL] = self._fill
        else:
            self.findings.left_out[Fault.FULL] = "a small disk cannot be mounted"
        return found

    def inject(self, faults: int) -> None:
        """Inject so many faults, each kind as often as the others, in an order that is drawn."""
        injections = self.injections()
        kinds = [kind for _ in range(faults // len(injections) + 1) for kind in injections][:faults]
        self._moments.shuffle(kinds)
        for _ in range(3):
            self.findings.undisturbed_s.append(self._after(lambda: None))
        for number, kind in enumerate(kinds, 1):
            seconds = self._after(injections[kind])
            self.findings.recovered_s[kind].append(seconds)
            print(f"{number} of {faults}: {kind}, {seconds:.1f} s", file=sys.stderr, flush=True)

    def finish(self) -> None:
        """Look at what is left, once nothing is submitted any more, and at whether a batch has become two jobs."""
        for each in self._submitter.open():
            self._compare(each)
        self.findings.twice_submitted = self._reader.count_jobs() - self.findings.jobs
        for caller in (self._submitter.caller, self._reader):
            self.findings.refusals += caller.refusals
            self.findings.errors += caller.errors

    def _after(self, inject: Callable[[], object]) -> float:
        """Break something while jobs are under way, and compare what comes of them."""
        while not self._submitter.open():
            self._submitter.require_life()
            time.sleep(0.02)
        time.sleep(self._moments.uniform(0, 1))
        start = time.monotonic()
        inject()
        jobs = self._submitter.open()
        for each in jobs:
            self._compare(each)
        self._submitter.done(jobs)
        return time.monotonic() - start

    def _compare(self, job: Submitted) -> None:
        found = self._reader.results(job.id)
        report = self._reader.report(job.id)
        total, findings = len(job.expected), self.findings
        findings.jobs += 1
        findings.respondents += total
        findings.lost += max(0, total - len(found), total - report.done) + report.failed
        findings.twice += max(0, len(found) - total, report.done - total)
        findings.different += sum(one != other for one, other in zip(found, job.expected, strict=False))

    def _a_worker(self) -> str:
        return self._moments.choice(self._fleet.workers)

    def _kill(self, *names: str) -> None:
        self._fleet.kill(names)
        self._fleet.mend()

    def _pause(self) -> None:
        name = self._a_worker()
        self._fleet.pause(name)
        while isinstance(self._database, SqliteDatabase) and not self._database.is_free():
            self._fleet.go_on(name)  # stopped with the only lock there is, it would keep everybody waiting
            time.sleep(0.01)
            self._fleet.pause(name)
        time.sleep(PAUSED_S)
        self._fleet.go_on(name)

    def _deliver_again(self) -> None:
        engine = DbosEngine(self._database.url)
        until = time.monotonic() + BROKEN_S
        while time.monotonic() < until:
            engine.take_over(lambda: ())  # as if nobody lived: all that is being done is queued again
            time.sleep(0.2)
        engine.stop()

    def _restart(self, database: PostgresDatabase) -> None:
        database.restart(immediately=self._moments.random() < 0.5)
        self._fleet.mend()

    def _fill(self) -> None:
        with self._database.disk.full():
            time.sleep(BROKEN_S)
        self._database.mend()  # PostgreSQL ends where its log cannot be written
        self._fleet.mend()

    def _move_clocks(self) -> None:
        self._clock.write_text(str(self._moments.choice([-31_536_000, -86_400, -600, 600, 86_400, 31_536_000])))
        time.sleep(BROKEN_S)


def undisturbed(respondents: tuple[Respondent, ...]) -> list[bytes]:
    """What comes out where nothing goes wrong, in one process without a database."""
    return [msgspec.json.encode(each) for each in tiny_evaluator().evaluate(Survey(name="Drinks"), respondents)]


def campaign(kind: str, *, faults: int, seed: int) -> Findings:
    """Run a campaign.

    Args:
        kind: Of the database: "sqlite" or "postgresql".
        faults: How many to inject; 0 for each kind once.
        seed: Of all that is drawn.
    """
    with new_database(kind, is_small=True) as database:
        clock = database.folder / "clock"
        command = python("-m", "benchmarks.tiny_earnest", str(LOOK_S), str(clock))
        with (
            Fleet(command, database.url, database.folder, EARNEST_CHUNK_SIZE=str(CHUNK)) as fleet,
            Caller(fleet.address) as reader,
        ):
            with Submitter(fleet.address, random.Random(seed)) as submitter:
                run = Campaign(database, clock, fleet, submitter, reader, seed)
                run.inject(faults or len(run.injections()))
            run.finish()
    return run.findings


def table(kind: str, findings: Findings) -> str:
    """What a campaign has found, as Markdown."""
    rows = [f"### {kind}\n", "| fault | times | seconds until all jobs of that time had ended: median | longest |"]
    rows.append("|---|---|---|---|")
    for name, seconds in [("(none)", findings.undisturbed_s), *sorted(findings.recovered_s.items())]:
        rows.append(f"| {name} | {len(seconds)} | {median(seconds):.1f} | {max(seconds):.1f} |")
    rows += [f"\nNot injected: {fault}: {why}." for fault, why in findings.left_out.items()]
    faults = sum(map(len, findings.recovered_s.values()))
    rows.append(
        f"\n**{faults} faults, {findings.jobs:,} jobs, {findings.respondents:,} respondents: {findings.lost} lost, "
        f"{findings.twice} judged twice, {findings.different} judged differently, {findings.twice_submitted} batches "
        f"taken for two.** What the client was told while something was broken, and tried again: "
        + (", ".join(f"{said} ({count})" for said, count in findings.refusals.most_common()) or "nothing")
        + f". Answers that nothing excuses: {len(findings.errors)}.\n"
    )
    return "\n".join(rows + findings.errors)


def main() -> int:
    """Run campaigns and print what they found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--faults", type=int, default=100, help="0 for each kind once")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whatever was started is ended
    is_sound = True
    for kind in asked.database or ("sqlite", "postgresql"):
        findings = campaign(kind, faults=asked.faults, seed=asked.seed)
        print(table(kind, findings), flush=True)
        is_sound = is_sound and findings.is_sound
    return 0 if is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
