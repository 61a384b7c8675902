"""A question: how it is answered, what is typical, who does not know, and the flagged answers a page at a time.

Counts are the ledger's and hold for all answers. What needs their words is read of a sample spread evenly over the
survey, and the page says so; the most typical ones need the encoder, so they are fetched after the page is shown.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from anyio import to_thread
from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from numpy.typing import NDArray

from earnest.api.desk.glance import check_lines, glance_of, issues_in, judged_with, round_above, scale_of
from earnest.api.desk.pages import page
from earnest.api.desk.queues import whole
from earnest.api.desk.visits import Visit, visit_of
from earnest.api.errors import Connection
from earnest.errors import NotFound
from earnest.findings import CheckName, EntryEvaluation, Finding
from earnest.review import CHECK_ORDER, Glance, Ledger, glance_at, typicality
from earnest.text.normalize import comparable, words

KEPT_QUESTIONS = 16
"""Two megabytes each where 20,000 people answered."""
SAMPLE = 400
"""Answers whose words are read: at 400, a share of a half is known to within five points in 19 of 20 samples."""
COMPARED = 200
"""Of them, those whose meaning is compared: half a second of encoding on one core."""
MOST_TYPICAL = 5
MOST_IDLE = 500
"""Answers of little effort that are read for don't-knows, the first ones."""
PER_PAGE = 20
DOES_NOT_KNOW = frozenset({"dont_know", "refusal", "nothing", "no_answer"})
"""Reason codes of Low Effort for those who say that they have nothing to say."""
LENGTHS = (1, 3, 6, 11, 21, 41, 81)
"""Least words of each bar of lengths: each about twice the one before, as lengths are spread."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as the page shows it.

    Attributes:
        position: Of the respondent.
        respondent: Their name.
        answer: As given.
        findings: Its issues, the surest first.
    """

    position: int
    respondent: str
    answer: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Length:
    """Answers of so many words; the last one has no end."""

    least: int
    most: int | None
    answers: int


