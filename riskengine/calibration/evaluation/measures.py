"""The figures by which probabilities are judged, with their intervals. Arrays in, numbers out.

Sources: Newcombe 2006, Statistics in Medicine 25, 559 (the AUC's interval, method 5); Clopper and Pearson 1934
(exact intervals of shares); Van Calster et al. 2016, Journal of Clinical Epidemiology 74, 167 (intercept, slope,
flexible curve); Vickers and Elkin 2006, Medical Decision Making 26, 565 (net benefit); Bates et al. 2021 (why
intervals of cross-validated losses must be widened).
"""
# ruff: noqa: N803, N806  (matrices are X, as in scikit-learn)

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from riskengine.calibration.layout import FloatArray
from riskengine.calibration.posterior import expit

__all__ = [
    "WIDENED",
    "Z_95",
    "auc",
    "auc_interval",
    "brier_losses",
    "calibration_curve",
    "calibration_intercept",
    "calibration_slope",
    "exact_interval",
    "log_losses",
    "mean_interval",
    "net_benefits",
]

Z_95 = 1.959964
WIDENED = 1.5
"""Factor on the standard errors of cross-validated losses: folds share projects, and naive intervals are too narrow."""

ROUNDS = 50
KNOTS = (5.0, 35.0, 65.0, 95.0)
"""Percentiles at which the curve may bend."""


def log_losses(failed: FloatArray, p: FloatArray) -> FloatArray:
    """Give minus the log of the probability of what happened, for each project.

    Examples:
        >>> log_losses(np.array([1.0, 0.0]), np.array([0.5, 0.5])).round(3).tolist()
        [0.693, 0.693]
    """
    return np.asarray(-np.log(np.where(failed > 0.5, p, 1.0 - p)))


def brier_losses(failed: FloatArray, p: FloatArray) -> FloatArray:
    """Give the squared distance of each probability from what happened."""
    return np.asarray((failed - p) ** 2)


def mean_interval(losses: FloatArray) -> tuple[float, float, float]:
    """Give the mean of cross-validated losses, and its 95 % interval with a widened standard error.

    Args:
        losses: Of each project.
    """
    mean = float(losses.mean())
    reach = Z_95 * WIDENED * float(losses.std(ddof=1)) / math.sqrt(len(losses))
    return mean, mean - reach, mean + reach


