"""The faulty files in `tests/faulty/`, and the problems that their comments expect.

A comment `# expect: RE-201 at 14:9` stands in a faulty file; `# expect: RE-105 in other.yaml` speaks of another
one, for files that cannot hold a comment. A case in `packs/` is laid over the small correct pack in `base/`; one that
extends a pack stands beside it instead. Those in `linted/` can be loaded, and lints find something.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from riskengine.errors import Problem

FAULTY = Path(__file__).parent / "faulty"
BASE = FAULTY / "base"
LINTED = sorted(path.name for path in (FAULTY / "linted").iterdir())
PACKS = sorted(path.name for path in (FAULTY / "packs").iterdir())
ANSWERS = sorted(path.name for path in (FAULTY / "answers").iterdir())

_EXPECTED = re.compile(rb"# expect: (RE-\d{3})(?: in (\S+))?(?: at (\d+):(\d+))?")

Fault: TypeAlias = tuple[str, str, int | None, int | None]
"""File, code, line and column."""


def stand_up(case: str, where: Path, kind: str = "packs") -> Path:
    """Put a faulty pack together, and give its folder."""
    source, folder = FAULTY / kind / case, where / "pack"
    shutil.copytree(BASE, where / "base")
    head = source / "pack.yaml"
    if not (head.is_file() and b"extends:" in head.read_bytes()):
        shutil.copytree(BASE, folder)
    shutil.copytree(source, folder, dirs_exist_ok=True)
    return folder


def expected(path: Path) -> Counter[Fault]:
    """Read the expectations of a file, or of all files of a folder, with file names relative to the folder."""
    folder = path if path.is_dir() else path.parent
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    return Counter(fault for file in files for fault in _expected(file, folder))


def _expected(file: Path, folder: Path) -> Iterator[Fault]:
    for found in _EXPECTED.finditer(file.read_bytes()):
        code, other, line, column = (None if part is None else part.decode() for part in found.groups())
        name = other or file.relative_to(folder).as_posix()
        yield name, str(code), int(line) if line else None, int(column) if column else None


def found(problems: tuple[Problem, ...], folder: Path) -> Counter[Fault]:
    """Give problems in the form of expectations."""
    return Counter(
        (os.path.relpath(one.source.file or folder, folder), one.code, one.source.line, one.source.column)
        for one in problems
    )
