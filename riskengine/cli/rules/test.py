"""`riskengine rules test`: the examples of a pack's rules, and its `*.test.yaml` files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskengine.cli.options import AsJson, PackArgument

if TYPE_CHECKING:
    from riskengine.authoring.testing.run import Report

__all__ = ["run"]

EXIT_FAILED = 1


def run(
    context: typer.Context,
    pack: PackArgument = None,
    filter: Annotated[
        str | None,
        typer.Option("--filter", help="Only tests with this text in their name or file name.", show_default=False),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Run again whenever a file of the pack changes.")] = False,
    junit: Annotated[
        Path | None,
        typer.Option("--junit", help="Write the outcomes as JUnit XML too.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the examples of a pack's own rules, and its `*.test.yaml` files."""
    from riskengine.pack.locate import shipped

    folder = pack or shipped("rules")
    if watch and as_json:
        raise typer.BadParameter("choose one of the two", context, param_hint="'--watch' with '--json'")
    if watch:
        _watch(folder, filter, junit)
    if not _run(folder, filter, junit, as_json=as_json):
        raise typer.Exit(EXIT_FAILED)


def _run(folder: Path, text: str | None, junit: Path | None, *, as_json: bool) -> bool:
    from riskengine.authoring.testing.run import run_tests

    report = run_tests(folder, text)
    if junit is not None:
        from riskengine.assessment.build import write_output
        from riskengine.authoring.testing.junit import junit_xml

        write_output(junit, junit_xml(report))
    if as_json:
        from riskengine.authoring.testing.data import report_data
        from riskengine.cli.show import print_json

        print_json(report_data(report))
    else:
        _print(report)
    return not report.failed


def _print(report: Report) -> None:
    from riskengine.authoring.testing.words import difference_lines, headline, summary
    from riskengine.cli.harmless import harmless

    colours = {"-": typer.colors.RED, "+": typer.colors.GREEN}
    # where nobody says otherwise, typer looks whether it is a terminal
    colour = False if os.environ.get("NO_COLOR") else None
    for one in report.failed:
        typer.secho(harmless(headline(one)), bold=True, color=colour)
        for line in difference_lines(one):
            typer.secho(harmless(f"  {line}"), fg=colours.get(line[0]), color=colour)
    typer.secho(harmless(summary(report)), bold=True, color=colour)


def _watch(folder: Path, text: str | None, junit: Path | None) -> None:
    """Run whenever something changes, until the pack is gone or somebody stops it."""
    from riskengine.authoring.testing.watch import changes
    from riskengine.cli.harmless import harmless
    from riskengine.errors import ProblemError

    for changed in changes(folder):
        if changed:
            typer.echo(harmless(f"\nchanged: {', '.join(path.name for path in changed)}"))
        try:
            _run(folder, text, junit, as_json=False)
        except ProblemError as error:
            for problem in error.problems:
                typer.echo(harmless(str(problem)), err=True)
        typer.echo("waiting for changes; Ctrl-C ends")
