"""The classifier against scikit-learn's checks, a plain numpy Newton, and what the recipe promises."""
# ruff: noqa: N803, N806  (matrices are X and Z, as in scikit-learn)

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, dataclass, replace
from typing import Any

import numpy as np
import pytest
import sklearn
from scipy.special import expit
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from riskengine.calibration.classifier import RiskClassifier
from riskengine.calibration.layout import design_matrix, indicators, layout_of
from riskengine.calibration.posterior import Rows, fit_posterior

COLUMNS = 24
AREAS = tuple(f"area-{column // 6}" for column in range(COLUMNS))
GROUPS = tuple(f"group-{column - column % 2 if column < 6 else column}" for column in range(COLUMNS))
BASE = -1.0
PRIORS = np.array([0.5, 0.3, 0.25, 0.5])


@dataclass(frozen=True)
class History:
    X: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    study: list[str | None]

    @property
    def metadata(self) -> dict[str, Any]:
        return {"sample_weight": self.weight, "study": self.study}


def contributions(n: int, seed: int) -> np.ndarray:
    """Centred contributions of findings that fire with different shares, spread near 1.1 in log-odds."""
    rng = np.random.default_rng(seed)
    shares = rng.uniform(0.1, 0.6, COLUMNS)
    weights = rng.lognormal(-0.75, 0.5, COLUMNS)
    return weights * ((rng.random((n, COLUMNS)) < shares) - shares)


def history(own: int, seed: int = 1, arms: int = 0, factors: Any = 1.0, shift: float = 0.0) -> History:
    """Projects whose true weights are the rules' times `factors`, and `arms` rows of two studies."""
    rng = np.random.default_rng(seed)
    X = contributions(own + arms, seed)
    y = (rng.random(own + arms) < expit(BASE + shift + X @ (np.ones(COLUMNS) * factors))).astype(int)
    study = [None] * own + [("napire", "ieg")[arm % 2] for arm in range(arms)]
    return History(X, y, rng.uniform(0.3, 1.0, own + arms), study)


def classifier(**changes: Any) -> RiskClassifier:
    return RiskClassifier(**({"areas": AREAS, "groups": GROUPS, "base": BASE, "classes": (0, 1)} | changes))


def fitted(past: History, **changes: Any) -> RiskClassifier:
    return classifier(**changes).fit(past.X, past.y, **past.metadata)


