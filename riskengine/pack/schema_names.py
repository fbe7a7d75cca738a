"""The names of one pack in the JSON Schemas of its files: what an editor offers and explains.

Nothing is refused because of them: beside the names that are offered, anything may stand that the files may hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, get_args

from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question, State

__all__ = ["name_things"]

Schema: TypeAlias = dict[str, Any]


def name_things(definitions: Mapping[str, Schema], pack: Pack) -> None:
    """Add a pack's questions, quantities, conclusions and other names to definitions.

    Args:
        definitions: Those of `file_schema`; changed in place.
        pack: The pack.
    """
    tests = {question.id: _asked(question, "test") for question in pack.questions}
    tests |= {one.id: {"$ref": "#/$defs/test", "title": one.text} for one in pack.quantities}
    answers = {question.id: _asked(question, "answer") for question in pack.questions}
    for name in ("condition", "gate"):
        if name in definitions:
            definitions[name]["properties"] |= tests
    for name in ("test", "answer"):
        if name in definitions:
            # an editor would show it in place of what the question is
            definitions[name].pop("description", None)
    if "condition" in definitions:
        definitions["condition"] |= _offered(pack.rules_concluding)
    if "answers" in definitions:
        definitions["answers"]["properties"] = answers
    for (entry, key), names in _vocabularies(pack).items():
        if entry in definitions:
            found = definitions[entry]["properties"][key]
            found.get("items", found)["examples"] = names


def _asked(question: Question, kind: str) -> Schema:
    answers = list(question.level_ids)
    if kind == "answer" and question.may_not_apply:
        answers.append(NOT_APPLICABLE_LEVEL)
    words = {"title": question.text, "description": _description(question)}
    open_to_all = {"$ref": f"#/$defs/{kind}"}
    return {**words, "anyOf": [{"enum": answers}, open_to_all]} if answers else {**open_to_all, **words}


def _offered(names: Iterable[str]) -> Schema:
    """Offer names without asking for one of them; an editor would print `examples` below every description."""
    return {"anyOf": [{"enum": list(names)}, {}]}


def _description(question: Question) -> str:
    if question.type == "number":
        unit = f" {question.unit}" if question.unit else ""
        return f"A number from {question.minimum:g} to {question.maximum:g}{unit}. {question.help}"
    if question.type == "yes_no":
        return f"yes or no. {question.help}"
    levels = "\n".join(f"- {level.id}: {level.label}" for level in question.levels)
    return f"{levels}\n\n{question.help}"


def _vocabularies(pack: Pack) -> Mapping[tuple[str, str], list[str]]:
    areas, sources = [area for area, _ in pack.areas], [source for source, _ in pack.sources]
    rules = [rule.id for rule in pack.rules]
    return {
        ("RuleModel", "area"): areas,
        ("RuleModel", "leads_to"): [end.id for end in pack.ends],
        ("RuleModel", "sources"): sources,
        ("RuleModel", "group"): list(dict.fromkeys(rule.group for rule in pack.rules if rule.group is not None)),
        **{("ProjectTestModel", state): rules for state in get_args(State)},
        ("QuestionModel", "area"): areas,
        ("QuestionModel", "phase"): list(pack.phases),
    }
