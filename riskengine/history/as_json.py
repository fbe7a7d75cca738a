"""Records as JSON: what the commands print, and the lines from which a history can be made again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from riskengine.history.merging import Added
from riskengine.history.record import FAILED, Course, Outcome, Recorded
from riskengine.history.rows import result_json
from riskengine.history.selection import REASONS, Selection

__all__ = [
    "added_json",
    "course_json",
    "outcome_json",
    "recorded_json",
    "records_jsonl",
    "selection_json",
    "summary_json",
]


def recorded_json(one: Recorded) -> dict[str, Any]:
    """Give an assessment of the history."""
    return {
        "kind": "assessment",
        "id": one.id,
        "project": one.project,
        "department": one.department,
        "date": one.date,
        "recorded_at": one.recorded_at,
        "origin": one.origin,
        "corrects": one.corrects,
        **result_json(one.result),
        "answers": dict(one.answers),
        "notes": dict(one.notes),
        "by": dict(one.by),
        "versions": dict(one.versions),
    }


def outcome_json(one: Outcome) -> dict[str, Any]:
    """Give an outcome of the history."""
    return {
        "kind": "outcome",
        "id": one.id,
        "project": one.project,
        "outcome": one.outcome,
        "end": one.end,
        "date": one.date,
        "note": one.note,
        "recorded_at": one.recorded_at,
        "corrects": one.corrects,
    }


def course_json(course: Course) -> dict[str, Any]:
    """Give all that the history holds of a project."""
    counting = {one.id for one in course.counting}
    changed = {id: {name: list(values) for name, values in found.items()} for id, found in course.changes.items()}
    return {
        "project": course.project,
        "assessments": [
            {**recorded_json(one), "counts": one.id in counting, "changed": changed.get(one.id, {})}
            for one in course.assessments
        ],
        "outcomes": [{**outcome_json(one), "counts": one is course.outcome} for one in course.outcomes],
    }


def summary_json(course: Course) -> dict[str, Any]:
    """Give a project in a line: how often it was assessed, the last number, and what became of it."""
    counting = course.counting
    last = counting[-1] if counting else None
    outcome = course.outcome
    return {
        "project": course.project,
        "department": course.department,
        "assessments": len(counting),
        "first": counting[0].date if counting else None,
        "last": None if last is None else last.date,
        "probability": None if last is None else last.result.probability,
        "risk_level": None if last is None else last.result.risk_level,
        "outcome": None if outcome is None else outcome.outcome,
        "end": None if outcome is None else outcome.end,
        "ended": None if outcome is None else outcome.date,
    }


def added_json(added: Added) -> dict[str, Any]:
    """Give how much was written down."""
    return {"assessments": len(added.assessments), "outcomes": len(added.outcomes), "known": added.known}


def selection_json(selection: Selection) -> dict[str, Any]:
    """Give what was selected, and what was left out and why."""
    failed = sum(one.outcome.outcome == FAILED for one in selection.projects)
    return {
        "stage": selection.stage,
        "projects": len(selection.projects),
        "failed": failed,
        "left_out": [{"project": one.project, "reason": one.reason} for one in selection.left_out],
        "counts": {reason: selection.counts.get(reason, 0) for reason in REASONS},
        "passed_over": selection.passed_over,
        "hindsight": selection.hindsight,
        "misfits": dict(selection.misfits),
        "other_packs": dict(selection.other_packs),
    }


def records_jsonl(records: Iterable[Recorded | Outcome]) -> str:
    """Give every record as a line of JSON."""
    made = (recorded_json(one) if isinstance(one, Recorded) else outcome_json(one) for one in records)
    # with escapes, for an answers file in JSON may hold characters that UTF-8 has no bytes for
    return "".join(json.dumps(one, ensure_ascii=True) + "\n" for one in made)
