"""Which finished projects a model may learn from, and which of their answers: nothing from after the outcome."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from riskengine.errors import Problem, ProblemError, Source, shorten
from riskengine.history.record import IMPORTED, Course, Outcome, Recorded, counting
from riskengine.logic.conditions import Value
from riskengine.pack.answers import check_value
from riskengine.pack.model import Pack

__all__ = ["REASONS", "LeftOut", "Selected", "Selection", "Stage", "select_projects"]

Stage: TypeAlias = str
"""`start`, `latest`, or a day."""

START, LATEST = "start", "latest"

REASONS: Mapping[str, str] = {
    "open": "no outcome yet",
    "no_assessment": "no assessment",
    "after_outcome": "answered only on the day of the outcome or later",
    "later_than_stage": "answered only after the chosen day",
    "no_answers": "no answer that this pack can read",
}
"""Why a project is left out."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A finished project, with the answers that were known at the chosen time.

    Attributes:
        project: Its name.
        date: The day of the answers.
        answers: Typed values by question.
        outcome: What became of it.
        hindsight: Whether the answers were written down on the day of the outcome or later, whatever day they claim.
        probability: The probability of failure that was given at the time; `None` where it was worked out later.
        department: The part of the house that it is of, by these answers, or where they don't say so, by later ones.
    """

    project: str
    date: str
    answers: Mapping[str, Value]
    outcome: Outcome
    hindsight: bool
    probability: float | None
    department: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A project that is left out.

    Attributes:
        project: Its name.
        reason: One of `REASONS`.
    """

    project: str
    reason: str


@dataclass(frozen=True, slots=True)
class Selection:
    """The finished projects that can be learnt from.

    Attributes:
        stage: Which assessment of each was taken.
        projects: The projects, by name.
        left_out: The projects that are left out.
        passed_over: Assessments of the selected projects that are dated on the day of the outcome or later.
        misfits: Answers that this pack has no question or level for, by question; they are unknown.
        other_packs: Selected projects that were assessed with a pack of another name, by its name.
    """

    stage: Stage
    projects: tuple[Selected, ...]
    left_out: tuple[LeftOut, ...]
    passed_over: int
    misfits: Mapping[str, int]
    other_packs: Mapping[str, int]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many projects were left out, by reason; only reasons that there were."""
        counted = Counter(one.reason for one in self.left_out)
        return {reason: counted[reason] for reason in REASONS if counted[reason]}

    @property
    def hindsight(self) -> int:
        """How many of the selected projects were written down when the outcome was known."""
        return sum(one.hindsight for one in self.projects)

    def notes(self) -> list[str]:
        """Say what was left out and why, and what colours the rest; a line each."""
        said = [f"{count} left out: {REASONS[reason]}" for reason, count in self.counts.items()]
        if self.passed_over:
            said.append(f"{self.passed_over} later assessments passed over: answered when the outcome was known")
        if self.hindsight:
            said.append(
                f"{self.hindsight} of {len(self.projects)} were written down when the outcome was known: "
                "hindsight may colour their answers"
            )
        for name, count in sorted(self.other_packs.items()):
            said.append(
                f"{count} were assessed with another pack, `{shorten(name)}`: their answers are read by this one; if "
                "its questions mean something else, give that pack with `--rules`"
            )
        if self.misfits:
            named = ", ".join(f"`{shorten(name)}`" for name in sorted(self.misfits)[:5])
            said.append(f"{sum(self.misfits.values())} answers do not fit this pack and count as unknown: {named}")
        return said


def select_projects(courses: Sequence[Course], pack: Pack, stage: Stage) -> Selection:
    """Select what can be learnt from; see `History.select`."""
    stage = _checked(stage)
    selected: list[Selected] = []
    left_out: list[LeftOut] = []
    passed_over, misfits, other_packs = 0, Counter[str](), Counter[str]()
    for course in courses:
        chosen = _choose(course, stage)
        if isinstance(chosen, str):
            left_out.append(LeftOut(course.project, chosen))
            continue
        answers, odd = _read(chosen, pack)
        misfits.update(odd)
        if not answers:
            left_out.append(LeftOut(course.project, "no_answers"))
            continue
        outcome = course.outcome
        assert outcome is not None
        name = chosen.versions["pack"]["name"]
        other_packs.update([name] if name != pack.name else [])
        passed_over += sum(one.date >= outcome.date for one in course.counting)
        hindsight = chosen.day_recorded >= outcome.date
        given = None if hindsight or chosen.origin == IMPORTED else chosen.result.probability
        department = chosen.department or course.department
        selected.append(Selected(course.project, chosen.date, answers, outcome, hindsight, given, department))
    return Selection(stage, tuple(selected), tuple(left_out), passed_over, dict(misfits), dict(other_packs))


def _checked(stage: Stage) -> Stage:
    if stage in (START, LATEST):
        return stage
    try:
        return datetime.date.fromisoformat(stage).isoformat()
    except ValueError:
        message = f"`{shorten(stage)}` is no stage"
        help = "`start`, `latest`, or a day such as 2026-11-24"
        raise ProblemError(Problem("RE-516", message, help, Source(field="stage"), shorten(stage))) from None


def _choose(course: Course, stage: Stage) -> Recorded | str:
    """Give the assessment that counts, or the reason why there is none."""
    outcome = course.outcome
    if outcome is None:
        return "open"
    if not course.assessments:
        return "no_assessment"
    # INVARIANT: what was written down or corrected when the outcome was known counts only where there is nothing else
    timely = [one for one in course.assessments if one.day_recorded < outcome.date]
    before = [one for one in counting(timely or course.assessments) if one.date < outcome.date]
    if not before:
        return "after_outcome"
    if stage not in (START, LATEST):
        before = [one for one in before if one.date <= stage]
        if not before:
            return "later_than_stage"
    return before[0] if stage == START else before[-1]


def _read(recorded: Recorded, pack: Pack) -> tuple[dict[str, Value], list[str]]:
    """Read answers by a pack that may have changed since; give those that fit, and the questions of the others."""
    renamed = {old: question.id for question in pack.questions for old in question.renamed_from}
    found: dict[str, Value] = {}
    odd = []
    for name, raw in recorded.answers.items():
        question = pack.question.get(renamed.get(name, name))
        value, problem = (None, None) if question is None else check_value(question, raw, Source(field=name))
        if question is None or problem is not None:
            odd.append(name)
        elif value is not None:
            found[question.id] = value
    return {question.id: found[question.id] for question in pack.questions if question.id in found}, odd
