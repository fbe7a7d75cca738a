"""Cells of tables as answers: text is read as the questionnaire's own files are, and what is no answer is told apart.

Whole columns decide which cells are wrong; why one is wrong is said, cell by cell, by the same check that a single
assessment goes through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

import polars as pl

from riskengine.engines.columnar import PREFIX
from riskengine.errors import Problem, Source
from riskengine.pack.answers import check_value, number_in
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question
from riskengine.portfolio.blanks import BLANKS
from riskengine.portfolio.frames import Matched
from riskengine.portfolio.reading.table import ROW

__all__ = ["WRONG", "Cells", "is_text"]

WRONG = f"{PREFIX}wrong"
"""The column that says whether a row has a cell that is no answer."""

MAX_SHOWN = 200


def is_text(kind: pl.DataType) -> bool:
    """Say whether a column of this type holds cells that are read as text."""
    return isinstance(kind, (pl.String, pl.Categorical, pl.Enum, pl.Null))


@dataclass(frozen=True, slots=True)
class _Cell:
    """How the cells of a column are read.

    Attributes:
        question: The question.
        column: The column.
        text: Whether they are text.
    """

    question: Question
    column: str
    text: bool

    @property
    def answer(self) -> str:
        """The name of the column of answers."""
        return f"{PREFIX}cell_{self.question.id}" if self.text else self.column

    @property
    def flag(self) -> str:
        """The name of the column that says that the question does not apply, where its answers are numbers."""
        return f"{PREFIX}flag_{self.question.id}"

    @property
    def has_flag(self) -> bool:
        """Whether that column is made from the cells."""
        return self.text and self.question.type == "number" and self.question.may_not_apply

    def typed(self, *, odd: bool) -> list[pl.Expr]:
        """Give the columns of answers.

        Args:
            odd: Whether some cells are no answers as they stand.
        """
        if not self.text:
            return []
        text = self._text(trimmed=odd)
        if self.question.type != "number":
            return [_place(self.question, text).alias(self.answer)]
        made = [text.cast(pl.Float64, strict=False).alias(self.answer)]
        return [*made, (text == NOT_APPLICABLE_LEVEL).alias(self.flag)] if self.has_flag else made

    def doubtful(self) -> pl.Expr:
        """Say quickly, after `typed`, whether any cell may be none as it stands."""
        if self.question.type == "number":
            return self.wrong(trimmed=False).any()
        return pl.col(self.answer).null_count() > pl.col(self.column).null_count()

    def wrong(self, *, trimmed: bool = True) -> pl.Expr:
        """Say whether a cell is no answer, or, untrimmed, is none as it stands; never null."""
        return self._no_number(trimmed) if self.question.type == "number" else self._no_level(trimmed)

    def _text(self, *, trimmed: bool) -> pl.Expr:
        text = pl.col(self.column).cast(pl.String)
        return text.str.strip_chars(BLANKS) if trimmed else text

    def _no_level(self, trimmed: bool) -> pl.Expr:
        text = self._text(trimmed=trimmed)
        names = [name for level in self.question.levels for name in (level.id, *level.renamed_from)]
        allowed = ["", *names, *([NOT_APPLICABLE_LEVEL] if self.question.may_not_apply else [])]
        return ~reduce(or_, (text == name for name in allowed)).fill_null(True)

    def _no_number(self, trimmed: bool) -> pl.Expr:
        text = self._text(trimmed=trimmed)
        value = text.cast(pl.Float64, strict=False) if self.text else pl.col(self.column).cast(pl.Float64)
        # NaN is above all numbers here, and so out of every range
        within = (value >= self.question.minimum) & (value <= self.question.maximum)
        if not self.text:
            return ~within.fill_null(True)
        empty = text.is_null() | (text == "")
        if self.question.may_not_apply:
            empty = empty | (text == NOT_APPLICABLE_LEVEL)
        return ~(within.fill_null(False) | empty)

    def problem(self, raw: object) -> Problem:
        """Say what is wrong with a cell that is no answer."""
        cell = raw.strip() if isinstance(raw, str) else raw
        value = number_in(cell) if isinstance(cell, str) and self.question.type == "number" else cell
        _, problem = check_value(self.question, value, Source(field=self.column))
        # INVARIANT: a row is rejected only for what a single assessment refuses.
        assert problem is not None, (self.question.id, raw)
        return replace(problem, value=cell[:MAX_SHOWN]) if isinstance(cell, str) else problem


class Cells:
    """The columns of a table that hold answers.

    Attributes:
        columns: For each question, the name of the column that its answers are in after `read`.
        flags: For questions answered by a number, the column that says that it does not apply.
        department: The column of the projects' departments, if there is one.
    """

    def __init__(self, schema: Mapping[str, pl.DataType], pack: Pack, matched: Matched) -> None:
        """Compile.

        Args:
            schema: The columns of the table.
            pack: The pack.
            matched: Which columns hold answers.
        """
        self._cells = [
            _Cell(pack.question[question], column, is_text(schema[column]))
            for question, column in matched.columns.items()
        ]
        self.columns = {cell.question.id: cell.answer for cell in self._cells}
        made = {cell.question.id: cell.flag for cell in self._cells if cell.has_flag}
        self.flags = {**matched.flags, **made}
        self.department = matched.department

    def read(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add the columns of answers, and the column `WRONG`.

        A level becomes its place in the list, as a number; one past the last stands for `n/a`.
        """
        typed = frame.lazy().with_columns(one for cell in self._cells for one in cell.typed(odd=False)).collect()
        # trimming takes longer than all else here, and most columns have nothing to trim
        odd = _of_those(self._cells, typed, _Cell.doubtful)
        odd = _of_those(odd, typed, lambda cell: cell.wrong(trimmed=False).any())
        wrong = reduce(or_, (cell.wrong() for cell in odd), pl.lit(False))
        again = [one for cell in odd for one in cell.typed(odd=True)]
        return typed.lazy().with_columns(*again, wrong.alias(WRONG)).collect()

    def problems(self, frame: pl.DataFrame, file: str) -> Iterator[Problem]:
        """Say what is wrong with rows that have a cell that is no answer.

        Args:
            frame: The rows.
            file: The name of the table.

        Yields:
            A problem for each such cell, in the order of the rows.
        """
        flagged = frame.select(ROW, *(cell.wrong().alias(cell.column) for cell in self._cells))
        known: dict[tuple[str, object], Problem] = {}
        found: list[tuple[int, Problem]] = []
        for cell in self._cells:
            at = flagged[cell.column]
            for row, raw in zip(frame[ROW].filter(at), frame[cell.column].filter(at), strict=True):
                key = (cell.column, raw)
                problem = known.get(key) or known.setdefault(key, cell.problem(raw))
                found.append((row, problem))
        for row, problem in sorted(found, key=lambda one: one[0]):
            yield replace(problem, source=Source(file, row=row, field=problem.source.field))


def _of_those(cells: Sequence[_Cell], frame: pl.DataFrame, holds: Callable[[_Cell], pl.Expr]) -> list[_Cell]:
    """Give the cells' columns for which something holds of the whole."""
    found = frame.lazy().select(holds(cell).alias(cell.column) for cell in cells).collect()
    return [cell for cell in cells if found[cell.column].item()]


def _place(question: Question, text: pl.Expr) -> pl.Expr:
    """Give the place of a level, null for a text that is none."""
    places = [(name, place) for place, one in enumerate(question.levels) for name in (one.id, *one.renamed_from)]
    if question.may_not_apply:
        places.append((NOT_APPLICABLE_LEVEL, len(question.levels)))
    found = pl.lit(None, pl.UInt8)
    for name, place in reversed(places):
        found = pl.when(text == name).then(pl.lit(place, pl.UInt8)).otherwise(found)
    return found
