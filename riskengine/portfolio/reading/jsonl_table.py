"""JSONL: one object a line. Answers are taken as the text that they are; other keys keep their type."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import polars as pl

from riskengine.errors import Problem, Source, shorten
from riskengine.portfolio.reading.table import (
    CHUNK_BYTES,
    CHUNK_ROWS,
    ROW,
    Chunk,
    Mark,
    column_names,
    unreadable,
)
from riskengine.portfolio.reading.text import TextFile
from riskengine.portfolio.reading.window import Window

__all__ = ["JsonlTable", "open_jsonl"]

MAX_LINE = 1 << 26
MAX_SHOWN = 200
_INT64 = range(-(1 << 63), 1 << 63)
_NUMBERS = {pl.Int64(), pl.Float64()}
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class JsonlTable:
    """A file of JSON lines.

    Attributes:
        path: The file.
        schema: All keys of all lines: with the types of their values; as text where these differ, or are nested.
    """

    def __init__(self, path: Path, encoding: str | None) -> None:
        """Open a file.

        Args:
            path: The file.
            encoding: Its encoding; by default what its byte order mark says, or UTF-8.

        Raises:
            OSError: if it can't be read.
        """
        self.path = path
        self.schema: Mapping[str, pl.DataType] = {}
        self._file = TextFile(path, encoding)
        self._odd: dict[int, str] = {}

    def keys(self) -> Mapping[str, pl.DataType | None]:
        """Read all lines, and give their keys with the types of their values, `None` where there are none.

        Raises:
            ProblemError: RE-401 if no line is a JSON object.
            OSError: if it can't be read.
        """
        found: dict[str, pl.DataType | None] = {}
        row = 0
        for lines, _ in self._lines(0):
            for line in filter(bytes.strip, lines):
                row += 1
                for key, value in self._pairs(row, line):
                    found[key] = _widened(found.get(key), _type_of(value))
        if not found:
            help = 'write one object a line, such as `{"stage": "idea"}`; no list around them'
            raise unreadable(self.path, "no line is a JSON object with a key", help)
        column_names(self.path, list(found))
        return found

    def _pairs(self, row: int, line: bytes) -> Sequence[tuple[str, object]]:
        """Read a line; one that is no object has no keys. What Polars would read as something else is kept in mind."""
        try:
            found = json.loads(line, object_pairs_hook=tuple)
        except (ValueError, RecursionError):
            return ()
        if not isinstance(found, tuple):
            return ()
        names = [name for name, _ in found]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            self._odd[row] = f"the key `{shorten(twice)}` stands twice in the line"
        elif _SURROGATE.search(line) and not _is_unicode(found):
            self._odd[row] = "the line holds half of a character, such as `\\ud800`"
        return found

    def _lines(self, offset: int) -> Iterator[tuple[list[bytes], int]]:
        """Give some lines at a time, with the place where the last ends."""
        window = Window(self._file.blocks(offset))
        size = CHUNK_BYTES
        while text := window.look(size):
            lines = text.split(b"\n", CHUNK_ROWS)
            used = len(text) - len(lines.pop())
            if used:
                yield lines, offset + used
                window.move(used)
                offset, size = offset + used, CHUNK_BYTES
            elif size > MAX_LINE:
                raise unreadable(self.path, f"a line is longer than {MAX_LINE:,} bytes", "is it JSONL?", "RE-416")
            else:
                size *= 2

    def chunks(self, mark: Mark) -> Iterator[Chunk]:
        """Give the rows from a mark on.

        Raises:
            ProblemError: RE-107 or RE-416 if the rest can't be read.
            OSError: if the file can't be read.
        """
        row = mark.row
        for lines, end in self._lines(mark.offset):
            given = [line for line in lines if line.strip()]
            numbered = list(enumerate(given, start=row + 1))
            odd = [self._broken(number, line, self._odd[number]) for number, line in numbered if number in self._odd]
            frames, broken = self._parsed([one for one in numbered if one[0] not in self._odd] if odd else numbered)
            row += len(given)
            frame = pl.concat(frames) if frames else pl.DataFrame(schema={**self.schema, ROW: pl.Int64})
            yield Chunk(frame, odd + broken, Mark(end, row), min(1.0, end / self._file.size))

    def _parsed(self, lines: Sequence[tuple[int, bytes]]) -> tuple[list[pl.DataFrame], list[Problem]]:
        """Parse lines at once; where one of them can't be, look for it by halves."""
        if not lines:
            return [], []
        try:
            frame = pl.read_ndjson(b"\n".join(line for _, line in lines), schema=dict(self.schema))
        except pl.exceptions.PolarsError:
            if len(lines) == 1:
                return [], [self._broken(*lines[0], _fault(lines[0][1]))]
            middle = len(lines) // 2
            (good, bad), (more, worse) = self._parsed(lines[:middle]), self._parsed(lines[middle:])
            return good + more, bad + worse
        # INVARIANT: no row is lost.
        assert frame.height == len(lines)
        return [frame.with_columns(pl.Series(ROW, [number for number, _ in lines], dtype=pl.Int64))], []

    def _broken(self, row: int, line: bytes, message: str) -> Problem:
        shown = line.decode(errors="replace")[:MAX_SHOWN]
        return Problem("RE-407", message, "write one object a line", Source(str(self.path), row=row), shown)


def open_jsonl(
    paths: Sequence[Path], encoding: str | None, texts: frozenset[str], numbers: frozenset[str]
) -> list[JsonlTable]:
    """Open files of JSON lines, which then have the same schema: what a line lacks is unknown.

    Args:
        paths: The files.
        encoding: Their encoding; by default what a byte order mark says, or UTF-8.
        texts: Keys, in small letters, whose values are wanted as text.
        numbers: Those whose values are wanted as numbers, or as text where some are none.

    Raises:
        ProblemError: RE-401 if a file has no line that is a JSON object.
        OSError: if one can't be read.
    """
    tables = [JsonlTable(path, encoding) for path in paths]
    found: dict[str, pl.DataType | None] = {}
    for table in tables:
        for key, kind in table.keys().items():
            found[key] = _widened(found.get(key), kind)
    schema = {key: _wanted(key.strip().lower(), kind, texts, numbers) for key, kind in found.items()}
    for table in tables:
        table.schema = schema
    return tables


def _wanted(key: str, kind: pl.DataType | None, texts: frozenset[str], numbers: frozenset[str]) -> pl.DataType:
    if kind is None or key in texts or (key in numbers and kind not in _NUMBERS):
        return pl.String()
    return kind


def _is_unicode(found: object) -> bool:
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _fault(line: bytes) -> str:
    """Say why a line cannot be read."""
    try:
        found = json.loads(line.decode(), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        return f"byte {error.start + 1} of the line, 0x{line[error.start]:02x}, is not UTF-8"
    except json.JSONDecodeError as error:
        return f"the line is no JSON: {error.msg.lower()}, at column {error.colno}"
    except RecursionError:
        return "the line is nested too deeply"
    except ValueError as error:
        return str(error)
    return "a number of the line is too large" if isinstance(found, dict) else "the line is no JSON object"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"JSON has no `{name}`")


def _widened(known: pl.DataType | None, kind: pl.DataType | None) -> pl.DataType | None:
    """Give the type that holds values of both types."""
    if known is None or kind is None or known == kind:
        return known or kind
    return pl.Float64() if {known, kind} == _NUMBERS else pl.String()


def _type_of(value: object) -> pl.DataType | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return pl.Boolean()
    if isinstance(value, int):
        return pl.Int64() if value in _INT64 else pl.String()
    return pl.Float64() if isinstance(value, float) else pl.String()
