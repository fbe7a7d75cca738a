"""A report as SARIF 2.1.0, the format of the OASIS that editors and code hosts read findings in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from riskengine import __version__
from riskengine.authoring.lint.report import Report
from riskengine.errors import CATALOGUE, Problem, Source

__all__ = ["sarif"]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(report: Report) -> dict[str, Any]:
    """Give a report as one SARIF log.

    Args:
        report: What `check` found.

    Returns:
        JSON data; only the codes that occur are described.
    """
    codes = sorted({problem.code for problem in report.problems})
    places = {code: place for place, code in enumerate(codes)}
    driver = {"name": "riskengine", "version": __version__, "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": [_result(problem, places) for problem in report.problems],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    entry = CATALOGUE[code]
    return {
        "id": code,
        "shortDescription": {"text": f"{entry.title}."},
        "fullDescription": {"text": entry.explanation},
        "help": {"text": f"{entry.explanation}\n\nFaulty:\n{entry.faulty}\n\nCorrected:\n{entry.corrected}"},
        "defaultConfiguration": {"level": entry.severity},
    }


def _result(problem: Problem, places: Mapping[str, int]) -> dict[str, Any]:
    text = f"{problem.message}\n{problem.help}" if problem.help else problem.message
    return {
        "ruleId": problem.code,
        "ruleIndex": places[problem.code],
        "level": problem.severity,
        "message": {"text": text},
        "locations": _locations(problem.source),
    }


def _locations(source: Source) -> Sequence[Mapping[str, Any]]:
    if source.file is None:
        return []
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(source.file)}}
    if source.line is not None:
        physical["region"] = {"startLine": source.line, "startColumn": source.column or 1}
    return [{"physicalLocation": physical}]


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
