"""Who copies whom: groups of answers, and the respondents who share several of them.

The ledger tells whose answers are flagged as copies; only their evaluations are read, MOST_READ at most, the surest
first. `review.copies` puts them together.
"""

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
from anyio import to_thread
from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from numpy.typing import NDArray

from earnest.api.desk.pages import page
from earnest.api.desk.queues import whole
from earnest.api.desk.respondents import copies_of
from earnest.api.desk.visits import Visit, visit_of
from earnest.api.errors import Connection
from earnest.findings import CheckName
from earnest.review import CHECK_ORDER, Copied, CopyGroup, Farm, Ledger, copy_groups, farms

MOST_READ = 2_000
"""Respondents whose evaluations are read: half a second of one core, after the page has been shown."""
PER_PAGE = 20
MOST_FARMS = 12
MOST_DRAWN = 16
"""Members of a farm that are drawn; more would be a ball of wool."""
MOST_MEMBERS = 60
MOST_NAMED = 30
RADIUS = 80.0
COPY = CHECK_ORDER.index(CheckName.SHARED_DUPLICATE)


@dataclass(frozen=True, slots=True)
class Line:
    """A tie between two members: where it is drawn, how thick, and how many answers they share."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    shared: int


@dataclass(frozen=True, slots=True)
class Dot:
    """A member of a farm, where they are drawn."""

    x: float
    y: float
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class DrawnFarm:
    """A farm as a picture and a list.

    Attributes:
        members: Position and name, as numbered in the picture.
        total: How many there are.
        shared: What they share: place of the group, its text, and how many of them gave it.
        dots: The first members, on a circle.
        lines: Who shares two answers or more.
    """

    members: list[tuple[int, str]]
    total: int
    shared: list[tuple[int, str, int]]
    dots: list[Dot]
    lines: list[Line]


@get("/desk/{job_id:str}/copies")
async def copies_page(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """Show who copies whom."""
    visit = await visit_of(request, state)
    number = whole(request.query_params.get("page", "")) or 1
    return await to_thread.run_sync(_page, visit, job_id, number)


def _page(visit: Visit, job_id: str, number: int) -> Response[str]:
    flagged = _flagged(visit.service.results.ledger(visit.tenant, job_id))
    return page(
        "copies.html",
        visit,
        job=visit.service.job(visit.tenant, job_id),
        people=len(np.unique(flagged["position"])),
        answers=len(flagged),
        most_read=MOST_READ,
        page_number=number,
    )


@get("/desk/{job_id:str}/copies/groups")
async def groups_part(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """Show the groups of copies and the farms; they are put together anew for each who asks."""
    visit = await visit_of(request, state)
    number = whole(request.query_params.get("page", "")) or 1
    return await to_thread.run_sync(_groups, visit, job_id, number)


def _groups(visit: Visit, job_id: str, number: int) -> Response[str]:
    ledger = visit.service.results.ledger(visit.tenant, job_id)
    answers = _copied(visit, job_id, ledger)
    groups = copy_groups(answers)
    found = farms(groups, most_tied=MOST_DRAWN)
    pages = max(1, -(-len(groups) // PER_PAGE))
    number = min(max(1, number), pages)
    first = (number - 1) * PER_PAGE
    wordings = {question.key: question.wording or question.key for question in ledger.questions}
    return page(
        "copies_groups.html",
        visit,
        job=visit.service.job(visit.tenant, job_id),
        groups=list(enumerate(groups))[first : first + PER_PAGE],
        total=len(groups),
        wordings=wordings,
        farms=[_drawn(farm, groups) for farm in found[:MOST_FARMS]],
        farms_total=len(found),
        in_farms=sum(len(farm.members) for farm in found),
        page_number=number,
        pages=pages,
        most_named=MOST_NAMED,
        most_drawn=MOST_DRAWN,
    )


def _flagged(ledger: Ledger) -> NDArray[np.void]:
    return ledger.entries[ledger.issues[:, COPY]] if len(ledger.entries) else ledger.entries


def _copied(visit: Visit, job_id: str, ledger: Ledger) -> list[Copied]:
    """The answers flagged as copies, of the surest respondents where there are too many."""
    flagged = _flagged(ledger)
    if len(np.unique(flagged["position"])) > MOST_READ:
        order = np.argsort(-flagged["scores"][:, COPY].astype(np.int64), kind="stable")
        surest = dict.fromkeys(flagged["position"][order].tolist())
        kept = np.array(list(surest)[:MOST_READ], dtype=np.uint32)
        flagged = flagged[np.isin(flagged["position"], kept)]
    positions = {int(position) for position in flagged["position"]}
    evaluations = visit.service.results.evaluations(visit.tenant, job_id, positions)
    found = []
    for place in flagged:
        position, number = int(place["position"]), int(place["number"])
        evaluation = evaluations.get(position)
        if evaluation is None or number >= len(evaluation.evaluations):
            continue
        entry = evaluation.evaluations[number]
        named = tuple(name for finding in entry.quality_issue_checks for name in copies_of(finding))
        key = ledger.questions[int(place["question"])].key
        found.append(Copied(position, evaluation.response_identifier, key, entry.survey_entry.answer, named))
    return found


def _drawn(farm: Farm, groups: list[CopyGroup]) -> DrawnFarm:
    members = list(farm.members.items())
    drawn = members[:MOST_DRAWN]
    at = {}
    dots = []
    for i, (position, name) in enumerate(drawn):
        x, y = sin(2 * pi * i / len(drawn)), -cos(2 * pi * i / len(drawn))
        at[position] = RADIUS * x, RADIUS * y
        dots.append(Dot(*at[position], i + 1, name))
    lines = [
        Line(*at[one], *at[other], min(5.0, 0.6 + 0.9 * (shared - 1)), shared)
        for (one, other), shared in farm.ties.items()
        if one in at and other in at
    ]
    shared = []
    for place in farm.groups[:PER_PAGE]:
        own = {each.position for each in groups[place].answers} & set(farm.members)
        shared.append((place, groups[place].answers[0].answer, len(own)))
    return DrawnFarm(members[:MOST_MEMBERS], len(members), shared, dots, lines)


ROUTES: list[ControllerRouterHandler] = [copies_page, groups_part]