@get("/desk/{job_id:str}/questions")
async def questions(request: Connection, state: State, job_id: FromPath[str]) -> Response[str]:
    """List a survey's questions."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_list, visit, job_id, whole(request.query_params.get("page", "")) or 1)


def _list(visit: Visit, job_id: str, number: int) -> Response[str]:
    glance = glance_of(visit.service.results.ledger(visit.tenant, job_id))
    pages = max(1, -(-len(glance.questions) // PER_PAGE))
    number = min(max(1, number), pages)
    first = (number - 1) * PER_PAGE
    return page(
        "questions.html",
        visit,
        job=visit.service.job(visit.tenant, job_id),
        rows=list(enumerate(glance.questions))[first : first + PER_PAGE],
        scale=scale_of(100 * each.flagged / max(1, each.answers) for each in glance.questions),
        total=len(glance.questions),
        page_number=number,
        pages=pages,
    )


@get("/desk/{job_id:str}/questions/{place:int}")
async def question(request: Connection, state: State, job_id: FromPath[str], place: FromPath[int]) -> Response[str]:
    """Show a question."""
    visit = await visit_of(request, state)
    number = whole(request.query_params.get("page", "")) or 1
    return await to_thread.run_sync(_page, visit, job_id, place, number)


def _page(visit: Visit, job_id: str, place: int, number: int) -> Response[str]:
    ledger = visit.service.results.ledger(visit.tenant, job_id)
    own, glance = _of_question(ledger, place)
    checks = check_lines(glance, judged_with(visit, job_id))
    flagged = own.entries[own.issues.any(axis=1)]
    flagged = flagged[np.argsort(-flagged["demerit"].astype(np.int64), kind="stable")]
    pages = max(1, -(-len(flagged) // PER_PAGE))
    number = min(max(1, number), pages)
    return page(
        "question.html",
        visit,
        job=visit.service.job(visit.tenant, job_id),
        place=place,
        question=ledger.questions[place],
        answers=len(own.entries),
        checks=checks,
        checks_scale=scale_of(line.percent for line in checks),
        flagged=_said(visit, job_id, flagged[(number - 1) * PER_PAGE : number * PER_PAGE]),
        flagged_total=len(flagged),
        page_number=number,
        pages=pages,
    )


@lru_cache(maxsize=KEPT_QUESTIONS)
def _of_question(ledger: Ledger, place: int) -> tuple[Ledger, Glance]:
    """What was found in the answers to one question, one by one and counted.

    Raises:
        NotFound: There is no such question.
    """
    if place >= len(ledger.questions):
        raise NotFound("There is no such question.")
    own = Ledger(ledger.questions, ledger.entries[ledger.entries["question"] == place])
    return own, glance_at(own)


def _spread(entries: NDArray[np.void], most: int) -> NDArray[np.void]:
    """So many of them at most, spread evenly."""
    if len(entries) <= most:
        return entries
    return entries[np.linspace(0, len(entries) - 1, most).astype(np.int64)]


def _said(visit: Visit, job_id: str, entries: NDArray[np.void]) -> list[Said]:
    found = visit.service.results.evaluations(visit.tenant, job_id, {int(each) for each in entries["position"]})
    said = []
    for position, number in zip(entries["position"].tolist(), entries["number"].tolist(), strict=True):
        evaluation = found.get(position)
        if evaluation is not None and number < len(evaluation.evaluations):
            entry = evaluation.evaluations[number]
            answer = entry.survey_entry.answer
            said.append(Said(position, evaluation.response_identifier, answer, issues_in(entry)))
    return said


def _count_words(answer: str) -> int:
    return len(words(comparable(answer)))


def _median_words(sample: Sequence[Said]) -> int:
    return int(np.median([_count_words(each.answer) for each in sample])) if sample else 0


def _lengths(sample: Sequence[Said]) -> list[Length]:
    counts = np.array([max(1, _count_words(each.answer)) for each in sample], dtype=np.int64)
    bars = np.bincount(np.searchsorted(LENGTHS, counts, side="right") - 1, minlength=len(LENGTHS))
    ends = [*(least - 1 for least in LENGTHS[1:]), None]
    return [Length(least, most, int(bar)) for least, most, bar in zip(LENGTHS, ends, bars, strict=True)]


def _unknowing(visit: Visit, job_id: str, own: Ledger) -> list[tuple[str, int]]:
    """How people say that they do not know, and how often, the most frequent first."""
    idle = CHECK_ORDER.index(CheckName.LOW_EFFORT)
    entries = own.entries[own.has_reason[:, idle]][:MOST_IDLE]
    found = visit.service.results.evaluations(visit.tenant, job_id, {int(each) for each in entries["position"]})
    counts: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for position, number in zip(entries["position"].tolist(), entries["number"].tolist(), strict=True):
        evaluation = found.get(position)
        if evaluation is None or number >= len(evaluation.evaluations):
            continue
        entry = evaluation.evaluations[number]
        if _does_not_know(entry):
            text = comparable(entry.survey_entry.answer)
            counts[text] += 1
            shown.setdefault(text, entry.survey_entry.answer)
    return [(shown[text], count) for text, count in counts.most_common()]


def _does_not_know(entry: EntryEvaluation) -> bool:
    return any(
        finding.type is CheckName.LOW_EFFORT and DOES_NOT_KNOW.intersection(finding.reason_codes)
        for finding in entry.quality_issue_checks
    )


@get("/desk/{job_id:str}/questions/{place:int}/words")
async def words_part(request: Connection, state: State, job_id: FromPath[str], place: FromPath[int]) -> Response[str]:
    """Show how long answers are, which are most and least like the others, and how people say that they do not know."""
    visit = await visit_of(request, state)
    return await to_thread.run_sync(_words, visit, job_id, place, limiter=state.judges)


def _words(visit: Visit, job_id: str, place: int) -> Response[str]:
    job = visit.service.job(visit.tenant, job_id)
    own, _ = _of_question(visit.service.results.ledger(visit.tenant, job_id), place)
    sample = _said(visit, job_id, _spread(own.entries, SAMPLE))
    lengths = _lengths(sample)
    said = _various(sample)[:COMPARED]
    order = _order(_Texts(visit, tuple(each.answer for each in said)))
    count = min(MOST_TYPICAL, len(said) // 2)
    clear = [i for i in order if not said[i].findings]  # a much-copied answer is near to itself
    return page(
        "question_words.html",
        visit,
        job=job,
        answers=len(own.entries),
        sampled=len(sample),
        lengths=lengths,
        tallest=round_above(max(each.answers for each in lengths)),
        median_words=_median_words(sample),
        unknowing=_unknowing(visit, job_id, own),
        most_idle=MOST_IDLE,
        compared=len(said),
        most=[said[i] for i in clear[:count]],
        least=[said[i] for i in order[::-1][:count]],
    )


def _various(said: Sequence[Said]) -> list[Said]:
    """The same, each wording once, and none that says nothing."""
    seen: dict[str, Said] = {}
    for each in said:
        text = comparable(each.answer)
        if text:
            seen.setdefault(text, each)
    return list(seen.values())


class _Texts:
    """Texts, as they are told apart from others; and what encodes them."""

    def __init__(self, visit: Visit, texts: tuple[str, ...]) -> None:
        self.visit, self.texts = visit, texts

    def __hash__(self) -> int:
        return hash(self.texts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Texts) and self.texts == other.texts


@lru_cache(maxsize=64)
def _order(texts: _Texts) -> tuple[int, ...]:
    """The places of the texts, the most typical first."""
    if not texts.texts:
        return ()
    vectors = texts.visit.service.evaluator.encoder.encode(texts.texts).vectors
    return tuple(np.argsort(-typicality(vectors), kind="stable").tolist())


ROUTES: list[ControllerRouterHandler] = [questions, question, words_part]
