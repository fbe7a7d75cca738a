"""Runs the real command line within the process of the tests, which is quicker than a process for each call."""

from __future__ import annotations

import contextlib
import csv
import io
from dataclasses import dataclass
from pathlib import Path

from riskengine.cli import main

__all__ = ["SMALL", "Ran", "rows_of", "run", "run_small"]

SMALL = Path(__file__).parents[2] / "docs" / "worked-example"
"""A pack of seven rules: `people`, `work`, `owner`, `users_met` and `labels`."""


@dataclass(frozen=True)
class Ran:
    """What a command left."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object) -> Ran:
    """Run `riskengine` with these arguments; nothing is a terminal."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(one) for one in arguments])
        except SystemExit as done:
            code = int(done.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


def run_small(*arguments: object) -> Ran:
    """Run `riskengine` with these arguments on the small pack, where the rules are not what is tested."""
    return run(*arguments, "--rules", SMALL)


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read a CSV file that was written, or no rows where there is none."""
    if not path.exists():
        return []
    limit = csv.field_size_limit(1 << 24)
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    finally:
        csv.field_size_limit(limit)
