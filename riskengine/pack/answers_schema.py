"""The JSON Schema (2020-12) of an answers file, for editors, and the answers to one question as a schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, TypeAlias

from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question

__all__ = ["DIALECT", "DOES_NOT_APPLY", "answers_file_schema", "choices", "number", "plain_number", "words"]

Schema: TypeAlias = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DOES_NOT_APPLY = "Does not apply"
_LONGEST_NOTE = 10_000
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def answers_file_schema(pack: Pack) -> Schema:
    """Make the schema of an answers file: for an editor that completes and checks it.

    It accepts what `assess` accepts, be it the flat mapping or the one with `answers:` and a few facts around it; of
    `date` only the usual form.

    Args:
        pack: The pack whose questions are answered.
    """
    schema: Schema = {
        "$schema": DIALECT,
        "title": f"Answers file for {pack.name} {pack.version}",
        "description": "Question and answer; or `answers` with question and answer below it, and a few facts around.",
        "type": "object",
    }
    flat = {"$ref": "#/$defs/answers"}
    definitions: Schema = {"answers": _answers(pack)}
    if "answers" in pack.question:
        return {**schema, **flat, "$defs": definitions}
    definitions |= {"file": _envelope(pack), "texts": _texts(pack)}
    around = {"properties": {"answers": {}}, "required": ["answers"]}
    chosen = {"if": around, "then": {"$ref": "#/$defs/file"}, "else": flat}
    return {**schema, **chosen, "$defs": definitions}


def _envelope(pack: Pack) -> Schema:
    text = {"type": ["string", "number", "boolean", "null"], "maxLength": _LONGEST_NOTE}
    open_or = {"anyOf": [{"$ref": "#/$defs/answers"}, {"type": "null"}]}
    notes = {"anyOf": [{"$ref": "#/$defs/texts"}, {"type": "null"}]}
    return {
        "type": "object",
        "properties": {
            "project": {"description": "What the project is called.", **text},
            "date": {
                "description": "The day of the answers, such as 2026-11-24.",
                "anyOf": [{"type": "string", "format": "date", "pattern": _DAY}, {"type": "null"}],
            },
            "pack": {"description": f"The pack that they answer, `{pack.name}`.", **text},
            "answers": {"description": "Each question with its answer; what is not known stays empty.", **open_or},
            "notes": {"description": "Evidence in your own words, by question.", **notes},
            "by": {"description": "Who gave the answer, by question.", **notes},
        },
        "required": ["answers"],
        "additionalProperties": False,
    }


def _texts(pack: Pack) -> Schema:
    text = {"type": ["string", "number", "boolean", "null"], "maxLength": _LONGEST_NOTE}
    names = [name for question in pack.questions for name in (question.id, *question.renamed_from)]
    return {"type": "object", "propertyNames": {"enum": names}, "additionalProperties": text}


def _answers(pack: Pack) -> Schema:
    properties: Schema = {}
    for question in pack.questions:
        properties[question.id] = _file_field(question)
    for question in pack.questions:
        for old in question.renamed_from:
            about = f"Is called `{question.id}` now."
            properties[old] = {**_file_field(question), "description": about, "deprecated": True}
    twice = [
        {"not": {"properties": {name: {} for name in pair}, "required": list(pair)}}
        for question in pack.questions
        for pair in combinations((question.id, *question.renamed_from), 2)
    ]
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "allOf": twice} if twice else schema


def _file_field(question: Question) -> Schema:
    allowed: Sequence[Schema] = [number(question)] if question.type == "number" else []
    listed = [*choices(question), *_old_levels(question)]
    # without a title, so that an editor shows the question of an empty answer
    absent = {"enum": [None, ""]}
    return {**words(question), "anyOf": [*allowed, *listed, absent]}


def _old_levels(question: Question) -> Iterator[Schema]:
    for level in question.levels:
        for old in level.renamed_from:
            yield {"const": old, "title": f"Is called `{level.id}` now.", "deprecated": True}


# --- one question ------------------------------------------------------------------------------------------


def words(question: Question) -> Schema:
    """Give the question as a title, and its help as a description."""
    unit = f" In {question.unit}." if question.unit else ""
    return {"title": question.text, "description": f"{question.help}{unit}"}


def number(question: Question) -> Schema:
    """Give the numbers that a question can be answered by."""
    assert question.minimum is not None and question.maximum is not None
    return {
        "type": "number",
        "minimum": plain_number(question.minimum),
        "maximum": plain_number(question.maximum),
    }


def choices(question: Question) -> Iterator[Schema]:
    """Give each level with its label, and `n/a` where it may be said."""
    for level in question.levels:
        yield {"const": level.id, "title": level.label}
    if question.may_not_apply:
        yield {"const": NOT_APPLICABLE_LEVEL, "title": DOES_NOT_APPLY}


def plain_number(value: float) -> float:
    """Give a whole number without a fraction, as people write it.

    Examples:
        >>> plain_number(3.0), plain_number(2.5)
        (3, 2.5)
    """
    return int(value) if value == int(value) else value
