"""`earnest doctor` on a database that is there: what it finds wrong, each with the mend."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest
from tests.jobs.tiny import some_respondents, tiny_evaluator

from earnest.checks import EVALUATOR_VERSION
from earnest.cli import checkup
from earnest.findings import CheckName
from earnest.jobs.place import own_place
from earnest.service import Batch, Service
from earnest.settings import Settings
from earnest.store import Store, open_store
from earnest.store.base import Errand, Kind
from earnest.store.condition import Condition
from earnest.store.deliveries import Delivery, Outcome, now
from earnest.store.workers import Worker
from earnest.survey import Survey

NOBODY = 2**22 + 1
"""Above the highest number that Linux gives a process."""


@pytest.fixture
def service(database_url: str) -> Iterator[Service]:
    service = Service.open(Settings(database_url=database_url), evaluator=tiny_evaluator())
    yield service
    service.close()


@pytest.fixture
def store(database_url: str, service: Service) -> Iterator[Store]:
    store = open_store(database_url)
    yield store
    store.close()


def batch(callback_url: str | None = None) -> Batch:
    return Batch(
        survey=Survey(), respondents=some_respondents(3), wanted=frozenset(CheckName), callback_url=callback_url
    )


def wrong(service: Service) -> Mapping[str, str]:
    return MappingProxyType({each.part: each.said for each in checkup.symptoms_of(service) if not each.fine})


def a_worker(process: int, place: str | None = None) -> Worker:
    return Worker(
        id=f"host-{process}", place=own_place() if place is None else place, process=process, version="1", slots=2
    )


def test_a_sound_installation_has_nothing_to_mend(service: Service) -> None:
    service.keep("t", batch(), [])
    found = {each.part: each.said for each in checkup.symptoms_of(service)}
    assert not wrong(service).keys() - {
        "postgresql fsync",
        "postgresql full_page_writes",
        "postgresql synchronous_commit",
    }
    assert "MB" in found["size"]
    assert "for ever" in found["retention"]


def test_work_that_nobody_does_and_workers_that_died_are_named(service: Service, store: Store) -> None:
    store.workers.beat(a_worker(NOBODY))
    assert "died; start `earnest serve`" in wrong(service)["workers"]
    store.workers.remove(store.workers.all()[0])
    service.submit("t", batch())
    assert "3 respondents wait" in wrong(service)["batches"]
    assert "nobody works" in wrong(service)["batches"]


def test_a_worker_elsewhere_is_dead_when_its_number_stands_still(
    service: Service, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "LOOK_S", -0.5)
    store.workers.beat(a_worker(1, "elsewhere"))
    assert "host-1 died" in wrong(service)["workers"]
    monkeypatch.setattr(time, "sleep", lambda _: store.workers.beat(a_worker(1, "elsewhere")))
    assert "workers" not in wrong(service)


def test_callbacks_that_were_given_up_are_counted(service: Service, store: Store) -> None:
    job = service.keep("t", batch("https://example.org/"), [])
    given_up = Delivery(
        attempt=0, tried_at=now(), took_ms=1, outcome=Outcome.GONE, status=410, reason=None, next_try_at=None
    )
    errand = Errand(Kind.CALL_BACK, job, 0)
    store.deliveries.save(errand, given_up, then=None, enqueue=lambda _connection, _errands: None)
    assert "1 were given up" in wrong(service)["callbacks"]
    old = replace_moment(given_up)
    later = Errand(Kind.CALL_BACK, job, 1)
    store.deliveries.save(later, old, then=None, enqueue=lambda _connection, _errands: None)
    assert "callbacks" not in wrong(service)


def replace_moment(given_up: Delivery) -> Delivery:
    return Delivery(
        attempt=1,
        tried_at=given_up.tried_at - timedelta(days=8),
        took_ms=1,
        outcome=given_up.outcome,
        status=410,
        reason=None,
        next_try_at=None,
    )


SOUND = Condition(kind="SQLite 3", size_bytes=1, log_bytes=0)


@pytest.mark.parametrize(
    ("condition", "part", "mend"),
    [
        (replace(SOUND, log_bytes=2_000_000_000), "log (-wal)", "restart Earnest"),
        (replace(SOUND, connections=(90, 100)), "connections", "max_connections"),
        (replace(SOUND, connections=(1, 100), ahead_s=-7.0), "clock", "7.0 s behind; keep both"),
        (replace(SOUND, unsafe={"fsync": "on"}), "postgresql fsync", "must be on"),
    ],
)
def test_a_database_in_a_bad_way_is_named(
    service: Service, monkeypatch: pytest.MonkeyPatch, condition: Condition, part: str, mend: str
) -> None:
    monkeypatch.setattr(service, "condition", lambda: condition)
    assert mend in wrong(service)[part]


def test_thresholds_of_another_evaluator_are_named() -> None:
    own = Settings(thresholds={CheckName.IRRELEVANT: 60}, evaluator=EVALUATOR_VERSION)
    assert [each.fine for each in checkup.thresholds(own)] == [True]
    [symptom] = checkup.thresholds(replace(own, evaluator="2020.1"))
    assert (symptom.fine, "earnest validate" in symptom.said) == (False, True)
    assert list(checkup.thresholds(Settings())) == []
