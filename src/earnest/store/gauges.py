"""What the operator watches: how much there is to do, and what was counted. No answer, tenant or URL is in any of it.

Counts are kept in the database, so that those of all processes add up and outlive them. A process that is killed may
take the last few seconds' counts of single requests with it; verdicts themselves are never lost.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

from sqlalchemy import Engine, func, select

from earnest.errors import StoreUnavailable
from earnest.findings import CheckName, JobStatus, RespondentEvaluation
from earnest.store.engines import insert, reading, writing
from earnest.store.jobs import UNDER_WAY
from earnest.store.submissions import State
from earnest.store.tables import chunk, job, tally, worker

SAVE_EVERY_S = 5.0
"""Counts of single requests are saved together, so that a request does not wait for one more commit."""
BUCKETS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Chunks of 200 respondents take .5 to 10 s (docs/explanation/speed.md), by their answers and the machine."""
BEYOND = "+Inf"
SUM = "sum"


class Count(StrEnum):
    """What is counted; chunks by their time in seconds, the others by kind."""

    RESPONDENTS = "respondents"
    VERDICTS = "verdicts"
    FAILURES = "failures"
    CALLBACKS = "callbacks"
    OBSERVED = "observe_seconds"
    JUDGED = "judge_seconds"


Counts = Mapping[tuple[Count, str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """How the installation stands.

    Attributes:
        respondents_waiting: Of batches; who has still to be judged.
        chunks_waiting: Of them.
        jobs: Batch jobs by status.
        oldest_s: Age of the oldest job that has not ended, in seconds; 0 where there is none.
        workers: Processes at work on batches, also those of which it is not known yet that they are dead.
        slots: How many chunks they do at once.
        counts: What was counted.
    """

    respondents_waiting: int
    chunks_waiting: int
    jobs: Mapping[JobStatus, int]
    oldest_s: float
    workers: int
    slots: int
    counts: Counts


class Tally:
    """Counts, and tells how all stands."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._unsaved: Counter[tuple[Count, str]] = Counter()
        self._saved_at = time.monotonic()

    def add(self, counts: Counts, *, at_once: bool = False) -> None:
        """Count; saved with later ones, or at once. Never fails: what cannot be saved now, is saved with the next."""
        with self._lock:
            self._unsaved.update(counts)
            is_due = at_once or time.monotonic() - self._saved_at >= SAVE_EVERY_S
        if is_due:
            self.save()

    def save(self) -> None:
        """Save what was counted."""
        with self._lock:
            unsaved, self._unsaved = self._unsaved, Counter()
            self._saved_at = time.monotonic()
        if not unsaved:
            return
        try:
            with writing(self._engine) as connection:
                for (name, label), amount in sorted(unsaved.items()):  # in one order: two who save wait, never for ever
                    more = insert(connection, tally).values(name=name, label=label, amount=amount)
                    connection.execute(
                        more.on_conflict_do_update(
                            index_elements=[tally.c.name, tally.c.label],
                            set_={"amount": tally.c.amount + more.excluded.amount},
                        )
                    )
        except StoreUnavailable:
            with self._lock:
                self._unsaved.update(unsaved)

    def gauges(self) -> Gauges:
        """How the installation stands.

        Raises:
            StoreUnavailable: The database cannot be reached.
        """
        self.save()
        to_do = select(func.count(), func.sum(chunk.c.end - chunk.c.first)).join(job, job.c.id == chunk.c.job_id)
        to_do = to_do.where(job.c.status.in_(UNDER_WAY), chunk.c.state.in_((State.WAITING, State.OBSERVED)))
        oldest = select(func.min(job.c.created_at)).where(job.c.status.in_(UNDER_WAY))
        with reading(self._engine) as connection:
            chunks, respondents = connection.execute(to_do).one()
            began = connection.execute(oldest).scalar()
            jobs = connection.execute(select(job.c.status, func.count()).group_by(job.c.status)).all()
            workers, slots = connection.execute(select(func.count(), func.sum(worker.c.slots))).one()
            counts = connection.execute(select(tally)).all()
        return Gauges(
            respondents_waiting=int(respondents or 0),
            chunks_waiting=chunks,
            jobs={JobStatus(status): count for status, count in jobs},
            oldest_s=0.0 if began is None else max(0.0, time.time() - began),
            workers=workers,
            slots=int(slots or 0),
            counts={(Count(row.name), row.label): row.amount for row in counts if row.name in set(Count)},
        )


def judged(evaluations: Iterable[RespondentEvaluation], wanted: Iterable[CheckName]) -> Counts:
    """Counts of respondents who were judged: of the verdicts, by each check and answer."""
    counts: Counter[tuple[Count, str]] = Counter()
    checks = sorted(wanted)
    for respondent in evaluations:
        counts[Count.RESPONDENTS, ""] += 1
        for answer in respondent.evaluations:
            said = {finding.type: finding.is_issue for finding in answer.quality_issue_checks}
            for check in checks:
                verdict = {True: "issue", False: "clear", None: "cannot_tell"}[said.get(check)]
                counts[Count.VERDICTS, f"{check.name.lower()}/{verdict}"] += 1
    return counts


def took(count: Count, seconds: float) -> Counts:
    """Counts of a chunk that took so long."""
    bucket = next((f"{limit:g}" for limit in BUCKETS_S if seconds <= limit), BEYOND)
    return {(count, bucket): 1, (count, SUM): seconds}
