"""`riskengine history list`: the projects of a history."""

from __future__ import annotations

from typing import Annotated

import typer

from riskengine.cli.history.options import HistoryOption
from riskengine.cli.options import AsJson

__all__ = ["list_projects"]


def list_projects(
    running: Annotated[bool, typer.Option("--open", help="Only projects without an outcome.")] = False,
    history: HistoryOption = None,
    as_json: AsJson = False,
) -> None:
    """List the projects, with their last number and what became of them."""
    from riskengine.cli.history.words import print_projects
    from riskengine.cli.show import print_json
    from riskengine.history.as_json import summary_json
    from riskengine.history.history import History

    with History.open(history, create=False) as opened:
        courses = [course for course in opened.projects() if not running or course.outcome is None]
    if as_json:
        print_json([summary_json(course) for course in courses])
    else:
        print_projects(courses)
