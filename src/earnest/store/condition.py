"""How the database itself is: how large, how full, in what clock; for `earnest doctor`."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, text

from earnest.store.engines import reading

SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "autovacuum": "on"}
"""What PostgreSQL must be set to so that nothing accepted is lost, and nothing deleted stays."""
SAFER = {"remote_apply", "remote_write", "local"}
"""Of `synchronous_commit`: as safe for one server, or more so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The database at a moment.

    Attributes:
        kind: "SQLite" or "PostgreSQL", with its version.
        size_bytes: All tables and indexes.
        log_bytes: What stands in SQLite's log and not yet in the database; None on PostgreSQL.
        ahead_s: By how much the server's clock is ahead of ours; 0 on SQLite.
        connections: How many are open on the server, and how many it allows; None on SQLite.
        unsafe: Settings of PostgreSQL that may lose something, with what they should be.
    """

    kind: str
    size_bytes: int
    log_bytes: int | None = None
    ahead_s: float = 0.0
    connections: tuple[int, int] | None = None
    unsafe: Mapping[str, str] = field(default_factory=dict)


def condition_of(engine: Engine) -> Condition:
    """Look at the database.

    Raises:
        StoreUnavailable: It cannot be reached.
    """
    return _of_sqlite(engine) if engine.name == "sqlite" else _of_postgresql(engine)


def _of_sqlite(engine: Engine) -> Condition:
    with reading(engine) as connection:
        version = connection.execute(text("SELECT sqlite_version()")).scalar_one()
    path = Path(engine.url.database or "").absolute()
    log = path.with_name(f"{path.name}-wal")
    return Condition(
        kind=f"SQLite {version}",
        size_bytes=path.stat().st_size,
        log_bytes=log.stat().st_size if log.exists() else 0,
    )


def _of_postgresql(engine: Engine) -> Condition:
    with reading(engine) as connection:
        before = time.time()
        there = float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
        ours = (before + time.time()) / 2
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        used = connection.execute(text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"))
        shown = connection.execute(text("SELECT name, setting FROM pg_settings"))
        counted = used.scalar_one()
        settings = {row.name: row.setting for row in shown}
    unsafe = {name: safe for name, safe in SAFE.items() if settings[name] not in {safe, *SAFER}}
    return Condition(
        kind=f"PostgreSQL {settings['server_version']}",
        size_bytes=size,
        ahead_s=there - ours,
        connections=(counted, int(settings["max_connections"])),
        unsafe=unsafe,
    )
