"""Brings a database up to date. Append-only: a released file in `versions/` is never edited.

A new migration is `versions/<four digits>_<what>.py`; its revision is the digits, which also are its place in the row.
"""

import logging
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from earnest.errors import StoreUnavailable
from earnest.store.engines import lock_for_migration, reading, writing

HERE = Path(__file__).parent
KNOWN = tuple(sorted(file.name[:4] for file in (HERE / "versions").glob("[0-9]*.py")))


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest version that this Earnest knows.

    Raises:
        StoreUnavailable: The database cannot be reached, or belongs to a newer Earnest.
    """
    if problem_of(engine) is None:
        return
    with writing(engine) as connection:
        lock_for_migration(connection)
        _refuse_unknown(_version(connection))
        _upgrade(connection)


def problem_of(engine: Engine) -> str | None:
    """What is wrong with the schema and how to mend it; None where it is up to date.

    Raises:
        StoreUnavailable: The database cannot be reached, or belongs to a newer Earnest.
    """
    with reading(engine) as connection:
        version = _version(connection)
    _refuse_unknown(version)
    return None if version == KNOWN[-1] else "not up to date; any earnest command that uses the database mends it"


def _version(connection: Connection) -> str | None:
    """The database's revision; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _refuse_unknown(version: str | None) -> None:
    if version is not None and version not in KNOWN:
        raise StoreUnavailable(
            f"The database is of version {version}, this Earnest knows up to {KNOWN[-1]}: "
            "upgrade Earnest, or set EARNEST_DATABASE_URL to another database"
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a third of a second that most starts do not need
    from alembic.config import Config  # noqa: PLC0415

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
