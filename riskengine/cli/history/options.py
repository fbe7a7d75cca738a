"""Options that the commands of the history share."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["HistoryOption", "NameArgument", "StageOption"]

HistoryOption = Annotated[
    str | None,
    typer.Option(
        "--history",
        metavar="FILE|URL",
        help="The history: a file, or the URL of a database.",
        show_default="RISKENGINE_HISTORY, or history.db in your data folder",
    ),
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The project, in any case of letters.")]
StageOption = Annotated[
    str,
    typer.Option(
        "--stage",
        metavar="start|latest|DAY",
        help="Which of several assessments counts: the first, the last before the outcome, or the last up to a day.",
    ),
]
