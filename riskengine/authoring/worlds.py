"""All rules of a pack over many projects at once: bit `n` of every number belongs to project `n`.

A project here is complete: every question has an answer, and one that a gate closes counts as not asked. So a
condition is true or false, and a whole sample of projects is one number for each condition.
"""

from __future__ import annotations

import math
import operator
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, reduce
from itertools import accumulate

from riskengine.logic.conditions import (
    All,
    Any,
    AtLeast,
    Conclusion,
    Condition,
    Not,
    Test,
    Value,
    holds,
)
from riskengine.logic.quantities import Operation
from riskengine.pack.model import Pack

__all__ = ["Worlds", "sums"]

_LANE = 8
"""Bytes in which one project's sum is kept while many are added at once."""

_UNIT = 1_000_000
"""Sums are added in whole millionths: lanes of one large number hold no fractions."""

_DIGITS = bytes.maketrans(b"\0\1", b"01")

_LANES = tuple(b"".join((byte >> bit & 1).to_bytes(_LANE, "little") for bit in range(8)) for byte in range(256))


class Worlds:
    """Complete projects, and which conditions hold in which of them."""

    def __init__(self, pack: Pack, projects: Sequence[Mapping[str, Value]]) -> None:
        """Take the projects.

        Args:
            pack: The pack.
            projects: An answer to every question in each; those behind closed gates are not looked at.
        """
        columns = {question.id: [project[question.id] for project in projects] for question in pack.questions}
        self._set_up(pack, len(projects), columns)

    def _set_up(self, pack: Pack, size: int, columns: Mapping[str, Sequence[Value]]) -> None:
        self.pack = pack
        self.size = size
        self.every = (1 << size) - 1
        self._columns = columns
        self._tests: dict[Test, int] = {}
        self._rules: dict[str, int] = {}
        self._asked: dict[str, int] = {}
        self._levels: dict[str, dict[Value, int]] = {}
        self._numbers: dict[str, Sequence[float]] = {}
        self._ranked: dict[str, _Ranked] = {}
        self._conclusions: dict[str, int] = {}
        # what was changed against another one, from which everything else is taken
        self._parent: Worlds | None = None
        self._changed: frozenset[str] = frozenset()

    def answering(self, answers: Mapping[str, Value]) -> Worlds:
        """Give the same projects with some questions answered otherwise, the same way in each.

        Args:
            answers: The answers by question.
        """
        return self.replaced({question: [value] * self.size for question, value in answers.items()})

    def replaced(self, columns: Mapping[str, Sequence[Value]]) -> Worlds:
        """Give the same projects with other answers to some questions.

        Args:
            columns: For each such question, its answer in each project.
        """
        other = Worlds.__new__(Worlds)
        other._set_up(self.pack, self.size, {**self._columns, **columns})
        other._parent = self
        other._changed = frozenset(columns)
        return other

    # --- what holds ------------------------------------------------------------------------------------------

    def answer(self, question: str, project: int) -> Value:
        """Give one project's answer."""
        return self._columns[question][project]

    def rule(self, rule: str) -> int:
        """Say in which projects a rule fires."""
        if rule not in self._rules:
            for one in self._before(rule):
                self._rules[one] = self._found_rule(one)
        return self._rules[rule]

    def condition(self, node: Condition) -> int:
        """Say in which projects a condition holds."""
        match node:
            case Test():
                return self._test(node)
            case Conclusion(name):
                return self._conclusion(name)
            case Not(part):
                return self.every & ~self.condition(part)
            case All(parts):
                return self._all(parts)
            case Any(parts):
                return self._any(parts)
            case AtLeast(needed, parts):
                return self._at_least(needed, parts)

    def asked(self, question: str) -> int:
        """Say in which projects a question is asked."""
        if question not in self._asked:
            gate = self.pack.question[question].ask_when
            self._asked[question] = self.every if gate is None else self.condition(gate)
        return self._asked[question]

    def counted(self, members: Sequence[str]) -> dict[str, int]:
        """Say in which projects each rule of a group counts: where it fires, and no heavier one does.

        Args:
            members: The rules, the heaviest first.
        """
        found: dict[str, int] = {}
        free = self.every
        for rule in members:
            fires = self.rule(rule)
            found[rule] = fires & free
            free &= ~fires
        return found

    def _before(self, rule: str) -> Sequence[str]:
        """Give a rule with those it builds on, these first: chains may be longer than Python's stack is deep."""
        if not self.pack.conclusions_read[rule]:
            return (rule,)
        order = self.pack.rule_order
        return [one for one in order[: self._place[rule] + 1] if one not in self._rules]

    @cached_property
    def _read(self) -> Mapping[str, Sequence[str]]:
        """For each rule, the questions that its own tests read."""
        if self._parent is not None:
            return self._parent._read
        return {rule.id: self.pack.questions_read(rule.when) for rule in self.pack.rules}

    @cached_property
    def _place(self) -> Mapping[str, int]:
        if self._parent is not None:
            return self._parent._place
        return {rule: place for place, rule in enumerate(self.pack.rule_order)}

    def _found_rule(self, rule: str) -> int:
        if self._parent is not None and self._reads_the_same(rule, self._parent):
            return self._parent.rule(rule)
        return self.condition(self.pack.rule[rule].when)

    def _reads_the_same(self, rule: str, other: Worlds) -> bool:
        """Say whether all that a rule reads is as it is in others, so that it need not be looked at again."""
        pack = self.pack
        if self._changed.isdisjoint(pack.depends_on[rule]):
            return True
        return all(self._untouched(one) for one in self._read[rule]) and all(
            self._conclusion(one) == other._conclusion(one) for one in pack.conclusions_read[rule]
        )

    def _conclusion(self, name: str) -> int:
        if name not in self._conclusions:
            bits = 0
            for rule in self.pack.rules_concluding[name]:
                bits |= self.rule(rule)
            self._conclusions[name] = bits
        return self._conclusions[name]

    def _all(self, parts: Iterable[Condition]) -> int:
        bits = self.every
        for part in parts:
            bits &= self.condition(part)
        return bits

    def _any(self, parts: Iterable[Condition]) -> int:
        bits = 0
        for part in parts:
            bits |= self.condition(part)
        return bits

    def _at_least(self, needed: int, parts: Iterable[Condition]) -> int:
        # reached[k]: where at least k of the parts so far hold
        reached = [self.every, *[0] * needed]
        for part in parts:
            bits = self.condition(part)
            for k in range(needed, 0, -1):
                reached[k] |= reached[k - 1] & bits
        return reached[needed]

    # --- tests -----------------------------------------------------------------------------------------------

    def _test(self, test: Test) -> int:
        if test not in self._tests:
            self._tests[test] = self._found_test(test)
        return self._tests[test]

    def _found_test(self, test: Test) -> int:
        questions = self.pack.questions_of[test.about]
        if self._parent is not None and all(self._untouched(one) for one in questions):
            return self._parent._test(test)
        bits = self._bare(test)
        for question in questions:
            bits &= self.asked(question)
        return bits

    def _untouched(self, question: str) -> bool:
        return question not in self._changed and self._changed.isdisjoint(self.pack.gate_questions[question])

    def _bare(self, test: Test) -> int:
        """Decide a test without its gates."""
        if not test.levels:
            return self._ranking(test.about).where(test)
        found = 0
        for value, bits in self._level_bits(test.about).items():
            if holds(test, value):
                found |= bits
        return found

    def _level_bits(self, question: str) -> dict[Value, int]:
        if question not in self._levels:
            column = self._columns[question]
            self._levels[question] = {value: _bits([one == value for one in column]) for value in dict.fromkeys(column)}
        return self._levels[question]

    def _ranking(self, about: str) -> _Ranked:
        if about not in self._ranked:
            if self._parent is not None and self._changed.isdisjoint(self.pack.questions_of[about]):
                return self._parent._ranking(about)
            self._ranked[about] = _Ranked(self._number(about))
        return self._ranked[about]

    def _number(self, about: str) -> Sequence[float]:
        """Give the numbers of a question or quantity, NaN where it does not apply."""
        if about not in self._numbers:
            self._numbers[about] = self._found_number(about)
        return self._numbers[about]

    def _found_number(self, about: str) -> Sequence[float]:
        if self._parent is not None and self._changed.isdisjoint(self.pack.questions_of[about]):
            return self._parent._number(about)
        if about in self.pack.quantity:
            quantity = self.pack.quantity[about]
            parts = [self._number(one) if isinstance(one, str) else [one] * self.size for one in quantity.of]
            # what does not apply carries on: whatever is worked out with a NaN is one
            return reduce(lambda one, other: list(map(_OPERATIONS[quantity.op], one, other)), parts)
        places = {level: float(place) for place, level in enumerate(self.pack.question[about].level_ids)}
        return [places[one] if isinstance(one, str) else _float(one) for one in self._columns[about]]


