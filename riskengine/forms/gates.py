"""Gates in JSON Schema: on which answers a condition certainly holds, and on which it certainly does not.

As everywhere, a condition can hold, fail, or be open, and a test on a question that is not asked fails. So each
condition becomes two schemas, one for each certainty; negation swaps them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import comb
from typing import Any as Anything
from typing import TypeAlias

from riskengine.errors import Problem
from riskengine.logic.conditions import All, Any, AtLeast, Condition, Not, Test, holds
from riskengine.pack.answers_schema import plain_number
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question

__all__ = ["Gates"]

Schema: TypeAlias = dict[str, Anything]

MOST_COMBINATIONS = 100
_OPPOSITE = {
    "below": "minimum",
    "at_most": "exclusiveMinimum",
    "at_least": "exclusiveMaximum",
    "above": "maximum",
}
_LIMIT = {
    "below": "exclusiveMaximum",
    "at_most": "maximum",
    "at_least": "minimum",
    "above": "exclusiveMinimum",
}


class Gates:
    """Writes the gates of one pack.

    What JSON Schema can't say (a test on a quantity, a count with too many combinations) is taken to hold, so that a
    question is rather allowed than refused.

    Attributes:
        definitions: Subschemas that the others refer to: when a question with a gate is asked, and when not.
        problems: A warning for each question whose gate is held only in part.
    """

    def __init__(self, pack: Pack) -> None:
        """Begin with no gate written.

        Args:
            pack: The pack.
        """
        self.definitions: dict[str, Schema] = {}
        self.problems: list[Problem] = []
        self._pack = pack
        self._for: Question | None = None

    def holds(self, gate: Condition, question: Question) -> Schema:
        """Write on which answers a gate certainly holds.

        Args:
            gate: The condition.
            question: A question behind it, which a warning names.
        """
        self._for = question
        return self._node(gate, True)

    def _node(self, condition: Condition, wanted: bool) -> Schema:
        match condition:
            case Test() as test:
                return self._test(test, wanted)
            case Not(part):
                return self._node(part, not wanted)
            case All(parts):
                return _joined("allOf" if wanted else "anyOf", [self._node(part, wanted) for part in parts])
            case Any(parts):
                return _joined("anyOf" if wanted else "allOf", [self._node(part, wanted) for part in parts])
            case AtLeast(needed, parts):
                return self._count(needed if wanted else len(parts) - needed + 1, parts, wanted)
        raise AssertionError("a gate names no conclusion")

    def _count(self, needed: int, parts: Sequence[Condition], wanted: bool) -> Schema:
        if comb(len(parts), needed) > MOST_COMBINATIONS:
            return self._unsaid(f"a count of {len(parts)} parts")
        written = [self._node(part, wanted) for part in parts]
        return _joined("anyOf", [_joined("allOf", chosen) for chosen in combinations(written, needed)])

    def _unsaid(self, what: str) -> Schema:
        question = self._for
        assert question is not None
        message = f"`ask_when` of `{question.id}` has {what}, which JSON Schema cannot say"
        right = "the form asks it where the rest of the gate holds; `assess` ignores the answer where it is not asked"
        problem = Problem("RE-701", message, right, question.source, question.id)
        if problem not in self.problems:
            self.problems.append(problem)
        return {}

    def _test(self, test: Test, wanted: bool) -> Schema:
        question = self._pack.question.get(test.about)
        if question is None:
            return self._unsaid(f"a test on the quantity `{test.about}`")
        value = _levels(question, test, wanted) if question.levels else _numbers(question, test, wanted)
        answered = {"type": "object", "properties": {question.id: value}, "required": [question.id]}
        if question.ask_when is None:
            return answered
        asked = _joined("allOf", [self._asked(question, True), answered])
        return asked if wanted else _joined("anyOf", [self._asked(question, False), asked])

    def _asked(self, question: Question, wanted: bool) -> Schema:
        name = f"{question.id}.{'asked' if wanted else 'not_asked'}"
        if name not in self.definitions:
            assert question.ask_when is not None
            outer, self._for = self._for, question
            self.definitions[name] = self._node(question.ask_when, wanted)
            self._for = outer
        return {"$ref": f"#/$defs/{name}"}


def _joined(word: str, parts: Sequence[Schema]) -> Schema:
    """Join schemas, without what is certain to hold."""
    if word == "allOf":
        parts = [part for part in parts if part]
    elif not all(parts):
        return {}
    return parts[0] if len(parts) == 1 else {word: list(parts)} if parts else {}


def _levels(question: Question, test: Test, wanted: bool) -> Schema:
    found = [level for level in question.level_ids if holds(test, level) is wanted]
    if question.may_not_apply and not wanted:
        found.append(NOT_APPLICABLE_LEVEL)
    return {"type": "string", "enum": found} if found else {"not": {}}


def _numbers(question: Question, test: Test, wanted: bool) -> Schema:
    number = {"type": "number", **_NUMBERS[test.op](test, wanted)}
    if wanted or not question.may_not_apply:
        return number
    return {"anyOf": [number, {"type": "string", "const": NOT_APPLICABLE_LEVEL}]}


def _among(test: Test, wanted: bool) -> Schema:
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    listed = {"enum": list(dict.fromkeys(plain_number(float(value)) for value in values))}
    return listed if wanted is (test.op != "is_not") else {"not": listed}


def _ordered(test: Test, wanted: bool) -> Schema:
    assert isinstance(test.value, (int, float))
    return {(_LIMIT if wanted else _OPPOSITE)[test.op]: plain_number(test.value)}


_NUMBERS: dict[str, Callable[[Test, bool], Schema]] = {
    **dict.fromkeys(("is", "is_not", "in"), _among),
    **dict.fromkeys(_LIMIT, _ordered),
}
