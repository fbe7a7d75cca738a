"""Frames of each kind that `riskengine.score` takes, made from Arrow and read back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

__all__ = ["HERE", "KINDS", "LAZY", "ON_SPARK", "SPARK", "made", "read"]


def _dask(table: pa.Table) -> Any:
    import dask.dataframe

    nullable = table.to_pandas().convert_dtypes(dtype_backend="numpy_nullable")
    return dask.dataframe.from_pandas(nullable, npartitions=2)


_MADE: dict[str, Callable[[pa.Table], Any]] = {
    "polars": pl.from_arrow,
    "polars lazy": lambda table: pl.DataFrame(pl.from_arrow(table)).lazy(),
    "duckdb": duckdb.from_arrow,
    "pyarrow": lambda table: table,
    "pandas": lambda table: table.to_pandas(),
    "pandas nullable": lambda table: table.to_pandas().convert_dtypes(dtype_backend="numpy_nullable"),
    "pandas arrow": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "dask": _dask,
}
HERE = tuple(_MADE)
SPARK = ("spark", "connect")
ON_SPARK = tuple(pytest.param(kind, marks=pytest.mark.slow) for kind in SPARK)
KINDS = (*HERE, *ON_SPARK)
LAZY = ("polars lazy", "duckdb", "dask", *ON_SPARK)


def made(kind: str, table: pa.Table, request: pytest.FixtureRequest) -> Any:
    """Give a frame of this kind."""
    if kind in SPARK:
        return request.getfixturevalue(kind).createDataFrame(table)
    return _MADE[kind](table)


def read(frame: Any, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Give the rows of a frame of any kind; what pandas calls NaN is null."""
    if isinstance(frame, pa.Table):
        return (frame.select(columns) if columns else frame).to_pylist()
    if type(frame).__module__.startswith("pyspark"):
        return [row.asDict() for row in (frame.select(*columns) if columns else frame).collect()]
    if type(frame).__module__.startswith("dask"):
        frame = frame.compute()
    if isinstance(frame, pd.DataFrame):
        kept = frame[list(columns)] if columns else frame
        return [{k: None if pd.isna(v) else v for k, v in row.items()} for row in kept.to_dict("records")]
    given: Any = nw.from_native(frame)
    eager = given.collect("pyarrow") if isinstance(given, nw.LazyFrame) else given
    rows: list[dict[str, Any]] = (eager.select(*columns) if columns else eager).to_arrow().to_pylist()
    return rows
