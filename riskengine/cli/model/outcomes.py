"""Where outcomes come from: a table, or the history of assessments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from riskengine.assessment.build import BuiltPack
    from riskengine.calibration.history import History

__all__ = ["Departments", "FromHistory", "TableArgument", "TrueRate", "outcomes"]

TableArgument = Annotated[
    Path | None,
    typer.Argument(metavar="[TABLE]", help="A CSV of outcomes, a row a project.", show_default=False),
]
FromHistory = Annotated[
    bool, typer.Option("--from-history", help="Take the finished projects of the history, not a table.")
]

TrueRate = Annotated[
    float | None,
    typer.Option(
        "--true-rate",
        help="The history is a selection of projects: share of failures among all projects, such as 0.3.",
        show_default=False,
    ),
]


Departments = Annotated[
    bool,
    typer.Option("--departments", help="Learn a level for each department, which the column `department` names."),
]


def outcomes(
    table: Path | None,
    from_history: bool,
    history: str | None,
    stage: str,
    built: BuiltPack,
    keep: Sequence[str] = (),
) -> tuple[History, str]:
    """Read outcomes, and say on standard error what was left out of the history.

    Args:
        table: A table.
        from_history: Whether to read the history in its place.
        history: Where the history is.
        stage: Which of several assessments of a project counts.
        built: The pack.
        keep: Columns of the table that are wanted beside the usual ones.

    Returns:
        The outcomes, and their name for messages.

    Raises:
        ProblemError: RE-809 unless there is a table or `--from-history`, and not both.
    """
    from riskengine.calibration.history import read_history
    from riskengine.cli.history.words import say_selection
    from riskengine.errors import Problem, ProblemError
    from riskengine.history.history import History as Opened
    from riskengine.history.training_table import training_rows

    if (table is None) is not from_history:
        message = "both a table and `--from-history`" if from_history else "neither a table nor `--from-history`"
        raise ProblemError(Problem("RE-809", f"there is {message}", "give one of the two"))
    if table is not None:
        return read_history(table, built.pack, keep), str(table)
    with Opened.open(history, create=False) as opened:
        selection = opened.select(built.pack, stage)
        say_selection(selection, opened.where)
        return training_rows(selection, built.pack), opened.where
