"""`riskengine model check`: does new history still fit."""

from __future__ import annotations

from typing import Annotated

import typer

from riskengine.cli.history.options import HistoryOption, StageOption
from riskengine.cli.model.outcomes import Departments, FromHistory, TableArgument
from riskengine.cli.options import AsJson, RulesOption

__all__ = ["check"]

EXIT_ALARM = 1


def check(
    table: TableArgument = None,
    fail_on_alarm: Annotated[
        bool, typer.Option("--fail-on-alarm", help="Exit with 1 if outcomes no longer fit.")
    ] = False,
    departments: Departments = False,
    from_history: FromHistory = False,
    history: HistoryOption = None,
    stage: StageOption = "start",
    rules: RulesOption = None,
    as_json: AsJson = False,
) -> None:
    """Say whether outcomes still fit what was predicted before they were known, and what to do."""
    from riskengine.assessment.build import load_pack
    from riskengine.calibration.drift.check import check as check_history
    from riskengine.calibration.drift.words import lines
    from riskengine.calibration.learn import Options
    from riskengine.cli.harmless import harmless
    from riskengine.cli.model.outcomes import outcomes
    from riskengine.cli.model.steps import steps_bar
    from riskengine.cli.show import print_json

    built = load_pack(rules)
    read, name = outcomes(table, from_history, history, stage, built)
    with steps_bar("replaying") as progress:
        found = check_history(read, built, name, progress, Options(departments=departments))
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        typer.echo(harmless("\n".join(lines(found))))
    if fail_on_alarm and found.state == "alarm":
        raise typer.Exit(EXIT_ALARM)
