"""A CSV table of projects, scored row by row; broken rows are rejected with a reason, the others scored."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from riskengine.assessment.answers import Answers
from riskengine.assessment.assess import assess_answers
from riskengine.assessment.build import BuiltPack, write_output
from riskengine.assessment.model_file import Model
from riskengine.assessment.result import Assessment
from riskengine.errors import Problem, ProblemError, Source
from riskengine.logic.conditions import Value
from riskengine.pack.answers import check_value, number_in
from riskengine.pack.model import Pack, Question
from riskengine.pack.source import decode, read_bytes

__all__ = ["Done", "score_table"]

MAX_TABLE_BYTES = 200_000_000
MAX_CELL = 1_000_000
MAX_SHOWN = 200
NAME_COLUMNS = ("project", "name")
REJECT_COLUMNS = ("row", "column", "value", "code", "reason")
# a spreadsheet runs a text that begins with one of these as a formula (OWASP, CSV injection)
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a table; scored + rejected = read.

    Attributes:
        read: Data rows.
        scored: Rows in the output.
        rejected: Rows in the rejects.
        rejects: The file of rejects, written only if there are any.
    """

    read: int
    scored: int
    rejected: int
    rejects: Path


@dataclass(frozen=True, slots=True)
class _Table:
    header: tuple[str, ...]
    questions: Mapping[int, Question]
    name: int | None
    rows: tuple[tuple[int, list[str]], ...]


def score_table(table: Path, output: Path, built: BuiltPack, model: Model, base_rate: float | None = None) -> Done:
    """Score a CSV table.

    Args:
        table: One row a project; columns are matched by question id, whatever their case. An empty cell is
            unknown, `n/a` does not apply.
        output: The scored table: every input column and the results.
        built: The pack.
        model: The model.
        base_rate: The reader's own base rate.

    Returns:
        How many rows were read, scored and rejected.

    Raises:
        ProblemError: RE-308 or RE-401 if the table can't be read, RE-402 or RE-403 if its header can't, RE-801
            if the output can't be written. Nothing is written then.
    """
    if output.resolve() == table.resolve():
        help = "name another file for the output"
        raise ProblemError(Problem("RE-801", "the output is the input", help, Source(str(output))))
    content = _read(table, built.pack)
    scored: list[list[str]] = []
    rejected: list[list[str]] = []
    bad_rows = 0
    for number, cells in content.rows:
        values, problems = _answers(content, number, cells, str(table))
        if problems:
            bad_rows += 1
            rejected += [_reject(number, problem) for problem in problems]
            continue
        name = cells[content.name] if content.name is not None else None
        answers = Answers(values, project=name or None)
        result = assess_answers(answers, built, model, base_rate=base_rate, explain=False)
        scored.append([*map(_harmless, cells), *_results(result)])
    rejects = output.with_name(output.name + ".rejects.csv")
    if rejected:
        write_output(rejects, _csv(REJECT_COLUMNS, rejected))
    else:
        rejects.unlink(missing_ok=True)
    write_output(output, _csv([*map(_harmless, content.header), *_columns(built.pack)], scored))
    return Done(len(content.rows), len(scored), bad_rows, rejects)


def _read(table: Path, pack: Pack) -> _Table:
    source = Source(str(table))

    def unreadable(message: str, help: str) -> ProblemError:
        return ProblemError(Problem("RE-401", message, help, source))

    text = decode(read_bytes(table, limit=MAX_TABLE_BYTES, code="RE-308"), str(table))
    if "\0" in text:
        raise unreadable("the table holds NUL characters and is no CSV", "save it as CSV")
    if not text.strip():
        raise unreadable("the table is empty", "`riskengine template --csv` prints a header")
    csv.field_size_limit(MAX_CELL + 1)
    try:
        lines = list(csv.reader(io.StringIO(text), strict=True, delimiter=_delimiter(text)))
    except csv.Error as error:
        raise unreadable(f"this is no readable CSV: {error}", "check quotes, most often an unclosed one") from None
    header, *rows = (cells for cells in lines if cells)
    if not rows:
        raise unreadable("the table has a header and no rows", "a row is a project")
    questions = _match(header, pack, source)
    name = next((place for place, column in enumerate(header) if column.strip().lower() in NAME_COLUMNS), None)
    return _Table(tuple(header), questions, name, tuple(enumerate(rows, start=1)))


