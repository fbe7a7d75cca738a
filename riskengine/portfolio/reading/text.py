"""Text files as UTF-8, whatever their encoding: read from any place on, in blocks."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from riskengine.errors import Problem, ProblemError, Source, shorten
from riskengine.portfolio.reading.table import unreadable

__all__ = ["TextFile", "check_encoding"]

BLOCK = 1 << 20
# the mark of UTF-32 begins with that of UTF-16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def check_encoding(name: str) -> str:
    """Give the encoding's usual name.

    Raises:
        ProblemError: RE-804 if Python knows no text encoding of this name.
    """
    try:
        found = codecs.lookup(name)
        "a".encode(found.name)
    except (LookupError, UnicodeError, ValueError):
        help = "such as `utf-8`, `utf-16` or `windows-1252`"
        raise ProblemError(
            Problem("RE-804", f"there is no encoding `{shorten(name)}`", help, Source(field="--encoding"), name)
        ) from None
    return found.name


class TextFile:
    """A text file, read as UTF-8.

    Attributes:
        path: The file.
        size: Its bytes.
    """

    def __init__(self, path: Path, encoding: str | None) -> None:
        """Open a file.

        Args:
            path: The file.
            encoding: Its encoding; by default what its byte order mark says, or UTF-8.

        Raises:
            OSError: if it can't be opened.
        """
        self.path = path
        self.size = path.stat().st_size
        with path.open("rb") as file:
            begin = file.read(4)
        marked = next((name for sign, name in _MARKS if begin.startswith(sign)), "utf-8")
        self._encoding = encoding or marked

    def blocks(self, offset: int) -> Iterator[bytes]:
        """Give the text from an offset on, in UTF-8; offsets count bytes of UTF-8 behind the byte order mark.

        Raises:
            ProblemError: RE-107 where the text is not of the encoding. UTF-8 is given as it is, and checked by
                nobody yet.
        """
        with self.path.open("rb") as file:
            yield from self._plain(file, offset) if self._encoding == "utf-8" else self._recoded(file, offset)

    def _plain(self, file: BinaryIO, offset: int) -> Iterator[bytes]:
        mark = len(codecs.BOM_UTF8) if file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8 else 0
        file.seek(mark + offset)
        while block := file.read(BLOCK):
            yield block

    def _recoded(self, file: BinaryIO, offset: int) -> Iterator[bytes]:
        """Decode from the start: where a character begins can't be told from its place."""
        decoder = codecs.getincrementaldecoder(self._encoding)()
        left, first = offset, True
        while True:
            raw = file.read(BLOCK)
            block = self._decoded(decoder, raw, file)
            if first and block:
                block, first = block.removeprefix(codecs.BOM_UTF8), False
            if len(block) > left:
                yield block[left:]
            left = max(0, left - len(block))
            if not raw:
                return

    def _decoded(self, decoder: codecs.IncrementalDecoder, raw: bytes, file: BinaryIO) -> bytes:
        try:
            return decoder.decode(raw, final=not raw).encode()
        except UnicodeError:
            message = f"the file is not of the encoding {self._encoding}, at or before byte {file.tell():,}"
            raise unreadable(self.path, message, "name its encoding with `--encoding`", "RE-107") from None
