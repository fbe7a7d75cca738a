"""The page on the history names every command and option there is, and no other; its example runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from riskengine.cli.history import app
from riskengine.history.selection import REASONS
from tests.portfolio.command import run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "history.md").read_text("utf-8")
SHARED = {"--rules", "--model", "--base-rate", "--help", "--output", "--json"}


def commands() -> list[str]:
    return sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def options(command: str) -> set[str]:
    return set(re.findall(r"--[a-z][a-z-]*", run("history", command, "--help").stdout))


def test_every_command_and_option_is_on_the_page() -> None:
    on_page = set(re.findall(r"--[a-z][a-z-]*", PAGE))
    for command in commands():
        assert re.search(rf"(history |`){command}\b", PAGE), command
        assert options(command) - SHARED <= on_page, command


def test_the_page_names_no_option_that_there_is_not() -> None:
    known = set().union(*(options(command) for command in commands()))
    # of other commands
    known |= {"--save", "--json", "--from-history", "--resume"}
    assert set(re.findall(r"--[a-z][a-z-]*", PAGE)) <= known


def test_every_reason_is_on_the_page() -> None:
    for reason, words in REASONS.items():
        assert f"| `{reason}` | " in PAGE
        assert reason == "no_assessment" or words in PAGE


def test_the_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    exec(example, names)
    assert len(names["finished"].projects) == 1  # type: ignore[attr-defined]
