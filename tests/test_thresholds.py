"""A user's threshold decides what is an issue, and nothing else about a finding."""

from pathlib import Path

import msgspec
import pytest

from earnest.checks import CHECKS
from earnest.evaluate import Evaluator
from earnest.findings import CheckName, EntryEvaluation, Finding, RespondentEvaluation
from earnest.service import Service
from earnest.settings import Settings
from earnest.survey import Entry, Respondent, Survey
from earnest.text.encoder import Encoder

WHY = "Why did you choose this bank?"
EVERYBODY = [
    Respondent(f"R{i}", (Entry(WHY, answer),))
    for i, answer in enumerate(
        [
            "My parents have their account there, and the branch is around the corner.",
            "good",
            "because of things",
            "asdfkj qwoeiruh zxmcnvb",
            "because",
            "The app is the only one that lets me lock a lost card at night.",
        ]
    )
]


def judged(encoder: Encoder, thresholds: dict[CheckName, float]) -> list[RespondentEvaluation]:
    return Evaluator(encoder=encoder, thresholds=thresholds).evaluate(Survey(), EVERYBODY)


def findings(evaluations: list[RespondentEvaluation]) -> list[Finding]:
    return [finding for each in evaluations for entry in each.evaluations for finding in entry.quality_issue_checks]


@pytest.mark.parametrize("score", [0, 20, 40, 60, 80, 100])
def test_an_issue_is_what_reaches_the_threshold_and_has_a_reason(tiny_encoder: Encoder, score: float) -> None:
    own = findings(judged(tiny_encoder, {}))
    theirs = findings(judged(tiny_encoder, {check.name: score for check in CHECKS}))
    for before, after in zip(own, theirs, strict=True):
        assert after.is_issue == (before.score >= score and bool(before.reason_codes))
        assert not after.is_issue or after.evidence
        assert msgspec.structs.replace(after, is_issue=before.is_issue) == before


def test_a_lower_threshold_finds_more_and_the_counts_and_scores_agree(tiny_encoder: Encoder) -> None:
    own, low = judged(tiny_encoder, {}), judged(tiny_encoder, {CheckName.LOW_EFFORT: 25})
    assert sum(each.num_issues for each in low) > sum(each.num_issues for each in own)
    for before, after in zip(own, low, strict=True):
        entries: tuple[EntryEvaluation, ...] = after.evaluations
        assert after.num_issues == sum(finding.is_issue for each in entries for finding in each.quality_issue_checks)
        assert [each.has_issues for each in entries] == [each.num_issues > 0 for each in entries]
        assert after.demerit_score == before.demerit_score


def test_checks_without_a_threshold_decide_themselves(tiny_encoder: Encoder) -> None:
    own = findings(judged(tiny_encoder, {}))
    theirs = findings(judged(tiny_encoder, {CheckName.LOW_EFFORT: 100}))
    changed = {after.type for before, after in zip(own, theirs, strict=True) if before != after}
    assert changed == {CheckName.LOW_EFFORT}


def test_the_service_judges_by_the_settings_thresholds(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/earnest.db", thresholds={CheckName.LOW_EFFORT: 25})
    service = Service.open(settings)
    assert service.evaluator.thresholds == settings.thresholds
    service.close()
