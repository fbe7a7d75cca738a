"""Files in, nodes with positions out: YAML 1.2 core schema and JSON, bounded in size, depth and number."""

from __future__ import annotations

import stat
from pathlib import Path

import yaml

from riskengine.errors import Problem, ProblemError, Source
from riskengine.pack._json import JsonReader
from riskengine.pack._yaml import YamlReader
from riskengine.pack.nodes import (
    MAX_DEPTH,
    MAX_NODES,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    plain,
    quoted,
    shown,
)

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_NODES",
    "MappingNode",
    "Node",
    "ScalarNode",
    "SequenceNode",
    "decode",
    "plain",
    "quoted",
    "read_bytes",
    "read_json",
    "read_yaml",
    "shown",
    "yaml_text",
]

MAX_BYTES = 1_000_000


def read_bytes(path: Path, *, limit: int = MAX_BYTES, code: str = "RE-105") -> bytes:
    """Read a file that must be a readable, ordinary file of bounded size.

    Args:
        path: The file.
        limit: Bytes at most.
        code: The code of the problem if it can't be read.

    Raises:
        ProblemError: with `code` if it is missing, unreadable, or no ordinary file (a pipe could keep a reader
            waiting for ever); RE-214 if a file of a pack is too large, RE-306 if another one is.
    """
    source = Source(file=str(path))
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise ProblemError(Problem(code, "this is a directory", "name a file in it", source))
        if not stat.S_ISREG(kind):
            raise ProblemError(Problem(code, "this is no ordinary file", "save its content in one", source))
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ProblemError(
            Problem(code, f"the file cannot be read: {reason}", "name a file that you may read", source)
        ) from None
    except ProblemError:
        raise
    except ValueError as error:
        # a name with a character that no file can have
        raise ProblemError(
            Problem(code, f"the file cannot be read: {error}", "name a file that you may read", source)
        ) from None
    if len(content) > limit:
        too_large = "RE-214" if code == "RE-105" else "RE-306"
        message = f"the file is larger than {limit:,} bytes"
        raise ProblemError(Problem(too_large, message, "look whether it is the right file", source))
    return content


def decode(content: bytes, file: str | None) -> str:
    """Decode UTF-8, with or without a byte order mark.

    Raises:
        ProblemError: RE-107 with the place of the first byte that is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise ProblemError(
            Problem(
                "RE-107",
                f"byte {error.start} is not UTF-8",
                "save the file with the encoding UTF-8",
                Source(file, line, column),
                f"0x{content[error.start]:02x}",
            )
        ) from None


def read_yaml(
    content: bytes, file: str | None, *, aliases: bool = False, twice: list[Problem] | None = None
) -> Node | None:
    """Parse one YAML document into nodes with positions.

    Args:
        content: The bytes of the file.
        file: Its name, for positions.
        aliases: Whether anchors and aliases are allowed; an alias counts as all nodes it stands for.
        twice: Where given, keys that stand twice are added here, and the first is taken, so that what else is
            wrong in the file can be found as well; else they are raised.

    Returns:
        The document's root, or `None` if there is no document.

    Raises:
        ProblemError: RE-101, RE-102, RE-107, RE-214 or RE-108, all with the place.
    """
    return _one(YamlReader(decode(content, file), file, aliases).read(), twice)


def read_json(content: bytes, file: str | None, *, twice: list[Problem] | None = None) -> Node | None:
    """Parse one JSON document into nodes with positions.

    Args:
        content: The bytes of the file.
        file: Its name, for positions.
        twice: Where given, keys that stand twice are added here, and the first is taken; else they are raised.

    Returns:
        The document's root, or `None` if the text is blank.

    Raises:
        ProblemError: RE-101, RE-102, RE-107 or RE-214, all with the place.
    """
    return _one(JsonReader(decode(content, file), file).read(), twice)


def _one(read: tuple[Node | None, list[Problem]], twice: list[Problem] | None) -> Node | None:
    root, problems = read
    if twice is not None:
        twice += problems
    elif problems:
        raise ProblemError(problems)
    return root


def yaml_text(value: object) -> str:
    """Write plain data as YAML that `read_yaml` reads back: keys in their order, words such as `no` quoted.

    Args:
        value: Mappings, lists, texts, numbers and `None`.
    """
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
