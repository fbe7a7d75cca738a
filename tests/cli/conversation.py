"""Talks to the real command line through a real pseudo-terminal, and sees what a person would see.

The terminal understands the few control sequences that a prompt is drawn with; pexpect alone sees only what changed on
the screen, in pieces.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pexpect
from run import SCRIPT

__all__ = ["Conversation", "Display", "plain", "riskengine"]

PATIENCE = 60
"""Seconds after which a text that does not come up is a failure; nothing waits for so long otherwise."""

_SEQUENCE = re.compile(r"\x1b\[([?>=]?)([0-9;]*)([A-Za-z])|\x1b[()].|\x1b[=>78c]|\x1b\][^\x07]*\x07")
_MARKED = re.compile(r"\x1b\[([0-9;]*)m")


def plain(text: str) -> str:
    """Join the lines of a text, so that it does not matter where they were broken."""
    return " ".join(text.split())


@dataclass
class Display:
    """What a terminal of so many columns and rows shows, and what scrolled out of it."""

    columns: int
    rows: int
    lines: list[list[str]] = field(default_factory=lambda: [[]])
    row: int = 0
    column: int = 0
    _rest: str = ""
    _continued: set[int] = field(default_factory=set)

    def feed(self, text: str) -> None:
        text = self._rest + text
        place = 0
        while place < len(text):
            if text[place] != "\x1b":
                self._put(text[place])
                place += 1
                continue
            found = _SEQUENCE.match(text, place)
            if found is None:
                # not all of it is here yet
                break
            self._control(found[1] or "", found[2] or "", found[3] or "")
            place = found.end()
        self._rest = text[place:]

    def _put(self, char: str) -> None:
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self.row += 1
        elif char == "\b":
            self.column = max(self.column - 1, 0)
        elif char.isprintable():
            if self.column >= self.columns:
                self.row, self.column = self.row + 1, 0
                self._continued.add(self.row)
            line = self._line()
            line += [" "] * (self.column + 1 - len(line))
            line[self.column] = char
            self.column += 1
        self._line()

    def _line(self) -> list[str]:
        while len(self.lines) <= self.row:
            self.lines.append([])
        return self.lines[self.row]

    def _control(self, mark: str, numbers: str, letter: str) -> None:
        if mark:
            return
        number = int(numbers.split(";")[0] or 0)
        count = max(number, 1)
        top = max(len(self.lines) - self.rows, 0)
        if letter == "A":
            self.row = max(self.row - count, top)
        elif letter == "B":
            self.row = min(self.row + count, top + self.rows - 1)
        elif letter == "C":
            self.column = min(self.column + count, self.columns - 1)
        elif letter == "D":
            self.column = max(min(self.column, self.columns - 1) - count, 0)
        elif letter == "G":
            self.column = count - 1
        elif letter == "K":
            del self._line()[self.column :]
        elif letter == "J" and number == 0:
            del self._line()[self.column :]
            del self.lines[self.row + 1 :]
            self._continued = {row for row in self._continued if row <= self.row}
        self._line()

    @property
    def text(self) -> str:
        """Everything, lines that the terminal broke put together again."""
        parts = []
        for row, line in enumerate(self.lines):
            parts += ["" if row in self._continued else "\n", "".join(line)]
        return "\n".join(line.rstrip() for line in "".join(parts).split("\n"))

    @property
    def screen(self) -> list[str]:
        """The lines that can be seen now."""
        return ["".join(line).rstrip() for line in self.lines[-self.rows :]]


def riskengine(folder: Path, *arguments: object, **more: Any) -> Conversation:
    """Run `riskengine` with these arguments in a terminal, in this folder."""
    return Conversation(["-c", SCRIPT, *arguments], folder, **more)


class Conversation:
    """One run of a program in a terminal of its own."""

    def __init__(
        self,
        arguments: Sequence[object],
        folder: Path,
        *,
        program: str = sys.executable,
        columns: int = 80,
        rows: int = 40,
        **environment: str,
    ) -> None:
        ambient = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
        self.display = Display(columns, rows)
        self.raw = ""
        self._child: Any = pexpect.spawn(
            program,
            [*map(str, arguments)],
            cwd=folder,
            env={**ambient, "TERM": "xterm-256color", **environment},
            dimensions=(rows, columns),
            encoding="utf-8",
            timeout=PATIENCE,
        )
        # it keeps waiting for nothing otherwise: keys are read as they come
        self._child.delaybeforesend = None

    def presses(self, *keys: str | bytes) -> None:
        for key in keys:
            if isinstance(key, bytes):
                os.write(self._child.child_fd, key)
            else:
                self._child.send(key)

    def shows(self, *texts: str) -> None:
        """Wait until all of these texts stand on the display, wherever its lines are broken."""
        for text in texts:
            self._until(lambda text=text: plain(text) in plain(self.display.text), text)

    def hides(self, text: str) -> None:
        """Wait until this text is gone from the display."""
        self._until(lambda: plain(text) not in plain(self.display.text), f"gone: {text}")

    def ends(self) -> int:
        """Wait until the process has ended, and give its exit code, or the negative number of a signal."""
        while self._read():
            pass
        self._child.close()
        return self._child.exitstatus if self._child.signalstatus is None else -self._child.signalstatus

    def hangs_up(self) -> None:
        """Close the terminal, as closing its window does."""
        self._child.close(force=True)

    def signals(self, number: int) -> None:
        self._child.kill(number)

    @property
    def text(self) -> str:
        return plain(self.display.text)

    @property
    def colours(self) -> set[str]:
        """The codes of all colours that were sent, bold and the like left out."""
        codes = {code for sequence in _MARKED.findall(self.raw) for code in sequence.split(";")}
        return {code for code in codes if code.isdigit() and 30 <= int(code) <= 107 and int(code) not in (39, 49)}

    def _until(self, holds: Any, what: str) -> None:
        give_up = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < give_up, f"{what}\n{self.display.text}"
            if not self._read():
                assert holds(), f"the end came before: {what}\n{self.display.text}"

    def _read(self) -> bool:
        """Read what has come; say whether there can be more."""
        try:
            text = self._child.read_nonblocking(65536, timeout=0.5)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += text
        self.display.feed(text)
        return True