def auc(failed: FloatArray, p: FloatArray) -> float:
    """Give the share of pairs in which the failed project has the higher probability; ties count half.

    Examples:
        >>> auc(np.array([1.0, 0.0, 0.0]), np.array([0.6, 0.6, 0.2]))
        0.75
    """
    _, places, counts = np.unique(p, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[places]
    lost = failed > 0.5
    m, k = int(lost.sum()), int((~lost).sum())
    return float((ranks[lost].sum() - m * (m + 1) / 2.0) / (m * k))


def auc_interval(area: float, failed: int, succeeded: int) -> tuple[float, float]:
    """Give a 95 % interval of an AUC that holds for small samples and for areas near 1.

    Args:
        area: The AUC found.
        failed: How many failed.
        succeeded: How many did not.
    """
    n = (failed + succeeded) / 2 - 1

    def distance(theta: float) -> float:
        spread = 1 + n * (1 - theta) / (2 - theta) + n * theta / (1 + theta)
        return abs(area - theta) - Z_95 * math.sqrt(theta * (1 - theta) * spread / (failed * succeeded))

    return _root(distance, 0.0, area), _root(distance, 1.0, area)


def _root(distance: Callable[[float], float], outside: float, inside: float) -> float:
    """Find where the distance turns from positive (outside) to negative, by halving."""
    if distance(outside) <= 0:
        return outside
    for _ in range(60):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if distance(middle) > 0 else (outside, middle)
    return (outside + inside) / 2


def exact_interval(count: int, of: int) -> tuple[float, float]:
    """Give the exact 95 % interval of a share (Clopper and Pearson).

    Args:
        count: How many.
        of: Of how many; at least 1.

    Examples:
        >>> tuple(round(bound, 3) for bound in exact_interval(0, 10))
        (0.0, 0.308)
    """

    def at_most(k: int, share: float) -> float:
        terms = (
            math.lgamma(of + 1)
            - math.lgamma(i + 1)
            - math.lgamma(of - i + 1)
            + i * math.log(share)
            + (of - i) * math.log1p(-share)
            for i in range(k + 1)
        )
        return math.fsum(math.exp(term) for term in terms)

    low = 0.0 if count == 0 else _halved(lambda share: 1 - at_most(count - 1, share) > 0.025)
    high = 1.0 if count == of else _halved(lambda share: at_most(count, share) <= 0.025)
    return low, high


def _halved(is_above: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if is_above(middle) else (middle, high)
    return (low + high) / 2


def _fit(X: FloatArray, failed: FloatArray, offset: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Fit an unpenalised logistic regression around an offset; coefficients and covariance."""
    beta = np.zeros(X.shape[1])
    # so small a ridge moves nothing and lets even separated outcomes end
    ridge = 1e-6 * np.eye(X.shape[1])
    hessian = ridge
    for _ in range(ROUNDS):
        p = expit(offset + X @ beta)
        hessian = (X.T * (p * (1.0 - p))) @ X + ridge
        step = np.linalg.solve(hessian, X.T @ (failed - p) - ridge @ beta)
        beta = beta + np.clip(step, -5.0, 5.0)
        if np.abs(step).max() < 1e-9:
            break
    return beta, np.asarray(np.linalg.inv(hessian))


def calibration_intercept(failed: FloatArray, log_odds: FloatArray) -> tuple[float, float]:
    """Give by how much log-odds are too low on the whole (0 is right), and the standard error.

    Args:
        failed: 1 for failed, 0 for succeeded.
        log_odds: As predicted.
    """
    beta, covariance = _fit(np.ones((len(failed), 1)), failed, log_odds)
    return float(beta[0]), math.sqrt(covariance[0, 0])


def calibration_slope(failed: FloatArray, log_odds: FloatArray) -> tuple[float, float]:
    """Give by how much log-odds must be stretched (1 is right, below: too extreme), and the standard error.

    Args:
        failed: 1 for failed, 0 for succeeded.
        log_odds: As predicted.
    """
    X = np.column_stack([np.ones(len(failed)), log_odds])
    beta, covariance = _fit(X, failed, np.zeros(len(failed)))
    return float(beta[1]), math.sqrt(covariance[1, 1])


def calibration_curve(failed: FloatArray, log_odds: FloatArray, points: FloatArray) -> tuple[FloatArray, ...]:
    """Give the smoothed share of failures at some predictions, with its 95 % band.

    A restricted cubic spline of the predicted log-odds with four knots.

    Args:
        failed: 1 for failed, 0 for succeeded.
        log_odds: As predicted.
        points: Log-odds at which the curve is wanted.

    Returns:
        Centre, low and high.
    """
    knots = np.unique(np.percentile(log_odds, KNOTS))
    beta, covariance = _fit(_spline(log_odds, knots), failed, np.zeros(len(failed)))
    at = _spline(points, knots)
    centre, reach = at @ beta, Z_95 * np.sqrt(((at @ covariance) * at).sum(axis=1))
    return expit(centre), expit(centre - reach), expit(centre + reach)


def _spline(x: FloatArray, knots: FloatArray) -> FloatArray:
    """Give the columns of a cubic spline that is straight beyond its outer knots."""
    columns = [np.ones(len(x)), x]
    if len(knots) > 2:
        last, before, scale = knots[-1], knots[-2], (knots[-1] - knots[0]) ** 2

        def cube(knot: float) -> FloatArray:
            return np.asarray(np.maximum(x - knot, 0.0) ** 3)

        for knot in knots[:-2].tolist():
            tail = cube(before) * (last - knot) - cube(last) * (before - knot)
            columns.append((cube(knot) - tail / (last - before)) / scale)
    return np.column_stack(columns)


def net_benefits(failed: FloatArray, p: FloatArray, threshold: float) -> FloatArray:
    """Give what acting on each project above a threshold is worth, in failures met; the mean is the net benefit.

    Args:
        failed: 1 for failed, 0 for succeeded.
        p: Probabilities.
        threshold: From which probability on one acts; its odds say what a false alarm costs.
    """
    acted = p >= threshold
    return np.asarray(acted * (failed - (1.0 - failed) * threshold / (1.0 - threshold)))
