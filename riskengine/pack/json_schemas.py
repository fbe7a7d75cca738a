"""JSON Schemas (2020-12) of the files of a pack, for editors: made from the models that the loader reads them by.

What the models leave open is added: conditions, which the loader reads by hand, and what must stand beside what. A
schema knows the shape of one file. Whether a question exists, whether shares add up, whether an example is right: that
takes the whole pack, and `riskengine rules check` says it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import BaseModel

from riskengine.pack import schema
from riskengine.pack.answers_schema import DIALECT, answers_file_schema
from riskengine.pack.condition_schema import DEFINITIONS, NAME, NEW_NAME, ref
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack
from riskengine.pack.schema_names import name_things

__all__ = ["FILE_KINDS", "FOLDER", "FileKind", "file_schema", "hint", "schema_name", "schemas_of", "written"]

Schema: TypeAlias = dict[str, Any]

FOLDER = "schemas"
"""Where a pack keeps its schemas, beside `pack.yaml`."""

_CHANGES = ("id", "weight", "off")
_ABSENT: Schema = {"type": "null"}


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file in a pack.

    Attributes:
        model: What the loader reads it by.
        about: What it is.
        uses: The definitions of conditions that it needs.
    """

    model: type[BaseModel]
    about: str
    uses: tuple[str, ...] = ()


FILE_KINDS: Mapping[str, FileKind] = {
    "pack": FileKind(schema.PackFile, "The head of a pack, pack.yaml."),
    "questionnaire": FileKind(
        schema.QuestionnaireFile, "A file of questions and quantities.", ("gate", "test", "value")
    ),
    "rules": FileKind(schema.RuleFile, "A file of rules.", ("condition", "test", "value", "answers", "answer")),
    "sources": FileKind(schema.SourcesFile, "A file of sources that rules cite."),
    "tests": FileKind(schema.ProjectTestFile, "A file of tests, *.test.yaml.", ("answers", "answer")),
}
"""The kinds of files in a pack, by the names of their schemas."""


def file_schema(kind: str, pack: Pack | None = None) -> Schema:
    """Make the schema of one kind of file.

    Args:
        kind: One of `FILE_KINDS`.
        pack: A pack whose names an editor shall offer and explain. What is accepted does not depend on it, so that a
            question added since is no mistake.

    Examples:
        >>> file_schema("sources")["required"]
        ['sources']
    """
    file = FILE_KINDS[kind]
    made = _titled(_plain(file.model.model_json_schema()))
    definitions = made.pop("$defs", {})
    for name, entry in {**definitions, file.model.__name__: made}.items():
        _COMPLETE.get(name, _leave)(entry)
    definitions |= {name: copy.deepcopy(DEFINITIONS[name]) for name in file.uses}
    if pack is not None:
        name_things(definitions, pack)
    return {"$schema": DIALECT, "title": file.about, **made, "description": file.about, "$defs": definitions}


def schemas_of(pack: Pack) -> dict[str, Schema]:
    """Make all schemas that belong beside a pack: of its files, and of `answers` to its questions.

    Args:
        pack: The pack.

    Returns:
        Schemas by kind.
    """
    return {**{kind: file_schema(kind, pack) for kind in FILE_KINDS}, "answers": answers_file_schema(pack)}


def schema_name(kind: str) -> str:
    """Give the name of a schema's file."""
    return f"{kind}.schema.json"


def written(made: Mapping[str, Any]) -> str:
    """Write a schema as text, as it stands in a file."""
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


def hint(kind: str, folder: str = FOLDER) -> str:
    """Give the line that tells an editor which schema a file has.

    Args:
        kind: The kind of file.
        folder: Where the schemas are, seen from the file.

    Examples:
        >>> hint("rules")
        '# yaml-language-server: $schema=schemas/rules.schema.json'
    """
    return f"# yaml-language-server: $schema={folder}/{schema_name(kind)}"


def _plain(part: Any) -> Any:
    """Leave out what pydantic adds and no reader needs, and refuse keys that fit no pattern."""
    if isinstance(part, list):
        return [_plain(one) for one in part]
    if not isinstance(part, dict):
        return part
    # a property may be called `title` too: that one is a mapping
    idle = [key for key, value in part.items() if key == "default" or (key == "title" and isinstance(value, str))]
    kept = {key: _plain(value) for key, value in part.items() if key not in idle}
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    return kept


