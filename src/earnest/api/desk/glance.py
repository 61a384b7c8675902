"""A survey at a glance: what was found, how sure that is, and where it comes from; numbers, and the worst answers."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

import numpy as np
from anyio import to_thread
from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from earnest.api.desk.backgrounds import DAY, background_of, mask
from earnest.api.desk.pages import page
from earnest.api.desk.surveys import STATES
from earnest.api.desk.visits import Visit, visit_of
from earnest.api.errors import Connection
from earnest.findings import CheckName, EntryEvaluation, Finding
from earnest.review import (
    CHECK_ORDER,
    FlagRate,
    Glance,
    Group,
    Ledger,
    Removal,
    flag_rate,
    glance_at,
    groups,
    removal_of,
)
from earnest.review.decisions import PROPOSED_FROM
from earnest.review.glance import BINS, QuestionCount
from earnest.store.decisions import settled
from earnest.text.normalize import comparable

KEPT_GLANCES = 8
"""As many as `store.results` keeps ledgers: everybody who looks at a survey asks for the same one."""
glance_of = lru_cache(maxsize=KEPT_GLANCES)(glance_at)
WORST_OF_EACH = 3
LOOKED_AT = 12
"""Surest findings of a check from which WORST_OF_EACH different ones are shown: copies stand side by side."""
MOST_QUESTIONS = 12
MOST_DAYS = 31

MEANING = {
    CheckName.NONSENSICAL: "No logical meaning: mashed keys, word salad.",
    CheckName.IRRELEVANT: "Does not address the question.",
    CheckName.LOW_EFFORT: "Says less than the question asks for.",
    CheckName.LLM_GENERATED: "Written by a machine, or brought in from elsewhere.",
    CheckName.SELF_DUPLICATE: "The same person says the same thing again.",
    CheckName.SHARED_DUPLICATE: "Other people gave the same answer, and chance does not explain it.",
}


@dataclass(frozen=True, slots=True)
class Bin:
    """Respondents whose demerit score is at least `start` and less than `end`; the last bin includes 100."""

    start: int
    end: int
    sound: int
    with_issues: int


@dataclass(frozen=True, slots=True)
class CheckLine:
    """What a check found, and how often it is wrong.

    Attributes:
        check: Which.
        meaning: In a sentence.
        flagged: Answers with this issue.
        respondents: Respondents with such an answer.
        judged: Answers of which it could tell.
        untold: Answers of which it could not.
        percent: Flagged of judged.
        rate: How often honest answers are flagged; None where that was not measured.
    """

    check: CheckName
    meaning: str
    flagged: int
    respondents: int
    judged: int
    untold: int
    percent: float
    rate: FlagRate | None


@dataclass(frozen=True, slots=True)
class Case:
    """An answer with issues, the surest first in `findings`."""

    position: int
    respondent: str
    entry: EntryEvaluation
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """The worst answers that one check found, and how many it found in all."""

    check: CheckName
    meaning: str
    count: int
    cases: tuple[Case, ...]


@get("/desk/{job_id:str}")
async def glance_page(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """Show a survey at a glance."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_page, visit, job_id)


def _page(visit: Visit, job_id: str) -> Response[str]:
    job = visit.service.job(visit.tenant, job_id)
    ledger = visit.service.results.ledger(visit.tenant, job_id)
    glance = glance_of(ledger)
    thresholds = judged_with(visit, job_id)
    checks = check_lines(glance, thresholds)
    bins = _bins(glance)
    asked = sorted(enumerate(glance.questions), key=lambda each: -each[1].flagged)[:MOST_QUESTIONS]
    questions = sorted(asked, key=lambda each: each[0])
    return page(
        "glance.html",
        visit,
        job=job,
        states=STATES,
        glance=glance,
        removal=proposed(ledger, thresholds),
        proposed_from=PROPOSED_FROM,
        decided=_decided(visit, job_id),
        bins=bins,
        tallest=round_above(max(each.sound + each.with_issues for each in bins)),
        checks=checks,
        checks_scale=scale_of(line.percent for line in checks),
        questions=questions,
        questions_scale=scale_of(_percent(each) for _, each in questions),
        percent_of=_percent,
        cases=_cases(visit, job_id, ledger, glance),
        has_table=visit.service.uploads.of_job(visit.tenant, job_id) is not None,
    )


def check_lines(glance: Glance, thresholds: Mapping[CheckName, float]) -> list[CheckLine]:
    """What each check found; those that were not asked for are left out."""
    return [
        CheckLine(
            each.check,
            MEANING[each.check],
            each.answers,
            each.respondents,
            each.judged,
            glance.answers - each.judged,
            100 * each.answers / max(1, each.judged),
            flag_rate(each.check, thresholds.get(each.check)),
        )
        for each in glance.checks
    ]


def _percent(each: QuestionCount) -> float:
    return 100 * each.flagged / max(1, each.answers)


def _bins(glance: Glance) -> list[Bin]:
    width = 100 // BINS
    pairs = zip(glance.histogram, glance.troubled, strict=True)
    return [Bin(i * width, (i + 1) * width, count - bad, bad) for i, (count, bad) in enumerate(pairs)]


