"""The result of an evaluation: a pydantic model whose JSON Schema ships."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AreaFactor",
    "Compared",
    "CurvePoint",
    "DecisionPoint",
    "DepartmentFigures",
    "EndFigures",
    "Evaluation",
    "Figure",
    "Figures",
    "LeftOutRows",
    "Missing",
    "OrdinaryProject",
    "Predicted",
    "Ranged",
    "Subgroup",
    "Temporal",
    "json_schema",
]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Data):
    """A figure with its interval."""

    value: float
    interval: tuple[float, float] = Field(description="About 95 %.")


class Missing(_Data):
    """A figure that means nothing yet."""

    figure: str = Field(description="Its key; `auc:cancelled` is the AUC of one end.")
    sentence: str = Field(description="What is missing, in words.")
    more_outcomes: int = Field(description="How many more outcomes it takes, at the share of failures so far.")


class Compared(_Data):
    """Log loss or Brier score, of the model and of what it has to beat."""

    model: Figure
    base_rate: Figure = Field(description="Every project gets the share of failures among those learned from.")
    rules: Figure = Field(description="The rules without history, moderated: what holds before training.")
    full_rules: Figure = Field(description="The rules at full weight, without moderation.")
    gain_over_base_rate: Figure = Field(description="By how much the model's is lower, on the same projects.")
    gain_over_rules: Figure


class EndFigures(_Data):
    """One way to fail."""

    end: str
    observed: int
    expected: float = Field(description="Among failures whose end is known.")
    auc: Figure | None = Field(None, description="Projects with this end against all others; null where too little.")


class CurvePoint(_Data):
    """A point of the calibration curve."""

    predicted: float
    observed: float
    band: tuple[float, float]


class DecisionPoint(_Data):
    """Net benefit of acting on projects from a probability on, in failures met for each project."""

    threshold: float
    model: float
    rules: float
    all: float = Field(description="Acting on every project; acting on none is worth 0.")
    gain_over_rules: Figure


class Figures(_Data):
    """How predictions did; a figure that would mean nothing is null, and `too_little` says why."""

    projects: int
    failed: int
    expected: float = Field(description="Failures that were predicted: the sum of all probabilities.")
    observed_over_expected: Figure | None = Field(
        None, description="With the exact interval of the share that failed; null for a selection."
    )
    log_loss: Compared | None = None
    brier: Compared | None = None
    auc: Figure | None = None
    rules_auc: Figure | None = None
    intercept: Figure | None = Field(None, description="Calibration in the large: 0 is right.")
    slope: Figure | None = Field(None, description="1 is right; below, predictions are too extreme.")
    curve: tuple[CurvePoint, ...] | None = None
    decision: tuple[DecisionPoint, ...] | None = None
    too_little: tuple[Missing, ...] = ()


class Temporal(_Data):
    """Predictions of projects begun after a day, by a model of what had ended before it."""

    cut: str = Field(description="The day.")
    learned_from: int
    between: int = Field(description="Projects left out: begun before that day and ended after it.")
    figures: Figures


class Subgroup(_Data):
    """Projects with the same value in one column."""

    column: str
    value: str
    figures: Figures


class AreaFactor(_Data):
    """What history says about the weight of an area, against what was thought before."""

    area: str
    prior: Figure
    posterior: Figure
    learnt: bool = Field(description="Whether the standard deviation has halved.")


class DepartmentFigures(_Data):
    """What history says about the level of a department's projects."""

    department: str
    projects: int
    failed: int
    level: Figure = Field(description="By how much their log-odds differ from those of all; 0 before.")
    learnt: bool = Field(description="Known at least twice as well as for a department of which nothing is known.")


class Ranged(_Data):
    """A probability with its range."""

    probability: float
    range: tuple[float, float] = Field(description="The 90 % range among projects like it.")


class OrdinaryProject(_Data):
    """A project of which nothing is known yet."""

    before: Ranged = Field(description="By the rules without history.")
    now: Ranged = Field(description="By the model of this history.")


class LeftOutRows(_Data):
    """Rows of the table that were not used."""

    reason: str
    rows: int


class Predicted(_Data):
    """One project's probability by a model that was trained without it, and what became of it."""

    row: int
    project: str | None
    probability: float
    failed: bool


class Evaluation(_Data):
    """How the model of this history does on projects that it was not trained on."""

    pack: dict[str, str] = Field(description="Name, version and meaning_hash.")
    history_sha256: str
    failure: str = Field(description="What counts as a failure.")
    begun: tuple[str, str] | None = Field(None, description="First and last day of the answers; null unless all known.")
    ended: tuple[str, str] | None = Field(None, description="First and last day of the outcomes; the same.")
    studies: tuple[str, ...] = Field((), description="Published counts that were learned from too, and not judged.")
    selection: float | None = Field(
        None, description="The stated share of failures among all projects, where the history is a selection of them."
    )
    synthetic: int = Field(0, description="Projects that the table marks as made up.")
    method: str
    repeats: int
    figures: Figures
    ends: tuple[EndFigures, ...]
    temporal: Temporal | None = None
    subgroups: tuple[Subgroup, ...] = ()
    areas: tuple[AreaFactor, ...]
    departments: tuple[DepartmentFigures, ...] = Field((), description="The highest level first; with `--departments`.")
    ordinary: OrdinaryProject | None = None
    predicted: tuple[Predicted, ...] = Field(description="Mean over the repeats.")
    left_out: tuple[LeftOutRows, ...] = ()
    cautions: tuple[str, ...] = ()


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema of `riskengine model evaluate --json`."""
    schema = Evaluation.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
