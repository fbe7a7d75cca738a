"""The intermediate form of conditions: a small immutable tree that every executor reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "NOT_APPLICABLE",
    "ORDER_OPERATORS",
    "All",
    "Any",
    "AtLeast",
    "Conclusion",
    "Condition",
    "Not",
    "NotApplicable",
    "Operator",
    "Test",
    "Value",
    "holds",
    "walk",
]


class NotApplicable:
    """The value of an answer to a question that does not apply to this project."""

    _only: NotApplicable | None = None

    def __new__(cls) -> NotApplicable:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "NOT_APPLICABLE"

    def __reduce__(self) -> tuple[type[NotApplicable], tuple[()]]:
        return NotApplicable, ()


NOT_APPLICABLE = NotApplicable()

Value: TypeAlias = "float | str | NotApplicable | None"
"""An answer as executors see it: a number, a level's id (`yes` and `no` are levels too), or one of the two
absences: `NOT_APPLICABLE`, and `None` for unknown."""

Operator: TypeAlias = Literal["is", "is_not", "in", "below", "at_most", "at_least", "above"]
ORDER_OPERATORS = ("below", "at_most", "at_least", "above")


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison about a question or a quantity.

    Attributes:
        about: Id of the question or quantity.
        op: The operator.
        value: A number or a level's id; for `in`, a tuple of these.
        levels: The question's level ids in order, where its answers are levels; empty for numbers.
    """

    __test__ = False  # not a pytest class

    about: str
    op: Operator
    value: float | str | tuple[float | str, ...]
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A named fact that rules establish."""

    id: str


@dataclass(frozen=True, slots=True)
class All:
    """Holds if every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Holds if some part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds if its part does not."""

    part: Condition


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Holds if at least `needed` of the parts hold."""

    needed: int
    parts: tuple[Condition, ...]


Condition: TypeAlias = "Test | Conclusion | All | Any | Not | AtLeast"


def walk(condition: Condition) -> Iterator[Condition]:
    """Give the condition and everything in it, parents first, in reading order."""
    yield condition
    match condition:
        case All(parts) | Any(parts) | AtLeast(_, parts):
            for part in parts:
                yield from walk(part)
        case Not(part):
            yield from walk(part)


def holds(test: Test, value: Value) -> bool | None:
    """Decide one test by one value, without the question's gate.

    A test about something that does not apply is false, whatever its operator.

    Args:
        test: The test.
        value: The answer, or the quantity's number.

    Returns:
        `True`, `False`, or `None` if the value is unknown.

    Examples:
        >>> size = Test("size", "at_least", "large", ("small", "medium", "large"))
        >>> holds(size, "medium"), holds(size, None), holds(size, NOT_APPLICABLE)
        (False, None, False)
    """
    if value is None:
        return None
    if isinstance(value, NotApplicable):
        return False
    if test.op == "is":
        return value == test.value
    if test.op == "is_not":
        return value != test.value
    if test.op == "in":
        assert isinstance(test.value, tuple)
        return value in test.value
    left, right = _place(test, value), _place(test, test.value)
    if test.op == "below":
        return left < right
    if test.op == "at_most":
        return left <= right
    if test.op == "at_least":
        return left >= right
    return left > right


def _place(test: Test, value: object) -> float:
    """Give the number that an ordering test compares: the value, or its place in the list of levels."""
    if isinstance(value, str):
        return test.levels.index(value)
    assert isinstance(value, (int, float))
    return value
