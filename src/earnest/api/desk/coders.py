"""Coders: how far each is, how far they agree, and what was finally decided where they do not. For operators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from anyio import to_thread
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from earnest.api.desk.pages import page
from earnest.api.desk.reviewing import REASONS, ruling_of
from earnest.api.desk.visits import Visit, see, visit_of
from earnest.api.errors import Connection
from earnest.errors import NotFound
from earnest.review import Agreement, agreement_of
from earnest.review.decisions import Ruling
from earnest.store.decisions import LONGEST_NOTE, LONGEST_REASON, Ruled, coded

PER_PAGE = 20
MOST_CODERS = 12
"""Whose agreement is shown in pairs; beyond, the table of pairs would be longer than anybody reads."""


@dataclass(frozen=True, slots=True)
class Coder:
    """One coder's work.

    Attributes:
        name: As decisions are signed with.
        counts: Respondents by ruling.
        total: Respondents in all.
        latest: When they decided last, UTC.
    """

    name: str
    counts: Mapping[Ruling, int]
    total: int
    latest: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """A respondent of whom coders hold different things.

    Attributes:
        position: In the survey.
        name: As the survey calls them.
        demerit: 0–100.
        rulings: Each coder's, by name.
        final: What was finally decided; None while nothing was.
    """

    position: int
    name: str
    demerit: float
    rulings: tuple[Ruled, ...]
    final: Ruled | None


@get("/desk/{job_id:str}/coders")
async def coders(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """Show what coders have decided, to an operator only: they are blind to one another."""
    visit = await operator_of(request, state)
    said = request.query_params.get("page", "")
    wanted = int(said) if said.isascii() and said.isdigit() and len(said) < 7 else 1
    return await to_thread.run_sync(_coders_page, visit, job_id, wanted, "did" in request.query_params)


async def operator_of(request: Connection, state: State) -> Visit:
    """The visit of an operator.

    Raises:
        NotFound: It is nobody who may see what others have decided.
    """
    visit = await visit_of(request, state)
    if not visit.visitor.is_operator:
        raise NotFound("Only an operator sees what all coders have decided.")
    return visit


def _coders_page(visit: Visit, job_id: str, wanted: int, did: bool) -> Response[str]:
    log = visit.service.decisions.log(visit.tenant, job_id)
    codes = coded(log)
    final = {each.position: each for each in log if each.is_final and each.undone_at is None}
    disputed = [p for p, by_coder in sorted(codes.items()) if len({each.ruling for each in by_coder.values()}) > 1]
    disputed.sort(key=lambda position: position in final)
    pages = max(1, -(-len(disputed) // PER_PAGE))
    number = min(max(1, wanted), pages)
    some = disputed[(number - 1) * PER_PAGE : number * PER_PAGE]
    people = _coders(codes)
    return page(
        "coders.html",
        visit,
        job=visit.service.job(visit.tenant, job_id),
        coders=people,
        pairs=_pairs(codes, [each.name for each in people[:MOST_CODERS]]),
        disputes=_disputes(visit, job_id, some, codes, final),
        disputed=len(disputed),
        unsettled=sum(position not in final for position in disputed),
        page_number=number,
        pages=pages,
        rulings=Ruling,
        reasons=REASONS,
        longest_reason=LONGEST_REASON,
        longest_note=LONGEST_NOTE,
        said="The final decision is noted." if did else "",
    )


def _coders(codes: Mapping[int, Mapping[str, Ruled]]) -> list[Coder]:
    by_name: dict[str, list[Ruled]] = {}
    for by_coder in codes.values():
        for name, each in by_coder.items():
            by_name.setdefault(name, []).append(each)
    return [
        Coder(
            name,
            {ruling: sum(each.ruling is ruling for each in own) for ruling in Ruling},
            len(own),
            max(each.decided_at for each in own),
        )
        for name, own in sorted(by_name.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def _pairs(codes: Mapping[int, Mapping[str, Ruled]], names: list[str]) -> list[tuple[str, str, Agreement]]:
    return [
        (
            one,
            other,
            agreement_of((by[one].ruling, by[other].ruling) for by in codes.values() if one in by and other in by),
        )
        for one, other in combinations(names, 2)
    ]


def _disputes(
    visit: Visit,
    job_id: str,
    positions: list[int],
    codes: Mapping[int, Mapping[str, Ruled]],
    final: Mapping[int, Ruled],
) -> list[Dispute]:
    evaluations = visit.service.results.evaluations(visit.tenant, job_id, positions)
    return [
        Dispute(
            position,
            evaluations[position].response_identifier,
            evaluations[position].demerit_score,
            tuple(codes[position][name] for name in sorted(codes[position])),
            final.get(position),
        )
        for position in positions
        if position in evaluations
    ]


@post("/desk/{job_id:str}/coders/{position:int}", status_code=303)
async def settle(request: Connection, state: State, job_id: FromPath[str], position: FromPath[int]) -> Response[None]:
    """Note a final decision."""
    visit = await operator_of(request, state)
    form = {name: str(value).strip() for name, value in (await request.form()).items()}
    ruling = ruling_of(form)
    await to_thread.run_sync(
        lambda: visit.service.decisions.decide(
            visit.tenant,
            job_id,
            [position],
            coder=visit.visitor.name,
            ruling=ruling,
            reason=form.get("reason", ""),
            note=form.get("note", ""),
            is_final=True,
        )
    )
    number = form.get("page", "1")
    return see(f"/desk/{job_id}/coders?page={number if number.isascii() and number.isdigit() else 1}&did=1")


ROUTES: list[ControllerRouterHandler] = [coders, settle]
