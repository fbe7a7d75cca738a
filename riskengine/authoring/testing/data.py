"""Outcomes of tests as data, for other programs."""

from __future__ import annotations

from typing import Any

from riskengine.authoring.testing.project_tests import Bounds
from riskengine.authoring.testing.run import Difference, Outcome, Report

__all__ = ["report_data"]


def report_data(report: Report) -> dict[str, Any]:
    """Give the JSON object of `riskengine rules test --json`.

    Args:
        report: The run.
    """
    return {
        "ok": not report.failed,
        "name": report.pack.name,
        "version": report.pack.version,
        "run": len(report.outcomes),
        "failed": len(report.failed),
        "tests": [_outcome(one) for one in report.outcomes],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.test.name,
        "example_of": outcome.test.example_of,
        "source": outcome.test.source.as_json(),
        "holds": outcome.holds,
        "differences": [_difference(one) for one in outcome.differences],
    }


def _difference(one: Difference) -> dict[str, Any]:
    data: dict[str, Any] = {
        "about": one.about,
        "expected": _bounds(one.expected) if isinstance(one.expected, Bounds) else one.expected,
        "actual": one.actual,
        "source": one.source.as_json(),
    }
    if one.why is not None:
        data["because"] = dict(one.why.answers)
        data["steps"] = [{"rule": rule, "state": state} for rule, state in one.why.steps]
        data["open"] = list(one.why.open)
    return data


def _bounds(bounds: Bounds) -> dict[str, float]:
    named = {"at_least": bounds.at_least, "at_most": bounds.at_most}
    return {name: bound for name, bound in named.items() if bound is not None}
