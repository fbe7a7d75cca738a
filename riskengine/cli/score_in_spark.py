"""`riskengine score --engine spark`: a portfolio that lives where Spark reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskengine.assessment.build import BuiltPack
    from riskengine.assessment.model_file import Model
    from riskengine.portfolio.spark.score import SparkOptions

__all__ = ["score_and_print"]


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
    from riskengine.cli.scored import exit_code, print_scored
    from riskengine.portfolio.spark.score import refuse_unused, score_in_spark

    refuse_unused(unused)
    done = score_in_spark(tables, output, built, model, options)
    worst = () if done.verdict is None else done.verdict.worst
    print_scored(done, [f"{one.key or 'without a name'}: {'; '.join(one.crossed)}" for one in worst])
    return exit_code(done)
