"""Working side by side or all alone: who may take the process along must not take others along, too."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Solitude:
    """Lets some in at a time, or one who is alone. Who wants to be alone waits; meanwhile nobody else is let in.

    Args:
        room: How many may be inside.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._changed = Condition()
        self._inside = 0
        self._waiting = 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Be inside with others."""
        with self._changed:
            self._changed.wait_for(lambda: 0 <= self._inside < self._room and self._waiting == 0)
            self._inside += 1
        try:
            yield
        finally:
            self._leave(1)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be inside alone."""
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: self._inside == 0)
            self._waiting -= 1
            self._inside = -1
        try:
            yield
        finally:
            self._leave(-1)

    def _leave(self, weight: int) -> None:
        with self._changed:
            self._inside -= weight
            self._changed.notify_all()
