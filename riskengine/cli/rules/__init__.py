"""`riskengine rules`: the rule author's tools, one module a command."""

from __future__ import annotations

import typer

from riskengine.cli.rules.build import build
from riskengine.cli.rules.check import check
from riskengine.cli.rules.coverage import coverage
from riskengine.cli.rules.diff import diff
from riskengine.cli.rules.docs import docs
from riskengine.cli.rules.fmt import fmt
from riskengine.cli.rules.graph import graph
from riskengine.cli.rules.new import new
from riskengine.cli.rules.schema import schema
from riskengine.cli.rules.show import show
from riskengine.cli.rules.test import run

__all__ = ["app"]

app = typer.Typer(help="The rule author's tools.", no_args_is_help=True, rich_markup_mode=None)
app.command()(check)
app.command("test")(run)
app.command()(coverage)
app.command()(build)
app.command()(new)
app.command()(show)
app.command()(graph)
app.command()(docs)
app.command()(fmt)
app.command()(diff)
app.command()(schema)
