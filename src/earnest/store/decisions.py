"""What people decided about a job's respondents. Nothing is overwritten: the latest decision of a coder counts."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, and_, func, select, update

from earnest.errors import InvalidInput
from earnest.review.decisions import Decision, Ruling
from earnest.store.base import at
from earnest.store.engines import execute_many, reading, writing
from earnest.store.jobs import row_of
from earnest.store.tables import decision

LONGEST_REASON = 200
LONGEST_NOTE = 5_000
LATEST = 1e12
"""A moment that never comes, in seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """One decision, as it was taken.

    Attributes:
        position: The respondent's position in the batch.
        coder: Who decided.
        ruling: What.
        reason: Why, in a word or two.
        note: What else was to be said.
        is_final: Whether it settles what coders see differently.
        decided_at: When, UTC.
        undone_at: When it was taken back; None unless it was.
    """

    position: int
    coder: str
    ruling: Ruling
    reason: str
    note: str
    is_final: bool
    decided_at: datetime
    undone_at: datetime | None


class Decisions:
    """The decisions about all jobs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def decide(
        self,
        tenant: str,
        job_id: str,
        positions: Collection[int],
        *,
        coder: str,
        ruling: Ruling,
        reason: str = "",
        note: str = "",
        is_final: bool = False,
    ) -> None:
        """Note what a coder decided about some respondents at once.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
            InvalidInput: There is no respondent at one of the positions, or the reason or the note is too long.
        """
        faults = {
            name: f"must have at most {most:,} characters"
            for name, text, most in (("reason", reason, LONGEST_REASON), ("note", note, LONGEST_NOTE))
            if len(text) > most
        }
        with writing(self._engine) as connection:
            row = row_of(connection, job_id, tenant)
            if any(not 0 <= position < row.total for position in positions):
                faults["positions"] = f"must be from 0 to {row.total - 1}"
            if faults:
                raise InvalidInput(details=faults)
            values = {
                "job_id": row.id,
                "coder": coder,
                "ruling": ruling,
                "reason": reason,
                "note": note,
                "is_final": is_final,
                "decided_at": time.time(),
            }
            execute_many(
                connection, decision.insert(), [{**values, "position": position} for position in sorted(set(positions))]
            )

    def undo(self, tenant: str, job_id: str, *, coder: str) -> list[int]:
        """Take back what a coder did last, all of it where it was about several; return whom it was about.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
        """
        with writing(self._engine) as connection:
            row = row_of(connection, job_id, tenant)
            own = (decision.c.job_id == row.id, decision.c.coder == coder, decision.c.undone_at.is_(None))
            last = connection.execute(select(func.max(decision.c.decided_at)).where(*own)).scalar()
            if last is None:
                return []
            undone = connection.execute(
                update(decision)
                .where(*own, decision.c.decided_at == last)
                .values(undone_at=time.time())
                .returning(decision.c.position)
            ).scalars()
            return sorted(undone)

    def log(self, tenant: str, job_id: str, *, position: int | None = None) -> list[Ruled]:
        """Who decided what and when, oldest first, also what was undone.

        Args:
            tenant: Who asks.
            job_id: The job.
            position: About this respondent only; None for all.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
        """
        with reading(self._engine) as connection:
            row = row_of(connection, job_id, tenant)
            about = select(decision).where(decision.c.job_id == row.id).order_by(decision.c.id)
            rows = connection.execute(about if position is None else about.where(decision.c.position == position)).all()
        return [_ruled(each) for each in rows]

    def current(self, tenant: str, job_id: str) -> dict[int, dict[str, Ruled]]:
        """What counts: by position, each coder's latest decision that was not undone; a final one before all others.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
        """
        found: dict[int, dict[str, Ruled]] = defaultdict(dict)
        for each in self.log(tenant, job_id):
            earlier = found[each.position].get(each.coder) if each.undone_at is None else None
            if each.undone_at is None and (each.is_final or earlier is None or not earlier.is_final):
                found[each.position][each.coder] = each
        return {position: by_coder for position, by_coder in found.items() if by_coder}

    def rulings(
        self, tenant: str, job_id: str, *, coder: str, before: float = LATEST, positions: Collection[int] | None = None
    ) -> dict[int, Ruling]:
        """What one coder held of respondents at some moment, by position; final decisions are not theirs alone.

        Args:
            tenant: Who asks.
            job_id: The job.
            coder: Whose.
            before: The moment, in seconds since 1970: what was decided or undone later does not count.
            positions: About these respondents only; None for all.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
        """
        was_undone = and_(decision.c.undone_at.is_not(None), decision.c.undone_at <= before)
        with reading(self._engine) as connection:
            row = row_of(connection, job_id, tenant)
            query = (
                select(decision.c.position, decision.c.ruling)
                .where(decision.c.job_id == row.id, decision.c.coder == coder, decision.c.decided_at <= before)
                .where(~was_undone, ~decision.c.is_final)
                .order_by(decision.c.id)
            )
            if positions is not None:
                query = query.where(decision.c.position.in_(positions))
            return {position: Ruling(ruling) for position, ruling in connection.execute(query)}


def coded(log: Iterable[Ruled]) -> dict[int, dict[str, Ruled]]:
    """Each coder's own latest decision by position, without what was undone and without final decisions."""
    found: dict[int, dict[str, Ruled]] = defaultdict(dict)
    for each in log:
        if each.undone_at is None and not each.is_final:
            found[each.position][each.coder] = each
    return dict(found)


def visible(log: Sequence[Ruled], coder: str) -> list[Ruled]:
    """What a coder may see of the decisions about one respondent: their own, and all once there is a final one."""
    is_final = any(each.is_final and each.undone_at is None for each in log)
    return [each for each in log if is_final or each.coder == coder]


def settled(by_coder: Mapping[str, Ruled]) -> Ruled | None:
    """The decision that counts: the latest final one, or else what all coders agree on; None in a dispute."""
    final = [each for each in by_coder.values() if each.is_final]
    if final:
        return max(final, key=lambda each: each.decided_at)
    rulings = {each.ruling for each in by_coder.values()}
    return max(by_coder.values(), key=lambda each: each.decided_at) if len(rulings) == 1 else None


def as_decisions(ruled: Iterable[Ruled], names: Mapping[int, str]) -> dict[str, Decision]:
    """Decisions by the name of the respondent, as survey files take them."""
    return {
        names[each.position]: Decision(
            ruling=each.ruling, reason=each.reason, note=each.note, by=each.coder, at=each.decided_at
        )
        for each in ruled
        if each.position in names
    }


def _ruled(row: Row[Any]) -> Ruled:
    return Ruled(
        position=row.position,
        coder=row.coder,
        ruling=Ruling(row.ruling),
        reason=row.reason,
        note=row.note,
        is_final=row.is_final,
        decided_at=at(row.decided_at),
        undone_at=None if row.undone_at is None else at(row.undone_at),
    )
