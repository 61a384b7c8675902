"""SQLite and PostgreSQL: everything in which they differ."""

import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Executable,
    FromClause,
    Subquery,
    Table,
    and_,
    bindparam,
    column,
    create_engine,
    event,
    func,
    literal,
    make_url,
    select,
    text,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from earnest.errors import OutOfSpace, StoreUnavailable

BUSY_MS = 30_000
"""How long a writer waits for another one; the longest transaction is the submit of a large batch."""
IDLE_MS = 20_000
"""After so long without a word from us, PostgreSQL ends a transaction: its process is stopped, and holds locks."""
STATEMENT_MS = 300_000
"""No statement of ours takes so long."""
CONNECTIONS = 10
"""Of one process at most, but for those of the job engine; a server of PostgreSQL has 100 unless told otherwise."""
MIGRATION_LOCK = 4_711_202_611
"""Any number, as long as it stays the same."""
_OPTIONS = (
    f"-c idle_in_transaction_session_timeout={IDLE_MS} -c lock_timeout={BUSY_MS} -c statement_timeout={STATEMENT_MS}"
    " -c jit=off"  # compiling a query of a thousand short look-ups takes a third of its time
)
_LINK = {  # notices within a minute that the other side is gone; libpq's names, seconds but for the last one
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
_UNNESTED = """CAST(:question_id AS bigint) AS question_id, place - 1 AS place, value
    FROM unnest(CAST(:sent AS bigint[])) WITH ORDINALITY AS each (value, place)"""
_READING: dict[str, dict[str, Any]] = {
    "sqlite": {"earnest_reading": True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
_NOT_ALLOWED = {"42501", "25006", "25P03"}
"""SQLSTATE of no privilege, of a copy that is only read, of a transaction that was idle for IDLE_MS."""
_DISK_FULL = "53100"
FULL = "The disk of the database is full, and nothing was kept; make room and try again."

Insert = sqlite.Insert | postgresql.Insert


def connect(url: str) -> Engine:
    """Make the engine of a database; nothing is reached yet.

    Raises:
        StoreUnavailable: The URL is not one that we can use.
    """
    address = make_url(tuned(url))
    if address.drivername != "sqlite":
        return create_engine(
            address,
            hide_parameters=True,  # a failing statement must not print answers
            pool_pre_ping=True,
            pool_size=CONNECTIONS,
            max_overflow=0,
        )
    engine = create_engine(address, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def tuned(url: str) -> str:
    """The URL with our driver and, for PostgreSQL, our timeouts, where it does not set its own.

    Raises:
        StoreUnavailable: The URL is not one that we can use.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise StoreUnavailable("EARNEST_DATABASE_URL is no database URL; an example: sqlite:///earnest.db") from None
    if address.drivername == "sqlite" and address.database not in {None, "", ":memory:"}:
        return url
    if address.drivername not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise StoreUnavailable("EARNEST_DATABASE_URL must name an SQLite file or a PostgreSQL database")
    query = {**_LINK, **address.query, "options": f"{_OPTIONS} {address.query.get('options', '')}".strip()}
    return address.set(drivername="postgresql+psycopg", query=query).render_as_string(hide_password=False)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that changes something; on SQLite it waits for its turn at the start, never in the middle."""
    with _reached(), engine.begin() as connection:
        yield connection


@contextmanager
def writing_if_free(engine: Engine) -> Iterator[Connection]:
    """The same for what is not worth a wait: StoreUnavailable at once where somebody else is writing to SQLite."""
    options = {"earnest_impatient": True}
    with _reached(), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that changes nothing and sees one state of the database; never waits for writers."""
    with _reached(), engine.connect().execution_options(**_READING[engine.name]) as connection, connection.begin():
        yield connection


def insert(connection: Connection, table: Table) -> Insert:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def emptied_log(engine: Engine) -> bool:
    """Move all that SQLite's log holds into the database, and cut the log; False where somebody still reads from it.

    PostgreSQL sees to its log itself.
    """
    if engine.name != "sqlite":
        return True
    raw = engine.raw_connection()
    try:
        [(is_busy, _, _)] = raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    finally:
        raw.close()
    return not is_busy


def lock_for_migration(connection: Connection) -> None:
    """Let one process at a time change the schema until the transaction ends; on SQLite a writer is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})


def listed(connection: Connection, rows: Collection[Sequence[int]], *names: str) -> CTE:
    """Rows of whole numbers to join with: few parameters, however many rows, and the other side's index is used.

    (On SQLite, `(a, b) IN (VALUES …)` inside a ranking query reads the whole table: 240 ms where this takes 60.)
    """
    if connection.dialect.name == "sqlite":
        fields = (f"json_extract(value, '$[{i}]') AS {name}" for i, name in enumerate(names))
        columns, source, sent = ", ".join(fields), "json_each(:rows)", {"rows": _json(rows)}
    else:
        columns_of = zip(*rows, strict=True) if rows else [()] * len(names)
        sent = {name: _array(each) for name, each in zip(names, columns_of, strict=True)}
        source = f"unnest({', '.join(f'CAST(:{name} AS bigint[])' for name in names)}) AS each ({', '.join(names)})"
        columns = "*"
    statement = text(f"SELECT {columns} FROM {source}").bindparams(**sent)  # noqa: S608 - made of our own constants
    return statement.columns(*(column(name, BigInteger) for name in names)).cte("listed")


def numbered(connection: Connection, question_id: int, values: Sequence[int]) -> CTE:
    """Many whole numbers of one question to join with, each with its place: a third of what `listed` takes."""
    if connection.dialect.name == "sqlite":
        # Told a constant, SQLite would read all of the question and look for each of its rows among the numbers.
        source, sent = ":question_id + 0 * key AS question_id, key AS place, value FROM json_each(:sent)", _json(values)
    else:
        source, sent = _UNNESTED, _array(values)
    statement = text(f"SELECT {source}").bindparams(question_id=question_id, sent=sent)
    return statement.columns(*(column(name, BigInteger) for name in ("question_id", "place", "value"))).cte("numbered")


def lowest_of_each(
    connection: Connection, asked: CTE, table: Table, by: str, *, most: int, beyond: ColumnElement[Any]
) -> Subquery:
    """For each row that is asked about, the rows of a table that agree with it; of a crowd the few that are wanted.

    A crowd is never read as a whole, as it is by a query that numbers its rows.

    Args:
        connection: Where from.
        asked: Rows, whose columns are also the table's.
        table: Which.
        by: Its column that counts: the lowest are wanted.
        most: How many.
        beyond: A value above all in that column.

    Returns:
        The columns of `asked`, and `by`.
    """
    own, peer = table.alias(), table.alias()
    if connection.dialect.name == "postgresql":
        few = select(own.c[by]).where(_agree(own, asked)).order_by(own.c[by]).limit(most).lateral()
        return select(*asked.c, few.c[by]).join_from(asked, few, true()).subquery()
    lowest = select(peer.c[by]).where(_agree(peer, asked)).order_by(peer.c[by])
    last = func.coalesce(lowest.limit(1).offset(most - 1).scalar_subquery(), beyond)
    return select(*asked.c, own.c[by]).join_from(asked, own, _agree(own, asked)).where(own.c[by] <= last).subquery()


def _agree(some: FromClause, asked: CTE) -> ColumnElement[bool]:
    return and_(*(some.c[each.key] == each for each in asked.c))


def insert_numbers(connection: Connection, table: Table, rows: Sequence[tuple[int, ...]], *, are_new: bool) -> None:
    """Insert rows of whole numbers, as they are stored, into all columns of a table.

    Args:
        connection: Where to.
        table: Which.
        rows: By the order of its columns.
        are_new: None is there already, which takes PostgreSQL a third less; else, what is there stays.
    """
    if not rows:
        return
    names = [each.name for each in table.columns]
    if connection.dialect.name == "sqlite":
        statement = insert(connection, table).values({name: bindparam(name) for name in names}).on_conflict_do_nothing()
        connection.exec_driver_sql(str(statement.compile(connection)), list(rows))
    else:
        chosen = select(listed(connection, rows, *names))
        new = insert(connection, table).from_select(names, chosen)
        connection.execute(new if are_new else new.on_conflict_do_nothing())


def _leave_old(new: Insert) -> Insert:
    return new.on_conflict_do_nothing()


def insert_new(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, object]],
    met: Callable[[Insert], Insert] = _leave_old,
) -> int:
    """Insert rows, all of the same columns, and return how many went in.

    One statement for all rows takes PostgreSQL half of the time of one per row; for SQLite it is the other way round.

    Args:
        connection: Where to.
        table: Which.
        rows: By column.
        met: Says what becomes of a row that is there already; by default it stays.
    """
    if not rows:
        return 0
    new = insert(connection, table)
    counted = {"preserve_rowcount": True}
    if connection.dialect.name == "sqlite":
        return connection.execute(met(new), list(rows), execution_options=counted).rowcount
    names = list(rows[0])
    arrays = [literal([row[name] for row in rows], postgresql.ARRAY(table.c[name].type)) for name in names]
    chosen = select(func.unnest(*arrays).table_valued(*names).render_derived())
    return connection.execute(met(new.from_select(names, chosen)), execution_options=counted).rowcount


