"""What became of tables, as one JSON object: the result of `riskengine score --json`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from riskengine.portfolio.gates import MOST, Project
from riskengine.portfolio.score import Done

__all__ = ["Crossing", "Gated", "Summary", "json_schema", "summary"]


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Crossing(_Result):
    """A project that crossed a line."""

    table: str = Field(description="The table that it is in.")
    row: int = Field(description="Its row there; the first data row is 1.")
    project: str | None = Field(description="Its name, if it has one.")
    probability: float = Field(description="How likely it is to fail.")
    risk_level: str
    crossed: tuple[str, ...] = Field(description="The lines that it crossed, in words.")


class Gated(_Result):
    """What the gates say."""

    passed: bool = Field(description="Whether no project crossed a line.")
    crossing: int = Field(description="Projects that crossed one.")
    compared: int = Field(description="Projects that the last run knew; 0 where there is none to compare with.")
    worst: tuple[Crossing, ...] = Field(description=f"Those that crossed a line, at most {MOST:,}, the worst first.")


class Summary(_Result):
    """What became of tables; scored and rejected rows are all that were read."""

    tables: tuple[str, ...] = Field(description="The tables, in the order in which they were read.")
    output: str = Field(description="The scored table.")
    rejects: str | None = Field(description="The file of rejected rows, if there are any.")
    read: int = Field(description="Data rows of the tables.")
    scored: int = Field(description="Rows of the output.")
    rejected: int = Field(description="Rows that could not be read.")
    notes: tuple[str, ...] = Field(description="What the reader should know, such as columns that were not looked at.")
    gates: Gated | None = Field(description="What the gates say; null where there is none.")


def summary(done: Done) -> Summary:
    """Sum up a run.

    Args:
        done: What became of the tables.
    """
    tables = tuple(map(str, done.tables))
    gates = None
    if done.verdict is not None and done.gated:
        verdict = done.verdict
        worst = tuple(_crossing(project, tables[project.table]) for project in verdict.worst)
        gates = Gated(passed=not verdict.crossing, crossing=verdict.crossing, compared=verdict.compared, worst=worst)
    return Summary(
        tables=tables,
        output=str(done.output),
        rejects=str(done.rejects) if done.rejected else None,
        read=done.read,
        scored=done.scored,
        rejected=done.rejected,
        notes=tuple(done.notes),
        gates=gates,
    )


def _crossing(project: Project, table: str) -> Crossing:
    return Crossing(
        table=table,
        row=project.row,
        project=project.key,
        probability=project.probability,
        risk_level=project.level,
        crossed=tuple(project.crossed),
    )


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of what `score --json` returns."""
    schema = Summary.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
