"""A copy of a history's file, made while others go on writing."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path

from riskengine.errors import Problem, ProblemError, Source
from riskengine.history.faults import explained
from riskengine.history.history import History

__all__ = ["back_up", "refuse_own_file"]


def back_up(history: History, target: Path) -> None:
    """Write a copy of a history's file, whole or not at all, and check it.

    Args:
        history: The history.
        target: Where the copy goes; a file that is there is replaced.

    Raises:
        ProblemError: RE-512 for a server, or for the history's own file; RE-503 if the copy is damaged, RE-801 if it
            can't be written.
    """
    database = history.database
    own = database.location.path
    if own is None:
        help = "use the server's own tool, such as `pg_dump`, or `riskengine history export --everything`"
        raise ProblemError(Problem("RE-512", "a server keeps its own backups", help, Source(history.where)))
    refuse_own_file(history, target)
    try:
        handle, name = tempfile.mkstemp(dir=target.absolute().parent, prefix=f".{target.name}.")
        os.close(handle)
    except OSError as error:
        raise _unwritable(target, error) from None
    try:
        with explained(database.location):
            raw = database.engine.raw_connection()
            try:
                _copy(raw.driver_connection, name, history.where)
            finally:
                raw.close()
        Path(name).replace(target)
    except OSError as error:
        raise _unwritable(target, error) from None
    finally:
        Path(name).unlink(missing_ok=True)


def refuse_own_file(history: History, target: Path) -> None:
    """Refuse to write over the history that is read.

    Args:
        history: The history.
        target: Where something is going to be written.

    Raises:
        ProblemError: RE-512 if that is the history's own file, or its log.
    """
    if history.database.location.holds(target):
        message = "this is the history itself, or its log"
        raise ProblemError(Problem("RE-512", message, "name another file", Source(str(target))))


def _copy(source: sqlite3.Connection | None, name: str, where: str) -> None:
    assert source is not None
    copy = sqlite3.connect(name)
    try:
        source.backup(copy)
        # a file alone, without a log beside it
        copy.execute("PRAGMA journal_mode = DELETE")
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        copy.close()
    if found != "ok":
        help = "go back to an older copy that `riskengine history backup` made"
        raise ProblemError(Problem("RE-503", "the file is damaged", help, Source(where)))
    handle = os.open(name, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(target: Path, error: OSError) -> ProblemError:
    reason = (error.strerror or type(error).__name__).lower()
    help = "name a file in a folder that is there and that you may write to"
    message = f"the output cannot be written: {reason}"
    return ProblemError(Problem("RE-801", message, help, Source(str(target))))
