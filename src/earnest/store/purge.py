"""Deleting what people said, and all that was made of it: by survey, by respondent, by age; or only how they typed it.

Each transaction deletes a little, so nobody who writes waits for long, and ends in a state that holds together: what
stands in the middle when a process is killed, the next purge finds and finishes. What a job that is under way needs is
never deleted.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    select,
    true,
    update,
)

from earnest.errors import InvalidInput, NotFound
from earnest.store.engines import emptied_log, execute_many, insert, listed, reading, writing
from earnest.store.forgetting import Gift, drop_bare_surveys, forget, gifts_of, some_gifts
from earnest.store.jobs import UNDER_WAY
from earnest.store.selection import Removed, Selection, Thing, ages_of, is_named, needed_responses, of, surveys_of
from earnest.store.tables import (
    chunk,
    decision,
    delivery,
    evaluation,
    failure,
    job,
    part,
    piece,
    rejudge,
    response,
    task,
    typing,
    upload,
    usage,
    verdict,
)
from earnest.store.untyping import drop_typing

LOOKED_THROUGH = 2_000
"""Respondents that are looked for at once, while nobody waits."""
AT_ONCE = 100
"""Respondents that one transaction deletes: some 40 ms of CPU on SQLite, with two answers each (800 took .37 s)."""
PIECES_AT_ONCE = 4

Rows = Sequence[Row[*tuple[Any, ...]]]


class Purge:
    """Deletes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def answers(self, chosen: Selection, *, dry_run: bool = False) -> Removed:
        """Delete answers, how they were typed, what was found and decided, uploaded files, and jobs as a whole.

        Args:
            chosen: What to delete.
            dry_run: Only count jobs, respondents and files.

        Raises:
            NotFound: There is no such survey or respondent.
            InvalidInput: A job that is under way needs some of it; where only an age is given, that is left instead.
        """
        surveys = surveys_of(self._engine, chosen)
        self._refuse_running(chosen, surveys)
        removed: Removed = Counter()
        is_all_of_survey = surveys is not None and chosen.respondent is None and chosen.before is None
        jobs = self._jobs(chosen, surveys)
        for row in jobs:
            removed[Thing.JOBS] += 1
            removed[Thing.FILES] += self._drop_files(upload.c.job_id == row.id, dry_run)
            if not dry_run:
                self._drop_job(row)
        if chosen.survey is None and chosen.respondent is None and chosen.before is not None:
            removed[Thing.FILES] += self._drop_files(_unjudged(chosen), dry_run)
        if is_all_of_survey and not dry_run:
            removed += self._forget_all(surveys or ())
        found = self._drop_respondents(chosen, surveys, {row.id for row in jobs}, dry_run)
        if chosen.respondent is not None:
            found += self._drop_unlinked(chosen, surveys, dry_run)
            if not found:
                raise NotFound(f"Nothing is kept of a respondent {chosen.respondent!r}.")
        if not dry_run:
            with writing(self._engine) as connection:
                drop_bare_surveys(connection, surveys or ())
        return removed + found

    def typing(self, chosen: Selection, *, dry_run: bool = False) -> Removed:
        """Delete how answers were typed (key and paste events), and nothing else.

        Raises:
            NotFound: There is no such survey.
        """
        return drop_typing(self._engine, chosen, dry_run=dry_run)

    def is_first_in(self, hour: int) -> bool:
        """Whether nobody has asked this of that hour before, in any process: so that one deletes what is too old."""
        mark = {"tenant": "", "kind": "retention", "period": hour, "amount": 1}
        with writing(self._engine) as connection:
            own = usage.c.tenant == "", usage.c.kind == "retention"
            connection.execute(delete(usage).where(*own, usage.c.period < hour))
            marked = insert(connection, usage).values(mark).on_conflict_do_nothing().returning(usage.c.amount)
            return connection.execute(marked).first() is not None

    def settle(self) -> bool:
        """Leave nothing of what was deleted in SQLite's log, either; False where a reader was in the way."""
        return emptied_log(self._engine)

    def _refuse_running(self, chosen: Selection, surveys: Sequence[int] | None) -> None:
        if chosen.survey is None and chosen.respondent is None:
            return
        running = select(job.c.public_id).where(job.c.status.in_(UNDER_WAY), of(chosen, job, surveys))
        if chosen.respondent is not None:
            own = select(task.c.job_id).join(part, part.c.id == task.c.part_id).join(response)
            running = running.where(job.c.id.in_(own.where(is_named(chosen.respondent))))
        with reading(self._engine) as connection:
            found = connection.execute(running.limit(1)).scalar()
        if found is not None:
            raise InvalidInput(
                f"Job {found} is under way and needs these answers. Wait until it ends, or end it with "
                f"`earnest jobs cancel {found}`."
            )

    def _jobs(self, chosen: Selection, surveys: Sequence[int] | None) -> Rows:
        """The jobs that go as a whole."""
        if chosen.respondent is not None:
            return ()
        wanted = select(job.c.id, job.c.total, job.c.survey_id).where(of(chosen, job, surveys))
        wanted = wanted.where(job.c.status.not_in(UNDER_WAY))
        if chosen.before is not None:
            wanted = wanted.where(job.c.finished_at < chosen.before)
        with reading(self._engine) as connection:
            return connection.execute(wanted.order_by(job.c.id)).all()

    def _drop_job(self, row: Row[Any]) -> None:
        about = (evaluation, failure, decision, task)
        for first in range(0, row.total, AT_ONCE * 5):
            with writing(self._engine) as connection:
                for table in about:
                    some = table.c.position >= first, table.c.position < first + AT_ONCE * 5
                    connection.execute(delete(table).where(table.c.job_id == row.id, *some))
        with writing(self._engine) as connection:
            connection.execute(select(job.c.id).where(job.c.id == row.id).with_for_update())
            for each in (*about, delivery, chunk):
                connection.execute(delete(each).where(each.c.job_id == row.id))
            connection.execute(delete(job).where(job.c.id == row.id))
            drop_bare_surveys(connection, [row.survey_id])

    def _drop_files(self, which: ColumnElement[bool], dry_run: bool) -> int:
        with reading(self._engine) as connection:
            numbers = connection.execute(select(upload.c.id).where(which)).scalars().all()
        for number in () if dry_run else numbers:
            left = True
            while left:
                with writing(self._engine) as connection:
                    own = select(piece.c.number).where(piece.c.upload_id == number).order_by(piece.c.number)
                    some = connection.execute(own.limit(PIECES_AT_ONCE)).scalars().all()
                    connection.execute(delete(piece).where(piece.c.upload_id == number, piece.c.number.in_(some)))
                    left = len(some) == PIECES_AT_ONCE
                    if not left:
                        connection.execute(delete(upload).where(upload.c.id == number))
        return len(numbers)

    def _forget_all(self, surveys: Sequence[int]) -> Removed:
        removed: Removed = Counter()
        for each in surveys:
            while True:
                with writing(self._engine) as connection:
                    gifts = some_gifts(connection, each, AT_ONCE * 5)
                    removed[Thing.TEXTS] += forget(connection, gifts)
                if not gifts:
                    break
        return removed

    def _drop_respondents(
        self, chosen: Selection, surveys: Sequence[int] | None, dropped: Collection[int], dry_run: bool
    ) -> Removed:
        removed: Removed = Counter()
        for rows in self._respondents(chosen, surveys):
            with reading(self._engine) as connection:
                needed = needed_responses(connection, [row.id for row in rows], chosen.before)
                free = [row for row in rows if row.id not in needed]
                jobs = set(_jobs_about(connection, [row.id for row in free])) - set(dropped)
                names = defaultdict(list)
                for row in free:
                    names[row.survey_id].append(row.identifier)
                gifts = defaultdict(list)
                for survey_id, some_names in () if dry_run else names.items():
                    for gift in gifts_of(connection, survey_id, some_names):
                        gifts[survey_id, gift[2]].append(gift)
            removed[Thing.LEFT] += len(needed)
            removed[Thing.FILES] += self._drop_files(upload.c.job_id.in_(jobs), dry_run)
            for start in range(0, len(free), AT_ONCE):
                some = free[start : start + AT_ONCE]
                if dry_run:
                    removed[Thing.RESPONDENTS] += len(some)
                    continue
                with writing(self._engine) as connection:
                    removed += _drop(connection, some, gifts, chosen.before)
        return removed

    def _drop_unlinked(self, chosen: Selection, surveys: Sequence[int] | None, dry_run: bool) -> Removed:
        """Delete what no response leads to.

        The command line keeps evaluations only, which have the respondent's name. And what is known of an answer may
        outlive its response, if that was just being judged when it was deleted.
        """
        name = chosen.respondent or ""
        start = b'{"responseIdentifier":' + msgspec.json.encode(name) + b","
        of_command_line = ~exists().where(chunk.c.job_id == job.c.id)
        jobs = select(job.c.id).where(of(chosen, job, surveys), of_command_line)
        own = evaluation.c.job_id.in_(jobs), func.substr(evaluation.c.result, 1, len(start)) == start
        removed: Removed = Counter()
        with reading(self._engine) as connection:
            places = connection.execute(select(evaluation.c.job_id, evaluation.c.position).where(*own)).all()
            gifts = [gift for each in surveys or () for gift in gifts_of(connection, each, [name])]
        if places:
            removed[Thing.RESPONDENTS] += 1
        if not dry_run:
            with writing(self._engine) as connection:
                _drop_places(connection, places)
                removed[Thing.TEXTS] += forget(connection, gifts)
        return removed

    def _respondents(self, chosen: Selection, surveys: Sequence[int] | None) -> Iterator[Rows]:
        """Those who fit, by and by. By age, it ends with the first ones who are all too young: numbers rise in time."""
        wanted: Select[Any] = select(response.c.id, response.c.survey_id, response.c.identifier)
        wanted = wanted.where(of(chosen, response, surveys), is_named(chosen.respondent)).order_by(response.c.id)
        last = 0
        while True:
            with reading(self._engine) as connection:
                rows = connection.execute(wanted.where(response.c.id > last).limit(LOOKED_THROUGH)).all()
                before = chosen.before
                ages = {} if before is None else ages_of(connection, [row.id for row in rows])
            if not rows:
                return
            last = rows[-1].id
            if before is None:
                yield rows
                continue
            yield [row for row in rows if ages.get(row.id, (0.0, 0.0))[1] < before]
            if all(ages.get(row.id, (0.0, 0.0))[0] >= before for row in rows):
                return


