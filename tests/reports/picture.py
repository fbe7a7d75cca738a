"""Renews the pictures of reports: the first screen of those of the made-up portfolio and the synthetic cohort.

python tests/reports/picture.py
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from reports.browser import launched  # noqa: E402

from riskengine.cli import main as riskengine  # noqa: E402

PICTURES = ROOT / "docs/pictures"
REPORTS = {
    "report": ("score", ROOT / "data/portfolio.csv", "-o", "scored.csv", "--report", "report.html"),
    "evaluation": ("model", "evaluate", ROOT / "data/reference/synthetic-cohort.csv", "--html", "evaluation.html"),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), launched() as browser:
        for name, command in REPORTS.items():
            with contextlib.suppress(SystemExit):
                riskengine([str(one) for one in command])
            page = browser.new_page(viewport={"width": 1180, "height": 800}, color_scheme="light")
            page.goto(Path(f"{name}.html").resolve().as_uri())
            page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
