"""Parquet: read in pieces, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from riskengine.errors import ProblemError
from riskengine.portfolio.reading.table import CHUNK_ROWS, ROW, Chunk, Mark, column_names, unreadable

__all__ = ["ParquetTable"]

# a panic of Polars is no `Exception`; a damaged file is the only cause of one here
_DAMAGE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


class ParquetTable:
    """A Parquet file.

    Attributes:
        path: The file.
        schema: Its columns and their types.
    """

    def __init__(self, path: Path) -> None:
        """Read the schema.

        Args:
            path: The file.

        Raises:
            ProblemError: RE-401 if it is damaged.
        """
        self.path = path
        self._scan = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        try:
            self.schema: Mapping[str, pl.DataType] = dict(self._scan.collect_schema())
            self._rows = int(self._scan.select(pl.len()).collect().item())
        except _DAMAGE as error:
            raise self._damaged(error) from None
        column_names(path, list(self.schema))

    def chunks(self, mark: Mark) -> Iterator[Chunk]:
        """Give the rows from a mark on.

        Raises:
            ProblemError: RE-401 if the rest is damaged.
        """
        for row in range(mark.row, self._rows, CHUNK_ROWS):
            try:
                frame = self._scan.slice(row, CHUNK_ROWS).collect(engine="streaming")
            except _DAMAGE as error:
                raise self._damaged(error) from None
            end = row + frame.height
            # INVARIANT: no row is lost.
            assert end == min(row + CHUNK_ROWS, self._rows)
            numbers = pl.int_range(row + 1, end + 1, dtype=pl.Int64, eager=True).alias(ROW)
            yield Chunk(frame.with_columns(numbers), [], Mark(end, end), end / self._rows)

    def _damaged(self, error: BaseException) -> ProblemError:
        reason = str(error).split("\n", 1)[0].strip()[:200]
        return unreadable(self.path, f"this is no readable Parquet: {reason}", "is the whole file there?")
