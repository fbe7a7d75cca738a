"""Declared arithmetic: a number worked out from answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

from riskengine.logic.conditions import NOT_APPLICABLE, NotApplicable

__all__ = ["Operation", "bounds", "compute"]

Operation: TypeAlias = Literal["sum", "difference", "product", "ratio"]


def compute(op: Operation, parts: Sequence[float | NotApplicable | None]) -> float | NotApplicable | None:
    """Work out a quantity.

    Args:
        op: The operation; difference and ratio take exactly two parts.
        parts: The parts' numbers, in order.

    Returns:
        The number; not applicable if a part is; else unknown if a part is.

    Examples:
        >>> compute("ratio", [3.0, 4.0]), compute("sum", [1.0, None]) is None
        (0.75, True)
    """
    numbers: list[float] = []
    unknown = False
    for part in parts:
        if isinstance(part, NotApplicable):
            return NOT_APPLICABLE
        if part is None:
            unknown = True
        else:
            numbers.append(part)
    return None if unknown else _apply(op, numbers)


def bounds(op: Operation, parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Give the smallest and the largest number that a quantity can take, by interval arithmetic.

    Args:
        op: The operation.
        parts: The parts' own bounds; a ratio's second part must not contain 0.

    Returns:
        Lower and upper bound; infinite where the numbers can outgrow a double.
    """
    if op == "sum":
        return math.fsum(low for low, _ in parts), math.fsum(high for _, high in parts)
    if op == "difference":
        return parts[0][0] - parts[1][1], parts[0][1] - parts[1][0]
    low, high = parts[0]
    for other in parts[1:]:
        corners = [_apply(op, [a, b]) for a in (low, high) for b in other]
        low, high = min(corners), max(corners)
    return low, high


def _apply(op: Operation, numbers: Sequence[float]) -> float:
    result = numbers[0]
    for number in numbers[1:]:
        match op:
            case "sum":
                result += number
            case "difference":
                result -= number
            case "product":
                result *= number
            case "ratio":
                result /= number
    return result
