"""Who is to be judged again, since others have answered alike later: noted with the later verdict, settled later.

What is noted cannot be lost: it is kept in `rejudge`, and the errand that settles it is queued in the same transaction.
Each response is noted once, however many answer like it meanwhile; and what a crowd says, nobody is judged again for.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import Connection, LargeBinary, Row, and_, delete, exists, func, literal, or_, select, tuple_

from earnest.corpus import MOST_TWINS
from earnest.store.base import Enqueue, Errand, KeptResponse, Kind
from earnest.store.columns import shifted
from earnest.store.corpus import BEHIND_ALL_NAMES, question_numbers
from earnest.store.engines import execute_many, insert, listed
from earnest.store.responses import load
from earnest.store.submissions import Request, request_of
from earnest.store.tables import chunk, evaluation, given, job, part, rejudge, response, task, verdict

MOST_GIVERS = 200
"""Respondents of one text that are looked at: enough to find the earlier ones beside those of a batch's own chunk."""
MOST_EARLIER = MOST_TWINS
"""Earlier respondents of one text who are judged again for another copy. Where there are more, all of them had a crowd
of twins before, and no finding looks at more."""
PAUSE_S = 5.0
"""Between a later answer and the new verdict on the earlier ones, so that many later answers make one new verdict."""

Alike = tuple[str, int]
"""A text that a later answer is like: key of the question, fingerprint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A verdict that makes others doubtful.

    Attributes:
        survey_id: Number of the survey.
        alike: What the judged answers are like.
        job: Number and public name of the job that judged them; None where it was no batch.
        responses: Numbers of the responses that were judged; they need not be judged again.
    """

    survey_id: int
    alike: Collection[Alike]
    job: tuple[int, str] | None = None
    responses: Collection[int] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """The newest verdict on a part of a response.

    Attributes:
        part_id: Number of the part.
        before: Number of the part up to which others had arrived before.
        request: What was asked for.
        result: What was found.
    """

    part_id: int
    before: int
    request: Request
    result: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A response that is to be judged again.

    Attributes:
        response_id: Its number.
        asked_at: When it was noted last.
        cause: Why.
        version: Of the newest verdict on it.
        parts: Each of its parts as it is kept, with the newest verdict on it.
    """

    response_id: int
    asked_at: float
    cause: str
    version: int
    parts: tuple[tuple[KeptResponse, Verdict], ...]


def note_later(connection: Connection, later: Later, *, token: str, enqueue: Enqueue | None) -> None:
    """Note, within the transaction of a verdict, whom else it concerns, and queue judging them again.

    Args:
        connection: The transaction.
        later: The verdict.
        token: A name that only this verdict has.
        enqueue: Queues errands; None where the answers are like nothing.
    """
    if enqueue is None:
        return
    errand = Errand(Kind.REJUDGE, token, later.survey_id, PAUSE_S)
    if _note(connection, later) or _are_noted(connection, later.survey_id):
        enqueue(connection, [errand])


def _note(connection: Connection, later: Later) -> bool:
    """Whether anybody is concerned."""
    if not later.alike:
        return False
    by_text = _givers(connection, later)
    own = _of_job(connection, later, {number for each in by_text.values() for number in each}) | set(later.responses)
    earlier = [each - own for each in by_text.values()]
    concerned = sorted({number for each in earlier if len(each) <= MOST_EARLIER for number in each})
    if not concerned:
        return False
    cause = "a later answer" if later.job is None else f"later answers in job {later.job[1]}"
    now = time.time()
    statement = insert(connection, rejudge)
    execute_many(
        connection,
        statement.on_conflict_do_update(
            index_elements=[rejudge.c.response_id],
            set_={"asked_at": statement.excluded.asked_at, "cause": statement.excluded.cause},
        ),
        [
            {"response_id": number, "survey_id": later.survey_id, "asked_at": now, "cause": cause}
            for number in concerned
        ],
    )
    return True


def _are_noted(connection: Connection, survey_id: int) -> bool:
    """Whether others have noted somebody, perhaps before what is judged just now was judged."""
    one = select(rejudge.c.response_id).where(rejudge.c.survey_id == survey_id).limit(1)
    return connection.execute(one).first() is not None


def cases_of(connection: Connection, survey_id: int, *, encoder: str, limit: int) -> list[Case]:
    """Responses of a survey that are to be judged again, those noted first before others.

    Whoever is noted and not judged yet stays noted: the verdict may come from one who did not see the later answer.
    """
    is_judged = or_(
        exists().where(verdict.c.response_id == rejudge.c.response_id),
        select(evaluation.c.job_id)
        .join_from(part, task, task.c.part_id == part.c.id)
        .join(evaluation, and_(evaluation.c.job_id == task.c.job_id, evaluation.c.position == task.c.position))
        .where(part.c.response_id == rejudge.c.response_id)
        .exists(),
    )
    noted = connection.execute(
        select(rejudge)
        .where(rejudge.c.survey_id == survey_id, is_judged)
        .order_by(rejudge.c.asked_at, rejudge.c.response_id)
        .limit(limit)
    ).all()
    verdicts = {row.response_id: verdicts_of(connection, row.response_id) for row in noted}
    newest = {
        number: {each.part_id: each for each in map(_verdict, found.values())} for number, found in verdicts.items()
    }
    by_before: dict[int, list[int]] = defaultdict(list)
    for parts in newest.values():
        for each in parts.values():
            by_before[each.before].append(each.part_id)
    kept: dict[int, KeptResponse] = {}
    for before, numbers in by_before.items():
        kept |= load(connection, {number: number for number in numbers}, before=before, encoder=encoder, events=False)
    return [
        Case(
            row.response_id,
            row.asked_at,
            row.cause,
            max(verdicts[row.response_id]),
            tuple((kept[number], each) for number, each in newest[row.response_id].items()),
        )
        for row in noted
    ]


def settle(connection: Connection, cases: Iterable[Case]) -> None:
    """Note that responses were judged again; those that were noted once more meanwhile stay noted."""
    done = [(each.response_id, each.asked_at) for each in cases]
    connection.execute(delete(rejudge).where(tuple_(rejudge.c.response_id, rejudge.c.asked_at).in_(done)))


def verdicts_of(connection: Connection, response_id: int) -> dict[int, Row[Any]]:
    """All verdicts on a response, by version, oldest first.

    Those that are no batch's know their version; what batches found has the versions between, in the order of the jobs.
    Each row has `part_id`, `evaluator`, `evaluated_at`, `result` and `request`; those of batches have `public_id` and
    `parts_before`, the others `cause` and `change`.
    """
    in_batches = connection.execute(
        select(
            task.c.part_id,
            chunk.c.evaluator,
            func.coalesce(chunk.c.judged_at, job.c.finished_at, job.c.created_at).label("evaluated_at"),
            evaluation.c.result,
            job.c.request,
            job.c.public_id,
            job.c.parts_before,
            literal(None).label("cause"),
        )
        .join_from(part, task, task.c.part_id == part.c.id)
        .join(evaluation, and_(evaluation.c.job_id == task.c.job_id, evaluation.c.position == task.c.position))
        .join(job, job.c.id == task.c.job_id)
        .join(
            chunk,
            and_(
                chunk.c.job_id == task.c.job_id,
                chunk.c.first <= task.c.position,
                chunk.c.end > task.c.position,
            ),
        )
        .where(part.c.response_id == response_id)
        .order_by(job.c.id, task.c.position)
    ).all()
    others = connection.execute(
        select(verdict, literal(None).label("public_id"), verdict.c.part_id.label("parts_before"))
        .where(verdict.c.response_id == response_id)
        .order_by(verdict.c.version)
    ).all()
    found: dict[int, Row[Any]] = {row.version: row for row in others}
    free = (version for version in count(1) if version not in {row.version for row in others})
    found |= zip(free, in_batches, strict=False)
    return dict(sorted(found.items()))


def _verdict(row: Row[Any]) -> Verdict:
    return Verdict(row.part_id, row.parts_before, request_of(row), row.result)


def _givers(connection: Connection, later: Later) -> Mapping[tuple[int, int], set[int]]:
    """The responses that gave each of the texts, MOST_GIVERS at most."""
    numbers = question_numbers(connection, later.survey_id, {question for question, _ in later.alike})
    rows = sorted((numbers[question], shifted(fingerprint)) for question, fingerprint in set(later.alike))
    asked = listed(connection, rows, "question_id", "fingerprint")
    peer = given.alias()
    last = (
        select(peer.c.respondent)
        .where(peer.c.question_id == asked.c.question_id, peer.c.fingerprint == asked.c.fingerprint)
        .order_by(peer.c.respondent)
        .limit(1)
        .offset(MOST_GIVERS - 1)
        .scalar_subquery()
    )
    found: dict[tuple[int, int], set[int]] = defaultdict(set)
    chosen = (
        select(given.c.question_id, given.c.fingerprint, response.c.id)
        .join_from(
            asked,
            given,
            and_(given.c.question_id == asked.c.question_id, given.c.fingerprint == asked.c.fingerprint),
        )
        .join(response, and_(response.c.survey_id == later.survey_id, response.c.identifier == given.c.respondent))
        .where(given.c.respondent <= func.coalesce(last, literal(BEHIND_ALL_NAMES, LargeBinary)))
    )
    for number, fingerprint, response_id in connection.execute(chosen).all():
        found[number, fingerprint].add(response_id)
    return found


def _of_job(connection: Connection, later: Later, numbers: Collection[int]) -> set[int]:
    """Those of the responses that are judged in the same job."""
    if later.job is None or not numbers:
        return set()
    asked = listed(connection, [(number,) for number in sorted(numbers)], "id")
    rows = connection.execute(  # of all jobs: told which, SQLite would read all of its tasks for each part
        select(part.c.response_id, task.c.job_id)
        .join_from(asked, part, part.c.response_id == asked.c.id)
        .join(task, task.c.part_id == part.c.id)
    )
    return {response_id for response_id, job_id in rows.all() if job_id == later.job[0]}