NOTHING = History(np.empty((0, COLUMNS)), np.empty(0), np.empty(0), [])
WRONG = np.tile([0.0, 2.0, 1.0], COLUMNS // 3)


# --- scikit-learn's own checks --------------------------------------------------------------------------
# None may fail. Those that need pandas or SCIPY_ARRAY_API skip themselves. The tag `poor_score` spares it one
# figure, training accuracy on random blobs: a column of theirs is a risk that protects, which no factor follows.


@parametrize_with_checks([RiskClassifier()])
def test_scikit_learn_takes_it_for_a_classifier(estimator: Any, check: Any) -> None:
    check(estimator)


# --- a plain Newton gives the same numbers --------------------------------------------------------------


def newton(past: History, sds: np.ndarray, study_sd: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Mode and covariance of the recipe's formula, written from the formula: loops, no scaling, no pins."""
    areas, groups = list(dict.fromkeys(AREAS)), list(dict.fromkeys(GROUPS))
    studies = sorted({name for name in past.study if name})
    rows = []
    for x, name in zip(past.X, past.study, strict=True):
        own = [1.0, x.sum()] if name is None else [0.0, 0.0]
        own += [sum(x[j] for j in range(COLUMNS) if AREAS[j] == area) for area in areas]
        own += [sum(x[j] for j in range(COLUMNS) if GROUPS[j] == group) for group in groups]
        rows.append(own + [float(name == study) for study in studies])
    deviations = 2 + len(areas) + len(groups)
    Z = np.array(rows).reshape(-1, deviations + len(studies))
    precision = (
        np.array([sds[0], sds[1], *[sds[2]] * len(areas), *[sds[3]] * len(groups), *[study_sd] * len(studies)]) ** -2.0
    )
    offset, beta = BASE + past.X.sum(axis=1), np.zeros(Z.shape[1])
    for _ in range(50):
        p = expit(offset + Z @ beta)
        hessian = (Z.T * past.weight * p * (1 - p)) @ Z + np.diag(precision)
        step = np.linalg.solve(hessian, Z.T @ (past.weight * (past.y - p)) - precision * beta)
        beta = beta + step
        if np.abs(step).max() < 1e-12:
            break
    return beta, np.linalg.inv(hessian)[:deviations, :deviations]


def newton_sds(past: History) -> np.ndarray:
    own = [row for row, name in enumerate(past.study) if name is None]
    past = History(past.X[own], past.y[own], past.weight[own], [None] * len(own))
    levels = np.repeat(range(4), layout_of(AREAS, GROUPS).sizes)
    sds = PRIORS.copy()
    for done in range(1, 9):
        beta, S = newton(past, sds)
        before = sds.copy()
        for k, nu in enumerate([10, 10, 4, 4]):
            of_level = levels == k
            learnt = of_level.sum() - S.diagonal()[of_level].sum() / before[k] ** 2
            sds[k] = np.sqrt((nu * PRIORS[k] ** 2 + (beta[of_level] ** 2).sum()) / (nu + learnt))
        if done >= 3 and np.abs(sds / before - 1).max() < 0.01:
            break
    return sds


def without(past: History, left_out: np.ndarray) -> History:
    return replace(past, X=np.where(left_out, 0.0, past.X))


def learned(model: RiskClassifier) -> np.ndarray:
    terms = (model.area_, model.finding_, model.study_)
    return np.array([model.intercept_, model.slope_, *(value for term in terms for value in term.values())])


HISTORIES = {
    "nothing": NOTHING,
    "five projects": history(5),
    "thirty": history(30, factors=WRONG),
    "three hundred": history(300, factors=WRONG, shift=0.7),
    "two thousand": history(2000, factors=WRONG, shift=-0.7),
    "studies only": history(0, arms=200, factors=WRONG, shift=1.5),
    "projects and studies": history(150, arms=150, factors=WRONG, shift=0.5),
}


@pytest.fixture(params=HISTORIES.values(), ids=HISTORIES.keys())
def past(request: pytest.FixtureRequest) -> History:
    return request.param


def test_a_plain_newton_gives_the_same_coefficients_and_covariance(past: History) -> None:
    model = fitted(past)
    np.testing.assert_allclose(model.sds_, newton_sds(past), rtol=0, atol=4e-6)
    beta, S = newton(without(past, model.factors_ == 0.0), model.sds_)
    np.testing.assert_allclose(learned(model), beta, rtol=0, atol=4e-6)
    np.testing.assert_allclose(model.covariance_, S, rtol=0, atol=4e-6)


def test_a_plain_newton_gives_the_same_wider_fit(past: History) -> None:
    wide = fitted(past).wide_
    beta, S = newton(without(past, wide.factors == 0.0), np.array([0.7, 0.4, 0.3, 0.8]))
    np.testing.assert_allclose([*wide.coefficients, *wide.study.values()], beta, rtol=0, atol=4e-6)
    np.testing.assert_allclose(wide.covariance, S, rtol=0, atol=4e-6)


def test_the_offset_keeps_its_coefficient(past: History) -> None:
    model = fitted(past)
    assert 0.9999 < model.offset_coefficient_ < 1.0001
    assert 0.9999 < model.wide_.pin < 1.0001


def test_probabilities_follow_the_formula(past: History) -> None:
    model, X = fitted(past), contributions(50, seed=9)
    factors = [
        (1 + model.slope_ + model.area_[area] + model.finding_[group]) * (factor > 0.0)
        for area, group, factor in zip(AREAS, GROUPS, model.factors_, strict=True)
    ]
    np.testing.assert_allclose(model.factors_, factors, atol=1e-12)
    expected = expit(model.moderation_ * (BASE + model.intercept_ + X @ factors))
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], expected, atol=1e-12)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1.0)
    assert (model.predict(X) == (expected > 0.5)).all()


# --- little history -------------------------------------------------------------------------------------


def test_without_own_projects_the_moderation_is_that_of_the_reference_sample() -> None:
    X = contributions(50, seed=9)
    for past in (history(0, arms=6), history(0)):
        model = fitted(past, reference=X, classes=(0, 1))
        V = np.mean([z @ model.covariance_ @ z for z in design_matrix(X, model.layout_)])
        assert model.moderation_ == pytest.approx(1 / np.sqrt(1 + np.pi * V / 8), abs=1e-12)


