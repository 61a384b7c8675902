"""Review: respondents one after another, what was found about them, and what a coder decides."""

from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np
from anyio import to_thread
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from numpy.typing import NDArray

from earnest.api.desk.pages import page
from earnest.api.desk.queues import Asked, Mine, Team, asked_of, queue, whole
from earnest.api.desk.respondents import entries_of, evaluation_of, issues_of, person
from earnest.api.desk.visits import Visit, see, visit_of
from earnest.api.errors import Connection
from earnest.errors import InvalidInput
from earnest.review import CHECK_ORDER, Only, Order
from earnest.review.decisions import Ruling
from earnest.store.decisions import LONGEST_NOTE, LONGEST_REASON, Ruled, visible

PER_PAGE = 25
REASONS = (
    "Copied from somebody else",
    "Written by a chat model",
    "Does not answer the question",
    "Nothing but keys pressed",
    "No effort",
    "Says the same to every question",
    "Honest answer, wrongly flagged",
)
"""Offered, not prescribed; a reason is free text."""


@dataclass(frozen=True, slots=True)
class Said:
    """What has just happened, as the address tells.

    Attributes:
        did: Who was decided about; None where nobody was.
        undone: How many decisions were taken back.
        together: How many were decided about at once.
    """

    did: int | None
    undone: int | None
    together: int | None

    @classmethod
    def by(cls, request: Connection) -> "Said":
        """What a request tells."""
        return cls(*(whole(request.query_params.get(name, "")) for name in ("did", "undone", "together")))

    def words(self, visit: Visit, job_id: str) -> str:
        """The same in words, for those who do not see it; empty where nothing has happened."""
        if self.undone is not None:
            return {0: "There is nothing to undo.", 1: "Undone."}.get(self.undone, f"{self.undone:,} decisions undone.")
        if self.together is not None:
            return f"{self.together:,} decided at once. z takes it back."
        if self.did is None:
            return ""
        decisions, results = visit.service.decisions, visit.service.results
        ruling = decisions.rulings(visit.tenant, job_id, coder=visit.visitor.name, positions=[self.did]).get(self.did)
        evaluation = results.evaluations(visit.tenant, job_id, [self.did]).get(self.did)
        return f"{evaluation.response_identifier}: {ruling}." if ruling and evaluation else ""


