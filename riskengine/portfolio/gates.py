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
    "EQUAL",
    "MOST",
    "TABLE",
    "Gates",
    "LastRun",
    "Project",
    "Verdict",
    "check_gates",
    "judge",
    "levels_from",
    "project_columns",
    "read_last_run",
    "reasons",
]

MAX_NAME = 200
MOST = 1_000
"""Projects that are listed at most, the worst of them; all are counted."""

TABLE = f"{PREFIX}table"
"""The column that says which of the tables a row is of."""

KEY, PROBABILITY, LEVEL, FINDINGS = "key", "failure_probability", "risk_level", "findings"
_BEFORE, _MATCHED = "before", "matched"
EQUAL = 1e-12
"""What two runs of the same may differ by."""


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
        key: Its name, if it has one; the beginning of a long one.
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


def check_gates(gates: Gates, pack: Pack, *, is_reported: bool = False) -> None:
    """Refuse gates that cannot be kept.

    Args:
        gates: The gates.
        pack: The pack.
        is_reported: Whether a report says what changed since the last run.

    Raises:
        ProblemError: RE-804 for a number out of range, RE-809 for an option that lacks another one, RE-811 for an
            unknown risk level.
    """
    wrong = [
        Problem("RE-804", f"`{value:g}` is no probability", _from_0_to_1(value), Source(field=option), f"{value:g}")
        for option, value in (("--fail-above", gates.above), ("--max-rise", gates.rise))
        if value is not None and not 0 <= value <= 1
    ]
    levels = [level.id for level in pack.risk_levels]
    if gates.level is not None and gates.level not in levels:
        message = f"there is no risk level `{shorten(gates.level)}`"
        wrong.append(
            Problem("RE-811", message, nearest(gates.level, levels), Source(field="--fail-level"), gates.level)
        )
    if (gates.rise is None) != (gates.against is None) and not (is_reported and gates.rise is None):
        option, other = ("--against", "--max-rise") if gates.rise is None else ("--max-rise", "--against")
        message = f"`{option}` says nothing without `{other}`"
        wrong.append(Problem("RE-809", message, "give both, or neither", Source(field=option)))
    if wrong:
        raise ProblemError(wrong)


def _from_0_to_1(value: float) -> str:
    percent = f"; did you mean {value / 100:g}?" if 1 < value <= 100 else ""
    return f"a number from 0 to 1{percent}"


def read_last_run(path: Path, key: str) -> LastRun:
    """Read what the last run found.

    Args:
        path: Its output.
        key: The column of names.

    Raises:
        ProblemError: RE-415 if it lacks a column, has a row without a probability, or a name stands twice; and for
            all that keeps a table or one of its rows from being read.
    """

    def refused(message: str, help: str, column: str) -> ProblemError:
        return ProblemError(Problem("RE-415", message, help, Source(str(path), field=column)))

    (table,) = open_tables([path], Wanted())
    for column in (key, PROBABILITY):
        if column not in table.schema:
            help = nearest(column, list(table.schema)) or "give the output of an earlier run"
            raise refused(f"the last run has no column `{column}`", help, column)
    chosen = [pl.col(key).cast(pl.String).alias(KEY), pl.col(PROBABILITY).cast(pl.Float64, strict=False).alias(_BEFORE)]
    frames = [pl.DataFrame(schema={ROW: pl.Int64, KEY: pl.String, _BEFORE: pl.Float64})]
    for chunk in table.chunks(START):
        if chunk.broken:
            raise ProblemError(chunk.broken[:1])
        frames.append(chunk.frame.select(ROW, *chosen))
    found = pl.concat(frames)
    improbable = found.filter(~pl.col(_BEFORE).is_between(0, 1).fill_null(False))
    if improbable.height:
        message = f"row {improbable[ROW][0]} of the last run has no probability"
        raise refused(message, "give the output of an earlier run", PROBABILITY)
    found = found.select(KEY, _BEFORE).with_columns(unescaped(KEY)).drop_nulls(KEY)
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
            key=_shown(row[KEY]),
            probability=row[PROBABILITY],
            level=row[LEVEL],
            findings=row[FINDINGS].split(),
            crossed=reasons(gates, pack, row[PROBABILITY], row[LEVEL], row[_BEFORE]),
        )
        for row in frame.iter_rows(named=True)
    ]


def _shown(name: str | None) -> str | None:
    return name if name is None or len(name) <= MAX_NAME else f"{name[:MAX_NAME]}\u2026"


def _crossed(gates: Gates, pack: Pack) -> list[pl.Expr]:
    probability = pl.col(PROBABILITY)
    crossed = []
    if gates.above is not None:
        crossed.append(probability > gates.above)
    if gates.level is not None:
        crossed.append(pl.col(LEVEL).is_in(levels_from(gates.level, pack)))
    if gates.rise is not None:
        crossed.append((probability - pl.col(_BEFORE) > gates.rise + EQUAL).fill_null(False))
    return crossed


def levels_from(level: str, pack: Pack) -> list[str]:
    """Give a risk level and those above it."""
    levels = [one.id for one in pack.risk_levels]
    return levels[levels.index(level) :]


def reasons(gates: Gates, pack: Pack, probability: float, level: str, before: float | None) -> list[str]:
    """Say which lines a project crossed.

    Args:
        gates: The gates.
        pack: The pack.
        probability: How likely it is to fail.
        level: Its risk level.
        before: How likely that was in the last run, if that knew the project.
    """
    found = []
    if gates.above is not None and probability > gates.above:
        found.append(f"{probability:.3f} is above {gates.above:g}")
    if gates.level is not None and level in levels_from(gates.level, pack):
        found.append(f"the risk level is `{level}`")
    if gates.rise is not None and before is not None and probability - before > gates.rise + EQUAL:
        found.append(f"{probability:.3f} is {probability - before:.3f} above the {before:.3f} of the last run")
    return found
