"""`riskengine history add`: an assessment written down."""

from __future__ import annotations

from typing import Annotated

import typer

from riskengine.cli.history.options import HistoryOption
from riskengine.cli.options import AsJson, BaseRate, DepartmentOption, ModelOption, RulesOption

__all__ = ["add"]


def add(
    answers: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="An answers file, or what `assess --json` printed; `-` for standard input."
        ),
    ],
    project: Annotated[
        str | None, typer.Option("--project", help="The project's name, if the file has none.", show_default=False)
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", help="The day of the answers, if the file has none.", show_default=False)
    ] = None,
    department: DepartmentOption = None,
    corrects: Annotated[
        str | None,
        typer.Option("--corrects", metavar="ID", help="The assessment that this one corrects.", show_default=False),
    ] = None,
    history: HistoryOption = None,
    as_json: AsJson = False,
    rules: RulesOption = None,
    model: ModelOption = None,
    base_rate: BaseRate = None,
) -> None:
    """Assess the answers of a file and write the assessment down."""
    from riskengine.assessment.build import load_pack
    from riskengine.cli.history.words import say_added
    from riskengine.cli.read import content_of
    from riskengine.cli.show import print_json
    from riskengine.history.as_json import recorded_json
    from riskengine.history.given import assessment_given
    from riskengine.history.history import History

    given = assessment_given(
        content_of(answers),
        answers,
        load_pack(rules),
        model=model,
        base_rate=base_rate,
        project=project,
        date=date,
        department=department,
    )
    with History.open(history) as opened:
        recorded = opened.add(given, corrects=corrects)
        if as_json:
            print_json(recorded_json(recorded))
        else:
            say_added(recorded, opened.where)
