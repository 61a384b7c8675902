"""What a batch means: each chunk is observed, then each is judged against everybody; no word of engines or tables.

What can go wrong, and what then (docs/explanation/jobs.md tells it at length):

    an error in a chunk            it is tried again after a pause, MOST_ATTEMPTS times in all
    a chunk kills its process      the worker that takes it over has it run alone, so that nobody is blamed for it
    either, MOST_ATTEMPTS times    it falls apart into its respondents; one who is begun as often fails alone
    the database cannot be used    whoever needs it waits, and nothing is counted
    the model cannot be used       the job fails, keeps what it has, and can be resumed
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from earnest.checks import EVALUATOR_VERSION
from earnest.errors import ModelUnusable, StoreUnavailable
from earnest.evaluate import Evaluator
from earnest.findings import RespondentEvaluation
from earnest.jobs.base import JobEngine
from earnest.jobs.callbacks import Callbacks
from earnest.jobs.kept import observe_kept
from earnest.jobs.reasons import reason_of
from earnest.jobs.rejudge import Rejudging, Witness
from earnest.jobs.solitude import Solitude
from earnest.review.ledger import Ledger
from earnest.scoring import evaluate_entry, evaluate_respondent
from earnest.spans import span
from earnest.store import Store
from earnest.store.base import Begun, Chunk, Errand, KeptResponse, Kind
from earnest.store.gauges import Count, judged, took
from earnest.store.results import pack_ledger
from earnest.survey import Respondent

logger = logging.getLogger(__name__)

AT_ONCE = 2
"""Chunks: one is encoded while the other one is judged and saved; all threads of the encoder are shared anyway."""
MOST_ATTEMPTS = 3
PAUSES_S = (1.0, 5.0)
"""After the first failed try of a chunk, and the second."""
STORE_PAUSES_S = (1.0, 2.0, 5.0, 10.0)
"""While the database cannot be used; the last one over and over. A busy one has been waited for: `engines.BUSY_MS`."""


@dataclass(frozen=True, slots=True)
class Errands:
    """Does what was put off: the two passes over a chunk, and the callback.

    Args:
        store: Where the work lies and the results go.
        evaluator: Returns the evaluator; called late, since it loads the model.
        engine: Queues what follows.
        callbacks: Tells the owners of jobs.
        at_once: How many chunks are worked on side by side.
    """

    store: Store
    evaluator: Callable[[], Evaluator]
    engine: JobEngine
    callbacks: Callbacks
    at_once: int = AT_ONCE
    _solitude: Solitude = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_solitude", Solitude(self.at_once))

    def do(self, errand: Errand) -> None:
        """Do an errand, or see to it that it is done later; doing it twice changes nothing."""
        work = {Kind.CALL_BACK: self._call_back, Kind.REJUDGE: self._rejudge}.get(errand.kind, self._chunk)
        failed = 0
        while True:
            try:
                with span(f"earnest {errand.kind}", {"earnest.job": errand.job, "earnest.number": errand.number}):
                    work(errand)
            except StoreUnavailable as error:
                logger.warning("%s waits: %s", errand.id, error.message)
            else:
                return
            if self.engine.stopping.wait(STORE_PAUSES_S[min(failed, len(STORE_PAUSES_S) - 1)]):
                raise SystemExit  # only this thread ends, and the engine takes the errand for begun: others will do it
            failed += 1

    def give_back(self, errand: Errand) -> None:
        """Note that an errand is dropped through no fault of its own, since this process ends."""
        if errand.kind in {Kind.OBSERVE, Kind.JUDGE}:
            self.store.setbacks.give_back(errand)

    def _call_back(self, errand: Errand) -> None:
        try:
            self.callbacks.call(errand)
        except StoreUnavailable:
            raise
        except Exception as error:
            logger.warning("%s failed: %s", errand.id, reason_of(error))
            self.callbacks.give_up(errand, reason_of(error))

    def _rejudge(self, errand: Errand) -> None:
        try:
            Rejudging(self.store, self.evaluator).do(errand)
        except StoreUnavailable:
            raise
        except Exception as error:  # whoever was to be judged again stays noted, until others are
            logger.warning("%s failed: %s", errand.id, reason_of(error))

    def _chunk(self, errand: Errand) -> None:
        try:
            self._work_through(errand)
        except StoreUnavailable:
            raise
        except Exception as error:  # not even giving up has worked: better a job that has failed than one that hangs
            logger.error("Job %s fails: %s", errand.job, reason_of(error))
            self.store.setbacks.fail(errand.job, reason_of(error), enqueue=self.engine.enqueue)

    def _work_through(self, errand: Errand) -> None:
        """Both passes go the same way; what a chunk raises stays in here."""
        attempts = self.store.jobs.attempts(errand)
        if attempts is None:
            return
        evaluator = self._usable_evaluator(errand)
        if evaluator is None:
            return
        with self._solitude.alone() if attempts else self._solitude.shared():
            begun = self.store.jobs.begin(errand)
            if begun is None:
                return
            if begun.attempts > MOST_ATTEMPTS:
                self._give_up(errand, begun, "It ended the process that worked on it", evaluator)
                return
            try:
                self._pass(errand, evaluator)
            except StoreUnavailable:
                self._forgive(errand)
                raise
            except Exception as error:
                self._failed(errand, begun, error, evaluator)

    def _usable_evaluator(self, errand: Errand) -> Evaluator | None:
        try:
            return self.evaluator()
        except ModelUnusable as error:
            logger.error("Job %s fails: %s", errand.job, error.message)
            self.store.setbacks.fail(errand.job, error.message, enqueue=self.engine.enqueue)
            return None

    def _pass(self, errand: Errand, evaluator: Evaluator) -> None:
        chunk = self.store.jobs.chunk(errand, encoder=evaluator.encoder.revision)
        if chunk is None:
            return
        began = time.monotonic()
        if errand.kind is Kind.OBSERVE:
            self._observe(errand, chunk, evaluator)
        else:
            self._judge(errand, chunk, evaluator)
        passed = Count.OBSERVED if errand.kind is Kind.OBSERVE else Count.JUDGED
        self.store.tally.add(took(passed, time.monotonic() - began), at_once=True)

    def _observe(self, errand: Errand, chunk: Chunk, evaluator: Evaluator) -> None:
        responses = list(chunk.responses.values())
        observed = evaluator.observe([Respondent(each.identifier, each.part.entries) for each in responses])
        self.store.jobs.save_observed(
            errand,
            encoder=evaluator.encoder.revision,
            seen={response.part.id: each.encoded for response, each in zip(responses, observed, strict=True)},
            sightings=[sighting for each in observed for sighting in each.sightings.values()],
            enqueue=self.engine.enqueue,
        )

    def _judge(self, errand: Errand, chunk: Chunk, evaluator: Evaluator) -> None:
        observed = observe_kept(evaluator, list(chunk.responses.values()))
        corpus = Witness(self.store.corpus(chunk.survey_id, evaluator.encoder.revision))
        evaluations = evaluator.judge(chunk.survey, observed, corpus, wanted=chunk.wanted, thresholds=chunk.thresholds)
        results = [msgspec.json.encode(each) for each in evaluations]
        self.store.jobs.save_judged(
            errand,
            dict(zip(chunk.responses, results, strict=True)),
            evaluator=EVALUATOR_VERSION,
            alike=corpus.alike(evaluations),
            ledger=pack_ledger(Ledger.of(evaluations, first=min(chunk.responses))),
            enqueue=self.engine.enqueue,
        )
        self.store.tally.add(judged(evaluations, chunk.wanted))

    def _forgive(self, errand: Errand) -> None:
        """The database was at fault; where it cannot hear that either, the next try is one more of the chunk."""
        try:
            self.store.setbacks.give_back(errand)
        except StoreUnavailable:
            return

    def _failed(self, errand: Errand, begun: Begun, error: Exception, evaluator: Evaluator) -> None:
        reason = reason_of(error)
        self.store.tally.add({(Count.FAILURES, "chunk_try"): 1})
        logger.warning("%s failed, try %d of %d: %s", errand.id, begun.attempts, MOST_ATTEMPTS, reason)
        if begun.attempts >= MOST_ATTEMPTS:
            self._give_up(errand, begun, reason, evaluator)
            return
        self.store.setbacks.try_again(
            errand, begun.attempts, pause_s=PAUSES_S[begun.attempts - 1], enqueue=self.engine.enqueue
        )

    def _give_up(self, errand: Errand, begun: Begun, reason: str, evaluator: Evaluator) -> None:
        """Divide a chunk; a chunk of one fails alone; where not even that can be done, the job fails."""
        if begun.respondents > 1:
            logger.warning("%s is divided into its %d respondents", errand.id, begun.respondents)
            self.store.setbacks.split(errand, enqueue=self.engine.enqueue)
            return
        chunk = self.store.jobs.chunk(errand, encoder=evaluator.encoder.revision)
        for position, response in chunk.responses.items() if chunk else ():
            logger.error("Job %s: respondent %d could not be judged: %s", errand.job, position, reason)
            result = msgspec.json.encode(cannot_tell(response))
            self.store.setbacks.fail_one(errand, position, result, reason, enqueue=self.engine.enqueue)
            self.store.tally.add({(Count.FAILURES, "respondent"): 1}, at_once=True)


def cannot_tell(response: KeptResponse) -> RespondentEvaluation:
    """The evaluation of a respondent about whom no check can say anything."""
    entries = response.part.entries
    return evaluate_respondent(
        Respondent(response.identifier, entries), [evaluate_entry(entry, ()) for entry in entries]
    )
