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
    "ProjectTestFile",
    "ProjectTestModel",
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

    value: Annotated[float, Field(gt=0, lt=1)] = Field(description="The share of projects that fail, between 0 and 1.")
    low: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None, description="Lower end of a 90 % range of that share. Belongs with `high`."
    )
    high: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None, description="Upper end of a 90 % range of that share. Belongs with `low`."
    )
    source: Keys = Field(default=[], description="Where the figure comes from: keys declared under `sources`.")
    failure: Text = Field(
        default="the project fails",
        description="What counts as failing. Without this sentence no probability means anything.",
    )


class SpreadModel(_Model):
    """Standard deviation of the log-odds over the reference sample."""

    value: Annotated[float, Field(gt=0, le=5)] = Field(
        description="How far apart the log-odds of ordinary projects lie, a standard deviation. It decides how "
        "extreme probabilities get."
    )
    source: Keys = Field(default=[], description="Where the figure comes from: keys declared under `sources`.")


class CoherenceModel(_Model):
    """How strongly answers of one project go together."""

    value: Annotated[float, Field(ge=0, lt=1)] = Field(description="From 0 to below 1. 0.2 is a mild tendency.")
    source: Keys = Field(default=[], description="Where the figure comes from: keys declared under `sources`.")


class EndModel(_Model):
    """A way to fail."""

    share: Annotated[float, Field(gt=0, le=1)] = Field(
        description="Its share of all failures. The shares of all ends add up to 1."
    )
    title: Line = Field(description="The end in a word or two.")
    means: Text = Field(default="the project ends this way", description="What one would see.")


class RiskLevelModel(_Model):
    """A named band of the probability."""

    start: Annotated[float, Field(ge=0, lt=1, alias="from")] = Field(
        description="The probability at which it begins; the first begins at 0."
    )
    title: Line = Field(description="The level in a word or two.")


class PackFile(_Model):
    """`pack.yaml`."""

    name: Key = Field(description="What the pack is called.")
    version: Key = Field(description="Which state of the pack this is. What looks like a number needs quotes.")
    licence: Line | None = Field(default=None, description="Under which terms others may use it, such as `CC-BY-4.0`.")
    extends: Line | None = Field(
        default=None,
        description="A pack that this one starts from: `riskengine` for the shipped one, or a path from this folder.",
    )
    base_rate: BaseRateModel | None = Field(
        default=None, description="How many of the projects that the pack is made for fail."
    )
    spread: SpreadModel | None = Field(default=None, description="How far apart the log-odds of ordinary projects lie.")
    coherence: CoherenceModel | None = Field(
        default=None, description="How strongly the answers of one project go together."
    )
    ends: Annotated[dict[Name, EndModel], Field(min_length=1, max_length=20)] | None = Field(
        default=None, description="The ways to fail, each with its share of all failures."
    )
    risk_levels: Annotated[dict[Name, RiskLevelModel], Field(min_length=1, max_length=20)] | None = Field(
        default=None, description="Names for bands of the probability, from the lowest up."
    )
    areas: Annotated[dict[Name, Line], Field(min_length=1, max_length=50)] | None = Field(
        default=None, description="What questions and rules are sorted by: id and title."
    )
    phases: Annotated[list[Name], Field(min_length=1, max_length=50)] | None = Field(
        default=None, description="When a question can first be answered: ids, in their order."
    )


class LevelModel(_Model):
    """A level with more than a label."""

    label: Line = Field(description="What one would see.")
    renamed_from: Annotated[list[Name], Field(max_length=20)] = Field(
        default=[], description="Former ids of this level; old answers stay readable."
    )


