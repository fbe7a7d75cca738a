"""Histories to test on: a file, and a database of a real PostgreSQL server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.history.postgresql import Cluster, programs, running


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    bin = programs()
    if bin is None:
        reason = "PostgreSQL is not installed: `apt-get install postgresql`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with running(bin) as cluster:
        yield cluster


@pytest.fixture
def server(cluster: Cluster) -> str:
    """The URL of an empty place on a server."""
    return cluster.new_place()


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file that is not there yet."""
    return str(tmp_path / "history.db")


@pytest.fixture(params=["file", "server"])
def location(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))
