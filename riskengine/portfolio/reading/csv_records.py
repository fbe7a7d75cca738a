"""The records of a CSV text: where each ends and how many cells it has, told from its signs alone.

Polars reads cells quickly, and takes a row that is too short for one whose last cells are empty. So the records are
counted here, with whole arrays at a time, and Polars gets only those of the right length.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["DELIMITERS", "Records", "Row", "find_records", "read_records", "sniff"]

DELIMITERS = ",;\t|"
_NEWLINE, _RETURN, _QUOTE = b'\n\r"'

_Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Records:
    """The whole records of a text; what stands behind the last of them is a beginning only.

    Attributes:
        ends: For each record, the place behind its line end.
        cells: For each record, how many cells it has; 0 for a blank line.
        regular: Whether every quote opens or closes a cell, or stands twice in a quoted one. Where not, the rest
            means nothing.
    """

    ends: NDArray[np.int64]
    cells: NDArray[np.int64]
    regular: bool


def find_records(text: bytes, delimiter: str) -> Records:
    r"""Find the whole records of a text.

    Args:
        text: CSV in UTF-8, from the start of a record on.
        delimiter: What stands between cells.

    Examples:
        >>> found = find_records(b'A,idea\nB,"a,\nb"\n\nC', ",")
        >>> found.ends.tolist(), found.cells.tolist(), found.regular
        ([7, 16, 17], [2, 2, 0], True)
    """
    signs = np.frombuffer(text, np.uint8)
    newline, between = signs == _NEWLINE, signs == ord(delimiter)
    regular = True
    if b'"' in text:
        quote = signs == _QUOTE
        # a quote counts as inside where it opens, and as outside where it closes
        inside = (np.cumsum(quote, dtype=np.uint8) & 1).astype(np.bool_)
        newline &= ~inside
        between &= ~inside
        regular = _regular(signs, quote, inside, ord(delimiter))
    ends = np.flatnonzero(newline) + 1
    before = np.searchsorted(np.flatnonzero(between), ends)
    cells = np.diff(before, prepend=0) + 1
    cells[_blank(signs, ends)] = 0
    return Records(ends, cells, regular)


def _regular(signs: NDArray[np.uint8], quote: _Flags, inside: _Flags, delimiter: int) -> bool:
    may_precede = np.isin(signs, (_NEWLINE, _QUOTE, delimiter))
    opening = np.flatnonzero(quote & inside)
    if opening.size and opening[0] == 0:
        opening = opening[1:]
    if not may_precede[opening - 1].all():
        return False
    closing = np.flatnonzero(quote & ~inside)
    if closing.size and closing[-1] == len(signs) - 1:
        closing = closing[:-1]
    return bool((may_precede | (signs == _RETURN))[closing + 1].all())


def _blank(signs: NDArray[np.uint8], ends: NDArray[np.int64]) -> _Flags:
    lengths = np.diff(ends, prepend=0)
    # the sign before a line end; where a record is only that, it is not looked at
    before = signs[np.maximum(ends - 2, 0)]
    found: _Flags = (lengths == 1) | ((lengths == 2) & (before == _RETURN))
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """One record, read.

    Attributes:
        cells: Its cells.
        end: The place behind its line end, in bytes.
    """

    cells: list[str]
    end: int


def read_records(text: bytes, delimiter: str) -> Iterator[Row]:
    """Read whole records one by one, where quotes are anywhere: a cell is quoted only if it begins with a quote.

    Args:
        text: CSV in UTF-8, from the start of a record on.
        delimiter: What stands between cells.

    Raises:
        csv.Error: where something stands behind a closing quote. A quote that is still open at the end is none: the
            record is not whole.
        UnicodeDecodeError: if it is not UTF-8.
    """
    whole = text[: text.rfind(b"\n") + 1].decode()
    end = 0

    def lines() -> Iterator[str]:
        nonlocal end
        for line in io.StringIO(whole, newline="\n"):
            end += len(line.encode())
            yield line

    reader = csv.reader(lines(), strict=True, delimiter=delimiter)
    while True:
        # the limit is one for the whole process, whose other readers shall find theirs again
        limit = csv.field_size_limit(len(text) + 1)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                return
            raise
        finally:
            csv.field_size_limit(limit)
        yield Row(cells, end)


_QUOTED = re.compile(r'"(?:[^"]|"")*"')


def sniff(header: str) -> str:
    """Tell the delimiter from the header: the most frequent one outside quotes, a comma where none stands out.

    Examples:
        >>> sniff('"a, b, c";stage')
        ';'
    """
    bare = _QUOTED.sub("", header)
    return max(DELIMITERS, key=lambda sign: (bare.count(sign), sign == ","))
