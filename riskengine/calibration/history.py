"""A history of finished projects, or of published counts, read from a table."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from riskengine.assessment.names import MAX_DEPARTMENT, is_department, key_of, spelled
from riskengine.errors import Problem, ProblemError, Source, nearest
from riskengine.logic.conditions import Value
from riskengine.pack.answers import check_value, number_in
from riskengine.pack.model import Pack, Question
from riskengine.pack.source import decode, read_bytes

__all__ = ["History", "HistoryRow", "LeftOut", "read_history"]

MAX_BYTES = 200_000_000
FAILED, SUCCEEDED = "failed", "succeeded"
_COLUMNS = (
    *("study", "outcome", "count", "weight", "project", "date", "ended", "pack", "meaning_hash", "probability"),
    *("synthetic", "made_up", "department"),
)
_YES, _NO = ("yes", "true", "1", "synthetic"), ("", "no", "false", "0")


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
        project: The project's name.
        date: When the answers were given.
        ended: When the outcome was known.
        probability: The probability of failure that was given at the time.
        meaning_hash: State of the pack that the answers were given to.
        kept: Text of the columns that were asked for beside these.
        synthetic: Whether they are made up.
        department: The part of the house that they are of.
    """

    row: int
    study: str | None
    failed: bool
    end: str | None
    count: float
    weight: float
    answers: Mapping[str, Value]
    project: str | None = None
    date: datetime.date | None = None
    ended: datetime.date | None = None
    probability: float | None = None
    meaning_hash: str | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    synthetic: bool = False
    department: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Projects that nothing is learned from.

    Attributes:
        reason: Why.
        count: How many.
        rows: Their numbers, where they are rows of a table.
    """

    reason: str
    count: int
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """A table of outcomes.

    Attributes:
        rows: In the order of the table, without those that are left out.
        sha256: Hash of the file.
        left_out: What was left out and why.
        hindsight: How many projects are known to have been written down only when their outcome was known.
    """

    rows: tuple[HistoryRow, ...]
    sha256: str
    left_out: tuple[LeftOut, ...] = ()
    hindsight: int = 0

    @property
    def own(self) -> tuple[HistoryRow, ...]:
        """The rows of one's own projects."""
        return tuple(row for row in self.rows if row.study is None)

    @property
    def studies(self) -> tuple[str, ...]:
        """Names of the published studies, sorted."""
        return tuple(sorted({row.study for row in self.rows if row.study is not None}))

    @property
    def synthetic(self) -> float:
        """How many of one's own projects are made up."""
        return math.fsum(row.count for row in self.own if row.synthetic)

    @property
    def departments(self) -> Mapping[str, str]:
        """Names of the departments with projects of one's own, as they are first written, by their key, sorted."""
        named = [row.department for row in self.own if row.department is not None and row.count * row.weight > 0]
        first = {key_of(name): name for name in reversed(named)}
        return {key: first[key] for key in sorted(first)}


