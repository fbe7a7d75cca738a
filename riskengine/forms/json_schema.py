"""The JSON Schema (2020-12) of what a form about a project gives.

It differs from that of an answers file in what is no answer. A form leaves out what is not known, and asks only what
would be asked, so answers behind a gate that does not hold are refused; `assess` reads such a file, and ignores them
with a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from riskengine.errors import Problem
from riskengine.forms.gates import Gates
from riskengine.pack.answers_schema import DIALECT, DOES_NOT_APPLY, choices, number, words
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question

__all__ = ["FormSchema", "form_schema"]

Schema: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FormSchema:
    """A form's schema.

    Attributes:
        schema: The JSON Schema.
        problems: Warnings about gates that it can hold only in part.
    """

    schema: Mapping[str, Any]
    problems: tuple[Problem, ...]


def form_schema(pack: Pack, *, texts: bool = True) -> FormSchema:
    """Make the schema of what a form about a project gives: a flat mapping of question to answer.

    It accepts what `riskengine.assess` accepts of questions that would be asked, and nothing else. A question with a
    gate stands in the `then` of its gate.

    Args:
        pack: The pack whose questions are asked.
        texts: Whether questions, help and levels are there in words; without them the schema is in no language.

    Returns:
        The schema, and a warning for each question whose gate JSON Schema can hold only in part.
    """
    gates = Gates(pack)
    open_to_all = [one for one in pack.questions if one.ask_when is None]
    schema: Schema = {"$schema": DIALECT}
    if texts:
        schema |= {
            "title": f"Answers for {pack.name} {pack.version}",
            "description": "One answer to each question. What is not known is left out.",
        }
    schema |= {"type": "object", "properties": _fields(open_to_all, texts)}
    branches = list(_branches(pack, gates, texts))
    if branches:
        schema["allOf"] = branches
    schema["unevaluatedProperties"] = False
    if gates.definitions:
        schema["$defs"] = gates.definitions
    return FormSchema(schema, tuple(gates.problems))


def _branches(pack: Pack, gates: Gates, texts: bool) -> Iterator[Schema]:
    """Give one `if` and `then` for each gate, with all questions behind it."""
    behind: dict[Any, list[Question]] = {}
    for question in pack.questions:
        if question.ask_when is not None:
            behind.setdefault(question.ask_when, []).append(question)
    for gate, questions in behind.items():
        held = gates.holds(gate, questions[0])
        yield {"if": held, "then": {"type": "object", "properties": _fields(questions, texts)}}


def _fields(questions: Iterable[Question], texts: bool) -> Schema:
    return {question.id: _field(question, texts) for question in questions}


def _field(question: Question, texts: bool) -> Schema:
    said = words(question) if texts else {}
    if question.type != "number":
        answers = [*question.level_ids, *([NOT_APPLICABLE_LEVEL] if question.may_not_apply else [])]
        listed = {"oneOf": list(choices(question))} if texts else {"enum": answers}
        return {**said, "type": "string", **listed}
    if not question.may_not_apply:
        return {**said, **number(question)}
    absent = {"type": "string", "const": NOT_APPLICABLE_LEVEL}
    return {**said, "anyOf": [number(question), {**({"title": DOES_NOT_APPLY} if texts else {}), **absent}]}
