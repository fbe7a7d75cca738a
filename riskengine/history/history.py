"""The history: assessments in, outcomes in, and everything out again. Nothing is overwritten; corrections are added."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, delete, insert

from riskengine.assessment.result import Assessment
from riskengine.errors import Problem, ProblemError, Source, shorten
from riskengine.history.database import Database
from riskengine.history.entries import contradiction, is_same, new_entry, new_outcome
from riskengine.history.erase import erase_traces
from riskengine.history.location import locate
from riskengine.history.merging import Added, Past, PastRecord, at_row, new_of_past, new_of_records
from riskengine.history.reading import assessments_of, course_of, courses_of, outcomes_of
from riskengine.history.record import ASSESSED, IMPORTED, Course, Outcome, Recorded, counting, key_of
from riskengine.history.rows import outcome_row, recorded_row
from riskengine.history.selection import Selection, Stage, select_projects
from riskengine.history.tables import ASSESSMENTS, OUTCOMES
from riskengine.pack.model import Pack

__all__ = ["SHORT_ID", "Deleted", "History"]

SHORT_ID = 8
"""Characters of an id that tell the assessments of one project apart."""


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@dataclass(frozen=True, slots=True)
class Deleted:
    """What was deleted.

    Attributes:
        project: The project.
        assessments: How many assessments.
        outcomes: How many outcomes.
    """

    project: str
    assessments: int
    outcomes: int


class History:
    """A history that is open.

    Attributes:
        database: Where its records are.

    Examples:
        >>> import riskengine, tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> answers = {"project": "Churn", "date": "2025-02-01", "answers": {"stage": "idea"}}
        >>> with History.open(Path(folder.name) / "history.db") as history:
        ...     _ = history.add(riskengine.assess(answers))
        ...     _ = history.outcome("Churn", "failed", on="2026-03-31", end="cancelled")
        ...     history.show("churn").outcome.end
        'cancelled'
        >>> folder.cleanup()
    """

    def __init__(self, database: Database, now: Callable[[], datetime.datetime]) -> None:
        """Use `History.open`."""
        self.database = database
        self._now = now

    @classmethod
    def open(
        cls,
        location: str | Path | None = None,
        *,
        create: bool = True,
        upgrade: bool = False,
        now: Callable[[], datetime.datetime] = _now,
    ) -> History:
        """Open a history.

        Args:
            location: A file, or any SQLAlchemy URL; by default what the variable `RISKENGINE_HISTORY` says, or else
                `history.db` in the user's folder for the data of programs.
            create: Whether to begin one where there is none.
            upgrade: Whether to bring the tables of a server to the version of this program; a file is brought there
                anyway.
            now: The clock that says when something is written down, with its time zone.

        Raises:
            ProblemError: RE-500 to RE-505 if it can't be used.
        """
        return cls(Database(locate(location), create=create, upgrade=upgrade), now)

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def where(self) -> str:
        """Where it is, without a password."""
        return self.database.location.shown

    def close(self) -> None:
        """Close it."""
        self.database.close()

    # --- in ------------------------------------------------------------------------------------------------

    def add(self, assessment: Assessment, *, corrects: str | None = None) -> Recorded:
        """Write down an assessment.

        Of several assessments of one day the last one counts.

        Args:
            assessment: The assessment, with the project's name and the day of the answers.
            corrects: The id of an assessment of the same project in whose place it stands, or its first eight
                characters; that one is kept, and doesn't count any more.

        Returns:
            What was written down; or what is there already, if it is the same to the last answer.

        Raises:
            ProblemError: RE-506 if name or day are missing or can't be used, RE-510 for an id that is not there.
        """
        entry = new_entry(assessment, ASSESSED, self._now())
        with self.database.writing() as connection:
            held = list(assessments_of(connection, key_of(entry.project)))
            if held:
                entry = replace(entry, project=held[0].project)
            if corrects is not None:
                entry = replace(entry, corrects=_corrected(held, entry.project, corrects))
            known = next((one for one in counting(held) if is_same(entry, one)), None)
            if known is not None:
                return known
            connection.execute(insert(ASSESSMENTS), [recorded_row(entry)])
            return entry

    def outcome(
        self,
        project: str,
        outcome: str,
        *,
        on: str,
        end: str | None = None,
        note: str = "",
        correct: bool = False,
    ) -> Outcome:
        """Write down what became of a project.

        Args:
            project: Its name.
            outcome: `succeeded` or `failed`.
            on: The day on which that was known, ISO 8601. Answers from that day on teach nothing about foresight.
            end: How it failed; an end of the pack.
            note: Anything else.
            correct: Whether it stands in the place of an outcome that was written down before; that one is kept.

        Returns:
            What was written down; or what is there already, if it says the same.

        Raises:
            ProblemError: RE-507 if there is no such project, RE-508 if it has another outcome, RE-509 if this is none.
        """
        made = new_outcome(project, outcome, on, end, note, self._now())
        with self.database.writing() as connection:
            course = course_of(connection, project, self.where)
            before = course.outcome
            if before is not None and before.says_as(made) and before.note == made.note:
                return before
            if before is not None and not correct:
                raise ProblemError(contradiction(before, made))
            made = replace(made, project=course.project, corrects=None if before is None else before.id)
            connection.execute(insert(OUTCOMES), [outcome_row(made)])
            return made

    def import_past(self, projects: Sequence[Past]) -> Added:
        """Write down projects of the past, all or none of them.

        Args:
            projects: The projects; those that the history holds already, to the last answer, are left out.

        Raises:
            ProblemError: RE-506, RE-508 or RE-509, with everything that is wrong; a problem's row is the place in
                the list, the first being 1.
        """
        now = self._now()
        records, problems = [], []
        for row, past in enumerate(projects, start=1):
            try:
                records.append(_past_record(row, past, now))
            except ProblemError as error:
                problems += [at_row(problem, row) for problem in error.problems]
        if problems:
            raise ProblemError(problems)
        with self.database.writing() as connection:
            return _insert(connection, new_of_past(courses_of(connection), records))

    def restore(self, records: Sequence[Recorded | Outcome]) -> Added:
        """Take over the records of another history, as `records` gives them; those that are here already are left out.

        Raises:
            ProblemError: RE-508 if a project has another outcome here than there.
        """
        with self.database.writing() as connection:
            return _insert(connection, new_of_records(courses_of(connection), records))

    # --- out -----------------------------------------------------------------------------------------------

    def projects(self) -> list[Course]:
        """Give all projects, by name."""
        with self.database.reading() as connection:
            return courses_of(connection)

    def show(self, project: str) -> Course:
        """Give all that the history holds of a project.

        Raises:
            ProblemError: RE-507 if there is no such project.
        """
        with self.database.reading() as connection:
            return course_of(connection, project, self.where)

    def records(self) -> list[Recorded | Outcome]:
        """Give every record, in the order in which they were recorded: all that another history needs."""
        with self.database.reading() as connection:
            return [*assessments_of(connection), *outcomes_of(connection)]

    def select(self, pack: Pack, stage: Stage = "start") -> Selection:
        """Give the finished projects that a model of a pack can be trained on, one row each.

        Args:
            pack: The pack, whose questions the answers are read by.
            stage: Which of several assessments counts: the first (`start`), the last before the outcome (`latest`),
                or the last one up to a day, ISO 8601.

        Returns:
            The projects; and how many were left out, and why. Answers from the day of the outcome on are always left
            out.

        Raises:
            ProblemError: RE-516 for a stage that is none.
        """
        return select_projects(self.projects(), pack, stage)

    # --- away ----------------------------------------------------------------------------------------------

    def delete(self, project: str) -> Deleted:
        """Delete all that the history holds of a project, so that no trace is left in its file.

        On a server, copies that it keeps of its own (its log, its backups) are the administrator's affair.

        Raises:
            ProblemError: RE-507 if there is no such project, RE-517 if it is deleted and traces may be left, because
                another process is at work.
        """
        with self.database.writing() as connection:
            course = course_of(connection, project, self.where)
            for table in (ASSESSMENTS, OUTCOMES):
                connection.execute(delete(table).where(table.c.project_key == key_of(project)))
        erase_traces(self.database)
        return Deleted(course.project, len(course.assessments), len(course.outcomes))


def _corrected(held: Sequence[Recorded], project: str, corrects: str) -> str:
    """Give the whole id of the assessment that is corrected."""
    meant = [one.id for one in held if one.id.startswith(corrects)] if len(corrects) >= SHORT_ID else []
    if len(meant) != 1:
        message = f"`{shorten(corrects)}` is no assessment of `{shorten(project)}`"
        help = "`riskengine history show NAME` lists their ids"
        raise ProblemError(Problem("RE-510", message, help, Source(field="corrects"), shorten(corrects)))
    return meant[0]


def _past_record(row: int, past: Past, now: datetime.datetime) -> PastRecord:
    entry = new_entry(past.assessment, IMPORTED, now)
    outcome = None
    if past.outcome is not None:
        outcome = new_outcome(entry.project, past.outcome, past.ended, past.end, past.note, now)
    return PastRecord(row, entry, outcome)


def _insert(connection: Connection, added: Added) -> Added:
    if added.assessments:
        connection.execute(insert(ASSESSMENTS), [recorded_row(one) for one in added.assessments])
    if added.outcomes:
        connection.execute(insert(OUTCOMES), [outcome_row(one) for one in added.outcomes])
    return added
