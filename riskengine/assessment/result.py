"""The assessment: one project at one time, with the versions of everything that produced it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AnswerShown",
    "AreaScore",
    "Assessment",
    "Finding",
    "ModelVersion",
    "Narrowing",
    "PackVersion",
    "ProofShown",
    "Ranges",
    "Score",
    "Step",
    "Versions",
    "Warned",
    "json_schema",
]

Probability = float


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerShown(_Result):
    """An answer in the reader's words."""

    question: str = Field(description="Id of the question.")
    text: str = Field(description="The question as it is asked.")
    value: str | float = Field(description="The level's id, the number, or `n/a`.")
    label: str = Field(description="The answer in words.")


class Step(_Result):
    """A rule on the way from answers to a finding."""

    rule: str
    title: str
    state: Literal["fires", "ruled_out"]
    concludes: str | None = None


class ProofShown(_Result):
    """Why a finding is in its state: answers none of which can be left out, and what follows from them."""

    answers: tuple[AnswerShown, ...] = ()
    steps: tuple[Step, ...] = Field((), description="Rules in order of derivation; the finding itself is last.")
    open: tuple[str, ...] = Field((), description="Of a possible finding: open questions that can decide it.")


class Finding(_Result):
    """A rule's state for this project."""

    rule: str
    title: str
    area: str
    state: Literal["fires", "possible", "ruled_out"]
    weight: float = Field(description="Log-odds as the rule declares them, before the pack's scale.")
    contribution: float = Field(description="Log-odds that it adds here, before moderation.")
    effect: float | None = Field(
        description="Change of the probability, in percentage points, by its group; null for all but one of a group."
    )
    group: str | None = None
    replaced_by: str | None = Field(None, description="The heavier finding of its group that counts instead.")
    concludes: str | None = None
    leads_to: tuple[str, ...] = ()
    why: str
    advice: str
    sources: tuple[str, ...]
    proof: ProofShown | None = None


class Ranges(_Result):
    """Two ranges that mean different things."""

    answers: tuple[Probability, Probability] = Field(description="What open answers could still change.")
    model: tuple[Probability, Probability] = Field(
        description="What is not known about such projects; about 90 % if the rules are off by the assumed amounts."
    )


class Score(_Result):
    """The log-odds, and what they are made of: base + shown + not_shown = log_odds."""

    base: float
    department: float = Field(0.0, description="How much of the base is the level of the project's department.")
    shown: float = Field(description="Contributions of findings that fire or are possible.")
    not_shown: float = Field(description="Contributions of findings that are ruled out.")
    log_odds: float
    moderation: float = Field(description="probability = expit(moderation x log_odds).")


class AreaScore(_Result):
    """What an area adds."""

    score: float
    share: float = Field(description="Its positive part over the sum of all areas' positive parts.")


class Narrowing(_Result):
    """An open question that is worth asking next."""

    question: str
    text: str
    narrows: float = Field(description="Expected narrowing of the answers range, in log-odds.")
    opens: str | None = Field(None, description="The question behind this gate that was counted along.")


class Warned(_Result):
    """Something the reader should know that adds nothing to the score."""

    kind: Literal["contradiction", "ignored", "open_gate", "blind_spot", "pack", "model"]
    message: str
    rule: str | None = None
    questions: tuple[str, ...] = ()


class PackVersion(_Result):
    """Which pack."""

    name: str
    version: str
    hash: str


class ModelVersion(_Result):
    """Which model."""

    name: str
    trained_on: dict[str, Any]
    hash: str


class Versions(_Result):
    """Everything that produced the assessment."""

    riskengine: str
    engine: str
    pack: PackVersion
    model: ModelVersion | None = Field(description="Null where the rules' prior was used.")


class Assessment(_Result):
    """The result for one project."""

    project: str | None = None
    department: str | None = Field(None, description="The part of the house that it is of.")
    date: str | None = None
    probability: Probability
    risk_level: str
    base_rate: Probability = Field(description="The base rate that was used.")
    range: Ranges
    ends: dict[str, Probability] = Field(description="How it would fail; they add up to the probability.")
    score: Score
    areas: dict[str, AreaScore]
    findings: tuple[Finding, ...] = Field(description="By contribution, largest first.")
    unanswered: tuple[str, ...] = Field(description="Questions that are asked, or may be, and have no answer.")
    answered_share: float = Field(description="Share of the questions known to be asked that have an answer.")
    next_questions: tuple[Narrowing, ...] = ()
    warnings: tuple[Warned, ...] = ()
    versions: Versions
    answers: dict[str, str | float] = Field(
        default_factory=dict, description="Question to the level's id, the number, or `n/a`; unknown ones are left out."
    )
    notes: dict[str, str] = Field(default_factory=dict, description="Evidence by question.")
    by: dict[str, str] = Field(default_factory=dict, description="Who answered, by question.")
    ruled_out: tuple[Finding, ...] = Field((), exclude=True)

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """The findings, and those that are ruled out."""
        return (*self.findings, *self.ruled_out)

    def as_json(self, *, everything: bool = False) -> dict[str, Any]:
        """Give the one JSON object of the contract.

        Args:
            everything: Whether the findings that are ruled out are among `findings`.
        """
        shown = self.model_copy(update={"findings": self.all_findings}) if everything else self
        return shown.model_dump(mode="json")


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of what `assess --json` returns."""
    schema = Assessment.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
