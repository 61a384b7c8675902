"""Databases of a campaign's own, to be restarted, cut off, locked and filled up; gone at the end."""

import contextlib
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

PATIENCE_S = 60
INITDB = ["-U", "earnest", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
SETTINGS = [
    "--listen_addresses=",
    "--fsync=off",
    "--max_connections=100",
    "--shared_buffers=32MB",
    "--max_wal_size=64MB",
]
"""A commit is written when it is answered, as in production; fsync matters only where the machine itself goes down."""
PIECE = bytes(1 << 20)


class Disk:
    """A small file system in memory, where one is wanted and we may mount it; otherwise a folder like any other.

    Args:
        folder: Where.
        megabytes: Its size; None for all the room that there is.
    """

    def __init__(self, folder: Path, megabytes: int | None) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        folder.chmod(0o777)  # PostgreSQL runs as somebody else
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(folder)]
        self.is_small = (
            megabytes is not None
            and os.geteuid() == 0
            and subprocess.run(mount, check=False, capture_output=True).returncode == 0
        )

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave not a byte free as long as the block lasts."""
        ballast = self.folder / "ballast"
        try:
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(PIECE)
            yield
        finally:
            ballast.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the room back."""
        if self.is_small:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)  # noqa: S607


class SqliteDatabase:
    """A file.

    Args:
        folder: A new one will be made there.
        is_small: Whether on a small disk, which can be filled.
    """

    def __init__(self, folder: Path, *, is_small: bool) -> None:
        self.folder = folder
        self.disk = Disk(folder / "disk", 64 if is_small else None)
        self._file = self.disk.folder / "earnest.db"
        self.url = f"sqlite:///{self._file}"

    def lock(self, seconds: float) -> None:
        """Hold the only lock that writers have, as a backup or another program may."""
        with contextlib.closing(sqlite3.connect(self._file, timeout=30, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            connection.execute("ROLLBACK")

    def is_free(self) -> bool:
        """Whether nobody is writing."""
        try:
            with contextlib.closing(sqlite3.connect(self._file, timeout=0.1, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return False
        return True

    def mend(self) -> None:
        """Nothing that runs, nothing to start again."""

    def close(self) -> None:
        """Remove it."""
        self.disk.close()


class PostgresDatabase:
    """A server with one database, reached by a socket.

    Args:
        folder: A new one will be made there.
        is_small: Whether on a small disk, which can be filled.

    Raises:
        FileNotFoundError: The server's programs are not installed.
    """

    def __init__(self, folder: Path, *, is_small: bool) -> None:
        programs = postgres_programs()
        if programs is None:
            raise FileNotFoundError("PostgreSQL's server programs are not installed")
        self.folder = folder
        self.disk = Disk(folder / "disk", 400 if is_small else None)
        self._log = folder / "postgres.log"
        self._socket = folder / "socket"
        self._socket.mkdir()
        user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # PostgreSQL refuses root
        self._run_as = ["setpriv", "--pdeathsig", "INT"]
        if user:
            self._run_as += ["--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"]
            shutil.chown(self._socket, user.pw_uid)
        data = str(self.disk.folder / "data")
        self._run([str(programs / "initdb"), "-D", data, *INITDB])
        self._command = [*self._run_as, str(programs / "postgres"), "-D", data, "-k", str(self._socket), *SETTINGS]
        self._process = self._started()
        self.mend()
        self._execute("CREATE DATABASE earnest", database="postgres")
        self.url = f"postgresql://earnest@/earnest?host={self._socket}"

    def restart(self, *, immediately: bool) -> None:
        """Stop and start the server: in order ("fast"), or as if it had crashed ("immediate")."""
        self._process.send_signal(signal.SIGQUIT if immediately else signal.SIGINT)
        self._process.wait(PATIENCE_S)
        self.mend()

    def cut(self) -> int:
        """Cut all connections of clients; returns how many there were."""
        cut = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return self._execute(cut, database="postgres")

    def mend(self) -> None:
        """Start the server where it does not run."""
        if self._process.poll() is not None:
            self._process = self._started()
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._execute("SELECT 1", database="postgres")
                return
            except psycopg.Error:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def close(self) -> None:
        """Stop the server and remove everything."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(PATIENCE_S)
        self.disk.close()

    def _started(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(self._command, stdout=log, stderr=log, cwd=self._socket)

    def _run(self, command: list[str]) -> None:
        subprocess.run([*self._run_as, *command], check=True, capture_output=True, cwd=self._socket)

    def _execute(self, statement: str, database: str) -> int:
        address = f"postgresql://earnest@/{database}?host={self._socket}&connect_timeout=5"
        with psycopg.connect(address, autocommit=True) as connection:
            found = connection.execute(statement.encode())
            row = found.fetchone() if found.description else None
        return int(row[0]) if row else 0


Database = SqliteDatabase | PostgresDatabase


def postgres_programs() -> Path | None:
    """The folder of the newest server that is installed; None where there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: float(each.parent.name), reverse=True)
    if on_path := shutil.which("postgres"):
        folders.insert(0, Path(on_path).parent)
    if pg_config := shutil.which("pg_config"):
        named = subprocess.run([pg_config, "--bindir"], check=True, capture_output=True, text=True)
        folders.append(Path(named.stdout.strip()))
    return next((each for each in folders if (each / "postgres").exists() and (each / "initdb").exists()), None)


@contextmanager
def new_database(kind: str, *, is_small: bool) -> Iterator[Database]:
    """A database of a kind ("sqlite" or "postgresql") in a folder of its own, which has room for logs as well."""
    with tempfile.TemporaryDirectory(prefix="earnest-database-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as somebody else
        make = SqliteDatabase if kind == "sqlite" else PostgresDatabase
        database: Database = make(folder, is_small=is_small)
        try:
            yield database
        finally:
            database.close()
