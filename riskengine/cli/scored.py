"""What became of scored tables, said in the terminal, wherever they were scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from riskengine.cli.harmless import harmless

if TYPE_CHECKING:
    from riskengine.portfolio.score import Done
    from riskengine.portfolio.spark.score import SparkDone

__all__ = ["exit_code", "print_scored"]

EXIT_GATE = 1
EXIT_REJECTED = 3


def exit_code(done: Done | SparkDone) -> int:
    """Give the exit code: a crossed line wins over rejected rows."""
    if done.verdict is not None and done.verdict.crossing:
        return EXIT_GATE
    return EXIT_REJECTED if done.rejected else 0


def print_scored(done: Done | SparkDone, crossing: Sequence[str]) -> None:
    """Say what became of tables; projects that crossed a line are a result, all else is not.

    Args:
        done: What became of them.
        crossing: A line for each project that crossed a line and is named.
    """

    def say(line: str, *, err: bool = True) -> None:
        typer.echo(harmless(line), err=err)

    for note in done.notes:
        say(f"note: {note}")
    say(f"{done.scored} scored, {done.rejected} rejected of {done.read} rows: {done.output}")
    if done.rejected:
        say(f"the rejected rows and their reasons: {done.rejects}")
    if done.verdict is None or not done.verdict.crossing:
        return
    for line in crossing:
        say(line, err=False)
    left = done.verdict.crossing - len(crossing)
    if left:
        say(f"and {left} more", err=False)
    say(f"{done.verdict.crossing} of {done.scored} projects crossed a line")