def _drop(
    connection: Connection,
    rows: Rows,
    gifts: Mapping[tuple[int, str], Sequence[Gift]],
    before: float | None,
) -> Removed:
    """Delete respondents, but those whom a job needs by now."""
    ids = [row.id for row in rows]
    connection.execute(select(response.c.id).where(response.c.id.in_(ids)).order_by(response.c.id).with_for_update())
    needed = needed_responses(connection, ids, before)
    if before is not None:
        needed |= {each for each, (_, last) in ages_of(connection, ids).items() if last >= before}
    rows = [row for row in rows if row.id not in needed]
    ids = [row.id for row in rows]
    # Parts before questions, as whoever keeps what was seen in them, so that nobody waits for one another for ever.
    own = select(part.c.id).where(part.c.response_id.in_(ids)).order_by(part.c.id)
    parts = connection.execute(own.with_for_update()).scalars().all()
    texts = forget(connection, [gift for row in rows for gift in gifts.get((row.survey_id, row.identifier), ())])
    places = connection.execute(select(task.c.job_id, task.c.position).where(task.c.part_id.in_(parts))).all()
    _drop_places(connection, places)
    for table in (verdict, rejudge):
        connection.execute(delete(table).where(table.c.response_id.in_(ids)))
    connection.execute(delete(typing).where(typing.c.part_id.in_(parts)))
    connection.execute(delete(part).where(part.c.id.in_(parts)))
    connection.execute(delete(response).where(response.c.id.in_(ids)))
    drop_bare_surveys(connection, {row.survey_id for row in rows})
    return Counter({Thing.RESPONDENTS: len(ids), Thing.TEXTS: texts, Thing.LEFT: len(needed)})


