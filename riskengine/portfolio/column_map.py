"""Which columns hold answers: by the names of the questions, and by a map for columns that are called otherwise."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import narwhals as nw
import polars as pl

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.names import DEPARTMENT
from riskengine.errors import Problem, ProblemError, Source
from riskengine.pack.model import Pack
from riskengine.pack.nodes import MappingNode, ScalarNode, quoted, shown
from riskengine.pack.source import read_bytes, read_yaml
from riskengine.portfolio.expressions import result_columns
from riskengine.portfolio.frames import Matched, match_columns, refuse_taken

__all__ = ["ColumnMap", "answer_columns", "match", "near_misses", "placed", "read_column_map"]

NEAR = 0.85


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A map of columns to questions.

    Attributes:
        columns: Question by column.
        sources: Where each column stands in the file, if the map is of one.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)


def read_column_map(path: Path) -> ColumnMap:
    """Read a map from a YAML file: a line for each column, `Column: question`.

    Raises:
        ProblemError: RE-308 if it can't be read, RE-406 if it is no map of texts; and if it is no YAML.
    """
    node = read_yaml(read_bytes(path, code="RE-308"), str(path))
    if not isinstance(node, MappingNode):
        source = Source(str(path)) if node is None else node.source
        raise ProblemError(Problem("RE-406", "this is no map of columns", "write `Column: question` a line", source))
    wrong = [
        Problem("RE-406", f"`{shown(key)}` stands for {quoted(value)}", "name one question", value.source, shown(value))
        for key, value in node.entries
        if not isinstance(value, ScalarNode) or not isinstance(value.value, str)
    ]
    if wrong:
        raise ProblemError(wrong)
    return ColumnMap(
        {key.text: value.text for key, value in node.entries if isinstance(value, ScalarNode)},
        {key.text: key.source for key, _ in node.entries},
    )


def answer_columns(pack: Pack, given: ColumnMap) -> tuple[frozenset[str], frozenset[str]]:
    """Give the names, in small letters, that columns of answers can have.

    Returns:
        Those of answers that are levels, or of departments, and those of answers that are numbers.
    """
    names = {name: question for question in pack.questions for name in (question.id, *question.renamed_from)}
    names |= {column: pack.question[id] for column, id in given.columns.items() if id in pack.question}
    of = [DEPARTMENT, *(column for column, id in given.columns.items() if id == DEPARTMENT)]
    departments = {name.strip().lower() for name in of if DEPARTMENT not in pack.question}
    numbers = {name.strip().lower() for name, question in names.items() if question.type == "number"}
    return frozenset({name.strip().lower() for name in names} | departments) - numbers, frozenset(numbers)


def match(path: Path, schema: Mapping[str, pl.DataType], built: BuiltPack, given: ColumnMap) -> Matched:
    """Find the columns of a table that hold answers, and refuse those that the results are called by.

    Args:
        path: The table, for messages.
        schema: Its columns.
        built: The pack.
        given: The map.

    Raises:
        ProblemError: as `match_columns`, with the place in the table or in the map.
    """
    types = nw.from_native(pl.LazyFrame(schema=dict(schema))).collect_schema()
    try:
        matched = match_columns(types, built.pack, given.columns, cells=True)
        refuse_taken(schema, result_columns(built))
    except ProblemError as error:
        raise ProblemError(
            placed(_helped(problem, schema, built.pack), path, given) for problem in error.problems
        ) from None
    return matched


def placed(problem: Problem, path: str | Path, given: ColumnMap) -> Problem:
    """Say where a problem with a column is: in the table, or in the map that names it.

    Args:
        problem: The problem.
        path: The table.
        given: The map.
    """
    name = problem.source.field
    # a column that was found is a fault of the table, even if the map names it
    mapped = given.sources.get(name or "") if problem.code in ("RE-301", "RE-403") else None
    return replace(problem, source=mapped or replace(problem.source, file=str(path)))


def _helped(problem: Problem, schema: Mapping[str, pl.DataType], pack: Pack) -> Problem:
    """Name the questions that columns are nearly called as, where none is called as one."""
    near = _near(schema, [question.id for question in pack.questions])
    if problem.code != "RE-403" or problem.source.field is not None or not near:
        return problem
    shown = ", ".join(f"`{question}`" for question in list(near.values())[:3])
    return replace(problem, help=f"{problem.help}; did you mean {shown}?")


def near_misses(schema: Iterable[str], pack: Pack, matched: Matched) -> list[str]:
    """Give the columns that are no question, and nearly called as one that the table lacks, with a word on it."""
    taken = {*matched.columns.values(), *matched.flags.values(), matched.department}
    lacking = [question.id for question in pack.questions if question.id not in matched.columns]
    near = _near([name for name in schema if name not in taken], lacking)
    return [
        f"column `{name}` is no question and was not looked at; did you mean `{question}`?"
        for name, question in near.items()
    ]


def _near(columns: Iterable[str], questions: Sequence[str]) -> dict[str, str]:
    """Give the question that a column is nearly called as, for those that are."""
    close = {
        name: difflib.get_close_matches(name.strip().lower()[:100], questions, n=1, cutoff=NEAR) for name in columns
    }
    return {name: found[0] for name, found in close.items() if found}
