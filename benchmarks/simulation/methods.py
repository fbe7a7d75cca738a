"""The methods that are compared: each learns from a history of a pack's projects and judges future ones."""
# ruff: noqa: ARG001, N803, N806  (methods are called alike; matrices are X, as in scikit-learn)

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from benchmarks.simulation.packs import AREAS, FloatArray, MadeUp
from benchmarks.simulation.worlds import Projects
from riskengine.assessment.model_file import BETWEEN, Z_90
from riskengine.calibration.layout import design_matrix
from riskengine.calibration.learn import Learned, learn
from riskengine.calibration.posterior import Rows

__all__ = ["METHODS", "OURS", "RULES", "Judged", "best_additive", "judge", "regret"]

OURS, RULES = "riskengine", "rules only"
LEAST = 0.001
"""Stock methods may say 0 or 1, which would cost endlessly: they are held this far from it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a method says about future projects.

    Attributes:
        probability: Probability of failure; shape (n,).
        low, high: Range for projects like these, where the method has one; shape (n,) each.
    """

    probability: FloatArray
    low: FloatArray | None = None
    high: FloatArray | None = None


def regret(truth: FloatArray, said: FloatArray) -> float:
    """Give the mean Kullback-Leibler divergence of what was said from the truth, times 1000."""
    truth, said = truth.clip(1e-12, 1 - 1e-12), said.clip(1e-12, 1 - 1e-12)
    each = truth * np.log(truth / said) + (1.0 - truth) * np.log((1.0 - truth) / (1.0 - said))
    return 1000.0 * float(each.mean())


def _rules(pack: MadeUp, history: Projects, future: FloatArray) -> Judged:
    return Judged(expit(pack.log_odds(future)))


def _base_rate(pack: MadeUp, history: Projects, future: FloatArray) -> Judged:
    share = history.failed.mean() if len(history.failed) else pack.rate
    return Judged(np.full(len(future), share))


def _riskengine(pack: MadeUp, history: Projects, future: FloatArray) -> Judged:
    count = len(history.failed)
    rows = Rows(pack.contributions(history.findings), history.failed.astype(float), np.ones(count), (None,) * count)
    learned = learn(rows, pack.reference)
    X = pack.contributions(future)
    probability = learned.probabilities(X)
    low, high = _model_range(learned, X)
    return Judged(probability, np.minimum(low, probability), np.maximum(high, probability))


def _model_range(learned: Learned, X: FloatArray) -> tuple[FloatArray, FloatArray]:
    # as an assessment makes it from the second fit in a model file
    Z = design_matrix(X, learned.fitted.layout_)
    variance = ((Z @ learned.wide.covariance) * Z).sum(axis=1)
    centre, half = learned.wide.base + X @ learned.wide.factors, Z_90 * np.sqrt(variance + BETWEEN**2)
    return expit(centre - half), expit(centre + half)


def _platt(pack: MadeUp, history: Projects, future: FloatArray) -> Judged:
    # Platt's targets: never quite 0 or 1
    failures, successes = history.failed.sum(), (1 - history.failed).sum()
    target = np.where(history.failed == 1, (failures + 1) / (failures + 2), 1 / (successes + 2))
    score = pack.log_odds(history.findings)[:, None]
    return Judged(_fit_soft(score, target).predict_proba(pack.log_odds(future)[:, None])[:, 1])


def _isotonic(pack: MadeUp, history: Projects, future: FloatArray) -> Judged:
    model = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    model.fit(pack.log_odds(history.findings), history.failed)
    return Judged(model.predict(pack.log_odds(future)))


def _on_findings(pack: MadeUp, history: Projects, future: FloatArray) -> Judged:
    return _stock(LogisticRegression(), history.findings, history.failed, future)


def _on_areas(pack: MadeUp, history: Projects, future: FloatArray) -> Judged:
    return _stock(LogisticRegression(), _areas(pack, history.findings), history.failed, _areas(pack, future))


def _calibrated(pack: MadeUp, history: Projects, future: FloatArray) -> Judged:
    folds = int(min(5, history.failed.sum(), (1 - history.failed).sum()))
    if folds < 2:
        return _rules(pack, history, future)
    model = CalibratedClassifierCV(LogisticRegression(), method="sigmoid", cv=folds)
    return _stock(model, history.findings, history.failed, future)


def _boosting(pack: MadeUp, history: Projects, future: FloatArray) -> Judged:
    model = HistGradientBoostingClassifier(random_state=0)
    return _stock(model, history.findings, history.failed, future)


METHODS: Mapping[str, Callable[[MadeUp, Projects, FloatArray], Judged]] = {
    RULES: _rules,
    OURS: _riskengine,
    "Platt": _platt,
    "LogisticRegression on findings": _on_findings,
    "LogisticRegression on areas": _on_areas,
    "isotonic": _isotonic,
    "CalibratedClassifierCV": _calibrated,
    "HistGradientBoosting": _boosting,
    "base rate only": _base_rate,
}
"""Stock methods can't learn from a history with one outcome: `judge` lets the rules stand in for them."""


def judge(name: str, pack: MadeUp, history: Projects, future: FloatArray) -> Judged:
    """Let a method learn from a history and judge future projects.

    Args:
        name: Of the method.
        pack: What the rules say.
        history: Past projects, perhaps none.
        future: Findings of future projects.
    """
    if name in (RULES, OURS, "base rate only"):
        judged = METHODS[name](pack, history, future)
    else:
        both = len(np.unique(history.failed)) == 2
        judged = (METHODS[name] if both else _rules)(pack, history, future)
    held = judged.probability if name in (RULES, OURS) else judged.probability.clip(LEAST, 1.0 - LEAST)
    return Judged(held, judged.low, judged.high)


def best_additive(future: Projects) -> float:
    """Give the regret of the best sum of findings, fitted to the truth itself: what no such method can beat."""
    model = _fit_soft(future.findings, future.probability)
    return regret(future.probability, model.predict_proba(future.findings)[:, 1])


def _areas(pack: MadeUp, findings: FloatArray) -> FloatArray:
    return pack.contributions(findings) @ np.eye(AREAS)[pack.area]


def _stock(model: Any, X: FloatArray, failed: NDArray[np.int64], future: FloatArray) -> Judged:
    return Judged(model.fit(X, failed).predict_proba(future)[:, 1])


def _fit_soft(X: FloatArray, target: FloatArray) -> LogisticRegression:
    """Fit a logistic regression without a penalty to targets between 0 and 1: each row once with either outcome."""
    outcome = np.repeat([1, 0], len(target))
    model = LogisticRegression(C=np.inf, solver="newton-cholesky")
    return model.fit(np.vstack([X, X]), outcome, sample_weight=np.concatenate([target, 1.0 - target]))
