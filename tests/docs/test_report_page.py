"""The page on the report: its commands and its example run, and its limits are those of the code."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from riskengine.portfolio import failures, report, tally
from riskengine.reports import text
from tests.cli.run import nothing_but
from tests.portfolio.command import run
from tests.reports.read_page import read_page

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "report.md").read_text("utf-8")
WORDS = " ".join(PAGE.split())


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_commands_run(folder: Path) -> None:
    codes = [run(*shlex.split(line)[1:]).returncode for line in block("sh").splitlines()]
    # some rows of the sample are broken on purpose
    assert codes == [3, 0]
    for name in ("portfolio.html", "project.html"):
        assert (folder / name).read_text("utf-8").startswith("<!DOCTYPE html>")


def test_the_python_example_runs_and_the_parts_are_those_of_the_page(folder: Path) -> None:
    exec(block("python"), {})
    assert nothing_but(folder, "data", "portfolio.html", "scored.csv", "scored.csv.rejects.csv")
    page = read_page((folder / "portfolio.html").read_text("utf-8"))
    parts = [heading.removesuffix(" synthetic") for depth, heading in page.headings if depth == 2]
    named = re.findall(r"^\| ([A-Z][^|]+?) \|", PAGE, re.MULTILINE)
    assert [part for part in named if part != "What changed since the last run"] == parts


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("up to {:,} projects", failures.MOST_EXACT),
        ("the {} most likely to fail", tally.MOST_LISTED),
        ("{} projects are listed", tally.MOST_LISTED),
        ("{} findings that add to failure", report.MOST_SHARED),
        ("{} that hold it down", report.MOST_PROTECTIVE),
        ("the first {} characters are shown", text.MOST_SHOWN),
    ],
)
def test_limits_are_those_of_the_code(words: str, value: int) -> None:
    assert words.format(value) in WORDS


def test_the_number_of_projects_that_moved_is_said_in_a_word() -> None:
    assert tally.MOST_MOVED == 12
    assert "the twelve that did most are listed, and the worst twelve of the new and of the gone" in WORDS


@pytest.mark.parametrize("column", report.SYNTHETIC)
def test_the_columns_that_make_it_synthetic_are_named(column: str) -> None:
    assert f"`{column}`" in PAGE
