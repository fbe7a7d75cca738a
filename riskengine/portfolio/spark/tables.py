"""Tables as Spark reads and writes them: CSV, Parquet and JSONL, in folders or in single files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskengine.engines.columnar import PREFIX
from riskengine.errors import Problem, ProblemError, Source
from riskengine.portfolio.frames import refuse_alike
from riskengine.portfolio.reading.csv_records import DELIMITERS, sniff
from riskengine.portfolio.reading.files import format_of
from riskengine.portfolio.reading.table import column_names
from riskengine.portfolio.spark.session import functions, told

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["BROKEN", "FILE", "Table", "format_for_spark", "open_table", "refuse_existing", "write"]

FILE = f"{PREFIX}file"
"""The column of the file that a row is from."""

BROKEN = f"{PREFIX}broken"
"""The column of the line that could not be read as a row; null where it could."""

# quotes are written twice in a cell, as everywhere but in Spark
_CSV: Mapping[str, Any] = {"header": True, "quote": '"', "escape": '"'}
# a quoted cell may hold line ends
_CSV_IN: Mapping[str, Any] = {**_CSV, "multiLine": True, "columnPruning": False, "enforceSchema": False}
_CSV_OUT: Mapping[str, Any] = {
    **_CSV,
    "emptyValue": "",
    "ignoreLeadingWhiteSpace": False,
    "ignoreTrailingWhiteSpace": False,
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table as Spark reads it, its columns called by their places.

    Attributes:
        frame: The rows, with `FILE`, and with `BROKEN` if some lines may be no rows.
        names: The names of its columns by those that they have here.
        broken: Whether there is `BROKEN`.
    """

    frame: DataFrame
    names: Mapping[str, str]
    broken: bool


def format_for_spark(path: str, given: str | None, option: str) -> str:
    """Tell the format of a table.

    Raises:
        ProblemError: RE-409 or RE-804 if it is not known, RE-434 if Spark has no such format.
    """
    kind = format_of(Path(path), given, option)
    if kind == "xlsx":
        help = "Spark reads and writes csv, parquet and jsonl"
        raise ProblemError(Problem("RE-434", "Spark has no XLSX", help, Source(path)))
    return kind


def open_table(session: SparkSession, paths: Sequence[str], kind: str) -> Table:
    """Open tables of one format and the same columns.

    Raises:
        ProblemError: RE-435 for what Spark says, RE-402 for columns of one name.
    """
    with told(paths[0]):
        frame = _read(session, paths, kind)
        names = [name for name in frame.columns if name != BROKEN]
        refuse_alike(names)
        safe = {f"{PREFIX}column_{place}": name for place, name in enumerate(names)}
        broken = BROKEN in frame.columns
        kept = [*names, BROKEN] if broken else names
        f = functions(frame)
        columns = [f.col(_quoted(name)) for name in kept]
        found = frame.select(*columns, f.col("_metadata.file_path"))
        return Table(found.toDF(*safe, *([BROKEN] if broken else []), FILE), safe, broken)


def _read(session: SparkSession, paths: Sequence[str], kind: str) -> DataFrame:
    reader = session.read.options(columnNameOfCorruptRecord=BROKEN)
    if kind == "parquet":
        return reader.parquet(*paths)
    if kind == "jsonl":
        return reader.json(list(paths))
    dialect = {**_CSV_IN, "sep": _delimiter(session, paths)}
    names = [*_header(session, paths, dialect), BROKEN]
    schema = ", ".join(f"{_quoted(name)} STRING" for name in names)
    return reader.options(**dialect).schema(schema).csv(list(paths))


def _delimiter(session: SparkSession, paths: Sequence[str]) -> str:
    line = session.read.text(list(paths)).limit(1).collect()
    text = str(line[0][0]) if line else ""
    if len(text) == 5 and text.lower().startswith("sep=") and text[4] in DELIMITERS:
        help = "take the line away: the delimiter is told from the header"
        raise ProblemError(Problem("RE-401", f"the first line is `{text}`", help, Source(paths[0])))
    return sniff(text)


def _header(session: SparkSession, paths: Sequence[str], dialect: Mapping[str, Any]) -> list[str]:
    rows = session.read.options(**{**dialect, "header": False}).csv(list(paths)).limit(1).collect()
    if not rows:
        help = "a header names the columns, and a row is a project"
        raise ProblemError(Problem("RE-401", "the table is empty", help, Source(paths[0])))
    return column_names(Path(paths[0]), list(rows[0]))


def refuse_existing(session: SparkSession, path: str) -> None:
    """Refuse an output that is there already: what it holds would be mixed with the new.

    Raises:
        ProblemError: RE-435.
    """
    from pyspark.errors import AnalysisException

    try:
        # named twice, for Spark logs a stack trace where a single path is missing
        session.read.text([path, path]).schema  # noqa: B018 - Spark looks for the path then
    except AnalysisException as error:
        if error.getCondition() == "PATH_NOT_FOUND":
            return
        with told(path):
            raise
    help = "name another one, or remove it first"
    raise ProblemError(Problem("RE-435", "there is such an output already", help, Source(path)))


def write(frame: DataFrame, path: str, kind: str) -> None:
    """Write a table; Spark puts `_SUCCESS` beside its parts once it is whole.

    Raises:
        ProblemError: RE-435.
    """
    writer = frame.write.mode("error")
    with told(path):
        match kind:
            case "csv":
                writer.options(**_CSV_OUT).csv(path)
            case "jsonl":
                writer.options(ignoreNullFields=False).json(path)
            case _:
                writer.parquet(path)


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"
