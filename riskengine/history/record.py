"""What the history holds of a project: assessments, outcomes, and what counts of them."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from riskengine.assessment.names import key_of, spelled
from riskengine.errors import Problem, ProblemError, Source, shorten

__all__ = [
    "ASSESSED",
    "FAILED",
    "IMPORTED",
    "MAX_END",
    "MAX_NAME",
    "SUCCEEDED",
    "Course",
    "Outcome",
    "Recorded",
    "Result",
    "checked_day",
    "checked_text",
    "counting",
    "key_of",
    "name_of",
]

SUCCEEDED: Literal["succeeded"] = "succeeded"
FAILED: Literal["failed"] = "failed"
ASSESSED: Literal["assessed"] = "assessed"
IMPORTED: Literal["imported"] = "imported"
MAX_NAME = 200
"""Characters of a project's name."""
MAX_END = 100
"""Characters of the name of an end."""
MAX_NOTE = 10_000


@dataclass(frozen=True, slots=True)
class Result:
    """What an assessment came to, without the texts.

    Attributes:
        probability: The probability of failure.
        risk_level: Its band.
        base_rate: The base rate that was used.
        answers_range: What open answers could still change.
        model_range: What is not known about such projects.
        answered_share: Share of the questions known to be asked that have an answer.
        ends: How it would fail.
        areas: Score by area.
        fires: The rules that fire.
    """

    probability: float
    risk_level: str
    base_rate: float
    answers_range: tuple[float, float]
    model_range: tuple[float, float]
    answered_share: float
    ends: Mapping[str, float]
    areas: Mapping[str, float]
    fires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An assessment in the history.

    Attributes:
        id: Its name in the history.
        project: The project's name.
        date: Day of the answers, ISO 8601.
        recorded_at: When it was written down, UTC.
        origin: `assessed`, or `imported` where it was taken from a table of the past.
        corrects: The assessment in whose place it stands.
        answers: Question to value, as an answers file holds them.
        notes: Evidence by question.
        by: Who answered, by question.
        versions: What produced it: riskengine, engine, pack and model with their hashes.
        result: What it came to.
        department: The part of the house that the project is of.
    """

    id: str
    project: str
    date: str
    recorded_at: str
    origin: str
    corrects: str | None
    answers: Mapping[str, str | float]
    notes: Mapping[str, str]
    by: Mapping[str, str]
    versions: Mapping[str, Any]
    result: Result
    department: str | None = None

    @property
    def day_recorded(self) -> str:
        """The day on which it was written down."""
        return self.recorded_at[:10]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a project.

    Attributes:
        id: Its name in the history.
        project: The project's name.
        outcome: `succeeded` or `failed`.
        end: How it failed, where that was said.
        date: The day on which it was known.
        note: Anything else.
        recorded_at: When it was written down, UTC.
        corrects: The outcome in whose place it stands.
    """

    id: str
    project: str
    outcome: str
    end: str | None
    date: str
    note: str
    recorded_at: str
    corrects: str | None

    def says_as(self, other: Outcome) -> bool:
        """Say whether another one says the same."""
        return (self.outcome, self.end, self.date) == (other.outcome, other.end, other.date)


@dataclass(frozen=True, slots=True)
class Course:
    """All that the history holds of one project, in the order in which it was recorded.

    Attributes:
        project: Its name, as it was first written.
        assessments: All assessments, those that were corrected too.
        outcomes: All outcomes, those that were corrected too; the last one counts.
    """

    project: str
    assessments: tuple[Recorded, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def outcome(self) -> Outcome | None:
        """The outcome that counts."""
        return self.outcomes[-1] if self.outcomes else None

    @property
    def counting(self) -> tuple[Recorded, ...]:
        """The assessments that count, by date."""
        return counting(self.assessments)

    @property
    def department(self) -> str | None:
        """The department that the project is of, by the latest assessment that names one."""
        named = [one.department for one in self.counting if one.department is not None]
        return named[-1] if named else None

    @property
    def changes(self) -> Mapping[str, Mapping[str, tuple[str | float | None, str | float | None]]]:
        """What each assessment that counts changed, by its id: the value before and the new one, by question."""
        steps = zip(self.counting, self.counting[1:], strict=False)
        return {
            after.id: {
                question: (before.answers.get(question), after.answers.get(question))
                for question in {**before.answers, **after.answers}
                if before.answers.get(question) != after.answers.get(question)
            }
            for before, after in steps
        }


def counting(assessments: Sequence[Recorded]) -> tuple[Recorded, ...]:
    """Give the assessments that count, by date: none that was corrected, and of one day the one recorded last.

    Args:
        assessments: Some assessments of one project, in the order in which this history got them.
    """
    corrected = {one.corrects for one in assessments}
    # those of another history that was taken over were recorded before they came here
    in_order = sorted(assessments, key=lambda one: one.recorded_at)
    of_day = {one.date: one for one in in_order if one.id not in corrected}
    return tuple(of_day[day] for day in sorted(of_day))


def name_of(project: str | None) -> str:
    """Give a project's name as it is written down: blanks joined to one, composed characters.

    Raises:
        ProblemError: RE-506 if there is none, or none that somebody could type again.

    Examples:
        >>> name_of("  Churn   model ")
        'Churn model'
    """
    name = spelled(project or "")
    if not name:
        help = "write it into the answers as `project:`, or give it with `--project`"
        raise ProblemError(Problem("RE-506", "the history needs the project's name", help, Source(field="project")))
    odd = next((one for one in name if unicodedata.category(one) in ("Cc", "Cs")), None)
    # some characters have several small letters
    if len(name) > MAX_NAME or len(key_of(name)) > 2 * MAX_NAME or odd is not None:
        what = f"longer than {MAX_NAME} characters" if odd is None else "with a character that nobody can type"
        help = f"a short name, at most {MAX_NAME} characters"
        message = f"`{shorten(name)}` is a name {what}"
        raise ProblemError(Problem("RE-506", message, help, Source(field="project"), shorten(name)))
    return name


def checked_day(text: str | None, what: str, today: str, code: str) -> str:
    """Give a day in the form of the history.

    Args:
        text: The day, ISO 8601.
        what: What day it is, for messages: the name of the field.
        today: The day of today.
        code: The code of the problem.

    Raises:
        ProblemError: with this code if it is missing, is none, or has not come yet.
    """
    try:
        day = datetime.date.fromisoformat(text or "").isoformat()
    except ValueError:
        message = f"the day is missing: `{what}`" if not text else f"`{what}` is no day, `{shorten(text, 40)}`"
        raise ProblemError(Problem(code, message, "write it as 2026-11-24", Source(field=what), text)) from None
    # it may be tomorrow elsewhere
    if day > (datetime.date.fromisoformat(today) + datetime.timedelta(days=1)).isoformat():
        message = f"`{what}` has not come yet, `{day}`"
        raise ProblemError(Problem(code, message, "give the day on which it was known", Source(field=what), day))
    return day


def checked_text(text: str, what: str, code: str, most: int = MAX_NOTE) -> str:
    """Give a text that every database can hold.

    Args:
        text: The text.
        what: What it is, for messages: the name of the field.
        code: The code of the problem.
        most: How many characters it may have.

    Raises:
        ProblemError: with this code if it is too long, or holds what no database can.
    """
    if len(text) > most or "\0" in text or any("\ud800" <= one <= "\udfff" for one in text):
        help = f"a text of at most {most:,} characters"
        message = f"`{what}` is no text of ordinary length"
        raise ProblemError(Problem(code, message, help, Source(field=what), shorten(text)))
    return text
