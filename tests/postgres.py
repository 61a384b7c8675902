"""A PostgreSQL of the tests' own, where the server's programs are installed; databases for tests of both kinds.

A pytest plugin: `tests/conftest.py` names it. A test that takes `database_url` runs on SQLite and on PostgreSQL, the
latter under the marker `postgres`.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from benchmarks.databases import INITDB, postgres_programs
from dbos import DBOS
from tests.lacking import lacking

from earnest.store import open_store

PATIENCE_S = 30
SETTINGS = [
    "--listen_addresses=",  # a socket in a folder of its own: no port to fight over, nobody else can connect
    "--fsync=off",
    "--synchronous_commit=off",
    "--full_page_writes=off",
    "--max_connections=200",
    "--shared_buffers=32MB",
]
GUARDED = """
"$@" >"$0/log.txt" 2>&1 &
server=$!
stop() { kill -INT $server 2>/dev/null; wait $server; rm -rf "$0"; exit; }
trap '' INT
trap stop TERM
cat >/dev/null
stop
"""
"""Runs the server until our end of the pipe is closed, which also happens when the tests are killed."""

SQLITE, POSTGRESQL = "sqlite", "postgresql"
BOTH = (SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgres))
"""Parameters of a fixture or a test that runs on either kind of database."""


class Postgres:
    """A running server.

    Args:
        folder: Where its socket, its data and its log are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, database: str) -> str:
        """Where a database of this server is, as `EARNEST_DATABASE_URL` takes it."""
        return f"postgresql://earnest@/{database}?host={self.folder}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run a statement outside any transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """A new database as long as the block lasts, by its URL; whoever is still connected at the end is cut off."""
        name = f"test_{uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server that lives as long as the tests do."""
    programs = postgres_programs()
    if programs is None:
        lacking("PostgreSQL's server programs are not installed")
    folder = Path(tempfile.mkdtemp(prefix="earnest-postgres-"))
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses root
    if user:
        shutil.chown(folder, user)
    run_as = ["setpriv", "--reuid", user, "--regid", str(pwd.getpwnam(user).pw_gid), "--clear-groups"] if user else []
    data = str(folder / "data")
    initdb = [*run_as, str(programs / "initdb"), "-D", data, *INITDB]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder)
    server = [str(programs / "postgres"), "-D", data, "-k", str(folder), *SETTINGS]
    guarded = [*run_as, "sh", "-c", GUARDED, str(folder), *server]
    process = subprocess.Popen(guarded, stdin=subprocess.PIPE, cwd=folder, start_new_session=True)
    try:
        running = Postgres(folder)
        _wait_until_up(running)
        yield running
    finally:
        process.communicate()


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """Name of a database with the tables of Earnest and of the engine, to be copied: making them takes longer."""
    postgres.execute("CREATE DATABASE earnest")
    open_store(postgres.url("earnest")).close()
    DBOS.migrate(postgres.url("earnest"))
    return "earnest"


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without answers, of either kind."""
    with new_database(request, tmp_path) as url:
        yield url


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables, of either kind."""
    with _empty_database(request.param, request, tmp_path / "empty.db") as url:
        yield url


@pytest.fixture
def another_empty_database_url(
    empty_database_url: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """Another one of the same kind."""
    with _empty_database(empty_database_url.partition(":")[0], request, tmp_path / "another.db") as url:
        yield url


@contextmanager
def _empty_database(kind: str, request: pytest.FixtureRequest, file: Path) -> Iterator[str]:
    if kind == SQLITE:
        yield f"sqlite:///{file}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database() as url:
        yield url


@contextmanager
def new_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """A database without answers as long as the block lasts, of the kind that the fixture's parameter names."""
    if request.param == SQLITE:
        yield f"sqlite:///{folder / 'earnest.db'}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database(template=request.getfixturevalue("postgres_template")) as url:
        yield url


def _wait_until_up(server: Postgres) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return server.execute("SELECT 1")
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
