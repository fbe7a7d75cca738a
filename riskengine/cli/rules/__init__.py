"""`riskengine rules`: the rule author's tools, one module a command."""

from __future__ import annotations

import typer

from riskengine.cli.rules.build import build
from riskengine.cli.rules.check import check

__all__ = ["app"]

app = typer.Typer(help="The rule author's tools.", no_args_is_help=True, rich_markup_mode=None)
app.command()(check)
app.command()(build)
