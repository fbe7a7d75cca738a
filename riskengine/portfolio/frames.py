"""A frame of projects, scored: any frame that narwhals accepts, eager or lazy, comes back as the kind it was.

What kinds of frames disagree about is settled here, at the door: eager ones are scored on Polars, those of Dask
partition by partition the same way, and lazy ones by expressions that all backends read alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from riskengine.assessment.assess import choose_model
from riskengine.assessment.build import BuiltPack, load_pack
from riskengine.assessment.model_file import Model
from riskengine.assessment.names import DEPARTMENT
from riskengine.engines.columnar import PREFIX, Frame, any_of
from riskengine.errors import Problem, ProblemError, Source, nearest, shorten
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question
from riskengine.portfolio.expressions import Scorer, result_columns

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "PROBLEMS",
    "Matched",
    "checks",
    "is_text",
    "match_columns",
    "problems",
    "refuse_alike",
    "refuse_taken",
    "score",
]

PROBLEMS = "problems"
"""The column that says what is wrong with a row, as words such as `team_fte:RE-303`; empty for a row in order."""

FLAG = ".na"
_TEXTS = (nw.String, nw.Categorical, nw.Enum, nw.Unknown)


@dataclass(frozen=True, slots=True)
class Matched:
    """Which columns of a frame hold answers.

    Attributes:
        columns: Name of the column by question.
        flags: For questions answered by a number, name of the boolean column that says that it does not apply.
        department: Name of the column of the projects' departments, if there is one.
    """

    columns: Mapping[str, str]
    flags: Mapping[str, str]
    department: str | None = None


def score(
    frame: Any,
    *,
    pack: BuiltPack | str | Path | None = None,
    model: Model | str | Path | None = None,
    base_rate: float | None = None,
    columns: Mapping[str, str] | None = None,
) -> Any:
    """Score a frame of projects.

    Columns are matched by question id, whatever their case; other columns are kept as they are. Levels are text,
    numbers are numbers, null is unknown. The text `n/a` does not apply; for a number, a boolean column
    `QUESTION.na` says so. A column `department` names the part of the house that each project is of. A row with an
    answer that is none has no results, and says why in the column `problems`.

    Args:
        frame: A Polars, pandas, PyArrow or Dask frame, a DuckDB relation, a Spark frame (of Spark Connect, too), or
            another one that narwhals accepts.
        pack: A built pack, a folder or a one-file JSON; the shipped pack by default.
        model: A model file; `"none"` for the rules' prior; by default the model that belongs to the pack.
        base_rate: The reader's own base rate, strictly between 0 and 1.
        columns: Names of columns that are called otherwise: column to question.

    Returns:
        The same kind of frame with the result columns behind its own; a lazy frame stays lazy.

    Raises:
        ProblemError: RE-430 if this is no frame; RE-402, RE-403 or RE-302 if no column is a question, two are the
            same one, or one has a type that cannot hold answers; and for everything that is wrong with the pack or
            the model.

    Examples:
        >>> import polars as pl
        >>> scored = score(pl.DataFrame({"stage": ["idea", "live"], "team_fte": [2.0, None]}))
        >>> scored["failure_probability"].is_between(0, 1).all()
        True
    """
    built = pack if isinstance(pack, BuiltPack) else load_pack(pack)
    chosen = model if isinstance(model, Model) else choose_model(built, model)
    scorer = Scorer(built, chosen, base_rate)
    if nw.dependencies.is_dask_dataframe(frame):
        return _by_partition(frame, scorer, columns)
    given = _opened(frame)
    if isinstance(given, nw.DataFrame):
        return _eager(given, scorer, columns)
    if given.implementation.is_pyspark() or given.implementation.is_pyspark_connect():
        return _by_place(frame, scorer, columns)
    return _scored(given, scorer, columns).to_native()


def _opened(frame: Any) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    try:
        given: nw.DataFrame[Any] | nw.LazyFrame[Any] = nw.from_native(frame)
    except TypeError:
        message = f"`{type(frame).__name__}` is no frame that can be scored"
        help = "give a frame of Polars, pandas, PyArrow, DuckDB, Spark or Dask"
        raise ProblemError(Problem("RE-430", message, help, value=type(frame).__name__)) from None
    except nw.exceptions.DuplicateError:
        refuse_alike(getattr(frame, "column_names", frame.columns))
        raise
    if given.implementation.is_duckdb():
        refuse_alike(frame.columns, any_case=True)
    return given


def _eager(frame: nw.DataFrame[Any], scorer: Scorer, columns: Mapping[str, str] | None) -> Any:
    """Score an eager frame on Polars, and set the results beside it.

    Kinds of frames whose own null logic is not Kleene's (pandas) are none the worse for it.
    """
    named = [name for name in frame.columns if isinstance(name, str)]
    possible = _possible(named, scorer.built.pack, columns or {})
    if scorer.model.departments:
        possible += [name for name in named if name not in possible and name.strip().lower() == DEPARTMENT]
    held = _on_polars(frame, possible)
    types = nw.from_native(held.lazy()).collect_schema()
    schema = nw.Schema({name: types.get(name, nw.Unknown()) for name in named})
    matched = match_columns(schema, scorer.built.pack, columns)
    results = [*result_columns(scorer.built), PROBLEMS]
    refuse_taken(named, results)
    found: pl.DataFrame = (
        _with_results(nw.from_native(held.lazy()), scorer, matched).select(*results).to_native().collect()
    )
    if frame.implementation.is_polars():
        beside: nw.DataFrame[Any] = nw.from_native(found, eager_only=True)
    else:
        beside = nw.from_arrow(found, backend=frame.implementation)
    return frame.with_columns(*beside.iter_columns()).to_native()


def _possible(names: Sequence[str], pack: Pack, columns: Mapping[str, str]) -> list[str]:
    """Give the columns that may matter: others may hold what Polars can't."""
    known = {*(question.id for question in pack.questions)}
    known |= {old for question in pack.questions for old in question.renamed_from}
    return [
        name for name in names if name.removesuffix(FLAG).strip().lower() in known or name.removesuffix(FLAG) in columns
    ]


