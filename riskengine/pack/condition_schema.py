"""The part of the JSON Schemas that the models leave open: conditions, and answers in examples.

It mirrors the reader in `conditions`; a test holds the two together.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from riskengine.logic.conditions import ORDER_OPERATORS, Operator
from riskengine.pack.conditions import OPERATORS
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, RESERVED

__all__ = ["DEFINITIONS", "NAME", "NEW_NAME", "ref"]

Schema: TypeAlias = dict[str, Any]

NAME: Schema = {"type": "string", "pattern": "^[a-z_][a-z0-9_]*$", "maxLength": 64}
NEW_NAME: Schema = {**NAME, "not": {"enum": [name for name in RESERVED if name != NOT_APPLICABLE_LEVEL]}}


def ref(name: str) -> Schema:
    """Refer to a definition."""
    return {"$ref": f"#/$defs/{name}"}


_OPERATIONS: dict[Operator, str] = {
    "is": "The answer is this one.",
    "is_not": "It is asked, and answered by another one.",
    "in": "The answer is one of these.",
    "below": "Less than this, or a level before it.",
    "at_most": "This or less, or this level or one before it.",
    "at_least": "This or more, or this level or one after it.",
    "above": "More than this, or a level after it.",
}


def _condition(part: str, *, bare_words: bool) -> Schema:
    """Write a condition whose parts are conditions of the same kind.

    Args:
        part: The name of this definition.
        bare_words: Whether a conclusion may stand in it.
    """
    parts = {"type": "array", "minItems": 1, "items": ref(part)}
    words: Schema = {"type": ["object", "string"], "pattern": NAME["pattern"]} if bare_words else {"type": "object"}
    return {
        "description": "Tests on answers; several keys mean all of them."
        + (" A bare word is what another rule `concludes`." if bare_words else ""),
        **words,
        "minProperties": 1,
        "properties": {
            "all": {"title": "all", "description": "All of these hold.", **parts},
            "any": {"title": "any", "description": "One of these is enough.", **parts},
            "not": {**ref(part), "title": "not", "description": "This does not hold. What is not known stays unknown."},
            "at_least": {
                "title": "at_least",
                "description": "How many of the parts under `of` must hold.",
                "type": "integer",
                "minimum": 1,
            },
            "of": {"title": "of", "description": "The parts that `at_least` counts.", **parts},
        },
        "propertyNames": {"pattern": NAME["pattern"]},
        "additionalProperties": ref("test"),
        "dependentRequired": {"at_least": ["of"], "of": ["at_least"]},
    }


def _test() -> Schema:
    def operation(op: Operator) -> Schema:
        values = {"type": "array", "minItems": 1, "items": ref("value")} if op == "in" else ref("value")
        return {**values, "title": op, "description": _OPERATIONS[op]}

    return {
        "description": "What the answer shall be: a value, a list of which it is one, or operators such as "
        + ", ".join(f"`{op}`" for op in ORDER_OPERATORS)
        + ".",
        "type": ["string", "number", "array", "object"],
        "minLength": 1,
        "not": {"const": NOT_APPLICABLE_LEVEL},
        "minItems": 1,
        "items": ref("value"),
        "minProperties": 1,
        "properties": {op: operation(op) for op in OPERATORS},
        "additionalProperties": False,
    }


DEFINITIONS: dict[str, Schema] = {
    "condition": _condition("condition", bare_words=True),
    "gate": _condition("gate", bare_words=False),
    "test": _test(),
    "value": {"type": ["string", "number"], "minLength": 1, "not": {"const": NOT_APPLICABLE_LEVEL}},
    "answers": {"type": "object", "propertyNames": NAME, "additionalProperties": ref("answer")},
    "answer": {
        "description": f"A level, a number, or `{NOT_APPLICABLE_LEVEL}`; empty where it is not known.",
        "type": ["string", "number", "null"],
    },
}
"""What schemas of files refer to, by name."""
