"""Gates: lines that no project should cross, for jobs that fail when one does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path

import polars as pl

from riskengine.engines.columnar import PREFIX
from riskengine.errors import Problem, ProblemError, Source, nearest, shorten
from riskengine.pack.model import Pack
from riskengine.portfolio.reading.files import Wanted, open_tables
from riskengine.portfolio.reading.table import ROW, START
from riskengine.portfolio.writing.harmless import unescaped

__all__ = [
    "MOST",
    "TABLE",
    "Gates",
    "LastRun",
    "Project",
    "Verdict",
    "check_gates",
    "judge",
    "project_columns",
    "read_last_run",
]

MOST = 1_000
"""Projects that are listed at most, the worst of them; all are counted."""

TABLE = f"{PREFIX}table"
"""The column that says which of the tables a row is of."""

KEY, PROBABILITY, LEVEL, FINDINGS = "key", "failure_probability", "risk_level", "findings"
_BEFORE, _MATCHED = "before", "matched"
# what two runs of the same may differ by
_EQUAL = 1e-12


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of a run; each is left out where it is `None`.

    Attributes:
        above: No project may be more likely to fail than this.
        level: No project may be at this risk level, or a higher one.
        rise: No project may have become more likely to fail by more than this.
        against: The output of the last run, which `rise` compares with.
    """

    above: float | None = None
    level: str | None = None
    rise: float | None = None
    against: Path | None = None

    @property
    def any(self) -> bool:
        """Whether there is any gate."""
        return self.above is not None or self.level is not None or self.rise is not None


