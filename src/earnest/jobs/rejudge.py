"""Judging again: when somebody answers like others before, the verdicts on those others may no longer hold.

`Witness` sees whom the judged answers are like, the store notes them with the verdict (`store.late`), and `Rejudging`
judges them again against all answers as they are by then. Judging again notes nobody, so it ends.

Only the search for copies is made again. What else was found about the answers stays: a later answer does not touch it,
and what it rested on, such as how they were typed, may be deleted by now.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from earnest.checks import EVALUATOR_VERSION
from earnest.corpus import Corpus, QuestionProfile, Sighting, Twins
from earnest.errors import StoreUnavailable
from earnest.evaluate import Evaluator
from earnest.findings import CheckName, RespondentEvaluation
from earnest.jobs.kept import observe_kept
from earnest.scoring import evaluate_entry, evaluate_respondent
from earnest.similarity import fingerprint
from earnest.store import Store
from earnest.store.base import Errand, KeptResponse
from earnest.store.late import Alike, Case, Verdict
from earnest.store.verdicts import differ, read
from earnest.survey import Respondent

logger = logging.getLogger(__name__)

AT_ONCE = 100
"""Responses that are judged again in one go."""
Judged = tuple[Case, KeptResponse, Verdict]
COPIES = CheckName.SHARED_DUPLICATE


class Witness:
    """A corpus that remembers what the answers that were asked about are like.

    Args:
        corpus: Answers instead of it.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._seen: list[tuple[Sighting, Twins]] = []

    def add(self, sightings: Sequence[Sighting]) -> None:
        """Take answers in."""
        self._corpus.add(sightings)

    def profiles(self, questions: Collection[str]) -> Mapping[str, QuestionProfile]:
        """How each of these questions is answered."""
        return self._corpus.profiles(questions)

    def twins(self, sightings: Sequence[Sighting]) -> list[Twins]:
        """For each answer, whose answers to the same question are nearly the same, or near in meaning."""
        found = self._corpus.twins(sightings)
        self._seen += zip(sightings, found, strict=True)
        return found

    def alike(self, evaluations: Sequence[RespondentEvaluation]) -> set[Alike]:
        """The texts whose respondents should be judged again.

        Those that are nearly the same, unless they are too short for a copy to be told from a coincidence; and those
        near in meaning, if that is what somebody was flagged for.
        """
        flagged = {each.response_identifier for each in evaluations if _is_flagged(each)}
        texts: set[tuple[str, str]] = set()
        for sighting, twins in self._seen:
            if sighting.bands:
                texts |= {(sighting.question, twin.comparable) for twin in twins.closest}
            if sighting.respondent in flagged:
                texts |= {(sighting.question, kin.comparable) for kin in twins.kin}
        return {(question, fingerprint(text)) for question, text in texts}


class Rejudging:
    """Judges those again about whom the store has noted that they should be.

    Args:
        store: Where they are noted, and where the new verdicts go.
        evaluator: Returns the evaluator.
    """

    def __init__(self, store: Store, evaluator: Callable[[], Evaluator]) -> None:
        self._store = store
        self._evaluator = evaluator

    def do(self, errand: Errand) -> None:
        """Judge again whoever is noted for a survey."""
        evaluator = self._evaluator()
        survey_id, encoder = errand.number, evaluator.encoder.revision
        while cases := self._store.verdicts.cases(survey_id, encoder=encoder, limit=AT_ONCE):
            judged = [(case, kept, verdict) for case in cases for kept, verdict in case.parts]
            results = [
                (case, verdict, result)
                for (case, _, verdict), result in self._judge(evaluator, survey_id, judged)
                if differ(verdict.result, result)
            ]
            self._store.verdicts.settle(survey_id, cases, results, evaluator=EVALUATOR_VERSION)

    def _judge(self, evaluator: Evaluator, survey_id: int, judged: Sequence[Judged]) -> list[tuple[Judged, bytes]]:
        """What is found now; whoever cannot be judged keeps the verdict that there is."""
        by_request: dict[bytes, list[Judged]] = defaultdict(list)
        for each in judged:
            by_request[msgspec.msgpack.encode(each[2].request)].append(each)
        found: list[tuple[Judged, bytes]] = []
        for same in by_request.values():
            try:
                found += self._judge_alike(evaluator, survey_id, same)
            except StoreUnavailable:
                raise
            except Exception as error:
                if len(same) == 1:
                    logger.warning(
                        "A response of survey %d could not be judged again: %s", survey_id, type(error).__name__
                    )
                else:
                    found += [one for each in same for one in self._judge(evaluator, survey_id, [each])]
        return found

    def _judge_alike(
        self, evaluator: Evaluator, survey_id: int, judged: Sequence[Judged]
    ) -> list[tuple[Judged, bytes]]:
        request = judged[0][2].request
        wanted = {COPIES}.intersection(request.wanted)
        observed = observe_kept(evaluator, [kept for _, kept, _ in judged])
        corpus = self._store.corpus(survey_id, evaluator.encoder.revision)
        evaluations = evaluator.judge(request.survey, observed, corpus, wanted=wanted, thresholds=request.thresholds)
        return [
            (each, msgspec.json.encode(_amended(read(each[2].result), found)))
            for each, found in zip(judged, evaluations, strict=True)
        ]


def _amended(before: RespondentEvaluation, copies: RespondentEvaluation) -> RespondentEvaluation:
    """An earlier evaluation with what was found about copies now instead of then."""
    entries = [
        evaluate_entry(
            old.survey_entry,
            [*(each for each in old.quality_issue_checks if each.type is not COPIES), *new.quality_issue_checks],
        )
        for old, new in zip(before.evaluations, copies.evaluations, strict=True)
    ]
    return evaluate_respondent(Respondent(before.response_identifier, ()), entries)


def _is_flagged(evaluation: RespondentEvaluation) -> bool:
    return any(
        check.is_issue and check.type is COPIES
        for entry in evaluation.evaluations
        for check in entry.quality_issue_checks
    )
