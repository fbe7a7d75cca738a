"""The same projects in every format, in and out, and what each format keeps of the other columns."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from riskengine.portfolio import score as scoring
from riskengine.portfolio.reading import csv_table, jsonl_table, parquet_table, xlsx_table
from tests.portfolio.command import rows_of
from tests.portfolio.command import run_small as run

PROJECTS = pl.DataFrame(
    {
        "project": ["A", "=B()", "C", "D", "E"],
        "users_met": ["once", " never ", None, "monthly", "once"],
        "labels": ["n/a", "two", None, "one", "n/a"],
        "people": [2.0, 3.5, None, 0.5, 10.0],
        "budget": [1000, 2000, None, 4000, 5000],
        "note": ["-1", "+x", "\u00e9", "a,b", 'q"q'],
    }
)
RESULTS = ["failure_probability", "answers_low", "answers_high", "model_low", "model_high", "answered_share"]


def written(frame: pl.DataFrame, path: Path) -> Path:
    match path.suffix:
        case ".csv":
            frame.write_csv(path)
        case ".parquet":
            frame.write_parquet(path)
        case ".jsonl":
            frame.write_ndjson(path)
        case _:
            frame.write_excel(path)
    return path


def read(path: Path) -> pl.DataFrame:
    match path.suffix:
        case ".csv":
            return pl.read_csv(path)
        case ".parquet":
            return pl.read_parquet(path)
        case ".jsonl":
            return pl.read_ndjson(path)
        case _:
            return fastexcel.read_excel(path).load_sheet(0, dtypes={"note": "string"}).to_polars()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder = tmp_path_factory.mktemp("expected")
    table = written(PROJECTS, folder / "p.parquet")
    assert run("score", table, "-o", folder / "s.parquet").returncode == 0
    return read(folder / "s.parquet")


@pytest.mark.parametrize("out", ["csv", "parquet", "jsonl", "xlsx"])
@pytest.mark.parametrize("given", ["csv", "parquet", "jsonl", "xlsx"])
def test_each_format_gives_the_same_results(given: str, out: str, tmp_path: Path, expected: pl.DataFrame) -> None:
    table = written(PROJECTS, tmp_path / f"p.{given}")
    done = run("score", table, "-o", tmp_path / f"s.{out}")
    assert done.returncode == 0, done.stderr
    found = read(tmp_path / f"s.{out}")
    assert found.columns == expected.columns
    # a workbook's own writer has 16 digits
    assert_frame_equal(found.select(RESULTS), expected.select(RESULTS), abs_tol=1e-15, rel_tol=0)
    assert found["warnings"].to_list() == expected["warnings"].to_list()
    names = ["A", "=B()", "C", "D", "E"]
    assert found["project"].to_list() == ([names[0], "'=B()", *names[2:]] if out == "csv" else names)
    # what CSV holds is text, and stays it
    assert found["budget"].cast(pl.Float64).to_list() == [1000, 2000, None, 4000, 5000]


def test_parquet_keeps_the_types_of_all_columns(tmp_path: Path) -> None:
    others = PROJECTS.with_columns(
        start=pl.lit(datetime.date(2026, 1, 2)),
        tags=pl.lit(["x"]),
        kind=pl.col("project").cast(pl.Categorical),
        paid=pl.col("budget").cast(pl.Decimal(12, 2)),
    )
    table = written(others, tmp_path / "p.parquet")
    assert run("score", table, "-o", tmp_path / "s.parquet").returncode == 0
    assert read(tmp_path / "s.parquet").select(others.columns).equals(others)


def test_a_boolean_column_says_that_a_number_does_not_apply(tmp_path: Path) -> None:
    # no question of the small pack is a number that may not apply, so the flag is kept and not looked at
    table = written(PROJECTS.with_columns(pl.lit(True).alias("people.na")), tmp_path / "p.parquet")
    assert run("score", table, "-o", tmp_path / "s.parquet").returncode == 0
    text = written(PROJECTS.with_columns(pl.lit("yes").alias("people.na")), tmp_path / "t.parquet")
    done = run("score", text, "-o", tmp_path / "t.out.parquet")
    assert done.returncode == 2
    assert "RE-302 `people.na` holds String" in done.stderr


def test_keys_of_jsonl_keep_their_types_and_come_from_all_lines_of_all_files(tmp_path: Path) -> None:
    first = [{"users_met": "once", "people": 2, "n": 1, "flag": True}, {"users_met": None, "mixed": 1}]
    second = [{"users_met": "never", "n": 2.5, "mixed": "x", "deep": {"a": [1]}}]
    for name, rows in (("a", first), ("b", second)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run("score", tmp_path / "?.jsonl", "-o", tmp_path / "s.jsonl")
    assert done.returncode == 0, done.stderr
    kept: list[dict[str, Any]] = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    chosen = [{key: row[key] for key in ("people", "n", "flag", "mixed", "deep")} for row in kept]
    assert chosen == [
        {"people": 2, "n": 1.0, "flag": True, "mixed": None, "deep": None},
        {"people": None, "n": None, "flag": None, "mixed": "1", "deep": None},
        {"people": None, "n": 2.5, "flag": None, "mixed": "x", "deep": '{"a": [1]}'},
    ]


def test_a_workbook_has_numbers_where_numbers_are_and_nothing_that_runs(tmp_path: Path) -> None:
    table = tmp_path / "p.csv"
    table.write_text("project,people,number\n=1+1,2.5,007\nhttp://example.org,,8\n")
    assert run("score", table, "-o", tmp_path / "s.xlsx").returncode == 0
    sheet = fastexcel.read_excel(tmp_path / "s.xlsx").load_sheet(0).to_polars()
    assert sheet["project"].to_list() == ["=1+1", "http://example.org"]
    assert sheet["people"].to_list() == [2.5, None]
    assert sheet["number"].to_list() == ["007", "8"]
    assert sheet["failure_probability"].dtype == pl.Float64


def test_a_format_can_be_named(tmp_path: Path) -> None:
    table = written(PROJECTS, tmp_path / "p.csv").rename(tmp_path / "p.dat")
    done = run("score", table, "--format", "csv", "-o", tmp_path / "s.out", "--output-format", "jsonl")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "s.out").read_text().splitlines()[0])["project"] == "A"


@pytest.mark.parametrize("given", ["csv", "parquet", "jsonl", "xlsx"])
@pytest.mark.parametrize("out", ["csv", "parquet", "jsonl", "xlsx"])
def test_chunks_make_no_difference(given: str, out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = pl.concat([PROJECTS.with_columns(pl.col("users_met").replace("monthly", "weekly"))] * 5)
    table = written(many, tmp_path / f"p.{given}")
    run("score", table, "-o", tmp_path / f"whole.{out}")
    for module in (csv_table, jsonl_table, parquet_table, xlsx_table):
        monkeypatch.setattr(module, "CHUNK_ROWS", 3)
    shares: list[float] = []
    built, paths = scoring_pack(), (table, tmp_path / f"parts.{out}")
    done = scoring.score_tables([paths[0]], paths[1], built, built.prior, None, lambda one: shares.append(one.share))
    assert (done.read, done.scored, done.rejected) == (25, 20, 5)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) == 9
    # the last bit of a quotient may depend on how many rows are worked on at once
    parts, whole = (read(tmp_path / f"{name}.{out}") for name in ("parts", "whole"))
    assert_frame_equal(parts, whole, abs_tol=1e-15, rel_tol=0)
    rejects = [rows_of(tmp_path / f"{name}.{out}.rejects.csv") for name in ("parts", "whole")]
    assert rejects[0] == rejects[1]
    assert [row["row"] for row in rejects[0]] == ["4", "9", "14", "19", "24"]


def scoring_pack() -> Any:
    from riskengine import load_pack
    from tests.portfolio.command import SMALL

    return load_pack(SMALL)
