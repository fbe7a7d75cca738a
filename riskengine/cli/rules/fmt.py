"""`riskengine rules fmt`: one layout for the files of every pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["fmt"]

_CHANGED = 1


def fmt(
    pack: Annotated[
        Path | None,
        typer.Argument(
            help="The folder of a pack, or one of its files; the shipped pack by default.", show_default=False
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit code 1 if a file is laid out otherwise."),
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; print what would change.")] = False,
) -> int:
    """Lay out the files of a pack in the one way; comments stay, and no meaning changes."""
    from riskengine.assessment.build import write_output
    from riskengine.authoring.fmt import diff as diff_of
    from riskengine.authoring.fmt import format_pack
    from riskengine.cli.harmless import harmless
    from riskengine.pack.locate import shipped

    files = format_pack(pack or shipped("rules"))
    changed = [one for one in files if one.changes]
    is_dry = check or diff
    for one in changed:
        if diff:
            typer.echo(harmless(diff_of(one)), nl=False)
        if not is_dry:
            write_output(one.path, one.after)
        typer.echo(harmless(f"{one.path}: {'to be laid out anew' if is_dry else 'laid out anew'}"), err=True)
    typer.echo(f"{len(files)} files, {len(changed)} {'to change' if is_dry else 'changed'}", err=True)
    return _CHANGED if check and changed else 0
