"""Projects as frames of each kind that the columnar executor is tried on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import narwhals as nw
import polars as pl

from riskengine.assessment.result import Assessment
from riskengine.logic.conditions import NOT_APPLICABLE, Value
from riskengine.pack.model import Pack, Question

__all__ = ["ROW", "WITHIN", "columns_of", "flags_of", "kinds", "numbers", "polars_frame", "rows_of"]

WITHIN = 1e-12
"""How far numbers may be from those of the forward executor."""

ROW = "row"
"""The column by which rows are put in order again: not all backends keep it."""


def columns_of(pack: Pack) -> dict[str, str]:
    """Name the column of each question."""
    return {question.id: question.id for question in pack.questions}


def flags_of(pack: Pack) -> dict[str, str]:
    """Name the columns that say of a number that it does not apply."""
    return {one.id: f"{one.id}_na" for one in pack.questions if one.type == "number" and one.may_not_apply}


def polars_frame(pack: Pack, projects: Sequence[Mapping[str, Value]]) -> pl.DataFrame:
    """Put answers into a frame."""
    held = [_series(question, [project.get(question.id) for project in projects]) for question in pack.questions]
    flags = [
        pl.Series(flag, [project.get(question) is NOT_APPLICABLE for project in projects], dtype=pl.Boolean)
        for question, flag in flags_of(pack).items()
    ]
    return pl.DataFrame([pl.Series(ROW, range(len(projects)), dtype=pl.Int64), *held, *flags])


def _series(question: Question, values: Sequence[Value]) -> pl.Series:
    if question.type == "number":
        numbers = [value if isinstance(value, float) else None for value in values]
        return pl.Series(question.id, numbers, dtype=pl.Float64)
    texts = ["n/a" if value is NOT_APPLICABLE else value for value in values]
    return pl.Series(question.id, texts, dtype=pl.String)


def kinds() -> dict[str, Any]:
    """Give what turns a Polars frame into a frame of each kind."""
    return {
        "polars": lambda frame: frame,
        "polars lazy": lambda frame: frame.lazy(),
        "duckdb": lambda frame: duckdb.from_arrow(frame.to_arrow()),
        "pyarrow": lambda frame: frame.to_arrow(),
    }


def rows_of(frame: nw.DataFrame[Any] | nw.LazyFrame[Any], columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """Give these columns of a frame of any kind, in the order of the rows."""
    chosen = frame.select(ROW, *columns)
    table = (chosen.collect("pyarrow") if isinstance(chosen, nw.LazyFrame) else chosen).to_arrow()
    ordered = pl.DataFrame(pl.from_arrow(table)).sort(ROW)
    return ordered.drop(ROW).rows()


def numbers(result: Assessment) -> dict[str, float]:
    """Give the numbers of an assessment by the columns of a table."""
    return {
        "failure_probability": result.probability,
        "answers_low": result.range.answers[0],
        "answers_high": result.range.answers[1],
        "model_low": result.range.model[0],
        "model_high": result.range.model[1],
        **{f"end_{end}": share for end, share in result.ends.items()},
        **{f"area_{area}": one.score for area, one in result.areas.items()},
        "answered_share": result.answered_share,
    }
