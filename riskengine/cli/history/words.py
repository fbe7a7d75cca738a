"""What the commands of the history say on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich.table import Table
from rich.text import Text

from riskengine.cli.harmless import harmless
from riskengine.cli.show import console
from riskengine.history.as_json import summary_json
from riskengine.history.history import SHORT_ID
from riskengine.history.merging import Added
from riskengine.history.record import IMPORTED, Course, Outcome, Recorded
from riskengine.history.selection import Selection

__all__ = ["ended", "print_course", "print_projects", "say", "say_added", "say_many", "say_selection"]


def say(line: str) -> None:
    """Say something beside the result."""
    typer.echo(harmless(line), err=True)


def say_added(recorded: Recorded, where: str) -> None:
    """Say that an assessment was written down."""
    number = f"{100 * recorded.result.probability:.0f} % to fail"
    say(f"{recorded.project}, {recorded.date}: {number}; written down as {recorded.id} in {where}")


def say_many(added: Added, where: str) -> None:
    """Say how much was written down."""
    known = f"; {added.known} were there already" if added.known else ""
    say(f"{len(added.assessments)} assessments and {len(added.outcomes)} outcomes written down in {where}{known}")


def say_selection(selection: Selection, where: str) -> None:
    """Say how many projects were selected, and what was left out and why."""
    say(f"{len(selection.projects)} finished projects of {where}")
    for note in selection.notes():
        say(f"note: {note}")


def print_projects(courses: Sequence[Course]) -> None:
    """Print a line a project."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("project", "assessed", "first", "last", "to fail", "outcome", "on"):
        table.add_column(name, justify="right" if name in ("assessed", "to fail") else "left", overflow="fold")
    for course in courses:
        one = summary_json(course)
        number = "" if one["probability"] is None else f"{100 * one['probability']:.0f} %"
        outcome = "" if one["outcome"] is None else ended(one["outcome"], one["end"])
        cells = (one["project"], str(one["assessments"]), one["first"], one["last"], number, outcome, one["ended"])
        table.add_row(*(Text(harmless(cell or "")) for cell in cells))
    console().print(table)


def print_course(course: Course) -> None:
    """Print all that the history holds of a project."""
    out = console()
    of = "" if course.department is None else f", {course.department}"
    out.print(Text(harmless(f"{course.project}{of}"), style="bold"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("day", "to fail", "range", "level", "answered", "pack", "id", ""):
        table.add_column(name, overflow="fold", no_wrap=name in ("day", "id"))
    counting = {one.id for one in course.counting}
    for one in sorted(course.assessments, key=lambda one: one.date):
        counts = one.id in counting
        table.add_row(*(Text(harmless(cell), style="" if counts else "dim") for cell in _cells(one, counts)))
    out.print(table)
    changes = course.changes
    for one in course.counting:
        for question, (before, after) in changes.get(one.id, {}).items():
            out.print(Text(harmless(f"{one.date}: {question}: {_answer(before)} -> {_answer(after)}")))
    for outcome in course.outcomes:
        counts = outcome is course.outcome
        out.print(Text(harmless(_line(outcome, counts)), style="bold" if counts else "dim"))


def _cells(one: Recorded, counts: bool) -> tuple[str, ...]:
    low, high = one.result.model_range
    marks = (*(() if counts else ("corrected",)), *(("imported",) if one.origin == IMPORTED else ()))
    return (
        one.date,
        f"{100 * one.result.probability:.0f} %",
        f"{100 * low:.0f} - {100 * high:.0f} %",
        one.result.risk_level,
        f"{100 * one.result.answered_share:.0f} %",
        str(one.versions["pack"]["version"]),
        one.id[:SHORT_ID],
        ", ".join(marks),
    )


def _answer(value: str | float | None) -> str:
    return "unknown" if value is None else f"{value:.12g}" if isinstance(value, float) else value


def _line(outcome: Outcome, counts: bool) -> str:
    note = f": {outcome.note}" if outcome.note else ""
    corrected = "" if counts else " (corrected)"
    said = ended(outcome.outcome, outcome.end)
    return f"{said} on {outcome.date}{corrected}{note} (written down {outcome.recorded_at[:10]})"


def ended(outcome: str, end: str | None) -> str:
    """Say what became of a project, and how it failed."""
    return f"{outcome}: {end}" if end else outcome