def test_no_history_gives_the_rules_moderated_by_the_prior() -> None:
    reference = contributions(400, seed=3)
    model = fitted(NOTHING, reference=reference)
    assert model.factors_.tolist() == [1.0] * COLUMNS
    assert model.intercept_ == 0.0
    assert model.sds_.tolist() == PRIORS.tolist()
    layout = model.layout_
    prior = np.diag(np.repeat(PRIORS**2, layout.sizes))
    np.testing.assert_allclose(model.covariance_, prior, rtol=0, atol=1e-15)
    Z = design_matrix(reference, layout)
    V = np.mean(np.sum(Z @ prior * Z, axis=1))
    assert model.moderation_ == pytest.approx(1 / np.sqrt(1 + np.pi * V / 8), abs=1e-12)
    np.testing.assert_allclose(model.decision_function(reference), model.moderation_ * (BASE + reference.sum(1)))


def test_no_history_and_no_reference_moderates_for_the_average_project() -> None:
    assert fitted(NOTHING).moderation_ == pytest.approx(1 / np.sqrt(1 + np.pi * 0.25 / 8))


@pytest.mark.parametrize("outcome", [0, 1])
def test_a_history_with_one_outcome_fits_and_moves_the_base_toward_it(outcome: int) -> None:
    past = history(12)
    model = classifier().fit(past.X, np.full(12, outcome))
    assert np.sign(model.intercept_) == (1 if outcome else -1)
    assert abs(model.intercept_) < 1.6
    assert np.isfinite(model.predict_proba(past.X)).all()


