"""Many records at once, beside those that a history holds: what is new, what is known, what contradicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from riskengine.assessment.result import Assessment
from riskengine.errors import Problem, ProblemError
from riskengine.history.entries import contradiction, is_same
from riskengine.history.record import Course, Outcome, Recorded, key_of

__all__ = ["Added", "Past", "PastRecord", "at_row", "new_of_past", "new_of_records"]


@dataclass(frozen=True, slots=True)
class Past:
    """A project of the past, as a table holds it.

    Attributes:
        assessment: Its assessment, with project, date and answers.
        outcome: `succeeded` or `failed`; `None` where it is not known yet.
        end: How it failed.
        ended: The day on which the outcome was known.
        note: Anything else.
    """

    assessment: Assessment
    outcome: str | None = None
    end: str | None = None
    ended: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PastRecord:
    """The records of a project of the past.

    Attributes:
        row: Its place in the list, the first being 1.
        entry: Its assessment.
        outcome: Its outcome, if there is one.
    """

    row: int
    entry: Recorded
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Added:
    """What was written down.

    Attributes:
        assessments: Assessments that are new.
        outcomes: Outcomes that are new.
        known: Assessments and outcomes that the history held already, and that were not added again.
    """

    assessments: tuple[Recorded, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    known: int = 0


@dataclass(slots=True)
class _Merge:
    courses: dict[str, Course]
    assessments: list[Recorded] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    known: int = 0
    problems: list[Problem] = field(default_factory=list)

    def take(self, record: PastRecord) -> None:
        key = key_of(record.entry.project)
        course = self.courses.get(key) or Course(record.entry.project, (), ())
        course = self._with_assessment(course, replace(record.entry, project=course.project))
        if record.outcome is not None:
            course = self._with_outcome(course, replace(record.outcome, project=course.project), record.row)
        self.courses[key] = course

    def _with_assessment(self, course: Course, entry: Recorded) -> Course:
        if any(is_same(entry, one) for one in course.assessments):
            self.known += 1
            return course
        self.assessments.append(entry)
        return replace(course, assessments=(*course.assessments, entry))

    def _with_outcome(self, course: Course, made: Outcome, row: int) -> Course:
        before = course.outcome
        if before is None:
            self.outcomes.append(made)
            return replace(course, outcomes=(made,))
        if before.says_as(made):
            self.known += 1
        else:
            self.problems.append(at_row(contradiction(before, made), row))
        return course


def new_of_past(courses: Sequence[Course], records: Sequence[PastRecord]) -> Added:
    """Give what is new of projects of the past.

    Args:
        courses: What the history holds.
        records: The projects.

    Raises:
        ProblemError: RE-508 for each that has another outcome, in the history or further up in the list.
    """
    merge = _Merge({key_of(course.project): course for course in courses})
    for record in records:
        merge.take(record)
    if merge.problems:
        raise ProblemError(merge.problems)
    return Added(tuple(merge.assessments), tuple(merge.outcomes), merge.known)


def new_of_records(courses: Sequence[Course], records: Sequence[Recorded | Outcome]) -> Added:
    """Give what is new of the records of another history.

    Args:
        courses: What this history holds.
        records: The records.

    Raises:
        ProblemError: RE-508 for each project that has another outcome here than there.
    """
    ids = {one.id for course in courses for one in course.assessments}
    ids |= {one.id for course in courses for one in course.outcomes}
    new = {one.id: one for one in records if one.id not in ids}
    outcomes = [one for one in new.values() if isinstance(one, Outcome)]
    problems = _contradictions(courses, outcomes)
    if problems:
        raise ProblemError(problems)
    assessments = tuple(one for one in new.values() if isinstance(one, Recorded))
    return Added(assessments, tuple(outcomes), len(records) - len(new))


def _contradictions(courses: Sequence[Course], new: Sequence[Outcome]) -> list[Problem]:
    ours = {key_of(course.project): course.outcome for course in courses}
    theirs = {key_of(one.project): one for one in new}
    corrected = {one.id: one.corrects for one in new}
    found = []
    for key, last in theirs.items():
        before = ours.get(key)
        # one that corrects ours, if by several steps, was written by somebody who knew it
        if before is not None and not before.says_as(last) and before.id not in _line_of(last.id, corrected):
            found.append(contradiction(before, last))
    return found


def _line_of(id: str, corrected: Mapping[str, str | None]) -> set[str]:
    """Give the ids of an outcome, of the one that it corrects, of the one that that one corrects, and so on."""
    line: set[str] = set()
    step: str | None = id
    while step is not None and step not in line:
        line.add(step)
        step = corrected.get(step)
    return line


def at_row(problem: Problem, row: int) -> Problem:
    """Give a problem with the row that has it."""
    return replace(problem, source=replace(problem.source, row=row))
