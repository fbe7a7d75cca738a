"""`riskengine model`: what history says about the weights, one module a command."""

from __future__ import annotations

import typer

from riskengine.cli.model.check import check
from riskengine.cli.model.evaluate import evaluate
from riskengine.cli.model.show import show
from riskengine.cli.model.train import train

__all__ = ["app"]

app = typer.Typer(help="What history says about the weights.", no_args_is_help=True, rich_markup_mode=None)
app.command()(train)
app.command()(evaluate)
app.command()(show)
app.command()(check)