def _delimiter(text: str) -> str:
    """Tell the delimiter from the header; a comma unless another one is more frequent there."""
    header = text.lstrip().split("\n", 1)[0]
    return max(",;\t", key=lambda sign: (header.count(sign), sign == ","))


def _match(header: Sequence[str], pack: Pack, source: Source) -> dict[int, Question]:
    known = {id.lower(): question for id, question in pack.question.items()}
    known |= {old: question for question in pack.questions for old in question.renamed_from}
    found: dict[int, Question] = {}
    problems = []
    for place, column in enumerate(header):
        question = known.get(column.strip().lower())
        if question is None:
            continue
        if question in found.values():
            message = f"two columns are `{question.id}`"
            at = Source(source.file, field=column)
            problems.append(Problem("RE-402", message, "keep one of the two", at, column))
        found[place] = question
    if problems:
        raise ProblemError(problems)
    if not found:
        help = "columns are named by question id; `riskengine template --csv` prints them"
        shown = ", ".join(f"`{column[:40]}`" for column in header[:5])
        raise ProblemError(Problem("RE-403", f"no column is a question: {shown}", help, source))
    return found


def _answers(table: _Table, number: int, cells: Sequence[str], file: str) -> tuple[dict[str, Value], list[Problem]]:
    if len(cells) != len(table.header):
        message = f"the row has {len(cells)} cells, the header {len(table.header)}"
        help = "a cell with a comma in it needs quotes"
        return {}, [Problem("RE-405", message, help, Source(file, row=number), str(len(cells)))]
    values: dict[str, Value] = {}
    problems = []
    for place, question in table.questions.items():
        cell = cells[place].strip()
        raw = number_in(cell) if question.type == "number" else cell
        value, problem = check_value(question, raw, Source(file, row=number, field=table.header[place]))
        if problem is not None:
            problems.append(replace(problem, value=cell[:MAX_SHOWN]))
        elif value is not None:
            values[question.id] = value
    return values, problems


def _reject(number: int, problem: Problem) -> list[str]:
    reason = f"{problem.message}; {problem.help}" if problem.help else problem.message
    column, value = problem.source.field or "", problem.value or ""
    return [str(number), _harmless(column), _harmless(value), problem.code, reason]


def _columns(pack: Pack) -> list[str]:
    areas = dict.fromkeys(rule.area for rule in pack.weighed_rules)
    return [
        "failure_probability",
        "answers_low",
        "answers_high",
        "model_low",
        "model_high",
        "risk_level",
        *(f"end_{end.id}" for end in pack.ends),
        *(f"area_{area}" for area, _ in pack.areas if area in areas),
        "findings",
        "top_finding",
        "answered_share",
        "warnings",
    ]


def _results(result: Assessment) -> Iterator[str]:
    fires = [one.rule for one in result.findings if one.state == "fires"]
    risks = [one.rule for one in result.findings if one.state == "fires" and one.contribution > 0]
    numbers = (result.probability, *result.range.answers, *result.range.model)
    yield from map(repr, numbers)
    yield result.risk_level
    yield from (repr(share) for share in result.ends.values())
    yield from (repr(area.score) for area in result.areas.values())
    yield " ".join(fires)
    yield risks[0] if risks else ""
    yield repr(result.answered_share)
    yield "; ".join(one.message for one in result.warnings)


def _csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from running a text as a formula; numbers stay as they are."""
    text = cell.lstrip(" \xa0")
    if text.startswith(FORMULA_SIGNS) and not isinstance(number_in(text), float):
        return "'" + cell
    return cell
