"""XLSX: one sheet of a workbook, its first row the header. Answers are taken as the text of their cells."""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

import fastexcel
import polars as pl

from riskengine.errors import Problem, Source, nearest
from riskengine.portfolio.reading.table import CHUNK_ROWS, ROW, Chunk, Mark, column_names, unreadable
from riskengine.portfolio.reading.xlsx_xml import ErrorCell, first_column, outline, visible_sheets

__all__ = ["XlsxTable"]

HEADER_WITHIN = 100
MAX_CELLS = 1 << 27
"""The rectangle around all cells of a sheet is held in memory, empty ones too."""
# it warns of each column that it could not tell the type of; such a column is text
logging.getLogger("fastexcel").addHandler(logging.NullHandler())

_DAMAGE = (
    fastexcel.FastExcelError,
    zipfile.BadZipFile,
    ElementTree.ParseError,
    KeyError,
    pl.exceptions.PolarsError,
)


class XlsxTable:
    """A sheet of a workbook.

    Attributes:
        path: The file.
        schema: Its columns and their types.
    """

    def __init__(self, path: Path, sheet: str | None, texts: frozenset[str], numbers: frozenset[str]) -> None:
        """Read a sheet.

        Args:
            path: The file.
            sheet: Its name; by default the only one that is not hidden.
            texts: Columns, in small letters, whose cells are wanted as text.
            numbers: Those whose cells are wanted as numbers, or as text where some are none.

        Raises:
            ProblemError: RE-401 if it can't be read or is empty, RE-402 for a name that stands twice, RE-410 if it
                is not clear which sheet is meant, RE-416 if the sheet reaches too far.
        """
        self.path = path
        try:
            workbook = fastexcel.read_excel(str(path))
            name = self._chosen(workbook.sheet_names, sheet)
            seen = outline(path, name)
            self._refuse_far(seen.rows, seen.columns)
            self._skipped, header = self._header(workbook, name)
            names = column_names(path, header)
            wanted = [one for one in names if one.lower() in texts | numbers]
            kinds: fastexcel.DTypeMap = dict.fromkeys(wanted, "string")
            frame = workbook.load_sheet(
                name,
                header_row=None,
                skip_rows=self._skipped,
                column_names=names,
                schema_sample_rows=None,
                dtypes=kinds,
            ).to_polars()
            self._errors = self._faulty(seen.errors, name, header, names, wanted)
        except _DAMAGE as error:
            reason = str(error).split("\n", 1)[0].strip()[:200]
            raise unreadable(path, f"this is no readable workbook: {reason}", "open it and save it anew") from None
        frame = frame.with_columns(_number(frame[name]) for name in names if name.lower() in numbers)
        self.schema: Mapping[str, pl.DataType] = dict(frame.schema)
        rows = pl.int_range(1, frame.height + 1, dtype=pl.Int64, eager=True).alias(ROW)
        self._frame = frame.with_columns(rows)

    def _chosen(self, names: list[str], sheet: str | None) -> str:
        if sheet is not None and sheet in names:
            return sheet
        visible = [name for name in names if name in visible_sheets(self.path)]
        if sheet is None and len(visible) == 1:
            return visible[0]
        listed = ", ".join(f"`{name}`" for name in names[:10])
        if sheet is None:
            message = f"the workbook has {len(names)} sheets: {listed}"
            raise unreadable(self.path, message, "choose one with `--sheet`", "RE-410")
        help = nearest(sheet, names) or f"it has {listed}"
        raise unreadable(self.path, f"the workbook has no sheet `{sheet}`", help, "RE-410")

    def _header(self, workbook: fastexcel.ExcelReader, sheet: str) -> tuple[int, list[str | None]]:
        """Give the first row that is not blank, and how many rows end with it."""
        begin = workbook.load_sheet(sheet, header_row=None, skip_rows=0, n_rows=HEADER_WITHIN, dtypes="string")
        for number, row in enumerate(begin.to_polars().rows(), start=1):
            if any(cell is not None and cell.strip() for cell in row):
                return number, list(row)
        raise unreadable(self.path, "the sheet is empty", "its first row names the columns")

    def _refuse_far(self, rows: int, columns: int) -> None:
        if rows * columns > MAX_CELLS:
            message = f"the sheet reaches over {rows:,} rows and {columns:,} columns"
            help = "delete the columns and rows behind the table, or save it as CSV"
            raise unreadable(self.path, message, help, "RE-416")

    def _faulty(
        self, cells: Sequence[ErrorCell], sheet: str, header: list[str | None], names: list[str], wanted: list[str]
    ) -> Mapping[int, list[Problem]]:
        """Give the problems of rows with an error in place of an answer, by the number of the row."""
        found: dict[int, list[Problem]] = {}
        if not cells:
            return found
        # columns that are empty in front of the table are left out by the reader
        place = next(number for number, cell in enumerate(header) if cell is not None)
        left_out = first_column(self.path, sheet, self._skipped - 1) - place
        for cell in cells:
            row, column = cell.row + 1 - self._skipped, cell.column - left_out
            if row >= 1 and 0 <= column < len(names) and names[column] in wanted:
                message = f"`{names[column]}` holds the error `{cell.shown}`"
                source = Source(str(self.path), row=row, field=names[column])
                problem = Problem("RE-414", message, "mend the formula, or leave the cell empty", source, cell.shown)
                found.setdefault(row, []).append(problem)
        return found

    def chunks(self, mark: Mark) -> Iterator[Chunk]:
        """Give the rows from a mark on; blank ones are none."""
        faulty = pl.col(ROW).is_in(list(self._errors))
        blank = pl.all_horizontal(pl.exclude(ROW).is_null())
        for row in range(mark.offset, self._frame.height, CHUNK_ROWS):
            frame = self._frame.slice(row, CHUNK_ROWS)
            end = row + frame.height
            bad = frame.filter(faulty)[ROW].to_list()
            broken = [problem for number in bad for problem in self._errors[number]]
            yield Chunk(frame.filter(~faulty & ~blank), broken, Mark(end, end), end / self._frame.height)


def _number(cells: pl.Series) -> pl.Series:
    """Give a column of text as numbers, if all of it can be read so."""
    numbers = cells.cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == cells.null_count() else cells
