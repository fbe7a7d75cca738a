"""Parquet written part by part and joined by its footers: one sound file to every reader, statistics and all."""

from __future__ import annotations

import datetime
import decimal
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from riskengine.portfolio.reading.table import START
from riskengine.portfolio.work import Step, Work
from riskengine.portfolio.writing.parquet_parts import MAGIC, join_footers, parts_of
from riskengine.portfolio.writing.streams import ParquetStream
from riskengine.portfolio.writing.thrift import read_struct, write_struct

KINDS: Mapping[str, tuple[pl.DataType, Sequence[Any]]] = {
    "number": (pl.Float64(), [0.5, None, float("inf"), -1.0]),
    "whole": (pl.Int64(), [1, None, 2**60, -5]),
    "text": (pl.String(), ["a", None, "", "\U0001f600" * 40]),
    "level": (pl.Categorical(), ["low", None, "high", "low"]),
    "fixed": (pl.Enum(["low", "high"]), ["high", None, "low", "low"]),
    "flag": (pl.Boolean(), [True, None, False, True]),
    "day": (pl.Date(), [datetime.date(2026, 1, 2), None, datetime.date(1066, 1, 1), datetime.date(2026, 1, 2)]),
    "money": (pl.Decimal(20, 2), [decimal.Decimal("1.50"), None, decimal.Decimal("-2"), decimal.Decimal("0.01")]),
    "tags": (pl.List(pl.String()), [["a", None], None, [], ["b"]]),
    "deep": (pl.Struct({"x": pl.List(pl.Int64()), "y": pl.String()}), [{"x": [1], "y": "z"}, None, {"x": None}, {}]),
    "nothing": (pl.Null(), [None, None, None, None]),
}
SCHEMA = {name: kind for name, (kind, _) in KINDS.items()}


def part(rows: Sequence[int]) -> pl.DataFrame:
    """Make a frame of the rows that have these numbers."""
    columns = {name: [values[row] for row in rows] for name, (_, values) in KINDS.items()}
    return pl.DataFrame(columns, schema=SCHEMA)


def joined(parts: Sequence[pl.DataFrame], path: Path) -> pl.DataFrame:
    """Write parts into one file, and give what should be in it."""
    work = Work(path, {}, resume=False)
    stream = ParquetStream(work, "output")
    for frame in parts:
        work.add(Step(0, START, frame.height, 0), stream.parts(frame))
    stream.end()
    work.finish({"output": path}, [])
    return pl.concat(parts)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.lists(st.integers(0, 3), max_size=4), min_size=1, max_size=5))
def test_all_readers_find_the_rows_of_all_parts(parts: list[list[int]], tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    expected = joined([part(rows) for rows in parts], path)
    assert_frame_equal(pl.read_parquet(path), expected, categorical_as_str=True)
    arrow = pyarrow.parquet.read_table(path)
    arrow.validate(full=True)
    # as arrow's other readers of the same rows have them
    whole = tmp_path / "whole.parquet"
    expected.write_parquet(whole)
    assert arrow.schema.equals(pyarrow.parquet.read_schema(whole), check_metadata=True)
    assert arrow.to_pylist() == pyarrow.parquet.read_table(whole).to_pylist()
    ducks = [duckdb.sql(f"select * from '{one}'").fetchall() for one in (path, whole)]
    assert ducks[0] == ducks[1]


def test_a_joined_file_says_of_its_parts_what_they_said_themselves(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    rows = [[0, 1], [], [2, 3, 1], [1, 1]]
    joined([part(one) for one in rows], path)
    metadata = pyarrow.parquet.ParquetFile(path).metadata
    assert (metadata.num_rows, metadata.num_row_groups) == (7, 3)
    for group, one in enumerate([part(one) for one in rows if one]):
        alone = tmp_path / "alone.parquet"
        one.write_parquet(alone)
        itself = pyarrow.parquet.ParquetFile(alone).metadata.row_group(0)
        found = metadata.row_group(group)
        assert (found.num_rows, found.total_byte_size) == (itself.num_rows, itself.total_byte_size)
        for place in range(itself.num_columns):
            here, there = found.column(place), itself.column(place)
            assert (here.statistics and here.statistics.to_dict()) == (there.statistics and there.statistics.to_dict())
            assert here.encodings == there.encodings
            # a part's index says where its pages are in the part; readers that follow it would read something else
            assert there.has_offset_index
            assert (here.has_offset_index, here.has_column_index) == (False, False)


@pytest.mark.parametrize("writer", ["polars", "pyarrow", "duckdb"])
def test_a_footer_that_is_read_and_written_has_the_same_bytes(writer: str, tmp_path: Path) -> None:
    path, frame = tmp_path / "s.parquet", part([0, 1, 2, 3] * 50)
    if writer == "polars":
        frame.write_parquet(path)
    elif writer == "pyarrow":
        pyarrow.parquet.write_table(frame.to_arrow(), path, row_group_size=30, write_page_index=True)
    else:
        options = "format parquet, bloom_filter_false_positive_ratio 0.1"
        duckdb.sql(f"copy (select * exclude nothing from frame) to '{path}' ({options})")
    _, footer = parts_of(path.read_bytes())
    assert write_struct(read_struct(footer)) == footer


def test_readers_that_skip_row_groups_by_their_statistics_skip_the_right_ones(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    frames = [pl.DataFrame({"n": range(start, start + 1000), "t": [f"{start:06}"] * 1000}) for start in (0, 1000, 2000)]
    joined(frames, path)
    assert pl.scan_parquet(path).filter(pl.col("n") == 1500).collect().rows() == [(1500, "001000")]
    assert duckdb.sql(f"select n, t from '{path}' where n = 2999").fetchall() == [(2999, "002000")]
    assert pyarrow.parquet.read_table(path, filters=[("t", "=", "001000")]).num_rows == 1000
    said = f"select row_group_id, stats_min_value, stats_max_value from parquet_metadata('{path}')"
    bounds = duckdb.sql(f"{said} where path_in_schema = 'n'").fetchall()
    assert bounds == [(0, "0", "999"), (1, "1000", "1999"), (2, "2000", "2999")]


@pytest.mark.slow
def test_more_row_groups_than_two_bytes_can_count_are_one_file(tmp_path: Path) -> None:
    path, out, many = tmp_path / "s.parquet", io.BytesIO(), 33_000
    pl.DataFrame({"n": [7]}).write_parquet(out)
    inside, footer = parts_of(out.getvalue())
    footers = join_footers((number * len(inside), footer) for number in range(many))
    path.write_bytes(MAGIC + inside * many + footers)
    assert pl.read_parquet(path)["n"].sum() == 7 * many
    assert duckdb.sql(f"select count(*), sum(n) from '{path}'").fetchall() == [(many, 7 * many)]