def execute_many(connection: Connection, statement: Executable, rows: list[dict[str, object]]) -> None:
    """Execute a statement once per row; nothing where there is no row."""
    if rows:
        connection.execute(statement, rows)


def _json(rows: Collection[object]) -> str:
    return msgspec.json.encode(list(rows)).decode()


def _array(values: Iterable[int]) -> str:
    """Whole numbers as PostgreSQL writes an array of them."""
    return f"{{{','.join(map(str, values))}}}"


def _set_up_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in (
        f"busy_timeout = {BUSY_MS}",
        "synchronous = FULL",  # what was accepted survives a power failure, for .3 ms a commit; NORMAL may lose it
        "foreign_keys = ON",
        "cache_size = -65536",  # 64 MB: a chunk touches 3,000 pages of a large index, and what spills is written twice
        "secure_delete = ON",  # what is deleted is overwritten with zeros
    ):
        connection.execute(f"PRAGMA {pragma}").close()
    _keep_log(connection)


def _keep_log(connection: sqlite3.Connection) -> None:
    """Have changes written to a log first, so that readers and the one writer do not wait for each other.

    Of several processes that turn a new database to that, SQLite lets some fail at once, whatever `busy_timeout` says.
    """
    deadline = time.monotonic() + BUSY_MS / 1_000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("earnest_impatient"):
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        connection.exec_driver_sql("BEGIN DEFERRED" if options.get("earnest_reading") else "BEGIN IMMEDIATE")
    finally:
        if options.get("earnest_impatient"):
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_MS}")


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except PoolTimeout:
        raise StoreUnavailable(f"All {CONNECTIONS} connections to the database are busy; try again later") from None
    except DatabaseError as error:
        if _is_mistake(error):
            raise
        if _is_full(error):
            raise OutOfSpace(FULL) from None
        # What a server adds to the first line, as its DETAIL, may quote a row.
        said = getattr(getattr(error.orig, "diag", None), "message_primary", None) or str(error.orig).strip()
        raise StoreUnavailable(f"The database in EARNEST_DATABASE_URL cannot be used: {said}") from None


def _is_full(error: DatabaseError) -> bool:
    """Whether the database has no room left."""
    return getattr(error.orig, "sqlite_errorname", None) == "SQLITE_FULL" or (
        getattr(error.orig, "sqlstate", None) == _DISK_FULL
    )


def _is_mistake(error: DatabaseError) -> bool:
    """Whether a statement of ours is at fault, not the database, its state or our rights there."""
    is_lost = error.connection_invalidated or error.statement is None
    is_other = is_lost or isinstance(error, OperationalError) or type(error) is DatabaseError
    return not is_other and getattr(error.orig, "sqlstate", None) not in _NOT_ALLOWED
