"""A window over a text that is read in blocks: looked at as far as wanted, and moved on."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Window"]


class Window:
    """The part of a text that is in memory.

    Attributes:
        at_end: Whether nothing follows what was looked at last. That ends with a line end then, even if the file
            does not.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        """Open a window.

        Args:
            blocks: The text, from the window's start on.
        """
        self.at_end = False
        self._held = b""
        self._blocks = blocks
        self._read_all = False

    def look(self, size: int) -> bytes:
        """Give so many bytes from the start on; fewer at the end only."""
        held, length = [self._held], len(self._held)
        while length < size and not self._read_all:
            block = next(self._blocks, None)
            if block is None:
                self._read_all = True
                block = b"\n" if length and not held[-1].endswith(b"\n") else b""
            held.append(block)
            length += len(block)
        self._held = b"".join(held)
        self.at_end = self._read_all and length <= size
        return self._held[:size]

    def move(self, size: int) -> None:
        """Move the start on."""
        self._held = self._held[size:]