def _decided(visit: Visit, job_id: str) -> Counter[str]:
    """How many respondents go, stay or are in doubt: as all coders hold for an operator, or else as this one holds."""
    decisions = visit.service.decisions
    if not visit.visitor.is_operator:
        return Counter(decisions.rulings(visit.tenant, job_id, coder=visit.visitor.name).values())
    counts = (settled(by_coder) for by_coder in decisions.current(visit.tenant, job_id).values())
    return Counter("disputed" if each is None else each.ruling.value for each in counts)


def _cases(visit: Visit, job_id: str, ledger: Ledger, glance: Glance) -> list[CaseGroup]:
    """The worst answers, each once, under the check that is surest of it."""
    surest = (ledger.entries["scores"] * ledger.issues).argmax(axis=1)
    places: dict[CheckName, list[int]] = {}
    for i, check in enumerate(CHECK_ORDER):
        own = np.flatnonzero(ledger.issues[:, i] & (surest == i))
        order = np.lexsort((-ledger.entries["demerit"][own].astype(np.int64), -ledger.scores[own, i]))
        places[check] = own[order][:LOOKED_AT].tolist()
    positions = {int(ledger.entries["position"][place]) for own in places.values() for place in own}
    evaluations = visit.service.results.evaluations(visit.tenant, job_id, positions)
    found = []
    for each in glance.checks:
        cases = []
        for place in places[each.check]:
            position, number = int(ledger.entries["position"][place]), int(ledger.entries["number"][place])
            evaluation = evaluations[position]
            if number < len(evaluation.evaluations):
                entry = evaluation.evaluations[number]
                cases.append(Case(position, evaluation.response_identifier, entry, issues_in(entry)))
        if each.answers:
            shown = tuple(islice(_various(cases), WORST_OF_EACH))
            found.append(CaseGroup(each.check, MEANING[each.check], each.answers, shown))
    return found


def issues_in(entry: EntryEvaluation) -> tuple[Finding, ...]:
    """The findings that are issues, the surest first."""
    issues = (finding for finding in entry.quality_issue_checks if finding.is_issue)
    return tuple(sorted(issues, key=lambda finding: -finding.score))


def _various(cases: Sequence[Case]) -> Iterator[Case]:
    """The same cases, but no respondent and no wording twice."""
    seen: set[str] = set()
    for case in cases:
        marks = {f"respondent {case.position}", f"answer {comparable(case.entry.survey_entry.answer)}"}
        if not marks & seen:
            seen |= marks
            yield case


@get("/desk/{job_id:str}/progress")
async def progress(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """Show how far a survey is; a page that waits is loaded anew once it is done."""
    visit = await visit_of(request, state)
    job = await to_thread.run_sync(visit.service.job, visit.tenant, job_id)
    response = page("glance_progress.html", visit, job=job, states=STATES)
    if job.status.is_final:
        response.headers["HX-Refresh"] = "true"
    return response


@dataclass(frozen=True, slots=True)
class Grouped:
    """Respondents by day, supplier or device.

    Attributes:
        title: By what.
        groups: The groups.
        scale: A round percentage that no share of proposed ones exceeds.
    """

    title: str
    groups: list[Group]
    scale: int


@get("/desk/{job_id:str}/groups")
async def groups_part(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """Show where respondents with issues come from, as far as the uploaded table tells."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_groups, visit, job_id)


def _groups(visit: Visit, job_id: str) -> Response[str]:
    job = visit.service.job(visit.tenant, job_id)
    ledger = visit.service.results.ledger(visit.tenant, job_id)
    background = background_of(visit, job_id)
    grouped = []
    if background is not None:
        flagged = ledger.entries["position"][ledger.issues.any(axis=1)]
        removal = proposed(ledger, judged_with(visit, job_id))
        masks = [mask(each, job.total) for each in (ledger.positions, flagged, removal.positions)]
        for title, column in background.grouping.items():
            found = groups(column, *masks, most=MOST_DAYS) if title == DAY else groups(column, *masks)
            scale = scale_of(100 * each.proposed / each.respondents for each in found)
            grouped.append(Grouped(title, found, scale))
    return page("glance_groups.html", visit, job=job, grouped=grouped)


def judged_with(visit: Visit, job_id: str) -> dict[CheckName, float]:
    """The thresholds that a survey was judged with, where they were not the checks' own."""
    return visit.service.results.asked(visit.tenant, job_id).thresholds or {}


def proposed(ledger: Ledger, thresholds: Mapping[CheckName, float]) -> Removal:
    """Who is proposed for removal as things were judged."""
    return _proposed(ledger, frozenset(thresholds.items()))


@lru_cache(maxsize=KEPT_GLANCES)
def _proposed(ledger: Ledger, thresholds: frozenset[tuple[CheckName, float]]) -> Removal:
    return removal_of(ledger, dict(thresholds), proposed_from=PROPOSED_FROM)


def round_above(count: int) -> int:
    """The least round and even number that is not below a count: the middle of the axis is whole, too."""
    larger = (
        step * int(10**power) for power in range(len(str(count))) for step in (10, 12, 16, 20, 24, 30, 40, 60, 80)
    )
    return next(top for top in chain((2, 4, 6, 8), larger) if top >= count)


def scale_of(shares: Iterator[float]) -> int:
    """The least round percentage that none of these exceeds: the length of a whole bar."""
    highest = max(shares, default=0.0)
    return next(scale for scale in (5, 10, 20, 50, 100) if highest <= scale)


ROUTES: list[ControllerRouterHandler] = [glance_page, progress, groups_part]
