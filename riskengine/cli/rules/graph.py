"""`riskengine rules graph`: the chain from questions to ends."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.options import PackArgument

__all__ = ["graph"]


class Format(StrEnum):
    """What a graph is written as."""

    mermaid = "mermaid"
    dot = "dot"
    svg = "svg"


def graph(
    pack: PackArgument = None,
    rule: Annotated[
        str | None,
        typer.Option("--rule", help="All that one rule depends on and feeds.", show_default=False),
    ] = None,
    question: Annotated[
        str | None,
        typer.Option("--question", help="All that one question feeds.", show_default=False),
    ] = None,
    area: Annotated[
        str | None,
        typer.Option("--area", help="The rules of one area, what they read and what they feed.", show_default=False),
    ] = None,
    full: Annotated[
        bool,
        typer.Option("--full", help="Of a whole pack, every question and rule, not just the chains."),
    ] = False,
    format: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.mermaid,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Where to write it; standard output by default.", show_default=False),
    ] = None,
) -> None:
    """Write the chain from questions over conclusions to ends as a graph: Mermaid, Graphviz DOT or SVG."""
    from riskengine.assessment.build import write_output
    from riskengine.authoring.pictures import graph_about, picture
    from riskengine.pack.locate import shipped
    from riskengine.pack.read import read_pack

    found = read_pack(pack or shipped("rules"))
    chosen = graph_about(found, rule=rule, question=question, area=area, is_full=full)
    text = picture(chosen, format.value)
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_output(output, text)
        typer.echo(f"{output}: {len(chosen.nodes)} nodes, {len(chosen.edges)} edges", err=True)
