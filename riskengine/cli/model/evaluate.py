"""`riskengine model evaluate`: how the model of a history does on projects held out from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskengine.cli.history.options import HistoryOption, StageOption
from riskengine.cli.model.outcomes import Departments, FromHistory, TableArgument, TrueRate
from riskengine.cli.options import AsJson, RulesOption

if TYPE_CHECKING:
    from riskengine.assessment.build import BuiltPack
    from riskengine.calibration.evaluation.data import Evaluation

__all__ = ["evaluate"]


def evaluate(
    table: TableArgument = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help="A question or other column that makes subgroups; may be given again."),
    ] = None,
    true_rate: TrueRate = None,
    departments: Departments = False,
    from_history: FromHistory = False,
    history: HistoryOption = None,
    stage: StageOption = "start",
    rules: RulesOption = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write a report here, one HTML file.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say how the model of a history does on projects held out, and what is too little to say."""
    from riskengine.assessment.build import check_outputs, load_pack
    from riskengine.calibration.evaluation.evaluate import evaluate as evaluate_history
    from riskengine.calibration.evaluation.words import lines
    from riskengine.calibration.learn import Options
    from riskengine.cli.harmless import harmless
    from riskengine.cli.model.outcomes import outcomes
    from riskengine.cli.model.steps import steps_bar
    from riskengine.cli.show import print_json

    built = load_pack(rules)
    columns = by or []
    read, name = outcomes(table, from_history, history, stage, built, columns)
    if html is not None:
        check_outputs([html], [Path(name)])
    with steps_bar("evaluating") as progress:
        found = evaluate_history(read, built, name, columns, progress, Options(true_rate, departments=departments))
    if html is not None:
        _write_report(html, found, built, name if table is None else table.name)
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    typer.echo(harmless("\n".join(lines(found))))
    if html is not None:
        typer.echo(harmless(f"\nthe report: {html}"))


def _write_report(path: Path, found: Evaluation, built: BuiltPack, history: str) -> None:
    from riskengine.assessment.build import write_output
    from riskengine.calibration.evaluation.verdict import verdict
    from riskengine.reports.evaluation_page import evaluation_page

    write_output(path, evaluation_page(found.model_dump(mode="json"), built, history, verdict(found)))
