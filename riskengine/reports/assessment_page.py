"""The report of one project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import Model
from riskengine.assessment.result import Assessment, Finding
from riskengine.assessment.score import expit
from riskengine.reports.charts import areas_chart
from riskengine.reports.foundation import foundation_of
from riskengine.reports.page import render
from riskengine.reports.text import name_of

__all__ = ["assessment_page"]

MOST_STEPS = 3


@dataclass(frozen=True, slots=True)
class _Shown:
    """A finding, and those of its group that it outweighs."""

    finding: Finding
    outweighed: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class _Area:
    """An area, its share of the risk, and what it adds to the probability, in percentage points."""

    title: str
    share: float
    points: float


@dataclass(frozen=True, slots=True)
class _Level:
    """The project's risk level, and its place among the levels, 0 the lowest to 1 the highest."""

    title: str
    place: float


def assessment_page(result: Assessment, built: BuiltPack, model: Model, base_rate: float | None = None) -> str:
    """Write the report of one project as one HTML file.

    Args:
        result: The assessment, with proofs.
        built: The pack it was made with.
        model: The model it was made with.
        base_rate: The reader's own base rate, where one was given.
    """
    areas = _areas(result, built)
    heads = [one for one in result.findings if one.state == "fires" and one.replaced_by is None]
    heads.sort(key=lambda one: -(one.effect or 0.0))
    raising = [one for one in heads if (one.effect or 0.0) > 0]
    return render(
        "assessment.html",
        result=result,
        project=None if result.project is None else name_of(result.project),
        department=None if result.department is None else name_of(result.department),
        level=_level(result, built),
        ends=[(end, result.ends[end.id]) for end in built.pack.ends],
        areas=areas,
        chart=areas_chart({area.title: area.points for area in areas}) if areas else None,
        raising=[_shown(one, result) for one in raising],
        lowering=[_shown(one, result) for one in reversed(heads) if (one.effect or 0.0) < 0],
        steps=[one for one in raising if one.advice][:MOST_STEPS],
        possible=[one for one in result.findings if one.state == "possible"],
        texts={question.id: question.text for question in built.pack.questions},
        sources=dict(built.pack.sources),
        titles=dict(built.pack.areas),
        foundation=foundation_of(built, model, base_rate),
    )


def _level(result: Assessment, built: BuiltPack) -> _Level:
    ids = [level.id for level in built.pack.risk_levels]
    place = ids.index(result.risk_level)
    return _Level(built.pack.risk_levels[place].title, place / max(len(ids) - 1, 1))


def _areas(result: Assessment, built: BuiltPack) -> list[_Area]:
    """Give the areas, those first that add most."""
    kappa, log_odds = result.score.moderation, result.score.log_odds
    titles = dict(built.pack.areas)
    found = [
        _Area(titles[area], one.share, 100 * (result.probability - expit(kappa * (log_odds - one.score))))
        for area, one in result.areas.items()
    ]
    return sorted(found, key=lambda area: -area.points)


def _shown(one: Finding, result: Assessment) -> _Shown:
    return _Shown(one, [other for other in result.findings if other.replaced_by == one.rule])
