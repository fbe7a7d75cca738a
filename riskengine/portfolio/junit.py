"""JUnit XML: a test case a project, failed where it crossed a line, for servers that show the results of tests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from riskengine.portfolio.gates import MOST, Project, Verdict

__all__ = ["junit"]

# what XML 1.0 cannot hold
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(verdict: Verdict, tables: Sequence[Path]) -> str:
    """Write a report of the projects that are shown.

    Args:
        verdict: What the gates said.
        tables: The tables.
    """
    failures = sum(bool(project.crossed) for project in verdict.shown)
    counts = {"tests": str(len(verdict.shown)), "failures": str(failures), "errors": "0", "skipped": "0"}
    root = ElementTree.Element("testsuites", {"name": "riskengine", **counts})
    suite = ElementTree.SubElement(root, "testsuite", {"name": "riskengine score", **counts})
    if len(verdict.shown) < verdict.scored:
        text = f"{len(verdict.shown):,} of {verdict.scored:,}: at most {MOST:,}, the worst ones"
        properties = ElementTree.SubElement(suite, "properties")
        ElementTree.SubElement(properties, "property", name="projects shown", value=text)
        ElementTree.SubElement(properties, "property", name="projects beyond a gate", value=str(verdict.crossing))
    for project in verdict.shown:
        _case(suite, project, tables[project.table])
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, project: Project, table: Path) -> None:
    name = _allowed(project.key or f"row {project.row}")
    case = ElementTree.SubElement(suite, "testcase", classname=_allowed(str(table)), name=name)
    if project.crossed:
        failure = ElementTree.SubElement(case, "failure", type="gate", message=_allowed("; ".join(project.crossed)))
        failure.text = f"row {project.row}; findings: {' '.join(project.findings)}"


def _allowed(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
