"""`riskengine rules coverage`: what of a pack its examples and tests exercise."""

from __future__ import annotations

from typing import Annotated

import typer

from riskengine.cli.options import AsJson, PackArgument

__all__ = ["coverage"]

EXIT_BELOW = 1


def coverage(
    pack: PackArgument = None,
    fail_under: Annotated[
        float | None,
        typer.Option(
            "--fail-under",
            metavar="PERCENT",
            min=0,
            max=100,
            help="Exit code 1 if rules, disjuncts or levels are covered to less than this.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say which rules, disjuncts and levels the examples and tests exercise, and what is missing."""
    from riskengine.authoring.coverage.data import coverage_data
    from riskengine.authoring.coverage.measure import measure
    from riskengine.authoring.coverage.words import missing_lines, percent, table, uncounted_lines
    from riskengine.cli.harmless import harmless
    from riskengine.cli.show import print_json
    from riskengine.pack.locate import shipped

    found = measure(pack or shipped("rules"))
    if as_json:
        print_json(coverage_data(found))
    else:
        parts = {"missing": list(missing_lines(found)), "does not count": list(uncounted_lines(found))}
        listed = [line for name, lines in parts.items() if lines for line in ("", name, *(f"  {one}" for one in lines))]
        shares = ", ".join(f"{name} {percent(share)}" for name, share in found.shares.items())
        ending = f"{found.pack.name} {found.pack.version}: {shares}"
        typer.echo(harmless("\n".join([*table(found), *listed, "", ending])))
    below = found.below(fail_under) if fail_under is not None else ()
    if below:
        typer.echo(f"less than {fail_under:g} %: {', '.join(below)}", err=True)
        raise typer.Exit(EXIT_BELOW)
