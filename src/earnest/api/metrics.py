"""`GET /metrics`: how the installation stands, in the text format of Prometheus (0.0.4).

Written by hand: nearly all numbers come from the database, where those of several processes add up, and a client
library would count in each process for itself. HTTP requests alone are those of the process that answers.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from hmac import compare_digest
from threading import Lock

from anyio import to_thread
from litestar import Response, get
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Scope

from earnest import __version__
from earnest.api.console import only_here
from earnest.service import Service
from earnest.settings import Settings
from earnest.store.gauges import BEYOND, BUCKETS_S, SUM, Count, Gauges

KEPT_S = 5.0
"""So long the same numbers are told again: whoever asks more often costs nothing."""
ELSEWHERE = "other"
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str], float]


class Watched:
    """What this process counts and remembers between two scrapes."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._lock = Lock()
        self._told: tuple[float, Gauges] | None = None

    def count(self, scope: Scope, status: int) -> None:
        """Count a request by its route, never by its path: that may hold a name."""
        self._requests[scope.get("path_template") or ELSEWHERE, status] += 1

    def text(self, service: Service) -> str:
        """All numbers.

        Raises:
            StoreUnavailable: The database cannot be reached.
        """
        with self._lock:
            if self._told is None or time.monotonic() - self._told[0] >= KEPT_S:
                self._told = (time.monotonic(), service.gauges())
            gauges = self._told[1]
        return "".join([*_gauges(gauges), *_counts(gauges), *_requests(self._requests.copy())])


def may_watch(connection: ASGIConnection[BaseRouteHandler, object, object, State], route: BaseRouteHandler) -> None:
    """Let in whoever asks from this machine, or shows the token of EARNEST_METRICS_TOKEN.

    A tenant's key opens nothing here: the numbers are of all tenants together.

    Raises:
        NotFound: For all others, as if there were no such page.
    """
    settings: Settings = connection.app.state.service.settings
    shown = connection.headers.get("authorization", "").encode("utf-8", "replace")
    token = settings.metrics_token
    if not token or not compare_digest(shown, f"Bearer {token}".encode()):
        only_here(connection, route)


@get("/metrics", guards=[may_watch])
async def metrics(state: State) -> Response[bytes]:
    """Tell how the installation stands."""
    text = await to_thread.run_sync(state.watched.text, state.service)
    return Response(text.encode(), headers={"Content-Type": MEDIA_TYPE})


def _gauges(found: Gauges) -> Iterator[str]:
    yield _family("info", "gauge", "The version that answers.", [({"version": __version__}, 1)])
    for name, said, value in (
        ("respondents_waiting", "Respondents in batches who are still to be judged.", found.respondents_waiting),
        ("chunks_waiting", "Chunks of batches that are still to be observed or judged.", found.chunks_waiting),
        ("oldest_job_age_seconds", "Age of the oldest batch job that has not ended; 0 without one.", found.oldest_s),
        ("workers", "Worker processes that show that they live.", found.workers),
        ("worker_slots", "Chunks that all workers together do at once.", found.slots),
    ):
        yield _family(name, "gauge", said, [({}, value)])
    jobs = [({"status": status.value}, count) for status, count in sorted(found.jobs.items())]
    yield _family("jobs", "gauge", "Batch jobs that are kept, by status.", jobs)


def _counts(found: Gauges) -> Iterator[str]:
    by_name: dict[Count, dict[str, float]] = defaultdict(dict)
    for (count, label), amount in sorted(found.counts.items()):
        by_name[count][label] = amount
    verdicts = [
        (dict(zip(("check", "verdict"), label.split("/"), strict=True)), amount)
        for label, amount in by_name[Count.VERDICTS].items()
    ]
    yield _family(
        "respondents_judged_total",
        "counter",
        "Respondents, or parts of their responses, that were judged.",
        [({}, by_name[Count.RESPONDENTS].get("", 0))],
    )
    yield _family("verdicts_total", "counter", "Verdicts on answers, by check.", verdicts)
    yield _family(
        "failures_total",
        "counter",
        "Tries of chunks that failed, and respondents who could not be judged.",
        [({"kind": label}, amount) for label, amount in by_name[Count.FAILURES].items()],
    )
    yield _family(
        "callbacks_total",
        "counter",
        "Tries to post a callback, by outcome.",
        [({"outcome": label}, amount) for label, amount in by_name[Count.CALLBACKS].items()],
    )
    yield _head("chunk_seconds", "histogram", "How long a chunk took, by pass.")
    for count, phase in ((Count.OBSERVED, "observe"), (Count.JUDGED, "judge")):
        yield from _histogram("chunk_seconds", phase, by_name[count])


def _histogram(name: str, phase: str, counted: Mapping[str, float]) -> Iterator[str]:
    total = 0.0
    for bucket in (*(f"{limit:g}" for limit in BUCKETS_S), BEYOND):
        total += counted.get(bucket, 0)
        yield _line(f"{name}_bucket", {"pass": phase, "le": bucket}, total)
    yield _line(f"{name}_sum", {"pass": phase}, counted.get(SUM, 0))
    yield _line(f"{name}_count", {"pass": phase}, total)


def _requests(requests: Mapping[tuple[str, int], int]) -> Iterator[str]:
    samples = [({"route": route, "status": str(status)}, count) for (route, status), count in sorted(requests.items())]
    yield _family("http_requests_total", "counter", "HTTP requests that this process answered.", samples)


def _family(name: str, kind: str, said: str, samples: Iterable[Sample]) -> str:
    return _head(name, kind, said) + "".join(_line(name, labels, value) for labels, value in samples)


def _head(name: str, kind: str, said: str) -> str:
    return f"# HELP earnest_{name} {said}\n# TYPE earnest_{name} {kind}\n"


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    """No label needs escaping: all come from closed sets."""
    shown = ",".join(f'{label}="{of}"' for label, of in labels.items())
    return f"earnest_{name}{{{shown}}} {value:.15g}\n" if shown else f"earnest_{name} {value:.15g}\n"
