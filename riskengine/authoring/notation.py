"""Conditions written back in the words of the pack language, short enough for a message."""

from __future__ import annotations

from collections.abc import Iterable

from riskengine.errors import shorten
from riskengine.logic.conditions import All, Any, AtLeast, Conclusion, Condition, Not, Test

__all__ = ["listed", "said"]

_LENGTH = 100


def said(condition: Condition) -> str:
    """Write a condition on one line, in backticks, as it would stand in a rule.

    Args:
        condition: The condition.

    Examples:
        >>> said(All((Conclusion("thin_team"), Not(Test("users", "above", 9.0)))))
        '`all: [thin_team, {not: {users: {above: 9}}}]`'
    """
    return f"`{shorten(_written(condition), _LENGTH)}`"


def listed(names: Iterable[str], last: str = "and") -> str:
    """Join names as a sentence does.

    Examples:
        >>> listed(["`a`", "`b`", "`c`"]), listed(["`a`"], "or")
        ('`a`, `b` and `c`', '`a`')
    """
    given = list(names)
    if len(given) < 2:
        return "".join(given)
    return f"{', '.join(given[:-1])} {last} {given[-1]}"


def _written(condition: Condition) -> str:
    match condition:
        case Test(about, op, value):
            return f"{about}: {_compared(op, value)}"
        case Conclusion(name):
            return name
        case Not(part):
            return f"not: {_braced(part)}"
        case All(parts):
            return f"all: {_listed(parts)}"
        case Any(parts):
            return f"any: {_listed(parts)}"
        case AtLeast(needed, parts):
            return f"at_least: {needed}, of: {_listed(parts)}"


def _compared(op: str, value: float | str | tuple[float | str, ...]) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_scalar, value))}]"
    return _scalar(value) if op == "is" else f"{{{op}: {_scalar(value)}}}"


def _scalar(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def _listed(parts: Iterable[Condition]) -> str:
    return f"[{', '.join(map(_braced, parts))}]"


def _braced(part: Condition) -> str:
    written = _written(part)
    return written if isinstance(part, Conclusion) else f"{{{written}}}"
