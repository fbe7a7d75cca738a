"""The terminal that the questionnaire is asked in: keys in, screens out.

What is asked, and what a reply means, is left to `ask`. Nothing depends on colours. Where the terminal can't move
its cursor (`TERM=dumb`), the same is asked line by line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, TextIO

from prompt_toolkit.application import Application
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import Input, create_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.output import Output, create_output
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.shortcuts import PromptSession
from prompt_toolkit.styles import Style
from rich.console import Console
from rich.text import Text

from riskengine.cli.screen import (
    HELP_KEY,
    IN_FIELD,
    Key,
    Pointer,
    Row,
    Screen,
    composed,
    one_line,
    printable,
    wrapped,
)
from riskengine.errors import Problem, ProblemError

__all__ = ["Terminal", "open_terminal"]

WIDEST = 80
"""Text is not set wider than this, however wide the terminal."""

_STYLE = Style.from_dict({"head": "dim", "title": "bold", "chosen": "bold ansicyan", "wrong": "ansired"})
_IN_NUMBERS = frozenset("0123456789.,+-")


class Terminal:
    """The terminal that is asked in; results never go there through this."""

    def __init__(self, stream: TextIO, input: Input, output: Output, *, is_dumb: bool) -> None:
        self._stream = stream
        self._input = input
        self._output = output
        self._is_dumb = is_dumb
        self._console = Console(file=stream, highlight=False, emoji=False, markup=False)

    def held(self) -> AbstractContextManager[Any]:
        """Keep keys that are pressed between two screens from showing, for as long as the block lasts."""
        return nullcontext() if self._is_dumb else self._input.raw_mode()

    def say(self, text: str = "", *, first: str = "", is_bold: bool = False) -> None:
        """Print a paragraph that stays.

        Args:
            text: The paragraph.
            first: What stands before its first line; the others are set in as far.
            is_bold: Whether it stands out.
        """
        width = min(self._console.width - 1, WIDEST)
        for line in wrapped(text, width, first):
            self._console.print(Text(line, style="bold" if is_bold else ""), soft_wrap=True)

    def say_command(self, command: str) -> None:
        """Print a command to copy; the terminal breaks it, and nobody else."""
        self._console.print(Text(f"  {printable(command)}"), soft_wrap=True)

    def ask(self, screen: Screen) -> Any:
        """Ask one thing.

        Returns:
            The reply of the row that was chosen or of the key that was pressed, or what the field's text means.

        Raises:
            KeyboardInterrupt: on Ctrl-C.
            EOFError: on Ctrl-D, and where the input was closed.
        """
        if self._is_dumb:
            return self._ask_by_line(screen)
        return _Asking(screen, self._input, self._output).run()

    def ask_text(self, title: str, hint: str, text: str = "") -> str | None:
        """Ask for a line of text.

        Args:
            title: What is asked.
            hint: What the keys do.
            text: What stands there at the beginning.

        Returns:
            The text on one line, empty if nothing was typed; `None` if Escape was pressed.

        Raises:
            KeyboardInterrupt: on Ctrl-C.
            EOFError: on Ctrl-D, and where the input was closed.
        """
        if self._is_dumb:
            self._write_lines([title, f"[{text}]" if text else "", hint])
            return one_line(self._read_line()) or text
        width = _width(self._output)
        message: StyleAndTextTuples = [
            ("", "\n"),
            *_styled("class:title", wrapped(title, width)),
            *_styled("class:head", wrapped(hint, width)),
            ("", "> "),
        ]
        session: PromptSession[str | None] = PromptSession(
            message,
            input=self._input,
            output=self._output,
            key_bindings=_text_keys(),
            style=_STYLE,
            include_default_pygments_style=False,
            enable_suspend=True,
            erase_when_done=True,
        )
        typed = session.prompt(default=text)
        return None if typed is None else one_line(typed)

    # --- line by line ---

    def _write_lines(self, lines: Iterable[str]) -> None:
        self._stream.write("".join(f"{printable(line)}\n" for line in lines if line))
        self._stream.flush()

    def _read_line(self) -> str:
        self._stream.write("> ")
        self._stream.flush()
        line = sys.stdin.readline()
        if not line:
            self._stream.write("\n")
            raise EOFError
        return line

    def _ask_by_line(self, screen: Screen) -> object:
        pointer = Pointer(text=screen.field.text if screen.field else "")
        found = composed(screen, WIDEST, pointer)
        self._write_lines(line.text for line in (*found.body, *found.foot))
        while True:
            line = self._read_line().strip()
            if line == HELP_KEY and screen.help:
                self._write_lines(screen.help)
                continue
            if not line and screen.chosen is not None:
                return screen.rows[screen.chosen].reply
            reply = _reply_to(screen, line)
            if reply is not None:
                return reply
            if screen.field is None:
                complaint = "type the key of a row" if not line else f"there is no `{line[:40]}` here"
            else:
                value, complaint = screen.field.read(line or screen.field.text)
                if value is not None:
                    return value
            self._write_lines([complaint])


def open_terminal() -> Terminal:
    """Find the terminal to ask in, so that standard output is left to results wherever that can be.

    Raises:
        ProblemError: RE-803 if there is none.
    """
    streams = [stream for stream in (sys.stderr, sys.stdout) if stream is not None and stream.isatty()]
    if not streams or sys.stdin is None or not sys.stdin.isatty():
        help = "fill in what `riskengine template` writes, and give the file: `riskengine assess ANSWERS`"
        raise ProblemError(Problem("RE-803", "the questions are asked in a terminal, and there is none", help))
    output = create_output(streams[0])
    if isinstance(output, Vt100_Output):
        # asking a terminal where its cursor is gains nothing here, and one that doesn't answer gets a warning
        output.enable_cpr = False
    is_dumb = os.environ.get("TERM", "").lower() in ("dumb", "unknown")
    return Terminal(streams[0], create_input(sys.stdin), output, is_dumb=is_dumb)


# --- asking by keys ----------------------------------------------------------------------------------------


class _Asking:
    """One screen being asked: where the pointer is, what is typed, what is said about it."""

    def __init__(self, screen: Screen, input: Input, output: Output) -> None:
        self._screen = screen
        self._places = [*([IN_FIELD] if screen.field else []), *range(len(screen.rows))]
        self._place = IN_FIELD if screen.field and screen.chosen is None else screen.chosen
        self._text = screen.field.text if screen.field else ""
        self._cursor = len(self._text)
        self._shows_help = False
        self._said = ""
        window = Window(FormattedTextControl(self._lines, focusable=True), dont_extend_height=True)
        self._app: Application[Any] = Application(
            layout=Layout(window),
            key_bindings=self._bindings(),
            style=_STYLE,
            include_default_pygments_style=False,
            erase_when_done=True,
            input=input,
            output=output,
        )

    def run(self) -> Any:
        return self._app.run()

    # what is seen

    def _lines(self) -> StyleAndTextTuples:
        rows = self._app.output.get_size().rows
        width = _width(self._app.output)
        pointer = Pointer(self._place, self._text, self._cursor)
        screen = self._screen
        found = composed(screen, width, pointer, shows_help=self._shows_help, said=self._said)
        if self._shows_help and len(found.body) + len(found.foot) > rows:
            # no room for both: the rows come back when the help is closed
            screen = replace(screen, rows=(), field=None, note="")
            found = composed(screen, width, pointer, shows_help=True, said=self._said)
        shown: StyleAndTextTuples = []
        for line in found.fitted(rows):
            if line.cursor is None:
                shown.append((line.style, f"{line.text}\n"))
            else:
                shown.append((line.style, line.text[: line.cursor]))
                shown.append(("[SetCursorPosition]", ""))
                shown.append((line.style, f"{line.text[line.cursor :]}\n"))
        # the last line ends without a break: it would take a row
        style, text, *_ = shown[-1]
        shown[-1] = (style, text.removesuffix("\n"))
        return shown

    # what is pressed

    def _bindings(self) -> KeyBindings:
        bindings = KeyBindings()
        steps: dict[str, Callable[[], None]] = {
            "enter": self._enter,
            "c-j": self._enter,
            "up": lambda: self._move(-1),
            "c-p": lambda: self._move(-1),
            "s-tab": lambda: self._move(-1),
            "down": lambda: self._move(1),
            "c-n": lambda: self._move(1),
            "tab": lambda: self._move(1),
            "left": lambda: self._sideways(-1, "left"),
            "right": lambda: self._sideways(1, "right"),
            "home": lambda: self._to(0),
            "end": lambda: self._to(len(self._text)),
            "backspace": lambda: self._edit(self._text[: max(self._cursor - 1, 0)], self._text[self._cursor :]),
            "delete": lambda: self._edit(self._text[: self._cursor], self._text[self._cursor + 1 :]),
            "c-u": lambda: self._edit("", self._text[self._cursor :]),
            "escape": self._escape,
            "f1": self._help,
            "c-l": self._app_redraw,
            "c-z": self._suspend,
            "c-c": lambda: self._app.exit(exception=KeyboardInterrupt),
            "<sigint>": lambda: self._app.exit(exception=KeyboardInterrupt),
            "c-d": lambda: self._app.exit(exception=EOFError),
        }
        for name, step in steps.items():
            bindings.add(name)(_without_event(step))
        bindings.add(Keys.Any)(lambda event: self._pressed(event.data))
        bindings.add(Keys.BracketedPaste)(lambda event: self._pasted(event.data))
        return bindings

    def _enter(self) -> None:
        self._said = ""
        if self._place is None:
            self._said = "choose first: press the key of a row, or go to it with the arrow keys"
        elif self._place != IN_FIELD:
            self._app.exit(result=self._screen.rows[self._place].reply)
        elif self._screen.field is not None:
            reply, self._said = self._screen.field.read(self._text)
            if reply is not None:
                self._app.exit(result=reply)

    def _move(self, by: int) -> None:
        self._said = ""
        if self._place is None:
            self._place = self._places[0 if by > 0 else -1]
        else:
            self._place = self._places[(self._places.index(self._place) + by) % len(self._places)]

    def _sideways(self, by: int, name: str) -> None:
        if self._place == IN_FIELD and self._text:
            self._to(min(max(self._cursor + by, 0), len(self._text)))
            return
        for key in self._screen.keys:
            if name in key.also:
                self._app.exit(result=key.reply)

    def _to(self, cursor: int) -> None:
        self._cursor = cursor

    def _edit(self, before: str, after: str) -> None:
        if self._screen.field is None:
            return
        self._place, self._text, self._cursor = IN_FIELD, before + after, len(before)
        self._said = self._screen.field.complain(self._text)

    def _insert(self, text: str) -> None:
        self._edit(self._text[: self._cursor] + text, self._text[self._cursor :])

    def _pressed(self, data: str) -> None:
        if len(data) != 1:
            return
        if self._screen.field is not None and data in _IN_NUMBERS:
            self._insert(data)
        elif data == HELP_KEY and self._screen.help:
            self._help()
        else:
            reply = _reply_to(self._screen, data)
            if reply is None:
                self._said = f"`{printable(data)}` does nothing here"
            else:
                self._app.exit(result=reply)

    def _pasted(self, data: str) -> None:
        if self._screen.field is not None:
            self._insert(one_line(data)[:100])

    def _help(self) -> None:
        self._said = ""
        self._shows_help = not self._shows_help and bool(self._screen.help)

    def _escape(self) -> None:
        self._said, self._shows_help = "", False

    def _app_redraw(self) -> None:
        self._app.renderer.clear()

    def _suspend(self) -> None:
        self._app.suspend_to_background()


def _without_event(step: Callable[[], None]) -> Callable[[KeyPressEvent], None]:
    def handle(_event: KeyPressEvent) -> None:
        step()

    return handle


def _text_keys() -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add("escape", eager=True)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=None)

    return bindings


def _reply_to(screen: Screen, key: str) -> object | None:
    things: tuple[Row | Key, ...] = (*screen.rows, *screen.keys)
    for one in things:
        if one.key and one.key.lower() == key.lower():
            return one.reply
    return None


def _styled(style: str, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        yield style, f"{line}\n"


def _width(output: Output) -> int:
    # the last column stays free: some terminals break a line that fills it
    return min(output.get_size().columns - 1, WIDEST)