_OPERATIONS: Mapping[Operation, Callable[[float, float], float]] = {
    "sum": operator.add,
    "difference": operator.sub,
    "product": operator.mul,
    "ratio": operator.truediv,
}


def _float(value: Value) -> float:
    return value if isinstance(value, (int, float)) else math.nan


class _Ranked:
    """Numbers of many projects in their order, so that each comparison is one look-up."""

    def __init__(self, numbers: Sequence[float]) -> None:
        self._equal: dict[float, int] = {}
        for place, number in enumerate(numbers):
            # a NaN, which stands for what does not apply, is in no relation to any number
            if number == number:
                self._equal[number] = self._equal.get(number, 0) | 1 << place
        self._values = sorted(self._equal)
        self._before = list(accumulate((self._equal[value] for value in self._values), operator.or_, initial=0))

    def where(self, test: Test) -> int:
        """Say in which projects a test holds."""
        values = [float(value) for value in (test.value if isinstance(test.value, tuple) else (test.value,))]
        bound, known = values[0], self._before[-1]
        match test.op:
            case "is" | "in":
                return reduce(operator.or_, (self._equal.get(value, 0) for value in values))
            case "is_not":
                return known & ~self._equal.get(bound, 0)
            case "below":
                return self._before[bisect_left(self._values, bound)]
            case "at_most":
                return self._before[bisect_right(self._values, bound)]
            case "at_least":
                return known & ~self._before[bisect_left(self._values, bound)]
            case "above":
                return known & ~self._before[bisect_right(self._values, bound)]


