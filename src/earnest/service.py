"""The composition root: settings -> encoder, evaluator, store, jobs. The API, the command line and the worker share it.

Everything opens late: `earnest keys create` touches the database only, a process that just submits loads no model.

    service = Service.open(Settings.load())      # migrates the database, accepts settings.api_key from now on
    service.start_worker()                       # this process takes up batch jobs, also those a killed one left behind
    tenant = service.tenant_of(key)              # InvalidKey
    service.evaluate(tenant, Part(...))          # one respondent at once; blocks for the model: call it in a thread
    job_id = service.submit(tenant, Batch(...))  # returns when nothing can be lost any more
    service.page(tenant, job_id, cursor=None, limit=None).to_json()  # NotFound, InvalidInput
    service.close()

All methods block and may be called from any thread.
"""

from collections.abc import Sequence
from hmac import compare_digest
from threading import Lock

import msgspec

from earnest.errors import EarnestError, InvalidInput, InvalidKey
from earnest.evaluate import Evaluator
from earnest.findings import JobStatus, RespondentEvaluation
from earnest.jobs.base import JobEngine
from earnest.jobs.batch import Errands, observe_kept
from earnest.jobs.webhooks import Caller, new_secret, problem_of
from earnest.settings import Settings
from earnest.store import Store, open_store
from earnest.store.base import ApiKey, Batch, Job, JobPage, Part, PartEvaluation
from earnest.text.encoder import OnnxEncoder

__all__ = ["ApiKey", "Batch", "Job", "JobPage", "JobStatus", "Part", "PartEvaluation", "Service"]

DEFAULT_TENANT = "default"
LONGEST_IDENTIFIER = 500
"""Characters of a response's identifier: it is part of an index, and PostgreSQL's hold 2,700 bytes."""
LONGEST_TENANT = 100


