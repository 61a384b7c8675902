from collections.abc import Iterator
from pathlib import Path

import pytest

from earnest.store import Store, open_store


@pytest.fixture(params=["sqlite"])
def database_url(tmp_path: Path) -> str:
    """An empty database; every store test runs on each kind."""
    return f"sqlite:///{tmp_path / 'earnest.db'}"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = open_store(database_url)
    yield store
    store.close()
