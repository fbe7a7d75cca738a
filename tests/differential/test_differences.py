"""What kinds of frames disagree about, at `riskengine.score`: each gives the same answer, or one clear error."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from kinds import HERE, KINDS, LAZY, ON_SPARK, made, read
from random_packs import number, rule, write_pack

import riskengine
from riskengine.assessment.build import BuiltPack, build
from riskengine.errors import ProblemError
from riskengine.portfolio.expressions import result_columns

pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")

SMALL = Path(__file__).parents[2] / "docs" / "worked-example"
# kinds of which several read one and the same frame: a pandas frame has NaN where others have null
PANDAS = ("pandas", "pandas nullable", "dask")
TELLS_NAN = tuple(kind for kind in KINDS if kind not in (*PANDAS, "pandas arrow"))


@pytest.fixture(scope="module")
def small() -> BuiltPack:
    return riskengine.load_pack(SMALL)


def scored(
    kind: str, columns: Mapping[str, Any], built: BuiltPack, request: pytest.FixtureRequest
) -> list[dict[str, Any]]:
    frame = made(kind, pa.table(dict(columns)), request)
    result = riskengine.score(frame, pack=built, model=built.prior)
    assert type(result) is type(frame)
    rows = read(result)
    kept = ["id", *(name for name in columns if name != "id"), *result_columns(built), "problems"]
    assert sorted(rows[0]) == sorted(kept)
    return sorted(rows, key=lambda row: row["id"])


def expected(built: BuiltPack, **answers: Any) -> float:
    return riskengine.assess(answers, pack=built, model=built.prior, explain=False).probability


def refused(code: str, frame: Any, built: BuiltPack, **options: Any) -> str:
    with pytest.raises(ProblemError) as caught:
        riskengine.score(frame, pack=built, model=built.prior, **options)
    assert caught.value.problems[0].code == code
    return str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_null_is_unknown_and_never_false(kind: str, small: BuiltPack, request: pytest.FixtureRequest) -> None:
    columns = {
        "id": [0, 1, 2],
        "owner": pa.array([None, "no", None], pa.string()),
        "users_met": pa.array(["never", None, None], pa.string()),
        "people": pa.array([None, 0.5, None], pa.float64()),
    }
    rows = scored(kind, columns, small, request)
    assert [row["failure_probability"] for row in rows] == pytest.approx(
        [
            expected(small, users_met="never"),
            expected(small, owner="no", people=0.5),
            expected(small),
        ],
        abs=1e-12,
        rel=0,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_every_type_are_numbers(kind: str, small: BuiltPack, request: pytest.FixtureRequest) -> None:
    # Dask makes text of decimals
    decimals = [] if kind == "dask" else [pa.decimal128(30, 3)]
    for kept in (pa.int8(), pa.int64(), pa.float32(), *decimals):
        columns = {"id": [0, 1], "people": pa.array([2, 4]).cast(kept), "work": pa.array([40, 50]).cast(kept)}
        rows = scored(kind, columns, small, request)
        wanted = [expected(small, people=2, work=40), expected(small, people=4, work=50)]
        assert [row["failure_probability"] for row in rows] == pytest.approx(wanted, abs=1e-12, rel=0)


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_person_is_neither_rounded_nor_cut_off(
    kind: str, small: BuiltPack, request: pytest.FixtureRequest
) -> None:
    columns = {"id": [0, 1], "people": [2.5, 3.5], "work": [59.5, 59.5]}
    rows = scored(kind, columns, small, request)
    wanted = [expected(small, people=people, work=59.5) for people in (2.5, 3.5)]
    assert [row["failure_probability"] for row in rows] == pytest.approx(wanted, abs=1e-12, rel=0)


@pytest.mark.parametrize("kind", TELLS_NAN)
def test_nan_and_infinity_are_no_numbers(kind: str, small: BuiltPack, request: pytest.FixtureRequest) -> None:
    columns = {"id": [0, 1, 2, 3], "people": pa.array([float("nan"), float("inf"), float("-inf"), -0.0])}
    rows = scored(kind, columns, small, request)
    assert [row["problems"] for row in rows] == [*["people:RE-302"] * 3, "people:RE-303"]
    assert {row["failure_probability"] for row in rows} == {None}
    assert {row["findings"] for row in rows} == {None}


@pytest.mark.parametrize("kind", PANDAS)
def test_nan_is_unknown_where_pandas_knows_no_other(
    kind: str, small: BuiltPack, request: pytest.FixtureRequest
) -> None:
    columns = {"id": [0, 1], "people": pa.array([float("nan"), 2.0])}
    rows = scored(kind, columns, small, request)
    wanted = [expected(small), expected(small, people=2)]
    assert [row["failure_probability"] for row in rows] == pytest.approx(wanted, abs=1e-12, rel=0)
    assert [row["problems"] for row in rows] == ["", ""]


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_makes_a_quantity_divide_by_zero_fails_its_row_only(
    kind: str, small: BuiltPack, request: pytest.FixtureRequest
) -> None:
    columns = {"id": [0, 1], "people": [0.0, 2.0], "work": [40.0, 40.0]}
    bad, good = scored(kind, columns, small, request)
    assert (bad["problems"], bad["failure_probability"]) == ("people:RE-303", None)
    assert good["failure_probability"] == pytest.approx(expected(small, people=2, work=40), abs=1e-12, rel=0)


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_at_the_ends_of_integers_overflow_nothing(
    kind: str, small: BuiltPack, request: pytest.FixtureRequest
) -> None:
    ends = [-(2**63), 2**63 - 1]
    rows = scored(kind, {"id": [0, 1], "people": pa.array(ends, pa.int64())}, small, request)
    assert [row["problems"] for row in rows] == ["people:RE-303"] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_levels_that_there_are_not_and_not_applicable(
    kind: str, small: BuiltPack, request: pytest.FixtureRequest
) -> None:
    columns = {
        "id": [0, 1, 2, 3],
        "owner": ["yes", "n/a", "perhaps", ""],
        "labels": ["n/a", "two", "one", None],
    }
    rows = scored(kind, columns, small, request)
    assert [row["problems"] for row in rows] == ["", "owner:RE-305", "owner:RE-304", ""]
    wanted = expected(small, owner="yes", labels=riskengine.NOT_APPLICABLE)
    assert rows[0]["failure_probability"] == pytest.approx(wanted, abs=1e-12, rel=0)
    assert rows[3]["failure_probability"] == pytest.approx(expected(small), abs=1e-12, rel=0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_boolean_column_says_that_a_number_does_not_apply(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    rules = [rule("large", {"size": {"above": 5}}), rule("unlike", {"size": {"below": 3}}, -1.0)]
    built = build(write_pack(tmp_path, [number("size", 1, 10, may_not_apply=True)], rules))
    columns = {
        "id": [0, 1, 2],
        "size": pa.array([9.0, None, None]),
        "size.na": pa.array([False, True, None], pa.bool_()),
    }
    rows = scored(kind, columns, built, request)
    wanted = [expected(built, size=9), expected(built, size=riskengine.NOT_APPLICABLE), expected(built)]
    assert [row["failure_probability"] for row in rows] == pytest.approx(wanted, abs=1e-12, rel=0)
    assert [row["size.na"] for row in rows] == [False, True, None]


# what Dask makes of a column of nothing is one of text
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "dask"])
def test_columns_of_which_nothing_is_known_are_unknown(
    kind: str, small: BuiltPack, request: pytest.FixtureRequest
) -> None:
    columns = {"id": [0], "owner": pa.nulls(1), "people": pa.nulls(1), "labels": pa.array([None], pa.string())}
    (row,) = scored(kind, columns, small, request)
    assert row["failure_probability"] == pytest.approx(expected(small), abs=1e-12, rel=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "column",
    [
        {"people": [datetime.datetime(2026, 1, 1)]},
        {"people": [True]},
        {"people": ["2"]},
        {"owner": [True]},
        {"users_met": [2]},
        {"users_met": [["never"]]},
    ],
    ids=["time for number", "truth for number", "text for number", "truth for yes", "number for level", "list"],
)
def test_a_type_that_holds_no_answers_is_refused(
    kind: str, column: Mapping[str, Any], small: BuiltPack, request: pytest.FixtureRequest
) -> None:
    (name,) = column
    if kind == "dask" and isinstance(column[name][0], list):
        pytest.skip("Dask makes text of lists")
    message = refused("RE-302", made(kind, pa.table(dict(column)), request), small)
    assert message.startswith(f"{name}: RE-302 `{name}` holds ")


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_that_is_called_as_a_result_is_refused(
    kind: str, small: BuiltPack, request: pytest.FixtureRequest
) -> None:
    for taken in ("findings", "problems"):
        table = pa.table({"owner": ["yes"], taken: ["x"]})
        assert f"`{taken}`" in refused("RE-402", made(kind, table, request), small)


@pytest.mark.parametrize("kind", ["duckdb", *ON_SPARK])
def test_where_case_does_not_count_it_does_not_for_results(
    kind: str, small: BuiltPack, request: pytest.FixtureRequest
) -> None:
    table = pa.table({"owner": ["yes"], "Findings": ["x"]})
    assert "`Findings`" in refused("RE-402", made(kind, table, request), small)


@pytest.mark.parametrize("kind", KINDS)
def test_names_with_dots_backticks_and_blanks_are_kept(
    kind: str, small: BuiltPack, request: pytest.FixtureRequest
) -> None:
    columns = {"id": [0], "a.b": [1], "back`tick": [2], "two words": [3], "OWNER ": ["no"], "数": [4]}
    (row,) = scored(kind, columns, small, request)
    assert [row[name] for name in ("a.b", "back`tick", "two words", "数")] == [1, 2, 3, 4]
    assert row["failure_probability"] == pytest.approx(expected(small, owner="no"), abs=1e-12, rel=0)


@pytest.mark.parametrize("kind", KINDS)
def test_two_columns_of_one_question_are_refused(kind: str, small: BuiltPack, request: pytest.FixtureRequest) -> None:
    table = pa.table({"owner": ["yes"], "Owner ": ["no"]})
    assert "`owner`" in refused("RE-402", made(kind, table, request), small)


@pytest.mark.parametrize("kind", KINDS)
def test_columns_come_first_and_unchanged_and_rows_stay_in_order(
    kind: str, small: BuiltPack, request: pytest.FixtureRequest
) -> None:
    count = 1_000
    table = pa.table({"id": range(count), "owner": ["yes", "no"] * (count // 2), "x": [[1, 2]] * count})
    result = riskengine.score(made(kind, table, request), pack=small, model=small.prior)
    if kind == "polars lazy":
        names = result.collect_schema().names()
    else:
        names = list(result.column_names if kind == "pyarrow" else result.columns)
    assert names == ["id", "owner", "x", *result_columns(small), "problems"]
    rows = read(result, ["id", "owner"])
    assert [(row["id"], row["owner"]) for row in rows] == list(
        zip(table["id"].to_pylist(), table["owner"].to_pylist(), strict=True)
    )


@pytest.mark.parametrize("kind", HERE)
def test_a_frame_without_rows_is_scored(kind: str, small: BuiltPack, request: pytest.FixtureRequest) -> None:
    table = pa.table({"owner": pa.array([], pa.string()), "people": pa.array([], pa.float64())})
    if kind == "dask":
        frame: Any = _dask_of(table.to_pandas())
    else:
        frame = made(kind, table, request)
    assert read(riskengine.score(frame, pack=small, model=small.prior)) == []


def _dask_of(frame: pd.DataFrame, partitions: int = 1) -> Any:
    import dask.dataframe

    return dask.dataframe.from_pandas(frame, npartitions=partitions)


# --- what only some kinds have ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.int8, np.float32, "Int64", "Float64", "int64[pyarrow]", "double[pyarrow]", object])
def test_numbers_of_each_dtype_of_pandas(kind: Any, small: BuiltPack) -> None:
    frame = pd.DataFrame({"people": pd.array([2, 4], dtype=kind) if kind is not object else [2, 4]})
    result = riskengine.score(frame.astype({"people": kind}), pack=small, model=small.prior)
    wanted = [expected(small, people=2), expected(small, people=4)]
    assert list(result["failure_probability"]) == pytest.approx(wanted, abs=1e-12, rel=0)


@pytest.mark.parametrize("kind", ["object", "string", "str", "category", "string[pyarrow]"])
def test_levels_of_each_dtype_of_pandas(kind: str, small: BuiltPack) -> None:
    frame = pd.DataFrame({"owner": pd.Series(["no", None, "yes"], dtype=kind)})
    result = riskengine.score(frame, pack=small, model=small.prior)
    wanted = [expected(small, owner="no"), expected(small), expected(small, owner="yes")]
    assert list(result["failure_probability"]) == pytest.approx(wanted, abs=1e-12, rel=0)


def test_the_index_of_pandas_is_kept_and_the_frame_itself_unchanged(small: BuiltPack) -> None:
    frame = pd.DataFrame({"owner": ["no", "yes", None]}, index=pd.Index(["c", "a", "a"], name="project"))
    before = frame.copy()
    result = riskengine.score(frame, pack=small, model=small.prior)
    assert result.index.equals(frame.index)
    assert result.index.name == "project"
    assert list(result["failure_probability"]) == pytest.approx(
        [expected(small, owner="no"), expected(small, owner="yes"), expected(small)], abs=1e-12, rel=0
    )
    pd.testing.assert_frame_equal(frame, before)


def test_an_empty_column_of_pandas_is_unknown_although_it_is_one_of_numbers(small: BuiltPack) -> None:
    frame = pd.DataFrame({"owner": [np.nan, np.nan], "people": [2.0, 4.0]})
    result = riskengine.score(frame, pack=small, model=small.prior)
    assert list(result["failure_probability"]) == pytest.approx(
        [expected(small, people=2), expected(small, people=4)], abs=1e-12, rel=0
    )


def test_a_column_of_values_of_several_kinds_is_refused_if_it_is_a_question(small: BuiltPack) -> None:
    odd = [{1}, "text", 3]
    frame = pd.DataFrame({"owner": ["yes", 2, None], "note": odd})
    assert "`owner` holds values of several kinds" in refused("RE-302", frame, small)
    result = riskengine.score(frame.assign(owner="yes"), pack=small, model=small.prior)
    assert list(result["note"]) == odd


def test_names_that_are_no_texts_are_kept(small: BuiltPack) -> None:
    frame = pd.DataFrame([["no", 7]], columns=["owner", 3])
    result = riskengine.score(frame, pack=small, model=small.prior)
    assert list(result.columns) == ["owner", 3, *result_columns(small), "problems"]


def _twice(names: Sequence[str]) -> list[Any]:
    return [
        pd.DataFrame([["no"] * len(names)], columns=list(names)),
        pa.table([pa.array(["no"]) for _ in names], names=list(names)),
        duckdb.sql("select " + ", ".join(f"'no' as \"{name}\"" for name in names)),
    ]


@pytest.mark.parametrize("place", range(3), ids=["pandas", "pyarrow", "duckdb"])
@pytest.mark.parametrize("names", [("owner", "owner"), ("owner", "note", "note")], ids=" ".join)
def test_a_name_that_stands_twice_is_refused(place: int, names: Sequence[str], small: BuiltPack) -> None:
    assert f"there are two columns `{names[-1]}`" in refused("RE-402", _twice(names)[place], small)


def test_names_that_differ_in_case_only_are_refused_on_duckdb(small: BuiltPack) -> None:
    frame = duckdb.sql("""select 'no' as owner, 1 as note, 2 as "Note" """)
    assert "there are two columns `note`, whatever their case" in refused("RE-402", frame, small)


@pytest.mark.parametrize("kind", ON_SPARK)
def test_columns_that_spark_cannot_tell_apart_are_kept(
    kind: str, small: BuiltPack, request: pytest.FixtureRequest
) -> None:
    spark = request.getfixturevalue(kind)
    frame = spark.sql("select 'no' as owner, 1 as note, 2 as Note, 3 as note")
    result = riskengine.score(frame, pack=small, model=small.prior)
    assert result.columns == ["owner", "note", "Note", "note", *result_columns(small), "problems"]
    (row,) = result.collect()
    assert tuple(row)[:4] == ("no", 1, 2, 3)
    twice = spark.sql("select 'no' as owner, 'no' as owner")
    assert "two columns are `owner`" in refused("RE-402", twice, small)


@pytest.mark.parametrize("kind", ON_SPARK)
@pytest.mark.parametrize("ansi", ["true", "false"])
def test_spark_with_and_without_ansi_gives_the_same(
    kind: str, ansi: str, small: BuiltPack, request: pytest.FixtureRequest
) -> None:
    spark = request.getfixturevalue(kind)
    before = spark.conf.get("spark.sql.ansi.enabled")
    spark.conf.set("spark.sql.ansi.enabled", ansi)
    try:
        columns = {"id": [0, 1], "people": pa.array([0.0, 2.0]), "work": pa.array([1e300, 40.0])}
        bad, good = scored(kind, columns, small, request)
    finally:
        spark.conf.set("spark.sql.ansi.enabled", before)
    assert bad["problems"] == "people:RE-303 work:RE-303"
    assert good["failure_probability"] == pytest.approx(expected(small, people=2, work=40), abs=1e-12, rel=0)


@pytest.mark.parametrize(
    "text",
    [
        pa.array(["no"], pa.large_string()),
        pa.array(["no"], pa.string_view()),
        pa.array(["no"]).dictionary_encode(),
    ],
    ids=["large", "view", "dictionary"],
)
def test_every_kind_of_text_in_arrow(text: pa.Array, small: BuiltPack) -> None:
    result = riskengine.score(pa.table({"owner": text}), pack=small, model=small.prior)
    assert result["failure_probability"].to_pylist() == pytest.approx([expected(small, owner="no")], abs=1e-12, rel=0)
    assert result.schema.field("owner").type == text.type


@pytest.mark.parametrize("kind", [pl.Categorical(), pl.Enum(["no", "other"])], ids=["categorical", "enum"])
@pytest.mark.parametrize("lazy", [False, True])
def test_categories_of_polars_are_texts(kind: Any, lazy: bool, small: BuiltPack) -> None:
    frame = pl.DataFrame({"owner": pl.Series(["no", None], dtype=kind)})
    result = riskengine.score(frame.lazy() if lazy else frame, pack=small, model=small.prior)
    found = result.collect() if lazy else result
    assert found["failure_probability"].to_list() == pytest.approx(
        [expected(small, owner="no"), expected(small)], abs=1e-12, rel=0
    )
    assert found["owner"].dtype == kind


def test_an_enum_of_duckdb_is_text_and_its_large_numbers_are_numbers(small: BuiltPack) -> None:
    frame = duckdb.sql("select 'no'::ENUM('no', 'other') as owner, 2::HUGEINT as people, 40.5::DECIMAL(8, 2) as work")
    (row,) = read(riskengine.score(frame, pack=small, model=small.prior))
    wanted = expected(small, owner="no", people=2, work=40.5)
    assert row["failure_probability"] == pytest.approx(wanted, abs=1e-12, rel=0)
    assert (row["people"], row["work"]) == (2, Decimal("40.50"))


@pytest.mark.parametrize(
    "nothing",
    [[{"owner": "no"}], {"owner": ["no"]}, pl.Series(["no"]), "owner", None],
    ids=lambda one: type(one).__name__,
)
def test_what_is_no_frame_is_refused(nothing: Any, small: BuiltPack) -> None:
    assert f"`{type(nothing).__name__}` is no frame" in refused("RE-430", nothing, small)


# --- lazy stays lazy -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", LAZY)
def test_a_lazy_frame_comes_back_as_one(kind: str, small: BuiltPack, request: pytest.FixtureRequest) -> None:
    frame = made(kind, pa.table({"owner": ["no", "yes"]}), request)
    assert type(riskengine.score(frame, pack=small, model=small.prior)) is type(frame)


def test_nothing_of_a_lazy_frame_of_polars_is_read_before_it_is_collected(small: BuiltPack) -> None:
    reads = []

    def counted(frame: pl.DataFrame) -> pl.DataFrame:
        reads.append(frame.height)
        return frame

    schema = {"owner": pl.String()}
    frame = pl.DataFrame({"owner": ["no", "yes"]}).lazy().map_batches(counted, schema=schema)
    result = riskengine.score(frame, pack=small, model=small.prior)
    assert reads == []
    assert result.collect().height == 2
    assert reads == [2]


def test_nothing_of_a_dask_frame_is_read_before_it_is_computed(small: BuiltPack) -> None:
    reads = []

    def counted(frame: pd.DataFrame) -> pd.DataFrame:
        reads.append(len(frame))
        return frame

    frame = _dask_of(pd.DataFrame({"owner": ["no", "yes"]}, index=[7, 9]), 2)
    frame = frame.map_partitions(counted, meta=frame._meta)
    result = riskengine.score(frame, pack=small, model=small.prior)
    assert reads == []
    assert list(result.compute(scheduler="synchronous").index) == [7, 9]
    assert sorted(reads) == [1, 1]


def test_scoring_a_spark_frame_starts_no_job(small: BuiltPack, spark: Any) -> None:
    tracker = spark.sparkContext.statusTracker()
    frame = spark.createDataFrame([("no",), ("yes",)], "owner string")
    spark.sparkContext.setJobGroup("lazy", "what scoring starts")
    result = riskengine.score(frame, pack=small, model=small.prior)
    assert list(tracker.getJobIdsForGroup("lazy")) == []
    assert len(result.collect()) == 2
    assert list(tracker.getJobIdsForGroup("lazy"))


def test_nothing_of_a_duckdb_relation_is_read_before_it_is_asked_for(small: BuiltPack) -> None:
    reads: list[int] = []

    def counted(number: int) -> int:
        reads.append(number)
        return number

    connection = duckdb.connect()
    connection.create_function("counted", counted, ["BIGINT"], "BIGINT", side_effects=True)
    frame = connection.sql("select 'no' as owner, counted(range) as id from range(3)")
    result = riskengine.score(frame, pack=small, model=small.prior)
    assert reads == []
    assert [row["id"] for row in read(result)] == [0, 1, 2]
    assert reads == [0, 1, 2]
