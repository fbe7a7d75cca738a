"""`riskengine history restore`: the records of another history taken over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.history.options import HistoryOption
from riskengine.cli.options import AsJson

__all__ = ["restore"]


def restore(
    records: Annotated[Path, typer.Argument(metavar="FILE", help="What `history export --everything` wrote.")],
    history: HistoryOption = None,
    as_json: AsJson = False,
) -> None:
    """Take over the records of another history; those that are here already are left out."""
    from riskengine.cli.history.words import say_many
    from riskengine.cli.show import print_json
    from riskengine.history.as_json import added_json
    from riskengine.history.history import History
    from riskengine.history.records_file import read_records

    read = read_records(records)
    with History.open(history) as opened:
        added = opened.restore(read)
        if as_json:
            print_json(added_json(added))
        else:
            say_many(added, opened.where)
