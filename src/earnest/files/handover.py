"""From a survey table to a batch, and from what was found to what is handed over; for the console and the command line.

A batch that is kept holds nobody without an answer, but the table does: `rejoined` puts everybody back in their row.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import count

from earnest import __version__
from earnest.checks import EVALUATOR_VERSION
from earnest.files.columns import Role
from earnest.files.outcome import Outcome
from earnest.files.tables import SurveyTable
from earnest.findings import CheckName, EntryEvaluation, RespondentEvaluation
from earnest.review.decisions import PROPOSED_FROM, Decisions
from earnest.store.base import Batch
from earnest.survey import Entry, Respondent, Survey

NOBODY: Decisions = {}


def batch_of(
    table: SurveyTable, *, survey_name: str, wanted: frozenset[CheckName], only_answered: bool = False
) -> Batch:
    """The survey of a table, to be judged.

    Args:
        table: Its rows are the respondents, in order.
        survey_name: What the survey is called; empty for the name of the file.
        wanted: Which checks to run.
        only_answered: Whether to leave out who has answered nothing, as a service must.

    Raises:
        InvalidInput: naming every cell whose key or paste events cannot be read.
    """
    everybody = table.respondents()
    return Batch(
        survey=Survey(name=survey_name or table.source.path.stem),
        respondents=tuple(each for each in everybody if each.entries or not only_answered),
        wanted=wanted,
    )


def rejoined(everybody: Iterable[Respondent], found: Mapping[int, RespondentEvaluation]) -> list[RespondentEvaluation]:
    """An evaluation for each respondent of a table, in order.

    Args:
        everybody: The respondents of the table.
        found: What was found, by position in a batch of those who have answered; who is missing has no findings.
    """
    positions = count()
    return [(found.get(next(positions)) if each.entries else None) or _nothing_about(each) for each in everybody]


def outcome_of(
    survey_name: str,
    evaluations: Sequence[RespondentEvaluation],
    *,
    wanted: frozenset[CheckName],
    thresholds: Mapping[CheckName, float],
    table: SurveyTable | None,
    decisions: Decisions = NOBODY,
    proposed_from: float = PROPOSED_FROM,
    evaluator: str = EVALUATOR_VERSION,
    on: date | None = None,
) -> Outcome:
    """What is handed over to suppliers, clients and readers of a paper.

    Args:
        survey_name: As people know it.
        evaluations: One per respondent.
        wanted: The checks that were asked.
        thresholds: Those that are not the checks' own.
        table: Where the survey came in, if in one.
        decisions: What people decided.
        proposed_from: See `is_proposed`.
        evaluator: The version that has judged.
        on: When; None for today.
    """
    return Outcome(
        survey=survey_name,
        evaluations=evaluations,
        wanted=wanted,
        software=__version__,
        evaluator=evaluator,
        on=on or datetime.now().astimezone().date(),
        thresholds=thresholds,
        decisions=decisions,
        proposed_from=proposed_from,
        suppliers={} if table is None else table.details(Role.SUPPLIER),
        panel_ids={} if table is None else table.details(Role.PANEL_ID),
    )


def _nothing_about(respondent: Respondent) -> RespondentEvaluation:
    entries = tuple(EntryEvaluation(_bare(each), 0, False, 100.0, 0.0, ()) for each in respondent.entries)
    return RespondentEvaluation(respondent.identifier, 0, 100.0, 0.0, entries)


def _bare(entry: Entry) -> Entry:
    return Entry(question=entry.question, answer=entry.answer, question_identifier=entry.question_identifier)
