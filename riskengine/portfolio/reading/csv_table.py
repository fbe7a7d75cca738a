"""CSV: any of four delimiters, quoted or not, in any encoding; cells stay the texts that they are."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from riskengine.errors import Problem, ProblemError, Source
from riskengine.portfolio.reading.csv_records import DELIMITERS, find_records, read_records, sniff
from riskengine.portfolio.reading.table import CHUNK_BYTES, CHUNK_ROWS, ROW, Chunk, Mark, column_names, unreadable
from riskengine.portfolio.reading.text import TextFile
from riskengine.portfolio.reading.window import Window

__all__ = ["CsvTable"]

MAX_RECORD = 1 << 26
HEADER_BYTES = 1 << 16

_Numbers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Read:
    """The whole records of a text."""

    frame: pl.DataFrame
    broken: list[Problem]
    used: int
    last: int


class CsvTable:
    """A CSV file.

    Attributes:
        path: The file.
        schema: All columns, as text.
    """

    def __init__(self, path: Path, encoding: str | None) -> None:
        """Read the header.

        Args:
            path: The file.
            encoding: Its encoding; by default what its byte order mark says, or UTF-8.

        Raises:
            ProblemError: RE-401 if there is none, RE-402 for a name that stands twice, RE-107 for another encoding,
                RE-408 for a quote that does not close.
            OSError: if it can't be read.
        """
        self.path = path
        self._file = TextFile(path, encoding)
        self._delimiter = ","
        self._bare_returns = False
        header, self._first_row = self._header()
        self.schema: Mapping[str, pl.DataType] = dict.fromkeys(column_names(path, header), pl.String())

    def _header(self) -> tuple[list[str], int]:
        """Give the first record, and where the next begins; tells the dialect by the way."""
        size = HEADER_BYTES
        while True:
            window = Window(self._blocks(0))
            text = window.look(size)
            self._refuse_nul(text)
            if b"\r" in text[:-1] and b"\n" not in text[:-1] and not self._bare_returns:
                self._bare_returns = True
                continue
            start = self._tell_delimiter(text)
            for cells, end in self._slowly(text[start:], -1):
                if cells:
                    return cells, start + end
            if window.at_end:
                raise self._unclosed(0) if text.strip() else self._empty()
            if size > MAX_RECORD:
                raise self._too_long(0)
            size *= 4

    def _blocks(self, offset: int) -> Iterator[bytes]:
        for block in self._file.blocks(offset):
            yield block.replace(b"\r", b"\n") if self._bare_returns else block

    def _tell_delimiter(self, text: bytes) -> int:
        """Tell the delimiter, which a spreadsheet may name in a line of its own; give where the header begins."""
        first, _, rest = text.lstrip(b"\r\n").partition(b"\n")
        line = first.rstrip(b"\r").decode(errors="replace")
        if len(line) == 5 and line.lower().startswith("sep=") and line[4] in DELIMITERS:
            self._delimiter = line[4]
            return len(text) - len(rest)
        self._delimiter = sniff(line)
        return 0

    def chunks(self, mark: Mark) -> Iterator[Chunk]:
        """Give the rows from a mark on.

        Raises:
            ProblemError: RE-401, RE-107, RE-408 or RE-416, with the row, if the rest can't be read.
            OSError: if the file can't be read.
        """
        offset, row, size = max(mark.offset, self._first_row), mark.row, CHUNK_BYTES
        window = Window(self._blocks(offset))
        while text := window.look(size):
            read = self._read(text, row)
            if read.used:
                offset, row, size = offset + read.used, read.last, CHUNK_BYTES
                yield Chunk(read.frame, read.broken, Mark(offset, row), min(1.0, offset / self._file.size))
                window.move(read.used)
            elif window.at_end:
                raise self._unclosed(row + 1)
            elif size > MAX_RECORD:
                raise self._too_long(row + 1)
            else:
                size *= 2

    # --- the two ways to read -----------------------------------------------------------------------------

    def _read(self, text: bytes, row: int) -> _Read:
        self._refuse_nul(text)
        records = find_records(text, self._delimiter)
        if not records.regular:
            return self._one_by_one(text, row)
        ends, cells = records.ends[:CHUNK_ROWS], records.cells[:CHUNK_ROWS]
        if not ends.size:
            return _Read(self._frame([], []), [], 0, row)
        numbers = row + np.cumsum(cells > 0)
        whole = cells == len(self.schema)
        wrong = (cells > 0) & ~whole
        broken = [self._ragged(int(at), int(n)) for at, n in zip(numbers[wrong], cells[wrong], strict=True)]
        used = int(ends[-1])
        kept = text[:used] if whole.all() else _runs(text, ends, whole)
        try:
            frame = self._parsed(kept, numbers[whole])
        except pl.exceptions.ComputeError:
            # Polars refuses whole records for nothing else
            raise self._not_utf8(text[:used], row) from None
        return _Read(frame, broken, used, int(numbers[-1]))

    def _parsed(self, text: bytes, numbers: _Numbers) -> pl.DataFrame:
        if not text:
            return self._frame([], [])
        quote = '"' if b'"' in text else None
        schema = dict(self.schema)
        frame = pl.read_csv(text, has_header=False, schema=schema, separator=self._delimiter, quote_char=quote)
        # INVARIANT: no row is lost; Polars sees the same records as `find_records`.
        assert frame.height == len(numbers)
        return frame.with_columns(pl.Series(ROW, numbers, dtype=pl.Int64))

    def _one_by_one(self, text: bytes, row: int) -> _Read:
        """Read as the standard library does, where quotes stand inside of cells: slowly, and surely."""
        rows: list[list[str]] = []
        numbers: list[int] = []
        broken: list[Problem] = []
        used = 0
        for cells, end in self._slowly(text, row):
            used = end
            row += bool(cells)
            if len(cells) == len(self.schema):
                rows.append(cells)
                numbers.append(row)
            elif cells:
                broken.append(self._ragged(row, len(cells)))
            if len(rows) + len(broken) == CHUNK_ROWS:
                break
        return _Read(self._frame(rows, numbers), broken, used, row)

    def _slowly(self, text: bytes, row: int) -> Iterator[tuple[list[str], int]]:
        try:
            for found in read_records(text, self._delimiter):
                yield found.cells, found.end
                row += bool(found.cells)
        except csv.Error as error:
            raise self._quoted_wrongly(row + 1, str(error)) from None
        except UnicodeDecodeError:
            raise self._not_utf8(text, row) from None

    def _frame(self, rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> pl.DataFrame:
        frame = pl.DataFrame(rows, schema=dict(self.schema), orient="row").with_columns(pl.all().replace("", None))
        return frame.with_columns(pl.Series(ROW, numbers, dtype=pl.Int64))

    # --- what can be wrong --------------------------------------------------------------------------------

    def _ragged(self, row: int, cells: int) -> Problem:
        message = f"the row has {cells} {'cell' if cells == 1 else 'cells'}, the header {len(self.schema)}"
        help = "a cell with a delimiter in it needs quotes"
        return Problem("RE-405", message, help, Source(str(self.path), row=row), str(cells))

    def _refuse_nul(self, text: bytes) -> None:
        if b"\0" in text:
            help = "save it as CSV, or name its encoding, such as `--encoding utf-16-le` or `utf-16-be`"
            raise unreadable(self.path, "the table holds NUL characters and is no CSV", help)

    def _not_utf8(self, text: bytes, row: int) -> ProblemError:
        good = _sound(text)
        place = _place(row + 1 + sum(bool(cells) for cells, _ in self._slowly(text[:good], row)))
        message = f"{place} holds the byte 0x{text[good]:02x}, which is not UTF-8"
        help = "save the file as UTF-8, or name its encoding, such as `--encoding windows-1252`"
        return unreadable(self.path, message, help, "RE-107")

    def _empty(self) -> ProblemError:
        return unreadable(self.path, "the table is empty", "`riskengine template --csv` prints a header")

    def _quoted_wrongly(self, row: int, what: str) -> ProblemError:
        if "new-line" in what:
            message = f"a bare carriage return stands in {_place(row)}"
            return unreadable(self.path, message, "a cell with a line end in it needs quotes", "RE-408")
        message = f"a quote closes in the middle of a cell, in {_place(row)} or before"
        return unreadable(self.path, message, "a quote in a quoted cell is written twice", "RE-408")

    def _unclosed(self, row: int) -> ProblemError:
        message = f"a quote that opens in {_place(row)} is never closed"
        help = "a quote in a quoted cell is written twice, and a cell that begins with one ends with one"
        return unreadable(self.path, message, help, "RE-408")

    def _too_long(self, row: int) -> ProblemError:
        help = "check quotes, most often one that is never closed"
        return unreadable(self.path, f"{_place(row)} is longer than {MAX_RECORD:,} bytes", help, "RE-416")


def _sound(text: bytes) -> int:
    """Give how many bytes are UTF-8, from the start on."""
    try:
        return len(text.decode().encode())
    except UnicodeDecodeError as error:
        return error.start


def _place(row: int) -> str:
    return f"row {row}" if row else "the header"


def _runs(text: bytes, ends: _Numbers, kept: NDArray[np.bool_]) -> bytes:
    """Put the records that are kept behind one another."""
    starts = np.concatenate(([0], ends[:-1]))
    edges = np.flatnonzero(np.diff(np.concatenate(([0], kept.astype(np.int8), [0]))))
    return b"".join(text[starts[a] : ends[b - 1]] for a, b in zip(edges[::2], edges[1::2], strict=True))
