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
from dataclasses import replace
from functools import cached_property, partial
from threading import Lock

import msgspec

from earnest.access import DEFAULT_TENANT, Access
from earnest.checks import EVALUATOR_VERSION
from earnest.errors import EarnestError, InvalidInput
from earnest.evaluate import Evaluator
from earnest.findings import JobStatus, RespondentEvaluation
from earnest.jobs.base import JobEngine
from earnest.jobs.batch import AT_ONCE, Errands
from earnest.jobs.callbacks import Callbacks
from earnest.jobs.kept import observe_kept
from earnest.jobs.outbound import problem_of
from earnest.jobs.rejudge import Witness
from earnest.jobs.retention import Retention
from earnest.jobs.worker import BatchWorker
from earnest.settings import Settings
from earnest.store import Store, open_store
from earnest.store.allowances import Admitted, Allowance, Rate, TenantUse
from earnest.store.base import (
    LONGEST_IDENTIFIER,
    TOO_LONG,
    Admit,
    ApiKey,
    Batch,
    Idempotency,
    JobPage,
    Part,
    PartEvaluation,
    Scope,
    unsound,
)
from earnest.store.gauges import judged
from earnest.store.late import Later
from earnest.store.reports import JobList, JobReport
from earnest.store.verdicts import ResponseVerdicts, SurveyChanges
from earnest.text.encoder import OnnxEncoder

__all__ = [
    "DEFAULT_TENANT",
    "Admitted",
    "Allowance",
    "ApiKey",
    "Batch",
    "Idempotency",
    "JobList",
    "JobPage",
    "JobReport",
    "JobStatus",
    "Part",
    "PartEvaluation",
    "Rate",
    "Scope",
    "Service",
    "TenantUse",
]


