"""Verdicts in versions: what was found about a response, at once, in batches, and again when others answered alike.

A response's versions are numbered from 1 in the order in which they were made; those that batches made lie with their
jobs, whose pages never change. A survey's changes are numbered too, so that a client can ask what has changed since.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, Engine, select, update

from earnest.errors import NotFound
from earnest.findings import CheckName, RespondentEvaluation
from earnest.store.base import Enqueue, KeptResponse, Part, at, cursor_of, position_of
from earnest.store.corpus import digest_of
from earnest.store.engines import insert, reading, writing
from earnest.store.late import Case, Later, Verdict, cases_of, note_later, settle, verdicts_of
from earnest.store.responses import named
from earnest.store.submissions import Request
from earnest.store.tables import part, response, survey, verdict

AT_ONCE, IN_BATCH = "evaluated at once", "evaluated in a batch"


class VerdictVersion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was found about a response at one time.

    Attributes:
        version: From 1, in the order in which they were made.
        evaluator_version: Of the checks that found it; null where that was not noted yet.
        evaluated_at: When, UTC.
        cause: Why it was evaluated.
        batch_job_id: The batch that it is part of; null where it is none.
        evaluation: What was found.
    """

    version: int
    evaluator_version: str | None
    evaluated_at: datetime
    cause: str
    batch_job_id: str | None
    evaluation: RespondentEvaluation


