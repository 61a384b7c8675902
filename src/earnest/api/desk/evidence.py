"""Evidence close up: an answer beside those that say the same, and how it was typed, from key to key."""

from dataclasses import dataclass

import msgspec
from anyio import to_thread
from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from earnest.api.desk.pages import page
from earnest.api.desk.queues import Asked, asked_of
from earnest.api.desk.respondents import copies_of, entries_of, evaluation_of
from earnest.api.desk.visits import Visit, visit_of
from earnest.api.errors import Connection
from earnest.errors import NotFound
from earnest.findings import RespondentEvaluation
from earnest.review import replay_of
from earnest.review.marks import Piece, common, pieces

MOST_COPIES = 4
"""Matched answers that are shown beside one: a finding names no more than three."""


@get("/desk/{job_id:str}/review/{position:int}/copies/{number:int}")
async def copies(
    request: Connection, state: State, job_id: FromPath[str], position: FromPath[int], number: FromPath[int]
) -> Response[str]:
    """Show an answer beside those of others that say the same."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_copies_page, visit, job_id, position, number, asked_of(request))


@dataclass(frozen=True, slots=True)
class _Copy:
    """Somebody's answer that says the same, and the answer at hand, each with the words marked that both have."""

    position: int
    name: str
    own: list[Piece]
    other: list[Piece]


def _copies_page(visit: Visit, job_id: str, position: int, number: int, asked: Asked) -> Response[str]:
    evaluation = evaluation_of(visit, job_id, position)
    if not 1 <= number <= len(evaluation.evaluations):
        raise NotFound("There is no such answer.")
    each = evaluation.evaluations[number - 1]
    names = dict.fromkeys(name for finding in each.quality_issue_checks for name in copies_of(finding))
    found = []
    for name in list(names)[:MOST_COPIES]:
        for place, other in visit.service.results.named(visit.tenant, job_id, name, most=2).items():
            twin = _same_question(evaluation, number, other) if place != position else None
            if twin is not None:
                own = each.survey_entry.answer
                found.append(_Copy(place, name, pieces(own, common(own, twin)), pieces(twin, common(twin, own))))
    return page("review_copies.html", visit, job_id=job_id, asked=asked, position=position, number=number, copies=found)


def _same_question(evaluation: RespondentEvaluation, number: int, other: RespondentEvaluation) -> str | None:
    """The other's answer to the same question; None where they have none."""
    entry = evaluation.evaluations[number - 1].survey_entry
    for each in other.evaluations:
        same = each.survey_entry.question_identifier == entry.question_identifier
        if same and (entry.question_identifier or each.survey_entry.question == entry.question):
            return each.survey_entry.answer
    return None


@get("/desk/{job_id:str}/review/{position:int}/replay/{number:int}")
async def replay(
    request: Connection, state: State, job_id: FromPath[str], position: FromPath[int], number: FromPath[int]
) -> Response[str]:
    """Show how an answer was typed."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_replay_page, visit, job_id, position, number, asked_of(request))


def _replay_page(visit: Visit, job_id: str, position: int, number: int, asked: Asked) -> Response[str]:
    entries = entries_of(visit, job_id, position)
    if not 1 <= number <= len(entries):
        raise NotFound("How this answer was typed is not kept here.")
    shown = replay_of(entries[number - 1])
    steps = [(round(c.at_ms), c.place, c.removed, c.added, int(c.is_paste)) for c in shown.changes] if shown else []
    return page(
        "review_replay.html",
        visit,
        job_id=job_id,
        asked=asked,
        position=position,
        number=number,
        replay=shown,
        steps=msgspec.json.encode(steps).decode(),
    )


ROUTES: list[ControllerRouterHandler] = [copies, replay]
