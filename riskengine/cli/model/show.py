"""`riskengine model show`: what a model was trained on and what it moved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.options import AsJson, RulesOption

__all__ = ["show"]


def show(
    model: Annotated[
        Path | None, typer.Argument(help="A model file; the shipped one by default.", show_default=False)
    ] = None,
    card: Annotated[bool, typer.Option("--card", help="Print the model card, as Markdown.")] = False,
    rules: RulesOption = None,
    as_json: AsJson = False,
) -> None:
    """Show what a model was trained on, and what moved: prior against learnt, by area, finding and study."""
    from riskengine.assessment.assess import choose_model
    from riskengine.assessment.build import load_pack
    from riskengine.assessment.model_file import model_to_json
    from riskengine.calibration.model_card import markdown
    from riskengine.cli.harmless import harmless
    from riskengine.cli.show import print_card, print_json

    built = load_pack(rules)
    chosen = choose_model(built, model)
    if as_json:
        print_json({**model_to_json(chosen), "hash": chosen.hash})
    elif card:
        typer.echo(harmless(markdown(chosen, built)), nl=False)
    else:
        print_card(chosen, built)