class Service(Access):
    """Earnest with everything that it keeps and does later."""

    def __init__(self, settings: Settings, store: Store, evaluator: Evaluator | None) -> None:
        super().__init__(settings, store)
        self.results, self.uploads, self.workers = store.results, store.uploads, store.workers
        self.decisions, self.people, self.purge = store.decisions, store.people, store.purge
        self.gauges, self.condition = store.tally.gauges, store.condition
        self.spool_folder = store.submissions.folder
        self._evaluator = evaluator
        self._engine: JobEngine | None = None
        self._worker: BatchWorker | None = None
        self._retention = Retention(store, settings)
        self._evaluator_lock, self._engine_lock = Lock(), Lock()  # loading the model keeps no batch waiting

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
        """Take up batch jobs in this process, first what a dead one with the same database was busy with.

        Raises:
            InvalidSettings: A setting about callbacks cannot be so.
        """
        at_once = 1 if self.settings.threads == 1 else AT_ONCE  # who allows one thread means one core
        errands = Errands(self._store, lambda: self.evaluator, self.engine, self.callbacks, at_once)
        self._worker = BatchWorker(self._store, self.engine, errands)
        self._worker.start()
        self._retention.start()

    def close(self) -> None:
        """Let running chunks end, for some seconds, and let go of everything; what was not done, others do."""
        self._retention.stop()
        if self._worker is not None:
            self._worker.stop()
        elif self._engine is not None:
            self._engine.stop()
        self._store.close()

    @property
    def evaluator(self) -> Evaluator:
        """What judges; the first one who asks waits for the model.

        Raises:
            ModelUnusable: A shipped model file is missing or damaged.
        """
        with self._evaluator_lock:
            if self._evaluator is None:
                encoder = OnnxEncoder.shipped(self.settings.threads)
                self._evaluator = Evaluator(encoder=encoder, thresholds=self.settings.thresholds)
            return self._evaluator

    @property
    def engine(self) -> JobEngine:
        """What runs batch jobs; only a process that submits or works has one."""
        with self._engine_lock:
            if self._engine is None:
                from earnest.jobs.dbos_engine import DbosEngine  # noqa: PLC0415 - takes a second to import

                self._engine = DbosEngine(self.settings.database_url)
            return self._engine

    def evaluate(self, tenant: str, part: Part) -> PartEvaluation:
        """Judge some answers of one respondent at once, and keep them for comparison with what follows.

        Raises:
            InvalidInput: There are no entries, or an identifier is too long.
            RateLimited: The tenant has no respondent left today.
        """
        faults = _fault_of("responseIdentifier", part.response_identifier)
        faults |= _fault_of("aftercareResponseIdentifier", part.aftercare_response_identifier)
        if not part.entries:
            faults["surveyEntries"] = "must hold at least one entry"
        if faults:
            raise InvalidInput(details=faults)
        evaluator = self.evaluator
        encoder = evaluator.encoder.revision
        kept = self._store.responses.keep(tenant, part, encoder, admit=self._admit(tenant))
        [observed] = observe_kept(evaluator, [kept])
        sightings = list(observed.sightings.values())
        self._store.responses.save_observed(kept, observed.encoded[-len(part.entries) :], sightings, encoder=encoder)
        corpus = Witness(self._store.corpus(kept.survey_id, encoder))
        [evaluation] = evaluator.judge(part.survey, [observed], corpus, wanted=part.wanted)
        later = Later(survey_id=kept.survey_id, alike=corpus.alike([evaluation]))
        self._store.verdicts.save(
            kept,
            part,
            msgspec.json.encode(evaluation),
            thresholds=evaluator.thresholds,
            later=later,
            evaluator=EVALUATOR_VERSION,
            enqueue=self.engine.enqueue if later.alike else None,  # few processes that judge at once need an engine
        )
        self._store.tally.add(judged([evaluation], part.wanted))
        return PartEvaluation(
            evaluation=evaluation,
            aftercare_response_identifier=kept.aftercare_identifier,
            response_identifier=kept.identifier if kept.identifier != kept.aftercare_identifier else None,
        )

    def submit(self, tenant: str, batch: Batch, *, idempotency: Idempotency | None = None) -> str:
        """Keep a batch and queue its evaluation, all in one transaction, and return the job's id.

        With a key that came with the same batch before, nothing is kept and the id of that job returned.

        Raises:
            InvalidInput: There are no respondents, one has no entries or too long an identifier, or the callback URL
                is not http or https.
            IdempotencyConflict: Another batch came with the key before.
            RateLimited: The tenant has not so many respondents left today.
            OutOfSpace: The disk is full.
        """
        known = None if idempotency is None else self.submitted(tenant, idempotency)
        if known is not None:
            return known
        if faults := _faults_of(batch):
            raise InvalidInput(details=faults)
        return self._store.submissions.submit(
            tenant,
            replace(batch, thresholds=self.settings.thresholds),
            chunk_size=self.settings.chunk_size,
            enqueue=self.engine.enqueue,
            idempotency=idempotency,
            admit=self._admit(tenant),
        )

    def _admit(self, tenant: str) -> Admit:
        return partial(self._store.allowances.take_respondents, tenant=tenant, general=self._allowance)

    def submitted(self, tenant: str, idempotency: Idempotency) -> str | None:
        """The id of the job that was submitted with this key; None where none was.

        Raises:
            IdempotencyConflict: Another batch came with the key.
        """
        return self._store.submissions.known(tenant, idempotency)

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

    def verdicts(self, tenant: str, survey_identifier: str, response_identifier: str) -> ResponseVerdicts:
        """Everything that was found about a response, in versions.

        Raises:
            NotFound: There is no such survey or response, or it is another tenant's.
        """
        return self._store.verdicts.versions(tenant, survey_identifier, response_identifier)

    def changes(
        self, tenant: str, survey_identifier: str, *, cursor: str | None = None, limit: int | None = None
    ) -> SurveyChanges:
        """Verdicts of a survey that took the place of earlier ones, since others answered alike; oldest first.

        Args:
            tenant: Who asks.
            survey_identifier: The survey.
            cursor: From an earlier answer; None for the first.
            limit: Most items to return; None for `settings.page_size`.

        Raises:
            NotFound: There is no such survey, or it is another tenant's.
            InvalidInput: The cursor is not one of this survey's.
        """
        limit = self.settings.page_size if limit is None else limit
        return self._store.verdicts.changes(tenant, survey_identifier, cursor=cursor, limit=limit)

    def list_jobs(self, tenant: str | None, *, cursor: str | None = None, limit: int | None = None) -> JobList:
        """How jobs stand, the newest first and at most 50 where no limit is named; None is all tenants.

        Raises:
            InvalidInput: The cursor is none that was handed out, or the limit is out of range.
        """
        return self._store.reports.list(tenant, cursor=cursor, limit=50 if limit is None else limit)

    def job(self, tenant: str | None, job_id: str) -> JobReport:
        """How a job stands, and who could not be judged; None is all tenants.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
        """
        return self._store.reports.report(tenant, job_id)

    def cancel(self, tenant: str | None, job_id: str) -> JobReport:
        """End a job that is not wanted any longer; what was evaluated is kept. None is all tenants.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
            InvalidInput: It has ended already.
        """
        self._store.setbacks.cancel(tenant, job_id, enqueue=self.engine.enqueue)
        return self.job(tenant, job_id)

    def resume(self, tenant: str | None, job_id: str) -> JobReport:
        """Do what a job that has failed, or seems to hang, has left to do. None is all tenants.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
            InvalidInput: It is completed.
        """
        self._store.setbacks.resume(tenant, job_id, enqueue=self.engine.enqueue)
        return self.job(tenant, job_id)

    @cached_property
    def callbacks(self) -> Callbacks:
        """The callbacks of all jobs: their log, their secrets, and posting one again.

        Raises:
            InvalidSettings: A setting about callbacks cannot be so.
        """
        return Callbacks(self._store, lambda: self.engine.enqueue, self.settings)

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


def _faults_of(batch: Batch) -> dict[str, str]:
    """What is wrong with a batch, by field; its respondents are looked at only where something else is wrong."""
    problem = None if batch.callback_url is None else problem_of(batch.callback_url)
    faults = {} if problem is None else {"callbackUrl": problem}
    if not len(batch.respondents):
        faults["responses"] = "must hold at least one response"
    return faults and faults | unsound(batch.respondents)


def _fault_of(field: str, identifier: str | None) -> dict[str, str]:
    is_short = identifier is None or len(identifier) <= LONGEST_IDENTIFIER
    return {} if is_short else {field: TOO_LONG}