class Service:
    """Earnest with everything that it keeps and does later."""

    def __init__(self, settings: Settings, store: Store, evaluator: Evaluator | None) -> None:
        self.settings = settings
        self._store = store
        self._evaluator = evaluator
        self._engine: JobEngine | None = None
        self._lock = Lock()

    @classmethod
    def open(cls, settings: Settings, *, evaluator: Evaluator | None = None) -> "Service":
        """Reach the database, bring it up to date and accept `settings.api_key`.

        Args:
            settings: How this installation runs.
            evaluator: Judges; by default one with the shipped model, loaded when it is first needed.

        Raises:
            StoreUnavailable: The database cannot be reached, or a newer Earnest has changed it.
        """
        return cls(settings, open_store(settings.database_url), evaluator)

    def start_worker(self) -> None:
        """Take up batch jobs in this process, first those that a killed process with the same database left behind.

        Raises:
            InvalidSettings: The webhook secret is not one.
        """
        engine = self.engine
        errands = Errands(self._store, lambda: self.evaluator, engine, self._caller(), self.settings.page_size)
        engine.start(errands.do, errands.give_up)

    def close(self) -> None:
        """Let running chunks end, for some seconds, and let go of everything; what was not done is done next time."""
        if self._engine is not None:
            self._engine.stop()
        self._store.close()

    @property
    def evaluator(self) -> Evaluator:
        """What judges; the first one who asks waits for the model.

        Raises:
            ModelUnusable: A shipped model file is missing or damaged.
        """
        with self._lock:
            if self._evaluator is None:
                encoder = OnnxEncoder.shipped(self.settings.threads)
                self._evaluator = Evaluator(encoder=encoder, thresholds=self.settings.thresholds)
            return self._evaluator

    @property
    def engine(self) -> JobEngine:
        """What runs batch jobs; only a process that submits or works has one."""
        with self._lock:
            if self._engine is None:
                from earnest.jobs.dbos_engine import DbosEngine  # noqa: PLC0415 - takes a second to import

                self._engine = DbosEngine(self.settings.database_url)
            return self._engine

    def tenant_of(self, key: str | None) -> str:
        """Whose key this is.

        Raises:
            InvalidKey: No key, an unknown or a revoked one.
        """
        if not key:
            raise InvalidKey
        own = self.settings.api_key
        if own and compare_digest(key.encode("utf-8", "replace"), own.encode()):
            return DEFAULT_TENANT
        return self._store.keys.tenant_of(key)

    def create_key(self, name: str, tenant: str = DEFAULT_TENANT) -> str:
        """Make a key and return it; it is not shown again.

        Raises:
            InvalidInput: The tenant is empty or longer than 100 characters.
        """
        if not 1 <= len(tenant) <= LONGEST_TENANT:
            raise InvalidInput(details={"tenant": f"must have 1 to {LONGEST_TENANT} characters"})
        return self._store.keys.create(name, tenant)

    def list_keys(self) -> list[ApiKey]:
        """All keys, oldest first, without their secrets."""
        return self._store.keys.list()

    def revoke_key(self, key_id: str) -> None:
        """Accept a key no longer.

        Raises:
            NotFound: There is no such key.
        """
        self._store.keys.revoke(key_id)

    def evaluate(self, tenant: str, part: Part) -> PartEvaluation:
        """Judge some answers of one respondent at once, and keep them for comparison with what follows.

        Raises:
            InvalidInput: There are no entries, or an identifier is too long.
        """
        faults = _fault_of("responseIdentifier", part.response_identifier)
        faults |= _fault_of("aftercareResponseIdentifier", part.aftercare_response_identifier)
        if not part.entries:
            faults["surveyEntries"] = "must hold at least one entry"
        if faults:
            raise InvalidInput(details=faults)
        evaluator = self.evaluator
        encoder = evaluator.encoder.revision
        kept = self._store.responses.keep(tenant, part, encoder)
        [observed] = observe_kept(evaluator, [kept])
        sightings = list(observed.sightings.values())
        self._store.responses.save_observed(kept, observed.encoded[-len(part.entries) :], sightings, encoder=encoder)
        corpus = self._store.corpus(kept.survey_id, encoder)
        [evaluation] = evaluator.judge(part.survey, [observed], corpus, wanted=part.wanted)
        return PartEvaluation(
            evaluation=evaluation,
            aftercare_response_identifier=kept.aftercare_identifier,
            response_identifier=kept.identifier if kept.identifier != kept.aftercare_identifier else None,
        )

    def submit(self, tenant: str, batch: Batch) -> str:
        """Keep a batch and queue its evaluation, all in one transaction, and return the job's id.

        Raises:
            InvalidInput: There are no respondents, one has no entries or too long an identifier, or the callback URL
                is not http or https.
        """
        faults = _faults_of(batch)
        if faults:
            raise InvalidInput(details=faults)
        chunk_size, engine = self.settings.chunk_size, self.engine
        return self._store.jobs.submit(tenant, batch, chunk_size=chunk_size, enqueue=engine.enqueue)

    def keep(self, tenant: str, batch: Batch, evaluations: Sequence[RespondentEvaluation]) -> str:
        """Keep a batch that was evaluated elsewhere as a completed job, and return the job's id."""
        return self._store.jobs.keep(tenant, batch, [msgspec.json.encode(each) for each in evaluations])

    def page(self, tenant: str, job_id: str, *, cursor: str | None = None, limit: int | None = None) -> JobPage:
        """Some of a job's results, in the order of submission.

        Args:
            tenant: Who asks.
            job_id: The job.
            cursor: From an earlier page; None for the first.
            limit: Most items to return, 1–1000; None for `settings.page_size`.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
            InvalidInput: The cursor is not one of this job's, or the limit is out of range.
        """
        limit = self.settings.page_size if limit is None else limit
        return self._store.jobs.page(tenant, job_id, cursor=cursor, limit=limit)

    def latest_job(self, tenant: str | None = None) -> Job | None:
        """The newest completed job, of one tenant or of all; None where there is none."""
        return self._store.jobs.latest(tenant)

    def webhook_secret(self) -> str:
        """What signs callbacks: `settings.webhook_secret`, or one that this installation made for itself."""
        return self.settings.webhook_secret or self._store.keys.secret("webhook", otherwise=new_secret())

    def health(self) -> dict[str, str]:
        """What this process depends on: `database`, `migrations`, `model`; each "ok", or what is wrong and the mend."""
        found = {"database": "ok", "migrations": "ok", "model": "ok"}
        try:
            found["migrations"] = self._store.problem() or "ok"
        except EarnestError as error:
            found |= {"database": error.message, "migrations": "unknown"}
        try:
            _ = self.evaluator
        except EarnestError as error:
            found["model"] = error.message
        return found

    def _caller(self) -> Caller:
        allowed = frozenset(each.strip() for each in self.settings.callback_allow.split(",") if each.strip())
        return Caller(self.webhook_secret(), allowed)


def _faults_of(batch: Batch) -> dict[str, str]:
    """What is wrong with a batch, by field."""
    faults: dict[str, str] = {}
    if not batch.respondents:
        faults["responses"] = "must hold at least one response"
    for i, each in enumerate(batch.respondents):
        faults |= _fault_of(f"responses[{i}].responseIdentifier", each.identifier)
        if not each.entries:
            faults[f"responses[{i}].surveyEntries"] = "must hold at least one entry"
    problem = None if batch.callback_url is None else problem_of(batch.callback_url)
    return faults if problem is None else {**faults, "callbackUrl": problem}


def _fault_of(field: str, identifier: str | None) -> dict[str, str]:
    is_short = identifier is None or len(identifier) <= LONGEST_IDENTIFIER
    return {} if is_short else {field: f"must have at most {LONGEST_IDENTIFIER} characters"}
