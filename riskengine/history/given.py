"""What was given to be written down: answers that are assessed now, or an assessment of some time ago."""

from __future__ import annotations

from dataclasses import replace

from riskengine.assessment.answers import Answers, answers_from_text
from riskengine.assessment.assess import assess_answers, choose_model
from riskengine.assessment.build import BuiltPack
from riskengine.assessment.result import Assessment
from riskengine.errors import Problem, ProblemError, Source
from riskengine.history.record import checked_day, name_of
from riskengine.history.stored_assessment import is_stored_assessment, read_stored_assessment

__all__ = ["assessment_given", "with_name", "with_name_and_day"]

_LAST_DAY = "9999-12-30"


def assessment_given(
    content: bytes,
    file: str,
    built: BuiltPack,
    *,
    model: str | None = None,
    base_rate: float | None = None,
    project: str | None = None,
    date: str | None = None,
    department: str | None = None,
) -> Assessment:
    """Give the assessment of a file.

    Args:
        content: Answers, or what `assess --json` printed.
        file: Its name, for messages.
        built: The pack that answers are read by.
        model: The model that answers are assessed with; see `choose_model`.
        base_rate: The reader's own base rate.
        project: The project's name, where the file has none.
        date: The day of the answers, where the file has none.
        department: The part of the house that the project is of, where the file has none.

    Raises:
        ProblemError: with everything that is wrong with the file; RE-506 if name or day are missing, or if the file
            says another one; RE-804 for options that change what was assessed already, or another department.
    """
    if is_stored_assessment(content):
        if model is not None or base_rate is not None:
            message = "the file was assessed already, with its own model and base rate"
            raise ProblemError(Problem("RE-804", message, "leave out `--model` and `--base-rate`", Source(file)))
        stored = read_stored_assessment(content, file)
        if department is not None and stored.department is None:
            message = "the file was assessed already, as a project of no department"
            raise ProblemError(
                Problem("RE-804", message, "leave out `--department`, or give the answers", Source(file))
            )
        Answers({}, department=stored.department).of_department(department)
        name, day = _named(stored.project, project, file), _dated(stored.date, date, file)
        return stored.model_copy(update={"project": name, "date": day})
    answers = answers_from_text(content, file, built.pack).of_department(department)
    name, day = _named(answers.project, project, file), _dated(answers.date, date, file)
    chosen = choose_model(built, model)
    return assess_answers(replace(answers, project=name, date=day), built, chosen, base_rate=base_rate, explain=False)


def with_name(answers: Answers, project: str, file: str) -> Answers:
    """Give answers with the name of their project.

    Args:
        answers: The answers.
        project: The name, if they have none.
        file: Where they are from, for messages.

    Raises:
        ProblemError: RE-506 if they have another one, or if it can't be used.
    """
    return replace(answers, project=_named(answers.project, project, file))


def with_name_and_day(answers: Answers, today: str) -> Answers:
    """Give answers of today as the history needs them: those without a day are of today.

    Args:
        answers: The answers.
        today: The day of today.

    Raises:
        ProblemError: RE-506 if the project has no name, or none that can be used.
    """
    return replace(answers, project=name_of(answers.project), date=answers.date or today)


def _named(held: str | None, given: str | None, file: str) -> str:
    return name_of(_the_one(held, given, "project", file))


def _dated(held: str | None, given: str | None, file: str) -> str:
    if given is None and held is None:
        message = "the history needs the day on which the questions were answered"
        help = "write it into the answers as `date: 2026-11-24`, or give it with `--date`"
        raise ProblemError(Problem("RE-506", message, help, Source(file, field="date")))
    given = None if given is None else checked_day(given, "date", _LAST_DAY, "RE-506")
    return checked_day(_the_one(held, given, "date", file), "date", _LAST_DAY, "RE-506")


def _the_one(held: str | None, given: str | None, what: str, file: str) -> str | None:
    if held is not None and given is not None and held != given:
        message = f"the file says another {what} than `--{what}`"
        raise ProblemError(Problem("RE-506", message, f"leave out `--{what}`, or mend the file", Source(file), given))
    return given if held is None else held