@pytest.mark.parametrize(
    ("X", "y", "says"), [(np.empty((0, 2)), [], "minimum of 1"), (np.eye(2), [1, 1], "one class.*classes=")]
)
def test_without_declared_classes_such_histories_are_refused(X: Any, y: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        RiskClassifier().fit(X, y)


def test_short_histories_pull_less_than_long_ones() -> None:
    moved = [
        np.mean([np.abs(fitted(history(n, seed=s, factors=WRONG)).factors_ - 1).mean() for s in range(5)])
        for n in (0, 10, 100, 3000)
    ]
    assert moved[0] == 0.0
    assert moved == sorted(moved)
    assert moved[1] < 0.15 < 0.4 < moved[3]


def test_weights_count_like_repeated_rows() -> None:
    past = history(60)
    times = np.arange(60) % 4
    weighted = classifier(rounds=3).fit(past.X, past.y, sample_weight=times)
    repeated = classifier(rounds=3).fit(past.X.repeat(times, axis=0), past.y.repeat(times))
    np.testing.assert_allclose(learned(weighted), learned(repeated), rtol=0, atol=4e-6)
    assert weighted.moderation_ == pytest.approx(repeated.moderation_, abs=4e-6)


# --- a risk never protects ------------------------------------------------------------------------------


def test_a_finding_never_turns_negative() -> None:
    factors = np.ones(COLUMNS)
    factors[-1] = -4.0
    model = fitted(history(4000, factors=factors))
    assert model.factors_[-1] == 0.0
    assert model.wide_.factors[-1] == 0.0
    assert (model.factors_ >= 0.0).all()
    better, worse = np.zeros((1, COLUMNS)), np.eye(COLUMNS)
    assert (model.decision_function(worse) >= model.decision_function(better)).all()


def test_findings_of_a_group_share_a_term_and_may_differ_by_area_only() -> None:
    model = fitted(HISTORIES["three hundred"])
    assert GROUPS[0] == GROUPS[1]
    assert model.factors_[0] == model.factors_[1]
    assert model.factors_[6] != model.factors_[7]


# --- studies --------------------------------------------------------------------------------------------


def test_a_studys_intercept_swallows_its_level() -> None:
    own, arms = history(100), history(0, seed=5, arms=400, shift=2.5)
    both = History(
        np.vstack([own.X, arms.X]),
        np.append(own.y, arms.y),
        np.append(own.weight, arms.weight),
        own.study + arms.study,
    )
    alone, together = fitted(own), fitted(both)
    as_own = fitted(replace(both, study=[None] * 500))
    assert abs(together.intercept_ - alone.intercept_) < 0.05
    assert as_own.intercept_ - alone.intercept_ > 1.0
    assert together.study_["ieg"] > 1.5
    assert list(together.study_) == ["ieg", "napire"]
    assert together.covariance_.shape == alone.covariance_.shape


def test_studies_move_areas_and_findings_but_neither_base_nor_slope_nor_sds() -> None:
    model = fitted(history(0, arms=2000, factors=WRONG, shift=2.0))
    assert model.intercept_ == pytest.approx(0.0, abs=1e-9)
    assert model.slope_ == pytest.approx(0.0, abs=1e-9)
    assert model.sds_.tolist() == PRIORS.tolist()
    assert np.corrcoef(model.factors_, WRONG)[0, 1] > 0.6
    assert model.covariance_[0, 0] == pytest.approx(0.25)


def test_sds_come_from_own_projects_alone() -> None:
    own, arms = history(200, factors=WRONG), history(0, seed=5, arms=200, factors=3.0)
    both = History(np.vstack([own.X, arms.X]), np.append(own.y, arms.y), np.ones(400), own.study + arms.study)
    assert fitted(both).sds_.tolist() == fitted(replace(own, weight=np.ones(200))).sds_.tolist()


@pytest.mark.parametrize("empty", [None, "", float("nan")])
def test_an_empty_cell_is_no_study(empty: Any) -> None:
    past = history(40)
    plain = classifier().fit(past.X, past.y)
    assert learned(classifier().fit(past.X, past.y, study=[empty] * 40)).tolist() == learned(plain).tolist()


def test_study_matrix_has_a_column_per_study_in_order_of_names() -> None:
    names, columns = indicators(["b", None, "a", "b"])
    assert names == ("a", "b")
    assert columns.tolist() == [[0, 1], [0, 0], [1, 0], [0, 1]]


# --- range ----------------------------------------------------------------------------------------------


def test_the_range_follows_the_wider_fit_and_holds_the_point(past: History) -> None:
    model, X = fitted(past), contributions(60, seed=11)
    low, high = model.range(X)
    p = model.predict_proba(X)[:, 1]
    assert ((low <= p) & (p <= high) & (low > 0) & (high < 1)).all()
    v = [z @ model.wide_.covariance @ z for z in design_matrix(X, model.layout_)]
    centre = BASE + model.wide_.coefficients[0] + X @ model.wide_.factors
    half = 1.645 * np.sqrt(np.array(v) + 0.49)
    np.testing.assert_allclose(low, np.minimum(p, expit(centre - half)), atol=1e-12)
    np.testing.assert_allclose(high, np.maximum(p, expit(centre + half)), atol=1e-12)


def test_the_range_is_stretched_to_a_point_outside() -> None:
    model = fitted(history(50))
    model.base_ = 6.0
    low, high = model.range(np.zeros((1, COLUMNS)))
    assert high[0] == model.predict_proba(np.zeros((1, COLUMNS)))[0, 1]
    assert low[0] < high[0]


def test_history_narrows_the_range() -> None:
    X = contributions(60, seed=11)
    spreads = [fitted(history(n)).wide_.variance(X).mean() for n in (0, 30, 300, 3000)]
    assert spreads == sorted(spreads, reverse=True)


def test_a_pack_unsure_of_its_base_rate_keeps_its_own_wider_sd() -> None:
    assert fitted(NOTHING, intercept_sd=1.2).wide_.sds.tolist() == [1.2, 0.4, 0.3, 0.8]


def test_the_wider_fit_is_frozen_and_can_be_rebased() -> None:
    model, X = fitted(history(50)), np.zeros((1, COLUMNS))
    with pytest.raises(FrozenInstanceError):
        model.wide_.base = 0.0  # type: ignore[misc]
    before = model.range(X)[0][0]
    model.wide_ = replace(model.wide_, base=BASE - 1.0)
    assert model.range(X)[0][0] < before


# --- packs, metadata, bytes -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Table:
    finding_areas: tuple[str, ...] = AREAS
    finding_groups: tuple[str, ...] = GROUPS
    base: float = BASE


def test_a_pack_brings_areas_groups_and_base() -> None:
    past = history(80, arms=20)
    from_pack = clone(RiskClassifier(Table(), classes=(0, 1))).fit(past.X, past.y, **past.metadata)
    assert learned(from_pack).tolist() == learned(fitted(past)).tolist()
    assert from_pack.base_ == BASE


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"pack": Table()}, "one or the other"),
        ({"areas": AREAS[:-1]}, "23 areas, but 24 groups"),
        ({"areas": AREAS[:-1], "groups": GROUPS[:-1]}, "X has 24 columns.*describe 23"),
        ({"slope_sd": 0.0}, "positive"),
        ({"study_sd": float("nan")}, "positive"),
        ({"classes": (1,)}, "one class"),
        ({"classes": (0, 1, 2)}, "3 classes"),
        ({"classes": ("no", "yes")}, "other values"),
    ],
)
def test_wrong_settings_are_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        fitted(history(20), **changes)


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ({"study": ["a"]}, "inconsistent numbers of samples"),
        ({"sample_weight": [1.0]}, "expected \\(20,\\)"),
        ({"sample_weight": [0.0] * 20}, "non-zero"),
        ({"sample_weight": [-1.0] + [1.0] * 19}, "below zero"),
    ],
)
def test_wrong_metadata_is_refused(metadata: dict[str, Any], says: str) -> None:
    past = history(20)
    with pytest.raises(ValueError, match=says):
        classifier().fit(past.X, past.y, **metadata)