def _bits(flags: Sequence[bool]) -> int:
    """Give the number whose bit `n` is flag `n`."""
    return int(bytes(flags[::-1]).translate(_DIGITS) or b"0", 2)


def sums(terms: Iterable[tuple[float, int]], size: int) -> list[float]:
    """Add up weights where they count, for all projects at once.

    Args:
        terms: A weight, and the bits of the projects in which it counts.
        size: How many projects there are.

    Returns:
        The sum of each project, in steps of a millionth.

    Examples:
        >>> sums([(0.5, 0b011), (-0.2, 0b110)], 3)
        [0.5, 0.3, -0.2]
    """
    # each project has a lane of one large number, in which whole millionths are added; none gets below 0 or above
    # a lane: what is taken off is added beforehand
    added, taken = 0, 0
    for weight, bits in terms:
        whole = round(weight * _UNIT)
        if whole < 0:
            taken -= whole
            bits ^= (1 << size) - 1
        added += abs(whole) * _spread_out(bits, size)
    lanes = struct.unpack(f"<{size}Q", added.to_bytes(size * _LANE, "little"))
    return [(value - taken) / _UNIT for value in lanes]


def _spread_out(bits: int, size: int) -> int:
    """Give each bit a lane of its own."""
    packed = bits.to_bytes((size + 7) // 8, "little")
    return int.from_bytes(b"".join([_LANES[byte] for byte in packed]), "little")
