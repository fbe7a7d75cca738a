"""Which projects belong together by the value of a column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

from riskengine.assessment.names import DEPARTMENT, key_of
from riskengine.calibration.history import HistoryRow
from riskengine.logic.conditions import NOT_APPLICABLE
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack

__all__ = ["groups_of"]

UNKNOWN = "(not known)"


def groups_of(rows: Sequence[HistoryRow], column: str, pack: Pack) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Divide projects by a column.

    Args:
        rows: The projects.
        column: A question's id, or a column that was kept; numbers of a question are divided at their median.
        pack: The pack.

    Yields:
        A value and which projects have it: levels in the order of the question, other texts sorted, the unknown
        last. Values that nobody has are left out.
    """
    values = _texts(rows, column, pack)
    question = pack.question.get(column)
    order = list(question.level_ids) if question is not None else []
    for value in sorted(set(values), key=lambda one: (one == UNKNOWN, order.index(one) if one in order else 0, one)):
        yield value, np.array([one == value for one in values])


def _texts(rows: Sequence[HistoryRow], column: str, pack: Pack) -> list[str]:
    if column not in pack.question and column == DEPARTMENT:
        return _departments(rows)
    if column not in pack.question:
        return [row.kept.get(column) or UNKNOWN for row in rows]
    answers = [row.answers.get(column) for row in rows]
    numbers = [value for value in answers if isinstance(value, float)]
    middle = median(numbers) if numbers else 0.0
    return [_text(value, middle) for value in answers]


def _departments(rows: Sequence[HistoryRow]) -> list[str]:
    """Give the department of each, by one spelling."""
    names = {key_of(row.department): row.department for row in reversed(rows) if row.department is not None}
    return [UNKNOWN if row.department is None else names[key_of(row.department)] for row in rows]


def _text(value: object, middle: float) -> str:
    if value is None:
        return UNKNOWN
    if value is NOT_APPLICABLE:
        return NOT_APPLICABLE_LEVEL
    if isinstance(value, float):
        return f"up to {middle:g}" if value <= middle else f"above {middle:g}"
    return str(value)
