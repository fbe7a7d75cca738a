"""`riskengine history backup`: a copy of the history's file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.history.options import HistoryOption

__all__ = ["backup"]


def backup(
    output: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy is written.")],
    history: HistoryOption = None,
) -> None:
    """Copy the history's file while others go on writing, and check the copy."""
    from riskengine.cli.history.words import say
    from riskengine.history.backup import back_up
    from riskengine.history.history import History

    with History.open(history, create=False) as opened:
        back_up(opened, output)
        say(f"{opened.where}: copied to {output}")
