"""The Spark session, the functions that belong to it, and what it says when something fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from riskengine.errors import Problem, ProblemError, Source, shorten

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Observation, SparkSession

__all__ = ["functions", "observation", "spark_session", "told"]

LENGTH = 300


def spark_session() -> SparkSession:
    """Give the session of spark-submit or a notebook, one to the server of `SPARK_REMOTE`, or a new one.

    Raises:
        ProblemError: RE-432 if pyspark is not installed, RE-433 if there is no session to be had.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        help = 'pip install "riskengine[spark]"'
        raise ProblemError(Problem("RE-432", "pyspark is not installed", help)) from None
    try:
        return SparkSession.getActiveSession() or SparkSession.builder.appName("riskengine").getOrCreate()
    except (PySparkException, OSError, RuntimeError) as error:
        message = f"there is no Spark session: {_first_line(error)}"
        help = "install Java 17 or newer and set `JAVA_HOME`, or set `SPARK_REMOTE` to a server that can be reached"
        raise ProblemError(Problem("RE-433", message, help)) from None


def functions(frame: DataFrame) -> ModuleType:
    """Give the functions that make columns for a frame: Spark Connect has its own."""
    if _is_remote(frame):
        from pyspark.sql.connect import functions as remote

        return remote
    from pyspark.sql import functions as here

    return here


def observation(frame: DataFrame) -> Observation:
    """Give what counts the rows of a frame while they are written."""
    if _is_remote(frame):
        from pyspark.sql.connect.observation import Observation as Remote

        return Remote()  # type: ignore[return-value]
    from pyspark.sql import Observation

    return Observation()


@contextmanager
def told(path: str) -> Iterator[None]:
    """Turn what Spark says of a table into a problem.

    Args:
        path: The table.

    Raises:
        ProblemError: RE-435.
    """
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        help = "the table has to be where the Spark session can read and write it"
        raise ProblemError(Problem("RE-435", f"Spark says: {_first_line(error)}", help, Source(path))) from None


def _is_remote(frame: DataFrame) -> bool:
    return type(frame).__module__.startswith("pyspark.sql.connect")


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return shorten(lines[0], LENGTH)
