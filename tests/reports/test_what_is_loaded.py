"""Charts are loaded by those who want a report, and by nobody else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from riskengine.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
heavy = ["altair", "vl_convert", "jinja2"]
print("loaded:", *[one for one in heavy if one in sys.modules])
"""


def loaded_by(*arguments: object) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout.splitlines()[-1].split()[1:]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "projects.csv"
    path.write_text("project,stage\nA,idea\n")
    return path


def test_a_table_without_a_report_loads_no_charts(table: Path, tmp_path: Path) -> None:
    assert loaded_by("score", table, "-o", tmp_path / "scored.csv") == []


def test_an_assessment_without_a_report_loads_no_charts(tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text("stage: idea\n")
    assert loaded_by("assess", answers) == []


def test_a_report_loads_them(table: Path, tmp_path: Path) -> None:
    wanted = loaded_by("score", table, "-o", tmp_path / "scored.csv", "--report", tmp_path / "report.html")
    assert wanted == ["altair", "vl_convert", "jinja2"]