def test_classes_keep_the_order_in_which_they_are_declared() -> None:
    past = history(80)
    named = np.where(past.y == 1, "failed", "succeeded")
    model = classifier(classes=("succeeded", "failed")).fit(past.X, named, sample_weight=past.weight)
    assert learned(model).tolist() == learned(fitted(past)).tolist()
    assert model.classes_.tolist() == ["succeeded", "failed"]
    assert set(model.predict(past.X)) == {"succeeded", "failed"}


def test_studies_and_weights_are_routed_through_a_pipeline_and_cross_validation() -> None:
    past = history(120, arms=80, shift=0.5)
    folds = StratifiedKFold(4, shuffle=True, random_state=0)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = classifier().set_fit_request(sample_weight=True, study=True)
        pipeline = make_pipeline(FunctionTransformer(), routed)
        pipeline.fit(past.X, past.y, **past.metadata)
        assert learned(pipeline[-1]).tolist() == learned(fitted(past)).tolist()
        out = cross_val_predict(pipeline, past.X, past.y, cv=folds, method="predict_proba", params=past.metadata)
    by_hand = np.empty_like(out)
    for train, test in folds.split(past.X, past.y):
        part = History(past.X[train], past.y[train], past.weight[train], [past.study[row] for row in train])
        by_hand[test] = fitted(part).predict_proba(past.X[test])
    assert out.tolist() == by_hand.tolist()


def test_two_fits_agree_to_the_last_byte() -> None:
    past = HISTORIES["projects and studies"]
    first, second = (fitted(past, reference=contributions(200, seed=3)) for _ in range(2))
    assert pickle.dumps(first) == pickle.dumps(second)
    X = contributions(100, seed=4)
    assert first.predict_proba(X).tobytes() == pickle.loads(pickle.dumps(second)).predict_proba(X).tobytes()
    assert first.range(X)[0].tobytes() == second.range(X)[0].tobytes()


def observed_against_expected(fitted: RiskClassifier, X: np.ndarray, y: np.ndarray) -> float:
    """The largest difference between the share that failed and the mean probability, over two halves of projects."""
    p = fitted.predict_proba(X)[:, 1]
    half = p > np.median(p)
    return max(abs(float(y[half].mean() - p[half].mean())), abs(float(y[~half].mean() - p[~half].mean())))


def test_a_house_that_asks_little_and_differs_much_is_calibrated_all_the_same() -> None:
    rng = np.random.default_rng(5)
    X = contributions(4_000, seed=5)
    X[:, 3:] = 0.0
    y = (rng.random(len(X)) < expit(BASE + 5.0 * X.sum(axis=1))).astype(int)
    fitted = RiskClassifier(areas=AREAS, groups=GROUPS, base=BASE, reference=contributions(500, seed=6)).fit(X, y)
    assert observed_against_expected(fitted, X, y) < 0.02


def test_where_a_risk_seems_to_protect_it_is_left_out_and_the_others_stay_calibrated() -> None:
    rng = np.random.default_rng(7)
    X = contributions(4_000, seed=7)
    truth = np.ones(COLUMNS)
    truth[:2], truth[10] = -3.0, -3.0
    y = (rng.random(len(X)) < expit(BASE + X @ truth)).astype(int)
    fitted = RiskClassifier(areas=AREAS, groups=GROUPS, base=BASE).fit(X, y)
    assert fitted.factors_.min() == 0.0 and fitted.factors_[10] == 0.0
    assert abs(float(y.mean() - fitted.predict_proba(X)[:, 1].mean())) < 0.003


def test_how_sure_one_may_be_of_a_project_is_what_the_others_say() -> None:
    X, y = contributions(60, seed=8), np.array([0, 1] * 30)
    sds = np.array([0.5, 0.3, 0.25, 0.5])
    layout = layout_of(AREAS, GROUPS)
    rows = Rows(X, y.astype(float), np.ones(60), (None,) * 60)
    fitted = fit_posterior(rows, layout, BASE, sds, study_sd=1.0)
    Z = design_matrix(X, layout)
    p = expit(fitted.log_odds(X))
    precision = np.linalg.inv(fitted.covariance)
    left_out = [z @ np.linalg.inv(precision - q * (1 - q) * np.outer(z, z)) @ z for z, q in zip(Z, p, strict=True)]
    assert fitted.variance_without_it(rows) == pytest.approx(left_out)
