"""What a pack means, written as plainly as the design says it: the yardstick that every executor is held to.

A recursive three-valued evaluator with code of its own: no rails, no clauses, no closure, and nothing of
`riskengine.logic` beyond the tree that conditions are made of. It is slow and shares no idea with what it checks.

    "true", "false" and "unknown" are the words here, so that no `None` can be mistaken for a falsehood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from riskengine.logic.conditions import (
    NOT_APPLICABLE,
    All,
    Any,
    AtLeast,
    Conclusion,
    Condition,
    Not,
    Test,
    Value,
)
from riskengine.pack.model import Pack

__all__ = ["STATE", "Oracle", "states"]

TRUE, FALSE, UNKNOWN = "true", "false", "unknown"
STATE = {TRUE: True, FALSE: False, UNKNOWN: None}
"""The oracle's words as executors write them."""


@dataclass
class Oracle:
    """One pack and one project's answers; every method gives one of the three words."""

    pack: Pack
    answers: Mapping[str, Value]
    _known: dict[tuple[str, str], str] = field(default_factory=dict)

    def rule(self, id: str) -> str:
        """A rule fires if its condition holds, and is ruled out if it certainly does not."""
        return self._once("rule", id, lambda: self.condition(_one(self.pack.rules, id).when))

    def conclusion(self, id: str) -> str:
        """True if any rule that concludes it fires, ruled out if all of them are, unknown otherwise."""

        def decide() -> str:
            found = [self.rule(rule.id) for rule in self.pack.rules if rule.concludes == id]
            if TRUE in found:
                return TRUE
            # where the last rule was switched off, none is left: all of none are ruled out
            return UNKNOWN if UNKNOWN in found else FALSE

        return self._once("conclusion", id, decide)

    def asked(self, question: str) -> str:
        """A question without `ask_when` is always asked."""

        def decide() -> str:
            gate = _one(self.pack.questions, question).ask_when
            return TRUE if gate is None else self.condition(gate)

        return self._once("asked", question, decide)

    def condition(self, node: Condition) -> str:
        """Kleene's strong logic."""
        if isinstance(node, Test):
            return self.test(node)
        if isinstance(node, Conclusion):
            return self.conclusion(node.id)
        if isinstance(node, Not):
            return {TRUE: FALSE, FALSE: TRUE, UNKNOWN: UNKNOWN}[self.condition(node.part)]
        found = [self.condition(part) for part in node.parts]
        if isinstance(node, All):
            return FALSE if FALSE in found else UNKNOWN if UNKNOWN in found else TRUE
        if isinstance(node, Any):
            return TRUE if TRUE in found else UNKNOWN if UNKNOWN in found else FALSE
        assert isinstance(node, AtLeast)
        if found.count(TRUE) >= node.needed:
            return TRUE
        # even if everything unknown turned out to hold, there would be too few
        return FALSE if found.count(TRUE) + found.count(UNKNOWN) < node.needed else UNKNOWN

    def test(self, node: Test) -> str:
        """A test about q means `all: [ask_when of q, the test]`; of a quantity, the gates of all its parts."""
        found = [self.asked(question) for question in self.questions_of(node.about)]
        found.append(self._bare(node))
        return FALSE if FALSE in found else UNKNOWN if UNKNOWN in found else TRUE

    def _bare(self, node: Test) -> str:
        value = self.value(node.about)
        # not applicable first: whatever the operator, `is_not` as well as `is`
        if value is NOT_APPLICABLE:
            return FALSE
        if value is None:
            return UNKNOWN
        if node.op == "in":
            return TRUE if value in tuple(node.value) else FALSE
        if node.op == "is":
            return TRUE if value == node.value else FALSE
        if node.op == "is_not":
            return FALSE if value == node.value else TRUE
        here, there = self._place(node.about, value), self._place(node.about, node.value)
        compared = {
            "below": here < there,
            "at_most": not here > there,
            "at_least": not here < there,
            "above": here > there,
        }
        return TRUE if compared[node.op] else FALSE

    def value(self, about: str) -> Value:
        """The answer, or the number that a quantity comes to: not applicable if a part is, else unknown if one is."""
        if not any(quantity.id == about for quantity in self.pack.quantities):
            return self.answers.get(about)
        quantity = _one(self.pack.quantities, about)
        parts: list[Value] = []
        for part in quantity.of:
            value = self.value(part) if isinstance(part, str) else part
            parts.append(float(self._place(part, value)) if isinstance(value, str) else value)
        if any(part is NOT_APPLICABLE for part in parts):
            return NOT_APPLICABLE
        if any(part is None for part in parts):
            return None
        first, *others = parts
        for other in others:
            if quantity.op == "sum":
                first = first + other
            elif quantity.op == "difference":
                first = first - other
            elif quantity.op == "product":
                first = first * other
            else:
                first = first / other
        return first

    def questions_of(self, about: str) -> list[str]:
        """The questions that a value is made of."""
        if any(question.id == about for question in self.pack.questions):
            return [about]
        parts = _one(self.pack.quantities, about).of
        return [question for part in parts if isinstance(part, str) for question in self.questions_of(part)]

    def _place(self, about: str, value: Value) -> float:
        """A number is itself; a level counts as its place in the list, the first 0."""
        if not isinstance(value, str):
            return value
        return [level.id for level in _one(self.pack.questions, about).levels].index(value)

    def _once(self, kind: str, id: str, decide) -> str:
        if (kind, id) not in self._known:
            self._known[kind, id] = decide()
        return self._known[kind, id]


def states(pack: Pack, answers: Mapping[str, Value]) -> tuple[dict[str, bool | None], dict[str, bool | None]]:
    """Give the state of every rule and of every conclusion, as executors write them."""
    oracle = Oracle(pack, answers)
    conclusions = {rule.concludes for rule in pack.rules if rule.concludes} | set(pack.ruled_out)
    return (
        {rule.id: STATE[oracle.rule(rule.id)] for rule in pack.rules},
        {id: STATE[oracle.conclusion(id)] for id in conclusions},
    )


def _one(items, id: str):
    return next(item for item in items if item.id == id)
