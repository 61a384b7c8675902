"""The queue that a coder works through: what its address says, and who stands in it.

An address holds the moment at which the queue was made. What is decided afterwards does not move anybody in it, so that
`next` and `previous` always lead to the same people; a fresh queue is one click away.
"""

import time
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from earnest.api.desk.visits import Visit
from earnest.api.errors import Connection
from earnest.findings import CheckName
from earnest.review import Ledger, Only, Order, Sought, queue_of
from earnest.review.decisions import Ruling
from earnest.store.decisions import Ruled, settled

_Kind = TypeVar("_Kind", bound=StrEnum)


class Mine(StrEnum):
    """Which respondents are looked at, by what the coder has decided of them."""

    ANY = "any"
    NONE = "none"
    KEEP = "keep"
    REMOVE = "remove"
    UNSURE = "unsure"


class Team(StrEnum):
    """Which respondents an operator looks at, by what all coders together have decided."""

    ANY = "any"
    NONE = "none"
    DISPUTED = "disputed"
    KEEP = "keep"
    REMOVE = "remove"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address of a queue asks for; what makes no sense in it is left out.

    Attributes:
        order: See `Sought`, as for the next three.
        only: By what was found.
        check: By kind of issue.
        question: By place of the question.
        mine: By the coder's own decision.
        team: By everybody's, for operators.
        at: When the queue was made, in seconds since 1970.
        page: Which page of the list, from 1.
    """

    order: Order = Order.WORST
    only: Only = Only.ALL
    check: CheckName | None = None
    question: int | None = None
    mine: Mine = Mine.ANY
    team: Team = Team.ANY
    at: float
    page: int = 1

    def query(self, **changes: object) -> str:
        """The address's query, with some changes."""
        changed = replace(self, **changes)  # type: ignore[arg-type]
        said = {field.name: getattr(changed, field.name) for field in fields(changed)}
        defaults = {field.name: field.default for field in fields(changed)}
        return urlencode({name: value for name, value in said.items() if value is not None and value != defaults[name]})

    @property
    def sought(self) -> Sought:
        """Whom it asks for by what was found."""
        return Sought(self.order, self.only, self.check, self.question)

    @property
    def made_at(self) -> datetime:
        """When the queue was made, UTC."""
        return datetime.fromtimestamp(self.at, tz=UTC)


def asked_of(request: Connection) -> Asked:
    """What a request asks for."""
    said = request.query_params
    at = _number(said.get("at", ""), most=4_000_000_000)
    return Asked(
        order=_one_of(Order, said.get("order")) or Order.WORST,
        only=_one_of(Only, said.get("only")) or Only.ALL,
        check=_one_of(CheckName, said.get("check")),
        question=whole(said.get("question", "")),
        mine=_one_of(Mine, said.get("mine")) or Mine.ANY,
        team=_one_of(Team, said.get("team")) or Team.ANY,
        at=round(time.time(), 3) if at is None else at,
        page=max(1, whole(said.get("page", "")) or 1),
    )


def queue(visit: Visit, job_id: str, ledger: Ledger, asked: Asked) -> NDArray[np.uint32]:
    """The positions of those asked for, in order.

    Raises:
        NotFound: There is no such job, or it is another tenant's.
    """
    found = queue_of(ledger, asked.sought)
    if asked.mine is not Mine.ANY:
        own = visit.service.decisions.rulings(visit.tenant, job_id, coder=visit.visitor.name, before=asked.at)
        found = _those(found, own, asked.mine)
    if asked.team is not Team.ANY and visit.visitor.is_operator:
        log = visit.service.decisions.log(visit.tenant, job_id)
        found = _those(found, _of_all(log, asked.made_at), asked.team)
    return found


def _of_all(log: list[Ruled], before: datetime) -> dict[int, Ruling | Team]:
    """What all coders together held at some moment."""
    by_position: dict[int, dict[str, Ruled]] = {}
    for each in log:
        if each.decided_at <= before and (each.undone_at is None or each.undone_at > before):
            by_position.setdefault(each.position, {})[each.coder] = each
    counts = {position: settled(by_coder) for position, by_coder in by_position.items()}
    return {position: Team.DISPUTED if each is None else each.ruling for position, each in counts.items()}


def _those(
    queue: NDArray[np.uint32], held: dict[int, Ruling] | dict[int, Ruling | Team], wanted: StrEnum
) -> NDArray[np.uint32]:
    is_none = wanted.value == "none"
    kept = [position for position, ruling in held.items() if is_none or ruling.value == wanted.value]
    return queue[np.isin(queue, np.array(kept, dtype=np.uint32), invert=is_none)]


def _one_of(kind: type[_Kind], value: str | None) -> _Kind | None:
    return next((each for each in kind if each.value == value), None)


def _number(value: str, *, most: int) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if 0 <= number <= most else None


def whole(value: str) -> int | None:
    """A whole number, as an address tells it; None for anything else."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None
