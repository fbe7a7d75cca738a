"""`riskengine model`: what history says about the weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.options import AsJson, RulesOption

__all__ = ["app"]

app = typer.Typer(help="What history says about the weights.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def train(
    history: Annotated[Path, typer.Argument(help="A CSV of outcomes: a row a project, or published counts.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the model is written.")],
    rules: RulesOption = None,
) -> None:
    """Train a model on outcomes and write it as a JSON file."""
    import json

    from riskengine.assessment.build import load_pack, write_output
    from riskengine.assessment.model_file import model_to_json
    from riskengine.calibration.history import read_history
    from riskengine.calibration.train import train as train_model

    built = load_pack(rules)
    read = read_history(history, built.pack)
    trained = train_model(read, built, str(history))
    for warning in trained.warnings:
        typer.echo(f"warning: {warning}", err=True)
    form = {**model_to_json(trained.model), "hash": trained.model.hash}
    write_output(output, json.dumps(form, ensure_ascii=False, indent=1) + "\n")
    typer.echo(f"{output}: {trained.model.name}, {len(read.rows)} rows", err=True)


@app.command()
def show(
    model: Annotated[
        Path | None, typer.Argument(help="A model file; the shipped one by default.", show_default=False)
    ] = None,
    rules: RulesOption = None,
    as_json: AsJson = False,
) -> None:
    """Show a model's card: what it was trained on, and what each study moved."""
    from riskengine.assessment.assess import choose_model
    from riskengine.assessment.build import load_pack
    from riskengine.assessment.model_file import model_to_json
    from riskengine.cli.show import print_card, print_json

    built = load_pack(rules)
    chosen = choose_model(built, model)
    if as_json:
        print_json({**model_to_json(chosen), "hash": chosen.hash})
    else:
        print_card(chosen, built)
