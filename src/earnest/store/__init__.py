"""Keeping: what came in, what was found, and who may ask. Only this package knows tables and dialects."""

from earnest.store.allowances import Allowances
from earnest.store.condition import Condition, condition_of
from earnest.store.corpus import SqlCorpus
from earnest.store.decisions import Decisions
from earnest.store.deliveries import Deliveries
from earnest.store.engines import connect, tuned
from earnest.store.gauges import Tally
from earnest.store.jobs import Jobs
from earnest.store.keys import Keys
from earnest.store.migrations import migrate, problem_of
from earnest.store.people import People
from earnest.store.purge import Purge
from earnest.store.reports import Reports
from earnest.store.responses import Responses
from earnest.store.results import Results
from earnest.store.samples import Meanings
from earnest.store.setbacks import Setbacks
from earnest.store.signing import SigningSecrets
from earnest.store.submissions import Submissions
from earnest.store.uploads import Uploads
from earnest.store.verdicts import Verdicts
from earnest.store.workers import Workers

__all__ = ["Store", "open_store", "tuned"]


class Store:
    """Everything that is kept, in one database."""

    def __init__(self, url: str) -> None:
        self._engine = connect(url)
        self._meanings = Meanings()
        self.keys = Keys(self._engine)
        self.allowances = Allowances(self._engine)
        self.responses = Responses(self._engine)
        self.submissions = Submissions(self._engine)
        self.deliveries = Deliveries(self._engine)
        self.signing = SigningSecrets(self._engine)
        self.jobs = Jobs(self._engine)
        self.setbacks = Setbacks(self._engine)
        self.reports = Reports(self._engine)
        self.verdicts = Verdicts(self._engine)
        self.workers = Workers(self._engine)
        self.results = Results(self._engine)
        self.uploads = Uploads(self._engine)
        self.decisions = Decisions(self._engine)
        self.people = People(self._engine)
        self.purge = Purge(self._engine)
        self.tally = Tally(self._engine)

    def corpus(self, survey_id: int, encoder: str) -> SqlCorpus:
        """The answers to one survey, as an encoder of this revision sees them."""
        return SqlCorpus(self._engine, survey_id, encoder, self._meanings)

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

    def condition(self) -> Condition:
        """How the database itself is.

        Raises:
            StoreUnavailable: It cannot be reached.
        """
        return condition_of(self._engine)

    def close(self) -> None:
        """Save what was counted, and let go of all connections."""
        self.tally.save()
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
