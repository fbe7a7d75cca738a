"""`riskengine rules new`: a small pack of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["new"]


def new(
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits and hyphens.", show_default=False)],
    folder: Annotated[
        Path,
        typer.Option("-o", "--output", help="The folder in which it is made; the current one by default."),
    ] = Path(),
) -> None:
    """Write a small pack that extends the shipped one, with a test, ready to edit."""
    from riskengine.authoring.new_pack import write_new_pack

    files = write_new_pack(name, folder)
    typer.echo("\n".join(str(file) for file in files))
    typer.echo(f"next: riskengine rules test {files[0].parent}", err=True)
