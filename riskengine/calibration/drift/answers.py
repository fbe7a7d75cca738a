"""Has the mix of answers shifted: the latest projects against those before, all questions together.

A permutation test on the largest of all questions' chi-squared statistics, each brought to a common scale. So the
chance of naming any question although nothing has shifted is one in twenty, however many questions there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskengine.calibration.layout import FloatArray
from riskengine.logic.conditions import NotApplicable, Value
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack

__all__ = ["Shift", "shifted_answers"]

PERMUTATIONS = 999
BY_CHANCE = 0.05
PARTS = 4
"""Numbers are cut at their quartiles."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A question that is answered otherwise than before.

    Attributes:
        question: Its id.
        p_value: How often so large a shift of any question comes by chance.
        answer: The answer whose share changed most.
        before: Its share before.
        after: Its share among the latest.
    """

    question: str
    p_value: float
    answer: str
    before: float
    after: float


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    question: str
    names: tuple[str, ...]
    indicators: FloatArray

    def statistics(self, latest: FloatArray) -> FloatArray:
        """Chi-squared of each split of the projects (rows of `latest`), less its mean, over its deviation."""
        n, size = len(self.indicators), latest.sum(axis=1, keepdims=True)
        totals = self.indicators.sum(axis=0)
        after = latest @ self.indicators
        expected = size * totals / n
        chi = ((after - expected) ** 2 / expected).sum(axis=1) * n / (n - size[:, 0])
        degrees = len(self.names) - 1
        return np.asarray((chi - degrees) / np.sqrt(2 * degrees))


def shifted_answers(answers: Sequence[Mapping[str, Value]], latest: int, pack: Pack) -> list[Shift]:
    """Name the questions whose answers have shifted.

    Args:
        answers: Of each project, in order of time.
        latest: How many at the end are compared with all before.
        pack: The pack.

    Returns:
        The questions, the most certain first.
    """
    columns = list(_columns(answers, pack))
    if not columns or not 0 < latest < len(answers):
        return []
    chance = np.random.default_rng(0)
    observed = np.zeros(len(answers))
    observed[-latest:] = 1.0
    splits = np.array([observed, *(chance.permutation(observed) for _ in range(PERMUTATIONS))])
    values = np.array([column.statistics(splits) for column in columns])
    largest = values[:, 1:].max(axis=0)
    found = []
    for column, value in zip(columns, values[:, 0].tolist(), strict=True):
        p_value = (1 + int((largest >= value).sum())) / (1 + PERMUTATIONS)
        if p_value <= BY_CHANCE:
            found.append(_shift(column, observed, p_value))
    return sorted(found, key=lambda one: one.p_value)


def _shift(column: _Column, observed: FloatArray, p_value: float) -> Shift:
    after = column.indicators[observed > 0].mean(axis=0)
    before = column.indicators[observed == 0].mean(axis=0)
    place = int(np.abs(after - before).argmax())
    return Shift(column.question, p_value, column.names[place], float(before[place]), float(after[place]))


def _columns(answers: Sequence[Mapping[str, Value]], pack: Pack) -> Iterator[_Column]:
    for question in pack.questions:
        values = [one.get(question.id) for one in answers]
        numbers = [value for value in values if isinstance(value, float)]
        cuts = np.unique(np.quantile(numbers, np.linspace(0, 1, PARTS + 1)[1:-1])) if numbers else np.empty(0)
        texts = [_text(value, cuts) for value in values]
        names = tuple(dict.fromkeys(texts))
        if len(names) > 1:
            yield _Column(question.id, names, np.array([[float(text == name) for name in names] for text in texts]))


def _text(value: Value, cuts: NDArray[np.float64]) -> str:
    if value is None:
        return "(not known)"
    if isinstance(value, NotApplicable):
        return NOT_APPLICABLE_LEVEL
    if isinstance(value, str):
        return value
    place = int(np.searchsorted(cuts, value))
    if place == len(cuts):
        return f"above {cuts[-1]:g}"
    return f"up to {cuts[place]:g}"
