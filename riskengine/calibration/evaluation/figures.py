"""All figures about some held-out predictions, each only where the projects are enough for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from riskengine.calibration.evaluation import measures
from riskengine.calibration.evaluation.data import Compared, CurvePoint, DecisionPoint, Figure, Figures, Missing
from riskengine.calibration.evaluation.enough import NEEDED, TooLittle, not_of_a_selection, too_little
from riskengine.calibration.layout import FloatArray
from riskengine.calibration.posterior import expit

__all__ = ["Judged", "figures", "missing", "rounded_figure"]

CURVE_POINTS = 41
CURVE_REACH = (5.0, 95.0)
"""Percentiles of the predictions between which the curve is drawn: beyond, there is nothing to draw it from."""

THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))
DIGITS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Held-out predictions of some projects, with what they are compared with.

    Attributes:
        failed: 1 for failed, 0 for succeeded; shape (n,).
        model: Moderated log-odds of each repeat; shape (repeats, n).
        base_rate: Share of failures among those learned from, of each repeat; shape (repeats, n).
        rules: Log-odds of the rules' prior, moderated; shape (n,).
        full_rules: The same without moderation; shape (n,).
        expected_rate: Share of failures to expect where there are none, or nothing else.
        selected: Whether the projects are a selection, so that how many failed says nothing.
    """

    failed: FloatArray
    model: FloatArray
    base_rate: FloatArray
    rules: FloatArray
    full_rules: FloatArray
    expected_rate: float
    selected: bool = False

    def some(self, places: NDArray[np.bool_]) -> Judged:
        """Give some of the projects, those where `places` is true."""
        return replace(
            self,
            failed=self.failed[places],
            model=self.model[:, places],
            base_rate=self.base_rate[:, places],
            rules=self.rules[places],
            full_rules=self.full_rules[places],
        )


def rounded_figure(value: float, low: float, high: float) -> Figure:
    """Give a figure with its interval, rounded as files hold numbers."""
    return Figure(value=round(value, DIGITS), interval=(round(low, DIGITS), round(high, DIGITS)))


def missing(found: TooLittle) -> Missing:
    """Give what is missing as data."""
    return Missing(figure=found.figure, sentence=found.sentence, more_outcomes=found.more)


def figures(judged: Judged) -> Figures:
    """Give all figures about held-out predictions.

    Args:
        judged: The predictions and what became of the projects.

    Returns:
        The figures; those for which the projects are too few are null, with the sentence that says so.
    """
    n, failed = len(judged.failed), int(judged.failed.sum())
    lacking = {key: too_little(key, failed, n - failed, judged.expected_rate) for key in _ORDER}
    if judged.selected:
        lacking |= {key: not_of_a_selection(key) for key in _ORDER if NEEDED[key].of_the_level}
    shown = {key for key, found in lacking.items() if found is None}
    expected = float(expit(judged.model).mean(axis=0).sum())
    return Figures(
        projects=n,
        failed=failed,
        expected=round(expected, DIGITS),
        observed_over_expected=None if judged.selected else _observed_over_expected(failed, n, expected),
        log_loss=_compared(judged, measures.log_losses) if "losses" in shown else None,
        brier=_compared(judged, measures.brier_losses) if "losses" in shown else None,
        auc=_auc(judged.failed, list(judged.model)) if "auc" in shown else None,
        rules_auc=_auc(judged.failed, [judged.rules]) if "auc" in shown else None,
        intercept=_mean_fit(judged, measures.calibration_intercept) if "intercept" in shown else None,
        slope=_mean_fit(judged, measures.calibration_slope) if "slope" in shown else None,
        curve=_curve(judged) if "curve" in shown else None,
        decision=_decision(judged) if "decision" in shown else None,
        too_little=tuple(missing(found) for found in lacking.values() if found is not None),
    )


_ORDER = ("losses", "decision", "auc", "intercept", "slope", "curve")


def _observed_over_expected(failed: int, n: int, expected: float) -> Figure:
    low, high = measures.exact_interval(failed, n)
    return rounded_figure(failed / expected, low * n / expected, high * n / expected)


def _compared(judged: Judged, losses: Callable[[FloatArray, FloatArray], FloatArray]) -> Compared:
    def mean(p: FloatArray) -> FloatArray:
        return np.asarray(np.mean([losses(judged.failed, one) for one in np.atleast_2d(p)], axis=0))

    model, base_rate = mean(expit(judged.model)), mean(judged.base_rate)
    rules = mean(expit(judged.rules))
    return Compared(
        model=_figure(model),
        base_rate=_figure(base_rate),
        rules=_figure(rules),
        full_rules=_figure(mean(expit(judged.full_rules))),
        gain_over_base_rate=_figure(base_rate - model),
        gain_over_rules=_figure(rules - model),
    )


def _figure(losses: FloatArray) -> Figure:
    return rounded_figure(*measures.mean_interval(losses))


def _auc(failed: FloatArray, log_odds: Sequence[FloatArray]) -> Figure:
    area = math.fsum(measures.auc(failed, one) for one in log_odds) / len(log_odds)
    m = int(failed.sum())
    return rounded_figure(area, *measures.auc_interval(area, m, len(failed) - m))


def _mean_fit(judged: Judged, fit: Callable[[FloatArray, FloatArray], tuple[float, float]]) -> Figure:
    fits = np.array([fit(judged.failed, one) for one in judged.model])
    value, error = fits.mean(axis=0).tolist()
    reach = measures.Z_95 * error
    return rounded_figure(value, value - reach, value + reach)


def _curve(judged: Judged) -> tuple[CurvePoint, ...]:
    log_odds = judged.model.mean(axis=0)
    low, high = np.percentile(log_odds, CURVE_REACH).tolist()
    points = np.linspace(low, high, CURVE_POINTS)
    lines = np.round([expit(points), *measures.calibration_curve(judged.failed, log_odds, points)], DIGITS)
    return tuple(
        CurvePoint(predicted=at, observed=centre, band=(below, above)) for at, centre, below, above in lines.T.tolist()
    )


def _decision(judged: Judged) -> tuple[DecisionPoint, ...]:
    found = []
    for threshold in THRESHOLDS:
        model = np.mean([measures.net_benefits(judged.failed, expit(one), threshold) for one in judged.model], axis=0)
        rules = measures.net_benefits(judged.failed, expit(judged.rules), threshold)
        everyone = measures.net_benefits(judged.failed, np.ones(len(judged.failed)), threshold)
        found.append(
            DecisionPoint(
                threshold=threshold,
                model=round(float(model.mean()), DIGITS),
                rules=round(float(rules.mean()), DIGITS),
                all=round(float(everyone.mean()), DIGITS),
                gain_over_rules=_figure(model - rules),
            )
        )
    return tuple(found)
