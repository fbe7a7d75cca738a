"""The gates of a table that Spark wrote: judged there, and only the worst projects are looked at here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from riskengine.errors import Problem, ProblemError, Source, nearest, shorten
from riskengine.pack.model import Pack
from riskengine.portfolio.gates import EQUAL, Gates, levels_from, reasons
from riskengine.portfolio.spark.session import functions, told
from riskengine.portfolio.spark.tables import Table
from riskengine.portfolio.writing.harmless import ESCAPED

if TYPE_CHECKING:
    from types import ModuleType

    from pyspark.sql import Column, DataFrame

__all__ = ["MOST", "Crossing", "SparkVerdict", "judge", "last_run"]

MOST = 20
"""Projects that are listed at most, the worst of them; all are counted."""

MAX_NAME = 200
KEY, PROBABILITY, LEVEL = "key", "failure_probability", "risk_level"
_BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Crossing:
    """A project that crossed a line.

    Attributes:
        key: Its name, if it has one.
        crossed: The lines, in words.
    """

    key: str | None
    crossed: Sequence[str]


@dataclass(frozen=True, slots=True)
class SparkVerdict:
    """What the gates say.

    Attributes:
        crossing: How many projects crossed a line.
        worst: The worst of them, at most `MOST`.
    """

    crossing: int
    worst: Sequence[Crossing]


def last_run(table: Table, path: str, key: str) -> DataFrame:
    """Give the projects of the last run, in the columns `key` and `before`.

    Args:
        table: Its output.
        path: Where that is.
        key: The column of names.

    Raises:
        ProblemError: RE-415 if it lacks a column, or a name stands twice.
    """
    held = {name: column for column, name in table.names.items()}
    for name in (key, PROBABILITY):
        if name not in held:
            help = nearest(name, list(held)) or "give the output of an earlier run"
            raise _refused(path, f"the last run has no column `{name}`", help, name)
    f = functions(table.frame)
    found = _projects(f, table.frame, held[key], held[PROBABILITY]).withColumnRenamed(PROBABILITY, _BEFORE)
    probable = f.coalesce(f.col(_BEFORE).between(0, 1), f.lit(False))
    with told(path):
        improbable = found.filter(~probable).limit(1).collect()
    if improbable:
        message = "a row of the last run has no probability"
        raise _refused(path, message, "give the output of an earlier run", PROBABILITY)
    found = found.dropna()
    with told(path):
        twice = found.groupBy(KEY).count().filter(f.col("count") > 1).limit(1).collect()
    if twice:
        message = f"`{shorten(str(twice[0][0]))}` stands twice in the last run"
        raise _refused(path, message, "name a column without doubles with `--key`", key)
    return found


def _refused(path: str, message: str, help: str, column: str) -> ProblemError:
    return ProblemError(Problem("RE-415", message, help, Source(path, field=column)))


def _projects(f: ModuleType, frame: DataFrame, key: str | None, probability: str, *more: Column) -> DataFrame:
    named = f.lit(None).cast("string") if key is None else f.regexp_replace(f.col(key).cast("string"), ESCAPED, "$1")
    return frame.select(named.alias(KEY), f.col(probability).try_cast("double").alias(PROBABILITY), *more)


def judge(output: Table, key: str | None, gates: Gates, pack: Pack, last: DataFrame | None) -> SparkVerdict:
    """Hold the projects of a scored table against the gates.

    Args:
        output: The scored table.
        key: The column of names, if there is one.
        gates: The gates.
        pack: The pack.
        last: What the last run found, where `gates` compares with it.
    """
    f = functions(output.frame)
    held = {name: column for column, name in output.names.items()}
    level = f.col(held[LEVEL]).alias(LEVEL)
    projects = _projects(f, output.frame, None if key is None else held[key], held[PROBABILITY], level)
    if last is None:
        joined = projects.withColumn(_BEFORE, f.lit(None).cast("double"))
    else:
        joined = projects.join(last, on=KEY, how="left")
    crossing = joined.filter(reduce(or_, _crossed(f, gates, pack)))
    worst = crossing.orderBy(f.desc(PROBABILITY), f.asc(KEY)).limit(MOST).collect()
    listed = [
        Crossing(_shown(row[KEY]), reasons(gates, pack, row[PROBABILITY], row[LEVEL], row[_BEFORE])) for row in worst
    ]
    return SparkVerdict(crossing.count() if len(worst) == MOST else len(worst), listed)


def _shown(name: str | None) -> str | None:
    return None if name is None else shorten(name, MAX_NAME)


def _crossed(f: ModuleType, gates: Gates, pack: Pack) -> list[Column]:
    probability = f.col(PROBABILITY)
    crossed = []
    if gates.above is not None:
        crossed.append(probability > gates.above)
    if gates.level is not None:
        crossed.append(f.col(LEVEL).isin(levels_from(gates.level, pack)))
    if gates.rise is not None:
        crossed.append(f.coalesce(probability - f.col(_BEFORE) > gates.rise + EQUAL, f.lit(False)))
    return crossed
