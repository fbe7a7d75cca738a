"""Records as rows of the tables, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from riskengine.history.record import Outcome, Recorded, Result, key_of

__all__ = ["outcome_from_row", "outcome_row", "recorded_from_row", "recorded_row"]


def recorded_row(one: Recorded) -> dict[str, Any]:
    """Give an assessment as a row."""
    return {
        "id": one.id,
        "project_key": key_of(one.project),
        "project": one.project,
        "department": one.department,
        "date": one.date,
        "recorded_at": one.recorded_at,
        "origin": one.origin,
        "corrects": one.corrects,
        "answers": _text(one.answers),
        "notes": _text(one.notes),
        "answered_by": _text(one.by),
        "versions": _text(one.versions),
        "result": _text(result_json(one.result)),
    }


def recorded_from_row(row: Mapping[str, Any]) -> Recorded:
    """Give the assessment of a row."""
    return Recorded(
        id=row["id"],
        project=row["project"],
        date=row["date"],
        recorded_at=row["recorded_at"],
        origin=row["origin"],
        corrects=row["corrects"],
        answers=json.loads(row["answers"]),
        notes=json.loads(row["notes"]),
        by=json.loads(row["answered_by"]),
        versions=json.loads(row["versions"]),
        result=result_from_json(json.loads(row["result"])),
        department=row["department"],
    )


def outcome_row(one: Outcome) -> dict[str, Any]:
    """Give an outcome as a row."""
    return {
        "id": one.id,
        "project_key": key_of(one.project),
        "project": one.project,
        "outcome": one.outcome,
        "failed_by": one.end,
        "date": one.date,
        "note": one.note,
        "recorded_at": one.recorded_at,
        "corrects": one.corrects,
    }


def outcome_from_row(row: Mapping[str, Any]) -> Outcome:
    """Give the outcome of a row."""
    return Outcome(
        id=row["id"],
        project=row["project"],
        outcome=row["outcome"],
        end=row["failed_by"],
        date=row["date"],
        note=row["note"],
        recorded_at=row["recorded_at"],
        corrects=row["corrects"],
    )


def result_json(one: Result) -> dict[str, Any]:
    """Give a result as JSON holds it, by the names of `assess --json`."""
    return {
        "probability": one.probability,
        "risk_level": one.risk_level,
        "base_rate": one.base_rate,
        "range": {"answers": list(one.answers_range), "model": list(one.model_range)},
        "answered_share": one.answered_share,
        "ends": dict(one.ends),
        "areas": dict(one.areas),
        "fires": list(one.fires),
    }


def result_from_json(form: Mapping[str, Any]) -> Result:
    """Give the result that JSON holds."""
    (answers_low, answers_high), (model_low, model_high) = form["range"]["answers"], form["range"]["model"]
    return Result(
        probability=float(form["probability"]),
        risk_level=str(form["risk_level"]),
        base_rate=float(form["base_rate"]),
        answers_range=(float(answers_low), float(answers_high)),
        model_range=(float(model_low), float(model_high)),
        answered_share=float(form["answered_share"]),
        ends={str(end): float(share) for end, share in form["ends"].items()},
        areas={str(area): float(score) for area, score in form["areas"].items()},
        fires=tuple(str(rule) for rule in form["fires"]),
    )


def _text(value: object) -> str:
    # escapes, so that a text with characters that a database refuses is held all the same
    return json.dumps(value, ensure_ascii=True, sort_keys=True)
