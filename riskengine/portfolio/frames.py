"""A frame of projects, scored: any frame that narwhals accepts, eager or lazy, comes back as the kind it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw

from riskengine.assessment.assess import choose_model
from riskengine.assessment.build import BuiltPack, load_pack
from riskengine.assessment.model_file import Model
from riskengine.engines.columnar import PREFIX, Frame, any_of
from riskengine.errors import Problem, ProblemError, Source, nearest
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question
from riskengine.portfolio.expressions import Scorer, result_columns

__all__ = ["PROBLEMS", "Matched", "match_columns", "problems", "refuse_taken", "score"]

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
    """

    columns: Mapping[str, str]
    flags: Mapping[str, str]


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
    `QUESTION.na` says so. A row with an answer that is none has no results, and says why in the column `problems`.

    Args:
        frame: A Polars, pandas or PyArrow frame, eager or lazy, a DuckDB relation, a Spark frame, or another one
            that narwhals accepts.
        pack: A built pack, a folder or a one-file JSON; the shipped pack by default.
        model: A model file; `"none"` for the rules' prior; by default the model that belongs to the pack.
        base_rate: The reader's own base rate, strictly between 0 and 1.
        columns: Names of columns that are called otherwise: column to question.

    Returns:
        The same kind of frame with the result columns behind its own; a lazy frame stays lazy.

    Raises:
        ProblemError: if no column is a question, two are the same one, or one has a type that cannot hold answers;
            and for everything that is wrong with the pack or the model.

    Examples:
        >>> import polars as pl
        >>> scored = score(pl.DataFrame({"stage": ["idea", "live"], "team_fte": [2.0, None]}))
        >>> scored["failure_probability"].is_between(0, 1).all()
        True
    """
    built = pack if isinstance(pack, BuiltPack) else load_pack(pack)
    chosen = model if isinstance(model, Model) else choose_model(built, model)
    scorer = Scorer(built, chosen, base_rate)
    given = nw.from_native(frame)
    if isinstance(given, nw.LazyFrame):
        renamed, names = _without_dots(given)
        found = _scored(renamed, scorer, columns, names).to_native()
        return found.withColumnsRenamed(names) if names else found
    return _eager(given, scorer, columns)


def _eager(frame: nw.DataFrame[Any], scorer: Scorer, columns: Mapping[str, str] | None) -> Any:
    """Score an eager frame on Polars, and set the results beside it.

    Kinds of frames whose own null logic is not Kleene's (pandas) are none the worse for it.
    """
    import polars as pl

    held = pl.DataFrame(pl.from_arrow(frame.to_arrow())) if not frame.implementation.is_polars() else frame.to_native()
    names = [*result_columns(scorer.built), PROBLEMS]
    found = _scored(nw.from_native(held.lazy()), scorer, columns).select(*names).collect("polars").to_native()
    results: nw.DataFrame[Any] = nw.from_native(found, eager_only=True)
    if frame.implementation.is_polars():
        return frame.with_columns(*results.iter_columns()).to_native()
    made = [
        nw.new_series(name, results[name].to_list(), results[name].dtype, backend=frame.implementation)
        for name in names
    ]
    return frame.with_columns(*made).to_native()


def _scored(
    frame: Frame, scorer: Scorer, columns: Mapping[str, str] | None, names: Mapping[str, str] | None = None
) -> Frame:
    """Score a frame whose columns may stand under other names, `names` giving those that the user knows."""
    schema = frame.collect_schema()
    matched = match_columns(schema, scorer.built.pack, columns, names)
    results: list[str] = result_columns(scorer.built)
    refuse_taken(schema, [*results, PROBLEMS])
    frame = frame.with_columns(problems(scorer.built.pack, matched).alias(PROBLEMS))
    frame = scorer.scored(frame, matched.columns, matched.flags)
    in_order = nw.col(PROBLEMS) == ""
    frame = frame.with_columns(**{name: nw.when(in_order).then(nw.col(name)) for name in results})
    return frame.select(*schema, *results, PROBLEMS)


def _without_dots(frame: nw.LazyFrame[Any]) -> tuple[nw.LazyFrame[Any], dict[str, str]]:
    """Rename the columns of a Spark frame that have dots in their names, for Spark takes these for fields."""
    if not frame.implementation.is_spark_like():
        return frame, {}
    dotted = [name for name in frame.collect_schema().names() if "." in name]
    safe = {name: f"{PREFIX}column_{place}" for place, name in enumerate(dotted)}
    return nw.from_native(frame.to_native().withColumnsRenamed(safe)), {new: old for old, new in safe.items()}


def refuse_taken(names: Iterable[str], results: Sequence[str]) -> None:
    """Refuse columns that are called as the results are.

    Args:
        names: The columns.
        results: The columns that will be added.

    Raises:
        ProblemError: RE-402.
    """
    taken = [name for name in names if name in results or name.startswith(PREFIX)]
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
    called = {(names or {}).get(name, name): name for name in schema}
    wrong = _wrongly_named(list(called), pack, columns or {})
    found: dict[str, str] = {}
    for name, held in called.items():
        question = pack.question.get((columns or {}).get(name, "")) or known.get(name.strip().lower())
        if question is None:
            continue
        if question.id in found:
            message = f"two columns are `{question.id}`"
            wrong.append(Problem("RE-402", message, "keep one of the two", Source(field=name), name))
        elif not (_holds(question, schema[held]) or (cells and schema[held] in _TEXTS)):
            message = f"`{name}` holds {schema[held]}, and `{question.id}` is answered by {_wanted(question)}"
            help = f"make it a column of {_wanted(question)}"
            wrong.append(Problem("RE-302", message, help, Source(field=name), str(schema[held])))
        found[question.id] = name
    if not found and not wrong:
        shown = ", ".join(f"`{name[:40]}`" for name in list(called)[:5])
        wrong.append(Problem("RE-403", f"no column is a question: {shown}", "columns are named by question id"))
    if wrong:
        raise ProblemError(wrong)
    flags = {id: called[f"{name}{FLAG}"] for id, name in found.items() if f"{name}{FLAG}" in called}
    numbers = {id: flag for id, flag in flags.items() if pack.question[id].type == "number"}
    untrue = [flag for flag in numbers.values() if schema[flag] != nw.Boolean]
    if untrue:
        help = "make it a column of true and false"
        raise ProblemError(
            Problem("RE-302", f"`{flag}` holds {schema[flag]}", help, Source(field=flag), str(schema[flag]))
            for flag in untrue
        )
    return Matched({id: called[name] for id, name in found.items()}, numbers)


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
        if question not in questions
    ]
    return wrong


def _holds(question: Question, kind: nw.dtypes.DType) -> bool:
    if question.type == "number":
        return kind.is_numeric() or kind == nw.Unknown
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
        for wrong, code in _checks(pack.question[question], column)
    ]
    return nw.concat_str(*found).str.strip_chars() if found else nw.lit("")


def _checks(question: Question, column: str) -> list[tuple[nw.Expr, str]]:
    """Give what may be wrong with an answer; the conditions are never null."""
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
