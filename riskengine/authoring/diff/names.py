"""What the questions and levels of one pack are called in another: `renamed_from`, followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from riskengine.logic.conditions import All, Any, AtLeast, Condition, Not, Test
from riskengine.pack.model import Example, Pack, Quantity, Question, Rule

__all__ = ["Names", "in_new_names", "new_names"]


@dataclass(frozen=True, slots=True)
class Names:
    """New names by old ones; what is called as before is left out.

    Attributes:
        questions: Questions.
        levels: Levels, by the new name of their question.
    """

    questions: Mapping[str, str]
    levels: Mapping[str, Mapping[str, str]]

    def question(self, old: str) -> str:
        """Give the new name of a question, or of a quantity, which keeps its own."""
        return self.questions.get(old, old)

    def level(self, question: str, old: float | str) -> float | str:
        """Give the new name of a level; numbers stay.

        Args:
            question: The question's new name.
            old: The level's old name, or a number.
        """
        return self.levels.get(question, {}).get(old, old) if isinstance(old, str) else old


def new_names(old: Pack, new: Pack) -> Names:
    """Find what of an old pack was renamed in a new one.

    Where a new name was taken in the old pack already, two were made one: only that one lives on.
    """
    questions: dict[str, str] = {}
    levels: dict[str, Mapping[str, str]] = {}
    for question in new.questions:
        former = next((one for one in question.renamed_from if one in old.question), None)
        if former is not None and question.id not in old.question:
            questions[former] = question.id
        before = old.question.get(question.id if former is None or question.id in old.question else former)
        found = {} if before is None else _levels(before, question)
        if found:
            levels[question.id] = found
    return Names(questions, levels)


def _levels(old: Question, new: Question) -> dict[str, str]:
    found = {}
    for level in new.levels:
        former = next((one for one in level.renamed_from if one in old.level_ids), None)
        if former is not None and level.id not in old.level_ids:
            found[former] = level.id
    return found


def in_new_names(old: Pack, names: Names) -> Pack:
    """Give an old pack with the names of the new one, for comparing the two; it is not made to be run."""
    return replace(
        old,
        questions=tuple(_question(one, names) for one in old.questions),
        quantities=tuple(_quantity(one, names) for one in old.quantities),
        rules=tuple(_rule(one, names) for one in old.rules),
    )


def _question(question: Question, names: Names) -> Question:
    id = names.question(question.id)
    return replace(
        question,
        id=id,
        levels=tuple(replace(level, id=str(names.level(id, level.id))) for level in question.levels),
        shares=tuple((str(names.level(id, answer)), share) for answer, share in question.shares),
        ask_when=None if question.ask_when is None else _condition(question.ask_when, names),
        due_when=None if question.due_when is None else _condition(question.due_when, names),
    )


def _quantity(quantity: Quantity, names: Names) -> Quantity:
    return replace(quantity, of=tuple(names.question(one) if isinstance(one, str) else one for one in quantity.of))


def _rule(rule: Rule, names: Names) -> Rule:
    return replace(
        rule,
        when=_condition(rule.when, names),
        examples=tuple(_example(one, names) for one in rule.examples),
    )


def _example(example: Example, names: Names) -> Example:
    answers = [(names.question(question), value) for question, value in example.answers]
    return replace(example, answers=tuple((question, names.level(question, value)) for question, value in answers))


def _condition(condition: Condition, names: Names) -> Condition:
    match condition:
        case Test(about, op, value, levels):
            id = names.question(about)
            found = tuple(names.level(id, one) for one in value) if isinstance(value, tuple) else names.level(id, value)
            return Test(id, op, found, tuple(str(names.level(id, one)) for one in levels))
        case All(parts):
            return All(tuple(_condition(part, names) for part in parts))
        case Any(parts):
            return Any(tuple(_condition(part, names) for part in parts))
        case AtLeast(needed, parts):
            return AtLeast(needed, tuple(_condition(part, names) for part in parts))
        case Not(part):
            return Not(_condition(part, names))
    return condition