def _on_polars(frame: nw.DataFrame[Any], names: Sequence[str]) -> pl.DataFrame:
    import polars as pl

    if frame.implementation.is_polars():
        return frame.select(*names).to_native()  # type: ignore[no-any-return]
    wrong: list[Problem] = []
    found: list[pl.Series] = []
    for name in names:
        try:
            column = pl.Series(name, frame.get_column(name).to_arrow())
        except (TypeError, ValueError):
            message = f"`{name}` holds values of several kinds"
            wrong.append(Problem("RE-302", message, "make it a column of one type", Source(field=name)))
            continue
        # what pandas makes of a column of empty cells is one of numbers
        empty = frame.implementation.is_pandas_like() and 0 < len(column) == column.null_count()
        found.append(column.cast(pl.Null) if empty else column)
    if wrong:
        raise ProblemError(wrong)
    return pl.DataFrame(found)


def _by_partition(frame: Any, scorer: Scorer, columns: Mapping[str, str] | None) -> Any:
    """Score the partitions of a Dask frame as the pandas frames that they are, once they are asked for."""
    part = partial(_part, scorer=scorer, columns=columns)
    return frame.map_partitions(part, meta=part(frame._meta))


def _part(frame: Any, scorer: Scorer, columns: Mapping[str, str] | None) -> Any:
    return _eager(nw.from_native(frame, eager_only=True), scorer, columns)


def _by_place(frame: Any, scorer: Scorer, columns: Mapping[str, str] | None) -> Any:
    """Score a Spark frame whose columns are called by their places meanwhile.

    Spark takes a dot in a name for a field, and two names that differ in case for one.
    """
    names = list(frame.columns)
    results = [*result_columns(scorer.built), PROBLEMS]
    refuse_taken(names, results, any_case=True)
    safe = {f"{PREFIX}column_{place}": name for place, name in enumerate(names)}
    given: nw.LazyFrame[Any] = nw.from_native(frame.toDF(*safe))
    matched = match_columns(given.collect_schema(), scorer.built.pack, columns, safe)
    return _with_results(given, scorer, matched).to_native().toDF(*names, *results)


