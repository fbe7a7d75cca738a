"""The JSON Schemas of a pack, written beside it."""

from __future__ import annotations

from pathlib import Path

from riskengine.assessment.build import write_output
from riskengine.errors import Problem, ProblemError, Source
from riskengine.pack.json_schemas import schema_name, schemas_of, written
from riskengine.pack.model import Pack

__all__ = ["write_schemas"]


def write_schemas(pack: Pack, folder: Path) -> tuple[Path, ...]:
    """Write the schemas of a pack's files and of answers to it.

    Args:
        pack: The pack whose names an editor shall offer and explain.
        folder: Where to; it is made if it is not there, and schemas that are there are replaced.

    Returns:
        The files written.

    Raises:
        ProblemError: RE-801 if the folder can't be made, or a file can't be written.
    """
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        right = "name a folder in one that is there and that you may write to"
        message = f"the folder cannot be made: {reason}"
        raise ProblemError(Problem("RE-801", message, right, Source(str(folder)))) from None
    paths = []
    for kind, made in schemas_of(pack).items():
        paths.append(folder / schema_name(kind))
        write_output(paths[-1], written(made))
    return tuple(paths)
