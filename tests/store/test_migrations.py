import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from earnest.errors import StoreUnavailable
from earnest.store import open_store
from earnest.store.engines import connect
from earnest.store.migrations import KNOWN
from earnest.store.tables import metadata


def tables_of(connection: Connection) -> dict[str, object]:
    """Every table with its columns, constraints and indexes; their order means nothing."""
    kept = inspect(connection)
    return {
        name: {
            "columns": {
                each["name"]: (str(each["type"]), each["nullable"], each["default"]) for each in kept.get_columns(name)
            },
            "primary key": kept.get_pk_constraint(name),
            "unique": {each["name"]: each for each in kept.get_unique_constraints(name)},
            "foreign keys": {each["name"]: each for each in kept.get_foreign_keys(name)},
            "indexes": {each["name"]: each for each in kept.get_indexes(name)},
            "is by key": connection.dialect.name == "sqlite" and is_kept_by_key(connection, name),
        }
        for name in kept.get_table_names()
        if name != "alembic_version"
    }


def is_kept_by_key(connection: Connection, table: str) -> bool:
    """Whether SQLite keeps a table in the order of its key, "without rowid"."""
    found = connection.execute(text("SELECT wr FROM pragma_table_list WHERE name = :table"), {"table": table})
    return bool(found.scalar_one())


def test_migrated_schema_is_the_declared_one(empty_database_url: str, another_empty_database_url: str) -> None:
    open_store(empty_database_url).close()
    migrated, declared = connect(empty_database_url), connect(another_empty_database_url)
    metadata.create_all(declared)
    with migrated.connect() as connection, declared.connect() as other:
        assert tables_of(connection) == tables_of(other)
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    migrated.dispose()
    declared.dispose()


def test_migrations_stand_in_a_row() -> None:
    assert list(KNOWN) == [f"{number:04}" for number in range(1, len(KNOWN) + 1)]


def test_opening_again_changes_nothing(empty_database_url: str) -> None:
    for _ in range(2):
        store = open_store(empty_database_url)
        assert store.problem() is None
        store.close()


def test_many_may_open_an_empty_database_at_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        for store in threads.map(open_store, [empty_database_url] * 4):
            assert store.problem() is None
            store.close()


def test_database_of_a_newer_version_is_refused_with_the_mend(database_url: str) -> None:
    open_store(database_url).close()
    engine = connect(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreUnavailable, match="upgrade Earnest"):
        open_store(database_url)


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
