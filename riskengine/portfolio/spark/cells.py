"""Cells of a Spark table as answers, and the reasons why some are none: the same as for a table on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import narwhals as nw

from riskengine.engines.columnar import PREFIX, any_of
from riskengine.errors import Source
from riskengine.pack.answers import check_value
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question
from riskengine.portfolio.blanks import BLANKS
from riskengine.portfolio.frames import Matched, checks, is_text
from riskengine.portfolio.spark.session import functions
from riskengine.portfolio.spark.tables import BROKEN, FILE, Table

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

__all__ = ["WRONG", "SparkCells"]

WRONG = f"{PREFIX}wrong"
"""The column that says whether a row has a cell that is no answer, or is none."""

_NUMBER = "^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$"
# stands for the value in a reason
_MARK = "§§"
_VALUE_LENGTH, _SHOWN_LENGTH = 200, 60
_RAGGED = "the row has more or fewer cells than the header; put texts that hold the delimiter or a line end in quotes"
_NO_OBJECT = 'this is no JSON object; each line is one, `{"question": "answer"}`'


@dataclass(frozen=True, slots=True)
class _Cell:
    question: Question
    column: str
    text: bool

    def _own(self, what: str) -> str:
        return f"{PREFIX}{what}_{self.question.id}"

    @property
    def number(self) -> bool:
        """Whether it is text that stands for a number."""
        return self.text and self.question.type == "number"

    @property
    def answer(self) -> str:
        return self._own("number") if self.number else self._own("text") if self.text else self.column

    @property
    def shown(self) -> str:
        """The column of what a reject shows."""
        return self._own("text") if self.text else self.column

    @property
    def flag(self) -> str:
        return self._own("flag")

    @property
    def code(self) -> str:
        return self._own("code")

    def read(self) -> Mapping[str, nw.Expr]:
        """Give the cell without blanks around it."""
        stripped = nw.col(self.column).cast(nw.String).str.strip_chars(BLANKS)
        return {self._own("text"): stripped} if self.text else {}

    def typed(self) -> Mapping[str, nw.Expr]:
        """Give the number that a text stands for, null where it stands for none."""
        if not self.number:
            return {}
        text = nw.col(self._own("text"))
        number = nw.when(text.str.contains(_NUMBER)).then(text).cast(nw.Float64)
        return {self.answer: number, self.flag: (text == NOT_APPLICABLE_LEVEL).fill_null(False)}

    def coded(self) -> Mapping[str, nw.Expr]:
        """Give the code of what is wrong, null where nothing is."""
        found = [*(self._texts() if self.number else []), *checks(self.question, self.answer)]
        return {self.code: nw.coalesce(*(nw.when(wrong).then(nw.lit(code)) for wrong, code in found))}

    def _texts(self) -> list[tuple[nw.Expr, str]]:
        text, absent = nw.col(self._own("text")), nw.col(self.flag)
        empty = text.is_null() | (text == "").fill_null(True)
        no_number = nw.col(self.answer).is_null() & ~empty & ~absent
        return [(no_number, "RE-302"), *([] if self.question.may_not_apply else [(absent, "RE-305")])]

    def reason(self, f: ModuleType, shown: Column) -> Column:
        """Say why, in the words of a single assessment."""
        reasons = [f.when(f.col(self.code) == code, self._said(f, code, shown)) for code in _CODES]
        found: Column = f.coalesce(*reasons)
        return found

    def _said(self, f: ModuleType, code: str, shown: Column) -> Column:
        value, mark = self._faulty(code)
        _, problem = check_value(self.question, value, Source())
        if problem is None or problem.code != code:
            return _null(f)
        before, _, after = f"{problem.message}; {problem.help}".partition(mark)
        said: Column = f.concat(f.lit(before), shown, f.lit(after)) if after else f.lit(before)
        return said

    def _faulty(self, code: str) -> tuple[Any, str]:
        """Give a value with this fault, and how a message shows it."""
        if code == "RE-303":
            above = (self.question.maximum or 0.0) + 12345.0
            return above, str(above)
        if code == "RE-302" and not self.text:
            return float("nan"), "nan"
        return (NOT_APPLICABLE_LEVEL, _MARK) if code == "RE-305" else (_MARK, _MARK)


_CODES = ("RE-302", "RE-303", "RE-304", "RE-305")


class SparkCells:
    """The columns of a table that hold answers.

    Attributes:
        columns: For each question, the name of the column that its answers are in after `read`.
        flags: For questions answered by a number, the column that says that it does not apply.
        department: The column of the projects' departments, if there is one.
    """

    def __init__(self, table: Table, kind: str, pack: Pack, matched: Matched) -> None:
        """Compile.

        Args:
            table: The table.
            kind: Its format.
            pack: The pack.
            matched: Which columns hold answers.
        """
        schema = nw.from_native(table.frame).collect_schema()
        self._table, self._kind = table, kind
        self._cells = [
            _Cell(pack.question[question], column, is_text(schema[column]))
            for question, column in matched.columns.items()
        ]
        made = {cell.question.id: cell.flag for cell in self._cells if cell.number and cell.question.may_not_apply}
        self.columns = {cell.question.id: cell.answer for cell in self._cells}
        self.flags = {**matched.flags, **made}
        self.department = matched.department

    def read(self) -> DataFrame:
        """Give the rows with the columns of answers, and the column `WRONG`."""
        frame: nw.LazyFrame[Any] = nw.from_native(self._table.frame)
        for layer in ("read", "typed", "coded"):
            frame = frame.with_columns(**{k: v for cell in self._cells for k, v in getattr(cell, layer)().items()})
        wrong = [~nw.col(cell.code).is_null() for cell in self._cells]
        broken = [~nw.col(BROKEN).is_null()] if self._table.broken else []
        found: DataFrame = frame.with_columns(any_of([*broken, *wrong]).alias(WRONG)).to_native()
        return found

    def rejects(self, rows: DataFrame) -> DataFrame:
        """Give a row for each cell that is no answer: column, value, code, reason, file, and the whole record.

        Args:
            rows: Rows as `read` gives them, those that are wrong.
        """
        f = functions(rows)
        found = f.array_compact(f.array(*(self._reject(f, cell) for cell in self._cells)))
        record = f.to_json(f.struct(*(f.col(column).alias(name) for column, name in self._table.names.items())))
        if self._table.broken:
            whole = f.col(BROKEN).isNotNull()
            found = f.when(whole, f.array(self._line(f))).otherwise(found)
            record = f.when(whole, f.col(BROKEN)).otherwise(record)
        chosen = rows.select(f.explode(found).alias(WRONG), f.col(FILE).alias("file"), record.alias("record"))
        parts = [f.col(f"{WRONG}.{name}") for name in ("column", "value", "code", "reason")]
        return chosen.select(*parts, "file", "record")

    def _reject(self, f: ModuleType, cell: _Cell) -> Column:
        text = f.col(cell.shown).cast("string")
        shown = f.regexp_replace(f.substring(text, 1, _SHOWN_LENGTH), r"\p{C}", "?")
        value, name = f.substring(text, 1, _VALUE_LENGTH), f.lit(self._table.names[cell.column])
        reject: Column = f.when(
            f.col(cell.code).isNotNull(), _struct(f, name, value, f.col(cell.code), cell.reason(f, shown))
        )
        return reject

    def _line(self, f: ModuleType) -> Column:
        code, reason = ("RE-405", _RAGGED) if self._kind == "csv" else ("RE-407", _NO_OBJECT)
        value = f.substring(f.col(BROKEN), 1, _VALUE_LENGTH)
        return _struct(f, _null(f), value, f.lit(code), f.lit(reason))


def _null(f: ModuleType) -> Column:
    null: Column = f.lit(None).cast("string")
    return null


def _struct(f: ModuleType, *parts: Column) -> Column:
    names: Sequence[str] = ("column", "value", "code", "reason")
    found: Column = f.struct(*(part.alias(name) for part, name in zip(parts, names, strict=True)))
    return found
