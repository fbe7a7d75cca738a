"""SARIF 2.1.0: the findings of a table for tools that show the results of checks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from riskengine import __version__
from riskengine.pack.model import Pack, Rule
from riskengine.portfolio.gates import MOST, Project, Verdict

__all__ = ["sarif"]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LINES = {".csv": 1, ".tsv": 1, ".txt": 1, ".jsonl": 0, ".ndjson": 0}
"""Lines before the first row, in formats that have lines."""


def sarif(verdict: Verdict, pack: Pack, tables: Sequence[Path]) -> str:
    """Write a report: a result for each risk that fires in a project that is shown.

    A result is an error where its project crossed a line, and a warning elsewhere. Its line is that of the row, if no
    cell before has a line end in it.

    Args:
        verdict: What the gates said.
        pack: The pack.
        tables: The tables.
    """
    rules = [rule for rule in pack.weighed_rules if (rule.weight or 0) > 0]
    place = {rule.id: number for number, rule in enumerate(rules)}
    results = [
        _result(project, pack.rule[finding], place[finding], tables[project.table])
        for project in verdict.shown
        for finding in project.findings
        if finding in place
    ]
    driver = {
        "name": "riskengine",
        "version": __version__,
        "rules": [_rule(rule) for rule in rules],
        "properties": {"pack": {"name": pack.name, "version": pack.version}},
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {"scored": verdict.scored, "crossing": verdict.crossing, "shown": len(verdict.shown)},
    }
    if len(verdict.shown) < verdict.scored:
        text = f"{len(verdict.shown):,} of {verdict.scored:,} projects are reported: at most {MOST:,}, the worst ones"
        notes = [{"level": "note", "message": {"text": text}}]
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": notes}]
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.advice},
        "properties": {"area": rule.area},
    }


def _result(project: Project, rule: Rule, place: int, table: Path) -> dict[str, Any]:
    name = project.key or f"row {project.row}"
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(table)}}
    lines = _LINES.get(table.suffix.lower())
    if lines is not None:
        location["region"] = {"startLine": project.row + lines}
    return {
        "ruleId": rule.id,
        "ruleIndex": place,
        "level": "error" if project.crossed else "warning",
        "message": {"text": f"{_plain(name)}: {rule.title}. Its probability of failure is {project.probability:.0%}."},
        "locations": [{"physicalLocation": location, "logicalLocations": [{"name": name, "kind": "project"}]}],
        "partialFingerprints": {"riskengine/v1": f"{table.name}:{name}:{rule.id}"},
        "properties": {
            "row": project.row,
            "failure_probability": project.probability,
            "risk_level": project.level,
            "crossed": list(project.crossed),
        },
    }


def _plain(name: str) -> str:
    r"""Keep a name from being a link: a message of SARIF may hold links, as Markdown has them.

    Examples:
        >>> _plain("[A](https://example.org)")
        '[A]\\(https://example.org)'
    """
    return name.replace("](", "]\\(")


def _uri(path: Path) -> str:
    """Give a path as a URI, a relative one as such: that is what tools find in a repository.

    Examples:
        >>> _uri(Path("data/my portfolio.csv"))
        'data/my%20portfolio.csv'
    """
    if path.is_absolute():
        return path.as_uri()
    return PurePosixPath("/", path.as_posix()).as_uri().removeprefix("file:///")
