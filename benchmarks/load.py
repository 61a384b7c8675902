"""Two workers, several tenants, small batches beside a huge one, and reads all the time: errors, memory, waits.

    python benchmarks/load.py [--database postgresql] [--minutes 10] [--scale 1.0]

Everything is Earnest as it ships, over loopback, one thread per worker. Then the ratios: two workers to one, a large
job to a small one, a page of a large job to one of a small one. `--scale` shrinks the jobs of the ratios, and
0 leaves them out. Prints Markdown and draws docs/images/load.svg; ends with 1 where any answer was an error.
"""

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from threading import Event

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.chart import Line, chart
from benchmarks.databases import Database, new_database
from benchmarks.fleet import ROOT, Caller, Fleet, body_of, python

from earnest.findings import RespondentEvaluation
from earnest.scoring import evaluate_entry, evaluate_respondent
from earnest.service import Service
from earnest.settings import Settings
from earnest.store.base import Batch
from earnest.survey import Entry, Respondent, Survey

TENANTS = ("one", "two", "three")
SMALL, HUGE = 20, 5_000
"""Respondents, of two answers each."""
SMALL_EVERY_S = 4.0
JOBS_ALONE = 5
READ_EVERY_S = 0.2
SAMPLE_EVERY_S = 2.0
PAGE = 200
READS = 200
WORDS_PER_ANSWER = 12
TICKS_S = os.sysconf("SC_CLK_TCK")
SOURCE = ROOT / "examples" / "coffee_subscription" / "survey.json"


@dataclass(slots=True)
class Seen:
    """What was measured under load.

    Attributes:
        rss_mb: By process: seconds since the start, and resident memory.
        alone_s: How long small jobs took before there was anything else.
        small_s: When a small job was submitted, and how long it took to its end.
        reads_s: How long each read of a page took.
        huge: Large jobs that were submitted; `huge_done` of them ended in time.
    """

    rss_mb: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    alone_s: list[float] = field(default_factory=list)
    small_s: list[tuple[float, float]] = field(default_factory=list)
    reads_s: list[float] = field(default_factory=list)
    huge: int = 0
    huge_done: int = 0
    callers: list[Caller] = field(default_factory=list)


class Panel:
    """Draws respondents who never say the same."""

    def __init__(self, seed: int = 1) -> None:
        body = json.loads(SOURCE.read_text(encoding="utf-8"))
        answers = [entry["answer"] for each in body["responses"] for entry in each["surveyEntries"]]
        self._words = [word for answer in answers for word in answer.split()]
        self._draw = random.Random(seed)

    def respondents(self, count: int) -> list[Respondent]:
        """So many."""
        return [
            Respondent(f"r{i}", tuple(Entry(question=each, answer=self._answer()) for each in ("Why?", "What else?")))
            for i in range(count)
        ]

    def _answer(self) -> str:
        return " ".join(self._draw.choices(self._words, k=WORDS_PER_ANSWER))


def p95(values: Sequence[float]) -> float:
    """The value that 95 % do not exceed."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def resident_mb(pid: int) -> float:
    """Memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def cpu_s(pid: int) -> float:
    """CPU time that a process has spent."""
    spent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(spent[11]) + int(spent[12])) / TICKS_S


@contextmanager
def fleet_on(database: Database, workers: int) -> Iterator[Fleet]:
    """Earnest as it ships, with so many workers, all of which have loaded their model."""
    with Fleet(python("-m", "earnest"), database.url, database.folder, workers=workers) as fleet:
        with Caller(fleet.address) as caller:
            caller.results(caller.submit(body_of("Warm up", Panel(99).respondents(400 * workers))))
        yield fleet


