"""The report of a scored table: what its tally says, in the words of the pack."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import polars as pl

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import Model, terms_of
from riskengine.errors import Problem, ProblemError, Source, nearest
from riskengine.pack.model import Rule
from riskengine.portfolio.failures import Moments, approximate, bounds, poisson_binomial
from riskengine.portfolio.gates import LastRun
from riskengine.portfolio.tally import BINS, MOST_MOVED, Marked, Tally, first_of
from riskengine.reports.foundation import foundation_of
from riskengine.reports.portfolio_page import (
    Area,
    Change,
    Crossing,
    Distribution,
    End,
    Gone,
    Level,
    Listed,
    Money,
    PortfolioReport,
    SharedFinding,
)
from riskengine.reports.text import Name, name_of

__all__ = ["ReportedRun", "marked_columns", "report_of"]

MOST_SHARED = 20
MOST_PROTECTIVE = 8
SHOWN_BINS = 20
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SYNTHETIC = ("made_up", "synthetic")
"""Columns by which a table says that its projects are made up."""


@dataclass(frozen=True, slots=True)
class ReportedRun:
    """The run that a report is about.

    Attributes:
        tables: The tables.
        rejects: The file of rejects.
        rejected: How many rows are in it.
        built: The pack.
        model: The model.
        base_rate: The reader's own base rate.
        marked: The columns that the report reads.
        last: What the last run found.
    """

    tables: Sequence[Path]
    rejects: Path
    rejected: int
    built: BuiltPack
    model: Model
    base_rate: float | None
    marked: Marked
    last: LastRun | None


def marked_columns(
    schema: Mapping[str, pl.DataType], answers: Sequence[str], key: str | None, budget: str | None, table: Path
) -> Marked:
    """Find the columns that a report reads.

    Args:
        schema: The columns of the table.
        answers: Those of them that hold answers.
        key: The column of names.
        budget: The column that the reader names as that of budgets; by default the first that is called so, holds
            numbers or text, and no answers.
        table: The table.

    Raises:
        ProblemError: RE-417 if the column that the reader names is not there, or can't hold budgets.
    """
    if budget is not None and not _holds_numbers(schema.get(budget)):
        missing = budget not in schema
        message = (
            f"there is no column `{budget}`" if missing else f"the column `{budget}` holds neither numbers nor text"
        )
        help = nearest(budget, list(schema)) if missing else None
        help = help or "`--budget` names a column of numbers as the header does"
        raise ProblemError(Problem("RE-417", message, help, Source(str(table), field="--budget"), budget))
    others = [name for name in schema if name not in answers]
    named = [name for name in others if name.strip().lower().startswith("budget") and _holds_numbers(schema[name])]
    synthetic = [name for name in others if name.strip().lower() in SYNTHETIC]
    return Marked(key, budget or next(iter(named), None), next(iter(synthetic), None))


def _holds_numbers(held: pl.DataType | None) -> bool:
    return held is not None and (held.is_numeric() or isinstance(held, pl.String))


def report_of(tally: Tally, run: ReportedRun) -> PortfolioReport:
    """Put together what the report of a run shows.

    Args:
        tally: What its chunks added up to.
        run: The run.
    """
    return _Gathering(tally, run).report()


class _Gathering:
    """A report in the making."""

    def __init__(self, tally: Tally, run: ReportedRun) -> None:
        self._tally, self._run = tally, run
        self._pack = run.built.pack
        weighed = terms_of(self._pack).areas
        self._areas = [area for area, _ in self._pack.areas if area in weighed]
        self._projects = int(self._sum("projects"))
        self._levels = self._each_level()

    def _sum(self, name: str) -> float:
        return self._tally.sums.get(name, 0.0)

    def report(self) -> PortfolioReport:
        run, pack = self._run, self._pack
        titles = dict(pack.areas)
        shared = self._findings()
        return PortfolioReport(
            tables=[name_of(path.name) for path in run.tables],
            read=self._projects + run.rejected,
            rejected=run.rejected,
            rejects=name_of(run.rejects.name),
            projects=self._projects,
            synthetic=int(self._sum("synthetic")),
            synthetic_column=None if run.marked.synthetic is None else name_of(run.marked.synthetic),
            expected=self._sum("expected"),
            by_model=(self._sum("model_low"), self._sum("model_high")),
            by_answers=(self._sum("answers_low"), self._sum("answers_high")),
            distribution=self._distribution() if self._projects else None,
            money=self._money(),
            levels=self._levels[::-1],
            quantiles=self._quantiles(),
            bins=self._bins(),
            worst=[self._listed(row) for row in self._rows("worst")],
            areas=[Area(titles[area], self._mean(100 * self._sum(f"area {area}"))) for area in self._areas],
            shared=[one for one in shared if one.avoided > 0][:MOST_SHARED],
            protective=[one for one in reversed(shared) if one.avoided < 0][:MOST_PROTECTIVE],
            ends=[
                End(end.title, end.means, self._sum(f"end {end.id}"), self._sum(f"end money {end.id}"))
                for end in pack.ends
            ],
            change=None if run.last is None else self._change(run.last),
            answered=self._mean(self._sum("answered_share")),
            foundation=foundation_of(run.built, run.model, run.base_rate),
        )

    def _mean(self, total: float) -> float:
        return total / self._projects if self._projects else 0.0

    # --- how many, and how much ---------------------------------------------------------------------------

    def _distribution(self) -> Distribution:
        exact = len(self._tally.chances) == self._projects
        if exact:
            first, chances = 0, poisson_binomial(self._tally.chances)
        else:
            sums = (self._sum(name) for name in ("expected", "variance", "third"))
            first, chances = approximate(Moments(self._projects, *sums))
        return Distribution(first, chances.tolist(), bounds(first, chances), exact)

    def _money(self) -> Money | None:
        column = self._run.marked.budget
        if column is None:
            return None
        known = int(self._sum("budgets"))
        return Money(
            column=column,
            unit=_unit(column),
            known=known,
            missing=self._projects - known,
            total=self._sum("budget"),
            expected=self._sum("money"),
            model=(self._sum("money model_low"), self._sum("money model_high")),
        )

    # --- where they stand ---------------------------------------------------------------------------------

    def _each_level(self) -> list[Level]:
        levels = self._pack.risk_levels
        ends = [*(level.start for level in levels[1:]), 1.0]
        return [
            Level(
                title=level.title,
                range=(level.start, end),
                place=place / max(len(levels) - 1, 1),
                projects=int(self._sum(f"level {level.id}")),
                expected=self._sum(f"level expected {level.id}"),
                money=self._sum(f"level money {level.id}"),
            )
            for place, (level, end) in enumerate(zip(levels, ends, strict=True))
        ]

    def _level_of(self, probability: float) -> Level:
        return [level for level in self._levels if level.range[0] <= probability][-1]

    def _quantiles(self) -> dict[float, float]:
        """Give the upper end of the bin that a share of the projects has been reached in."""
        reached = list(accumulate(self._sum(f"bin {place}") for place in range(BINS)))
        return {
            share: (sum(many < share * self._projects for many in reached) + 1) / BINS
            for share in QUANTILES
            if self._projects
        }

    def _bins(self) -> list[int]:
        size = BINS // SHOWN_BINS
        return [
            int(sum(self._sum(f"bin {place}") for place in range(start, start + size)))
            for start in range(0, BINS, size)
        ]

    # --- projects that are named --------------------------------------------------------------------------

    def _rows(self, which: str) -> list[dict[str, Any]]:
        return first_of(self._tally.listed, which).to_dicts()

    def _listed(self, row: Mapping[str, Any]) -> Listed:
        top = row["top_finding"]
        return Listed(
            name=_name(row),
            where=self._where(row),
            probability=row["failure_probability"],
            answers=(row["answers_low"], row["answers_high"]),
            model=(row["model_low"], row["model_high"]),
            level=self._level_of(row["failure_probability"]),
            top=None if top is None else self._pack.rule[top].title,
            budget=row["budget"],
            answered=row["answered_share"],
            areas=[100 * row[f"area_{area}"] for area in self._areas],
            before=row["before"],
        )

    def _where(self, row: Mapping[str, Any]) -> str:
        tables = self._run.tables
        of = f" of {tables[row['table']].name}" if len(tables) > 1 else ""
        return f"row {row['row']}{of}"

    # --- what they share ----------------------------------------------------------------------------------

    def _findings(self) -> list[SharedFinding]:
        """Give the findings that fire anywhere, those first whose absence would avoid most."""
        titles = dict(self._pack.areas)
        found = [self._finding(rule, titles[rule.area]) for rule in self._pack.weighed_rules]
        return sorted((one for one in found if one.projects), key=lambda one: -one.avoided)

    def _finding(self, rule: Rule, area: str) -> SharedFinding:
        return SharedFinding(
            id=rule.id,
            title=rule.title,
            area=area,
            why=rule.why,
            advice=rule.advice,
            projects=int(self._sum(f"projects {rule.id}")),
            avoided=self._sum(f"avoided {rule.id}"),
        )

    # --- what changed -------------------------------------------------------------------------------------

    def _change(self, last: LastRun) -> Change:
        compared, unnamed = int(self._sum("compared")), int(self._sum("unnamed"))
        met = pl.Series(sorted(set(self._tally.met)), dtype=pl.UInt32)
        gone = last.found.with_row_index().filter(~pl.col("index").is_in(met.implode()))
        worst = gone.sort("before", "key", descending=[True, False]).head(MOST_MOVED)
        return Change(
            file=name_of(last.path.name),
            key=name_of(self._run.marked.key or ""),
            compared=compared,
            unnamed=unnamed,
            expected=(self._sum("expected before"), self._sum("expected after")),
            risen=int(self._sum("risen")),
            fallen=int(self._sum("fallen")),
            crossings=self._crossings(),
            most_risen=[self._listed(row) for row in self._rows("risen")],
            most_fallen=[self._listed(row) for row in self._rows("fallen")],
            new=self._projects - compared - unnamed,
            worst_new=[self._listed(row) for row in self._rows("new")],
            gone=gone.height,
            worst_gone=[Gone(name_of(key), before) for _, key, before in worst.iter_rows()],
        )

    def _crossings(self) -> list[Crossing]:
        """Give the crossings, those that got worse first."""
        levels = self._pack.risk_levels
        found = [
            Crossing(before.title, after.title, int(self._sum(f"crossed {before.id} {after.id}")), now > was)
            for was, before in enumerate(levels)
            for now, after in enumerate(levels)
            if was != now
        ]
        return sorted((one for one in found if one.projects), key=lambda one: (not one.is_worse, -one.projects))


def _name(row: Mapping[str, Any]) -> Name | None:
    if row["key"] is None or not row["key"].strip():
        return None
    shown = name_of(row["key"])
    # of a long name the tally holds the beginning only
    return shown if row["length"] == len(row["key"]) else Name(shown.text, row["length"])


def _unit(column: str) -> str:
    """Give the currency that the name of a column of budgets ends in.

    Examples:
        >>> _unit("budget_eur"), _unit("Budget (USD)"), _unit("budget"), _unit("budget_2026")
        ('EUR', 'USD', '', '')
    """
    found = re.search(r"(?i)budget\W*_?\W*([a-z]{3})\W*$", column)
    return found[1].upper() if found else ""
