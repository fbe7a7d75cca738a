"""`riskengine history show`: the course of one project."""

from __future__ import annotations

from riskengine.cli.history.options import HistoryOption, NameArgument
from riskengine.cli.options import AsJson

__all__ = ["show"]


def show(name: NameArgument, history: HistoryOption = None, as_json: AsJson = False) -> None:
    """Show the course of one project: every assessment by its day, and what became of it."""
    from riskengine.cli.history.words import print_course
    from riskengine.cli.show import print_json
    from riskengine.history.as_json import course_json
    from riskengine.history.history import History

    with History.open(history, create=False) as opened:
        course = opened.show(name)
    if as_json:
        print_json(course_json(course))
    else:
        print_course(course)