def read_history(path: Path, pack: Pack, keep: Sequence[str] = ()) -> History:
    """Read a table of outcomes.

    Projects whose answers are dated on the day of the outcome or later are left out: they teach hindsight.

    Args:
        path: A CSV with the columns `outcome` (`failed`, `succeeded`, or an end), any question ids, and
            optionally `study`, `count` (default 1), `weight` (default 1, at most 1), `project`, `date` (of the
            answers), `ended` (when the outcome was known), `pack`, `meaning_hash`, `probability` (as given at the
            time), `department`, and `synthetic` or `made_up` (`yes` for a project that is not real). Others are
            ignored.
        pack: The pack whose questions it answers.
        keep: Other columns whose text is wanted.

    Returns:
        The history, and what was left out of it.

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
    reader = _Reader(lines[0], pack, source, keep)
    read = [reader.row(number, cells) for number, cells in enumerate(lines[1:], start=1)]
    rows = tuple(row for row in read if row is not None)
    problems = [*reader.problems, *_repeated(rows, source)]
    late = tuple(row.row for row in rows if row.date and row.ended and row.date >= row.ended)
    rows = tuple(row for row in rows if row.row not in frozenset(late))
    if not rows and not problems:
        problems.append(_nothing(late, source))
    if problems:
        raise ProblemError(problems)
    left_out = (LeftOut("answered when the outcome was known", len(late), late),) if late else ()
    return History(rows, hashlib.sha256(content).hexdigest(), left_out)


def _nothing(late: Sequence[int], source: Source) -> Problem:
    if late:
        message = f"all {len(late)} rows were answered when the outcome was known"
        return Problem("RE-604", message, "give the answers as they were before: `date` earlier than `ended`", source)
    return Problem("RE-603", "the history has no rows", "a row is a finished project", source)


def _repeated(rows: Sequence[HistoryRow], source: Source) -> list[Problem]:
    first: dict[str, HistoryRow] = {}
    problems = []
    for row in rows:
        before = first.setdefault(row.project, row) if row.project and row.study is None else row
        if before is row:
            continue
        at = Source(source.file, row=row.row, field="project")
        if (before.failed, before.end) != (row.failed, row.end):
            message = f"`{row.project}` ends otherwise here than in row {before.row}"
            problems.append(Problem("RE-608", message, "a project has one outcome: correct it", at, row.project))
        else:
            message = f"`{row.project}` stands in row {before.row} already and would count twice"
            help = "keep one row a project, with the answers at its start; `count` is for alike projects"
            problems.append(Problem("RE-607", message, help, at, row.project))
    return problems


class _Reader:
    def __init__(self, header: Sequence[str], pack: Pack, source: Source, keep: Sequence[str]) -> None:
        self._pack = pack
        self._source = source
        # right cells, read once: tables say the same few things many times
        self._right: dict[str, dict[str, Value]] = {question.id: {} for question in pack.questions}
        self.problems: list[Problem] = []
        self._header = tuple(column.strip() for column in header)
        names = [column.lower() for column in self._header]
        for place, name in enumerate(names):
            if names.index(name) < place and name in (*_COLUMNS, *pack.question):
                at = Source(source.file, field=self._header[place])
                self.problems.append(Problem("RE-402", f"two columns are `{name}`", "keep one of the two", at, name))
        # a column named like a question is that question
        self._place = {name: names.index(name) for name in _COLUMNS if name in names and name not in pack.question}
        self._keep = {name: self._header.index(name) for name in keep if name in self._header}
        self._keep |= {name: self._place[name] for name in keep if name in self._place and name not in self._keep}
        for name in keep:
            if name not in self._keep and name not in pack.question:
                help = nearest(name, [*self._header, *pack.question])
                self.problems.append(Problem("RE-403", f"there is no column `{name}`", help, source, name))
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
        self._pack_of(number, self._cell(cells, "pack"))
        known = HistoryRow(
            row=number,
            study=study,
            failed=failed,
            end=end,
            count=count,
            weight=weight,
            answers=answers,
            project=self._cell(cells, "project") or None,
            date=self._day(number, cells, "date"),
            ended=self._day(number, cells, "ended"),
            probability=self._probability(number, cells),
            meaning_hash=self._cell(cells, "meaning_hash") or None,
            kept={name: cells[place].strip() for name, place in self._keep.items()},
            synthetic=self._synthetic(number, cells),
            department=self._department(number, cells),
        )
        return known if len(self.problems) == before else None

    def _pack_of(self, number: int, name: str) -> None:
        if name and name != self._pack.name:
            message = f"this project was assessed with the pack `{name[:40]}`, and the one in use is {self._pack.name}"
            help = "give its own pack with `--rules`, or leave the column out if the questions are the same"
            at = Source(self._source.file, row=number, field="pack")
            self.problems.append(Problem("RE-611", message, help, at, name[:60]))

    def _day(self, number: int, cells: Sequence[str], name: str) -> datetime.date | None:
        text = self._cell(cells, name)
        if not text:
            return None
        try:
            return datetime.date.fromisoformat(text[:10] if text[10:11] in ("T", " ") else text)
        except ValueError:
            at = Source(self._source.file, row=number, field=name)
            message = f"`{name}` is `{text[:40]}`"
            self.problems.append(Problem("RE-603", message, "a date such as 2026-03-01", at, text[:60]))
            return None

    def _probability(self, number: int, cells: Sequence[str]) -> float | None:
        text = self._cell(cells, "probability")
        value = number_in(text) if text else None
        if text and not (isinstance(value, float) and 0 < value < 1):
            at = Source(self._source.file, row=number, field="probability")
            message = f"`probability` is `{text[:40]}`"
            self.problems.append(Problem("RE-603", message, "a number above 0 and below 1, such as 0.4", at, text[:60]))
            return None
        return value if isinstance(value, float) else None

    def _synthetic(self, number: int, cells: Sequence[str]) -> bool:
        words = {name: self._cell(cells, name) for name in ("synthetic", "made_up")}
        for name, word in words.items():
            if word.lower() not in (*_YES, *_NO):
                at = Source(self._source.file, row=number, field=name)
                help = "`yes` for a project that is made up, `no` or nothing for a real one"
                self.problems.append(Problem("RE-603", f"`{name}` is `{word[:40]}`", help, at, word[:60]))
        return any(word.lower() in _YES for word in words.values())

    def _department(self, number: int, cells: Sequence[str]) -> str | None:
        name = spelled(self._cell(cells, "department"))
        if name and not is_department(name):
            at = Source(self._source.file, row=number, field="department")
            message, help = f"`department` is `{name[:40]}`", f"a short name, at most {MAX_DEPARTMENT} characters"
            self.problems.append(Problem("RE-603", message, help, at, name[:60]))
        return name or None

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
        known = self._right[question.id]
        if cell in known:
            return known[cell]
        raw = number_in(cell) if question.type == "number" else cell
        value, problem = check_value(question, raw, Source(self._source.file, row=number, field=column))
        if problem is None:
            known[cell] = value
        else:
            self.problems.append(problem)
        return value
