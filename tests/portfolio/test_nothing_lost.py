"""Scored and rejected rows are all that were read, in every format: rejected are those that `assess` refuses."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeAlias

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskengine import load_pack
from riskengine.assessment.build import BuiltPack
from riskengine.errors import Source
from riskengine.pack.answers import check_value, number_in
from riskengine.portfolio.score import score_tables
from tests.portfolio.command import SMALL, rows_of

Row: TypeAlias = tuple[str | None, ...]
HEADER = ("project", "users_met", "people", "labels", "note")

LEVELS = st.sampled_from(["never", "once", "monthly", "two", "one", "n/a", "N/A", "", " once ", "Once", "o\u202ence"])
NUMBERS = st.sampled_from(
    [
        "2",
        " 2.5 ",
        "+1e0",
        "1e9",
        "-1",
        "NaN",
        "inf",
        "-Infinity",
        "1_0",
        "0x2",
        "1,5",
        "\uff12",
        "=1+1",
        "1e999",
        ".",
        "2.",
    ]
)
ANYTHING = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
CELLS = st.one_of(LEVELS, NUMBERS, ANYTHING, st.none())
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS, ANYTHING), min_size=1, max_size=12)


@cache
def small_pack() -> BuiltPack:
    return load_pack(SMALL)


def is_sound(row: Row) -> bool:
    """Say whether a single assessment takes the answers of a row."""
    for name, cell in zip(HEADER, row, strict=True):
        question = small_pack().pack.question.get(name)
        if question is not None and cell is not None:
            text = cell.strip()
            value = number_in(text) if question.type == "number" else text
            if isinstance(value, float) and not math.isfinite(value):
                return False
            if check_value(question, value, Source())[1] is not None:
                return False
    return True


def write_csv(rows: Sequence[Row], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *rows])


def write_jsonl(rows: Sequence[Row], path: Path) -> None:
    path.write_text("".join(json.dumps(dict(zip(HEADER, row, strict=True))) + "\n" for row in rows))


def write_parquet(rows: Sequence[Row], path: Path) -> None:
    pl.DataFrame(rows, schema=dict.fromkeys(HEADER, pl.String), orient="row").write_parquet(path)


def write_xlsx(rows: Sequence[Row], path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for number, row in enumerate([HEADER, *rows]):
        for column, cell in enumerate(row):
            if cell:
                sheet.write_string(number, column, cell)
    book.close()


WRITERS: Mapping[str, Callable[[Sequence[Row], Path], None]] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
    "xlsx": write_xlsx,
}


@pytest.mark.parametrize("kind", WRITERS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=ROWS)
def test_each_row_is_scored_or_rejected_as_a_single_assessment_would_have_it(
    cells: list[Row], kind: str, tmp_path: Path
) -> None:
    rows = [(f"P{number}", *row) for number, row in enumerate(cells, start=1)]
    table, out = tmp_path / f"p.{kind}", tmp_path / "s.csv"
    WRITERS[kind](rows, table)
    done = score_tables([table], out, small_pack(), small_pack().prior)
    sound = [row[0] for row in rows if is_sound(row)]
    assert (done.read, done.scored, done.rejected) == (len(rows), len(sound), len(rows) - len(sound))
    assert [row["project"] for row in rows_of(out)] == sound
    rejected = {f"P{row['row']}" for row in rows_of(done.rejects)} if done.rejected else set()
    assert rejected == {row[0] for row in rows} - set(sound)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(ANYTHING, min_size=1, max_size=4), min_size=1, max_size=10))
def test_rows_of_any_length_are_all_accounted_for(rows: list[list[str]], tmp_path: Path) -> None:
    table, out = tmp_path / "p.csv", tmp_path / "s.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("project", "users_met"), *(("P", *row) for row in rows)])
    done = score_tables([table], out, small_pack(), small_pack().prior)
    assert done.scored + done.rejected == done.read == len(rows)
