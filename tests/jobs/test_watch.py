"""Who is taken for dead, and when."""

import os
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

import pytest

from earnest.jobs.place import is_gone, own_place, process_of
from earnest.jobs.watch import LOOKS, Watch
from earnest.store import Store, open_store
from earnest.store.workers import Worker

OWN = Worker(id="own", place=own_place(), process=process_of(os.getpid()), version="1", slots=2)
FAR = replace(OWN, id="far", place="another machine")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = open_store(database_url)
    yield store
    store.close()


class Watched:
    """A watch, and whom it thought alive at each look."""

    def __init__(self, store: Store, own: Worker) -> None:
        self.living: list[Collection[str]] = []
        self.watch = Watch(store.workers, own, self._take_over)

    def _take_over(self, living: Callable[[], Collection[str]]) -> None:
        self.living.append(living())

    def look(self) -> Collection[str]:
        self.watch.look()
        return self.living[-1]


def test_one_whose_number_stands_still_is_dead(store: Store) -> None:
    own = Watched(store, OWN)
    store.workers.beat(FAR)
    for _ in range(LOOKS - 1):
        assert own.look() == {"own", "far"}
    assert own.look() == {"own"}


def test_one_who_beats_now_and_then_lives_however_late(store: Store) -> None:
    own = Watched(store, OWN)
    store.workers.beat(FAR)
    for _ in range(3):
        for _ in range(LOOKS - 1):
            assert "far" in own.look()
        store.workers.beat(FAR)


def test_a_watcher_that_was_stopped_buries_nobody_who_beat_meanwhile(store: Store) -> None:
    own, far = Watched(store, OWN), Watched(store, FAR)
    own.look()
    for _ in range(LOOKS + 1):
        far.look()  # takes the stopped one for dead, which lists itself again when it wakes
    assert far.look() == {"far"}
    assert own.look() == {"own", "far"}
    assert far.look() == {"own", "far"}


def test_a_process_of_this_machine_that_is_gone_is_dead_at_once(store: Store) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    near = replace(OWN, id="near", process=process_of(child.pid))
    store.workers.beat(near)
    own = Watched(store, OWN)
    assert own.look() == {"own", "near"}
    child.kill()
    while not is_gone(near.process):
        pass  # it is a zombie for a moment, and its number is still taken
    assert own.look() == {"own"}
    child.communicate()
    assert is_gone(near.process)


def test_a_process_number_that_is_used_again_is_another_process() -> None:
    assert not is_gone(process_of(os.getpid()))
    assert is_gone(process_of(os.getpid()) + (1 << 22))  # the same number, started a moment later