def _titled(part: Any) -> Any:
    """Give each property its own name as a title, which editors show above what they say of it."""
    if isinstance(part, list):
        return [_titled(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {key: _titled(value) for key, value in part.items()}
    if isinstance(part.get("properties"), dict):
        made["properties"] = {key: {"title": key, **value} for key, value in made["properties"].items()}
    return made


# --- what must stand beside what ---------------------------------------------------------------------------


def _given(*keys: str) -> Schema:
    """Say that these keys are there and hold something: nothing behind a colon is as good as no key."""
    return {"required": list(keys), "properties": {key: {"not": _ABSENT} for key in keys}}


def _is(key: str, value: object) -> Schema:
    return {"required": [key], "properties": {key: {"const": value}}}


def _without(keys: Iterable[str]) -> Schema:
    return {"properties": dict.fromkeys(keys, _ABSENT)}


def _leave(entry: Schema) -> None:
    """Add nothing: the model says all."""


def _set(entry: Schema, key: str, made: Schema) -> None:
    """Give a property the schema that its model leaves open, and keep its description."""
    entry["properties"][key] = {**made, "title": key, "description": entry["properties"][key]["description"]}


def _base_rate(entry: Schema) -> None:
    entry["allOf"] = [
        {"if": _given("low"), "then": _given("high")},
        {"if": _given("high"), "then": _given("low")},
    ]


def _head(entry: Schema) -> None:
    needed = ("licence", "base_rate", "spread", "coherence", "ends", "risk_levels", "areas", "phases")
    entry["if"] = _given("extends")
    entry["then"] = {"properties": {"ends": False, "phases": False}}
    entry["else"] = _given(*needed)


def _question(entry: Schema) -> None:
    _set(entry, "id", NEW_NAME)
    for key in ("ask_when", "due_when"):
        _set(entry, key, {"anyOf": [ref("gate"), _ABSENT]})
    entry["allOf"] = [
        {"if": _is("type", "choice"), "then": _joined(_given("levels"), _leveled(), _worse("first", "last"))},
        {"if": _is("type", "yes_no"), "then": _joined(_without(["levels"]), _yes_no(), _worse("yes", "no"))},
        {"if": _is("type", "number"), "then": _joined(_given("minimum", "maximum"), _counted(), _worse("low", "high"))},
        {"if": _is("worse", "none"), "then": _given("worse_reason"), "else": _without(["worse_reason"])},
        {
            "if": _is("may_not_apply", True),
            "then": {"properties": {"shares": {"required": [NOT_APPLICABLE_LEVEL]}}},
            "else": {"properties": {"shares": {"properties": {NOT_APPLICABLE_LEVEL: False}}}},
        },
    ]


def _joined(*parts: Schema) -> Schema:
    return {"allOf": list(parts)}


def _worse(*words: str) -> Schema:
    return {"properties": {"worse": {"enum": [*words, "none"]}}}


def _leveled() -> Schema:
    share = {"minimum": 0, "maximum": 1}
    shares = {"propertyNames": {"pattern": f"{NAME['pattern']}|^n/a$"}, "additionalProperties": share}
    return {"properties": {"shares": shares, **dict.fromkeys(("unit", "minimum", "maximum"), _ABSENT)}}


def _yes_no() -> Schema:
    shares = {"required": ["no", "yes"], "propertyNames": {"enum": ["no", "yes", NOT_APPLICABLE_LEVEL]}}
    return _joined(_leveled(), {"properties": {"shares": shares}})


def _counted() -> Schema:
    shares = {
        "minProperties": 2,
        "propertyNames": {"pattern": "^(n/a|[-+.0-9].*)$"},
        "properties": {NOT_APPLICABLE_LEVEL: {"minimum": 0, "exclusiveMaximum": 1}},
    }
    return {"properties": {"shares": shares, "levels": _ABSENT}}


def _questionnaire(entry: Schema) -> None:
    entry["anyOf"] = [{"required": ["questions"]}, {"required": ["quantities"]}]


def _quantity(entry: Schema) -> None:
    _set(entry, "id", NEW_NAME)
    entry["oneOf"] = [_given(op) for op in ("sum", "difference", "product", "ratio")]


def _rule(entry: Schema) -> None:
    _set(entry, "when", ref("condition"))
    _set(entry, "concludes", {"anyOf": [NEW_NAME, _ABSENT]})
    entry["if"] = _IS_CHANGE
    entry["then"] = {"propertyNames": {"enum": list(_CHANGES)}, "anyOf": [_given("weight"), _given("off")]}
    entry["else"] = _joined(
        _given("title", "when"),
        {"anyOf": [_given("weight"), _given("concludes"), _given("warns")]},
        {
            "if": _given("warns"),
            "then": _joined(_without(["weight", "group"]), {"properties": {"leads_to": {"maxItems": 0}}}),
        },
    )


_IS_CHANGE: Schema = {"anyOf": [{"propertyNames": {"enum": list(_CHANGES)}}, {"required": ["off"]}]}


def _rule_file(entry: Schema) -> None:
    of_area = {"anyOf": [_IS_CHANGE, _given("area")]}
    entry["if"] = {"not": _given("area")}
    entry["then"] = {"properties": {"rules": {"items": of_area}}}


def _example(entry: Schema) -> None:
    _set(entry, "answers", ref("answers"))


_COMPLETE: Mapping[str, Callable[[Schema], None]] = {
    "BaseRateModel": _base_rate,
    "PackFile": _head,
    "QuestionModel": _question,
    "QuantityModel": _quantity,
    "QuestionnaireFile": _questionnaire,
    "RuleModel": _rule,
    "RuleFile": _rule_file,
    "ExampleModel": _example,
    "ProjectTestModel": _example,
}
