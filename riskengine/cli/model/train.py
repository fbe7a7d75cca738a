"""`riskengine model train`: outcomes in, a model out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.history.options import HistoryOption, StageOption
from riskengine.cli.model.outcomes import Departments, FromHistory, TableArgument, TrueRate
from riskengine.cli.options import RulesOption

__all__ = ["train"]


def train(
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the model is written.")],
    table: TableArgument = None,
    true_rate: TrueRate = None,
    intercept_sd: Annotated[
        float | None,
        typer.Option(
            "--intercept-sd",
            help="How far the base rate may be off, in log-odds; 1.0 after a change of the kind of project.",
            show_default="by the pack's range",
        ),
    ] = None,
    departments: Departments = False,
    from_history: FromHistory = False,
    history: HistoryOption = None,
    stage: StageOption = "start",
    rules: RulesOption = None,
) -> None:
    """Train a model on outcomes and write it as a JSON file."""
    import json

    from riskengine.assessment.build import load_pack, write_output
    from riskengine.assessment.model_file import model_to_json
    from riskengine.calibration.learn import Options
    from riskengine.calibration.train import train as train_model
    from riskengine.cli.harmless import harmless
    from riskengine.cli.model.outcomes import outcomes
    from riskengine.cli.model.steps import steps_bar

    built = load_pack(rules)
    read, name = outcomes(table, from_history, history, stage, built)
    with steps_bar("training") as progress:
        trained = train_model(read, built, name, Options(true_rate, intercept_sd, departments), progress)
    for warning in trained.warnings:
        typer.echo(harmless(f"warning: {warning}"), err=True)
    form = {**model_to_json(trained.model), "hash": trained.model.hash}
    write_output(output, json.dumps(form, ensure_ascii=False, indent=1) + "\n")
    typer.echo(harmless(f"{output}: {trained.model.name}, {len(read.rows)} rows"), err=True)
