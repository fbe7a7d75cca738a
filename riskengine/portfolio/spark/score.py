"""Tables of any size, scored in a Spark session: read there, written there, and only counts come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import Model
from riskengine.errors import Problem, ProblemError, Source, nearest
from riskengine.portfolio.column_map import ColumnMap, near_misses, placed
from riskengine.portfolio.expressions import Scorer, result_columns
from riskengine.portfolio.frames import Matched, match_columns, refuse_taken
from riskengine.portfolio.gates import Gates, check_gates
from riskengine.portfolio.score import NAMES
from riskengine.portfolio.spark.cells import WRONG, SparkCells
from riskengine.portfolio.spark.gates import SparkVerdict, judge, last_run
from riskengine.portfolio.spark.session import functions, observation, spark_session, told
from riskengine.portfolio.spark.tables import Table, format_for_spark, open_table, refuse_existing, write
from riskengine.portfolio.writing.harmless import FORMULA, NUMBER

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["SparkDone", "SparkOptions", "refuse_unused", "score_in_spark"]


@dataclass(frozen=True, slots=True)
class SparkOptions:
    """How tables are scored.

    Attributes:
        format: The format of the tables; by default what their names say.
        output_format: The format of the output; by default what its name says.
        columns: Columns that are called otherwise than their question.
        key: The column of the projects' names; by default `project` or `name`.
        base_rate: The reader's own base rate.
        gates: The lines that no project should cross.
        against: The output of the last run, where Spark finds it.
    """

    format: str | None = None
    output_format: str | None = None
    columns: ColumnMap = field(default_factory=ColumnMap)
    key: str | None = None
    base_rate: float | None = None
    gates: Gates = field(default_factory=Gates)
    against: str | None = None


@dataclass(frozen=True, slots=True)
class SparkDone:
    """What became of tables; scored + rejected = read.

    Attributes:
        output: The scored table.
        rejects: The folder of rejects, written only if there are any.
        read: Rows that were read.
        rejected: Rows in the rejects.
        notes: What the reader should know of the columns.
        verdict: What the gates say, where there are any.
    """

    output: str
    rejects: str
    read: int
    rejected: int
    notes: Sequence[str]
    verdict: SparkVerdict | None

    @property
    def scored(self) -> int:
        """Rows in the output."""
        return self.read - self.rejected


def refuse_unused(options: Mapping[str, bool]) -> None:
    """Refuse options that say nothing to Spark.

    Args:
        options: For each such option, whether it was given.

    Raises:
        ProblemError: RE-434 for each that was.
    """
    wrong = [
        Problem("RE-434", f"`{option}` says nothing with `--engine spark`", "leave it out", Source(field=option))
        for option, is_given in options.items()
        if is_given
    ]
    if wrong:
        raise ProblemError(wrong)


def score_in_spark(
    tables: Sequence[str], output: str, built: BuiltPack, model: Model, options: SparkOptions | None = None
) -> SparkDone:
    """Score tables of one kind into one output, in the session that there is.

    Args:
        tables: Files, folders or patterns that Spark reads: CSV, Parquet or JSONL.
        output: The folder of the scored table; it must not be there yet.
        built: The pack.
        model: The model.
        options: The options.

    Returns:
        How many rows were read and rejected, and what the gates say.

    Raises:
        ProblemError: if there is no session, or a table, an option or the output is none that can be used.
    """
    options = options or SparkOptions()
    check_gates(options.gates, built.pack)
    kind, output_kind = _formats(tables, output, options)
    session = spark_session()
    rejects_to = f"{output.rstrip('/')}.rejects.csv"
    for path in (output, rejects_to):
        refuse_existing(session, path)
    table = open_table(session, tables, kind)
    matched = _matched(table, tables[0], built, options)
    key = _key(table, tables[0], options)
    last = None
    if options.against is not None and key is not None:
        before = open_table(session, [options.against], format_for_spark(options.against, None, "--against"))
        last = last_run(before, options.against, key)
    cells = SparkCells(table, kind, built.pack, matched)
    counted = observation(table.frame)
    rows = cells.read()
    f = functions(rows)
    watched = rows.observe(counted, f.count(f.lit(1)).alias("read"), f.count_if(f.col(WRONG)).alias("rejected"))
    scored = _scored(watched.filter(~f.col(WRONG)), table, cells, Scorer(built, model, options.base_rate))
    write(_harmless(scored) if output_kind == "csv" else scored, output, output_kind)
    counts = counted.get
    if counts["rejected"]:
        write(_harmless(cells.rejects(rows.filter(WRONG))), rejects_to, "csv")
    verdict = None
    if options.gates.any:
        with told(output):
            verdict = judge(open_table(session, [output], output_kind), key, options.gates, built.pack, last)
    notes = _notes(table, built, matched)
    return SparkDone(output, rejects_to, counts["read"], counts["rejected"], notes, verdict)


def _formats(tables: Sequence[str], output: str, options: SparkOptions) -> tuple[str, str]:
    kinds = {format_for_spark(path, options.format, "--format") for path in tables}
    if len(kinds) > 1:
        message = f"the tables are of several formats: {', '.join(sorted(kinds))}"
        raise ProblemError(Problem("RE-411", message, "score them one by one", Source(tables[-1])))
    return kinds.pop(), format_for_spark(output, options.output_format, "--output-format")


def _matched(table: Table, path: str, built: BuiltPack, options: SparkOptions) -> Matched:
    schema = nw.from_native(table.frame).collect_schema()
    types = nw.Schema({column: schema[column] for column in table.names})
    try:
        refuse_taken(table.names.values(), result_columns(built), any_case=True)
        return match_columns(types, built.pack, options.columns.columns, table.names, cells=True)
    except ProblemError as error:
        raise ProblemError(placed(problem, path, options.columns) for problem in error.problems) from None


def _notes(table: Table, built: BuiltPack, matched: Matched) -> list[str]:
    columns = {question: table.names[column] for question, column in matched.columns.items()}
    flags = {question: table.names[column] for question, column in matched.flags.items()}
    return near_misses(table.names.values(), built.pack, replace(matched, columns=columns, flags=flags))


def _key(table: Table, path: str, options: SparkOptions) -> str | None:
    names = list(table.names.values())
    if options.key is not None and options.key not in names:
        help = nearest(options.key, names) or "`--key` names a column as the table does"
        raise ProblemError(Problem("RE-810", f"there is no column `{options.key}`", help, Source(path), options.key))
    key = options.key or next((name for name in names if name.strip().lower() in NAMES), None)
    if key is None and options.against is not None:
        message = "there is no column `project` or `name` to compare projects by"
        raise ProblemError(Problem("RE-810", message, "name one with `--key`", Source(path)))
    return key


def _scored(rows: DataFrame, table: Table, cells: SparkCells, scorer: Scorer) -> DataFrame:
    given: nw.LazyFrame[Any] = nw.from_native(rows)
    results = result_columns(scorer.built)
    found = scorer.scored(given, cells.columns, cells.flags, cells.department).select(*table.names, *results)
    named: DataFrame = found.to_native().toDF(*table.names.values(), *results)
    return named


def _harmless(frame: DataFrame) -> DataFrame:
    """Put an apostrophe before each text that a spreadsheet would run."""
    from pyspark.sql.types import StringType

    f = functions(frame)
    names = frame.columns
    texts = [isinstance(one.dataType, StringType) for one in frame.schema]
    numbered = frame.toDF(*(f"_{place}" for place in range(len(names))))
    made = []
    for place, text in enumerate(texts):
        cell = f.col(f"_{place}")
        runs = cell.rlike(FORMULA) & ~cell.rlike(NUMBER)
        made.append(f.when(runs, f.concat(f.lit("'"), cell)).otherwise(cell) if text else cell)
    return numbered.select(*made).toDF(*names)
