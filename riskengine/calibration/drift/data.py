"""The result of `riskengine model check`: a pydantic model whose JSON Schema ships."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["AnswerShift", "Drift", "Latest", "Sum", "json_schema"]

State = Literal["too_little", "fits", "hint", "alarm"]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sum(_Data):
    """One of the two cumulative sums."""

    odds: float = Field(description="The change that it looks for: the odds of failure times this.")
    state: Literal["fits", "hint", "alarm"]
    value: float = Field(description="Where it stands; a hint at 4.5, an alarm at 6.")
    since: str = Field(description="Where the rise to the alarm, or to where it stands, began: a date, or a row.")
    alarms: tuple[str, ...] = Field(description="When it raised an alarm, old ones included.")


class Latest(_Data):
    """The latest hundred projects together."""

    projects: int
    failed: int
    expected: float
    chi_squared: float = Field(description="Score statistic of intercept and slope; an alarm above 13.8.")
    state: Literal["fits", "alarm"]


class AnswerShift(_Data):
    """A question that the latest projects answer otherwise."""

    question: str
    answer: str = Field(description="The answer whose share changed most.")
    before: float
    after: float
    p_value: float = Field(description="How often so large a shift of any question comes by chance.")


class Drift(_Data):
    """Whether outcomes still fit what was predicted before they were known."""

    pack: dict[str, str]
    history_sha256: str
    predictions: str = Field(description="Where the predictions come from.")
    projects: int = Field(description="Judged.")
    failed: int
    expected: float
    state: State
    sums: tuple[Sum, ...]
    latest: Latest | None
    shifts: tuple[AnswerShift, ...]
    cautions: tuple[str, ...]
    advice: tuple[str, ...]


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema of `riskengine model check --json`."""
    schema = Drift.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
