"""The classifier among scikit-learn's own tools: pipelines, cross-validation, calibration displays."""
# ruff: noqa: N806  (matrices are X, as in scikit-learn)

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import calibration_curve
from sklearn.model_selection import StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator

from riskengine.calibration.classifier import RiskClassifier
from riskengine.calibration.posterior import expit

# The only checks that may be skipped, and why: they need a library or a setting that this run does not have.
SKIPPED = {"check_array_api_input": "needs SCIPY_ARRAY_API=1 in the environment before scipy is imported"}


@pytest.fixture(scope="module")
def past():
    chance = np.random.default_rng(0)
    X = chance.normal(0, 0.5, (300, 6))
    return X, (chance.random(300) < expit(-0.5 + X.sum(axis=1))).astype(int)


def test_no_check_of_scikit_learn_fails_and_those_skipped_are_known():
    results = check_estimator(RiskClassifier(), on_skip=None, on_fail=None)
    assert {one["status"] for one in results} <= {"passed", "skipped"}
    assert {one["check_name"] for one in results if one["status"] == "skipped"} <= SKIPPED.keys()
    assert sum(one["status"] == "passed" for one in results) > 50


def test_held_out_probabilities_come_from_a_pipeline(past):
    X, y = past
    model = make_pipeline(FunctionTransformer(), RiskClassifier(base=-0.5))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    p = cross_val_predict(model, X, y, cv=folds, method="predict_proba")[:, 1]
    assert cross_val_score(model, X, y, cv=folds, scoring="roc_auc").mean() > 0.65
    observed, predicted = calibration_curve(y, p, n_bins=4, strategy="quantile")
    assert np.abs(observed - predicted).max() < 0.15


def test_a_calibration_display_draws_it(past):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from sklearn.calibration import CalibrationDisplay

    X, y = past
    display = CalibrationDisplay.from_estimator(RiskClassifier(base=-0.5).fit(X, y), X, y, n_bins=5)
    assert len(display.prob_true) == len(display.prob_pred) > 2


def test_a_clone_is_unfitted_and_has_the_same_settings(past):
    X, y = past
    fitted = RiskClassifier(base=-0.5, area_sd=0.1).fit(X, y)
    again = clone(fitted)
    assert again.get_params() == fitted.get_params()
    assert not hasattr(again, "factors_")
