"""The browser that pages are tried in, and the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.portfolio.command import run
from tests.reports.browser import launched

DATA = Path(__file__).parents[2] / "data"
SAMPLE = DATA / "portfolio.csv"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real Chromium."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def portfolio_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the sample that ships, with all its parts: some projects are new, gone, better, worse."""
    folder = tmp_path_factory.mktemp("portfolio")
    header, *rows = SAMPLE.read_text("utf-8").splitlines()
    names, answers = zip(*(row.split(",", 1) for row in rows), strict=True)
    then = [f"{name},{given}" for name, given in zip(names[10:40], answers[11:41], strict=True)]
    (folder / "then.csv").write_text("\n".join([header, *then, *(f"Old {row}" for row in rows[:9])]) + "\n")
    assert run("score", folder / "then.csv", "-o", folder / "last.csv").returncode == 3
    page = folder / "report.html"
    done = run("score", SAMPLE, "-o", folder / "now.csv", "--report", page, "--against", folder / "last.csv")
    assert done.returncode == 3, done.stderr
    return page


@pytest.fixture(scope="session")
def assessment_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of one project."""
    page = tmp_path_factory.mktemp("assessment") / "report.html"
    done = run("assess", DATA / "cases" / "babylon-symptom-checker.yaml", "--report", page)
    assert done.returncode == 0, done.stderr
    return page
