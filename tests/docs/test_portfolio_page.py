"""The page on portfolios names every option of `riskengine score` that is its own, and its example runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.portfolio.command import run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "portfolio.md").read_text("utf-8")
SHARED = {"--rules", "--model", "--base-rate", "--help", "--output"}


def test_every_option_is_on_the_page() -> None:
    options = set(re.findall(r"--[a-z-]+", run("score", "--help").stdout))
    assert options - SHARED <= set(re.findall(r"--[a-z-]+", PAGE))


def test_the_page_names_no_option_that_there_is_not() -> None:
    assert set(re.findall(r"`(--[a-z-]+)", PAGE)) <= set(re.findall(r"--[a-z-]+", run("score", "--help").stdout))


def test_the_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    exec(example, names)
    assert names["done"].read == 60  # type: ignore[attr-defined]
