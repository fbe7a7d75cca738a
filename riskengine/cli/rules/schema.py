"""`riskengine rules schema`: JSON Schemas by which an editor completes and checks the files of a pack."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from riskengine.cli.options import PackArgument

__all__ = ["Kind", "schema"]


class Kind(StrEnum):
    """What a schema can be of."""

    PACK = "pack"
    QUESTIONNAIRE = "questionnaire"
    RULES = "rules"
    SOURCES = "sources"
    TESTS = "tests"
    ANSWERS = "answers"


def schema(
    pack: PackArgument = None,
    kind: Annotated[
        Kind | None,
        typer.Option("--kind", help="Only the schema of this kind of file.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="The folder for all of them, or the file for one kind.", show_default=False
        ),
    ] = None,
) -> None:
    """Write the JSON Schemas by which an editor completes and checks a pack and its answers files.

    The first line of a file names its schema: `# yaml-language-server: $schema=schemas/rules.schema.json`.
    """
    from riskengine.assessment.build import write_output
    from riskengine.authoring.schemas import write_schemas
    from riskengine.pack.json_schemas import schemas_of, written
    from riskengine.pack.locate import shipped
    from riskengine.pack.read import read_pack

    if kind is None and output is None:
        raise typer.BadParameter("a folder for all schemas, or `--kind` for one of them", param_hint="'-o'")
    found = read_pack(pack or shipped("rules"))
    if kind is not None:
        text = written(schemas_of(found)[kind])
        if output is None:
            typer.echo(text, nl=False)
        else:
            write_output(output, text)
    elif output is not None:
        for path in write_schemas(found, output):
            typer.echo(str(path), err=True)
