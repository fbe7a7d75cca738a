"""Renews the picture of the README: the first screen of the report of the made-up portfolio.

python tests/reports/picture.py
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from reports.browser import launched  # noqa: E402

from riskengine.assessment.build import load_pack  # noqa: E402
from riskengine.portfolio.score import Options, score_tables  # noqa: E402

PICTURE = ROOT / "docs/pictures/report.png"


def main() -> None:
    built = load_pack()
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        report = Path(folder) / "portfolio.html"
        table = [str(ROOT / "data/portfolio.csv")]
        score_tables(table, Path(folder) / "scored.csv", built, built.model or built.prior, Options(report=report))
        page = browser.new_page(viewport={"width": 1180, "height": 800}, color_scheme="light")
        page.goto(report.as_uri())
        page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
