"""A report as workflow commands of GitHub, which shows them beside the lines of a change."""

from __future__ import annotations

from collections.abc import Iterator

from riskengine.authoring.lint.report import Report
from riskengine.errors import Problem

__all__ = ["commands"]


def commands(report: Report) -> Iterator[str]:
    """Give one line for each problem of a report.

    Args:
        report: What `check` found.
    """
    for problem in report.problems:
        yield _annotation(problem)


_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def _annotation(problem: Problem) -> str:
    source = problem.source
    properties = {"file": source.file, "line": source.line, "col": source.column, "title": problem.code}
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
    text = f"{problem.message}; {problem.help}" if problem.help else problem.message
    return f"::{_COMMANDS[problem.severity]} {given}::{_data(text)}"


def _data(text: str) -> str:
    """Escape a text as GitHub's workflow commands ask."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
