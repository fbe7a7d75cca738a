"""The version of a database, and the way to the version that this program knows."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, select, text

from riskengine.errors import shorten
from riskengine.history.faults import DamagedError
from riskengine.history.tables import VERSION, VERSION_TABLE

__all__ = ["LATEST", "is_empty", "is_newer", "migrate", "version_of", "wait_for_turn_to_migrate"]

LATEST = "0001"
"""The version that this program knows: the number of its last migration."""

_FOLDER = Path(__file__).parent / "migrations"
_POSTGRESQL_LOCK = 0x7269736B
"""Any number that no other program takes: the letters `risk`."""


def version_of(connection: Connection) -> str | None:
    """Give the version of a database; `None` if it holds no history."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(select(VERSION.c.version_num))


def is_newer(version: str) -> bool:
    """Say whether a version was made by a newer program than this one."""
    # numbers of four digits, which are in order as texts too
    return version > LATEST


def is_empty(connection: Connection) -> bool:
    """Say whether a database has no tables at all."""
    return not inspect(connection).get_table_names()


def wait_for_turn_to_migrate(connection: Connection) -> None:
    """Wait until no other process migrates this database; in SQLite, the transaction itself has seen to that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRESQL_LOCK})


def migrate(connection: Connection) -> None:
    """Bring a database to the version that this program knows, within the transaction that is open.

    Args:
        connection: A connection that is allowed to write, and whose turn it is.

    Raises:
        DamagedError: if it has a version that there never was.
    """
    # hardly ever needed, and slow to load
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    scripts = ScriptDirectory(str(_FOLDER), version_locations=[str(_FOLDER)])
    environment = EnvironmentContext(Config(), scripts, fn=lambda revision, _: scripts._upgrade_revs(LATEST, revision))
    with environment:
        environment.configure(connection=connection, version_table=VERSION_TABLE)
        try:
            environment.run_migrations()
        except CommandError as error:
            # a version that no riskengine has written
            raise DamagedError(f"the version of the tables was changed by hand: {shorten(str(error))}") from None
