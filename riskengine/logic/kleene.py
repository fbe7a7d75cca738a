"""Kleene's strong three-valued logic; `None` is unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from riskengine.logic.conditions import All, Any, AtLeast, Conclusion, Condition, Not, Test

__all__ = ["all_of", "any_of", "at_least", "evaluate", "negation"]


def at_least(needed: int, parts: Iterable[bool | None]) -> bool | None:
    """Say whether at least `needed` of the parts hold, where `None` is unknown.

    Unknown only while the unknown parts could still decide it.

    Args:
        needed: How many parts must hold; zero or less always holds.
        parts: Three-valued parts, in any order.

    Returns:
        `True`, `False`, or `None` when the answer depends on an unknown part.

    Examples:
        >>> at_least(2, [True, None, True])
        True
        >>> at_least(2, [True, None, False]) is None
        True
    """
    values = list(parts)
    holding = values.count(True)
    if holding >= needed:
        return True
    return None if holding + values.count(None) >= needed else False


def all_of(parts: Iterable[bool | None]) -> bool | None:
    """Say whether all parts hold; of no parts, all do.

    Examples:
        >>> all_of([True, None]) is None, all_of([None, False])
        (True, False)
    """
    values = list(parts)
    return at_least(len(values), values)


def any_of(parts: Iterable[bool | None]) -> bool | None:
    """Say whether any part holds; of no parts, none does.

    Examples:
        >>> any_of([False, None]) is None, any_of([None, True])
        (True, True)
    """
    return at_least(1, parts)


def negation(part: bool | None) -> bool | None:
    """Turn true into false and false into true; what is unknown stays unknown."""
    return None if part is None else not part


def evaluate(condition: Condition, decide: Callable[[Test | Conclusion], bool | None]) -> bool | None:
    """Evaluate one condition, given what its tests and conclusions come to.

    Args:
        condition: The condition.
        decide: Says of a test, gates included, or of a conclusion whether it holds.

    Returns:
        `True`, `False`, or `None` for unknown.
    """
    match condition:
        case Test() | Conclusion():
            return decide(condition)
        case Not(part):
            return negation(evaluate(part, decide))
        case All(parts):
            return all_of(evaluate(part, decide) for part in parts)
        case Any(parts):
            return any_of(evaluate(part, decide) for part in parts)
        case AtLeast(needed, parts):
            return at_least(needed, (evaluate(part, decide) for part in parts))
