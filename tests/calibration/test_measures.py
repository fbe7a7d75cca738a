"""The figures of evaluation against textbooks, scikit-learn, scipy, and the truth in simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from riskengine.calibration.evaluation.enough import NEEDED, too_little
from riskengine.calibration.evaluation.measures import (
    auc,
    auc_interval,
    brier_losses,
    calibration_curve,
    calibration_intercept,
    calibration_slope,
    exact_interval,
    log_losses,
    mean_interval,
    net_benefits,
)
from riskengine.calibration.posterior import expit


def drawn(n, seed=0, shift=0.0, stretch=1.0):
    chance = np.random.default_rng(seed)
    log_odds = chance.normal(-0.5, 1.2, n)
    failed = (chance.random(n) < expit(shift + stretch * log_odds)).astype(float)
    return failed, log_odds


def test_losses_and_auc_are_those_of_scikit_learn():
    failed, log_odds = drawn(300)
    p = np.round(expit(log_odds), 1).clip(0.05, 0.95)  # ties
    assert log_losses(failed, p).mean() == pytest.approx(log_loss(failed, p))
    assert brier_losses(failed, p).mean() == pytest.approx(brier_score_loss(failed, p))
    assert auc(failed, p) == pytest.approx(roc_auc_score(failed, p))


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_exact_intervals_are_those_of_the_beta_distribution(counts):
    count, of = counts
    low, high = exact_interval(count, of)
    assert low == pytest.approx(0.0 if count == 0 else beta.ppf(0.025, count, of - count + 1), abs=1e-9)
    assert high == pytest.approx(1.0 if count == of else beta.ppf(0.975, count + 1, of - count), abs=1e-9)


def test_the_aucs_interval_holds_the_area_and_stays_between_0_and_1():
    low, high = auc_interval(0.8, 20, 20)
    assert 0.6 < low < 0.8 < high < 0.92
    assert high - 0.8 < 0.8 - low, "near 1 an interval reaches less far up than down"
    assert auc_interval(1.0, 5, 5)[1] == 1.0
    assert auc_interval(0.8, 200, 200)[0] > low


def test_the_aucs_interval_covers():
    truth = []
    for seed in range(200):
        failed, log_odds = drawn(120, seed)
        area = auc(failed, log_odds)
        truth.append(auc_interval(area, int(failed.sum()), int(len(failed) - failed.sum())))
    whole = auc(*drawn(200_000, 999))
    covered = np.mean([low <= whole <= high for low, high in truth])
    assert covered > 0.91


def test_intercept_and_slope_find_what_was_done_to_the_predictions():
    failed, log_odds = drawn(200_000, shift=0.4)
    assert calibration_intercept(failed, log_odds)[0] == pytest.approx(0.4, abs=0.03)
    failed, log_odds = drawn(200_000, stretch=0.6)
    value, error = calibration_slope(failed, log_odds)
    assert value == pytest.approx(0.6, abs=0.03)
    assert 0 < error < 0.02


def test_the_slope_is_that_of_an_unpenalised_regression():
    failed, log_odds = drawn(250, seed=4)
    stock = LogisticRegression(C=1e10, tol=1e-10).fit(log_odds[:, None], failed)
    assert calibration_slope(failed, log_odds)[0] == pytest.approx(stock.coef_[0, 0], abs=1e-4)


def test_separated_outcomes_still_give_finite_figures():
    failed, log_odds = np.repeat([0.0, 1.0], 60), np.repeat([-1.0, 1.0], 60)
    assert np.isfinite(calibration_slope(failed, log_odds)).all()
    assert np.isfinite(calibration_curve(failed, log_odds, np.array([-1.0, 1.0]))).all()


def test_the_curve_follows_a_bent_truth_within_its_band():
    chance = np.random.default_rng(3)
    log_odds = chance.normal(0, 1.2, 4000)
    bent = 0.3 + 0.8 * log_odds - 0.25 * log_odds**2
    failed = (chance.random(4000) < expit(bent)).astype(float)
    points = np.linspace(-1.5, 1.5, 7)
    centre, low, high = calibration_curve(failed, log_odds, points)
    truth = expit(0.3 + 0.8 * points - 0.25 * points**2)
    assert ((low < centre) & (centre < high)).all()
    assert np.abs(centre - truth).max() < 0.05


def test_net_benefit_by_hand():
    failed, p = np.array([1.0, 1.0, 0.0, 0.0]), np.array([0.9, 0.3, 0.6, 0.1])
    assert net_benefits(failed, p, 0.5).mean() == pytest.approx((1 - 1) / 4)
    assert net_benefits(failed, p, 0.2).mean() == pytest.approx((2 - 0.25) / 4)
    assert net_benefits(failed, p, 0.95).mean() == 0


def test_the_interval_of_a_mean_is_widened_by_half():
    losses = np.array([0.1, 0.5, 0.9, 0.3])
    mean, low, high = mean_interval(losses)
    assert high - mean == pytest.approx(1.959964 * 1.5 * losses.std(ddof=1) / 2)
    assert mean - low == pytest.approx(high - mean)


# --- what is too little ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "n", "smaller"),
    [("losses", 60, 10), ("auc", 100, 20), ("intercept", 100, 1), ("slope", 200, 50), ("curve", 200, 100)],
)
def test_a_figure_is_shown_from_its_numbers_on_and_not_before(figure, n, smaller):
    assert too_little(figure, smaller, n - smaller, 0.5) is None
    assert too_little(figure, n - smaller, smaller, 0.5) is None
    if NEEDED[figure].projects == n:
        assert too_little(figure, smaller, n - smaller - 1, 0.5) is not None
    if smaller > 1:
        assert too_little(figure, smaller - 1, n - smaller + 1, 0.5) is not None


@given(st.sampled_from(sorted(NEEDED)), st.integers(0, 300), st.integers(0, 300), st.floats(0.05, 0.95))
def test_what_is_missing_is_enough_when_it_comes(figure, failed, succeeded, rate):
    found = too_little(figure, failed, succeeded, rate)
    if found is None or failed + succeeded == 0:
        return
    assert found.more > 0
    smaller, n = min(failed, succeeded), failed + succeeded
    share = smaller / n if smaller else min(rate, 1 - rate)
    assert n + found.more >= NEEDED[figure].projects
    assert smaller + found.more * share >= NEEDED[figure].smaller - 1e-6
    assert str(found.more) in found.sentence


def test_the_sentence_says_what_it_takes():
    found = too_little("auc", 15, 49, 0.3)
    assert found.sentence == (
        "the AUC: too little to say. It takes 100 projects and 20 failures, and there are 64 and 15: about 36 more "
        "outcomes. With fewer, its interval would reach from useless to excellent."
    )
