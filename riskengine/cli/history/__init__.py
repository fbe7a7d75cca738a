"""`riskengine history`: assessments written down, and what became of the projects; one module a command."""

from __future__ import annotations

import typer

from riskengine.cli.history.add import add
from riskengine.cli.history.backup import backup
from riskengine.cli.history.delete import delete
from riskengine.cli.history.export import export
from riskengine.cli.history.import_table import import_table
from riskengine.cli.history.list import list_projects
from riskengine.cli.history.outcome import outcome
from riskengine.cli.history.restore import restore
from riskengine.cli.history.show import show
from riskengine.cli.history.upgrade import upgrade

__all__ = ["app"]

app = typer.Typer(
    help="Assessments written down, and what became of the projects.", no_args_is_help=True, rich_markup_mode=None
)
app.command()(add)
app.command()(outcome)
app.command("list")(list_projects)
app.command()(show)
app.command("import")(import_table)
app.command()(export)
app.command()(restore)
app.command()(backup)
app.command()(delete)
app.command()(upgrade)
