"""What was found about a job's respondents, for people to look at: numbers of all of them, everything about some."""

from collections import OrderedDict
from collections.abc import Collection, Iterator
from threading import Lock

import msgspec
import zstandard
from sqlalchemy import Connection, Engine, func, select

from earnest.errors import NotFound
from earnest.findings import JobStatus, RespondentEvaluation
from earnest.review.ledger import Ledger
from earnest.store.engines import reading
from earnest.store.jobs import row_of
from earnest.store.responses import load
from earnest.store.submissions import Request, request_of
from earnest.store.tables import chunk, evaluation, task
from earnest.survey import Entry

MOST_KEPT = 8
"""Ledgers of ended jobs that stay in memory: of 100,000 answers 2.4 MB each."""
LEVEL = 3


class Results:
    """The results of all jobs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ledgers: OrderedDict[str, Ledger] = OrderedDict()
        self._lock = Lock()

    def asked(self, tenant: str, job_id: str) -> Request:
        """What a job was asked for: its survey, the checks, and the thresholds that are not the checks' own.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
        """
        with reading(self._engine) as connection:
            return request_of(row_of(connection, job_id, tenant))

    def ledger(self, tenant: str, job_id: str) -> Ledger:
        """What was found so far about all of a job's respondents, in numbers.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
        """
        with reading(self._engine) as connection:
            row = row_of(connection, job_id, tenant)
            with self._lock:
                known = self._ledgers.get(job_id)
            if known is None:
                known = _ledger(connection, row.id)
        if row.status == JobStatus.COMPLETED:  # a failed one may be taken up again
            with self._lock:
                self._ledgers[job_id] = known
                self._ledgers.move_to_end(job_id)
                while len(self._ledgers) > MOST_KEPT:
                    self._ledgers.popitem(last=False)
        return known

    def evaluations(self, tenant: str, job_id: str, positions: Collection[int]) -> dict[int, RespondentEvaluation]:
        """Everything that was found about some respondents, by position; those who are not judged yet are left out.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
        """
        with reading(self._engine) as connection:
            row = row_of(connection, job_id, tenant)
            rows = [
                each
                for some in _thousands(positions)
                for each in connection.execute(
                    select(evaluation.c.position, evaluation.c.result)
                    .where(evaluation.c.job_id == row.id, evaluation.c.position.in_(some))
                    .order_by(evaluation.c.position)
                )
            ]
        return {position: msgspec.json.decode(result, type=RespondentEvaluation) for position, result in rows}

    def named(self, tenant: str, job_id: str, name: str, *, most: int) -> dict[int, RespondentEvaluation]:
        """What was found about the first respondents of a name, by position; all results of the job are looked through.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
        """
        start = b'{"responseIdentifier":' + msgspec.json.encode(name) + b","
        with reading(self._engine) as connection:
            row = row_of(connection, job_id, tenant)
            rows = connection.execute(
                select(evaluation.c.position, evaluation.c.result)
                .where(evaluation.c.job_id == row.id, func.substr(evaluation.c.result, 1, len(start)) == start)
                .order_by(evaluation.c.position)
                .limit(most)
            ).all()
        return {position: msgspec.json.decode(result, type=RespondentEvaluation) for position, result in rows}

    def entries(self, tenant: str, job_id: str, position: int) -> tuple[Entry, ...]:
        """A respondent's answers as they came in, with key and paste events as long as those are kept.

        Raises:
            NotFound: There is no such job or respondent, or it is another tenant's, or its answers are not kept.
        """
        with reading(self._engine) as connection:
            row = row_of(connection, job_id, tenant)
            part_id = connection.execute(
                select(task.c.part_id).where(task.c.job_id == row.id, task.c.position == position)
            ).scalar()
            if part_id is None:
                raise NotFound("The answers of this respondent are not kept here.")
            kept = load(connection, {position: part_id}, before=0, encoder="", events=True)
        return kept[position].part.entries


def _thousands(positions: Collection[int]) -> Iterator[list[int]]:
    """Positions by the thousand: each is a parameter, of which a statement takes some ten thousands."""
    wanted = sorted(positions)
    return (wanted[i : i + 1_000] for i in range(0, len(wanted), 1_000))


def pack_ledger(ledger: Ledger) -> bytes:
    """A ledger as `chunk.ledger` holds it."""
    return zstandard.ZstdCompressor(level=LEVEL).compress(ledger.packed())


def _ledger(connection: Connection, job_id: int) -> Ledger:
    """The ledgers of all chunks; what was judged before ledgers were kept is counted again."""
    rows = connection.execute(
        select(chunk.c.first, chunk.c.end, chunk.c.ledger).where(chunk.c.job_id == job_id).order_by(chunk.c.first)
    ).all()
    if not rows:  # kept by the command line
        return _counted(connection, job_id, 0, 2**31 - 1)
    return Ledger.joined(
        [
            _counted(connection, job_id, first, end)
            if packed is None
            else Ledger.unpacked(zstandard.decompress(packed))
            for first, end, packed in rows
        ]
    )


def _counted(connection: Connection, job_id: int, first: int, end: int) -> Ledger:
    rows = connection.execute(
        select(evaluation.c.position, evaluation.c.result)
        .where(evaluation.c.job_id == job_id, evaluation.c.position >= first, evaluation.c.position < end)
        .order_by(evaluation.c.position)
    ).all()
    return Ledger.joined(
        [
            Ledger.of([msgspec.json.decode(result, type=RespondentEvaluation)], first=position)
            for position, result in rows
        ]
    )
