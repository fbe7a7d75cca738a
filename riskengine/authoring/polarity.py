"""Which way the answer to a question turns each rule, as far as the form of the conditions proves it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from riskengine.authoring.projects import from_best_to_worst
from riskengine.logic.conditions import All, Any, AtLeast, Conclusion, Condition, Not, Test, holds
from riskengine.logic.quantities import Operation, bounds
from riskengine.pack.model import Pack

__all__ = ["Polarity", "polarities"]

Polarity: TypeAlias = "int | None"
"""1 where a worse answer can only make it true, -1 where it can only make it false, 0 where it changes nothing, and
`None` where the form does not tell."""


def polarities(pack: Pack, question: str, numbers: Sequence[float]) -> dict[str, Polarity]:
    """Give the polarity of every rule with respect to the answers to one question, from the best to the worst.

    What joins conditions keeps the direction, `not` turns it round, and conclusions pass it on. So the result is a
    proof where it is a number, and no more than a doubt where it is `None`.

    Args:
        pack: The pack.
        question: A question that says which direction is worse.
        numbers: If it is answered by a number, the values that tests can tell apart, ascending.

    Returns:
        The polarity by rule id.
    """
    reader = _Reader(pack, question, numbers)
    for rule in pack.rule_order:
        matters = question in pack.depends_on[rule]
        reader.rules[rule] = reader.condition(pack.rule[rule].when) if matters else 0
    return reader.rules


@dataclass
class _Reader:
    pack: Pack
    question: str
    numbers: Sequence[float]
    rules: dict[str, Polarity] = field(default_factory=dict)
    tests: dict[Test, Polarity] = field(default_factory=dict)

    def condition(self, node: Condition) -> Polarity:
        match node:
            case Test():
                if node not in self.tests:
                    self.tests[node] = self._test(node)
                return self.tests[node]
            case Conclusion(name):
                return _joined(self.rules[rule] for rule in self.pack.rules_concluding[name])
            case Not(part):
                return _turned(self.condition(part))
            case All(parts) | Any(parts) | AtLeast(_, parts):
                return _joined(self.condition(part) for part in parts)

    def _test(self, test: Test) -> Polarity:
        gates = [self.pack.question[one].ask_when for one in self.pack.questions_of[test.about]]
        return _joined([self._bare(test), *(self.condition(gate) for gate in gates if gate is not None)])

    def _bare(self, test: Test) -> Polarity:
        """Give the polarity of a test without its gates."""
        if test.about == self.question:
            answers = from_best_to_worst(self.pack.question[self.question], self.numbers)
            return _direction([bool(holds(test, answer)) for answer in answers])
        if test.about in self.pack.quantity and self.question in self.pack.questions_of[test.about]:
            return _times(self._slope(test.about), _OPERATORS.get(test.op))
        return 0

    def _slope(self, about: str | float) -> Polarity:
        """Say whether a number rises or falls with a worse answer."""
        if not isinstance(about, str) or self.question not in self.pack.questions_of[about]:
            return 0
        if about == self.question:
            return -1 if self.pack.question[about].worse in ("low", "first") else 1
        quantity = self.pack.quantity[about]
        slopes = [self._slope(part) for part in quantity.of]
        if quantity.op == "sum":
            return _joined(slopes)
        if quantity.op == "difference":
            return _joined([slopes[0], _turned(slopes[1])])
        return self._scaled(quantity.op, quantity.of, slopes)

    def _scaled(self, op: Operation, parts: Sequence[str | float], slopes: Sequence[Polarity]) -> Polarity:
        """Give the slope of a product or ratio: each part moves it by its own slope times the sign of the others."""
        signs = [_sign(*self._range(part)) for part in parts]
        found: list[Polarity] = []
        for place, slope in enumerate(slopes):
            others = [sign for other, sign in enumerate(signs) if other != place]
            # what is divided by moves the ratio the other way, with the sign of what is above it
            own = _turned(slope) if op == "ratio" and place == 1 else slope
            for sign in others:
                own = _times(own, sign)
            found.append(own)
        return _joined(found)

    def _range(self, about: str | float) -> tuple[float, float]:
        if not isinstance(about, str):
            return about, about
        if about in self.pack.quantity:
            quantity = self.pack.quantity[about]
            return bounds(quantity.op, [self._range(part) for part in quantity.of])
        question = self.pack.question[about]
        if question.type != "number":
            return 0.0, float(len(question.levels) - 1)
        assert question.minimum is not None and question.maximum is not None
        return question.minimum, question.maximum


_OPERATORS: Mapping[str, Polarity] = {"below": -1, "at_most": -1, "at_least": 1, "above": 1}


def _direction(truths: Sequence[bool]) -> Polarity:
    steps = {later - earlier for earlier, later in pairwise(truths)} - {0}
    return steps.pop() if len(steps) == 1 else None if steps else 0


def _joined(parts: Iterable[Polarity]) -> Polarity:
    found = set(parts) - {0}
    return found.pop() if len(found) == 1 else None if found else 0


def _turned(part: Polarity) -> Polarity:
    return None if part is None else -part


def _times(one: Polarity, other: Polarity) -> Polarity:
    if one == 0 or other == 0:
        return 0
    return None if one is None or other is None else one * other


def _sign(low: float, high: float) -> Polarity:
    """Give the sign of a number within bounds; 0 on one side is no change, and so no other sign."""
    if low >= 0:
        return 1
    return -1 if high <= 0 else None
