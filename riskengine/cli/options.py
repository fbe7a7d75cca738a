"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AsJson", "BaseRate", "DepartmentOption", "ModelOption", "PackArgument", "RulesOption"]

RulesOption = Annotated[
    Path | None,
    typer.Option("--rules", help="Another pack: a folder of YAML, or its one-file JSON.", show_default=False),
]
PackArgument = Annotated[
    Path | None,
    typer.Argument(help="A pack; the shipped one by default.", show_default=False),
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="A model file, or `none` for the rules' prior.", show_default=False),
]
BaseRate = Annotated[
    float | None,
    typer.Option("--base-rate", help="Your own base rate, such as 0.4.", show_default=False),
]
DepartmentOption = Annotated[
    str | None,
    typer.Option(
        "--department",
        help="The department or other part of the house that the project is of, if the answers don't say so.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
