"""A table of past projects, read as a portfolio is, and written down in a history: all of it or nothing."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from riskengine.assessment.answers import Answers
from riskengine.assessment.assess import assess_answers
from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import Model
from riskengine.assessment.names import DEPARTMENT
from riskengine.engines.forward import BUILT_IN
from riskengine.errors import Problem, ProblemError, Source, nearest, shorten
from riskengine.history.ends import check_end, outcome_in
from riskengine.history.history import History
from riskengine.history.merging import Added, Past
from riskengine.history.record import key_of, name_of
from riskengine.logic.conditions import Value
from riskengine.pack.answers import check_value, number_in
from riskengine.pack.model import NOT_APPLICABLE_LEVEL
from riskengine.portfolio.column_map import ColumnMap, answer_columns, near_misses
from riskengine.portfolio.frames import Matched, match_columns
from riskengine.portfolio.reading.files import Wanted, find_files, open_tables, readable
from riskengine.portfolio.reading.table import ROW, START, Table
from riskengine.portfolio.score import Progress

__all__ = ["PastTable", "import_past"]

PROJECT, DATE, OUTCOME, END, ENDED, NOTE = "project", "date", "outcome", "end", "ended", "note"
_OTHERWISE: Mapping[str, Sequence[str]] = {
    PROJECT: (PROJECT, "name"),
    DATE: (DATE,),
    OUTCOME: (OUTCOME,),
    END: (END,),
    ENDED: (ENDED,),
    NOTE: (NOTE,),
    DEPARTMENT: (DEPARTMENT,),
}
"""What else a row says of its project, and what the columns may be called."""

ROWS_BETWEEN = 100


@dataclass(frozen=True, slots=True)
class PastTable:
    """A table of past projects, and how it is to be read.

    Attributes:
        path: The table.
        columns: Columns that are called otherwise: by question, or by `project`, `date`, `outcome`, `end`, `ended`
            (the day on which the outcome was known), `note` or `department`.
        words: Words of the column of outcomes, and the outcome that each stands for.
        format: Its format; by default what its name says.
        encoding: The encoding of text; UTF-8 by default.
        sheet: The sheet of a workbook.
        days: How days are written, as `strptime` has it; ISO 8601 by default.
    """

    path: Path
    columns: ColumnMap | None = None
    words: ColumnMap | None = None
    format: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    days: str | None = None


def import_past(
    table: PastTable,
    history: History,
    built: BuiltPack,
    model: Model,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[Added, Sequence[str]]:
    """Write down the projects of a table in a history, all or none of them.

    Args:
        table: A row a project: its name, the day of the answers, the answers, and what became of it if that is
            known: the outcome, and the day on which it was known.
        history: The history.
        built: The pack whose questions the columns answer.
        model: The model that gives each project its number; the assessments are marked as imported.
        progress: Told now and then how far it is.

    Returns:
        What was written down, and what the reader should know of the columns.

    Raises:
        ProblemError: with everything that is wrong in the table; nothing is written down then.
    """
    reading = _Reading(table, built, model)
    rows = list(reading.projects(progress or (lambda _: None)))
    if reading.problems:
        raise ProblemError(reading.problems)
    try:
        added = history.import_past([past for _, past in rows])
    except ProblemError as error:
        # the history counts the projects that it was given; the reader counts the rows of the table
        raise ProblemError(reading.placed(one, [row for row, _ in rows]) for one in error.problems) from None
    return added, reading.notes


class _Reading:
    """One table being read.

    Attributes:
        problems: What is wrong so far.
        notes: What the reader should know of the columns.
    """

    def __init__(self, table: PastTable, built: BuiltPack, model: Model) -> None:
        self.problems: list[Problem] = []
        self._given, self._built, self._model = table, built, model
        columns = table.columns or ColumnMap()
        about = {one: name for one, name in columns.columns.items() if name in _OTHERWISE}
        questions = replace(columns, columns={one: name for one, name in columns.columns.items() if one not in about})
        self._table = self._open(questions)
        self._matched = self._match(questions)
        self._about = self._find(about)
        self._words = self._outcome_words()
        self._rows_of: dict[tuple[str, str], tuple[int, Mapping[str, Value]]] = {}
        taken = {*self._about.values()}
        schema = {name: kind for name, kind in self._table.schema.items() if name not in taken}
        self.notes = near_misses(schema, built.pack, self._matched)

    def _open(self, questions: ColumnMap) -> Table:
        texts, numbers = answer_columns(self._built.pack, questions)
        given = self._given
        wanted = Wanted(given.format, given.encoding, given.sheet, texts, numbers)
        (path,) = find_files([given.path])
        return open_tables([path], wanted)[0]

    def _match(self, questions: ColumnMap) -> Matched:
        schema = nw.from_native(pl.LazyFrame(schema=dict(self._table.schema))).collect_schema()
        try:
            return match_columns(schema, self._built.pack, questions.columns, cells=True)
        except ProblemError as error:
            raise ProblemError(
                replace(one, source=replace(one.source, file=str(self._given.path))) for one in error.problems
            ) from None

    def _find(self, given: Mapping[str, str]) -> Mapping[str, str]:
        """Find the columns that say what a row is about."""
        called = {name.strip().lower(): name for name in self._table.schema}
        answers = {*self._matched.columns.values()}
        found = {}
        for about, names in _OTHERWISE.items():
            mapped = [column for column, name in given.items() if name == about]
            column = mapped[0] if mapped else next((called[one] for one in names if one in called), None)
            if column is not None and column not in self._table.schema:
                help = nearest(column, list(self._table.schema))
                raise self._wrong("RE-403", f"there is no column `{shorten(column)}`", help)
            if column is not None and column not in answers:
                found[about] = column
        for about in (PROJECT, DATE, *([ENDED] if OUTCOME in found else [])):
            if about not in found:
                what = {PROJECT: "the projects' names", DATE: "the day of the answers", ENDED: "the day of the outcome"}
                help = f"call it `{about}`, or map it with `--columns`: `Column: {about}`"
                raise self._wrong("RE-514", f"there is no column of {what[about]}", help)
        return found

    def _outcome_words(self) -> Mapping[str, str]:
        words = self._given.words.columns if self._given.words is not None else {}
        for word in words.values():
            outcome_in(word, self._built.pack)
        return {one.strip().lower(): word for one, word in words.items()}

    def _wrong(self, code: str, message: str, help: str) -> ProblemError:
        return ProblemError(Problem(code, message, help, Source(str(self._given.path))))

    def placed(self, problem: Problem, rows: Sequence[int]) -> Problem:
        """Give a problem that the history found with its row and column of the table."""
        if problem.source.row is None:
            return problem
        about = ENDED if problem.source.field == "on" else problem.source.field or ""
        source = Source(str(self._given.path), row=rows[problem.source.row - 1], field=self._about.get(about, about))
        return replace(problem, source=source)

    # --- rows ----------------------------------------------------------------------------------------------

    def projects(self, progress: Callable[[Progress], None]) -> Iterator[tuple[int, Past]]:
        """Give the projects with the numbers of their rows; what is wrong is kept in `problems`."""
        read = 0
        with readable(self._given.path):
            for chunk in self._table.chunks(START):
                self.problems += chunk.broken
                for place, row in enumerate(chunk.frame.iter_rows(named=True)):
                    past = self._project(row)
                    if past is not None:
                        yield row[ROW], past
                    read += 1
                    if read % ROWS_BETWEEN == 0:
                        progress(Progress(read, 0, chunk.share * place / chunk.frame.height))

    def _project(self, row: Mapping[str, Any]) -> Past | None:
        before = len(self.problems)
        number = row[ROW]
        values = self._answers(row, number)
        name = self._checked(number, PROJECT, lambda: name_of(self._text(row, PROJECT)))
        day = self._checked(number, DATE, lambda: self._day(row, DATE))
        outcome, end = self._checked(number, OUTCOME, lambda: self._outcome(row)) or (None, None)
        ended = None if outcome is None else self._checked(number, ENDED, lambda: self._day(row, ENDED))
        of = self._checked(number, DEPARTMENT, lambda: self._department(row))
        if len(self.problems) == before:
            self._refuse_second(number, str(name), str(day), values)
        if len(self.problems) > before or self.problems:
            return None
        answers = Answers(values, name, day, department=of)
        found = assess_answers(answers, self._built, self._model, explain=False, engine=BUILT_IN)
        return Past(found, outcome, end, ended, self._text(row, NOTE))

    def _answers(self, row: Mapping[str, Any], number: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for id, column in self._matched.columns.items():
            question = self._built.pack.question[id]
            raw = row[column].strip() if isinstance(row[column], str) else row[column]
            if isinstance(raw, str) and question.type == "number":
                raw = number_in(raw)
            if raw is None and id in self._matched.flags and row[self._matched.flags[id]]:
                raw = NOT_APPLICABLE_LEVEL
            value, problem = check_value(question, raw, Source(str(self._given.path), row=number, field=column))
            if problem is not None:
                self.problems.append(problem)
            elif value is not None:
                found[id] = value
        order = self._built.pack.question
        return {id: found[id] for id in order if id in found}

    def _checked(self, row: int, about: str, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except ProblemError as error:
            source = Source(str(self._given.path), row=row, field=self._about.get(about, about))
            self.problems += [replace(one, source=source) for one in error.problems]
            return None

    def _text(self, row: Mapping[str, Any], about: str) -> str:
        held = row[self._about[about]] if about in self._about else None
        return "" if held is None else str(held).strip()

    def _department(self, row: Mapping[str, Any]) -> str | None:
        return Answers({}).of_department(self._text(row, DEPARTMENT) or None).department

    def _day(self, row: Mapping[str, Any], about: str) -> str:
        held = row[self._about[about]]
        if isinstance(held, datetime.date):
            return held.isoformat()[:10]
        text = self._text(row, about)
        try:
            if self._given.days is not None:
                return datetime.datetime.strptime(text, self._given.days).date().isoformat()
            return datetime.date.fromisoformat(text).isoformat()
        except ValueError:
            message = f"`{shorten(text, 40)}` is no day" if text else "the day is missing"
            help = "write it as 2026-11-24, or say with `--days` how it is written, such as `%d.%m.%Y`"
            raise ProblemError(Problem("RE-514", message, help, value=shorten(text, 40))) from None

    def _outcome(self, row: Mapping[str, Any]) -> tuple[str | None, str | None]:
        word, end = self._text(row, OUTCOME), self._text(row, END) or None
        if not word:
            return None, None
        outcome, said = outcome_in(self._words.get(word.lower(), word), self._built.pack)
        if end is not None:
            check_end(end, self._built.pack)
        return outcome, end or said

    def _refuse_second(self, row: int, name: str, day: str, values: Mapping[str, Value]) -> None:
        """Refuse a row that says otherwise than an earlier one about the same project on the same day."""
        key = (key_of(name), day)
        first, held = self._rows_of.setdefault(key, (row, values))
        if held != values:
            message = f"`{shorten(name)}` has other answers of the same day in row {first}"
            source = Source(str(self._given.path), row=row, field=self._about[PROJECT])
            self.problems.append(Problem("RE-514", message, "keep the one that is right", source, shorten(name)))
