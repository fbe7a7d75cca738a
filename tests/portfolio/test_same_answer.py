"""A row of a table, however it is written, is scored as the same project is assessed, or refused for its reason."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_packs import random_answers, random_pack

import riskengine
from riskengine.assessment.build import build
from riskengine.errors import ProblemError
from riskengine.logic.conditions import NOT_APPLICABLE, Value
from riskengine.pack.answers import check_value, number_in
from riskengine.pack.model import Pack
from riskengine.portfolio.score import score_tables
from tests.portfolio.command import SMALL, rows_of

WITHIN = 1e-12
SETTINGS = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)


def cell(value: Value) -> str:
    return "n/a" if value is NOT_APPLICABLE else "" if value is None else str(value)


def write_csv(path: Path, pack: Pack, projects: list[Mapping[str, Value]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        questions = [question.id for question in pack.questions]
        rows = [[cell(project.get(question)) for question in questions] for project in projects]
        csv.writer(file).writerows([questions, *rows])


def compare(row: Mapping[str, Any], expected: riskengine.Assessment) -> None:
    numbers = {
        "failure_probability": expected.probability,
        "answers_low": expected.range.answers[0],
        "answers_high": expected.range.answers[1],
        "model_low": expected.range.model[0],
        "model_high": expected.range.model[1],
        "answered_share": expected.answered_share,
        **{f"end_{end}": share for end, share in expected.ends.items()},
        **{f"area_{area}": one.score for area, one in expected.areas.items()},
    }
    for name, number in numbers.items():
        assert float(row[name]) == pytest.approx(number, abs=WITHIN, rel=0), name
    assert row["risk_level"] == expected.risk_level
    fires = {finding.rule for finding in expected.findings if finding.state == "fires"}
    assert set((row["findings"] or "").split()) == fires


@pytest.mark.parametrize("seed", range(2))
def test_rows_of_random_packs_are_scored_as_they_are_assessed(seed: int, tmp_path: Path) -> None:
    built = build(random_pack(seed, tmp_path / "pack"))
    projects = random_answers(built.pack, seed, 40)
    write_csv(tmp_path / "p.csv", built.pack, projects)
    done = score_tables([tmp_path / "p.csv"], tmp_path / "s.csv", built, built.prior)
    assert (done.scored, done.rejected) == (40, 0)
    for project, row in zip(projects, rows_of(tmp_path / "s.csv"), strict=True):
        compare(row, riskengine.assess(project, pack=built, model=built.prior, explain=False))


def test_rows_of_the_shipped_pack_are_scored_as_they_are_assessed_in_each_format(tmp_path: Path) -> None:
    built = riskengine.load_pack()
    model = built.model
    assert model is not None
    projects = random_answers(built.pack, "formats", 40)
    write_csv(tmp_path / "p.csv", built.pack, projects)
    frame = pl.read_csv(tmp_path / "p.csv", infer_schema_length=None)
    frame.write_parquet(tmp_path / "p.parquet")
    frame.write_ndjson(tmp_path / "p.jsonl")
    expected = [riskengine.assess(project, pack=built, model=model, explain=False) for project in projects]
    for given_format in ("csv", "parquet", "jsonl"):
        done = score_tables([tmp_path / f"p.{given_format}"], tmp_path / "s.parquet", built, model)
        assert (done.scored, done.rejected) == (40, 0)
        for row, one in zip(pl.read_parquet(tmp_path / "s.parquet").iter_rows(named=True), expected, strict=True):
            compare(row, one)


NUMBERS = st.one_of(
    st.text("0123456789+-.eE", max_size=8),
    st.floats(0, 12).map(repr),
    st.sampled_from(
        ["nan", "inf", "-inf", "Infinity", "1_0", "0x1", "n/a", "1,5", "=1", "\uff11", "", " ", "1d", "1f"]
    ),
    st.text(max_size=4),
)
LEVELS = st.one_of(
    st.sampled_from(["never", "once", "monthly", "", "n/a", "N/A", "Once", "onc e", "once\u0000".strip("\0")]),
    st.text(max_size=4),
)
PADDING = st.sampled_from(["", "", " ", "\t", "\u00a0", "\u2003", "\x1c", "\u200b", "\ufeff", "\n", "\x85"])


@SETTINGS
@given(
    rows=st.lists(
        st.tuples(NUMBERS, LEVELS, PADDING, PADDING).filter(lambda row: not any("\0" in part for part in row)),
        min_size=1,
        max_size=8,
    )
)
def test_any_cell_is_read_or_refused_as_one_answer_is(rows: list[tuple[str, str, str, str]], tmp_path: Path) -> None:
    built = riskengine.load_pack(SMALL)
    questions = built.pack.question
    cells = [(f"{left}{number}{right}", f"{right}{level}{left}") for number, level, left, right in rows]
    pl.DataFrame(
        {"people": [one for one, _ in cells], "users_met": [one for _, one in cells]},
        schema={"people": pl.String, "users_met": pl.String},
    ).write_parquet(tmp_path / "p.parquet")
    done = score_tables([tmp_path / "p.parquet"], tmp_path / "s.parquet", built, built.prior)
    sound, rejects = [], []
    for number, (people, met) in enumerate(cells, start=1):
        checked = [
            check_value(questions["people"], number_in(people.strip()), None),  # type: ignore[arg-type]
            check_value(questions["users_met"], met.strip(), None),  # type: ignore[arg-type]
        ]
        problems = [problem for _, problem in checked if problem is not None]
        rejects += [(str(number), problem.code) for problem in problems]
        if not problems:
            values = {name: value for name, (value, _) in zip(("people", "users_met"), checked, strict=True)}
            sound.append(riskengine.assess(values, pack=built, model=built.prior, explain=False))
    assert done.read == len(cells)
    found = rows_of(done.rejects) if done.rejected else []
    assert [(row["row"], row["code"]) for row in found] == rejects
    for row, one in zip(pl.read_parquet(done.output).iter_rows(named=True), sound, strict=True):
        compare(row, one)


def test_a_reason_is_the_message_of_a_single_assessment(tmp_path: Path) -> None:
    built = riskengine.load_pack()
    (tmp_path / "p.csv").write_text("stage,team_fte\nideal,900\n")
    done = score_tables([tmp_path / "p.csv"], tmp_path / "s.csv", built, built.prior)
    with pytest.raises(ProblemError) as error:
        riskengine.assess({"stage": "ideal", "team_fte": 900.0}, pack=built)
    reasons = [f"{problem.message}; {problem.help}" for problem in error.value.problems]
    assert [row["reason"] for row in rows_of(done.rejects)] == reasons
