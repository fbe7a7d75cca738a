"""What a file's node has instead of the shape that a model wants: pydantic's errors as problems with places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from riskengine.errors import Problem, Source, nearest, shorten
from riskengine.pack.nodes import Node, ScalarNode, locate, plain, quoted, shown

__all__ = ["read_model"]

_Model = TypeVar("_Model", bound=BaseModel)

_EXPECTED = {
    "string_type": ("a text", "numbers, `true`, `false` and `null` need quotes to be texts"),
    "float_type": ("a number", "write a number, without quotes"),
    "int_type": ("a whole number", "write a whole number, without quotes"),
    "bool_type": ("`true` or `false`", "write `true`, or leave it out"),
    "list_type": ("a list", "write `[...]`, or one `- ...` a line"),
    "dict_type": ("a mapping", "write `key: value`"),
    "model_type": ("a mapping", "write `key: value`"),
    "model_attributes_type": ("a mapping", "write `key: value`"),
}
_LIMITS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
_KEY = "[key]"


def read_model(model: type[_Model], node: Node, problems: list[Problem]) -> tuple[_Model | None, set[str]]:
    """Read a node into a model.

    Args:
        model: What it should be.
        node: What was written.
        problems: Problems found are added.

    Returns:
        The model, or `None` if there is a problem; and the keys of the node below which there is one.
    """
    try:
        return model.model_validate(plain(node)), set()
    except ValidationError as error:
        errors = error.errors(include_url=False)
    for one in _merged(errors, node):
        problems.append(_problem(one, node, model))
    return None, {str(one["loc"][0]) for one in errors if one["loc"]}


def _merged(errors: Sequence[Mapping[str, Any]], root: Node) -> list[Mapping[str, Any]]:
    """Put the errors of a union's branches together: there is one mistake, not one for each branch."""
    groups: dict[tuple[object, ...], list[Mapping[str, Any]]] = {}
    for one in errors:
        groups.setdefault(_union(one, root) or one["loc"], []).append(one)
    merged = []
    for group, members in groups.items():
        deeper = [one for one in members if len(one["loc"]) > len(group) + 1]
        if len(members) == 1 or deeper:
            merged += deeper or members
        elif all(one["type"] in _EXPECTED for one in members):
            words = " or ".join(dict.fromkeys(_EXPECTED[one["type"]][0] for one in members))
            merged.append({**members[0], "loc": group, "words": words})
        else:
            merged.append(next(one for one in members if one["type"] not in _EXPECTED))
    return merged


def _union(error: Mapping[str, Any], root: Node) -> tuple[Any, ...] | None:
    # a branch of a union has its name in the path, where the file has nothing of that name
    path: Sequence[Any] = error["loc"][:-1] if error["type"] == "missing" else error["loc"]
    for place in range(1, len(path)):
        if path[place] != _KEY and not locate(root, path[: place + 1])[2]:
            return tuple(path[:place])
    return None


def _problem(error: Mapping[str, Any], root: Node, model: type[BaseModel]) -> Problem:
    kind: str = error["type"]
    path = [part for part in error["loc"] if part != _KEY]
    node, key, _ = locate(root, path)
    if kind == "extra_forbidden":
        name = shorten(str(path[-1]))
        right = nearest(name, _field_names(model, path[:-1])) or "leave it out"
        return Problem("RE-103", f"unknown key `{name}`", right, (key or node).source, name)
    if kind == "missing":
        return Problem("RE-104", f"`{path[-1]}` is missing", "add it", node.source)
    if kind == "invalid_key":
        right = "keys are words"
        return Problem("RE-103", f"unknown key `{shorten(str(path[-1]))}`", right, (key or node).source, str(path[-1]))
    if key is not None and _KEY in error["loc"]:
        return _shape(error, key, "", key.source)
    about = f"`{shown(key)}`: " if key is not None else ""
    return _shape(error, node, about, node.source)


def _shape(error: Mapping[str, Any], node: Node, about: str, source: Source) -> Problem:
    kind: str = error["type"]
    context = error.get("ctx", {})
    value = shown(node)
    code = "RE-104"
    if kind in _EXPECTED:
        expected, right = _EXPECTED[kind]
        message = f"{error.get('words', expected)} expected, not {quoted(node)}"
        if isinstance(node, ScalarNode) and node.value is None:
            right = "write it, or leave the key out"
        elif "words" in error or not isinstance(node, ScalarNode):
            right = f"write {error.get('words', expected)}"
    elif kind == "literal_error":
        choices = re.findall(r"'([^']*)'", context["expected"])
        message = f"{quoted(node)} is not one of its words"
        right = nearest(value, choices) or f"only `{context['expected'].lower()}`"
    elif kind == "string_pattern_mismatch":
        message = f"{quoted(node)} is not a name"
        right = "small letters, digits and underscores; in ids of rules, hyphens"
    elif found := [name for name in _LIMITS if name in context]:
        code = "RE-203"
        message = f"{quoted(node)} is out of range"
        right = f"{_LIMITS[found[0]]} {context[found[0]]:g}"
    elif kind == "finite_number":
        code, message, right = "RE-203", f"{quoted(node)} is out of range", "a number that ends"
    else:
        message, right = _size(kind, context, node)
    return Problem(code, about + message, right, source, value)


def _size(kind: str, context: Mapping[str, Any], node: Node) -> tuple[str, str]:
    what = "characters" if kind.startswith("string") else "entries"
    if kind.endswith("too_short"):
        if context["min_length"] == 1:
            return "nothing is written here", "write something, or leave the key out"
        return f"{quoted(node)} with too few {what}", f"at least {context['min_length']}"
    return f"{quoted(node)} with too many {what}", f"at most {context['max_length']:,}"


def _field_names(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    current: type[BaseModel] = model
    for part in path:
        if isinstance(part, str) and part in current.model_fields:
            current = _model_in(current.model_fields[part].annotation) or current
    return [info.alias or name for name, info in current.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((one for one in inner if one is not None), None)
