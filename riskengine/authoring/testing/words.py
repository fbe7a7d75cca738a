"""Outcomes of tests as an author reads them."""

from __future__ import annotations

from collections.abc import Iterator

from riskengine.authoring.testing.project_tests import Bounds, own_rules
from riskengine.authoring.testing.run import Outcome, Report, Why

__all__ = ["difference_lines", "headline", "summary"]

_STATES = {"fires": "fires", "possible": "is possible", "ruled_out": "is ruled out"}


def headline(outcome: Outcome) -> str:
    """Give the place and name of a test."""
    place = str(outcome.test.source)
    return f"{place}: {outcome.test.name}" if place else outcome.test.name


def difference_lines(outcome: Outcome) -> Iterator[str]:
    """Give the lines that say what is different from what a test expects, and why."""
    for one in outcome.differences:
        line = one.source.line
        place = f"  (line {line})" if line is not None and line != outcome.test.source.line else ""
        yield f"- {one.about} {_said(one.expected)}{place}"
        yield f"+ {one.about} {_said(one.actual)}"
        if one.why is not None:
            yield from (f"    {reason}" for reason in _reasons(one.why))


def _said(value: str | float | Bounds) -> str:
    if isinstance(value, Bounds):
        named = {"at least": value.at_least, "at most": value.at_most}
        return "is " + " and ".join(f"{name} {100 * bound:g} %" for name, bound in named.items() if bound is not None)
    return f"is {100 * value:.2f} %" if isinstance(value, float) else _STATES.get(value, f"is {value}")


def _reasons(why: Why) -> Iterator[str]:
    if why.answers:
        yield "because " + ", ".join(f"{question} is {value}" for question, value in why.answers)
    elif not why.open:
        yield "whatever the answers are"
    for rule, state in why.steps:
        yield f"so {rule} {_STATES[state]}"
    if why.open:
        yield f"it depends on {', '.join(why.open)}"


def summary(report: Report) -> str:
    """Say in a line how many tests there were, and how many of them fail."""
    pack = report.pack
    examples = [one.test.example_of for one in report.outcomes if one.test.example_of is not None]
    tests = [one.test.source.file for one in report.outcomes if one.test.example_of is None]
    parts = [
        f"{_count(len(examples), 'example')} of {_count(len(set(examples)), 'rule')}",
        *([f"{_count(len(tests), 'test')} in {_count(len(set(tests)), 'file')}"] if tests else []),
    ]
    failed = len(report.failed)
    if not report.outcomes:
        what = "no examples and no tests" if own_rules(pack) else "no rules of its own, and no tests"
        return f"{pack.name} {pack.version}: {what}"
    verdict = f"{failed} of {len(report.outcomes)} failed" if failed else "all hold"
    return f"{pack.name} {pack.version}: {' and '.join(parts)}; {verdict}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
