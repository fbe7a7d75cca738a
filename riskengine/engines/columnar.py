"""The columnar executor: a pack compiled once into expressions over whole columns, on any backend of narwhals.

Unknown is null, and the three values are the backend's own Kleene logic. What backends disagree about (`is_in` on
nulls, casts, rounding) does not occur in what is emitted. Conclusions are chained in layers: one `with_columns` for
each step of the longest chain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, and_, or_
from typing import Any as Anything
from typing import TypeAlias, TypeVar

import narwhals as nw

from riskengine.logic.conditions import All, Any, AtLeast, Conclusion, Condition, Not, Test, walk
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question

__all__ = [
    "PREFIX",
    "Columnar",
    "Frame",
    "Layer",
    "absent",
    "all_of",
    "answer",
    "any_of",
    "asked",
    "due",
    "rule_column",
    "total",
]

Frame = TypeVar("Frame", nw.DataFrame[Anything], nw.LazyFrame[Anything])
Layer: TypeAlias = Mapping[str, nw.Expr]

PREFIX = "__riskengine_"
"""Of the columns that a computation adds to a frame and takes away again."""


def answer(question: str) -> str:
    """Name the column of an answer: the place of its level in the list, or its number; null where unknown."""
    return f"{PREFIX}answer_{question}"


def absent(question: str) -> str:
    """Name the column that says whether a question does not apply; never null."""
    return f"{PREFIX}absent_{question}"


def asked(question: str) -> str:
    """Name the column that says whether a question with a gate is asked; null while the gate is open."""
    return f"{PREFIX}asked_{question}"


def due(question: str) -> str:
    """Name the column that says whether a question should be known by now: true, false, or null."""
    return f"{PREFIX}due_{question}"


def rule_column(rule: str) -> str:
    """Name the column of a rule's state: true, false, or null where it is possible."""
    return f"{PREFIX}rule_{rule}"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is known of a number: its expression, and where it does not apply."""

    value: nw.Expr
    absent: nw.Expr | None


class Columnar:
    """A pack compiled for columns.

    Attributes:
        pack: The pack.
        layers: New columns in the order in which they can be worked out, each layer from those before.
    """

    name = "columnar"

    def __init__(self, pack: Pack) -> None:
        """Compile a pack.

        Args:
            pack: The pack.
        """
        self.pack = pack
        self._shared = _shared_tests(pack)
        self.layers: tuple[Layer, ...] = (*self._asked(), {**self._tests(), **self._due()}, *self._chain())

    def typed(self, frame: Frame, columns: Mapping[str, str], flags: Mapping[str, str]) -> Frame:
        """Add the columns of answers, from columns of text and numbers that were checked.

        Args:
            frame: The frame.
            columns: For each question that the frame holds, the name of its column. Levels are text, `n/a` among
                them, or `UInt8`: their places in the list, and one past the last for `n/a`.
            flags: For questions answered by a number, the name of a boolean column that is true where the question
                does not apply.
        """
        schema = frame.collect_schema()
        new: dict[str, nw.Expr] = {}
        for question in self.pack.questions:
            column = columns.get(question.id)
            if column is not None and question.type != "number" and schema[column] == nw.UInt8:
                new |= _placed(question, nw.col(column))
            else:
                new |= _typed(question, column, flags.get(question.id))
        return frame.with_columns(**new)

    def states(self, frame: Frame) -> Frame:
        """Add the state of every rule, in the columns that `rule_column` names.

        Args:
            frame: A frame with the columns of answers.
        """
        for layer in self.layers:
            if layer:
                frame = frame.with_columns(**layer)
        return frame

    # --- questions that are asked -------------------------------------------------------------------------

    def _asked(self) -> list[Layer]:
        """Work out gates, those of gates first."""
        layers: list[dict[str, nw.Expr]] = []
        depth: dict[str, int] = {}
        for question in self.pack.questions:
            if question.ask_when is None:
                continue
            read = self.pack.questions_read(question.ask_when)
            depth[question.id] = 1 + max((depth.get(one, 0) for one in read), default=0)
            while len(layers) < depth[question.id]:
                layers.append({})
            layers[depth[question.id] - 1][asked(question.id)] = self._condition(question.ask_when, inline=True)
        return list(layers)

    def _due(self) -> Layer:
        return {
            due(question.id): self._condition(question.due_when, inline=True)
            for question in self.pack.questions
            if question.due_when is not None
        }

    def _gates(self, about: str) -> list[nw.Expr]:
        return [
            nw.col(asked(question))
            for question in self.pack.questions_of[about]
            if self.pack.question[question].ask_when is not None
        ]

    # --- tests --------------------------------------------------------------------------------------------

    def _tests(self) -> Layer:
        """Give tests that occur more than once a column."""
        return {name: self._test(test) for test, name in self._shared.items()}

    def _test(self, test: Test) -> nw.Expr:
        held = self._question(test) if test.about in self.pack.question else self._quantity(test)
        return all_of([*self._gates(test.about), held])

    def _question(self, test: Test) -> nw.Expr:
        question = self.pack.question[test.about]
        value = nw.col(answer(question.id))
        if question.type == "number":
            held = _compared(value, test.op, _numbers(test))
        else:
            held = _compared(value, test.op, _places(test, question))
        return held & ~nw.col(absent(question.id)) if question.may_not_apply else held

    def _quantity(self, test: Test) -> nw.Expr:
        parts = self._number(test.about)
        held = _compared(parts.value, test.op, _numbers(test))
        return held if parts.absent is None else held & ~parts.absent

    def _number(self, about: str) -> _Parts:
        question = self.pack.question.get(about)
        if question is not None:
            # places are small numbers, maybe without a sign
            value = nw.col(answer(about)).cast(nw.Float64)
            return _Parts(value, nw.col(absent(about)) if question.may_not_apply else None)
        quantity = self.pack.quantity[about]
        parts = [self._number(part) if isinstance(part, str) else _Parts(nw.lit(part), None) for part in quantity.of]
        flags = [part.absent for part in parts if part.absent is not None]
        values = [part.value for part in parts]
        match quantity.op:
            case "sum":
                value = total(values)
            case "difference":
                value = reduce(lambda left, right: left - right, values)
            case "product":
                value = reduce(lambda left, right: left * right, values)
            case "ratio":
                value = reduce(lambda left, right: left / right, values)
        return _Parts(value, any_of(flags) if flags else None)

    # --- conditions and chains ----------------------------------------------------------------------------

    def _chain(self) -> list[Layer]:
        """Work out rules in layers: each after those that establish the conclusions it reads."""
        depth: dict[str, int] = {}
        layers: list[dict[str, nw.Expr]] = []
        for rule in self.pack.rule_order:
            read = self.pack.conclusions_read[rule]
            before = [depth[other] for conclusion in read for other in self.pack.rules_concluding[conclusion]]
            depth[rule] = 1 + max(before, default=-1)
            while len(layers) <= depth[rule]:
                layers.append({})
            layers[depth[rule]][rule_column(rule)] = self._condition(self.pack.rule[rule].when)
        return list(layers)

    def _condition(self, condition: Condition, *, inline: bool = False) -> nw.Expr:
        match condition:
            case Test():
                shared = None if inline else self._shared.get(condition)
                return self._test(condition) if shared is None else nw.col(shared)
            case Conclusion(name):
                rules = [nw.col(rule_column(rule)) for rule in self.pack.rules_concluding[name]]
                return any_of(rules) if rules else nw.lit(False)
            case Not(part):
                return ~self._condition(part, inline=inline)
            case All(parts):
                return all_of([self._condition(part, inline=inline) for part in parts])
            case Any(parts):
                return any_of([self._condition(part, inline=inline) for part in parts])
            case AtLeast(needed, parts):
                return _at_least(needed, [self._condition(part, inline=inline) for part in parts])


def _shared_tests(pack: Pack) -> dict[Test, str]:
    """Name the tests that rules use more than once."""
    seen: dict[Test, int] = {}
    for rule in pack.rules:
        for node in walk(rule.when):
            if isinstance(node, Test):
                seen[node] = seen.get(node, 0) + 1
    often = (test for test, times in seen.items() if times > 1)
    return {test: f"{PREFIX}test_{number}" for number, test in enumerate(often)}


def _typed(question: Question, column: str | None, flag: str | None) -> dict[str, nw.Expr]:
    number = question.type == "number"
    if column is None:
        made = {answer(question.id): nw.lit(None).cast(nw.Float64)}
        return {**made, absent(question.id): nw.lit(False)} if question.may_not_apply else made
    given = nw.col(column)
    if number:
        made = {answer(question.id): given.cast(nw.Float64)}
        if question.may_not_apply:
            made[absent(question.id)] = nw.lit(False) if flag is None else nw.col(flag).fill_null(False)
        return made
    places = []
    for place, level in enumerate(question.levels):
        is_level = any_of([given == name for name in (level.id, *level.renamed_from)])
        places.append(nw.when(is_level).then(nw.lit(place, nw.Int16)))
    made = {answer(question.id): nw.coalesce(*places)}
    if question.may_not_apply:
        made[absent(question.id)] = (given == NOT_APPLICABLE_LEVEL).fill_null(False)
    return made


def _placed(question: Question, place: nw.Expr) -> dict[str, nw.Expr]:
    if not question.may_not_apply:
        return {answer(question.id): place}
    past = len(question.levels)
    return {
        answer(question.id): nw.when(place < past).then(place),
        absent(question.id): (place == past).fill_null(False),
    }


def _numbers(test: Test) -> list[float]:
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    return [float(value) for value in values]


def _places(test: Test, question: Question) -> list[int]:
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    return [question.level_ids.index(str(value)) for value in values]


def _compared(value: nw.Expr, op: str, right: Sequence[int] | Sequence[float]) -> nw.Expr:
    match op:
        case "is":
            return value == right[0]
        case "is_not":
            return value != right[0]
        case "in":
            return any_of([value == one for one in right])
        case "below":
            return value < right[0]
        case "at_most":
            return value <= right[0]
        case "at_least":
            return value >= right[0]
        case _:
            return value > right[0]


def _at_least(needed: int, parts: Sequence[nw.Expr]) -> nw.Expr:
    """True once enough parts are true, false once too few are left, null between."""
    if needed <= 0:
        return nw.lit(True)
    holding = total(_one_where(part.fill_null(False)) for part in parts)
    left = total(_one_where(part.fill_null(True)) for part in parts)
    undecided = nw.when(left < needed).then(nw.lit(False)).otherwise(nw.lit(None))
    return nw.when(holding >= needed).then(nw.lit(True)).otherwise(undecided)


def all_of(parts: Iterable[nw.Expr]) -> nw.Expr:
    """Join with Kleene's and."""
    return _balanced(and_, list(parts))


def any_of(parts: Iterable[nw.Expr]) -> nw.Expr:
    """Join with Kleene's or."""
    return _balanced(or_, list(parts))


def total(parts: Iterable[nw.Expr]) -> nw.Expr:
    """Add up; null where a part is null."""
    return _balanced(add, list(parts))


def _balanced(join: Callable[[nw.Expr, nw.Expr], nw.Expr], parts: Sequence[nw.Expr]) -> nw.Expr:
    """Join halves: a chain of some fifty is nested deeper than Spark Connect can send."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return join(_balanced(join, parts[:middle]), _balanced(join, parts[middle:]))


def _one_where(held: nw.Expr) -> nw.Expr:
    return nw.when(held).then(nw.lit(1)).otherwise(nw.lit(0))
