"""Frames as streams of bytes, one for each format: each chunk adds its part, and an end makes it a file."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl
import polars.selectors as cs

from riskengine.errors import Problem, ProblemError, Source
from riskengine.portfolio.work import Work, unwritable
from riskengine.portfolio.writing.harmless import harmless, harmless_texts
from riskengine.portfolio.writing.parquet_parts import MAGIC, join_footers, parts_of
from riskengine.portfolio.writing.workbook import MAX_CELL, MAX_COLUMNS, MAX_ROWS, write_workbook

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

__all__ = ["CsvStream", "JsonlStream", "ParquetStream", "Stream", "XlsxStream", "check_schema"]

_NESTED = (pl.List, pl.Array, pl.Struct, pl.Object, pl.Binary)
_NOT_HELD: Mapping[str, tuple[type[pl.DataType], ...]] = {
    "csv": _NESTED,
    "xlsx": _NESTED,
    "jsonl": (pl.Object, pl.Binary),
    "parquet": (pl.Object,),
}


# ISO 8601, as JSON has them; neither CSV nor a sheet has a form for them
_DURATIONS = cs.duration().dt.to_string("iso")
_REPLACEMENT = "\ufffd".encode()
MAX_YEAR = 9999


def check_schema(path: Path, kind: str, schema: Mapping[str, pl.DataType]) -> None:
    """Refuse columns that a format cannot hold.

    Args:
        path: The output.
        kind: Its format.
        schema: Its columns.

    Raises:
        ProblemError: RE-413 for each such column, or if there are too many.
    """
    wrong = [
        Problem("RE-413", f"{kind} holds no {held}", "drop the column, or write Parquet", Source(str(path), field=name))
        for name, held in schema.items()
        if any(isinstance(part, _NOT_HELD[kind]) for part in _parts(held))
    ]
    if kind == "xlsx" and len(schema) > MAX_COLUMNS:
        message = f"a sheet has at most {MAX_COLUMNS:,} columns, and these are {len(schema):,}"
        wrong.append(Problem("RE-413", message, "write CSV or Parquet", Source(str(path))))
    if wrong:
        raise ProblemError(wrong)


def _parts(held: pl.DataType) -> Iterator[pl.DataType]:
    """Give a type, and those that are in it."""
    yield held
    if isinstance(held, (pl.List, pl.Array)):
        yield from _parts(_made(held.inner))
    elif isinstance(held, pl.Struct):
        for one in held.fields:
            yield from _parts(_made(one.dtype))


def _made(kind: PolarsDataType) -> pl.DataType:
    return kind if isinstance(kind, pl.DataType) else kind()


class Stream(Protocol):
    """Writes a table in a format, into a work folder.

    Attributes:
        file: The file of the folder that the table is in, once it was ended.
    """

    file: str

    def parts(self, frame: pl.DataFrame) -> Mapping[str, bytes]:
        """Give what some rows add to the streams of the folder."""
        ...

    def end(self) -> None:
        """End the table: all its rows were added."""
        ...


class CsvStream:
    """CSV: UTF-8, commas, a line feed after each row; no text that a spreadsheet would run."""

    def __init__(self, work: Work, file: str, texts: Sequence[str]) -> None:
        """Begin.

        Args:
            work: The work folder.
            file: The stream's name in it.
            texts: Columns of text that hold anything.
        """
        self.file = file
        self._work = work
        self._texts = texts

    def parts(self, frame: pl.DataFrame) -> Mapping[str, bytes]:
        """Give what some rows add."""
        out = io.BytesIO()
        if not self._work.steps:
            pl.DataFrame([harmless_texts(frame.columns)], orient="row").write_csv(out, include_header=False)
        made = frame.with_columns(_DURATIONS, *(harmless(name) for name in self._texts))
        made.write_csv(out, include_header=False)
        # many readers of CSV, ours among them, take NUL for the sign of another format
        return {self.file: out.getvalue().replace(b"\0", _REPLACEMENT)}

    def end(self) -> None:
        """End the table, which needs nothing."""


class JsonlStream:
    """JSONL: an object a row."""

    def __init__(self, file: str) -> None:
        """Begin.

        Args:
            file: The stream's name in the work folder.
        """
        self.file = file

    def parts(self, frame: pl.DataFrame) -> Mapping[str, bytes]:
        """Give what some rows add."""
        out = io.BytesIO()
        frame.write_ndjson(out)
        return {self.file: out.getvalue()}

    def end(self) -> None:
        """End the table, which needs nothing."""


class ParquetStream:
    """Parquet: the row groups of all chunks in one file."""

    def __init__(self, work: Work, file: str) -> None:
        """Begin.

        Args:
            work: The work folder.
            file: The stream's name in it; another stream beside it holds the footers.
        """
        self.file = file
        self._work = work
        self._footers = f"{file}.footers"

    def parts(self, frame: pl.DataFrame) -> Mapping[str, bytes]:
        """Give what some rows add."""
        out = io.BytesIO()
        frame.write_parquet(out)
        inside, footer = parts_of(out.getvalue())
        return {self.file: inside if self._work.steps else MAGIC + inside, self._footers: footer}

    def end(self) -> None:
        """Write the footer of the whole."""
        self._work.end(self.file, join_footers(self._moved()))

    def _moved(self) -> Iterator[tuple[int, bytes]]:
        """Give the footers, each with by how much its row groups have moved."""
        starts = accumulate(self._work.lengths(self.file), initial=0)
        with unwritable(self._work.path(self._footers)), self._work.path(self._footers).open("rb") as file:
            for start, length in zip(starts, self._work.lengths(self._footers), strict=False):
                # the sign at the start is part of the first one
                yield max(0, start - len(MAGIC)), file.read(length)


class XlsxStream:
    """XLSX: kept as Parquet until all rows are there, for a workbook can't be added to."""

    def __init__(self, work: Work, file: str, output: Path, numbers: Sequence[str]) -> None:
        """Begin.

        Args:
            work: The work folder.
            file: The workbook's name in it.
            output: The output, for messages.
            numbers: Columns of text that hold numbers where they can be read as such.
        """
        self.file = file
        self._work = work
        self._output = output
        self._numbers = numbers
        self._kept = ParquetStream(work, f"{file}.parquet")

    def parts(self, frame: pl.DataFrame) -> Mapping[str, bytes]:
        """Give what some rows add.

        Raises:
            ProblemError: RE-413 if there are more rows than a sheet has, a cell is too long, or a date too late.
        """
        rows = frame.height + sum(step.scored for step in self._work.steps)
        if rows >= MAX_ROWS:
            raise self._too_much(f"a sheet has at most {MAX_ROWS:,} rows, its header one of them", None)
        for length in frame.select(cs.string().str.len_chars().max()):
            if (length[0] or 0) > MAX_CELL:
                message = f"a cell holds at most {MAX_CELL:,} characters, and one of `{length.name}` has {length[0]:,}"
                raise self._too_much(message, length.name)
        for year in frame.select((cs.date() | cs.datetime()).dt.year().max()):
            if (year[0] or 0) > MAX_YEAR:
                raise self._too_much(f"a sheet holds no date after the year {MAX_YEAR}", year.name)
        return self._kept.parts(frame.with_columns(_DURATIONS))

    def _too_much(self, message: str, column: str | None) -> ProblemError:
        return ProblemError(Problem("RE-413", message, "write CSV or Parquet", Source(str(self._output), field=column)))

    def end(self) -> None:
        """Write the workbook."""
        self._kept.end()
        scan = pl.scan_parquet(self._work.path(self._kept.file))
        header = scan.collect_schema().names()
        batches = scan.collect_batches(chunk_size=10_000)
        rows = (row for batch in batches for row in batch.iter_rows())
        with unwritable(self._output):
            write_workbook(self._work.path(self.file), header, rows, self._numbers)
