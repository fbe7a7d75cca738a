"""The rows that were rejected, as a table of their own: where, what, and why."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from riskengine.errors import Problem
from riskengine.portfolio.work import Work
from riskengine.portfolio.writing.harmless import harmless

__all__ = ["RejectStream", "rejects_path"]

COLUMNS = ("row", "column", "value", "code", "reason")
FILE = "file"
"""A further column, where several tables are scored together."""


def rejects_path(output: Path) -> Path:
    """Give the file of the rejects that belongs to an output.

    Examples:
        >>> rejects_path(Path("scored.parquet")).name
        'scored.parquet.rejects.csv'
    """
    return output.parent / f"{output.name}.rejects.csv"


class RejectStream:
    """Writes the rejects into a work folder."""

    file = "rejects"

    def __init__(self, work: Work, *, several: bool) -> None:
        """Begin.

        Args:
            work: The work folder.
            several: Whether there are several tables, so that the file has to be named.
        """
        self._work = work
        self._columns = (*COLUMNS, FILE) if several else COLUMNS

    def parts(self, problems: Iterable[Problem]) -> Mapping[str, bytes]:
        """Give what some rejected cells add."""
        schema = {**dict.fromkeys(self._columns, pl.String), "row": pl.Int64}
        rows = [_row(problem)[: len(self._columns)] for problem in problems]
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        out = io.BytesIO()
        if frame.height:
            begun = any(self._work.lengths(self.file))
            texts = [harmless(name) for name in self._columns if name != "row"]
            frame.with_columns(texts).write_csv(out, include_header=not begun)
        return {self.file: out.getvalue()}


def _row(problem: Problem) -> tuple[object, ...]:
    reason = f"{problem.message}; {problem.help}" if problem.help else problem.message
    source = problem.source
    return source.row, source.field, problem.value, problem.code, reason, source.file
