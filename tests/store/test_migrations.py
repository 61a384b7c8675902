import logging
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from earnest.errors import StoreUnavailable
from earnest.store import open_store
from earnest.store.migrations import KNOWN
from earnest.store.tables import metadata


def schema_of(url: str) -> dict[str, list[str]]:
    """Every table and index as SQLite keeps it, line by line; the order of constraints means nothing."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    engine.dispose()
    return {
        name: sorted(line.strip(", ") for line in sql.splitlines()) for name, sql in rows if name != "alembic_version"
    }


def test_migrated_schema_is_the_declared_one(tmp_path: Path) -> None:
    migrated, declared = f"sqlite:///{tmp_path / 'migrated.db'}", f"sqlite:///{tmp_path / 'declared.db'}"
    open_store(migrated).close()
    engine = create_engine(declared)
    metadata.create_all(engine)
    engine.dispose()
    assert schema_of(migrated) == schema_of(declared)


def test_migrations_stand_in_a_row() -> None:
    assert list(KNOWN) == [f"{number:04}" for number in range(1, len(KNOWN) + 1)]


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'earnest.db'}"
    for _ in range(2):
        store = open_store(url)
        assert store.problem() is None
        store.close()


def test_database_of_a_newer_version_is_refused_with_the_mend(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'earnest.db'}"
    open_store(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreUnavailable, match="upgrade Earnest"):
        open_store(url)


@pytest.mark.parametrize(
    "url",
    ["nonsense", "sqlite://", "sqlite:///:memory:", "mysql://localhost/x", "sqlite:////nowhere/at/all/earnest.db"],
)
def test_unusable_database_is_named(url: str) -> None:
    with pytest.raises(StoreUnavailable):
        open_store(url)


def test_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "earnest.db"
    file.write_text("name,answer\n" * 1000, encoding="utf-8")
    with pytest.raises(StoreUnavailable):
        open_store(f"sqlite:///{file}")


def test_migrating_leaves_the_logging_of_the_process_alone(tmp_path: Path) -> None:
    before = logging.getLogger().handlers.copy(), logging.getLogger().level
    open_store(f"sqlite:///{tmp_path / 'earnest.db'}").close()
    assert (logging.getLogger().handlers, logging.getLogger().level) == before
