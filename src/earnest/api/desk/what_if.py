"""What if: other thresholds, who would go, how many flags would be wrong, and what becomes of the closed questions.

Nothing is decided here. What an address asks for is counted from the ledger each time, so moving a threshold takes
milliseconds; the thresholds leave as a settings file, with which `earnest` judges the next survey.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import numpy as np
from anyio import to_thread
from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from numpy.typing import NDArray

from earnest.api.desk.backgrounds import background_of, mask
from earnest.api.desk.glance import judged_with, proposed
from earnest.api.desk.pages import page
from earnest.api.desk.visits import Visit, visit_of
from earnest.api.errors import Connection
from earnest.checks import EVALUATOR_VERSION
from earnest.findings import CheckName
from earnest.review import CHECK_ORDER, FlagRate, Ledger, Removal, flag_rate, removal_of, shifts
from earnest.review.closed import SMALL_BASE
from earnest.review.decisions import PROPOSED_FROM
from earnest.service import JobReport

MOST_NAMED = 12
"""Respondents who are named on each side; the number is told of all."""
MOST_SHIFTS = 20
EVEN_ODDS = 50
"""Where a slider stands before it was moved, for a check that decides by itself: in the middle, to be moved."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an address asks for.

    Attributes:
        thresholds: By check, the score from which an answer is flagged; the others as they were judged.
        share: From which share of flagged answers a respondent is proposed, in per cent, above 0 and up to 100.
    """

    thresholds: Mapping[CheckName, float]
    share: float = 100 * PROPOSED_FROM

    @classmethod
    def of(cls, request: Connection) -> "Wish":
        """Read it; what makes no sense is left out."""
        said = request.query_params
        given = {check: _score(said.get(slug(check), "")) for check in CheckName}
        share = _score(said.get("share", ""))
        thresholds = {check: score for check, score in given.items() if score is not None}
        return cls(thresholds, share) if share else cls(thresholds)

    def query(self) -> str:
        """The address's query."""
        said = {slug(check): f"{score:g}" for check, score in self.thresholds.items()}
        return urlencode(said | {"share": f"{self.share:g}"})


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What becomes of a check.

    Attributes:
        check: Which.
        slug: Its name in the address.
        threshold: The score asked for; None where the check stays as it was judged.
        slider: Where its slider stands.
        before: Answers that it flags as judged.
        after: Answers that it would flag.
        judged: Answers of which it could tell.
        wrong: Flags among as many honest answers, by the mean of the sources and by the worst; None if not measured.
        rate: What that is computed from.
    """

    check: CheckName
    slug: str
    threshold: float | None
    slider: float
    before: int
    after: int
    judged: int
    wrong: tuple[float, float] | None
    rate: FlagRate | None


@dataclass(frozen=True, slots=True)
class Named:
    """A respondent of whom something changes."""

    position: int
    name: str


def slug(check: CheckName) -> str:
    """What a check is called in an address."""
    return check.value.lower().replace(" ", "-")


def _score(text: str) -> float | None:
    try:
        score = float(text)
    except ValueError:
        return None
    return score if 0 <= score <= 100 else None


@get("/desk/{job_id:str}/what-if")
async def what_if(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """Show who would go under other thresholds."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_page, visit, job_id, Wish.of(request))


def _page(visit: Visit, job_id: str, wish: Wish) -> Response[str]:
    job = visit.service.job(visit.tenant, job_id)
    ledger = visit.service.results.ledger(visit.tenant, job_id)
    own = judged_with(visit, job_id)
    before = proposed(ledger, own)
    after = removal_of(ledger, {**own, **wish.thresholds}, proposed_from=wish.share / 100)
    newly, no_longer = (
        np.setdiff1d(one.positions, other.positions) for one, other in ((after, before), (before, after))
    )
    return page(
        "what_if.html",
        visit,
        job=job,
        wish=wish,
        people=len(ledger.positions),
        before=before,
        after=after,
        newly=_named(visit, job_id, newly),
        newly_count=len(newly),
        no_longer=_named(visit, job_id, no_longer),
        no_longer_count=len(no_longer),
        checks=_outcomes(ledger, own, wish, before, after),
        own_share=100 * PROPOSED_FROM,
        has_table=visit.service.uploads.of_job(visit.tenant, job_id) is not None,
    )


def _named(visit: Visit, job_id: str, positions: NDArray[np.uint32]) -> list[Named]:
    some: list[int] = positions[:MOST_NAMED].tolist()
    found = visit.service.results.evaluations(visit.tenant, job_id, some)
    return [Named(position, found[position].response_identifier) for position in some if position in found]


def _outcomes(
    ledger: Ledger, own: Mapping[CheckName, float], wish: Wish, before: Removal, after: Removal
) -> list[CheckOutcome]:
    found = []
    for i, check in enumerate(CHECK_ORDER):
        threshold = wish.thresholds.get(check)
        in_force = own.get(check) if threshold is None else threshold
        found.append(
            CheckOutcome(
                check,
                slug(check),
                threshold,
                EVEN_ODDS if in_force is None else in_force,
                before.flagged[check],
                after.flagged[check],
                int(ledger.told[:, i].sum()),
                after.expected_wrong.get(check),
                flag_rate(check, in_force),
            )
        )
    return found


@get("/desk/{job_id:str}/what-if/closed")
async def closed_part(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """Show how the results of closed questions would change."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_closed, visit, job_id, Wish.of(request))


def _closed(visit: Visit, job_id: str, wish: Wish) -> Response[str]:
    job: JobReport = visit.service.job(visit.tenant, job_id)
    ledger = visit.service.results.ledger(visit.tenant, job_id)
    background = background_of(visit, job_id)
    found = []
    if background is not None:
        thresholds = {**judged_with(visit, job_id), **wish.thresholds}
        after = removal_of(ledger, thresholds, proposed_from=wish.share / 100)
        everybody = mask(ledger.positions, job.total)
        found = shifts(background.closed, everybody, everybody & ~mask(after.positions, job.total))
    return page(
        "what_if_closed.html",
        visit,
        job=job,
        shifts=found[:MOST_SHIFTS],
        questions=len(found),
        small_base=SMALL_BASE,
    )


@get("/desk/{job_id:str}/what-if/earnest.toml")
async def settings_file(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """Hand out the thresholds as a settings file."""
    visit = await visit_of(request, state)
    wish = Wish.of(request)
    own = await to_thread.run_sync(judged_with, visit, job_id)
    wish = replace(wish, thresholds={**own, **wish.thresholds})
    return Response(
        settings_of(wish),
        media_type="application/toml",
        headers={"Content-Disposition": 'attachment; filename="earnest.toml"'},
    )


def settings_of(wish: Wish) -> str:
    """A settings file with these thresholds; the share is no setting and is told in a comment."""
    lines = [
        "# Thresholds that were tried out in the console: the score (0-100) from which an answer is flagged.",
        "# Use it with: earnest evaluate survey.csv --settings earnest.toml",
        f"# Respondents were proposed from a share of {wish.share:g} %: add --propose-from {wish.share / 100:g}",
        f'evaluator = "{EVALUATOR_VERSION}"',
        "",
        "[thresholds]",
        *(f'"{check.value}" = {wish.thresholds[check]:g}' for check in CheckName if check in wish.thresholds),
    ]
    return "\n".join(lines) + "\n"


ROUTES: list[ControllerRouterHandler] = [what_if, closed_part, settings_file]
