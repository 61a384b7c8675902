"""What `earnest doctor` finds in a database that is there: its condition, the work in it, and what is kept how long."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from earnest.api.condition import Symptom
from earnest.checks import EVALUATOR_VERSION
from earnest.jobs.place import is_gone, own_place
from earnest.jobs.watch import LOOK_S
from earnest.service import Service
from earnest.settings import Settings
from earnest.store.condition import Condition
from earnest.store.workers import Worker

# Set, not measured: far from what a sound installation shows, and well before anything stops.
MOST_LOG_MB = 1_000
MOST_SKEW_S = 5.0
MOST_CONNECTIONS = 0.8
OLD_S = 86_400
RECENT = timedelta(days=7)
MOST_CALLBACKS = 200


def symptoms_of(service: Service) -> Iterator[Symptom]:
    """Look at a database that can be used.

    Raises:
        StoreUnavailable: It cannot be used any longer.
    """
    yield from _condition(service.condition())
    yield from _workers(service)
    yield from _jobs(service)
    yield _callbacks(service)
    yield _retention(service.settings)


def thresholds(settings: Settings) -> Iterator[Symptom]:
    """Those that were set, and whether they were chosen with the evaluator that judges now."""
    if not settings.thresholds:
        return
    said = ", ".join(f"{check} {score:g}" for check, score in settings.thresholds.items())
    if settings.evaluator in {"", EVALUATOR_VERSION}:
        yield Symptom("thresholds", said)
    else:
        yield Symptom(
            "thresholds",
            f"{said}; chosen with evaluator {settings.evaluator}, but {EVALUATOR_VERSION} judges: choose them anew, "
            "`earnest validate`",
            fine=False,
        )


def _condition(found: Condition) -> Iterator[Symptom]:
    yield Symptom("size", f"{found.size_bytes / 1e6:,.1f} MB, {found.kind}")
    if found.log_bytes is not None:
        log_mb = found.log_bytes / 1e6
        said = f"{log_mb:,.1f} MB"
        mend = "; somebody reads for very long: end what has the database open besides Earnest, or restart Earnest"
        yield Symptom("log (-wal)", said if log_mb <= MOST_LOG_MB else said + mend, fine=log_mb <= MOST_LOG_MB)
    if found.connections is not None:
        used, most = found.connections
        is_fine = used <= MOST_CONNECTIONS * most
        said = f"{used} of {most} in use"
        mend = "; raise max_connections, or run fewer processes (docs/how-to/scale-out.md)"
        yield Symptom("connections", said if is_fine else said + mend, fine=is_fine)
        is_fine = abs(found.ahead_s) <= MOST_SKEW_S
        said = f"the database's is {abs(found.ahead_s):.1f} s {'ahead' if found.ahead_s > 0 else 'behind'}"
        mend = "; keep both machines in step (NTP): limits, ages and signatures depend on it"
        yield Symptom("clock", said if is_fine else said + mend, fine=is_fine)
    for name, safe in found.unsafe.items():
        yield Symptom(f"postgresql {name}", f"must be {safe}, or what was accepted may be lost or stay", fine=False)


def _workers(service: Service) -> Iterator[Symptom]:
    listed = service.workers.all()
    dead = _dead(service, listed)
    living = len(listed) - len(dead)
    yield Symptom("workers", f"{living} at work" if living else "none at work now")
    if dead:
        names = ", ".join(sorted(dead))
        if living:
            yield Symptom("workers", f"{names} died; the others are taking over its work")
        else:
            yield Symptom("workers", f"{names} died; start `earnest serve` or `earnest work`", fine=False)


def _dead(service: Service, listed: list[Worker]) -> set[str]:
    """Whose process is gone, and, of other machines, whose number stands still for two looks of theirs."""
    own = own_place()
    here = {each.id for each in listed if own and each.place == own}
    dead = {each.id for each in listed if each.id in here and is_gone(each.process)}
    elsewhere = {each.id: each.beat for each in listed if each.id not in here}
    if elsewhere:
        time.sleep(2 * LOOK_S + 1)
        later = {each.id: each.beat for each in service.workers.all()}
        dead |= {name for name, beat in elsewhere.items() if later.get(name, beat) == beat}
    return dead


def _jobs(service: Service) -> Iterator[Symptom]:
    found = service.gauges()
    if not found.chunks_waiting:
        yield Symptom("batches", "nothing waits")
        return
    said = f"{found.respondents_waiting:,} respondents wait, since {found.oldest_s / 60:,.0f} minutes"
    if not found.workers:
        yield Symptom("batches", f"{said}, and nobody works: start `earnest serve` or `earnest work`", fine=False)
    elif found.oldest_s > OLD_S:
        mend = "look at `earnest jobs list` and at the worker's log; `earnest jobs resume` takes one up anew"
        yield Symptom("batches", f"{said}: {mend}", fine=False)
    else:
        yield Symptom("batches", said)


def _callbacks(service: Service) -> Symptom:
    since = datetime.now(UTC) - RECENT
    tries = service.callbacks.latest(undelivered=True, limit=MOST_CALLBACKS)
    given_up = [each for each in tries if each.delivery.next_try_at is None and each.delivery.tried_at > since]
    if not given_up:
        return Symptom("callbacks", "none was given up in the last seven days")
    return Symptom(
        "callbacks",
        f"{len(given_up)} were given up in the last seven days: see `earnest callbacks list --failed`, mend the "
        "receiver, then `earnest callbacks redeliver`",
        fine=False,
    )


def _retention(settings: Settings) -> Symptom:
    answers = f"for {settings.keep_days} days" if settings.keep_days else "for ever (EARNEST_KEEP_DAYS)"
    keys = settings.keep_key_events_days
    typed = f"for {keys} days" if keys else "as long as the answers"
    return Symptom("retention", f"answers are kept {answers}, key events {typed}")
