"""The progress of a run: shown on a terminal, and nowhere else."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pytest

from tests.portfolio.command import SMALL, run_small

ROOT = Path(__file__).parents[2]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "p.csv"
    path.write_text("project,users_met\n" + "A,once\n" * 3000)
    return path


def test_a_terminal_sees_rows_rate_and_remaining_time_and_then_the_summary(table: Path, tmp_path: Path) -> None:
    module = ["-m", "tests.portfolio.killed", "100", "0"]
    command = [*module, "score", str(table), "-o", str(tmp_path / "s.csv"), "--rules", str(SMALL)]
    child = pexpect.spawn(sys.executable, command, cwd=str(ROOT), dimensions=(24, 120), encoding="utf-8", timeout=60)
    try:
        child.expect(r"scoring .*\d+%.* [\d,]+ rows [\d,]+ a second .*\d:\d\d")
        child.expect("3000 scored, 0 rejected of 3000 rows: ")
        child.expect(pexpect.EOF)
    finally:
        child.close()
    assert child.exitstatus == 0


def test_nothing_but_the_summary_is_printed_elsewhere(table: Path, tmp_path: Path) -> None:
    done = run_small("score", table, "-o", tmp_path / "s.csv")
    assert (done.stdout, done.stderr) == ("", f"3000 scored, 0 rejected of 3000 rows: {tmp_path / 's.csv'}\n")
