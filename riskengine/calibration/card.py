"""What a model learned, as data of its file: each study's part, areas and findings, prior against learnt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from riskengine.assessment.build import PRIOR_SDS
from riskengine.assessment.model_file import rounded
from riskengine.assessment.names import key_of
from riskengine.calibration.history import History
from riskengine.calibration.layout import FloatArray
from riskengine.calibration.learn import Learned
from riskengine.calibration.posterior import Rows
from riskengine.pack.model import Pack

__all__ = ["area_factors", "card", "department_levels"]

MOVED, STUDY_MOVED = 0.005, 0.01
"""From which change of a factor on it is listed, by the whole history and by one study."""

LEARNT = 0.5
"""A factor is called learnt when its standard deviation is at most this share of what it was."""


def card(
    history: History, rows: Rows, pack: Pack, learned: Learned, without: Mapping[str, FloatArray]
) -> dict[str, Any]:
    """Give what a model says of itself.

    Args:
        history: The history.
        rows: The same as arrays.
        pack: The pack.
        learned: What was learned.
        without: The factors of each fit that leaves one study out.
    """
    said: dict[str, Any] = {
        "studies": [_study(name, history, rows, pack, learned.factors, other) for name, other in without.items()],
        "areas": area_factors(learned),
        "factors": _factors(pack, learned),
    }
    if learned.departments:
        said["departments"] = department_levels(learned, history)
        said["department_sd"] = {
            "before": rounded(learned.fitted.department_sd),
            "now": rounded(learned.fitted.department_sd_),
        }
    return said


def department_levels(learned: Learned, history: History) -> list[dict[str, Any]]:
    """Give the level of each department, the highest first, with its standard deviation.

    It is learnt when where the department's projects stand is known at least twice as well as for a department of
    which nothing is known.

    Args:
        learned: What was learned.
        history: The history that it was learned from.
    """
    common, spread = float(learned.covariance[0, 0]), learned.fitted.department_sd_
    unknown = math.sqrt(common + spread**2)
    found = []
    for key, one in learned.departments.items():
        of_it = [row for row in history.own if row.department is not None and key_of(row.department) == key]
        found.append(
            {
                "department": history.departments[key],
                "projects": math.fsum(row.count for row in of_it),
                "failed": math.fsum(row.count for row in of_it if row.failed),
                "level": rounded(one.level),
                "sd": rounded(one.sd),
                "learnt": math.sqrt(max(0.0, common + one.added)) <= LEARNT * unknown,
            }
        )
    return sorted(found, key=lambda one: -one["level"])


def _study(
    name: str, history: History, rows: Rows, pack: Pack, factors: FloatArray, other: FloatArray
) -> dict[str, Any]:
    of_study = [row for row in history.rows if row.study == name]
    places = [place for place, study in enumerate(rows.studies) if study == name]
    return {
        "study": name,
        "failed": sum(row.count for row in of_study if row.failed),
        "of": sum(row.count for row in of_study),
        "counted_as": rounded(math.fsum(rows.weight[place] for place in places)),
        "moved": _moved(pack, factors, other),
    }


def _moved(pack: Pack, factors: FloatArray, other: FloatArray) -> list[dict[str, Any]]:
    """Give the findings that a study moved by a hundredth or more, by leaving the study out."""
    moved = [
        {"rule": rule.id, "from": rounded(before), "to": rounded(after)}
        for rule, before, after in zip(pack.weighed_rules, other.tolist(), factors.tolist(), strict=True)
        if abs(after - before) >= STUDY_MOVED
    ]
    return sorted(moved, key=lambda one: -abs(one["to"] - one["from"]))


def area_factors(learned: Learned) -> list[dict[str, Any]]:
    """Give the factor of each area, 1 + g + a, with its standard deviation before and after.

    Args:
        learned: What was learned.
    """
    fitted = learned.fitted
    prior = math.hypot(PRIOR_SDS.slope, PRIOR_SDS.area)
    found = []
    for place, area in enumerate(fitted.layout_.areas):
        direction = np.zeros(len(learned.covariance))
        direction[[1, 2 + place]] = 1.0
        factor = max(0.0, 1.0 + fitted.slope_ + fitted.area_[area])
        found.append({"area": area, **_posterior(factor, prior, direction, learned)})
    return found


def _factors(pack: Pack, learned: Learned) -> list[dict[str, Any]]:
    """Give the findings whose factor has moved, those that moved most first."""
    layout = learned.fitted.layout_
    prior = math.hypot(PRIOR_SDS.slope, PRIOR_SDS.area, PRIOR_SDS.finding)
    found = []
    for place, (rule, factor) in enumerate(zip(pack.weighed_rules, learned.factors.tolist(), strict=True)):
        if abs(factor - 1) >= MOVED:
            direction = np.zeros(len(learned.covariance))
            group = 2 + len(layout.areas) + layout.group_of[place]
            direction[[1, 2 + layout.area_of[place], group]] = 1.0
            found.append({"rule": rule.id, "weight": rule.weight, **_posterior(factor, prior, direction, learned)})
    return sorted(found, key=lambda one: -abs(one["factor"] - 1))


def _posterior(factor: float, prior_sd: float, direction: FloatArray, learned: Learned) -> dict[str, Any]:
    sd = math.sqrt(max(0.0, float(direction @ learned.covariance @ direction)))
    return {
        "factor": rounded(factor),
        "prior_sd": rounded(prior_sd),
        "sd": rounded(sd),
        "learnt": sd <= LEARNT * prior_sd,
    }
