"""What doing something later asks of an engine. `dbos_engine` is the one that we have."""

from collections.abc import Callable, Collection, Sequence
from threading import Event
from typing import Protocol

from sqlalchemy import Connection

from earnest.store.base import Errand


class JobEngine(Protocol):
    """Runs errands, at least once each; those of a dead worker as soon as another one takes them over."""

    stopping: Event
    """Set once no errand should wait for anything any longer."""

    def enqueue(self, connection: Connection, errands: Sequence[Errand]) -> None:
        """Queue errands within the caller's transaction: they are done exactly if it is committed."""
        ...

    def start(self, do: Callable[[Errand], None], worker: str) -> None:
        """Work in this process, under a name that no other process has ever had.

        Args:
            do: Does an errand; doing it twice must change nothing. What it raises ends the errand.
            worker: The name.
        """
        ...

    def take_over(self, living: Callable[[], Collection[str]]) -> None:
        """Queue again what workers were busy with who live no more; doing it twice changes nothing.

        Args:
            living: Returns the names of those who live; asked after it is known who is busy with what.

        Raises:
            StoreUnavailable: The database cannot be reached.
        """
        ...

    def stop(self) -> list[Errand]:
        """Begin nothing new, let what is running end, for some seconds, and queue again the rest, which is returned."""
        ...
