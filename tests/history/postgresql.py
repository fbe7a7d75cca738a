"""A PostgreSQL server of the tests' own: its files are in a temporary folder, and it is reached by a socket there only.

It needs the programs of Debian's package `postgresql`; who runs the tests as root needs a user `postgres` or `nobody`.
"""

from __future__ import annotations

import getpass
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_numbers = itertools.count(1)


def programs() -> Path | None:
    """Give the folder of the server's programs; `None` if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    named = shutil.which("initdb")
    if found:
        return found[-1].parent
    return None if named is None else Path(named).resolve().parent


class Cluster:
    """A server that runs."""

    def __init__(self, folder: Path, user: str) -> None:
        self._folder, self._user = folder, user

    def new_place(self) -> str:
        """Make an empty schema and give a URL that leads there; a database for each test would be 8 MB of files."""
        name = f"history{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(f"host={self._folder} user={self._user} dbname=postgres", autocommit=True) as connection:
            connection.execute(f'CREATE SCHEMA "{name}"')
        return f"postgresql://{self._user}@/postgres?host={self._folder}&options=-csearch_path%3D{name}"


@contextmanager
def running(bin: Path) -> Iterator[Cluster]:
    """Run a server."""
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        data = folder / "data"
        _run(user, bin / "initdb", "-D", data, "-U", user, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
        options = f"-F -k {folder} -c listen_addresses='' -c max_connections=40"
        _run(user, bin / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield Cluster(folder, user)
        finally:
            _run(user, bin / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str:
    if os.geteuid() != 0:
        return getpass.getuser()
    names = {one.pw_name for one in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def _run(user: str, *command: str | Path) -> None:
    # the server refuses to run as root
    as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    # what pg_ctl starts keeps its streams, so they must be none that anybody waits for
    subprocess.run(
        list(map(str, command)), check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user
    )
