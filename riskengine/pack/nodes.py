"""Nodes: what YAML and JSON are read into, every value with the place where it stands."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from riskengine.errors import Problem, Source, shorten

__all__ = [
    "MAX_DEPTH",
    "MAX_NODES",
    "MappingNode",
    "Node",
    "Scalar",
    "ScalarNode",
    "SequenceNode",
    "core_scalar",
    "duplicate",
    "locate",
    "plain",
    "quoted",
    "shown",
]

MAX_DEPTH = 60
MAX_NODES = 200_000

Scalar: TypeAlias = "str | int | float | bool | None"


@dataclass(frozen=True, slots=True, eq=False)
class ScalarNode:
    """A scalar, its value by the core schema, and its text as written."""

    value: Scalar
    text: str
    source: Source


@dataclass(frozen=True, slots=True, eq=False)
class SequenceNode:
    """A list."""

    items: tuple[Node, ...]
    source: Source


@dataclass(frozen=True, slots=True, eq=False)
class MappingNode:
    """A mapping; keys are scalars, and no key stands twice."""

    entries: tuple[tuple[ScalarNode, Node], ...]
    source: Source

    def get(self, key: str) -> Node | None:
        """Give the value of a key, or `None`."""
        for name, value in self.entries:
            if name.value == key:
                return value
        return None


Node: TypeAlias = "ScalarNode | SequenceNode | MappingNode"


def plain(node: Node) -> object:
    """Give the node as plain Python data, without positions."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    return {key.value: plain(value) for key, value in node.entries}


def shown(node: Node) -> str:
    """Give the node's value as a message shows it: what was written, cut to a readable length."""
    if isinstance(node, SequenceNode):
        return "a list"
    if isinstance(node, MappingNode):
        return "a mapping"
    return shorten(node.text)


def quoted(node: Node) -> str:
    """Give the node's value as a message names it: in backticks, or in words where it has no text."""
    if isinstance(node, ScalarNode):
        return f"`{shown(node)}`" if node.text else "nothing"
    return shown(node)


def locate(root: Node, path: Iterable[object]) -> tuple[Node, ScalarNode | None, bool]:
    """Follow a path of keys and places in lists as far as it goes; parts that lead nowhere are passed over.

    Args:
        root: Where the path starts.
        path: Keys, and numbers of list items.

    Returns:
        The node reached, the key it stands under (`None` for list items), and whether every part led on.
    """
    node, found_key, complete = root, None, True
    for part in path:
        step = _step(node, part)
        if step is None:
            complete = False
        else:
            found_key, node = step
    return node, found_key, complete


def _step(node: Node, part: object) -> tuple[ScalarNode | None, Node] | None:
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.items):
        return None, node.items[part]
    if isinstance(node, MappingNode):
        for key, value in node.entries:
            if part in (key.value, key.text) or str(key.value) == str(part):
                return key, value
    return None


_INT = re.compile(r"[-+]?[0-9]+")
_RADIX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}


def core_scalar(text: str) -> Scalar:
    """Resolve a plain scalar by the core schema of YAML 1.2 (section 10.3.2).

    Examples:
        >>> core_scalar("no"), core_scalar("010"), core_scalar("1:30"), core_scalar("0x1F")
        ('no', 10, '1:30', 31)
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        # a number of more digits than a double can hold is as good as infinite
        return int(text) if len(text) <= 300 else math.copysign(math.inf, -1 if text[0] == "-" else 1)
    if _RADIX.fullmatch(text):
        return int(text, 0) if len(text) <= 250 else math.inf
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def duplicate(keys: dict[object, Source], node: ScalarNode) -> Problem | None:
    """Note a key of a mapping, and give the problem if it stands there already.

    Args:
        keys: The marks of the keys before it; its own are added.
        node: The key.
    """
    # what is written alike, or means the same: `1` and `1.0`
    marks = (node.text, ("value", node.value))
    first = next((keys[mark] for mark in marks if mark in keys), None)
    if first is None:
        keys.update(dict.fromkeys(marks, node.source))
        return None
    return Problem(
        "RE-102",
        f"`{shown(node)}` stands twice in this mapping",
        f"it stands in line {first.line} already; keep one of the two",
        node.source,
        shown(node),
    )