def under_load(database: Database, fleet: Fleet, minutes: float) -> Seen:
    """Submit, read and sample at once, for so long."""
    service = Service.open(Settings(database_url=database.url))
    keys = [service.create_key("load", tenant=tenant) for tenant in TENANTS]
    service.close()
    seen, stop = Seen(), Event()
    callers = [Caller(fleet.address, key) for key in keys]
    reader, huge = Caller(fleet.address, keys[0]), Caller(fleet.address, keys[1])
    seen.callers = [*callers, reader, huge]
    page = callers[0].submit(body_of("Read", Panel(5).respondents(PAGE)))
    reader.results(page)
    for _ in range(JOBS_ALONE):
        seen.alone_s.append(_small_job_s(callers[0], Panel(6)))
    start = time.monotonic()
    with ThreadPoolExecutor(len(callers) + 3) as threads:
        work = [threads.submit(_submit_small, each, Panel(i), seen, stop, start) for i, each in enumerate(callers)]
        work += [
            threads.submit(_submit_huge, huge, seen, stop),
            threads.submit(_read, reader, page, seen, stop),
            threads.submit(_sample, fleet, seen, stop, start),
        ]
        try:
            time.sleep(60 * minutes)
        finally:
            stop.set()
    for each in work:
        each.result()  # whoever gave up says why
    for caller in seen.callers:
        caller.close()
    return seen


def _submit_small(caller: Caller, panel: Panel, seen: Seen, stop: Event, start: float) -> None:
    while not stop.wait(SMALL_EVERY_S):
        begun = time.monotonic()
        seen.small_s.append((begun - start, _small_job_s(caller, panel)))


def _small_job_s(caller: Caller, panel: Panel) -> float:
    begun = time.monotonic()
    caller.results(caller.submit(body_of("Small", panel.respondents(SMALL))))
    return time.monotonic() - begun


def _submit_huge(caller: Caller, seen: Seen, stop: Event) -> None:
    panel = Panel(77)
    while not stop.is_set():
        job = caller.submit(body_of("Huge", panel.respondents(HUGE)))
        seen.huge += 1
        while not stop.wait(1):
            if caller.page(job, limit=1).status == "completed":
                seen.huge_done += 1
                break


def _read(caller: Caller, job: str, seen: Seen, stop: Event) -> None:
    while not stop.wait(READ_EVERY_S):
        begun = time.monotonic()
        caller.page(job, limit=PAGE)
        seen.reads_s.append(time.monotonic() - begun)


def _sample(fleet: Fleet, seen: Seen, stop: Event, start: float) -> None:
    while not stop.wait(SAMPLE_EVERY_S):
        for name, pid in fleet.pids.items():
            seen.rss_mb.setdefault(name, []).append((time.monotonic() - start, resident_mb(pid)))


def one_and_two_workers(database: Database, size: int) -> tuple[float, float]:
    """Seconds for a batch of so many respondents, with one worker and with two."""
    took = []
    for workers in (1, 2):
        with fleet_on(database, workers) as fleet, Caller(fleet.address) as caller:
            body = body_of("Ratio", Panel(workers).respondents(size))
            start = time.monotonic()
            caller.results(caller.submit(body))
            took.append(time.monotonic() - start)
    return took[0], took[1]


def cost_of_size(database: Database, sizes: Sequence[int]) -> list[tuple[float, float]]:
    """CPU milliseconds of the worker per respondent, and its memory afterwards, by the size of the job."""
    found = []
    with fleet_on(database, 1) as fleet, Caller(fleet.address) as caller:
        pid = fleet.pids["worker-1"]
        for number, size in enumerate(sizes):
            before = cpu_s(pid)
            caller.results(caller.submit(body_of("Size", Panel(10 + number).respondents(size))))
            found.append((1_000 * (cpu_s(pid) - before) / size, resident_mb(pid)))
    return found


def pages(database: Database, sizes: Sequence[int]) -> list[float]:
    """p95 of reading a page of 200 from the middle of a job, in milliseconds, by the size of the job."""
    service = Service.open(Settings(database_url=database.url))
    jobs = []
    for size in sizes:
        respondents = Panel(3).respondents(size)
        batch = Batch(survey=Survey(name="Pages"), respondents=respondents, wanted=frozenset())
        jobs.append(service.keep("default", batch, [_without_findings(each) for each in respondents]))
    service.close()
    with (
        Fleet(python("-m", "earnest"), database.url, database.folder, workers=0) as fleet,
        Caller(fleet.address) as caller,
    ):
        took: list[list[float]] = [[] for _ in jobs]
        cursors: list[str | None] = [None for _ in jobs]
        for _ in range(READS):
            for number, job in enumerate(jobs):
                start = time.monotonic()
                cursors[number] = caller.page(job, cursors[number], limit=PAGE).results.next_cursor
                took[number].append(time.monotonic() - start)
    return [1_000 * p95(each) for each in took]


