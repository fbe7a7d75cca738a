"""A progress bar on a terminal; nothing where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskengine.portfolio.score import Progress

__all__ = ["progress_bar"]


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None] | None]:
    """Show rows, rate and remaining time on standard error while tables are scored.

    Yields:
        What to tell how far the run is; `None` where standard error is no terminal.
    """
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("scoring"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TextColumn("{task.fields[rate]:,.0f} a second"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0, rows=0, rate=0.0)

        def show(progress: Progress) -> None:
            seconds = bar.tasks[0].elapsed or 0.0
            rate = progress.rows / seconds if seconds else 0.0
            bar.update(task, completed=progress.share, rows=progress.before + progress.rows, rate=rate)

        yield show
