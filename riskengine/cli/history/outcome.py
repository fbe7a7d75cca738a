"""`riskengine history outcome`: what became of a project."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from riskengine.cli.history.options import HistoryOption, NameArgument
from riskengine.cli.options import AsJson, RulesOption

__all__ = ["outcome"]


class _Outcome(StrEnum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"


def outcome(
    name: NameArgument,
    outcome: Annotated[_Outcome, typer.Argument(help="What became of it.")],
    on: Annotated[
        str, typer.Option("--on", metavar="DAY", help="The day on which that was known.", show_default=False)
    ],
    end: Annotated[
        str | None,
        typer.Option("--end", help="How it failed: cancelled, overrun, unused, retired.", show_default=False),
    ] = None,
    note: Annotated[str, typer.Option("--note", help="Anything else.", show_default=False)] = "",
    correct: Annotated[
        bool, typer.Option("--correct", help="Put it in the place of the outcome that is there, which is kept.")
    ] = False,
    history: HistoryOption = None,
    as_json: AsJson = False,
    rules: RulesOption = None,
) -> None:
    """Write down what became of a project."""
    from riskengine.assessment.build import load_pack
    from riskengine.cli.history.words import ended, say
    from riskengine.cli.show import print_json
    from riskengine.history.as_json import outcome_json
    from riskengine.history.ends import check_end
    from riskengine.history.history import History

    if end is not None:
        check_end(end, load_pack(rules).pack)
    with History.open(history, create=False) as opened:
        recorded = opened.outcome(name, outcome.value, on=on, end=end, note=note, correct=correct)
        if as_json:
            print_json(outcome_json(recorded))
        else:
            said = ended(recorded.outcome, recorded.end)
            say(f"{recorded.project}: {said} on {recorded.date}; written down in {opened.where}")
