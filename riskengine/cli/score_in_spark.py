"""`riskengine score --engine spark`: a portfolio that lives where Spark reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from riskengine.assessment.build import BuiltPack
    from riskengine.assessment.model_file import Model
    from riskengine.portfolio.spark.score import SparkDone, SparkOptions

__all__ = ["score_and_print"]

EXIT_GATE = 1
EXIT_REJECTED = 3


def score_and_print(
    tables: Sequence[str],
    output: str,
    built: BuiltPack,
    model: Model,
    options: SparkOptions,
    unused: Mapping[str, bool],
) -> int:
    """Score tables in the Spark session, say what became of them, and give the exit code.

    Args:
        tables: The tables.
        output: The scored table.
        built: The pack.
        model: The model.
        options: The options.
        unused: For each option that says nothing to Spark, whether it was given.
    """
    from riskengine.portfolio.spark.score import refuse_unused, score_in_spark

    refuse_unused(unused)
    done = score_in_spark(tables, output, built, model, options)
    _print(done)
    if done.verdict is not None and done.verdict.crossing:
        return EXIT_GATE
    return EXIT_REJECTED if done.rejected else 0


def _print(done: SparkDone) -> None:
    from riskengine.cli.harmless import harmless

    def say(line: str, *, err: bool = True) -> None:
        typer.echo(harmless(line), err=err)

    for note in done.notes:
        say(f"note: {note}")
    say(f"{done.scored} scored, {done.rejected} rejected of {done.read} rows: {done.output}")
    if done.rejected:
        say(f"the rejected rows and their reasons: {done.rejects}")
    if done.verdict is None or not done.verdict.crossing:
        return
    for project in done.verdict.worst:
        say(f"{project.key or 'without a name'}: {'; '.join(project.crossed)}", err=False)
    left = done.verdict.crossing - len(done.verdict.worst)
    if left:
        say(f"and {left} more", err=False)
    say(f"{done.verdict.crossing} of {done.scored} projects crossed a line")
