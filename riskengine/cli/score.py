"""`riskengine score`: a portfolio."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.options import BaseRate, ModelOption, RulesOption

__all__ = ["score"]

EXIT_REJECTED = 3


def score(
    table: Annotated[Path, typer.Argument(help="A CSV table: a row a project, a column a question.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the scored table is written.")],
    rules: RulesOption = None,
    model: ModelOption = None,
    base_rate: BaseRate = None,
) -> int:
    """Score a table of projects; rows that can't be read go to OUTPUT.rejects.csv."""
    from riskengine.assessment.assess import choose_model
    from riskengine.assessment.build import load_pack
    from riskengine.portfolio.score import score_table

    built = load_pack(rules)
    done = score_table(table, output, built, choose_model(built, model), base_rate)
    typer.echo(f"{done.scored} scored, {done.rejected} rejected of {done.read} rows: {output}", err=True)
    if done.rejected:
        typer.echo(f"the rejected rows and their reasons: {done.rejects}", err=True)
        return EXIT_REJECTED
    return 0