def _without_findings(respondent: Respondent) -> RespondentEvaluation:
    return evaluate_respondent(respondent, [evaluate_entry(entry, ()) for entry in respondent.entries])


def report(kind: str, minutes: float, seen: Seen) -> Iterator[str]:
    """What was seen under load, as Markdown."""
    errors = [each for caller in seen.callers for each in caller.errors]
    refusals = sum(sum(caller.refusals.values()) for caller in seen.callers)
    waits = [seconds for _, seconds in seen.small_s]
    yield f"### {minutes:g} minutes on {kind}\n"
    yield (
        f"{len(waits)} jobs of {SMALL} respondents from {len(TENANTS)} tenants, {seen.huge} of {HUGE:,} beside them "
        f"({seen.huge_done} ended in that time), {len(seen.reads_s):,} reads of a page of {PAGE}. "
        f"**Errors: {len(errors)}**; asked to try again: {refusals}.\n"
    )
    yield "| what | median | p95 | longest |\n|---|---|---|---|"
    yield f"| small job, alone, s | {median(seen.alone_s):.1f} | {p95(seen.alone_s):.1f} | {max(seen.alone_s):.1f} |"
    yield f"| small job beside the huge one, s | {median(waits):.1f} | {p95(waits):.1f} | {max(waits):.1f} |"
    reads = [1_000 * each for each in seen.reads_s]
    yield f"| read of a page, ms | {median(reads):.0f} | {p95(reads):.0f} | {max(reads):.0f} |\n"
    yield "| resident memory, MB | first quarter, most | last quarter, most |\n|---|---|---|"
    for name, samples in seen.rss_mb.items():
        quarter = len(samples) // 4 or 1
        first, last = (max(mb for _, mb in part) for part in (samples[:quarter], samples[-quarter:]))
        yield f"| {name} | {first:.0f} | {last:.0f} |"
    yield from ["", *errors[:20]]


def draw(seen: Seen) -> None:
    """Draw memory and waits over time."""
    memory = [Line(name, [(at / 60, mb) for at, mb in samples]) for name, samples in seen.rss_mb.items()]
    waits = [Line("a small job's time, s × 10", [(at / 60, 10 * seconds) for at, seconds in sorted(seen.small_s)])]
    path = ROOT / "docs" / "images" / "load.svg"
    path.write_text(chart("Under load", "minutes", "resident memory, MB", [*memory, *waits]), encoding="utf-8")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--scale", type=float, default=1.0)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with new_database(asked.database, is_small=False) as database, fleet_on(database, 2) as fleet:
        seen = under_load(database, fleet, asked.minutes)
    draw(seen)
    print("\n".join(report(asked.database, asked.minutes, seen)), flush=True)
    if asked.scale:
        # One in which no large job is left that workers would take up.
        with new_database(asked.database, is_small=False) as database:
            ratios(database, asked.scale)
    return 1 if any(caller.errors for caller in seen.callers) else 0


def ratios(database: Database, scale: float) -> None:
    """Measure the ratios and print them."""
    print("### Ratios\n\n| what | measured | ratio | goal |\n|---|---|---|---|")
    sizes = [1_000, 100_000]
    small, large = pages(database, sizes)
    of = "p95 of a page of 200, of 100,000 respondents to of 1,000"
    print(f"| {of} | {large:.0f} ms, {small:.0f} ms | {large / small:.2f} | ≤ 3 |", flush=True)
    size = max(2_000, round(10_000 * scale))
    one, two = one_and_two_workers(database, size)
    of = f"a batch of {size:,}, two workers to one"
    print(f"| {of} | {two:.0f} s, {one:.0f} s | {two / one:.2f} | ≤ 0.6 |", flush=True)
    sizes = [1_000, max(2_000, round(100_000 * scale))]
    (small, _), (large, memory) = cost_of_size(database, sizes)
    of = f"CPU of the worker per respondent, a job of {sizes[1]:,} to one of 1,000"
    print(f"| {of} | {large:.1f} ms, {small:.1f} ms | {large / small:.2f} | ≤ 1.25 |")
    print(f"| memory of the worker after it | {memory:.0f} MB | | ≤ 700 MB |")


if __name__ == "__main__":
    sys.exit(main())
