"""What one screen of the questionnaire holds, and the lines that it is shown as; no terminal is touched here."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rich.console import Console
from rich.text import Text

__all__ = [
    "HELP_KEY",
    "IN_FIELD",
    "Composed",
    "Field",
    "Key",
    "Line",
    "Pointer",
    "Row",
    "Screen",
    "composed",
    "one_line",
    "printable",
    "wrapped",
]

HELP_KEY = "?"
IN_FIELD = -1
"""The pointer's place in the field; rows have places from 0."""
MIN_BODY = 4
"""With room for fewer lines than that, the foot goes."""


@dataclass(frozen=True, slots=True)
class Row:
    """Something to choose, by its key or by going to it with the arrows.

    Attributes:
        key: The key, as shown and pressed; empty where there is none.
        text: What one chooses.
        reply: What choosing it gives.
    """

    key: str
    text: str
    reply: object


@dataclass(frozen=True, slots=True)
class Key:
    """A key that does something else than choosing.

    Attributes:
        key: The key, as shown and pressed.
        does: What it does, in a word or two.
        reply: What pressing it gives.
        also: Further keys, by the names that prompt_toolkit has for them.
    """

    key: str
    does: str
    reply: object
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A number to type.

    Attributes:
        asks: What is to be typed, in which unit and range.
        text: What stands there at the beginning.
        read: Turns the text into a reply, or says what is wrong with it.
        complain: Says what is wrong with a text that is being typed; empty while it can become right.
    """

    asks: str
    text: str
    read: Callable[[str], tuple[object | None, str]]
    complain: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Screen:
    """One thing that is asked.

    Attributes:
        head: Where one is.
        title: What is asked.
        rows: What there is to choose.
        keys: What else can be done.
        field: A number to type, above the rows.
        answered: The place of the row that was chosen before.
        chosen: The place where the pointer stands at first; nowhere for `None`.
        note: The note that was made, as evidence.
        body: Paragraphs above the rows.
        help: Paragraphs that `?` shows; without them there is no such key.
    """

    head: str
    title: str
    rows: Sequence[Row]
    keys: Sequence[Key] = ()
    field: Field | None = None
    answered: int | None = None
    chosen: int | None = None
    note: str = ""
    body: Sequence[str] = ()
    help: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is shown; `cursor` is the column where the cursor stands, if it stands here."""

    text: str = ""
    style: str = ""
    cursor: int | None = None


@dataclass(frozen=True, slots=True)
class Composed:
    """The lines of a screen: those that scroll where there is no room, and those at its foot that never do."""

    body: list[Line]
    foot: list[Line]

    def fitted(self, rows: int) -> list[Line]:
        """Give the lines that a terminal of so many rows has room for, those around the cursor first."""
        foot = self.foot if rows - len(self.foot) >= min(MIN_BODY, len(self.body)) else []
        room = rows - len(foot)
        at = next((place for place, line in enumerate(self.body) if line.cursor is not None), 0)
        # one line more below the cursor, so that it can be seen that there is more
        start = min(max(at + 2 - room, 0), at, max(len(self.body) - room, 0))
        return [*self.body[start : start + room], *foot]


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is, and what is typed in the field."""

    place: int | None = None
    text: str = ""
    cursor: int = 0


def composed(screen: Screen, width: int, pointer: Pointer, *, shows_help: bool = False, said: str = "") -> Composed:
    """Compose the lines of a screen.

    Args:
        screen: The screen.
        width: Cells a line.
        pointer: Where the pointer is, and what is typed.
        shows_help: Whether its help is open.
        said: What there is to say about the last key.
    """
    lines = [Line(), *(Line(one, "class:head") for one in wrapped(screen.head, width))]
    lines += [Line(one, "class:title") for one in wrapped(screen.title, width)]
    for paragraph in (*screen.body, *(screen.help if shows_help else ())):
        lines += [Line(), *(Line(one) for one in wrapped(paragraph, width, "  "))]
    lines.append(Line())
    if screen.field is not None:
        lines += _field_lines(screen.field, width, pointer)
    for place, row in enumerate(screen.rows):
        lines += _row_lines(row, width, place == pointer.place, place == screen.answered)
    if screen.note:
        lines += [Line(), *(Line(one) for one in wrapped(f"Evidence: {screen.note}", width, "  "))]
    foot = [Line(), *(Line(one, "class:head") for one in _footer(screen, width, shows_help))]
    if said:
        foot = [Line(), *(Line(one, "class:wrong") for one in wrapped(said, width, "! ")), *foot]
    return Composed(lines, foot)


def _field_lines(field: Field, width: int, pointer: Pointer) -> list[Line]:
    is_chosen = pointer.place == IN_FIELD
    begin = "> " if is_chosen else "  "
    return [
        *(Line(one) for one in wrapped(field.asks, width, "  ")),
        Line(
            f"{begin}{printable(pointer.text)}",
            "class:chosen" if is_chosen else "",
            len(begin) + pointer.cursor if is_chosen else None,
        ),
    ]


def _row_lines(row: Row, width: int, is_chosen: bool, is_answered: bool) -> list[Line]:
    text = f"{row.text} (your answer)" if is_answered else row.text
    begin = f"{'>' if is_chosen else ' '} {row.key:<1}  "
    style = "class:chosen" if is_chosen else ""
    lines = [Line(one, style) for one in wrapped(text, width, begin)]
    if is_chosen:
        lines[0] = replace(lines[0], cursor=0)
    return lines


def _footer(screen: Screen, width: int, shows_help: bool) -> list[str]:
    parts = ["Enter choose" if screen.field is None else "Enter answer"]
    if screen.help:
        parts.append(f"{HELP_KEY} {'close help' if shows_help else 'help'}")
    parts += [f"{key.key} {key.does}" for key in screen.keys]
    lines = [parts[0]]
    for part in parts[1:]:
        joined = f"{lines[-1]}   {part}"
        if len(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(part)
    return lines


# --- text --------------------------------------------------------------------------------------------------


def printable(text: str) -> str:
    """Replace what would steer the terminal, or can't be written, by a mark; white space by a space."""
    return "".join(
        " " if char.isspace() else "\ufffd" if unicodedata.category(char) in ("Cc", "Cs") else char for char in text
    )


def wrapped(text: str, width: int, first: str = "") -> list[str]:
    """Break a paragraph into lines, by the width that its characters have in a terminal.

    Args:
        text: The paragraph.
        width: Cells a line.
        first: What stands before the first line; the others are set in as far.

    Examples:
        >>> wrapped("one two three", 10, "> ")
        ['> one two', '  three']
    """
    room = max(width - len(first), 8)
    lines = Text(printable(text)).wrap(Console(file=io.StringIO(), width=width), room)
    return [f"{' ' * len(first) if place else first}{line.plain}".rstrip() for place, line in enumerate(lines)]


def one_line(text: str) -> str:
    """Put a text on one line, and make it printable."""
    return printable(" ".join(text.split()))