def _drop_places(connection: Connection, places: Rows) -> None:
    """Delete what was found and decided about places in jobs; the numbers of those chunks are counted anew."""
    rows: list[dict[str, object]] = [{"j": job_id, "p": position} for job_id, position in places]
    for table in (evaluation, failure, decision, task):
        own = table.c.job_id == bindparam("j"), table.c.position == bindparam("p")
        execute_many(connection, delete(table).where(*own), rows)
    around = chunk.c.job_id == bindparam("j"), chunk.c.first <= bindparam("p"), chunk.c.end > bindparam("p")
    execute_many(connection, update(chunk).where(*around, chunk.c.ledger.is_not(None)).values(ledger=None), rows)


def _jobs_about(connection: Connection, response_ids: Sequence[int]) -> Sequence[int]:
    asked = listed(connection, [(number,) for number in response_ids], "id")
    found = select(task.c.job_id).select_from(asked).join(part, part.c.response_id == asked.c.id)
    return list(connection.execute(found.join(task, task.c.part_id == part.c.id).distinct()).scalars())


def _unjudged(chosen: Selection) -> ColumnElement[bool]:
    """Files that no job has judged in all the time."""
    own = true() if chosen.tenant is None else upload.c.tenant == chosen.tenant
    return and_(upload.c.job_id.is_(None), upload.c.created_at < chosen.before, own)
