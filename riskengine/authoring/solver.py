"""Decides whether a condition can hold in any project at all, by z3; numbers are exact fractions.

A project is complete, as in `worlds`: every question has one of its levels, a number within its bounds, or does not
apply where it may not, and a test on a question that is not asked is false. What no complete project does, no project
with open answers does either: an open answer never makes a rule fire that its every answer rules out.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any as Anything

import z3

from riskengine.authoring.chains import built_on
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
from riskengine.pack.model import Pack, Quantity, Question

__all__ = ["EFFORT", "Encoding", "Solver", "Verdict"]

EFFORT = 2_000_000
"""What one decision may cost, in z3's own units: some seconds. The result does not depend on the machine so."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a decision.

    Attributes:
        possible: Whether it can hold; `None` if that was not found out.
        projects: If it can, where: the answers that play a part, by question, of each encoded project.
    """

    possible: bool | None
    projects: tuple[Mapping[str, Value], ...] = ()


class Solver:
    """Decides one condition after the other, each on its own, so that their order does not matter."""

    def __init__(self, pack: Pack, seconds: float | None = None, effort: int = EFFORT) -> None:
        """Prepare a pack.

        Args:
            pack: The pack.
            seconds: Wall time after which nothing is decided any more; none by default.
            effort: What one decision may cost, in z3's units.
        """
        self.pack = pack
        self.encoding = Encoding(pack)
        self._effort = effort
        self._until = None if seconds is None else time.monotonic() + seconds

    def decide(self, *conditions: Condition) -> Verdict:
        """Say whether conditions can hold together in some project.

        Args:
            conditions: Conditions of the pack's language, about its questions, quantities and conclusions.
        """
        if self.is_late:
            return Verdict(None)
        claims = [self.encoding.condition(one) for one in conditions]
        return self.check(claims, conditions, [self.encoding])

    def check(
        self, claims: Sequence[z3.BoolRef], conditions: Sequence[Condition], encodings: Sequence[Encoding]
    ) -> Verdict:
        """Say whether formulas can be true together.

        Args:
            claims: What shall hold.
            conditions: The conditions that the formulas are made of.
            encodings: The projects that they are about.
        """
        if self.is_late:
            return Verdict(None)
        solver = z3.Solver(ctx=self.encoding.context)
        solver.set("rlimit", self._effort)
        left = self._left()
        if left is not None:
            solver.set("timeout", max(1, round(1000 * left)))
        for encoding in encodings:
            solver.add(*encoding.axioms(conditions))
        solver.add(*claims)
        answer = solver.check()
        if answer == z3.unknown:
            return Verdict(None)
        if answer == z3.unsat:
            return Verdict(False)
        return Verdict(True, tuple(one.project(solver.model(), conditions) for one in encodings))

    @property
    def is_late(self) -> bool:
        """Whether the time is up."""
        left = self._left()
        return left is not None and left <= 0

    def _left(self) -> float | None:
        return None if self._until is None else self._until - time.monotonic()


@dataclass(frozen=True, slots=True)
class _Fraction:
    """A number in z3: a fraction whose lower part is positive, for division would leave z3 guessing at zero."""

    upper: z3.ArithRef
    lower: z3.ArithRef


class Encoding:
    """One project's answers as variables of z3, and what follows from them."""

    def __init__(self, pack: Pack, shared: Encoding | None = None, own: Iterable[str] = (), mark: str = "") -> None:
        """Start with nothing; variables come as conditions name them.

        Args:
            pack: The pack.
            shared: Another project whose answers this one has too.
            own: The questions that this one answers on its own all the same.
            mark: What tells its variables from those of the other.
        """
        self.pack = pack
        # a context of its own: what other packs left in a common one would show in which projects z3 finds
        self.context: z3.Context = z3.Context() if shared is None else shared.context
        self._shared = shared
        self._own = frozenset(own)
        self._mark = mark
        self._steps: dict[str, list[z3.BoolRef]] = {}
        self._numbers: dict[str, z3.ArithRef] = {}
        self._absent: dict[str, z3.BoolRef] = {}
        self._tests: dict[Test, z3.BoolRef] = {}
        self._asked: dict[str, z3.BoolRef] = {}
        self._rules: dict[str, z3.BoolRef] = {}
        self._definitions: dict[str, z3.BoolRef] = {}
        self._bounds: dict[str, list[z3.BoolRef]] = {}
        self._quantities: dict[str, _Fraction] = {}

    def axioms(self, conditions: Iterable[Condition]) -> list[z3.BoolRef]:
        """Give what holds in every project, as far as conditions have to do with it.

        Args:
            conditions: The conditions, encoded already.
        """
        rules = built_on(self.pack, *conditions)
        definitions = [self._definitions[rule] for rule in rules if rule in self._definitions]
        bounds = [self._bounds.get(question, []) for question in self._questions(conditions, rules)]
        return [*definitions, *(one for found in bounds for one in found)]

    def _questions(self, conditions: Iterable[Condition], rules: Iterable[str]) -> list[str]:
        """Give the questions that conditions and rules depend on, in pack order."""
        found = {one for node in conditions for one in self.pack.questions_read(node)}
        found.update(*(self.pack.gate_questions[one] for one in tuple(found)))
        found.update(*(self.pack.depends_on[rule] for rule in rules))
        return [question.id for question in self.pack.questions if question.id in found]

    # --- conditions ------------------------------------------------------------------------------------------

    def condition(self, node: Condition) -> z3.BoolRef:
        """Give a condition as a formula."""
        match node:
            case Test():
                return self._test(node)
            case Conclusion(name):
                return self._any(self.rule(rule) for rule in self.pack.rules_concluding[name])
            case Not(part):
                return z3.Not(self.condition(part))
            case All(parts):
                return self._all(self.condition(part) for part in parts)
            case Any(parts):
                return self._any(self.condition(part) for part in parts)
            case AtLeast(needed, parts):
                return z3.AtLeast(*[self.condition(part) for part in parts], needed)

    def rule(self, rule: str) -> z3.BoolRef:
        """Give the variable that says whether a rule fires."""
        if rule not in self._rules:
            # those it builds on first: chains may be longer than Python's stack is deep
            for one in (*built_on(self.pack, self.pack.rule[rule].when), rule):
                if one not in self._rules:
                    self._rules[one] = self._found_rule(one)
        return self._rules[rule]

    def _found_rule(self, rule: str) -> z3.BoolRef:
        # a name for the formula keeps what is built on it small
        if self._shared is not None and self._own.isdisjoint(self.pack.depends_on[rule]):
            return self._shared.rule(rule)
        name = z3.Bool(f"{rule}{self._mark}", self.context)
        self._definitions[rule] = name == self.condition(self.pack.rule[rule].when)
        return name

    def asked(self, question: str) -> z3.BoolRef:
        """Give the formula of whether a question is asked."""
        if question not in self._asked:
            gate = self.pack.question[question].ask_when
            self._asked[question] = self._truth(True) if gate is None else self.condition(gate)
        return self._asked[question]

    def applies(self, question: str) -> z3.BoolRef:
        """Give the formula of whether a question applies."""
        if not self.pack.question[question].may_not_apply:
            return self._truth(True)
        if self._of_other(question):
            assert self._shared is not None
            return self._shared.applies(question)
        if question not in self._absent:
            self._absent[question] = z3.Bool(f"{question}.n/a{self._mark}", self.context)
        return z3.Not(self._absent[question])

    def _of_other(self, question: str) -> bool:
        return self._shared is not None and question not in self._own

    def _test(self, test: Test) -> z3.BoolRef:
        if test not in self._tests:
            questions = self.pack.questions_of[test.about]
            known = [one(question) for question in questions for one in (self.asked, self.applies)]
            self._tests[test] = self._all([*known, self._compared(test)])
        return self._tests[test]

    def _compared(self, test: Test) -> z3.BoolRef:
        if test.levels:
            return self._level(test)
        if test.op == "in":
            assert isinstance(test.value, tuple)
            return self._any(self._number_test(test, "is", value) for value in test.value)
        return self._number_test(test, test.op, test.value)

    def _all(self, parts: Iterable[z3.BoolRef]) -> z3.BoolRef:
        return z3.And([self._truth(True), *parts])

    def _any(self, parts: Iterable[z3.BoolRef]) -> z3.BoolRef:
        return z3.Or([self._truth(False), *parts])

    def _truth(self, value: bool) -> z3.BoolRef:
        return z3.BoolVal(value, self.context)

    # --- choices: one variable for each step that an answer has reached ----------------------------------------

    def reaches(self, question: str, place: int) -> z3.BoolRef:
        """Give the formula of whether an answer is the level at a place in the list, or a later one."""
        steps = self._steps_of(question)
        if place <= 0:
            return self._truth(True)
        return steps[place - 1] if place <= len(steps) else self._truth(False)

    def is_level(self, question: str, place: int) -> z3.BoolRef:
        """Give the formula of whether an answer is the level at a place in the list."""
        return z3.And(self.reaches(question, place), z3.Not(self.reaches(question, place + 1)))

    def _steps_of(self, question: str) -> list[z3.BoolRef]:
        if self._of_other(question):
            assert self._shared is not None
            return self._shared._steps_of(question)
        if question not in self._steps:
            count = len(self.pack.question[question].levels)
            steps = [z3.Bool(f"{question}.{place}{self._mark}", self.context) for place in range(1, count)]
            self._bounds[question] = [z3.Implies(later, earlier) for earlier, later in pairwise(steps)]
            self._steps[question] = steps
        return self._steps[question]

    def _level(self, test: Test) -> z3.BoolRef:
        question = test.about
        values = test.value if isinstance(test.value, tuple) else (test.value,)
        places = [test.levels.index(str(value)) for value in values]
        first = places[0]
        match test.op:
            case "is" | "in":
                return self._any(self.is_level(question, place) for place in places)
            case "is_not":
                return z3.Not(self.is_level(question, first))
            case "below":
                return z3.Not(self.reaches(question, first))
            case "at_most":
                return z3.Not(self.reaches(question, first + 1))
            case "at_least":
                return self.reaches(question, first)
            case "above":
                return self.reaches(question, first + 1)

    # --- numbers -----------------------------------------------------------------------------------------------

    def number(self, question: str) -> z3.ArithRef:
        """Give the variable of a number, or the place of a level in its list, the first 0."""
        if self._of_other(question):
            assert self._shared is not None
            return self._shared.number(question)
        if question not in self._numbers:
            self._numbers[question] = self._made_number(self.pack.question[question])
        return self._numbers[question]

    def _made_number(self, question: Question) -> z3.ArithRef:
        if question.type != "number":
            one, zero = self.constant(1), self.constant(0)
            return z3.Sum([zero, *(z3.If(step, one, zero) for step in self._steps_of(question.id))])
        number = z3.Real(f"{question.id}{self._mark}", self.context)
        low, high = self.constant(question.minimum), self.constant(question.maximum)
        self._bounds[question.id] = [number >= low, number <= high]
        return number

    def _number_test(self, test: Test, op: str, value: object) -> z3.BoolRef:
        number = self._number_about(test.about)
        left, right = number.upper, self.constant(value) * number.lower
        match op:
            case "is":
                return left == right
            case "is_not":
                return left != right
            case "below":
                return left < right
            case "at_most":
                return left <= right
            case "at_least":
                return left >= right
            case _:
                return left > right

    def constant(self, value: object) -> z3.ArithRef:
        """Give a number."""
        # 0.7 is seven tenths, as the author wrote it, not the double nearest to it
        exact = Fraction(repr(value))
        return z3.RealVal(exact, self.context)

    def _number_about(self, about: str) -> _Fraction:
        if about not in self.pack.quantity:
            return _Fraction(self.number(about), self.constant(1))
        if about not in self._quantities:
            self._quantities[about] = self._quantity(self.pack.quantity[about])
        return self._quantities[about]

    def _quantity(self, quantity: Quantity) -> _Fraction:
        parts = [
            self._number_about(part) if isinstance(part, str) else _Fraction(self.constant(part), self.constant(1))
            for part in quantity.of
        ]
        found = parts[0]
        for part in parts[1:]:
            match quantity.op:
                case "sum":
                    found = _added(found, part)
                case "difference":
                    found = _added(found, _Fraction(-part.upper, part.lower))
                case "product":
                    found = _Fraction(found.upper * part.upper, found.lower * part.lower)
                case "ratio":
                    found = self._divided(found, part)
        return found

    def _divided(self, one: _Fraction, other: _Fraction) -> _Fraction:
        # the loader sees to it that what is divided by is never 0; so it has one sign, and the lower part is made
        # positive by it
        lower = one.lower * other.upper
        upper = one.upper * other.lower
        negative = other.upper < 0
        return _Fraction(z3.If(negative, -upper, upper), z3.If(negative, -lower, lower))

    # --- back to answers -----------------------------------------------------------------------------------------

    def project(self, model: z3.ModelRef, conditions: Sequence[Condition]) -> dict[str, Value]:
        """Read the answers that conditions depend on from a model of z3, in pack order.

        Args:
            model: What z3 found.
            conditions: The conditions.

        Returns:
            The answers by question, without those that are not asked.
        """
        questions = self._questions(conditions, built_on(self.pack, *conditions))
        return {
            question: self._answer(model, self.pack.question[question])
            for question in questions
            if _true(model, self.asked(question))
        }

    def _answer(self, model: z3.ModelRef, question: Question) -> Value:
        if not _true(model, self.applies(question.id)):
            return NOT_APPLICABLE
        if question.type == "number":
            return _float(model.eval(self.number(question.id), model_completion=True))
        reached = [_true(model, step) for step in self._steps_of(question.id)]
        return question.level_ids[sum(reached)]


def _added(one: _Fraction, other: _Fraction) -> _Fraction:
    return _Fraction(one.upper * other.lower + other.upper * one.lower, one.lower * other.lower)


def _true(model: z3.ModelRef, formula: z3.BoolRef) -> bool:
    return bool(z3.is_true(model.eval(formula, model_completion=True)))


def _float(value: Anything) -> float:
    exact = value.approx(20) if z3.is_algebraic_value(value) else value
    return float(exact.as_fraction())
