"""Records made from what somebody hands over: named, dated, checked."""

from __future__ import annotations

import datetime
import uuid

from riskengine.assessment.result import Assessment
from riskengine.errors import Problem, ProblemError, Source, nearest, shorten
from riskengine.history.record import (
    FAILED,
    MAX_END,
    SUCCEEDED,
    Outcome,
    Recorded,
    Result,
    checked_day,
    checked_text,
    name_of,
)

__all__ = ["contradiction", "is_same", "new_entry", "new_outcome"]


def new_entry(assessment: Assessment, origin: str, now: datetime.datetime) -> Recorded:
    """Make the record of an assessment.

    Args:
        assessment: The assessment.
        origin: `assessed` or `imported`.
        now: When it is written down.

    Raises:
        ProblemError: RE-506 if name or day are missing or can't be used.
    """
    return Recorded(
        id=uuid.uuid4().hex,
        project=name_of(assessment.project),
        date=checked_day(assessment.date, "date", now.date().isoformat(), "RE-506"),
        recorded_at=_moment(now),
        origin=origin,
        corrects=None,
        answers=dict(assessment.answers),
        notes=dict(assessment.notes),
        by=dict(assessment.by),
        versions=assessment.versions.model_dump(mode="json"),
        result=_result(assessment),
        department=assessment.department,
    )


def _result(assessment: Assessment) -> Result:
    return Result(
        probability=assessment.probability,
        risk_level=assessment.risk_level,
        base_rate=assessment.base_rate,
        answers_range=assessment.range.answers,
        model_range=assessment.range.model,
        answered_share=assessment.answered_share,
        ends=dict(assessment.ends),
        areas={area: one.score for area, one in assessment.areas.items()},
        fires=tuple(one.rule for one in assessment.findings if one.state == "fires"),
    )


def new_outcome(
    project: str, outcome: str, on: str | None, end: str | None, note: str, now: datetime.datetime
) -> Outcome:
    """Make the record of an outcome.

    Raises:
        ProblemError: RE-506 for a name that is none, RE-509 for anything else.
    """
    if outcome not in (SUCCEEDED, FAILED):
        message = f"unknown outcome `{shorten(outcome)}`"
        help = nearest(outcome, [SUCCEEDED, FAILED])
        raise ProblemError(Problem("RE-509", message, help, Source(field="outcome"), shorten(outcome)))
    if outcome == SUCCEEDED and end is not None:
        message = f"a project that succeeded did not end by `{shorten(end)}`"
        raise ProblemError(Problem("RE-509", message, "leave out how it failed", Source(field="end"), shorten(end)))
    return Outcome(
        id=uuid.uuid4().hex,
        project=name_of(project),
        outcome=outcome,
        end=None if end is None else checked_text(end, "end", "RE-509", MAX_END),
        date=checked_day(on, "on", now.date().isoformat(), "RE-509"),
        note=checked_text(note, "note", "RE-509"),
        recorded_at=_moment(now),
        corrects=None,
    )


def _moment(now: datetime.datetime) -> str:
    return now.astimezone(datetime.UTC).isoformat(timespec="seconds")


def is_same(entry: Recorded, other: Recorded) -> bool:
    """Say whether a new assessment of a project is one that was recorded before, to the last answer.

    One that corrects another is the same only if that one was corrected so already.
    """

    def said(one: Recorded) -> tuple[object, ...]:
        versions = (one.versions.get("pack"), one.versions.get("model"))
        return one.date, one.department, one.answers, one.notes, one.by, one.result.base_rate, *versions

    return entry.corrects in (None, other.corrects) and said(entry) == said(other)


def contradiction(before: Outcome, made: Outcome) -> Problem:
    """Say that a project has another outcome already."""
    if before.says_as(made):
        message = f"`{shorten(made.project)}` has this outcome already, with another note: `{shorten(before.note)}`"
    else:
        message = f"`{shorten(made.project)}` has another outcome already: {_said(before)}; this one is {_said(made)}"
    help = "if this one is right, `riskengine history outcome --correct` puts it in the place of the other"
    return Problem("RE-508", message, help, Source(field="outcome"), made.outcome)


def _said(one: Outcome) -> str:
    return f"{one.outcome}{f' ({one.end})' if one.end else ''} on {one.date}"
