"""Making deleted records unreadable: a database only forgets where they were, unless it is told to."""

from __future__ import annotations

import sqlite3
import time

from riskengine.errors import Problem, ProblemError, Source
from riskengine.history.database import Database
from riskengine.history.faults import explained, is_busy
from riskengine.history.tables import ASSESSMENTS, OUTCOMES

__all__ = ["erase_traces"]

PATIENCE = 10.0
_BUSY = "another process is reading it"


def erase_traces(database: Database) -> None:
    """Write a database anew, without what was deleted from it.

    Raises:
        ProblemError: RE-517 if the file can't be written anew: another process is reading for too long, or the disk
            is full.
    """
    with explained(database.location):
        if database.is_file:
            _erase_in_file(database)
        elif database.engine.dialect.name == "postgresql":
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for table in (ASSESSMENTS, OUTCOMES):
                    connection.exec_driver_sql(f"VACUUM (FULL) {table.name}")


def _erase_in_file(database: Database) -> None:
    raw = database.engine.raw_connection()
    try:
        deadline = time.monotonic() + PATIENCE
        while (obstacle := _obstacle(raw.driver_connection)) is not None:
            if time.monotonic() > deadline or obstacle != _BUSY:
                message = f"the records are deleted, but the file or its log may still hold their bytes: {obstacle}"
                help = "see to that, then run `riskengine history delete --traces`"
                raise ProblemError(Problem("RE-517", message, help, Source(database.location.shown)))
            time.sleep(0.1)
    finally:
        raw.close()


def _obstacle(connection: sqlite3.Connection | None) -> str | None:
    """Write the file anew, and empty its log; say what is in the way of that."""
    assert connection is not None
    try:
        connection.execute("VACUUM")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.DatabaseError as error:
        return _BUSY if is_busy(error) else str(error)
    return _BUSY if busy else None
