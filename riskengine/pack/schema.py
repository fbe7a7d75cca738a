"""What the YAML of a pack may hold: one pydantic model for each kind of file.

The models check shape, types and lengths. What words mean (whether a question exists, whether a test fits it)
is checked afterwards, by `checks` and the reader of conditions, where a position and the nearest name are at hand.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "ExampleModel",
    "PackFile",
    "QuantityModel",
    "QuestionModel",
    "QuestionnaireFile",
    "RuleFile",
    "RuleModel",
    "SourcesFile",
]

Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$", max_length=64)]
RuleId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]
GroupName = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*(-[a-z0-9_]+)*$", max_length=64)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
Line = Annotated[str, Field(min_length=1, max_length=300)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Keys = Annotated[list[Key], Field(max_length=50)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class BaseRateModel(_Model):
    """The share of projects that fail, and how sure that is."""

    value: Annotated[float, Field(gt=0, lt=1)]
    low: Annotated[float, Field(gt=0, lt=1)] | None = None
    high: Annotated[float, Field(gt=0, lt=1)] | None = None
    source: Keys = []
    failure: Text = "the project fails"


class SpreadModel(_Model):
    """Standard deviation of the log-odds over the reference sample."""

    value: Annotated[float, Field(gt=0, le=5)]
    source: Keys = []


class CoherenceModel(_Model):
    """How strongly answers of one project go together."""

    value: Annotated[float, Field(ge=0, lt=1)]
    source: Keys = []


class EndModel(_Model):
    """A way to fail."""

    share: Annotated[float, Field(gt=0, le=1)]
    title: Line
    means: Text = "the project ends this way"


class RiskLevelModel(_Model):
    """A named band of the probability."""

    start: Annotated[float, Field(ge=0, lt=1, alias="from")]
    title: Line


class PackFile(_Model):
    """`pack.yaml`."""

    name: Key
    version: Key
    licence: Line | None = None
    extends: Line | None = None
    base_rate: BaseRateModel | None = None
    spread: SpreadModel | None = None
    coherence: CoherenceModel | None = None
    ends: Annotated[dict[Name, EndModel], Field(min_length=1, max_length=20)] | None = None
    risk_levels: Annotated[dict[Name, RiskLevelModel], Field(min_length=1, max_length=20)] | None = None
    areas: Annotated[dict[Name, Line], Field(min_length=1, max_length=50)] | None = None
    phases: Annotated[list[Name], Field(min_length=1, max_length=50)] | None = None


class LevelModel(_Model):
    """A level with more than a label."""

    label: Line
    renamed_from: Annotated[list[Name], Field(max_length=20)] = []


class QuestionModel(_Model):
    """A question of the questionnaire."""

    id: Name
    area: Name
    phase: Name
    text: Line
    help: Text
    type: Literal["choice", "yes_no", "number"]
    levels: Annotated[dict[Name, Line | LevelModel], Field(min_length=2, max_length=50)] | None = None
    unit: Line | None = None
    minimum: Number | None = None
    maximum: Number | None = None
    worse: Literal["first", "last", "low", "high", "yes", "no", "none"]
    worse_reason: Text | None = None
    shares: dict[Any, Number]
    change: Literal["low", "medium", "high", "given"]
    may_not_apply: bool = False
    quick: bool = False
    ask_when: Any = None
    due_when: Any = None
    renamed_from: Annotated[list[Name], Field(max_length=20)] = []


class QuantityModel(_Model):
    """A quantity: exactly one of the four operations."""

    id: Name
    text: Line
    sum: Annotated[list[str | Number], Field(min_length=2, max_length=20)] | None = None
    difference: Annotated[list[str | Number], Field(min_length=2, max_length=2)] | None = None
    product: Annotated[list[str | Number], Field(min_length=2, max_length=20)] | None = None
    ratio: Annotated[list[str | Number], Field(min_length=2, max_length=2)] | None = None


class QuestionnaireFile(_Model):
    """A file of questions and quantities."""

    questions: Annotated[list[QuestionModel], Field(max_length=500)] = []
    quantities: Annotated[list[QuantityModel], Field(max_length=500)] = []


class ExampleModel(_Model):
    """An example of a rule."""

    answers: dict[Name, Any]
    state: Literal["fires", "possible", "ruled_out"]


class RuleModel(_Model):
    """A rule, or a change to a rule of the pack that is extended (`weight` or `off` alone)."""

    id: RuleId
    area: Name | None = None
    title: Line | None = None
    when: Any = None
    concludes: Name | None = None
    weight: Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)] | None = None
    warns: Text | None = None
    group: GroupName | None = None
    leads_to: Annotated[list[Name], Field(max_length=20)] = []
    why: Text | None = None
    advice: Text | None = None
    sources: Keys = []
    basis: Literal["effect", "judgement"] | None = None
    examples: Annotated[list[ExampleModel], Field(max_length=50)] = []
    off: Literal[True] | None = None


class RuleFile(_Model):
    """A file of rules of one area."""

    area: Name | None = None
    rules: Annotated[list[RuleModel], Field(max_length=5000)]


class SourceModel(_Model):
    """A source that rules cite."""

    cite: Text
    grade: Literal["A", "A-", "B+", "B", "B-", "C", "D"] | None = None
    url: Line | None = None
    note: Text | None = None


class SourcesFile(_Model):
    """A file of sources."""

    sources: Annotated[dict[Key, SourceModel], Field(max_length=2000)]
