"""`riskengine.score` on every kind of frame, against the forward executor: the same findings, numbers within 1e-12."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from frames import WITHIN, flags_of, numbers, polars_frame
from kinds import HERE, KINDS, SPARK, made, read
from polars.testing import assert_frame_equal
from random_packs import random_answers, random_pack

import riskengine
from riskengine.assessment.answers import Answers
from riskengine.assessment.assess import assess_answers
from riskengine.assessment.build import BuiltPack, build
from riskengine.engines.forward import BUILT_IN
from riskengine.logic.conditions import Value

pytestmark = pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")

QUICK = (1, 40)
PACKS, PROJECTS = 10, 50


def table_of(built: BuiltPack, projects: Sequence[Mapping[str, Value]]) -> pa.Table:
    flags = {column: f"{question}.na" for question, column in flags_of(built.pack).items()}
    return polars_frame(built.pack, projects).rename(flags).to_arrow()


def compare(built: BuiltPack, projects: Sequence[Mapping[str, Value]], rows: Sequence[Mapping[str, Any]]) -> None:
    assert len(rows) == len(projects)
    for row in rows:
        values = {question: value for question, value in projects[row["row"]].items() if value is not None}
        expected = assess_answers(Answers(values), built, built.prior, explain=False, engine=BUILT_IN)
        assert row["problems"] == ""
        for name, value in numbers(expected).items():
            assert row[name] == pytest.approx(value, abs=WITHIN, rel=0), name
        assert row["risk_level"] == expected.risk_level
        assert sorted(row["findings"].split()) == sorted(one.rule for one in expected.findings if one.state == "fires")


@lru_cache
def built_pack(seed: int) -> BuiltPack:
    with tempfile.TemporaryDirectory() as folder:
        return build(random_pack(seed, Path(folder)))


def try_pack(kind: str, seed: int, count: int, request: pytest.FixtureRequest) -> None:
    built = built_pack(seed)
    projects = random_answers(built.pack, f"{kind}/{seed}", count)
    frame = made(kind, table_of(built, projects), request)
    scored = riskengine.score(frame, pack=built, model=built.prior)
    assert type(scored) is type(frame)
    compare(built, projects, read(scored))


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_projects_are_scored_as_they_are_assessed(kind: str, request: pytest.FixtureRequest) -> None:
    packs, count = QUICK
    for seed in range(packs):
        try_pack(kind, seed, count, request)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_ten_thousand_projects_are_scored_on_polars_as_they_are_assessed(seed: int) -> None:
    built = built_pack(seed)
    projects = random_answers(built.pack, f"polars/{seed}", 500)
    frame = pl.DataFrame(pl.from_arrow(table_of(built, projects)))
    eager = riskengine.score(frame, pack=built, model=built.prior)
    lazy = riskengine.score(frame.lazy(), pack=built, model=built.prior)
    compare(built, projects, eager.to_dicts())
    for engine in ("in-memory", "streaming"):
        assert_frame_equal(lazy.collect(engine=engine), eager, abs_tol=WITHIN, rel_tol=0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(PACKS))
@pytest.mark.parametrize("kind", HERE)
def test_many_projects_are_scored_as_they_are_assessed(kind: str, seed: int, request: pytest.FixtureRequest) -> None:
    try_pack(kind, seed, PROJECTS, request)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SPARK)
def test_many_projects_are_scored_on_spark_as_they_are_assessed(kind: str, request: pytest.FixtureRequest) -> None:
    for seed in range(PACKS):
        try_pack(kind, seed, PROJECTS, request)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SPARK)
def test_the_shipped_pack_is_scored_on_spark_as_it_is_assessed(kind: str, request: pytest.FixtureRequest) -> None:
    built = riskengine.load_pack()
    projects = random_answers(built.pack, f"shipped/{kind}", 100)
    scored = riskengine.score(made(kind, table_of(built, projects), request), model="none")
    compare(built, projects, read(scored))
