"""A pack by its name or path: the shipped one, a folder of YAML, or a one-file JSON."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import NoReturn

from riskengine.errors import Problem, ProblemError, Source
from riskengine.pack.files import MAX_FILE_BYTES, pack_files
from riskengine.pack.json_form import pack_from_json
from riskengine.pack.load import load_folder
from riskengine.pack.locate import SHIPPED_NAME, shipped
from riskengine.pack.model import Pack
from riskengine.pack.nodes import MappingNode, ScalarNode
from riskengine.pack.source import read_bytes, read_yaml

__all__ = ["MAX_JSON_BYTES", "chain_of", "content_digest", "is_folder", "read_form", "read_pack"]

MAX_JSON_BYTES = 50_000_000
MAX_EXTENDS = 10


def is_folder(path: Path) -> bool:
    """Say whether a path is a folder; a path that no file system takes is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def read_pack(path: Path, *, states: bool = True) -> Pack:
    """Read a pack from a folder of YAML or a one-file JSON.

    Args:
        path: The folder or the file.
        states: Whether an example that contradicts its rule is a problem (RE-207); where not, the caller compares
            the examples with the rules. The packs that this one extends are checked in any case.

    Raises:
        ProblemError: with everything that is wrong.
    """
    return _read(path, (), states=states)


def read_form(path: Path) -> dict[str, object]:
    """Read the data of a one-file JSON pack.

    Raises:
        ProblemError: RE-105 if it can't be read, RE-109 if it is no JSON object.
    """
    content = read_bytes(path, limit=MAX_JSON_BYTES)
    source = Source(str(path))
    right = "make one with `riskengine rules build`, or name the folder of a pack"
    try:
        form = json.loads(content, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        message = f"this is no usable one-file pack: {error.msg.lower()}"
        place = Source(str(path), error.lineno, error.colno)
        raise ProblemError(Problem("RE-109", message, right, place)) from None
    except (ValueError, RecursionError) as error:
        message = f"this is no usable one-file pack: {error}"
        raise ProblemError(Problem("RE-109", message, right, source)) from None
    if not isinstance(form, dict):
        raise ProblemError(Problem("RE-109", "this is no usable one-file pack: it holds no object", right, source))
    return form


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"`{word}` is no number")


def content_digest(folder: Path) -> str:
    """Hash the files that a folder's pack is made of, those of the packs it extends included.

    Raises:
        ProblemError: RE-105 if there is no pack, or a file of it can't be read.
    """
    return _digest(folder.resolve(), ())


def chain_of(path: Path) -> tuple[Path, ...]:
    """Give where a pack is, and then the packs that it extends, as far as they can be found.

    Args:
        path: The folder or the file of the pack.
    """
    found = [_resolved(path)]
    while is_folder(found[-1]) and len(found) <= MAX_EXTENDS:
        try:
            name = _extends(read_bytes(found[-1] / "pack.yaml", limit=MAX_FILE_BYTES))
        except ProblemError:
            break
        if name is None:
            break
        found.append(_resolve(name, found[-1]))
    return tuple(dict.fromkeys(found))


def _digest(folder: Path, chain: tuple[Path, ...]) -> str:
    hasher = hashlib.sha256()
    extends: str | None = None
    for number, path in enumerate(pack_files(folder)):
        content = read_bytes(path, limit=MAX_FILE_BYTES)
        hasher.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        hasher.update(content)
        extends = _extends(content) if number == 0 else extends
    if extends is not None and len(chain) < MAX_EXTENDS:
        hasher.update(_digest_of_base(_resolve(extends, folder), (*chain, folder)).encode())
    return hasher.hexdigest()


def _digest_of_base(path: Path, chain: tuple[Path, ...]) -> str:
    if is_folder(path):
        return _digest(path, chain)
    return hashlib.sha256(read_bytes(path, limit=MAX_JSON_BYTES)).hexdigest()


def _extends(content: bytes) -> str | None:
    # only to find the other files: the loader reads the file again, with every check
    try:
        node = read_yaml(content, None, aliases=True)
    except ProblemError:
        return None
    name = node.get("extends") if isinstance(node, MappingNode) else None
    return name.value if isinstance(name, ScalarNode) and isinstance(name.value, str) else None


def _resolve(name: str, folder: Path) -> Path:
    if name == SHIPPED_NAME:
        return shipped("rules").resolve()
    return _resolved(folder / name)


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):
        # a name that no file can have, or links in a circle; reading it says so
        return path


def _read(path: Path, chain: tuple[Path, ...], *, states: bool = True) -> Pack:
    resolved = _resolved(path)
    if resolved in chain or len(chain) >= MAX_EXTENDS:
        message = f"packs extend each other: {' -> '.join(one.name for one in (*chain, resolved))}"
        right = "a pack extends at last one that extends none"
        raise ProblemError(Problem("RE-106", message, right, Source(str(path))))
    if is_folder(path):
        return load_folder(path, lambda name, folder: _read(_resolve(name, folder), (*chain, resolved)), states=states)
    return pack_from_json(read_form(path), str(path))
