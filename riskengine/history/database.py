"""The database of a history: opened safely, read by many, written by one after the other."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, update
from sqlalchemy.pool import NullPool

from riskengine.errors import Problem, ProblemError, Source
from riskengine.history import schema
from riskengine.history.faults import explained, is_busy
from riskengine.history.location import Location
from riskengine.history.tables import TURN

__all__ = ["Database"]

PATIENCE = 30.0
"""Seconds that a writer waits for the others."""
_WRITES = "riskengine_writes"


class Database:
    """A database that holds a history.

    Attributes:
        location: Where it is.
        engine: The way to it.
    """

    def __init__(self, location: Location, *, create: bool, upgrade: bool = False) -> None:
        """Open a database.

        Args:
            location: Where it is.
            create: Whether to begin a history where there is none.
            upgrade: Whether to bring the tables of a server to the version of this program; those of a file are.

        Raises:
            ProblemError: RE-501 if there is no history, RE-502 if it can't be reached, RE-503 if it is something
                else, RE-504 if its tables are older than this program, RE-505 if they are newer.
        """
        self.location = location
        with explained(location):
            self._prepare_folder(create=create)
            self.engine = _engine(location)
            try:
                self._bring_up_to_date(create=create, upgrade=upgrade or self.is_file)
            except BaseException:
                self.engine.dispose()
                raise

    @property
    def is_file(self) -> bool:
        """Whether it is an SQLite file."""
        return self.location.path is not None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the history throughout."""
        engine = self.engine
        if engine.dialect.name == "postgresql":
            # by default each of its statements sees a newer state
            engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with explained(self.location), engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that writes, alone until the block ends; what it wrote is there whole, or not at all.

        Raises:
            ProblemError: RE-502 if the others take too long, RE-505 if a newer program changed the tables meanwhile.
        """
        with explained(self.location), self._transaction() as connection:
            connection.execute(update(TURN).where(TURN.c.id == 1).values(writes=TURN.c.writes + 1))
            self._refuse_newer(schema.version_of(connection))
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        options = {_WRITES: True}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    def _prepare_folder(self, *, create: bool) -> None:
        path = self.location.path
        if path is None:
            return
        try:
            if path.is_dir():
                help = "name a file"
                raise ProblemError(Problem("RE-502", "this is a folder", help, Source(self.location.shown)))
            if not path.exists() and not create:
                raise ProblemError(self._absent())
            if self.location.is_default:
                # answers and notes are nobody else's business
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            message = f"the file cannot be opened: {(error.strerror or type(error).__name__).lower()}"
            help = "name a file in a folder that is there and that you may use"
            raise ProblemError(Problem("RE-502", message, help, Source(self.location.shown))) from None

    def _bring_up_to_date(self, *, create: bool, upgrade: bool) -> None:
        with self.engine.connect() as connection, connection.begin():
            version = schema.version_of(connection)
            blank = self.is_file and version is None and schema.is_empty(connection)
        if version == schema.LATEST:
            return
        self._refuse_newer(version)
        if version is None and self.is_file and not blank:
            help = "name a file that riskengine wrote, or a new one"
            message = "this is the database of another program"
            raise ProblemError(Problem("RE-503", message, help, Source(self.location.shown)))
        if version is None and not create:
            raise ProblemError(self._absent())
        if version is not None and not upgrade:
            help = "run `riskengine history upgrade`, once everybody who uses it has this version of riskengine"
            message = "the tables were made by an older riskengine"
            raise ProblemError(Problem("RE-504", message, help, Source(self.location.shown)))
        self._migrate()

    def _migrate(self) -> None:
        with self._transaction() as connection:
            schema.wait_for_turn_to_migrate(connection)
            # another process may have been first
            version = schema.version_of(connection)
            self._refuse_newer(version)
            if version != schema.LATEST:
                schema.migrate(connection)

    def _refuse_newer(self, version: str | None) -> None:
        if version is not None and schema.is_newer(version):
            message = f"the tables were made by a newer riskengine (version {version} of them)"
            help = "install the newest riskengine; nothing was read or written"
            raise ProblemError(Problem("RE-505", message, help, Source(self.location.shown)))

    def _absent(self) -> Problem:
        help = "`riskengine history add ANSWERS` or `riskengine assess --save` begins one; or name another one"
        return Problem("RE-501", "there is no history here yet", help, Source(self.location.shown))


def _engine(location: Location) -> Engine:
    # what is in a statement is somebody's answers, and belongs in no message
    if location.path is None:
        options = {"isolation_level": "READ COMMITTED"} if location.url.get_backend_name() == "postgresql" else {}
        return create_engine(location.url, hide_parameters=True, pool_pre_ping=True, **options)
    engine = create_engine(location.url, hide_parameters=True, poolclass=NullPool, connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(raw: Any, _: object) -> None:
    # SQLAlchemy begins transactions, by `_begin_sqlite`; the driver shall not
    raw.isolation_level = None
    for pragma in ("trusted_schema = OFF", "synchronous = FULL", "secure_delete = ON"):
        raw.execute(f"PRAGMA {pragma}")


def _keep_a_log(raw: sqlite3.Connection) -> None:
    """Let readers read while one writes; where the file's system can't do that, they wait for each other."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            # SQLite itself doesn't wait here while another process does the same
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get(_WRITES):
        connection.exec_driver_sql("BEGIN")
        return
    # only who writes changes how the file is kept: what is only looked at may be a copy that is read-only, or
    # somebody else's
    raw = connection.connection.driver_connection
    assert raw is not None
    _keep_a_log(raw)
    # a writer that only reads at first would have to give up if another one wrote meanwhile
    connection.exec_driver_sql("BEGIN IMMEDIATE")
