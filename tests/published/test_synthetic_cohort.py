"""The synthetic cohort says so everywhere, and is what its generator writes."""

from __future__ import annotations

import csv
import importlib.util
from itertools import islice
from pathlib import Path
from types import ModuleType

import pytest

import riskengine
from riskengine.calibration.history import read_history

FOLDER = Path(__file__).parents[2] / "data" / "reference"
COHORT = FOLDER / "synthetic-cohort.csv"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("synthetic_cohort", FOLDER / "synthetic_cohort.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with COHORT.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def test_every_file_of_the_folder_and_every_row_says_synthetic(rows: list[dict[str, str]]) -> None:
    assert all("synthetic" in path.name for path in FOLDER.iterdir() if path.is_file())
    assert next(iter(rows[0])) == "synthetic"
    assert all(row["synthetic"] == "synthetic" and row["project"].startswith("synthetic-") for row in rows)


def test_the_generator_writes_the_file(generator: ModuleType, rows: list[dict[str, str]]) -> None:
    again = list(islice(generator.rows(riskengine.load_pack()), 60))
    assert [{name: value for name, value in row.items() if value} for row in rows[:60]] == again
    assert len(rows) == generator.SIZE


def test_it_is_a_history_that_can_be_learned_from(rows: list[dict[str, str]]) -> None:
    built = riskengine.load_pack()
    history = read_history(COHORT, built.pack)
    assert len(history.rows) == len(rows)
    failed = sum(row.failed for row in history.rows) / len(rows)
    assert failed == pytest.approx(built.pack.base_rate.value, abs=0.075)
    assert {row.end for row in history.rows if row.failed} == {end.id for end in built.pack.ends}
