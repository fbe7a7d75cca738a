"""`riskengine rules build`: the one-file JSON of a pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.options import PackArgument

__all__ = ["build"]


def build(
    pack: PackArgument = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Where to write it; standard output by default.", show_default=False),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", help="A trained model to put in.", show_default=False),
    ] = None,
) -> None:
    """Write the one-file JSON of a pack, which other programs read."""
    import json

    from riskengine.assessment.build import build as build_pack
    from riskengine.assessment.build import built_from, built_to_json, with_model, write_output
    from riskengine.assessment.model_file import read_model
    from riskengine.pack.locate import shipped
    from riskengine.pack.read import read_pack

    folder = pack or shipped("rules")
    built = build_pack(read_pack(folder))
    built = with_model(built) if model is None else built.using(read_model(model, built.pack, built.meaning_hash))
    form = built_to_json(built, built_from(folder) if folder.is_dir() else None)
    text = json.dumps(form, ensure_ascii=False, indent=1) + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_output(output, text)
        typer.echo(f"{output}: {built.pack.name} {built.pack.version}, hash {built.hash[:12]}", err=True)
