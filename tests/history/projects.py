"""Assessments and histories to write down."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cache

import riskengine
from riskengine.assessment.result import Assessment
from riskengine.history.history import History


@cache
def _assessed(answers: tuple[tuple[str, object], ...]) -> Assessment:
    return riskengine.assess(dict(answers), explain=False)


def assessment(project: str = "Churn", date: str = "2025-02-01", **answers: object) -> Assessment:
    """Give the assessment of a project; without answers, one that has some."""
    found = _assessed(tuple((answers or {"stage": "idea", "team_fte": 2}).items()))
    return found.model_copy(update={"project": project, "date": date})


def on(day: str) -> datetime.datetime:
    """Give noon of a day."""
    return datetime.datetime.fromisoformat(f"{day}T12:00:00+00:00")


class Clock:
    """A clock that stands at noon of the day that it is set to."""

    def __init__(self, day: str = "2025-02-01") -> None:
        self.day = day

    def __call__(self) -> datetime.datetime:
        return on(self.day)


def opened(location: str, clock: Clock | None = None) -> History:
    """Open a history whose clock stands still."""
    return History.open(location, now=clock or Clock())


def answers_of(found: Mapping[str, object]) -> dict[str, object]:
    """Give answers as plain values."""
    return {question: value for question, value in found.items() if value is not None}
