"""How far fits have come that take a while: a bar on a terminal, now and then a line where there is none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

__all__ = ["steps_bar"]

EVERY = 15.0
"""Seconds between two lines where standard error is no terminal; short runs print none."""


@contextmanager
def steps_bar(what: str, every: float = EVERY) -> Iterator[Callable[[int, int], None]]:
    """Show on standard error how many fits are done.

    Args:
        what: What is being done, in a word.
        every: Seconds between two lines where there is no terminal.

    Yields:
        What to tell how many are done, and of how many.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(what, every)
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("fits"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(what: str, every: float) -> Callable[[int, int], None]:
    said = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= every:
            said = time.monotonic()
            typer.echo(f"{what}: {done} of {total} fits", err=True)

    return tell
