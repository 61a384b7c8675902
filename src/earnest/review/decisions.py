"""Who should go: what is proposed by rule, and what people decided.

A respondent is proposed for removal where at least `PROPOSED_FROM` of their answers that could be judged have an issue.
One bad answer among several is a reason to look, not to remove.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from earnest.findings import RespondentEvaluation

PROPOSED_FROM = 0.5
"""A convention, no measurement: half of what somebody wrote must be bad. `--propose-from` sets another."""


class Ruling(StrEnum):
    """What people decide of a respondent."""

    KEEP = "keep"
    REMOVE = "remove"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decided of one respondent.

    Attributes:
        ruling: Whether the respondent goes.
        reason: Why, in a word or two.
        note: What else was to be said.
        by: Who decided.
        at: When; None where that is not known.
    """

    ruling: Ruling
    reason: str = ""
    note: str = ""
    by: str = ""
    at: datetime | None = None


Decisions = Mapping[str, Decision]
"""By respondent, as the evaluation names them."""


def is_proposed(evaluation: RespondentEvaluation, proposed_from: float = PROPOSED_FROM) -> bool:
    """Whether a respondent is proposed for removal.

    Args:
        evaluation: What was found about them.
        proposed_from: The share of their judged answers from which they are, above 0 and up to 1.
    """
    judged = sum(bool(each.quality_issue_checks) for each in evaluation.evaluations)
    troubled = sum(each.has_issues for each in evaluation.evaluations)
    return troubled > 0 and troubled >= proposed_from * judged


def goes(evaluation: RespondentEvaluation, decisions: Decisions, proposed_from: float = PROPOSED_FROM) -> bool:
    """Whether a respondent goes: as people decided, and as proposed where they did not."""
    decision = decisions.get(evaluation.response_identifier)
    if decision is None:
        return is_proposed(evaluation, proposed_from)
    return decision.ruling is Ruling.REMOVE
