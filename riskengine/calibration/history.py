"""A history of finished projects, or of published counts, read from a table."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from riskengine.errors import Problem, ProblemError, Source, nearest
from riskengine.logic.conditions import Value
from riskengine.pack.answers import check_value, number_in
from riskengine.pack.model import Pack, Question
from riskengine.pack.source import decode, read_bytes

__all__ = ["History", "HistoryRow", "read_history"]

MAX_BYTES = 200_000_000
FAILED, SUCCEEDED = "failed", "succeeded"
_COLUMNS = ("study", "outcome", "count", "weight")


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """Projects that gave the same answers and had the same outcome.

    Attributes:
        row: Its number in the table, the first after the header being 1.
        study: Who published it; `None` for projects of one's own.
        failed: Whether they failed.
        end: How, where the table says so.
        count: How many.
        weight: How much each counts, at most 1.
        answers: What is known of them.
    """

    row: int
    study: str | None
    failed: bool
    end: str | None
    count: float
    weight: float
    answers: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class History:
    """A table of outcomes.

    Attributes:
        rows: In the order of the table.
        sha256: Hash of the file.
    """

    rows: tuple[HistoryRow, ...]
    sha256: str


def read_history(path: Path, pack: Pack) -> History:
    """Read a table of outcomes.

    Args:
        path: A CSV with the columns `outcome` (`failed`, `succeeded`, or an end), any question ids, and
            optionally `study`, `count` (default 1) and `weight` (default 1, at most 1). Others are ignored.
        pack: The pack whose questions it answers.

    Raises:
        ProblemError: with everything that is wrong in it.
    """
    content = read_bytes(path, limit=MAX_BYTES, code="RE-308")
    source = Source(str(path))
    csv.field_size_limit(1_000_001)
    try:
        lines = [line for line in csv.reader(io.StringIO(decode(content, str(path))), strict=True) if line]
    except csv.Error as error:
        message = f"this is no readable CSV: {error}"
        raise ProblemError(Problem("RE-401", message, "check quotes, most often an unclosed one", source)) from None
    if not lines:
        raise ProblemError(Problem("RE-401", "the table is empty", "a header and a row a project", source))
    reader = _Reader(lines[0], pack, source)
    rows = [reader.row(number, cells) for number, cells in enumerate(lines[1:], start=1)]
    if not rows and not reader.problems:
        reader.problems.append(Problem("RE-603", "the history has no rows", "a row is a finished project", source))
    if reader.problems:
        raise ProblemError(reader.problems)
    return History(tuple(row for row in rows if row is not None), hashlib.sha256(content).hexdigest())


class _Reader:
    def __init__(self, header: Sequence[str], pack: Pack, source: Source) -> None:
        self._pack = pack
        self._source = source
        self.problems: list[Problem] = []
        self._header = tuple(column.strip() for column in header)
        names = [column.lower() for column in self._header]
        for place, name in enumerate(names):
            if names.index(name) < place and name in (*_COLUMNS, *pack.question):
                at = Source(source.file, field=self._header[place])
                self.problems.append(Problem("RE-402", f"two columns are `{name}`", "keep one of the two", at, name))
        self._place = {name: names.index(name) for name in _COLUMNS if name in names}
        self._questions = {place: pack.question[name] for place, name in enumerate(names) if name in pack.question}
        if "outcome" not in self._place:
            help = "a column `outcome` with `failed`, `succeeded`, or an end"
            self.problems.append(Problem("RE-603", "there is no column `outcome`", help, source))
        if not self._questions:
            help = "columns are named by question id"
            self.problems.append(Problem("RE-403", "no column is a question", help, source))

    def row(self, number: int, cells: Sequence[str]) -> HistoryRow | None:
        before = len(self.problems)
        if len(cells) != len(self._header):
            message = f"the row has {len(cells)} cells, the header {len(self._header)}"
            help = "a cell with a comma in it needs quotes"
            self.problems.append(Problem("RE-405", message, help, Source(self._source.file, row=number)))
            return None
        study = self._cell(cells, "study") or None
        failed, end = self._outcome(number, self._cell(cells, "outcome"))
        count = self._amount(number, cells, "count", math.inf)
        weight = self._amount(number, cells, "weight", 1.0)
        answers: dict[str, Value] = {}
        for place, question in self._questions.items():
            value = self._answer(number, question, cells[place].strip(), self._header[place])
            if value is not None:
                answers[question.id] = value
        if len(self.problems) > before:
            return None
        return HistoryRow(number, study, failed, end, count, weight, answers)

    def _cell(self, cells: Sequence[str], name: str) -> str:
        return cells[self._place[name]].strip() if name in self._place else ""

    def _outcome(self, number: int, word: str) -> tuple[bool, str | None]:
        ends = [end.id for end in self._pack.ends]
        if word in ends:
            return True, word
        if word not in (FAILED, SUCCEEDED) and "outcome" in self._place:
            message = f"unknown outcome `{word[:40]}`" if word else "the outcome is missing"
            help = nearest(word, [FAILED, SUCCEEDED, *ends])
            at = Source(self._source.file, row=number, field="outcome")
            self.problems.append(Problem("RE-603", message, help, at, word[:60]))
        return word == FAILED, None

    def _amount(self, number: int, cells: Sequence[str], name: str, most: float) -> float:
        text = self._cell(cells, name)
        if not text:
            return 1.0
        value = number_in(text)
        if not isinstance(value, float) or not math.isfinite(value) or not 0 <= value <= most:
            help = "a number that is not negative" + (f" and at most {most:g}" if math.isfinite(most) else "")
            at = Source(self._source.file, row=number, field=name)
            self.problems.append(Problem("RE-603", f"`{name}` is `{text[:40]}`", help, at, text[:60]))
            return 1.0
        return value

    def _answer(self, number: int, question: Question, cell: str, column: str) -> Value:
        raw = number_in(cell) if question.type == "number" else cell
        value, problem = check_value(question, raw, Source(self._source.file, row=number, field=column))
        if problem is not None:
            self.problems.append(problem)
        return value
