"""Outcomes of tests as JUnit XML, which build servers show."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from riskengine.authoring.testing.run import Outcome, Report
from riskengine.authoring.testing.words import difference_lines, headline

if TYPE_CHECKING:
    from junitparser import TestSuite

__all__ = ["junit_xml"]

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(report: Report) -> str:
    """Write a run as JUnit XML: a suite for each file, a case for each example and test.

    It holds no time and no name of a machine: the same pack gives the same file.

    Args:
        report: The run.
    """
    from junitparser import JUnitXml

    files: dict[str, list[Outcome]] = {}
    for one in report.outcomes:
        files.setdefault(one.test.source.file or report.pack.name, []).append(one)
    xml = JUnitXml(_allowed(f"{report.pack.name} {report.pack.version}"))
    for file, outcomes in files.items():
        xml.add_testsuite(_suite(report.pack.name, file, outcomes))
    xml.tests, xml.failures, xml.errors = len(report.outcomes), len(report.failed), 0
    content = io.BytesIO()
    xml.write(content, pretty=True)
    return content.getvalue().decode()


def _suite(pack: str, file: str, outcomes: Sequence[Outcome]) -> TestSuite:
    from junitparser import Failure, TestCase, TestSuite

    suite = TestSuite(_allowed(file))
    # build servers take what stands before the last dot for a folder
    group = f"{pack}.{Path(file).name.split('.')[0]}"
    cases = []
    for one in outcomes:
        case = TestCase(_allowed(one.test.name), _allowed(group))
        if not one.holds:
            about = ", ".join(difference.about for difference in one.differences)
            failure = Failure(_allowed(f"not as expected: {about}"), "difference")
            failure.text = _allowed("\n".join([headline(one), *difference_lines(one)]))
            case.result = [failure]
        cases.append(case)
    suite.add_testcases(cases)
    return suite


def _allowed(text: str) -> str:
    """Replace the characters that XML can't hold."""
    return _FORBIDDEN.sub("\ufffd", text)
