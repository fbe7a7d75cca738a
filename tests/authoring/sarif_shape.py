"""The part of SARIF 2.1.0 that reports use, as a JSON Schema written from the standard (numbers are its sections).

Stricter than the standard's own schema: a property that reports do not use is refused, so that a misspelt one shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["SARIF"]


def _object(required: str, **properties: Any) -> Mapping[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required.split(),
        "properties": properties,
    }


_TEXT = {"type": "string", "minLength": 1}
_FROM_1 = {"type": "integer", "minimum": 1}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
_MESSAGE = _object("text", text=_TEXT)
_BAG = {"type": "object"}  # 3.8

_DESCRIPTOR = _object(  # 3.49
    "id",
    id=_TEXT,
    shortDescription=_MESSAGE,
    fullDescription=_MESSAGE,
    help=_MESSAGE,
    defaultConfiguration=_object("", level=_LEVEL),  # 3.50
    properties=_BAG,
)
_LOCATION = _object(  # 3.28 to 3.30
    "physicalLocation",
    physicalLocation=_object(
        "artifactLocation",
        artifactLocation=_object("uri", uri={"type": "string", "format": "uri-reference"}),
        region=_object("startLine", startLine=_FROM_1, startColumn=_FROM_1),
    ),
    logicalLocations={"type": "array", "items": _object("", name=_TEXT, kind=_TEXT)},  # 3.33
)
_RESULT = _object(  # 3.27
    "message",
    ruleId=_TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=_LEVEL,
    message=_MESSAGE,
    locations={"type": "array", "items": _LOCATION},
    partialFingerprints={"type": "object", "additionalProperties": _TEXT},
    properties=_BAG,
)
_RUN = _object(  # 3.14
    "tool",
    tool=_object(
        "driver",
        driver=_object(
            "name",
            name=_TEXT,
            version=_TEXT,
            rules={"type": "array", "uniqueItems": True, "items": _DESCRIPTOR},
            properties=_BAG,
        ),
    ),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    invocations={
        "type": "array",
        "items": _object(  # 3.20
            "executionSuccessful",
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications={"type": "array", "items": _object("message", level=_LEVEL, message=_MESSAGE)},
        ),
    },
    results={"type": "array", "items": _RESULT},
    properties=_BAG,
)
SARIF = {  # 3.13
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_object(
        "version runs",
        **{"$schema": {"type": "string", "format": "uri"}},
        version={"const": "2.1.0"},
        runs={"type": "array", "items": _RUN},
    ),
}
