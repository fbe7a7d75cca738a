"""The runs on real data: the scripts behind the page, on small tables of the same shape."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "real-data.md").read_text("utf-8")
HEADER = "Project ID,Outcome,Quality at Entry,Quality of Supervision,M&E Quality,Approval FY,Evaluation FY"


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "benchmarks" / script), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=ROOT)


def ratings(path: Path, rows: list[str]) -> str:
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return str(path)


def test_a_table_of_ratings_is_evaluated_with_its_hash(tmp_path: Path) -> None:
    worse, better = "Unsatisfactory", "Satisfactory"
    rows = [
        f"P{number},{worse if number % 4 == 0 else better},{worse if number % 5 < 2 else better},Not Rated,Modest,"
        f"{1990 + number // 10},{1995 + number // 10}"
        for number in range(120)
    ]
    found = run("world_bank.py", ratings(tmp_path / "ratings.csv", rows))
    assert found.returncode == 0, found.stderr
    assert re.search(r"`ratings\.csv`, SHA-256 `[0-9a-f]{64}`, 120 rows\.", found.stdout)
    assert found.stdout.count("30 of 120 failed") == 2
    assert "| log loss |" in found.stdout and "In time: learned from" in found.stdout


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["P1,Splendid,Satisfactory,Satisfactory,High,2000,2004"], "row 1: `Outcome` is `Splendid`"),
        (["P1,Satisfactory,Fair,Satisfactory,High,2000,2004"], "row 1: `Quality at Entry` is `Fair`"),
        (["P1,Not Rated,Satisfactory,Satisfactory,High,2000,2004"], "no project has"),
        ([], "no project has"),
    ],
)
def test_ratings_that_are_not_known_are_refused(rows: list[str], message: str, tmp_path: Path) -> None:
    found = run("world_bank.py", ratings(tmp_path / "ratings.csv", rows))
    assert (found.returncode, found.stdout) == (2, "")
    assert message in found.stderr


def test_another_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", "utf-8")
    found = run("world_bank.py", str(tmp_path / "other.csv"))
    assert found.returncode == 2
    assert "there is no column `Project ID`" in found.stderr
    assert run("world_bank.py", str(tmp_path / "missing.csv")).returncode == 2


@pytest.mark.slow
def test_the_page_shows_what_leaving_studies_out_gives() -> None:
    found = run("leave_one_study_out.py")
    assert found.returncode == 0, found.stderr
    assert found.stdout in PAGE, "`python benchmarks/leave_one_study_out.py --write` renews it"


def test_two_studies_are_too_few_to_leave_one_out(tmp_path: Path) -> None:
    with (ROOT / "data" / "outcomes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    kept = [rows[0], *(row for row in rows if row[0] in ("gartner-2025", "rexer-2023"))]
    with (tmp_path / "two.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(kept)
    found = run("leave_one_study_out.py", str(tmp_path / "two.csv"))
    assert found.returncode == 2
    assert "at least three studies" in found.stderr


def test_the_halo_is_named() -> None:
    assert "**The halo.**" in PAGE
