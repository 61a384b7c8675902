from dataclasses import replace

from earnest.store import Store
from earnest.store.workers import Worker

OWN = Worker(id="host-1-ab", place="here", process=7, version="1.1.0", slots=2)


def test_a_worker_is_listed_while_it_beats(store: Store) -> None:
    store.workers.beat(OWN)
    assert store.workers.all() == [OWN]
    for _ in range(2):
        store.workers.beat(OWN)
    assert store.workers.all() == [replace(OWN, beat=2)]
    store.workers.leave(OWN.id)
    assert store.workers.all() == []


def test_a_worker_that_has_beaten_meanwhile_is_not_struck_off(store: Store) -> None:
    store.workers.beat(OWN)
    [seen] = store.workers.all()
    store.workers.beat(OWN)
    store.workers.remove(seen)
    [seen] = store.workers.all()
    store.workers.remove(seen)
    assert store.workers.all() == []
    store.workers.beat(OWN)  # it lives after all
    assert store.workers.all() == [OWN]