class QuestionModel(_Model):
    """A question of the questionnaire."""

    id: Name = Field(description="Small letters, digits and underscores. Rules and answers name the question by it.")
    area: Name = Field(description="One of the areas of `pack.yaml`.")
    phase: Name = Field(description="One of the phases of `pack.yaml`.")
    text: Line = Field(description="The question as it is asked.")
    help: Text = Field(description="How to answer it, and why it is asked.")
    type: Literal["choice", "yes_no", "number"] = Field(
        description="`choice` of ordered levels, `yes_no`, or `number`."
    )
    levels: Annotated[dict[Name, Line | LevelModel], Field(min_length=2, max_length=50)] | None = Field(
        default=None,
        description="Of a choice: ids, each with what one would see, in the order in which people think of them.",
    )
    unit: Line | None = Field(default=None, description="Of a number: what is counted, such as `people`.")
    minimum: Number | None = Field(default=None, description="Of a number: the smallest that can be answered.")
    maximum: Number | None = Field(default=None, description="Of a number: the largest that can be answered.")
    worse: Literal["first", "last", "low", "high", "yes", "no", "none"] = Field(
        description="The direction of risk. Choice: `first` or `last` level. Number: `low` or `high`. Yes or no: "
        "`yes` or `no`. `none` where no direction is worse."
    )
    worse_reason: Text | None = Field(default=None, description="Why no direction is worse. Belongs to `worse: none`.")
    shares: dict[Any, Number] = Field(
        description="How often each answer is expected among projects that are asked: level to share, adding up "
        "to 1; of a number per cent to value, from 0 to 100."
    )
    change: Literal["low", "medium", "high", "given"] = Field(
        description="What it costs a project to change this: `low`, `medium`, `high`, or `given` where it can't."
    )
    may_not_apply: bool = Field(default=False, description="`true` where `n/a`, it does not apply, is an answer.")
    quick: bool = Field(default=False, description="`true` if it is among the few that `assess --quick` asks.")
    ask_when: Any = Field(default=None, description="It is asked only under this condition on earlier questions.")
    due_when: Any = Field(
        default=None, description="From this condition on the answer should be known. Nothing is scored."
    )
    renamed_from: Annotated[list[Name], Field(max_length=20)] = Field(
        default=[], description="Former ids of this question; old answers stay readable."
    )


class QuantityModel(_Model):
    """A quantity: exactly one of the four operations."""

    id: Name = Field(description="Small letters, digits and underscores. Conditions name the quantity by it.")
    text: Line = Field(description="What it is, in words.")
    sum: Annotated[list[str | Number], Field(min_length=2, max_length=20)] | None = Field(
        default=None, description="The parts added up: questions, quantities, figures."
    )
    difference: Annotated[list[str | Number], Field(min_length=2, max_length=2)] | None = Field(
        default=None, description="The first part less the second."
    )
    product: Annotated[list[str | Number], Field(min_length=2, max_length=20)] | None = Field(
        default=None, description="The parts multiplied."
    )
    ratio: Annotated[list[str | Number], Field(min_length=2, max_length=2)] | None = Field(
        default=None, description="The first part divided by the second, which must not be able to be 0."
    )


class QuestionnaireFile(_Model):
    """A file of questions and quantities."""

    questions: Annotated[list[QuestionModel], Field(max_length=500)] = Field(
        default=[], description="The questions, in the order in which they are asked."
    )
    quantities: Annotated[list[QuantityModel], Field(max_length=500)] = Field(
        default=[], description="Numbers worked out from answers."
    )


class ExampleModel(_Model):
    """An example of a rule."""

    answers: dict[Name, Any] = Field(description="Question and answer. All questions not named are unknown.")
    state: Literal["fires", "possible", "ruled_out"] = Field(
        description="What the rule is on these answers: `fires`, `possible` (an open question decides) or `ruled_out`."
    )


