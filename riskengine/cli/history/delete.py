"""`riskengine history delete`: a project forgotten."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from riskengine.cli.history.options import HistoryOption

__all__ = ["delete"]


def delete(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The project, in any case of letters.", show_default=False)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    traces: Annotated[
        bool, typer.Option("--traces", help="Only clear away the traces of what was deleted before.")
    ] = False,
    history: HistoryOption = None,
) -> None:
    """Delete all that the history holds of a project, without a trace in its file. There is no way back."""
    from riskengine.cli.history.words import say
    from riskengine.history.erase import erase_traces
    from riskengine.history.history import History

    if (name is None) is not traces:
        raise typer.BadParameter("name a project, or give `--traces` alone", param_hint="NAME")
    with History.open(history, create=False) as opened:
        if name is None:
            erase_traces(opened.database)
            say(f"{opened.where}: no trace is left of what was deleted")
            return
        course = opened.show(name)
        if not yes:
            _ask(course.project, len(course.assessments) + len(course.outcomes))
        deleted = opened.delete(name)
        say(f"{deleted.project}: {deleted.assessments} assessments and {deleted.outcomes} outcomes deleted")
        say("copies that were made before (backups, exports) still hold them")


def _ask(project: str, records: int) -> None:
    from riskengine.cli.harmless import harmless
    from riskengine.errors import Problem, ProblemError

    if not sys.stdin.isatty():
        message = "deleting cannot be undone, and nobody is here to be asked"
        raise ProblemError(Problem("RE-515", message, "give `--yes` if you mean it"))
    typer.confirm(harmless(f"Delete {project} and its {records} records for good?"), abort=True, err=True)
