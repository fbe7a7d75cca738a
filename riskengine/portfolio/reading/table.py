"""What every table is, whatever its format: a schema, and chunks of rows that can be gone on with at a mark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from riskengine.engines.columnar import PREFIX
from riskengine.errors import Problem, ProblemError, Source

__all__ = ["CHUNK_BYTES", "CHUNK_ROWS", "ROW", "START", "Chunk", "Mark", "Table", "column_names", "unreadable"]

CHUNK_ROWS = 200_000
"""Rows of a chunk at most: enough that working out the plan of a query is little beside its work."""
CHUNK_BYTES = 1 << 25
"""Text of a chunk, so that wide tables take no more memory than narrow ones."""

ROW = f"{PREFIX}row"
"""The column of the rows' numbers: the first data row of a file is 1."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a table between two rows, from which reading can go on.

    Attributes:
        offset: Where the next row begins, in a unit of the format's own.
        row: Number of the row before.
    """

    offset: int
    row: int


START = Mark(0, 0)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a table, one behind the other.

    Attributes:
        frame: The rows that could be read, with their numbers in the column `ROW`.
        broken: What is wrong with the rows that could not.
        end: Where the next chunk begins.
        share: How much of the table was read by then, between 0 and 1.
    """

    frame: pl.DataFrame
    broken: Sequence[Problem]
    end: Mark
    share: float


class Table(Protocol):
    """A table in a file."""

    path: Path
    schema: Mapping[str, pl.DataType]

    def chunks(self, mark: Mark) -> Iterator[Chunk]:
        """Give the chunks from a mark on; where each one ends depends on nothing but where it begins."""
        ...


def unreadable(path: Path, message: str, help: str, code: str = "RE-401") -> ProblemError:
    """Make the error of a table that can't be read."""
    return ProblemError(Problem(code, message, help, Source(str(path))))


def column_names(path: Path, header: Sequence[str | None]) -> list[str]:
    """Give the columns their names; one without gets its number.

    Raises:
        ProblemError: RE-402 for each name that stands twice.
    """
    names = [(name or "").strip() or f"column_{number}" for number, name in enumerate(header, start=1)]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise ProblemError(
            Problem("RE-402", f"two columns are called `{name}`", "rename one", Source(str(path), field=name), name)
            for name in twice
        )
    return names
