"""What a purge is about: which answers, and which of them a job still needs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, func, literal, or_, select, true

from earnest.errors import NotFound
from earnest.store.corpus import digest_of
from earnest.store.engines import listed, reading
from earnest.store.jobs import UNDER_WAY
from earnest.store.responses import named
from earnest.store.tables import job, part, response, survey, task

NEVER = 1e12
"""A moment that never comes, in seconds since 1970."""


class Thing(StrEnum):
    """What a purge counts."""

    JOBS = "batch jobs"
    RESPONDENTS = "respondents"
    TEXTS = "distinct answers"
    FILES = "uploaded files"
    TYPED = "recordings of keys"
    LEFT = "left for other jobs"
    """Respondents whom a job needs that is under way, or younger."""


Removed = Counter[Thing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What to delete: what fits all that is said.

    Attributes:
        tenant: Whose; None for everybody's.
        survey: The identifier of a survey.
        respondent: The identifier of a respondent, the survey's or ours.
        before: Only what arrived before this moment and that no younger job is about, in seconds since 1970.
    """

    tenant: str | None = None
    survey: str | None = None
    respondent: str | None = None
    before: float | None = None


def surveys_of(engine: Engine, chosen: Selection) -> Sequence[int] | None:
    """The numbers of the survey that was chosen, of several tenants where none is named; None for any survey.

    Raises:
        NotFound: There is no such survey.
    """
    if chosen.survey is None:
        return None
    found = select(survey.c.id).where(survey.c.digest == digest_of(named(chosen.survey)))
    if chosen.tenant is not None:
        found = found.where(survey.c.tenant == chosen.tenant)
    with reading(engine) as connection:
        numbers = connection.execute(found).scalars().all()
    if not numbers:
        raise NotFound(f"Nothing is kept of a survey {chosen.survey!r}.")
    return numbers


def of(chosen: Selection, table: Table, surveys: Sequence[int] | None) -> ColumnElement[bool]:
    """Whether a row of `job` or `response` is of the tenant and the survey that were chosen."""
    own = true() if chosen.tenant is None else table.c.tenant == chosen.tenant
    return own if surveys is None else and_(own, table.c.survey_id.in_(surveys))


def is_named(respondent: str | None) -> ColumnElement[bool]:
    """Whether a response has this name; any has where it is None."""
    if respondent is None:
        return true()
    return or_(response.c.identifier == respondent, response.c.aftercare_identifier == respondent)


def arrival() -> ColumnElement[float]:
    """When a part arrived. Release 1.0 did not note that: its parts are taken for as young as the first dated one."""
    other = part.alias()
    first = select(other.c.arrived_at).where(other.c.arrived_at.is_not(None)).order_by(other.c.id).limit(1)
    return func.coalesce(part.c.arrived_at, first.scalar_subquery(), literal(NEVER))


def ages_of(connection: Connection, response_ids: Sequence[int]) -> dict[int, tuple[float, float]]:
    """When the first and the last part of each of these responses arrived; one without parts is left out."""
    asked = listed(connection, [(number,) for number in response_ids], "id")
    rows = connection.execute(
        select(part.c.response_id, func.min(arrival()), func.max(arrival()))
        .join_from(asked, part, part.c.response_id == asked.c.id)
        .group_by(part.c.response_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def needed_responses(connection: Connection, response_ids: Sequence[int], before: float | None) -> set[int]:
    """Those of the responses that a job under way is about, or one that was submitted since."""
    asked = listed(connection, [(number,) for number in response_ids], "id")
    found = select(part.c.response_id).join_from(asked, part, part.c.response_id == asked.c.id)
    found = found.join(task, task.c.part_id == part.c.id).join(job, job.c.id == task.c.job_id)
    return set(connection.execute(found.where(_is_needing(before)).distinct()).scalars())


def needed_parts(connection: Connection, part_ids: Sequence[int], before: float | None) -> set[int]:
    """The same for parts of responses."""
    asked = listed(connection, [(number,) for number in part_ids], "id")
    found = select(task.c.part_id).join_from(asked, task, task.c.part_id == asked.c.id)
    found = found.join(job, job.c.id == task.c.job_id).where(_is_needing(before))
    return set(connection.execute(found.distinct()).scalars())


def _is_needing(before: float | None) -> ColumnElement[bool]:
    under_way = job.c.status.in_(UNDER_WAY)
    return under_way if before is None else or_(under_way, job.c.created_at >= before)
