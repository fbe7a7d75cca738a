"""What databases say when something goes wrong, in our words; never the password, never anybody's answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, NoSuchModuleError

from riskengine.errors import Problem, ProblemError, Source, shorten
from riskengine.history.location import Location

__all__ = ["DamagedError", "explained", "is_busy"]

_GO_BACK = "go back to a copy that `riskengine history backup` made"
_DAMAGED = ("RE-503", "the file is damaged", _GO_BACK)
_SQLITE: Mapping[str, tuple[str, str, str]] = {
    "SQLITE_BUSY": ("RE-502", "another process holds the history for too long", "try again when it is done"),
    "SQLITE_PROTOCOL": ("RE-502", "another process holds the history for too long", "try again when it is done"),
    "SQLITE_LOCKED": ("RE-502", "another process holds the history for too long", "try again when it is done"),
    "SQLITE_CANTOPEN": ("RE-502", "the file cannot be opened", "name a file in a folder that you may write to"),
    "SQLITE_READONLY": ("RE-502", "the file cannot be written", "name a file that you may write, in such a folder"),
    "SQLITE_PERM": ("RE-502", "the file cannot be opened", "name a file in a folder that you may write to"),
    "SQLITE_FULL": ("RE-502", "the disk is full", "make room; what was recorded before is still there"),
    "SQLITE_IOERR": ("RE-502", "the file cannot be read or written", "check the disk; a network drive will not do"),
    "SQLITE_NOTADB": ("RE-503", "the file is no history", "name a file that riskengine wrote, or a new one"),
    "SQLITE_CORRUPT": _DAMAGED,
    # a table or column that was taken away by hand
    "SQLITE_ERROR": _DAMAGED,
}


class DamagedError(Exception):
    """What a database holds is nothing that riskengine has written; says what."""


@contextmanager
def explained(location: Location) -> Iterator[None]:
    """Turn what the database says into a problem.

    Args:
        location: Where the history is.

    Raises:
        ProblemError: RE-500 if a driver is missing, RE-502 if the database can't be used, RE-503 if it is damaged.
    """
    try:
        yield
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        message = f"there is no driver for `{shorten(location.url.drivername)}`"
        help = f"install one: {shorten(str(error), 100)}; for PostgreSQL, `pip install riskengine[postgresql]`"
        raise ProblemError(Problem("RE-500", message, help, Source(location.shown))) from None
    except DamagedError as error:
        raise ProblemError(Problem("RE-503", str(error), _GO_BACK, Source(location.shown))) from None
    except DBAPIError as error:
        raise ProblemError(_problem(error.orig, location)) from error
    except sqlite3.Error as error:
        raise ProblemError(_problem(error, location)) from error


def is_busy(error: sqlite3.Error) -> bool:
    """Say whether SQLite only has to be asked again, because another process is at work."""
    return (getattr(error, "sqlite_errorname", None) or "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _problem(error: BaseException | None, location: Location) -> Problem:
    source = Source(location.shown)
    if isinstance(error, sqlite3.Error):
        # extended names, such as SQLITE_IOERR_WRITE, begin with the plain one
        name = getattr(error, "sqlite_errorname", None) or ""
        found = next((said for known, said in _SQLITE.items() if name.startswith(known)), None)
        if found is not None:
            code, message, help = found
            return Problem(code, message, help, source)
    said = shorten(" ".join(str(error).split()), 300)
    message = f"the database cannot be used: {said}"
    return Problem("RE-502", message, "check the URL, and that the server lets you in", source)
