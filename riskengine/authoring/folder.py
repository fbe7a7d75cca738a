"""A folder of pages, written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from riskengine.errors import Problem, ProblemError, Source

__all__ = ["write_folder"]


def write_folder(folder: Path, pages: Mapping[str, str], *, mark: str) -> None:
    """Write pages into a folder of their own, in place of those that an earlier run wrote.

    Args:
        folder: The folder; its parent must be there.
        pages: Text by path inside the folder; one of them is `index.md`.
        mark: The first line of each page, by which an earlier run's folder is known.

    Raises:
        ProblemError: RE-801 if the folder holds something else, or can't be written; what was there
            before is there still.
    """
    target = Path(os.path.realpath(folder))
    try:
        _refuse_foreign(target, folder, mark)
        _replace(target, pages)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        message = f"the folder cannot be written: {reason}"
        help = "name a folder in one that is there and that you may write to"
        raise ProblemError(Problem("RE-801", message, help, Source(str(folder)))) from None


def _refuse_foreign(target: Path, folder: Path, mark: str) -> None:
    if not target.exists():
        return
    is_folder = target.is_dir()
    if is_folder and (not any(target.iterdir()) or _begins_with(target / "index.md", mark)):
        return
    message = "this folder holds something else than a catalogue" if is_folder else "this is a file"
    raise ProblemError(Problem("RE-801", message, "name an empty or a new folder", Source(str(folder))))


def _begins_with(path: Path, mark: str) -> bool:
    if not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline().rstrip("\n") == mark


def _replace(target: Path, pages: Mapping[str, str]) -> None:
    made = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        _fill(made / "new", pages)
        if target.exists():
            target.rename(made / "old")
        try:
            (made / "new").rename(target)
        except BaseException:
            if (made / "old").exists():
                (made / "old").rename(target)
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _fill(folder: Path, pages: Mapping[str, str]) -> None:
    folder.mkdir()
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
