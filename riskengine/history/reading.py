"""Records out of a database, within a transaction that somebody else began."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, select

from riskengine.errors import Problem, ProblemError, Source, shorten
from riskengine.history.faults import DamagedError
from riskengine.history.record import Course, Outcome, Recorded, key_of
from riskengine.history.rows import outcome_from_row, recorded_from_row
from riskengine.history.tables import ASSESSMENTS, OUTCOMES

__all__ = ["assessments_of", "course_of", "courses_of", "outcomes_of"]

_T = TypeVar("_T")

MOST_NAMES = 5_000
"""Names that are looked through for the one that was probably meant."""


def assessments_of(connection: Connection, key: str | None = None) -> Iterator[Recorded]:
    """Give the assessments, in the order in which they were recorded.

    Args:
        connection: The connection.
        key: What `key_of` gives of a project's name; all projects by default.
    """
    return (_read(recorded_from_row, row) for row in _rows(connection, ASSESSMENTS, key))


def outcomes_of(connection: Connection, key: str | None = None) -> Iterator[Outcome]:
    """Give the outcomes, in the order in which they were recorded; see `assessments_of`."""
    return (_read(outcome_from_row, row) for row in _rows(connection, OUTCOMES, key))


def _read(make: Callable[[Mapping[str, Any]], _T], row: Mapping[str, Any]) -> _T:
    try:
        return make(row)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DamagedError(f"the record `{shorten(str(row['id']), 40)}` is damaged") from None


def course_of(connection: Connection, project: str, where: str) -> Course:
    """Give all that there is of a project.

    Args:
        connection: The connection.
        project: Its name.
        where: Where the history is, for messages.

    Raises:
        ProblemError: RE-507 if there is no such project.
    """
    key = key_of(project)
    assessments, outcomes = list(assessments_of(connection, key)), list(outcomes_of(connection, key))
    if not assessments and not outcomes:
        raise ProblemError(_unknown(connection, project, where))
    return _course(assessments, outcomes)


def courses_of(connection: Connection) -> list[Course]:
    """Give all that there is of every project, by name."""
    assessments: dict[str, list[Recorded]] = {}
    outcomes: dict[str, list[Outcome]] = {}
    for one in assessments_of(connection):
        assessments.setdefault(key_of(one.project), []).append(one)
    for other in outcomes_of(connection):
        outcomes.setdefault(key_of(other.project), []).append(other)
    keys = sorted({*assessments, *outcomes})
    return [_course(assessments.get(key, []), outcomes.get(key, [])) for key in keys]


def _course(assessments: list[Recorded], outcomes: list[Outcome]) -> Course:
    name = assessments[0].project if assessments else outcomes[0].project
    return Course(name, tuple(assessments), tuple(outcomes))


def _rows(connection: Connection, table: Table, key: str | None) -> Iterator[Mapping[str, Any]]:
    query = select(table) if key is None else select(table).where(table.c.project_key == key)
    for row in connection.execute(query.order_by(table.c.number)).mappings():
        # a mapping of columns by name
        yield {str(name): value for name, value in row.items()}


def _unknown(connection: Connection, project: str, where: str) -> Problem:
    rows = connection.scalars(select(ASSESSMENTS.c.project).distinct().limit(MOST_NAMES))
    names = {key_of(name): name for name in rows}
    close = difflib.get_close_matches(key_of(project)[:200], names, n=1, cutoff=0.6)
    help = f"did you mean `{shorten(names[close[0]])}`?" if close else "`riskengine history list` gives all names"
    message = f"the history has no project `{shorten(project)}`"
    return Problem("RE-507", message, help, Source(where), shorten(project))