@dataclass(frozen=True, slots=True)
class LastRun:
    """What an earlier run found.

    Attributes:
        path: Its output.
        found: The probability of each project, in the columns `key` and `before`.
    """

    path: Path
    found: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Project:
    """A project of a scored table.

    Attributes:
        table: Which of the tables it is in.
        row: Its row there.
        key: Its name, if it has one.
        probability: How likely it is to fail.
        level: Its risk level.
        findings: The rules that fire.
        crossed: The lines that it crossed, in words.
    """

    table: int
    row: int
    key: str | None
    probability: float
    level: str
    findings: Sequence[str]
    crossed: Sequence[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gates say of a table.

    Attributes:
        scored: How many projects were scored.
        crossing: How many of them crossed a line.
        compared: How many of them the last run knew.
        worst: Those that crossed one, at most `MOST`, the worst first.
        shown: The projects to report: all in their order if they are at most `MOST`; else those that crossed a line,
            or, where there is no gate, the worst.
    """

    scored: int
    crossing: int
    compared: int
    worst: Sequence[Project]
    shown: Sequence[Project]


def check_gates(gates: Gates, pack: Pack) -> None:
    """Refuse gates that cannot be kept.

    Raises:
        ProblemError: RE-804 for a number out of range, RE-809 for an option that lacks another one, RE-811 for an
            unknown risk level.
    """
    wrong = [
        Problem("RE-804", f"`{value:g}` is no probability", "a number from 0 to 1", Source(field=option), f"{value:g}")
        for option, value in (("--fail-above", gates.above), ("--max-rise", gates.rise))
        if value is not None and not 0 <= value <= 1
    ]
    levels = [level.id for level in pack.risk_levels]
    if gates.level is not None and gates.level not in levels:
        message = f"there is no risk level `{shorten(gates.level)}`"
        wrong.append(
            Problem("RE-811", message, nearest(gates.level, levels), Source(field="--fail-level"), gates.level)
        )
    if (gates.rise is None) != (gates.against is None):
        option, other = ("--against", "--max-rise") if gates.rise is None else ("--max-rise", "--against")
        message = f"`{option}` says nothing without `{other}`"
        wrong.append(Problem("RE-809", message, "give both, or neither", Source(field=option)))
    if wrong:
        raise ProblemError(wrong)


def read_last_run(path: Path, key: str) -> LastRun:
    """Read what the last run found.

    Args:
        path: Its output.
        key: The column of names.

    Raises:
        ProblemError: RE-415 if it lacks a column, or a name stands twice; and for all that keeps a table from being
            read.
    """

    def refused(message: str, help: str, column: str) -> ProblemError:
        return ProblemError(Problem("RE-415", message, help, Source(str(path), field=column)))

    (table,) = open_tables([path], Wanted())
    for column in (key, PROBABILITY):
        if column not in table.schema:
            help = nearest(column, list(table.schema)) or "give the output of an earlier run"
            raise refused(f"the last run has no column `{column}`", help, column)
    chosen = [pl.col(key).cast(pl.String).alias(KEY), pl.col(PROBABILITY).cast(pl.Float64, strict=False).alias(_BEFORE)]
    frames = [chunk.frame.select(chosen) for chunk in table.chunks(START)]
    empty = pl.DataFrame(schema={KEY: pl.String, _BEFORE: pl.Float64})
    found = pl.concat([empty, *frames]).with_columns(unescaped(KEY)).drop_nulls()
    twice = found.filter(pl.col(KEY).is_duplicated())
    if twice.height:
        name = shorten(str(twice[KEY][0]))
        raise refused(f"`{name}` stands twice in the last run", "name a column without doubles with `--key`", key)
    return LastRun(path, found)


def judge(projects: pl.LazyFrame, gates: Gates, pack: Pack, last: LastRun | None) -> Verdict:
    """Hold all projects against the gates.

    Args:
        projects: All scored projects, with the columns of `project_columns`.
        gates: The gates.
        pack: The pack.
        last: What the last run found, where `gates` compares with it.
    """
    joined = _with_before(projects, last)
    crossing = joined.filter(reduce(or_, _crossed(gates, pack), pl.lit(False)))
    counts = joined.select(pl.len(), pl.col(_BEFORE).count().alias("compared"))
    count, crossed, worst, first = pl.collect_all(
        [counts, crossing.select(pl.len()), _worst(crossing if gates.any else joined), joined.head(MOST)],
        engine="streaming",
    )
    scored, compared = count.row(0)
    listed, all_of_them = _listed(worst, gates, pack), _listed(first, gates, pack)
    return Verdict(
        scored=scored,
        crossing=crossed.item(),
        compared=compared,
        worst=listed if gates.any else [],
        shown=all_of_them if scored <= MOST else listed,
    )


def project_columns(key: str | None) -> list[pl.Expr]:
    """Give the columns of a scored table that `judge` looks at.

    Args:
        key: The column of names, if there is one.
    """
    named = pl.lit(None, pl.String) if key is None else pl.col(key).cast(pl.String)
    return [named.alias(KEY), pl.col(PROBABILITY), pl.col(LEVEL), pl.col(FINDINGS)]


def _with_before(projects: pl.LazyFrame, last: LastRun | None) -> pl.LazyFrame:
    if last is None:
        return projects.with_columns(pl.lit(None, pl.Float64).alias(_BEFORE))
    known = last.found.lazy().rename({KEY: _MATCHED})
    matched = projects.with_columns(unescaped(KEY).alias(_MATCHED))
    return matched.join(known, on=_MATCHED, how="left", maintain_order="left").drop(_MATCHED)


def _worst(projects: pl.LazyFrame) -> pl.LazyFrame:
    """Give the most likely to fail; of equal ones, those that stand first."""
    order = [PROBABILITY, TABLE, ROW]
    worst = projects.top_k(MOST, by=order, reverse=[False, True, True])
    return worst.sort(order, descending=[True, False, False])


def _listed(frame: pl.DataFrame, gates: Gates, pack: Pack) -> list[Project]:
    return [
        Project(
            table=row[TABLE],
            row=row[ROW],
            key=row[KEY],
            probability=row[PROBABILITY],
            level=row[LEVEL],
            findings=row[FINDINGS].split(),
            crossed=_reasons(gates, pack, row[PROBABILITY], row[LEVEL], row[_BEFORE]),
        )
        for row in frame.iter_rows(named=True)
    ]


def _crossed(gates: Gates, pack: Pack) -> list[pl.Expr]:
    probability = pl.col(PROBABILITY)
    crossed = []
    if gates.above is not None:
        crossed.append(probability > gates.above)
    if gates.level is not None:
        crossed.append(pl.col(LEVEL).is_in(_at_least(gates.level, pack)))
    if gates.rise is not None:
        crossed.append((probability - pl.col(_BEFORE) > gates.rise + _EQUAL).fill_null(False))
    return crossed


def _at_least(level: str, pack: Pack) -> list[str]:
    levels = [one.id for one in pack.risk_levels]
    return levels[levels.index(level) :]


def _reasons(gates: Gates, pack: Pack, probability: float, level: str, before: float | None) -> list[str]:
    """Say which lines a project crossed."""
    found = []
    if gates.above is not None and probability > gates.above:
        found.append(f"{probability:.3f} is above {gates.above:g}")
    if gates.level is not None and level in _at_least(gates.level, pack):
        found.append(f"the risk level is `{level}`")
    if gates.rise is not None and before is not None and probability - before > gates.rise + _EQUAL:
        found.append(f"{probability:.3f} is {probability - before:.3f} above the {before:.3f} of the last run")
    return found
