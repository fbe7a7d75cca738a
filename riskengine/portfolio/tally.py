"""What each chunk of a scored table adds to the report: sums over its projects, and those of them to be named.

Kept in the work folder like the output itself, so that a run that goes on reports what an undisturbed one would, and
that the memory a report takes does not grow with the table. All sums of a chunk are added up in the order of its rows.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np
import polars as pl

from riskengine.assessment.model_file import terms_of
from riskengine.pack.model import Pack
from riskengine.portfolio.avoided import Avoided
from riskengine.portfolio.cells import Cells
from riskengine.portfolio.departments import LEVEL, with_levels
from riskengine.portfolio.expressions import Scorer
from riskengine.portfolio.failures import MOST_EXACT, Floats
from riskengine.portfolio.gates import LastRun
from riskengine.portfolio.reading.table import ROW
from riskengine.portfolio.work import Work
from riskengine.portfolio.writing.harmless import unescaped

__all__ = ["BINS", "MOST_LISTED", "MOST_MOVED", "Marked", "Tally", "TallyStream", "first_of"]

MOST_LISTED = 50
"""Projects that a report lists, the worst of them."""

MOST_MOVED = 12
"""Projects that a report lists as risen, fallen, new or gone."""

BINS = 1_000
"""Equal bins of the probability in which projects are counted."""

_FILES = ("report.sums", "report.listed", "report.chances", "report.met")
_LISTS = {"worst": MOST_LISTED, "risen": MOST_MOVED, "fallen": MOST_MOVED, "new": MOST_MOVED}
_BOUNDS = ("answers_low", "answers_high", "model_low", "model_high")
_MOST_OF_A_NAME = 200
_MOST_MONEY = 1e15
_YES = ("yes", "true", "1")
# what two runs of the same may differ by
_EQUAL = 1e-12

_P, _BUDGET, _BEFORE, _LOG_ODDS = (pl.col(name) for name in ("failure_probability", "budget", "before", "log_odds"))


@dataclass(frozen=True, slots=True)
class Marked:
    """The columns of a table, beside the answers, that a report reads.

    Attributes:
        key: The projects' names.
        budget: What each costs.
        synthetic: Whether a project is made up.
    """

    key: str | None
    budget: str | None
    synthetic: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """What all chunks added.

    Attributes:
        sums: Sums by name; what is not there is 0.
        listed: Rows of projects to be named, for `first_of` to choose from.
        chances: The probability of each project while there are at most `MOST_EXACT`, else none.
        met: Which projects of the last run are in this one.
    """

    sums: Mapping[str, float]
    listed: pl.DataFrame
    chances: Floats
    met: Sequence[int]


class TallyStream:
    """Writes what chunks add into a work folder, and adds it up at the end."""

    def __init__(self, work: Work, scorer: Scorer, cells: Cells, marked: Marked, last: LastRun | None) -> None:
        """Begin.

        Args:
            work: The work folder.
            scorer: The compiled pack and model.
            cells: How the table's cells are read.
            marked: The columns that a report reads.
            last: What the last run found, if there was one.
        """
        pack = scorer.built.pack
        self._work, self._pack, self._cells, self._marked = work, pack, cells, marked
        self._model, self._base, self._moderation = scorer.model, scorer.base, scorer.model.moderation
        weighed = terms_of(pack).areas
        self._areas = [area for area, _ in pack.areas if area in weighed]
        self._avoided = Avoided(scorer.built, scorer.model)
        self._last = None if last is None else last.found.with_row_index("met")
        self._sums = [*_of_all(), *_of_levels(pack), *_of_ends(pack), *_of_areas(self._areas), *_of_changes(pack)]

    def parts(self, number: int, rows: pl.DataFrame, scored: pl.DataFrame) -> Mapping[str, bytes]:
        """Give what a chunk adds to each stream.

        Args:
            number: Which of the tables it is of.
            rows: Its rows as `Cells.read` gives them, without those that are wrong.
            scored: The same rows with their results.
        """
        projects = self._projects(number, scored)
        sums = dict(projects.select(self._sums).row(0, named=True)) | dict(_binned(projects))
        for rule, one in self._avoided.of(rows, self._cells, projects["log_odds"]).items():
            sums |= {f"projects {rule}": one.projects, f"avoided {rule}": one.avoided}
        met = projects["met"].drop_nulls().unique().sort().cast(pl.Int64)
        few = sum(step.scored for step in self._work.steps) <= MOST_EXACT
        contents = (
            json.dumps({name: value for name, value in sums.items() if value}).encode() + b"\n",
            self._listed(projects),
            projects["failure_probability"].to_numpy().tobytes() if few else b"",
            met.to_numpy().tobytes(),
        )
        return dict(zip(_FILES, contents, strict=True))

    def total(self) -> Tally:
        """Add up what all chunks added."""
        sums, listed, chances, met = (self._work.path(name) for name in _FILES)
        lines = [json.loads(line) for line in sums.read_text("utf-8").splitlines()]
        names = dict.fromkeys(name for line in lines for name in line)
        total = {name: math.fsum(line.get(name, 0.0) for line in lines) for name in names}
        exact = total.get("projects", 0) <= MOST_EXACT
        schema = self._listed_schema()
        return Tally(
            sums=total,
            listed=pl.read_ndjson(listed, schema=schema) if listed.stat().st_size else pl.DataFrame(schema=schema),
            chances=np.fromfile(chances, np.float64) if exact else np.empty(0),
            met=np.fromfile(met, np.int64).tolist(),
        )

    def _projects(self, number: int, scored: pl.DataFrame) -> pl.DataFrame:
        """Give what the report looks at, one row a project."""
        levels = [LEVEL] if self._model.departments else []
        if levels:
            scored = with_levels(nw.from_native(scored), self._model, self._cells.department).to_native()
        parts = [*levels, *(f"area_{area}" for area in self._areas)]
        log_odds = pl.sum_horizontal(pl.lit(self._base), *parts) * self._moderation
        projects = scored.select(
            pl.lit(number, pl.Int64).alias("table"),
            pl.col(ROW).cast(pl.Int64).alias("row"),
            _text(self._marked.key).alias("key"),
            _money(self._marked.budget).alias("budget"),
            _is_yes(self._marked.synthetic).alias("synthetic"),
            log_odds.alias("log_odds"),
            "failure_probability",
            *_BOUNDS,
            "risk_level",
            "top_finding",
            "answered_share",
            *(f"end_{end.id}" for end in self._pack.ends),
            *(self._points(area, log_odds) for area in self._areas),
        )
        if self._last is None:
            return projects.with_columns(pl.lit(None, pl.Float64).alias("before"), pl.lit(None, pl.Int64).alias("met"))
        known = self._last.rename({"key": "matched"})
        matched = projects.with_columns(unescaped("key").alias("matched"))
        return matched.join(known, on="matched", how="left", maintain_order="left").drop("matched")

    def _points(self, area: str, log_odds: pl.Expr) -> pl.Expr:
        """Give what an area adds to the probability: what that is, less what it is if the area adds nothing."""
        without = log_odds - pl.col(f"area_{area}") * self._moderation
        return (_P - 1 / (1 + (-without).exp())).alias(f"area_{area}")

    # --- the projects that are named ----------------------------------------------------------------------

    def _listed(self, projects: pl.DataFrame) -> bytes:
        shown = projects.with_columns(pl.col("key").str.len_chars().cast(pl.Int64).alias("length"))
        lists = list(_LISTS) if self._last is not None else ["worst"]
        chosen = pl.concat([first_of(shown, which) for which in lists])
        chosen = chosen.unique(["table", "row"]).sort("table", "row")
        out = io.BytesIO()
        cut = chosen.with_columns(pl.col("key").str.slice(0, _MOST_OF_A_NAME))
        cut.select(*self._listed_schema()).write_ndjson(out)
        return out.getvalue()

    def _listed_schema(self) -> Mapping[str, pl.DataType]:
        return {
            **dict.fromkeys(("table", "row", "length"), pl.Int64()),
            **dict.fromkeys(("key", "top_finding"), pl.String()),
            **dict.fromkeys(("failure_probability", "budget", "before", "answered_share", *_BOUNDS), pl.Float64()),
            **dict.fromkeys((f"area_{area}" for area in self._areas), pl.Float64()),
        }


def first_of(projects: pl.DataFrame, which: str) -> pl.DataFrame:
    """Give the first projects of a list: the worst, those that rose or fell most, the worst of the new ones.

    Args:
        projects: Projects, with the columns of `Tally.listed`.
        which: `worst`, `risen`, `fallen` or `new`.
    """
    chosen, order = {
        "worst": (pl.lit(True), -_P),
        "risen": (_P > _BEFORE + _EQUAL, _BEFORE - _P),
        "fallen": (_P < _BEFORE - _EQUAL, _P - _BEFORE),
        "new": (_BEFORE.is_null() & pl.col("key").is_not_null(), -_P),
    }[which]
    return projects.filter(chosen).sort(order, "table", "row").head(_LISTS[which])


# --- the columns of the table ------------------------------------------------------------------------------


def _text(column: str | None) -> pl.Expr:
    return pl.lit(None, pl.String) if column is None else pl.col(column).cast(pl.String)


def _money(column: str | None) -> pl.Expr:
    """Read a budget; what is no number that a budget can be is none."""
    value = _text(column).str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(value.is_between(0, _MOST_MONEY)).then(value)


def _is_yes(column: str | None) -> pl.Expr:
    return _text(column).str.strip_chars().str.to_lowercase().is_in(_YES).fill_null(False)


# --- sums --------------------------------------------------------------------------------------------------


def _binned(projects: pl.DataFrame) -> Iterator[tuple[str, int]]:
    places = projects.select((_P * BINS).floor().cast(pl.Int64).clip(0, BINS - 1).alias("place"))
    for place, many in places["place"].value_counts().sort("place").iter_rows():
        yield f"bin {place}", many


def _of_all() -> Iterator[pl.Expr]:
    yield pl.len().alias("projects")
    yield pl.col("synthetic").sum()
    yield _P.sum().alias("expected")
    yield (_P * (1 - _P)).sum().alias("variance")
    yield (_P * (1 - _P) * (1 - 2 * _P)).sum().alias("third")
    for bound in _BOUNDS:
        yield pl.col(bound).sum()
        yield (pl.col(bound) * _BUDGET).sum().alias(f"money {bound}")
    yield pl.col("answered_share").sum()
    yield _BUDGET.count().alias("budgets")
    yield _BUDGET.sum()
    yield (_P * _BUDGET).sum().alias("money")


def _of_levels(pack: Pack) -> Iterator[pl.Expr]:
    for level in pack.risk_levels:
        here = pl.col("risk_level") == level.id
        yield here.sum().alias(f"level {level.id}")
        yield _P.filter(here).sum().alias(f"level expected {level.id}")
        yield (_P * _BUDGET).filter(here).sum().alias(f"level money {level.id}")


def _of_ends(pack: Pack) -> Iterator[pl.Expr]:
    for end in pack.ends:
        share = pl.col(f"end_{end.id}")
        yield share.sum().alias(f"end {end.id}")
        yield (share * _BUDGET).sum().alias(f"end money {end.id}")


def _of_areas(areas: Sequence[str]) -> Iterator[pl.Expr]:
    return (pl.col(f"area_{area}").sum().alias(f"area {area}") for area in areas)


def _of_changes(pack: Pack) -> Iterator[pl.Expr]:
    known = _BEFORE.is_not_null()
    yield pl.col("key").null_count().alias("unnamed")
    yield _BEFORE.count().alias("compared")
    yield _BEFORE.sum().alias("expected before")
    yield _P.filter(known).sum().alias("expected after")
    yield (_P > _BEFORE + _EQUAL).sum().alias("risen")
    yield (_P < _BEFORE - _EQUAL).sum().alias("fallen")
    starts = [level.start for level in pack.risk_levels]
    for level, start, end in zip(pack.risk_levels, starts, [*starts[1:], math.inf], strict=True):
        was = _BEFORE.is_between(start, end, closed="left")
        for now in pack.risk_levels:
            yield (was & (pl.col("risk_level") == now.id)).sum().alias(f"crossed {level.id} {now.id}")
