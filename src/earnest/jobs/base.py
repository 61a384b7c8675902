"""What doing something later asks of an engine. `dbos_engine` is the one that we have."""

from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy import Connection

from earnest.store.base import Errand


class JobEngine(Protocol):
    """Runs errands, at least once each; those of a killed process as soon as any process starts again."""

    def enqueue(self, connection: Connection, errands: Sequence[Errand]) -> None:
        """Queue errands within the caller's transaction: they are done exactly if it is committed."""
        ...

    def start(self, do: Callable[[Errand], None], give_up: Callable[[Errand, str], None]) -> None:
        """Work in this process, first on what a killed one has left behind.

        Args:
            do: Does an errand; doing it twice must change nothing. When it raises, it is tried some more times.
            give_up: Called instead, with the reason, when it will not be tried again.
        """
        ...

    def stop(self) -> None:
        """Let what is running end, for some seconds, and start nothing new."""
        ...