class ResponseVerdicts(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Everything that was found about a response.

    Attributes:
        survey_identifier: The survey.
        response_identifier: The response.
        versions: All versions of the verdict, oldest first; the last one counts. A response that came in parts has
            versions about each of them.
    """

    survey_identifier: str
    response_identifier: str
    versions: tuple[VerdictVersion, ...]


class VerdictChange(VerdictVersion, frozen=True, kw_only=True, rename="camel"):
    """A verdict that took the place of an earlier one.

    Attributes:
        version: From 1, in the order in which the response's verdicts were made.
        evaluator_version: Of the checks that found it.
        evaluated_at: When, UTC.
        cause: Why it was evaluated again.
        batch_job_id: Always null: no page of a batch changes.
        evaluation: What was found.
        response_identifier: The response.
    """

    response_identifier: str


class SurveyChanges(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Verdicts of a survey that have changed.

    Attributes:
        items: Oldest first.
        next_cursor: What to send as `cursor`, now or later, for what follows.
    """

    items: tuple[VerdictChange, ...]
    next_cursor: str


class Verdicts:
    """The verdicts on all responses."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(
        self,
        kept: KeptResponse,
        asked: Part,
        result: bytes,
        *,
        thresholds: Mapping[CheckName, float],
        later: Later,
        evaluator: str,
        enqueue: Enqueue | None,
    ) -> None:
        """Keep what was found about a part at once, and note whom else it concerns; finding it again adds nothing.

        Args:
            kept: The part as it is kept.
            asked: The part as it came.
            result: What was found.
            thresholds: By which it was judged.
            later: What it is like.
            evaluator: Version of the checks.
            enqueue: Queues errands; None where the answers are like nothing.
        """
        request = Request(asked.survey, tuple(sorted(asked.wanted)), dict(thresholds))
        with writing(self._engine) as connection:
            response_id = connection.execute(select(part.c.response_id).where(part.c.id == kept.part.id)).scalar_one()
            before = verdicts_of(connection, response_id)
            same = [row.result for row in before.values() if row.part_id == kept.part.id]
            if not same or differ(same[-1], result):
                connection.execute(
                    insert(connection, verdict)
                    .values(
                        response_id=response_id,
                        version=max(before, default=0) + 1,
                        survey_id=kept.survey_id,
                        part_id=kept.part.id,
                        request=msgspec.msgpack.encode(request),
                        cause=AT_ONCE,
                        evaluator=evaluator,
                        evaluated_at=time.time(),
                        result=result,
                    )
                    .on_conflict_do_nothing()
                )
            note_later(connection, replace(later, responses=(response_id,)), token=uuid4().hex, enqueue=enqueue)

    def cases(self, survey_id: int, *, encoder: str, limit: int) -> list[Case]:
        """Responses of a survey that are to be judged again, those noted first before others."""
        with reading(self._engine) as connection:
            return cases_of(connection, survey_id, encoder=encoder, limit=limit)

    def settle(
        self,
        survey_id: int,
        cases: Sequence[Case],
        results: Sequence[tuple[Case, Verdict, bytes]],
        *,
        evaluator: str,
    ) -> None:
        """Keep what was found when responses were judged again, where it differs, and note that they were.

        Whoever else judges them at the same time finds the same: of one version there is one.

        Args:
            survey_id: Number of the survey.
            cases: Who was judged again.
            results: What was found about their parts, where it differs.
            evaluator: Version of the checks.
        """
        with writing(self._engine) as connection:
            # One at a time counts a survey's changes, so that none becomes visible behind a later one.
            own = survey.c.id == survey_id
            counted = update(survey).where(own).values(changes=survey.c.changes).returning(survey.c.changes)
            change = int(connection.execute(counted).scalar_one())
            versions = {case.response_id: case.version for case, _, _ in results}
            for case, before, result in results:
                versions[case.response_id] += 1
                added = connection.execute(
                    insert(connection, verdict)
                    .values(
                        response_id=case.response_id,
                        version=versions[case.response_id],
                        survey_id=survey_id,
                        change=change + 1,
                        part_id=before.part_id,
                        request=msgspec.msgpack.encode(before.request),
                        cause=case.cause,
                        evaluator=evaluator,
                        evaluated_at=time.time(),
                        result=result,
                    )
                    .on_conflict_do_nothing()
                    .returning(verdict.c.change)
                ).all()
                change += len(added)
            connection.execute(update(survey).where(own).values(changes=change))
            settle(connection, cases)

    def versions(self, tenant: str, survey_identifier: str, response_identifier: str) -> ResponseVerdicts:
        """Everything that was found about a response.

        Raises:
            NotFound: There is no such survey or response, or it is another tenant's.
        """
        with reading(self._engine) as connection:
            survey_id = _survey(connection, tenant, survey_identifier)
            response_id = connection.execute(
                select(response.c.id).where(
                    response.c.survey_id == survey_id, response.c.identifier == response_identifier
                )
            ).scalar()
            if response_id is None:
                raise NotFound("There is no such response.")
            rows = verdicts_of(connection, response_id)
        return ResponseVerdicts(
            survey_identifier=survey_identifier,
            response_identifier=response_identifier,
            versions=tuple(
                VerdictVersion(
                    version=number,
                    evaluator_version=row.evaluator,
                    evaluated_at=at(row.evaluated_at),
                    cause=row.cause or IN_BATCH,
                    batch_job_id=row.public_id,
                    evaluation=read(row.result),
                )
                for number, row in rows.items()
            ),
        )

    def changes(self, tenant: str, survey_identifier: str, *, cursor: str | None, limit: int) -> SurveyChanges:
        """Verdicts of a survey that took the place of earlier ones, oldest first.

        Raises:
            NotFound: There is no such survey, or it is another tenant's.
            InvalidInput: The cursor is not one of this survey's.
        """
        name = digest_of(f"{tenant}:{survey_identifier}").hex()
        after = -1 if cursor is None else position_of(cursor, name, of="survey's changes")
        with reading(self._engine) as connection:
            survey_id = _survey(connection, tenant, survey_identifier)
            rows = connection.execute(
                select(verdict, response.c.identifier)
                .join_from(verdict, response, response.c.id == verdict.c.response_id)
                .where(verdict.c.survey_id == survey_id, verdict.c.change > after)
                .order_by(verdict.c.change)
                .limit(limit)
            ).all()
        items = tuple(
            VerdictChange(
                response_identifier=row.identifier,
                version=row.version,
                evaluator_version=row.evaluator,
                evaluated_at=at(row.evaluated_at),
                cause=row.cause,
                batch_job_id=None,
                evaluation=read(row.result),
            )
            for row in rows
        )
        return SurveyChanges(items=items, next_cursor=cursor_of(name, rows[-1].change if rows else after))


def differ(before: bytes, after: bytes) -> bool:
    """Whether two verdicts on the same answers differ in an issue or a score; evidence alone may name others."""
    return _scores(read(before)) != _scores(read(after))


def _scores(evaluation: RespondentEvaluation) -> list[list[tuple[CheckName, float, bool]]]:
    return [
        [(each.type, each.score, each.is_issue) for each in entry.quality_issue_checks]
        for entry in evaluation.evaluations
    ]


def read(result: bytes) -> RespondentEvaluation:
    """A verdict as it was found."""
    return msgspec.json.decode(result, type=RespondentEvaluation)


def _survey(connection: Connection, tenant: str, identifier: str) -> int:
    found = connection.execute(
        select(survey.c.id).where(survey.c.tenant == tenant, survey.c.digest == digest_of(named(identifier)))
    ).scalar()
    if found is None:
        raise NotFound("There is no such survey.")
    return int(found)