@get("/desk/{job_id:str}/review")
async def review_queue(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """List the respondents of a queue, a page at a time."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_queue_page, visit, job_id, asked_of(request), Said.by(request))


@dataclass(frozen=True, slots=True)
class _Row:
    """One respondent in the list."""

    place: int
    position: int
    name: str
    demerit: float
    issues: tuple[str, ...]
    flagged: int
    answers: int
    ruling: Ruling | None


def _queue_page(visit: Visit, job_id: str, asked: Asked, said: Said) -> Response[str]:
    job = visit.service.job(visit.tenant, job_id)
    ledger = visit.service.results.ledger(visit.tenant, job_id)
    found = queue(visit, job_id, ledger, asked)
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(asked.page, pages)
    first = (number - 1) * PER_PAGE
    return page(
        "review_queue.html",
        visit,
        job=job,
        asked=asked,
        rows=_rows(visit, job_id, found[first : first + PER_PAGE], first),
        total=len(found),
        everybody=len(ledger.positions),
        page_number=number,
        pages=pages,
        said=said.words(visit, job_id),
        orders=Order,
        onlys=Only,
        checks=CHECK_ORDER,
        mines=Mine,
        teams=Team,
        questions=ledger.questions,
    )


def _rows(visit: Visit, job_id: str, some: NDArray[np.uint32], first: int) -> list[_Row]:
    positions: list[int] = some.tolist()
    evaluations = visit.service.results.evaluations(visit.tenant, job_id, positions)
    own = visit.service.decisions.rulings(visit.tenant, job_id, coder=visit.visitor.name, positions=positions)
    return [
        _Row(
            place,
            position,
            each.response_identifier,
            each.demerit_score,
            issues_of(each),
            sum(answer.has_issues for answer in each.evaluations),
            len(each.evaluations),
            own.get(position),
        )
        for place, position in enumerate(positions, start=first + 1)
        for each in [evaluations[position]]
    ]


@get("/desk/{job_id:str}/review/{position:int}")
async def review(request: Connection, state: State, job_id: FromPath[str], position: FromPath[int]) -> Response[str]:
    """Show one respondent, with all their answers."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_review_page, visit, job_id, position, asked_of(request), Said.by(request))


def _review_page(visit: Visit, job_id: str, position: int, asked: Asked, said: Said) -> Response[str]:
    job = visit.service.job(visit.tenant, job_id)
    ledger = visit.service.results.ledger(visit.tenant, job_id)
    evaluation = evaluation_of(visit, job_id, position)
    found = queue(visit, job_id, ledger, asked)
    place, before, after = _neighbours(found, position)
    ran = [check for i, check in enumerate(CHECK_ORDER) if not np.isnan(ledger.scores[:, i]).all()]
    shown = person(evaluation, position, entries_of(visit, job_id, position), ran)
    log = visit.service.decisions.log(visit.tenant, job_id, position=position)
    seen = visible(log, visit.visitor.name)
    return page(
        "review.html",
        visit,
        job=job,
        asked=asked,
        person=shown,
        place=place,
        total=len(found),
        before=before,
        after=after,
        list_page=1 if place is None else (place - 1) // PER_PAGE + 1,
        own=_latest(seen, visit.visitor.name),
        final=_final(seen),
        log=seen,
        others=[each for each in log if each not in seen] if visit.visitor.is_operator else [],
        reasons=REASONS,
        longest_reason=LONGEST_REASON,
        longest_note=LONGEST_NOTE,
        said=said.words(visit, job_id),
    )


def _neighbours(found: NDArray[np.uint32], position: int) -> tuple[int | None, int | None, int | None]:
    """Which place in the queue somebody has, from 1, and who stands before and behind them."""
    places = np.flatnonzero(found == position)
    if not len(places):
        return None, None, int(found[0]) if len(found) else None
    place = int(places[0])
    before = int(found[place - 1]) if place else None
    return place + 1, before, int(found[place + 1]) if place + 1 < len(found) else None


def _latest(log: list[Ruled], coder: str) -> Ruled | None:
    own = [each for each in log if each.coder == coder and each.undone_at is None and not each.is_final]
    return own[-1] if own else None


def _final(log: list[Ruled]) -> Ruled | None:
    final = [each for each in log if each.is_final and each.undone_at is None]
    return final[-1] if final else None


@post("/desk/{job_id:str}/review/{position:int}", status_code=303)
async def decide(request: Connection, state: State, job_id: FromPath[str], position: FromPath[int]) -> Response[None]:
    """Note a decision, and go on to the next respondent."""
    visit = await visit_of(request, state)
    form = {name: str(value).strip() for name, value in (await request.form()).items()}
    return await to_thread.run_sync(_decide, visit, job_id, position, asked_of(request), form)


def _decide(visit: Visit, job_id: str, position: int, asked: Asked, form: dict[str, str]) -> Response[None]:
    evaluation = evaluation_of(visit, job_id, position)
    ruling = ruling_of(form)
    reason = form.get("reason", "")
    if not reason and ruling is Ruling.REMOVE:
        reason = ", ".join(issues_of(evaluation))
    visit.service.decisions.decide(
        visit.tenant,
        job_id,
        [position],
        coder=visit.visitor.name,
        ruling=ruling,
        reason=reason,
        note=form.get("note", ""),
    )
    found = queue(visit, job_id, visit.service.results.ledger(visit.tenant, job_id), asked)
    _, _, after = _neighbours(found, position)
    return see(_address(job_id, asked, after, did=position))


def ruling_of(form: dict[str, str]) -> Ruling:
    """What a form decides.

    Raises:
        InvalidInput: It decides nothing.
    """
    if form.get("ruling") not in set(Ruling):
        raise InvalidInput(details={"ruling": f"must be one of {', '.join(Ruling)}"})
    return Ruling(form["ruling"])


@post("/desk/{job_id:str}/review/undo", status_code=303)
async def undo(request: Connection, state: State, job_id: FromPath[str]) -> Response[None]:
    """Take back what the coder did last, and go where it was."""
    visit = await visit_of(request, state)
    form = {name: str(value) for name, value in (await request.form()).items()}
    asked = asked_of(request)
    undone = await to_thread.run_sync(
        lambda: visit.service.decisions.undo(visit.tenant, job_id, coder=visit.visitor.name)
    )
    back = whole(form.get("here", ""))
    if undone:
        back = undone[0] if len(undone) == 1 else None
    return see(_address(job_id, asked, back, undone=len(undone)))


def _address(job_id: str, asked: Asked, position: int | None, **said: int) -> str:
    """Where to go on: to somebody, or to the list where there is nobody."""
    where = f"/desk/{job_id}/review" + ("" if position is None else f"/{position}")
    return f"{where}?{asked.query()}&{urlencode(said)}"


@get("/desk/{job_id:str}/review/all")
async def review_all(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """Ask whether everybody of a queue is to be decided about at once."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_bulk_page, visit, job_id, asked_of(request), "")


def _bulk_page(visit: Visit, job_id: str, asked: Asked, fault: str) -> Response[str]:
    found = _open(visit, job_id, asked)
    return page(
        "review_bulk.html",
        visit,
        job=visit.service.job(visit.tenant, job_id),
        asked=asked,
        rows=_rows(visit, job_id, found[:PER_PAGE], 0),
        total=len(found),
        reasons=REASONS,
        longest_reason=LONGEST_REASON,
        fault=fault,
    )


def _open(visit: Visit, job_id: str, asked: Asked) -> NDArray[np.uint32]:
    """Those of a queue about whom this coder has not decided: a bulk decision overrules none that was looked at."""
    found = queue(visit, job_id, visit.service.results.ledger(visit.tenant, job_id), asked)
    own = visit.service.decisions.rulings(visit.tenant, job_id, coder=visit.visitor.name)
    return found[np.isin(found, np.array(list(own), dtype=np.uint32), invert=True)]


@post("/desk/{job_id:str}/review/all", status_code=303)
async def decide_all(request: Connection, state: State, job_id: FromPath[str]) -> Response[None] | Response[str]:
    """Note the same decision about everybody of a queue who is still open, if they are as many as was confirmed."""
    visit = await visit_of(request, state)
    form = {name: str(value).strip() for name, value in (await request.form()).items()}
    return await to_thread.run_sync(_decide_all, visit, job_id, asked_of(request), form)


def _decide_all(visit: Visit, job_id: str, asked: Asked, form: dict[str, str]) -> Response[None] | Response[str]:
    found: list[int] = _open(visit, job_id, asked).tolist()
    if form.get("count") != str(len(found)):
        return _bulk_page(visit, job_id, asked, "The queue has changed since; look at the number again.")
    if found:
        visit.service.decisions.decide(
            visit.tenant,
            job_id,
            found,
            coder=visit.visitor.name,
            ruling=ruling_of(form),
            reason=form.get("reason", ""),
            note=f"One of {len(found):,} decided at once.",
        )
    return see(_address(job_id, asked, None, together=len(found)))


ROUTES: list[ControllerRouterHandler] = [
    review_queue,
    review_all,
    decide_all,
    undo,
    review,
    decide,
]
