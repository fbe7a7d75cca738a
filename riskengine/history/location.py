"""Where a history is: a file, or the URL of a database server."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from riskengine.errors import Problem, ProblemError, Source, shorten

__all__ = ["VARIABLE", "Location", "locate"]

VARIABLE = "RISKENGINE_HISTORY"
"""The environment variable that says where the history is, where nothing else does."""

_NAME = "history.db"
_LOGS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Location:
    """Where a history is.

    Attributes:
        url: Its URL, with the password if it has one.
        path: The file of an SQLite database; `None` for a server.
        is_default: Whether nobody said where.
    """

    url: URL
    path: Path | None
    is_default: bool = False

    @property
    def shown(self) -> str:
        """The location as messages show it, without a password."""
        return str(self.path) if self.path is not None else self.url.render_as_string(hide_password=True)

    def holds(self, file: Path) -> bool:
        """Say whether a file belongs to the history: its own, or one of the logs that SQLite keeps beside it."""
        if self.path is None:
            return False
        own, other = self.path.resolve(), file.resolve()
        if other in {own.with_name(own.name + ending) for ending in ("", *_LOGS)}:
            return True
        try:
            # two spellings may be one file, where the case of letters doesn't matter
            return other.samefile(own)
        except OSError:
            return False


def locate(given: str | Path | None = None) -> Location:
    """Say where the history is.

    Args:
        given: A file, or any SQLAlchemy URL; by default what `RISKENGINE_HISTORY` says, or else `history.db` in the
            user's folder for the data of programs.

    Raises:
        ProblemError: RE-500 if it can't be a history's place.

    Examples:
        >>> locate("postgresql://ann:secret@db/risks").shown
        'postgresql+psycopg://ann:***@db/risks'
    """
    wanted = given if given is not None else os.environ.get(VARIABLE) or None
    if wanted is None:
        return _file(Path(platformdirs.user_data_dir("riskengine", appauthor=False)) / _NAME, is_default=True)
    text = str(wanted)
    if isinstance(wanted, Path) or ("://" not in text and not text.startswith("sqlite:")):
        return _file(Path(text))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # the text may hold a password, so it is not shown
        raise _unusable("this is no URL of a database") from None
    return _of_url(url)


def _of_url(url: URL) -> Location:
    if url.get_backend_name() == "sqlite":
        if url.query or url.drivername not in ("sqlite", "sqlite+pysqlite"):
            raise _unusable("an SQLite history is named by its file alone, without options")
        return _file(Path(url.database or ""))
    if url.drivername in ("postgresql", "postgres"):
        # the driver that the extra `postgresql` brings
        url = url.set(drivername="postgresql+psycopg")
    return Location(url, None)


def _file(path: Path, *, is_default: bool = False) -> Location:
    if str(path) in ("", ".", ":memory:") or "\0" in str(path):
        raise _unusable(f"`{shorten(str(path))}` names no file")
    try:
        whole = path.expanduser().absolute()
    except RuntimeError:
        raise _unusable(f"nobody here is called as in `{shorten(str(path))}`") from None
    return Location(URL.create("sqlite", database=str(whole)), whole, is_default)


def _unusable(message: str) -> ProblemError:
    help = "a file such as `history.db`, or a URL such as `postgresql://user:password@host/database`"
    return ProblemError(Problem("RE-500", message, help, Source(field="--history")))