def _scored(frame: Frame, scorer: Scorer, columns: Mapping[str, str] | None) -> Frame:
    schema = frame.collect_schema()
    matched = match_columns(schema, scorer.built.pack, columns)
    any_case = not frame.implementation.is_polars()
    refuse_taken(schema, [*result_columns(scorer.built), PROBLEMS], any_case=any_case)
    return _with_results(frame, scorer, matched)


def _with_results(frame: Frame, scorer: Scorer, matched: Matched) -> Frame:
    """Add the results, which are null in rows with a problem, and the column `PROBLEMS`."""
    kept = frame.collect_schema().names()
    results: list[str] = result_columns(scorer.built)
    frame = frame.with_columns(problems(scorer.built.pack, matched).alias(PROBLEMS))
    frame = scorer.scored(frame, matched.columns, matched.flags, matched.department)
    in_order = nw.col(PROBLEMS) == ""
    frame = frame.with_columns(**{name: nw.when(in_order).then(nw.col(name)) for name in results})
    return frame.select(*kept, *results, PROBLEMS)


def refuse_alike(names: Iterable[Any], *, any_case: bool = False) -> None:
    """Refuse columns of one name.

    Args:
        names: The columns.
        any_case: Whether names that differ in case only are one name.

    Raises:
        ProblemError: RE-402.
    """
    counts = Counter(str(name).lower() if any_case else name for name in names)
    twice = [shorten(str(name)) for name, times in counts.items() if times > 1]
    if twice:
        message = f"there are two columns `{twice[0]}`{', whatever their case' if any_case else ''}"
        raise ProblemError(Problem("RE-402", message, "rename or drop one", Source(field=twice[0]), twice[0]))


def refuse_taken(names: Iterable[str], results: Sequence[str], *, any_case: bool = False) -> None:
    """Refuse columns that are called as the results are.

    Args:
        names: The columns.
        results: The columns that will be added.
        any_case: Whether names that differ in case only are one name.

    Raises:
        ProblemError: RE-402.
    """
    taken = [name for name in names if (name.lower() if any_case else name) in results or name.startswith(PREFIX)]
    if taken:
        shown = ", ".join(f"`{name}`" for name in taken[:3])
        message = f"there are columns that the results are called by: {shown}"
        raise ProblemError(Problem("RE-402", message, "rename or drop them", Source(field=taken[0]), taken[0]))


def match_columns(
    schema: nw.Schema,
    pack: Pack,
    columns: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    *,
    cells: bool = False,
) -> Matched:
    """Find the columns that hold answers.

    Args:
        schema: Names and types of the frame's columns.
        pack: The pack.
        columns: Columns that are called otherwise: column to question.
        names: Names by which the user knows columns that were renamed.
        cells: Whether text may stand for a number, as in the cells of a table.

    Raises:
        ProblemError: RE-402 for two columns of one question, RE-403 if no column is a question or a named one is not
            there, RE-302 for a type that cannot hold answers.
    """
    known = {question.id.lower(): question for question in pack.questions}
    known |= {old: question for question in pack.questions for old in question.renamed_from}
    called = {held: (names or {}).get(held, held) for held in schema}
    wrong = _wrongly_named(list(called.values()), pack, columns or {})
    found: dict[str, str] = {}
    departments: list[str] = []
    for held, name in called.items():
        if _is_department(name, pack, columns or {}):
            departments.append(held)
            continue
        question = pack.question.get((columns or {}).get(name, "")) or known.get(name.strip().lower())
        if question is None:
            continue
        if question.id in found:
            message = f"two columns are `{question.id}`"
            wrong.append(Problem("RE-402", message, "keep one of the two", Source(field=name), name))
        elif not (_holds(question, schema[held]) or (cells and is_text(schema[held]))):
            message = f"`{name}` holds {schema[held]}, and `{question.id}` is answered by {_wanted(question)}"
            help = f"make it a column of {_wanted(question)}"
            wrong.append(Problem("RE-302", message, help, Source(field=name), str(schema[held])))
        found[question.id] = held
    if len(departments) > 1:
        name = called[departments[1]]
        wrong.append(Problem("RE-402", "two columns are `department`", "keep one of the two", Source(field=name), name))
    if not found and not wrong:
        shown = ", ".join(f"`{name[:40]}`" for name in list(called.values())[:5])
        wrong.append(Problem("RE-403", f"no column is a question: {shown}", "columns are named by question id"))
    if wrong:
        raise ProblemError(wrong)
    held_as = {name: held for held, name in called.items()}
    flags = {id: held_as.get(f"{called[held]}{FLAG}") for id, held in found.items()}
    numbers = {id: flag for id, flag in flags.items() if flag is not None and pack.question[id].type == "number"}
    untrue = [(flag, called[flag]) for flag in numbers.values() if schema[flag] not in (nw.Boolean, nw.Unknown)]
    if untrue:
        help = "make it a column of true and false"
        raise ProblemError(
            Problem("RE-302", f"`{name}` holds {schema[flag]}", help, Source(field=name), str(schema[flag]))
            for flag, name in untrue
        )
    return Matched(found, numbers, departments[0] if departments else None)


