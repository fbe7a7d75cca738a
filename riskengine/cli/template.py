"""`riskengine template`: an answers file to fill in, or the header of a portfolio."""

from __future__ import annotations

from typing import Annotated

import typer

from riskengine.cli.options import RulesOption

__all__ = ["template"]


def template(
    csv: Annotated[bool, typer.Option("--csv", help="The header of a portfolio instead.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Only the most telling questions.")] = False,
    rules: RulesOption = None,
) -> None:
    """Print an answers file to fill in: every question with its levels as comments."""
    from riskengine.assessment.build import load_pack
    from riskengine.forms.template import answers_template, portfolio_header

    pack = load_pack(rules).pack
    typer.echo(portfolio_header(pack) if csv else answers_template(pack, quick=quick), nl=False)
