"""The query that scores a chunk: made once, and run for each chunk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import narwhals as nw
import polars as pl
from polars.io.plugins import register_io_source

from riskengine.portfolio.cells import Cells
from riskengine.portfolio.expressions import Scorer, result_columns
from riskengine.portfolio.reading.table import ROW

__all__ = ["Plan"]

MORSEL = 50_000
"""Rows that are worked on at once: few enough for their columns to stay near, and for each core to have some."""


class Plan:
    """The query that scores the rows of a table.

    Attributes:
        columns: The columns of the result: the table's own, and the results.
        schema: These columns with their types.
    """

    def __init__(self, scorer: Scorer, schema: Mapping[str, pl.DataType], cells: Cells) -> None:
        """Make it.

        Args:
            scorer: The compiled pack.
            schema: The columns of the table.
            cells: How their cells are read.
        """
        self.columns = (*schema, *result_columns(scorer.built))
        self._rows = cells.read(pl.DataFrame(schema={**schema, ROW: pl.Int64}))
        given = register_io_source(self._morsels, schema=dict(self._rows.schema))
        scored = scorer.scored(nw.from_native(given), cells.columns, cells.flags, cells.department).to_native()
        self._query = scored.select(*self.columns, ROW)
        found = self._query.collect_schema()
        self.schema: Mapping[str, pl.DataType] = {name: found[name] for name in self.columns}

    def scored(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Score rows.

        Args:
            rows: Rows as `Cells.read` gives them, without those that are wrong.

        Returns:
            The columns of the result, and the rows' numbers.
        """
        self._rows = rows
        found: pl.DataFrame = self._query.collect(engine="streaming")
        return found

    def _morsels(
        self, columns: Sequence[str] | None, predicate: pl.Expr | None, limit: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        # INVARIANT: a score has neither filter nor limit that Polars could ask its source for.
        assert predicate is None and limit is None
        rows = self._rows if columns is None else self._rows.select(columns)
        yield from rows.iter_slices(MORSEL)
