"""Scores small tables with a report, as a user does, and gives both back."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.portfolio.command import SMALL, Ran, rows_of, run
from tests.reports.read_page import Page, read_page

__all__ = ["Reported", "report_on", "table_of"]


@dataclass(frozen=True)
class Reported:
    """What a run left.

    Attributes:
        ran: The command.
        html: The report.
        rows: The scored table.
    """

    ran: Ran
    html: Path
    rows: Sequence[Mapping[str, str]]

    @cached_property
    def page(self) -> Page:
        """What the report says."""
        return read_page(self.html.read_text("utf-8"))

    def numbers(self, column: str) -> list[float]:
        """Give a column of the scored table."""
        return [float(row[column]) for row in self.rows]


def table_of(rows: Sequence[Mapping[str, object]]) -> str:
    """Write rows as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def report_on(
    table: str | Sequence[Mapping[str, object]], folder: Path, *more: object, rules: Path = SMALL, name: str = "now"
) -> Reported:
    """Score a table with a report.

    Args:
        table: CSV, or its rows.
        folder: Where all files go.
        more: Further arguments.
        rules: The pack.
        name: What the files are called.
    """
    source, out, html = folder / f"{name}-table.csv", folder / f"{name}.csv", folder / f"{name}.html"
    source.write_text(table if isinstance(table, str) else table_of(table), encoding="utf-8", newline="")
    ran = run("score", source, "-o", out, "--report", html, "--rules", rules, *more)
    assert ran.returncode in (0, 1, 3), ran.stderr
    return Reported(ran, html, rows_of(out))
