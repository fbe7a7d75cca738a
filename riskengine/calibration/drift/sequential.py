"""Sequential tests of predictions against outcomes.

Sources: Page 1954, Biometrika 41, 100 (the cumulative sum); Steiner et al. 2000, Biostatistics 1, 441 (its form for
risks that differ from case to case); Cox 1958, Biometrika 45, 562 (calibration as intercept and slope); Davis et al.
2020, Journal of Biomedical Informatics 112, 103611 (drift of clinical models). Limits and rates of false alarms come
from a simulation of this recipe.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskengine.calibration.layout import FloatArray
from riskengine.calibration.posterior import expit

__all__ = ["ALARM", "HINT", "SCORE_LIMIT", "Cusum", "cusum", "score_test"]

ODDS = 2.0
"""The change that the sums look for: the odds of failure times two, or half."""

ALARM, HINT = 6.0, 4.5
"""Where a sum raises an alarm (4 to 8 % false ones in 400 projects), and a hint."""

SCORE_LIMIT = 13.8
"""Chi-squared with two degrees of freedom, exceeded by chance once in a thousand."""


@dataclass(frozen=True, slots=True, eq=False)
class Cusum:
    """One of the two sums.

    Attributes:
        path: Its value after each project; it starts again after an alarm.
        alarms: Places at which it reached the limit.
        rises: For each alarm, where the rise to it began: the most likely time of the change.
        since: Where the rise that it stands at began.
    """

    path: FloatArray
    alarms: tuple[int, ...]
    rises: tuple[int, ...]
    since: int


def cusum(failed: FloatArray, log_odds: FloatArray, odds: float = ODDS) -> Cusum:
    """Add up how much better each outcome fits changed odds of failure than the predicted ones.

    Args:
        failed: 1 for failed, 0 for succeeded, in the order in which it became known.
        log_odds: As predicted before that.
        odds: The change looked for, as a factor; below 1 for fewer failures.

    Returns:
        The sum, never below 0.

    Examples:
        >>> round(float(cusum(np.ones(3), np.zeros(3)).path[-1]), 3)
        0.863
    """
    before, after = expit(log_odds), expit(log_odds + np.log(odds))
    steps = np.where(failed > 0.5, np.log(after / before), np.log((1 - after) / (1 - before)))
    value, start = 0.0, 0
    path, alarms, rises = [], [], []
    for place, step in enumerate(steps.tolist()):
        if value <= 0.0:
            start = place
        value = max(0.0, value + step)
        path.append(value)
        if value >= ALARM:
            alarms.append(place)
            rises.append(start)
            value = 0.0
    return Cusum(np.array(path), tuple(alarms), tuple(rises), start)


def score_test(failed: FloatArray, log_odds: FloatArray) -> float:
    """Give the score statistic for intercept 0 and slope 1; chi-squared with two degrees of freedom.

    Args:
        failed: 1 for failed, 0 for succeeded.
        log_odds: As predicted.
    """
    columns = np.column_stack([np.ones(len(failed)), log_odds])
    p = expit(log_odds)
    score = columns.T @ (failed - p)
    information = (columns.T * (p * (1.0 - p))) @ columns
    return float(score @ np.linalg.pinv(information) @ score)
