"""Keeping: what came in, what was found, and who may ask. Only this package knows tables and dialects."""

from earnest.store.corpus import SqlCorpus
from earnest.store.engines import connect
from earnest.store.jobs import Jobs
from earnest.store.keys import Keys
from earnest.store.migrations import migrate, problem_of
from earnest.store.responses import Responses

__all__ = ["Store", "open_store"]


class Store:
    """Everything that is kept, in one database."""

    def __init__(self, url: str) -> None:
        self._engine = connect(url)
        self.keys = Keys(self._engine)
        self.responses = Responses(self._engine)
        self.jobs = Jobs(self._engine)

    def corpus(self, survey_id: int, encoder: str) -> SqlCorpus:
        """The answers to one survey, as an encoder of this revision sees them."""
        return SqlCorpus(self._engine, survey_id, encoder)

    def migrate(self) -> None:
        """Bring the schema up to date.

        Raises:
            StoreUnavailable: The database cannot be reached, or belongs to a newer Earnest.
        """
        migrate(self._engine)

    def problem(self) -> str | None:
        """What is wrong with the schema and how to mend it; None where nothing is.

        Raises:
            StoreUnavailable: The database cannot be reached, or belongs to a newer Earnest.
        """
        return problem_of(self._engine)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()


def open_store(url: str) -> Store:
    """Reach a database and bring its schema up to date.

    Raises:
        StoreUnavailable: It cannot be reached, its URL is no such thing, or it belongs to a newer Earnest.
    """
    store = Store(url)
    try:
        store.migrate()
    except BaseException:
        store.close()
        raise
    return store
