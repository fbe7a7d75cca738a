"""`riskengine rules docs`: the catalogue of a pack for a documentation site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.options import PackArgument

__all__ = ["docs"]


def docs(
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help="The folder to write; an earlier catalogue in it is replaced."),
    ],
    pack: PackArgument = None,
) -> None:
    """Write the catalogue of a pack as Markdown: a page for each rule, the questionnaire, ends and sources."""
    from riskengine.authoring.catalogue import MARK, catalogue
    from riskengine.authoring.folder import write_folder
    from riskengine.pack.locate import shipped
    from riskengine.pack.read import read_pack

    path = pack or shipped("rules")
    pages = catalogue(read_pack(path), path)
    write_folder(output, pages, mark=MARK)
    typer.echo(f"{output}: {len(pages)} pages", err=True)
