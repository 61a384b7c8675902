from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from earnest.store import Store, open_store
from earnest.store.engines import connect


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Every store test runs on each kind of database."""
    store = open_store(database_url)
    yield store
    store.close()


@pytest.fixture
def new_engine(store: Store, database_url: str) -> Iterator[Callable[[], Engine]]:
    """Connects to the same database once more, as another process would."""
    made: list[Engine] = []

    def make() -> Engine:
        made.append(connect(database_url))
        return made[-1]

    yield make
    for each in made:
        each.dispose()
