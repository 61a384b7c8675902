"""What both databases promise, and what happens when PostgreSQL is slow, gone or not ours."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer

import pytest
from sqlalchemy import Engine, event, func, make_url, select, text
from tests.postgres import Postgres

from earnest.errors import OutOfSpace, StoreUnavailable
from earnest.store import Store, open_store
from earnest.store.engines import connect, reading, tuned, writing
from earnest.store.tables import secret


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    with postgres.database(postgres_template) as url:
        yield url


def with_option(url: str, **options: str) -> str:
    return make_url(url).update_query_dict(options).render_as_string(hide_password=False)


def add_secret(engine: Engine, name: str) -> None:
    with writing(engine) as connection:
        connection.execute(secret.insert().values(name=name, value="x"))


def test_a_reader_sees_one_state(store: Store, database_url: str) -> None:
    count = select(func.count()).select_from(secret)
    with engine_of(database_url) as engine, reading(engine) as connection:
        before = connection.execute(count).scalar()
        store.keys.secret("new", otherwise="x")
        assert connection.execute(count).scalar() == before
    with engine_of(database_url) as engine, reading(engine) as connection:
        assert connection.execute(count).scalar() == 1


def test_what_fails_changes_nothing(store: Store, database_url: str) -> None:
    with engine_of(database_url) as engine, suppress(KeyError), writing(engine) as connection:
        connection.execute(secret.insert().values(name="a", value="x"))
        raise KeyError
    assert store.keys.secret("a", otherwise="other") == "other"


def test_who_comes_second_to_a_new_sqlite_database_waits(tmp_path: Path) -> None:
    file = tmp_path / "earnest.db"
    first = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    first.execute("BEGIN IMMEDIATE")
    release = Timer(0.2, first.rollback)
    release.start()
    with engine_of(f"sqlite:///{file}") as engine, reading(engine) as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    release.join()
    first.close()


def test_a_full_sqlite_database_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'earnest.db'}"
    open_store(url).close()
    with engine_of(url) as engine:
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 1"))
        with pytest.raises(OutOfSpace, match="full"), writing(engine) as connection:
            connection.execute(secret.insert(), [{"name": f"{i}", "value": "x" * 4_000} for i in range(100)])
        with reading(engine) as connection:
            assert connection.execute(select(func.count()).select_from(secret)).scalar() == 0


@pytest.mark.postgres
def test_a_full_postgresql_database_is_told(postgres_url: str) -> None:
    full = text("DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$")
    with engine_of(postgres_url) as engine, pytest.raises(OutOfSpace, match="full"), writing(engine) as connection:
        connection.execute(full)


@pytest.mark.postgres
def test_a_reader_cannot_write(postgres_url: str) -> None:
    statement = secret.insert().values(name="a", value="x")
    with engine_of(postgres_url) as engine, pytest.raises(StoreUnavailable), reading(engine) as connection:
        connection.execute(statement)


@pytest.mark.postgres
def test_a_stopped_process_does_not_hold_its_locks(postgres_url: str) -> None:
    impatient = with_option(postgres_url, options="-c idle_in_transaction_session_timeout=200")
    with engine_of(impatient) as stopped, engine_of(postgres_url) as other:

        def overtaken() -> None:
            with writing(stopped) as connection:
                connection.execute(secret.insert().values(name="a", value="x"))
                add_secret(other, "a")  # waits until the server has ended the first transaction
                connection.execute(secret.insert().values(name="b", value="x"))

        with pytest.raises(StoreUnavailable, match="idle"):
            overtaken()
        add_secret(stopped, "b")  # on a new connection


@pytest.mark.postgres
def test_a_wait_for_a_lock_ends(postgres_url: str) -> None:
    impatient = with_option(postgres_url, options="-c lock_timeout=50")
    with engine_of(impatient) as second, engine_of(postgres_url) as first, writing(first) as connection:
        connection.execute(secret.insert().values(name="a", value="x"))
        with pytest.raises(StoreUnavailable, match="lock timeout"):
            add_secret(second, "a")


@pytest.mark.postgres
def test_cut_connections_are_replaced(postgres: Postgres, postgres_url: str) -> None:
    store = open_store(postgres_url)
    postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert store.problem() is None
    store.close()


@pytest.mark.postgres
def test_more_threads_than_connections_take_turns(postgres_url: str) -> None:
    store = open_store(postgres_url)
    with ThreadPoolExecutor(40) as threads:
        keys = list(threads.map(lambda i: store.keys.secret(f"s{i % 7}", otherwise=f"{i}"), range(200)))
    assert len(set(keys)) == 7
    store.close()


@pytest.mark.postgres
def test_a_database_without_our_rights_is_named(postgres: Postgres) -> None:
    with postgres.database() as url:
        name = str(make_url(url).database)
        postgres.execute("DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
        postgres.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC", name)
        with pytest.raises(StoreUnavailable, match="permission denied"):
            open_store(url.replace("earnest@", "guest@"))


@pytest.mark.postgres
@pytest.mark.parametrize("option", [{"sslmod": "require"}, {"host": "/nowhere"}, {"host": "127.0.0.1", "port": "1"}])
def test_an_unusable_server_is_named_without_the_password(postgres_url: str, option: dict[str, str]) -> None:
    url = with_option(postgres_url, **option).replace("earnest@", "earnest:horse@")
    with pytest.raises(StoreUnavailable) as fault:
        open_store(url)
    assert "horse" not in str(fault.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_what_the_url_says_wins(scheme: str) -> None:
    url = make_url(tuned(f"{scheme}://u:p%40@h/d?sslmode=verify-full&connect_timeout=3&options=-c%20lock_timeout%3D1"))
    assert (url.drivername, url.password, url.query["sslmode"]) == ("postgresql+psycopg", "p@", "verify-full")
    assert url.query["connect_timeout"] == "3"
    assert str(url.query["options"]).endswith(" -c lock_timeout=1")  # the server takes the last one


@pytest.mark.postgres
def test_limits_are_set(postgres_url: str) -> None:
    with engine_of(postgres_url) as engine, reading(engine) as connection:
        for name in ("idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout"):
            assert connection.execute(text(f"SHOW {name}")).scalar() != "0"
