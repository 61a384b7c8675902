"""What tenants may ask for, and what they have asked for: one count for all processes that share a database.

Requests are counted by the minute. A process claims a fiftieth of the minute's allowance at a time and then lets so
many requests in without a word to the database. What is claimed is counted at once, so all processes together never let
in more than the allowance; a process that claimed and then is not asked keeps at most a fiftieth from the others.

Respondents are counted by the day, each one, in the transaction that keeps them.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, select, union, update

from earnest.errors import RateLimited
from earnest.store.engines import insert, reading, writing
from earnest.store.tables import allowance, api_key, usage

MINUTE_S, DAY_S = 60, 86_400
CLAIMS_PER_MINUTE = 50
"""So often at most is the count of a minute written, however many requests there are."""


class _Kind(StrEnum):
    REQUESTS = "requests"
    RESPONDENTS = "respondents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How much a tenant may ask for: 0 means without limit, None that nothing is said about it."""

    requests_per_minute: int | None
    respondents_per_day: int | None

    def otherwise(self, general: "Allowance") -> "Allowance":
        """The same, where nothing is said as the other one says."""
        requests, respondents = self.requests_per_minute, self.respondents_per_day
        return Allowance(
            requests_per_minute=general.requests_per_minute if requests is None else requests,
            respondents_per_day=general.respondents_per_day if respondents is None else respondents,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Where a tenant stands in this minute.

    Attributes:
        limit: Requests per minute.
        remaining: How many more this process would let in, as far as it knows.
        reset_s: Seconds until the next minute, 1–60.
    """

    limit: int
    remaining: int
    reset_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A request that may go on: whose it is, and where that tenant stands; no rate where there is no limit."""

    tenant: str
    rate: Rate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantUse:
    """A tenant: what it may do, and how many respondents were counted today (only where their number is limited)."""

    tenant: str
    allowance: Allowance
    respondents_today: int


@dataclass(slots=True)
class _Claim:
    """What a process has claimed of a tenant's minute.

    Attributes:
        left: Requests that it may still let in.
        unclaimed: What nobody had claimed, when it last looked.
    """

    lock: Lock = field(default_factory=Lock)
    minute: int = -1
    limit: int = 0
    left: int = 0
    unclaimed: int = 0


class Allowances:
    """Counts what tenants ask for, and refuses what is too much.

    Args:
        engine: The database.
        clock: Seconds since 1970.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock
        self._claims: dict[str, _Claim] = {}

    def take_request(self, tenant: str, general: Allowance) -> Rate | None:
        """Let in a request of this minute; None where their number is not limited.

        A changed allowance holds from the next minute on.

        Raises:
            RateLimited: There were too many.
        """
        now = self._clock()
        minute = int(now // MINUTE_S)
        claim = self._claims.setdefault(tenant, _Claim())
        with claim.lock:
            if claim.minute != minute:
                with reading(self._engine) as connection:
                    claim.limit = _allowance(connection, tenant, general).requests_per_minute or 0
                claim.minute, claim.left, claim.unclaimed = minute, 0, claim.limit
            if claim.left == 0 and claim.unclaimed > 0:
                self._claim(claim, tenant)
            if claim.limit == 0:
                return None
            reset_s = _seconds_until((minute + 1) * MINUTE_S, now)
            if claim.left == 0:
                raise RateLimited(f"Too many requests: {claim.limit:,} a minute are allowed.", retry_after_s=reset_s)
            claim.left -= 1
            return Rate(limit=claim.limit, remaining=claim.left + claim.unclaimed, reset_s=reset_s)

    def _claim(self, claim: _Claim, tenant: str) -> None:
        with writing(self._engine) as connection:
            amount = _amount(connection, tenant, _Kind.REQUESTS, claim.minute)
            step = math.ceil(claim.limit / CLAIMS_PER_MINUTE)
            claim.left = max(0, min(step, claim.limit - amount))
            claim.unclaimed = max(0, claim.limit - amount - claim.left)
            _add(connection, tenant, _Kind.REQUESTS, claim.minute, claim.left)
            if amount == 0:
                is_past = usage.c.period < claim.minute
                connection.execute(
                    delete(usage).where(usage.c.tenant == tenant, usage.c.kind == _Kind.REQUESTS, is_past)
                )

    def take_respondents(self, connection: Connection, count: int, *, tenant: str, general: Allowance) -> None:
        """Count respondents of today within the transaction that keeps them: all of them, or none.

        Other transactions that count for this tenant wait until this one ends, so this is best done last.

        Raises:
            RateLimited: There would be too many.
        """
        limit = _allowance(connection, tenant, general).respondents_per_day
        if not limit:
            return
        now = self._clock()
        day = int(now // DAY_S)
        left = limit - _amount(connection, tenant, _Kind.RESPONDENTS, day)
        if count > left:
            raise RateLimited(
                f"Too many respondents: {limit:,} a day are allowed, {max(0, left):,} are left until midnight UTC,"
                f" and the request holds {count:,}.",
                retry_after_s=_seconds_until((day + 1) * DAY_S, now),
            )
        _add(connection, tenant, _Kind.RESPONDENTS, day, count)

    def set(self, tenant: str, wished: Allowance) -> None:
        """Allow a tenant something of its own; what the wish says nothing about stays."""
        said = {"requests_per_minute": wished.requests_per_minute, "respondents_per_day": wished.respondents_per_day}
        values = {name: value for name, value in said.items() if value is not None}
        with writing(self._engine) as connection:
            connection.execute(insert(connection, allowance).on_conflict_do_nothing(), {"tenant": tenant})
            if values:
                connection.execute(update(allowance).where(allowance.c.tenant == tenant).values(values))

    def tenants(self, general: Allowance) -> list[TenantUse]:
        """Every tenant who has a key or an allowance, by name."""
        day = int(self._clock() // DAY_S)
        with reading(self._engine) as connection:
            named = union(select(api_key.c.tenant), select(allowance.c.tenant))
            names = sorted(connection.execute(named).scalars())
            is_today = and_(usage.c.kind == _Kind.RESPONDENTS, usage.c.period == day)
            counted = select(usage.c.tenant, usage.c.amount).where(is_today)
            amounts = {row.tenant: row.amount for row in connection.execute(counted)}
            return [
                TenantUse(
                    tenant=name,
                    allowance=_allowance(connection, name, general),
                    respondents_today=amounts.get(name, 0),
                )
                for name in names
            ]


def _allowance(connection: Connection, tenant: str, general: Allowance) -> Allowance:
    """What a tenant may do: as was said about it, or else as for everybody."""
    row = connection.execute(select(allowance).where(allowance.c.tenant == tenant)).first()
    if row is None:
        return general
    own = Allowance(requests_per_minute=row.requests_per_minute, respondents_per_day=row.respondents_per_day)
    return own.otherwise(general)


def _amount(connection: Connection, tenant: str, kind: _Kind, period: int) -> int:
    """What was counted, which nobody else changes before this transaction ends."""
    row = {"tenant": tenant, "kind": kind, "period": period, "amount": 0}
    connection.execute(insert(connection, usage).on_conflict_do_nothing(), row)
    counted = select(usage.c.amount).where(_counter(tenant, kind, period)).with_for_update()
    return int(connection.execute(counted).scalar_one())


def _add(connection: Connection, tenant: str, kind: _Kind, period: int, count: int) -> None:
    more = usage.c.amount + count
    connection.execute(update(usage).where(_counter(tenant, kind, period)).values(amount=more))


def _counter(tenant: str, kind: _Kind, period: int) -> ColumnElement[bool]:
    return and_(usage.c.tenant == tenant, usage.c.kind == kind, usage.c.period == period)


def _seconds_until(moment: int, now: float) -> int:
    return max(1, math.ceil(moment - now))
