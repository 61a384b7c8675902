"""What a batch means: each chunk is observed, then each is judged against everybody; no word of engines or tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from earnest.evaluate import Evaluator, Observed, question_key
from earnest.jobs.base import JobEngine
from earnest.jobs.webhooks import Caller, Outcome, pause_before
from earnest.store import Store
from earnest.store.base import Errand, KeptPart, KeptResponse, Kind
from earnest.survey import Entry, Respondent
from earnest.text.encoder import Encoded


@dataclass(frozen=True, slots=True)
class Errands:
    """Does what was put off: the two passes over a chunk, and the callback.

    Args:
        store: Where the work lies and the results go.
        evaluator: Returns the evaluator; called late, since it loads the model.
        engine: Queues what follows.
        caller: Posts callbacks.
        page_size: Respondents in the page that a callback carries.
    """

    store: Store
    evaluator: Callable[[], Evaluator]
    engine: JobEngine
    caller: Caller
    page_size: int

    def do(self, errand: Errand) -> None:
        """Do an errand; doing it twice changes nothing."""
        {Kind.OBSERVE: self._observe, Kind.JUDGE: self._judge, Kind.CALL_BACK: self._call_back}[errand.kind](errand)

    def give_up(self, errand: Errand, reason: str) -> None:
        """Note that an errand cannot be done; the rest of the job goes on."""
        if errand.kind is Kind.CALL_BACK:
            self._call_back_later(errand)
            return
        self.store.jobs.save_failed(errand, f"Chunk {errand.number}: {reason}", enqueue=self.engine.enqueue)

    def _observe(self, errand: Errand) -> None:
        evaluator = self.evaluator()
        chunk = self.store.jobs.chunk(errand, encoder=evaluator.encoder.revision)
        if chunk is None:
            return
        self.store.jobs.begin(errand.job)
        responses = list(chunk.responses.values())
        observed = evaluator.observe([Respondent(each.identifier, each.part.entries) for each in responses])
        self.store.jobs.save_observed(
            errand,
            encoder=evaluator.encoder.revision,
            seen={response.part.id: each.encoded for response, each in zip(responses, observed, strict=True)},
            sightings=[sighting for each in observed for sighting in each.sightings.values()],
            enqueue=self.engine.enqueue,
        )

    def _judge(self, errand: Errand) -> None:
        evaluator = self.evaluator()
        encoder = evaluator.encoder.revision
        chunk = self.store.jobs.chunk(errand, encoder=encoder)
        if chunk is None:
            return
        observed = observe_kept(evaluator, list(chunk.responses.values()))
        corpus = self.store.corpus(chunk.survey_id, encoder)
        evaluations = evaluator.judge(chunk.survey, observed, corpus, wanted=chunk.wanted)
        results = [msgspec.json.encode(each) for each in evaluations]
        self.store.jobs.save_judged(
            errand, dict(zip(chunk.responses, results, strict=True)), enqueue=self.engine.enqueue
        )

    def _call_back(self, errand: Errand) -> None:
        job, url = self.store.jobs.callback(errand.job)
        page = self.store.jobs.page(job.tenant, job.id, cursor=None, limit=self.page_size)
        outcome = self.caller.post(url, message_id=f"msg_{job.id}", body=page.to_json())
        if outcome is Outcome.TRY_AGAIN:
            self._call_back_later(errand)

    def _call_back_later(self, errand: Errand) -> None:
        pause_s = pause_before(errand.number + 1)
        if pause_s is not None:
            self.store.jobs.later(Errand(errand.kind, errand.job, errand.number + 1, pause_s), self.engine.enqueue)


def observe_kept(evaluator: Evaluator, responses: Sequence[KeptResponse]) -> list[Observed]:
    """Measure responses with their past; what the encoder has seen before, it does not read again."""
    pasts = [_past(each) for each in responses]
    respondents = [
        Respondent(each.identifier, each.part.entries, tuple(entry for entry, _ in past))
        for each, past in zip(responses, pasts, strict=True)
    ]
    kept = [_joined(past, each.part) for each, past in zip(responses, pasts, strict=True)]
    known = [each for each in kept if each is not None]
    return evaluator.observe(respondents, kept=known if len(known) == len(kept) else None)


def _past(response: KeptResponse) -> list[tuple[Entry, Encoded | None]]:
    """What the respondent answered before. A question that was answered again counts with its last answer only.

    So neither a part that is sent twice nor a corrected answer makes people repeat themselves.
    """
    past: list[tuple[Entry, Encoded | None]] = []
    for part in response.earlier:
        past = _without(past, part.entries)
        past += [
            (entry, None if part.encoded is None else part.encoded[i : i + 1]) for i, entry in enumerate(part.entries)
        ]
    return _without(past, response.part.entries)


def _without(
    past: Sequence[tuple[Entry, Encoded | None]], answered: Sequence[Entry]
) -> list[tuple[Entry, Encoded | None]]:
    keys = {question_key(entry) for entry in answered}
    return [each for each in past if question_key(each[0]) not in keys]


def _joined(past: Sequence[tuple[Entry, Encoded | None]], part: KeptPart) -> Encoded | None:
    """What was seen in all of a response's answers, earlier ones first; None where some were not seen yet."""
    seen = [*(each for _, each in past), part.encoded]
    known = [each for each in seen if each is not None]
    if len(known) < len(seen):
        return None
    return Encoded.joined(known)
