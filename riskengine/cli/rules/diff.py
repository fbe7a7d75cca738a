"""`riskengine rules diff`: what a change of a pack does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.options import AsJson

__all__ = ["diff"]

EXIT_ABOVE = 1


def diff(
    context: typer.Context,
    old: Annotated[Path, typer.Argument(help="The pack as it was: a folder, or its one-file JSON.")],
    new: Annotated[Path, typer.Argument(help="The pack as it is.")],
    moved_by: Annotated[
        float,
        typer.Option(
            "--moved-by", metavar="POINTS", min=0, max=100, help="Count projects that move by more than this."
        ),
    ] = 5.0,
    answers: Annotated[
        list[Path] | None,
        typer.Option(
            "--answers",
            help="Compare on this answers file, or on those of this folder; may stand several times.",
            show_default=False,
        ),
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown, as for a pull request.")] = False,
    as_json: AsJson = False,
    fail_above: Annotated[
        float | None,
        typer.Option(
            "--fail-above",
            metavar="POINTS",
            min=0,
            max=100,
            help="Exit code 1 if a project moves by more than this.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Say what changed between two packs, and what that does to projects.

    Without --answers the packs are compared on ordinary projects, drawn from what the old pack expects to be answered.
    """
    from riskengine.assessment.build import load_pack
    from riskengine.authoring.diff.comparison import compare_packs
    from riskengine.authoring.diff.data import comparison_data
    from riskengine.authoring.diff.render import as_markdown, as_text
    from riskengine.cli.harmless import harmless
    from riskengine.cli.show import print_json

    if as_json and markdown:
        raise typer.BadParameter("choose one of the two", context, param_hint="'--markdown' with '--json'")
    found = compare_packs(load_pack(old), load_pack(new), answers or (), moved_by)
    if as_json:
        print_json(comparison_data(found))
    else:
        typer.echo(harmless(as_markdown(found) if markdown else as_text(found)), nl=False)
    if fail_above is not None and found.farthest > fail_above:
        typer.echo(f"a project moves by {found.farthest:.1f} points, more than {fail_above:g}", err=True)
        raise typer.Exit(EXIT_ABOVE)
