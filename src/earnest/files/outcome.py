"""What comes of an evaluation, as those who hand it over need it: the pack, the report and the methods paragraph."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from earnest.findings import CheckName, EntryEvaluation, Finding, RespondentEvaluation
from earnest.review.decisions import PROPOSED_FROM, Decisions, Ruling, goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An evaluated survey.

    Attributes:
        survey: Its name.
        evaluations: One per respondent.
        wanted: The checks that were asked.
        thresholds: Those that are not the checks' own, by check.
        software: The version of Earnest.
        evaluator: The version of its checks.
        on: When it was evaluated.
        decisions: What people decided, by respondent.
        proposed_from: The share of bad answers from which a respondent is proposed for removal.
        suppliers: Respondent -> where they came from.
        panel_ids: Respondent -> what their supplier calls them.
    """

    survey: str
    evaluations: Sequence[RespondentEvaluation]
    wanted: frozenset[CheckName]
    software: str
    evaluator: str
    on: date
    thresholds: Mapping[CheckName, float] = field(default_factory=dict)
    decisions: Decisions = field(default_factory=dict)
    proposed_from: float = PROPOSED_FROM
    suppliers: Mapping[str, str] = field(default_factory=dict)
    panel_ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def checks(self) -> list[CheckName]:
        """The checks that were asked, in their order."""
        return [check for check in CheckName if check in self.wanted]

    @property
    def answers(self) -> int:
        """How many there are."""
        return sum(len(each.evaluations) for each in self.evaluations)

    @property
    def leaving(self) -> list[RespondentEvaluation]:
        """Who goes, as decided or else proposed, the worst first."""
        leave = [each for each in self.evaluations if goes(each, self.decisions, self.proposed_from)]
        return sorted(leave, key=lambda each: -each.demerit_score)

    @property
    def decided(self) -> Counter[Ruling]:
        """How many people's decisions there are of each kind."""
        return Counter(each.ruling for each in self.decisions.values())

    def found(self) -> Iterator[tuple[RespondentEvaluation, EntryEvaluation, Finding]]:
        """All findings of all answers."""
        for each in self.evaluations:
            for entry in each.evaluations:
                for finding in entry.quality_issue_checks:
                    yield each, entry, finding

    def questions(self) -> dict[str, str]:
        """Each question's name -> its wording, in the order in which they were asked."""
        return {
            question_of(entry): entry.survey_entry.question
            for each in reversed(self.evaluations)
            for entry in each.evaluations
        }


def question_of(entry: EntryEvaluation) -> str:
    """What a question is called: its identifier, or its wording."""
    return entry.survey_entry.question_identifier or entry.survey_entry.question


def reasons_of(evaluation: RespondentEvaluation) -> Counter[CheckName]:
    """How many answers of a respondent have each issue."""
    return Counter(f.type for e in evaluation.evaluations for f in e.quality_issue_checks if f.is_issue)
