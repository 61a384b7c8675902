"""SQLite and PostgreSQL: everything in which they differ."""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

import msgspec
from sqlalchemy import (
    CTE,
    BigInteger,
    Connection,
    Engine,
    Executable,
    Table,
    column,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from earnest.errors import StoreUnavailable

BUSY_MS = 30_000
"""How long a writer waits for another one; the longest transaction is the submit of a large batch."""
MIGRATION_LOCK = 4_711_202_611
"""Any number, as long as it stays the same."""
_FIELD = {
    "sqlite": "json_extract(value, '$[{i}]') AS {name}",
    "postgresql": "CAST(value ->> {i} AS bigint) AS {name}",
}
READING = {"earnest_reading": True}

Insert = sqlite.Insert | postgresql.Insert


def connect(url: str) -> Engine:
    """Make the engine of a database; nothing is reached yet.

    Raises:
        StoreUnavailable: The URL is not one that we can use.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise StoreUnavailable("EARNEST_DATABASE_URL is no database URL; an example: sqlite:///earnest.db") from None
    if address.drivername in {"postgresql", "postgresql+psycopg"}:
        return create_engine(address.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)
    if address.drivername != "sqlite" or address.database in {None, "", ":memory:"}:
        raise StoreUnavailable("EARNEST_DATABASE_URL must name an SQLite file or a PostgreSQL database")
    engine = create_engine(address, hide_parameters=True)  # a failing statement must not print answers
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that changes something; on SQLite it waits for its turn at the start, never in the middle."""
    with _reached(), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that changes nothing and sees one state of the database; never waits for writers."""
    with _reached(), engine.connect().execution_options(**READING) as connection, connection.begin():
        yield connection


def insert(connection: Connection, table: Table) -> Insert:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def lock_for_migration(connection: Connection) -> None:
    """Let one process at a time change the schema until the transaction ends; on SQLite a writer is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})


def listed(connection: Connection, rows: Collection[Sequence[int]], *names: str) -> CTE:
    """Rows of whole numbers to join with: one parameter, however many rows, and the other side's index is used.

    (On SQLite, `(a, b) IN (VALUES …)` inside a ranking query reads the whole table: 240 ms where this takes 60.)
    """
    columns = ", ".join(_FIELD[connection.dialect.name].format(i=i, name=name) for i, name in enumerate(names))
    source = "json_each(:rows)" if connection.dialect.name == "sqlite" else "json_array_elements(CAST(:rows AS json))"
    statement = text(f"SELECT {columns} FROM {source}").bindparams(  # noqa: S608 - made of our own constants
        rows=msgspec.json.encode(list(rows)).decode()
    )
    return statement.columns(*(column(name, BigInteger) for name in names)).cte("listed")


def execute_many(connection: Connection, statement: Executable, rows: list[dict[str, object]]) -> None:
    """Execute a statement once per row; nothing where there is no row."""
    if rows:
        connection.execute(statement, rows)


def _set_up_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in (
        f"busy_timeout = {BUSY_MS}",
        "journal_mode = WAL",  # readers and the one writer do not wait for each other
        "synchronous = FULL",  # what was accepted survives a power failure, for .3 ms a commit; NORMAL may lose it
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    kind = "DEFERRED" if connection.get_execution_options().get("earnest_reading") else "IMMEDIATE"
    connection.exec_driver_sql(f"BEGIN {kind}")


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if isinstance(error, OperationalError) or type(error) is DatabaseError:  # the others are mistakes of ours
            problem = str(error.orig).strip()
            raise StoreUnavailable(f"The database in EARNEST_DATABASE_URL cannot be used: {problem}") from None
        raise