class RuleModel(_Model):
    """A rule, or a change to a rule of the pack that is extended (`weight` or `off` alone)."""

    id: RuleId = Field(description="Small letters, digits and hyphens.")
    area: Name | None = Field(
        default=None, description="One of the areas of `pack.yaml`; by default that at the top of the file."
    )
    title: Line | None = Field(default=None, description="One sentence that a sponsor reads in a report.")
    when: Any = Field(
        default=None,
        description="The condition: tests on answers, joined by `all`, `any`, `not`, or `at_least` and `of`.",
    )
    concludes: Name | None = Field(
        default=None, description="A fact that other rules may use as a bare word in their conditions."
    )
    weight: Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)] | None = Field(
        default=None,
        description="Log-odds that the finding adds to failure; below zero where it protects. Mild 0.2, clear "
        "0.4, strong 0.7, near-fatal 1.0.",
    )
    warns: Text | None = Field(
        default=None, description="In place of a weight: what does not go together, said to whoever gave the answers."
    )
    group: GroupName | None = Field(
        default=None,
        description="Of the rules of one group that fire, only the heaviest counts: graded versions of one risk.",
    )
    leads_to: Annotated[list[Name], Field(max_length=20)] = Field(
        default=[], description="The ends that it makes likelier, as declared in `pack.yaml`."
    )
    why: Text | None = Field(default=None, description="Why it matters, in one or two sentences.")
    advice: Text | None = Field(default=None, description="What to do about it, in one or two sentences.")
    sources: Keys = Field(default=[], description="Whom it follows: keys declared under `sources`.")
    basis: Literal["effect", "judgement"] | None = Field(
        default=None, description="`effect` if the weight comes from a measured effect, `judgement` if not."
    )
    examples: Annotated[list[ExampleModel], Field(max_length=50)] = Field(
        default=[],
        description="Answers, and the state that they put the rule in. At least one that `fires` and one that is "
        "`ruled_out`.",
    )
    off: Literal[True] | None = Field(
        default=None, description="`true` switches off a rule of the pack that is extended."
    )


class RuleFile(_Model):
    """A file of rules of one area."""

    area: Name | None = Field(default=None, description="The area of all rules of this file that name none.")
    rules: Annotated[list[RuleModel], Field(max_length=5000)] = Field(description="The rules.")


class SourceModel(_Model):
    """A source that rules cite."""

    cite: Text = Field(description="Who, what, where and when, as in a list of references.")
    grade: Literal["A", "A-", "B+", "B", "B-", "C", "D"] | None = Field(
        default=None, description="How good the evidence is, from A to D."
    )
    url: Line | None = Field(default=None, description="Where to read it.")
    note: Text | None = Field(default=None, description="What should be known about it.")


class SourcesFile(_Model):
    """A file of sources."""

    sources: Annotated[dict[Key, SourceModel], Field(max_length=2000)] = Field(
        description="What rules cite, each under its key."
    )


class BoundsModel(_Model):
    """Between what a probability shall lie, bounds included."""

    at_least: Share | None = Field(default=None, description="The probability is not below this.")
    at_most: Share | None = Field(default=None, description="The probability is not above this.")


class ProjectTestModel(_Model):
    """A project, and what the pack shall find in it."""

    name: Line = Field(description="The project in a sentence, shown where the test fails.")
    answers: dict[Name, Any] = Field(description="Question and answer. All questions not named are unknown.")
    fires: Annotated[list[RuleId], Field(max_length=5000)] = Field(default=[], description="Rules that fire.")
    possible: Annotated[list[RuleId], Field(max_length=5000)] = Field(
        default=[], description="Rules that an open question decides."
    )
    ruled_out: Annotated[list[RuleId], Field(max_length=5000)] = Field(
        default=[], description="Rules that are ruled out."
    )
    probability: BoundsModel | None = Field(default=None, description="Between what the probability lies.")
    risk_level: Name | None = Field(default=None, description="The risk level that the probability lies in.")


class ProjectTestFile(_Model):
    """A file of tests, `*.test.yaml`."""

    tests: Annotated[list[ProjectTestModel], Field(max_length=5000)] = Field(description="The tests.")
