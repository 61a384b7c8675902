import threading
from contextlib import AbstractContextManager

from earnest.jobs.solitude import Solitude

PATIENCE_S = 30
A_MOMENT_S = 0.05


class Visitor:
    """Goes in, in a thread of its own, and stays until told to leave."""

    def __init__(self, room: AbstractContextManager[None]) -> None:
        self._room = room
        self._leaves = threading.Event()
        self.is_in = threading.Event()
        self._thread = threading.Thread(target=self._visit)
        self._thread.start()

    def _visit(self) -> None:
        with self._room:
            self.is_in.set()
            self._leaves.wait(PATIENCE_S)

    def leave(self) -> None:
        self._leaves.set()
        self._thread.join(PATIENCE_S)


def test_many_are_in_together_or_one_alone() -> None:
    solitude = Solitude(room=2)
    first, second = Visitor(solitude.shared()), Visitor(solitude.shared())
    assert first.is_in.wait(PATIENCE_S)
    assert second.is_in.wait(PATIENCE_S)
    hermit = Visitor(solitude.alone())
    first.leave()
    assert not hermit.is_in.wait(A_MOMENT_S)
    third = Visitor(solitude.shared())
    assert not third.is_in.wait(A_MOMENT_S)  # or the hermit might wait for ever
    second.leave()
    assert hermit.is_in.wait(PATIENCE_S)
    assert not third.is_in.wait(A_MOMENT_S)
    other = Visitor(solitude.alone())
    hermit.leave()
    for each in (other, third):
        assert each.is_in.wait(PATIENCE_S)
        each.leave()


def test_who_fails_inside_lets_others_in() -> None:
    solitude = Solitude(room=2)
    for room in (solitude.alone, solitude.shared, solitude.alone):
        try:
            with room():
                raise KeyError
        except KeyError:
            pass


def test_no_more_are_in_than_there_is_room_for() -> None:
    solitude = Solitude(room=1)
    first, second = Visitor(solitude.shared()), Visitor(solitude.shared())
    inside = first if first.is_in.wait(A_MOMENT_S) else second
    outside = second if inside is first else first
    assert inside.is_in.wait(PATIENCE_S)
    assert not outside.is_in.wait(A_MOMENT_S)
    inside.leave()
    assert outside.is_in.wait(PATIENCE_S)
    outside.leave()
