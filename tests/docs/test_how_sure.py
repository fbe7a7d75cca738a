"""The page on how far the number can be trusted: its figures are those of the files, and nothing is sent anywhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from how_sure import PAGE, ROOT, values
from marked_numbers import marks, stray_numbers

CONNECTING = frozenset(
    ["socket", "http", "urllib", "ftplib", "smtplib", "ssl", "requests", "httpx", "aiohttp", "urllib3", "webbrowser"]
)
# figures that are no claims: numbers of definitions, which stand in the same words in `rules/` or `data/`
KNOWN = ["about 90 %", "it is 50 at most"]


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text("utf-8")


def test_every_figure_is_that_of_the_files(page: str) -> None:
    wrong = [f"{one.about}: `{one.text}`, not `{one.right}`" for one in marks(page, values()) if one.text != one.right]
    assert wrong == [], "`python tests/docs/how_sure.py --write` renews them; read the sentences around them too"


def test_no_figure_stands_on_the_page_unchecked(page: str) -> None:
    for text in KNOWN:
        page = re.sub(text.replace(" ", r"\s+"), "", page, flags=re.IGNORECASE)
    assert stray_numbers(page, "") == []


def test_the_base_rate_of_the_rules_is_that_of_the_evidence() -> None:
    found = values()
    assert found["pack_base_rate"] == found["base_rate"]


def test_nothing_can_open_a_connection() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sorted((ROOT / "riskengine").rglob("*.py"))
        for line, name in _imports(path)
        if name.partition(".")[0] in CONNECTING and name != "urllib.parse"  # which takes addresses apart, no more
    ]
    assert found == []


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.lineno, node.module
