"""`riskengine history upgrade`: the tables of a server brought to this version."""

from __future__ import annotations

from riskengine.cli.history.options import HistoryOption

__all__ = ["upgrade"]


def upgrade(history: HistoryOption = None) -> None:
    """Bring the tables of a server to this version of riskengine; files are brought there by any command."""
    from riskengine.cli.history.words import say
    from riskengine.history.history import History

    with History.open(history, create=False, upgrade=True) as opened:
        say(f"{opened.where}: the tables are those of this version")