def _is_department(name: str, pack: Pack, columns: Mapping[str, str]) -> bool:
    # a column named like a question is that question
    return DEPARTMENT not in pack.question and columns.get(name, name.strip().lower()) == DEPARTMENT


def _wrongly_named(names: Sequence[str], pack: Pack, columns: Mapping[str, str]) -> list[Problem]:
    questions = list(pack.question)
    wrong = [
        Problem("RE-403", f"there is no column `{name}`", nearest(name, names), Source(field=name), name)
        for name in columns
        if name not in names
    ]
    wrong += [
        Problem("RE-301", f"unknown question `{question}`", nearest(question, questions), Source(field=name), question)
        for name, question in columns.items()
        if question not in (*questions, DEPARTMENT)
    ]
    return wrong


def _holds(question: Question, kind: nw.dtypes.DType) -> bool:
    if question.type == "number":
        return kind.is_numeric() or kind == nw.Unknown
    return is_text(kind)


def is_text(kind: nw.dtypes.DType) -> bool:
    """Say whether a column of this type holds text, or nothing at all."""
    return kind in _TEXTS


def _wanted(question: Question) -> str:
    return "numbers" if question.type == "number" else "text"


def problems(pack: Pack, matched: Matched) -> nw.Expr:
    """Say what is wrong with the answers of a row, as words such as `team_fte:RE-303`.

    Args:
        pack: The pack.
        matched: The columns that hold answers.
    """
    found = [
        nw.when(wrong).then(nw.lit(f"{question}:{code} ")).otherwise(nw.lit(""))
        for question, column in matched.columns.items()
        for wrong, code in checks(pack.question[question], column)
    ]
    return nw.concat_str(*found, ignore_nulls=True).str.strip_chars() if found else nw.lit("")


def checks(question: Question, column: str) -> list[tuple[nw.Expr, str]]:
    """Give what may be wrong with an answer, each with its code; the conditions are never null.

    Args:
        question: The question.
        column: The column of its answers, text for levels and numbers for numbers.
    """
    value = nw.col(column)
    if question.type == "number":
        number = value.cast(nw.Float64)
        counted = number.is_finite().fill_null(True)
        within = ((number >= question.minimum) & (number <= question.maximum)).fill_null(True)
        return [(~counted, "RE-302"), (counted & ~within, "RE-303")]
    text = value.cast(nw.String)
    names = [name for level in question.levels for name in (level.id, *level.renamed_from)]
    absent = (text == NOT_APPLICABLE_LEVEL).fill_null(False)
    known = any_of([text == name for name in ("", *names)]).fill_null(True)
    return [(~known & ~absent, "RE-304"), *([] if question.may_not_apply else [(absent, "RE-305")])]
