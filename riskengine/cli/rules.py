"""`riskengine rules`: the rule author's tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.options import AsJson

__all__ = ["app"]

app = typer.Typer(help="The rule author's tools.", no_args_is_help=True, rich_markup_mode=None)

Folder = Annotated[
    Path | None,
    typer.Argument(help="A pack; the shipped one by default.", show_default=False),
]


@app.command()
def check(pack: Folder = None, as_json: AsJson = False) -> None:
    """Check a pack and report every mistake of every file."""
    from riskengine.cli.show import print_json
    from riskengine.pack.facts import rails_of
    from riskengine.pack.locate import shipped
    from riskengine.pack.read import read_pack
    from riskengine.pack.warnings import warnings_of

    found = read_pack(pack or shipped("rules"))
    counts = {
        "questions": len(found.questions),
        "quantities": len(found.quantities),
        "rules": len(found.rules),
        "examples": sum(len(rule.examples) for rule in found.rules),
        "clauses": len(rails_of(found).clauses),
    }
    warnings = warnings_of(found)
    if as_json:
        listed_warnings = [problem.as_json() for problem in warnings]
        print_json({"ok": True, "name": found.name, "version": found.version, **counts, "warnings": listed_warnings})
    else:
        for problem in warnings:
            typer.echo(f"warning: {problem}", err=True)
        listed = ", ".join(f"{number} {name}" for name, number in counts.items())
        typer.echo(f"{found.name} {found.version}: {listed}; no mistakes")


@app.command()
def build(
    pack: Folder = None,
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
