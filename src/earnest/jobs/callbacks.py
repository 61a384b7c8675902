"""Callbacks: when a job ends, its first page of results goes to the URL that its owner named, until it has arrived.

Each try is an errand, and noting it and queueing the next one are one transaction. A process that is killed in between
has its errand done again by another: the receiver may hear twice, with the same `webhook-id`, and never not at all.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from earnest.errors import InvalidInput
from earnest.jobs.outbound import Fence, Sender
from earnest.jobs.webhooks import Caller, Tried, key_of, new_secret, pause_before
from earnest.settings import Settings
from earnest.store import Store
from earnest.store.base import Enqueue, Errand, JobPage, cursor_of
from earnest.store.deliveries import ROUND, CallbackLog, Delivery, ListedDelivery, Outcome, now, webhook_id_of
from earnest.store.gauges import Count
from earnest.store.signing import SigningSecret, name_of

LARGEST_BODY = 1_000_000
"""Bytes; what web servers commonly accept (nginx: 1 MiB). The rest of the page is behind the cursor."""
LONGEST_OVERLAP_S = 30 * 86_400


class Callbacks:
    """Tells the owners of jobs that these have ended.

    Args:
        store: Where jobs, tries and secrets are kept.
        enqueue: Returns what queues further tries; called late, since the engine takes a second to import.
        settings: Whom callbacks may reach, and what signs them.

    Raises:
        InvalidSettings: A setting about callbacks cannot be so.
    """

    def __init__(self, store: Store, enqueue: Callable[[], Enqueue], settings: Settings) -> None:
        if settings.webhook_secret:
            key_of(settings.webhook_secret)
        self._store = store
        self._enqueue = enqueue
        self._settings = settings
        self._caller = Caller(Sender(Fence(settings.callback_allow)))

    def call(self, errand: Errand) -> None:
        """Try once to post a job's callback, and queue what follows."""
        if not self._store.deliveries.is_due(errand):
            return
        job, url = self._store.jobs.callback(errand.job)
        tried = self._caller.post(
            url,
            message_id=webhook_id_of(job.id),
            body=self._body(job.tenant, job.id),
            signed_by=[each.value for each in self.secrets(job.tenant)],
        )
        self._save(errand, tried)

    def give_up(self, errand: Errand, reason: str) -> None:
        """Note a try that could not be made; the next one may."""
        self._save(errand, Tried(outcome=Outcome.FAILED, took_ms=0, reason=reason))

    def log(self, tenant: str | None, job_id: str) -> CallbackLog:
        """All tries of a job's callback; None is all tenants.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
        """
        return self._store.deliveries.log(tenant, job_id)

    def latest(self, job_id: str | None = None, *, undelivered: bool, limit: int) -> Sequence[ListedDelivery]:
        """The latest tries of all tenants' jobs, or of one job, newest first.

        Args:
            job_id: The job; None for all.
            undelivered: Only the last try of each job whose callback has not arrived.
            limit: Most tries to return.

        Raises:
            NotFound: There is no such job.
        """
        return self._store.deliveries.latest(job_id, undelivered=undelivered, limit=limit)

    def redeliver(self, tenant: str | None, job_id: str) -> None:
        """Post a job's callback again, as often as it takes; None is all tenants.

        Raises:
            NotFound: There is no such job, or it is another tenant's.
            InvalidInput: The job has no callback URL, or has not ended.
        """
        self._store.deliveries.redeliver(tenant, job_id, self._enqueue())

    def secrets(self, tenant: str) -> list[SigningSecret]:
        """What signs a tenant's callbacks, the newest first: its own, else the setting, else one that is made now."""
        chosen = self._store.signing.chosen(tenant)
        return chosen or [SigningSecret(self._unchosen(tenant))]

    def rotate_secret(self, tenant: str, *, overlap_s: float) -> str:
        """Make a new secret for a tenant and return it; what has signed so far still signs beside it for a while.

        Raises:
            InvalidInput: The overlap is longer than 30 days.
        """
        if not 0 <= overlap_s <= LONGEST_OVERLAP_S:
            raise InvalidInput(details={"overlap": "must be at most 30 days"})
        new = new_secret()
        before = None if self._store.signing.chosen(tenant) else self._unchosen(tenant)
        self._store.signing.rotate(tenant, new, before=before, overlap_s=overlap_s)
        return new

    def _unchosen(self, tenant: str) -> str:
        return self._settings.webhook_secret or self._store.keys.secret(name_of(tenant), otherwise=new_secret())

    def _body(self, tenant: str, job_id: str) -> bytes:
        """The first page, with as many results as fit."""
        page = self._store.jobs.page(tenant, job_id, cursor=None, limit=self._settings.page_size)
        room = LARGEST_BODY
        for count, item in enumerate(page.items):
            room -= len(item)
            if room < 0:
                return self._shorter(page, count).to_json()
        return page.to_json()

    def _shorter(self, page: JobPage, count: int) -> JobPage:
        if count == 0:
            return JobPage(job=page.job, items=(), next_cursor=cursor_of(page.job.id, after=-1))
        return self._store.jobs.page(page.job.tenant, page.job.id, cursor=None, limit=count)

    def _save(self, errand: Errand, tried: Tried) -> None:
        pause_s = pause_before(errand.number % ROUND + 1, wish_s=tried.wish_s)
        moment, then = now(), None
        if tried.outcome is Outcome.FAILED and pause_s is not None:
            then = Errand(errand.kind, errand.job, errand.number + 1, pause_s)
        self._store.deliveries.save(
            errand,
            Delivery(
                attempt=errand.number,
                tried_at=moment - timedelta(milliseconds=tried.took_ms),
                took_ms=tried.took_ms,
                outcome=tried.outcome,
                status=tried.status,
                reason=tried.reason,
                next_try_at=None if then is None else moment + timedelta(seconds=then.delay_s),
            ),
            then=then,
            enqueue=self._enqueue(),
        )
        self._store.tally.add({(Count.CALLBACKS, tried.outcome.value): 1}, at_once=True)
