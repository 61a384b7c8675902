"""`earnest backup`: a copy of the database that holds together, while others write to it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from earnest.cli.terminal import output
from earnest.errors import InvalidInput, OutOfSpace, StoreUnavailable
from earnest.settings import Settings

PAGES_AT_ONCE = 2_000
"""8 MB. Writers take turns with it; what they change meanwhile is copied as well, by SQLite's backup API."""
FOR_POSTGRESQL = (
    "The database is PostgreSQL; back it up with its own tool while Earnest runs: "
    "pg_dump --format=custom --file=earnest.dump earnest"
)


def run(file: Path) -> None:
    """Copy the database into a file that only its owner can read.

    Raises:
        InvalidInput: the database is no SQLite file, or the file is there already.
        StoreUnavailable: the database cannot be read.
        OutOfSpace: the disk is full.
    """
    url = make_url(Settings.load().database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise InvalidInput(FOR_POSTGRESQL)
    source = Path(url.database).absolute()
    if not source.exists():
        raise InvalidInput(f"There is no database {source} to back up.")
    half = file.with_name(f".{file.name}.part")
    try:
        _claim(file)
        half.unlink(missing_ok=True)
        os.close(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy(source, half)
        half.replace(file)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    output.print(f"{file.stat().st_size / 1e6:,.1f} MB in {file}. Restore it: docs/how-to/backup.md", soft_wrap=True)


def _claim(file: Path) -> None:
    if file.exists():
        raise InvalidInput(f"{file} is there already; name another file.")
    if not file.absolute().parent.is_dir():
        raise InvalidInput(f"{file.absolute().parent} is not there.")


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source, timeout=30)) as live, closing(sqlite3.connect(target)) as copy:
            live.execute("BEGIN")  # one state of the database, so that no writer makes the copy begin anew
            live.execute("SELECT count(*) FROM sqlite_master").fetchone()
            live.backup(copy, pages=PAGES_AT_ONCE)
            [(said,)] = copy.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname == "SQLITE_FULL":
            raise OutOfSpace from None
        raise StoreUnavailable(f"The backup failed: {error}") from None
    except sqlite3.DatabaseError as error:
        raise StoreUnavailable(f"The database cannot be read: {error}") from None
    if said != "ok":
        raise StoreUnavailable(f"The database is damaged: {said}")
