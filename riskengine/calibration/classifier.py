"""The classifier: how far history moves a pack's weights, and how sure that is.

The rules' own log-odds are an offset with coefficient 1. Learned are deviations from them, each with a normal
prior around zero: an intercept `b`, one slope `g` for all contributions, one term `a` an area, one term `f` a
group of findings. So a short history gives the rules, and a long one what it says:

    eta = base + sum_j X_j + b + sum_j (g + a_area(j) + f_group(j)) X_j

Knows contributions, outcomes and studies as arrays. Leaves to the trainer: packs and answers, how much a
published study may weigh, solving the base against the base rate, and the model file.

Sources: Steyerberg et al. 2004, Statistics in Medicine 23, 2567 (updating a model by shrunken deviations);
MacKay 1992, Neural Computation 4, 415 and 720 (re-estimated prior variances, moderated output).
"""
# ruff: noqa: N803, N806  (matrices are X and Z, as in scikit-learn)

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, validate_data

from riskengine.assessment.build import WIDE_SDS
from riskengine.assessment.model_file import BETWEEN, Z_90

__all__ = [
    "FindingTable",
    "Layout",
    "Posterior",
    "RiskClassifier",
    "Rows",
    "design_matrix",
    "estimate_sds",
    "fit_posterior",
    "layout_of",
    "study_matrix",
]

FloatArray = NDArray[np.float64]


def expit(log_odds: ArrayLike) -> FloatArray:
    """Turn log-odds into probabilities, without overflow: (1 + tanh(x / 2)) / 2."""
    return np.asarray(0.5 * (1.0 + np.tanh(np.asarray(log_odds, float) / 2.0)))


PIN_WEIGHT, TOLERANCE = 1e8, 1e-6
"""Weight of the pseudo-rows that pin the offset, in projects; largest gradient at the end, in log loss."""

PRIOR_WORTH = np.array([10.0, 10.0, 4.0, 4.0])
"""How many coefficients the prior of each level's sd is worth when the sd is re-estimated (nu)."""

FEWEST_ROUNDS, SETTLED = 3, 0.01
"""Re-estimation stops once a round, from the third on, moves no sd by one per cent."""


class FindingTable(Protocol):
    """What the classifier asks of a pack: names per column of contributions, and the base, log-odds."""

    # Properties, so that a frozen class will do.
    @property
    def finding_areas(self) -> tuple[str, ...]: ...
    @property
    def finding_groups(self) -> tuple[str, ...]: ...
    @property
    def base(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Layout:
    """Which area and which group each column of contributions belongs to.

    Attributes:
        areas: The areas' names, in order of first appearance.
        groups: The groups' names, in order of first appearance; a finding without a group is its own.
        area_of: For each column, the place of its area in `areas`.
        group_of: For each column, the place of its group in `groups`.
    """

    areas: tuple[str, ...]
    groups: tuple[str, ...]
    area_of: tuple[int, ...]
    group_of: tuple[int, ...]

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """How many coefficients stand on each level: intercept, slope, areas, groups."""
        return 1, 1, len(self.areas), len(self.groups)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What is learned from: own projects, and arms of published studies.

    Attributes:
        X: Contributions, log-odds; shape (n, J), n may be 0.
        failed: 1 for failed, 0 for succeeded; shape (n,).
        weight: Weights, in projects; shape (n,).
        studies: The study of each row, `None` for an own project; length n.
    """

    X: FloatArray
    failed: FloatArray
    weight: FloatArray
    studies: tuple[str | None, ...]

    def own(self) -> Rows:
        """The rows of projects without a study."""
        kept = np.array([study is None for study in self.studies], bool)
        return Rows(self.X[kept], self.failed[kept], self.weight[kept], (None,) * int(kept.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Centre and spread of one fit: the mode of the posterior and its Laplace covariance.

    Attributes:
        layout: Areas and groups of the columns.
        sds: The prior sds of intercept, slope, areas and groups that it was fitted with; shape (4,).
        base: Constant of the rules' log-odds.
        coefficients: `b`, `g`, the areas' `a`, the groups' `f`; shape (q,).
        study: Intercept by study's name, log-odds.
        covariance: Of the coefficients, the studies' intercepts integrated out; shape (q, q).
        pin: The offset's coefficient as fitted; 1 but for some 1e-6.
    """

    layout: Layout
    sds: FloatArray
    base: float
    coefficients: FloatArray
    study: dict[str, float]
    covariance: FloatArray
    pin: float

    @property
    def factors(self) -> FloatArray:
        """Learned factor of each column, `max(0, 1 + g + a + f)`: a risk never protects; shape (J,)."""
        _, slope, area, finding = np.split(self.coefficients, np.cumsum(self.layout.sizes)[:-1])
        learned: FloatArray = 1.0 + slope + area[list(self.layout.area_of)] + finding[list(self.layout.group_of)]
        return np.maximum(0.0, learned)

    def log_odds(self, X: FloatArray) -> FloatArray:
        """Log-odds of failure before moderation, `base + b + sum of factors times X`; shape (n,)."""
        return self.base + float(self.coefficients[0]) + X @ self.factors

    def variance(self, X: FloatArray) -> FloatArray:
        """Variance of the log-odds that the coefficients' uncertainty makes, `z' S z`; shape (n,)."""
        Z = design_matrix(X, self.layout)
        return np.asarray(((Z @ self.covariance) * Z).sum(axis=1), float)


def layout_of(finding_areas: Iterable[str], finding_groups: Iterable[str]) -> Layout:
    """Number the areas and groups of the columns.

    Args:
        finding_areas: Area of each column, J names.
        finding_groups: Group of each column, J names.

    Returns:
        The layout; names stand in order of first appearance, so a pack's order is kept.

    Raises:
        ValueError: The two differ in length.

    Examples:
        >>> layout_of(["team", "data", "team"], ["size", "labels", "size"])
        Layout(areas=('team', 'data'), groups=('size', 'labels'), area_of=(0, 1, 0), group_of=(0, 1, 0))
    """
    of_area, of_group = tuple(finding_areas), tuple(finding_groups)
    if len(of_area) != len(of_group):
        raise ValueError(f"{len(of_area)} areas, but {len(of_group)} groups: both name every column once")
    areas, groups = tuple(dict.fromkeys(of_area)), tuple(dict.fromkeys(of_group))
    return Layout(areas, groups, tuple(map(areas.index, of_area)), tuple(map(groups.index, of_group)))


def design_matrix(X: FloatArray, layout: Layout) -> FloatArray:
    """Build the rows z = [1, sum of X, its sums by area, its sums by group] of projects without a study.

    Args:
        X: Contributions, log-odds; shape (n, J).
        layout: Areas and groups of the J columns.

    Returns:
        The matrix Z that coefficients and covariance belong to; shape (n, q).

    Examples:
        >>> design_matrix(np.array([[0.5, -0.25, 1.0]]), layout_of("ttd", "xyz")).tolist()
        [[1.0, 1.25, 0.25, 1.0, 0.5, -0.25, 1.0]]
    """
    by_area = X @ np.eye(len(layout.areas))[list(layout.area_of)]
    by_group = X @ np.eye(len(layout.groups))[list(layout.group_of)]
    return np.column_stack([np.ones(len(X)), X.sum(axis=1), by_area, by_group])


def study_matrix(studies: Sequence[str | None]) -> tuple[tuple[str, ...], FloatArray]:
    """Build one indicator column for each study.

    Args:
        studies: The study of each row, `None` for an own project.

    Returns:
        The studies' names, sorted, and the indicators; shape (n, studies).
    """
    names = tuple(sorted({study for study in studies if study is not None}))
    places = [len(names) if study is None else names.index(study) for study in studies]
    # The last row, of own projects, lies below the diagonal: all zeros.
    return names, np.eye(len(names) + 1, len(names))[np.array(places, int)]


def fit_posterior(rows: Rows, layout: Layout, base: float, sds: FloatArray, study_sd: float) -> Posterior:
    """Find the most probable deviations from the rules, and their covariance, for given prior sds.

    A study's rows take an intercept of their own in place of `b` and `g`: a contrast says neither how many of
    one's own projects fail nor how far all rules are off together. Areas and findings learn from both.

    Args:
        rows: What is learned from.
        layout: Areas and groups of the columns.
        base: Constant of the rules' log-odds.
        sds: Prior sds of intercept, slope, areas and groups; shape (4,).
        study_sd: Prior sd of the studies' intercepts, log-odds.

    Returns:
        The posterior's mode, and around it S = (Z' diag(w p (1 - p)) Z + diag(1 / sd^2))^-1.
    """
    names, indicators = study_matrix(rows.studies)
    Z = design_matrix(rows.X, layout)
    Z[indicators.any(axis=1), :2] = 0.0
    sd = np.concatenate([np.repeat(sds, layout.sizes), np.full(len(names), study_sd)])
    # Scaled by their sds, all deviations have the unit normal prior that C = 1 stands for.
    scaled = np.hstack([Z, indicators]) * sd
    offset = base + rows.X.sum(axis=1)
    pin, standard = _fit_pinned(offset, scaled, rows)

    p = expit(offset + scaled @ standard)
    hessian = (scaled.T * (rows.weight * p * (1.0 - p))) @ scaled + np.eye(len(sd))
    whole = np.linalg.inv(hessian) * np.outer(sd, sd)
    # A block of the whole inverse has the studies' intercepts integrated out; the mean with its transpose
    # makes it symmetric to the last bit.
    q = sum(layout.sizes)
    covariance = (whole + whole.T)[:q, :q] / 2.0
    coefficients, levels = np.split(standard * sd, [q])
    study = dict(zip(names, levels.tolist(), strict=True))
    return Posterior(layout, sds, base, coefficients, study, covariance, pin)


def _fit_pinned(offset: FloatArray, columns: FloatArray, rows: Rows) -> tuple[float, FloatArray]:
    """Fit a stock `LogisticRegression` around an offset, which it has no word for.

    The offset is a column like the others. Two heavy pseudo-rows, in which it is 1 and all else 0, hold its
    coefficient at 1: of them, a share of expit(1) failed.

    Returns:
        The offset's coefficient, and those of the columns.
    """
    pins = np.eye(1, 1 + columns.shape[1]).repeat(2, axis=0)
    weight = np.append(rows.weight, PIN_WEIGHT * expit([1.0, -1.0]))
    # scikit-learn divides the loss by the sum of weights, so its tolerance must shrink with the pins' weight;
    # otherwise it stops early and says nothing (probabilities off by up to 0.08).
    tol = TOLERANCE / float(weight.sum())
    model = LogisticRegression(C=1.0, fit_intercept=False, solver="newton-cholesky", tol=tol)
    X = np.vstack([np.column_stack([offset, columns]), pins])
    model.fit(X, np.append(rows.failed, [1.0, 0.0]), sample_weight=weight)
    return float(model.coef_[0, 0]), np.asarray(model.coef_[0, 1:], float)


def estimate_sds(rows: Rows, layout: Layout, base: float, priors: FloatArray, rounds: int = 8) -> FloatArray:
    """Re-estimate the prior sds, from the projects without a study alone; without any they stay.

    Each round fits and sets, for level k with its d_k coefficients b_k,

        sd_k^2 <- (nu_k s0_k^2 + |b_k|^2) / (nu_k + d_k - trace(S_k) / sd_k^2)

    which is MacKay's fixed point under a prior that is worth nu_k coefficients of size s0_k.

    Args:
        rows: What is learned from.
        layout: Areas and groups of the columns.
        base: Constant of the rules' log-odds.
        priors: The sds to start from, s0.
        rounds: How many rounds at most; fewer once, from the third on, one moves no sd by 1 %.

    Returns:
        The sds of the four levels; shape (4,).
    """
    own, sizes, sds = rows.own(), np.array(layout.sizes), priors
    starts = np.cumsum(sizes) - sizes
    for done in range(1, rounds + 1 if own.studies else 1):
        fitted = fit_posterior(own, layout, base, sds, study_sd=1.0)  # there are no studies
        squares = np.add.reduceat(fitted.coefficients**2, starts)
        unlearnt = np.add.reduceat(fitted.covariance.diagonal(), starts) / sds**2
        before, sds = sds, np.sqrt((PRIOR_WORTH * priors**2 + squares) / (PRIOR_WORTH + sizes - unlearnt))
        if done >= FEWEST_ROUNDS and np.all(np.abs(sds / before - 1.0) < SETTLED):
            break
    return sds


class RiskClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Probability that a project fails, from its findings' contributions: the rules, moved by history.

    `X` holds contributions in log-odds, one column a finding, as the pack weighs and centres them. A routed
    argument of `fit`, `study`, names the published study of a row; what it weighs stands in `sample_weight`.

    Args:
        pack: Anything with `finding_areas` and `finding_groups` (tuples of names, one per column) and `base`
            (log-odds), in place of the next three arguments.
        areas: Area of each column; by default all columns are in one.
        groups: Group of each column; columns of a group share one learned term. By default each is its own.
        base: Constant of the rules' log-odds.
        intercept_sd: Prior sd of `b`, log-odds; (logit high - logit low) / 3.29 of the base rate's 90 % range
            where a pack gives one.
        slope_sd: Prior sd of `g`.
        area_sd: Prior sd of the areas' terms.
        finding_sd: Prior sd of the groups' terms.
        study_sd: Prior sd of the studies' intercepts, log-odds.
        rounds: How many times at most the sds are re-estimated; 0 keeps them.
        classes: The two outcomes, succeeded first. If given, an empty history can be fitted, and one with a
            single outcome; by default they are the two values in `y`, sorted.
        reference: Contributions of the reference sample, over which the moderation is averaged; shape (m, J).
            By default the own projects in `X`; if there are none, one project without contributions.

    Attributes:
        classes_, n_features_in_: The two outcomes, succeeded first; number of columns J.
        layout_, sds_: Areas and groups of the columns; prior sds as re-estimated.
        base_: Constant of the rules' log-odds; a trainer may solve it anew after the fit and set it.
        intercept_, slope_: `b` and `g`.
        area_, finding_, study_: `a`, `f` and the studies' intercepts, by name of area, group and study.
        factors_, covariance_, offset_coefficient_: As in `Posterior`, where the last is `pin`.
        moderation_: kappa = 1 / sqrt(1 + pi V / 8), V the mean of z' S z over the reference sample.
        wide_: The second fit, with wider sds, behind `range`; its base is its own.

    Examples:
        >>> rules = RiskClassifier(base=-1.0, classes=(0, 1)).fit(np.empty((0, 2)), [])
        >>> rules.factors_.tolist()
        [1.0, 1.0]
        >>> low, high = rules.range([[0.4, -0.2]])
        >>> bool(low[0] < rules.predict_proba([[0.4, -0.2]])[0, 1] < high[0])
        True
    """

    def __init__(
        self,
        pack: FindingTable | None = None,
        areas: Sequence[str] | None = None,
        groups: Sequence[str] | None = None,
        base: float = 0.0,
        intercept_sd: float = 0.5,
        slope_sd: float = 0.3,
        area_sd: float = 0.25,
        finding_sd: float = 0.5,
        study_sd: float = 2.0,
        rounds: int = 8,
        classes: Sequence[object] | None = None,
        reference: ArrayLike | None = None,
    ) -> None:
        self.pack = pack
        self.areas = areas
        self.groups = groups
        self.base = base
        self.intercept_sd = intercept_sd
        self.slope_sd = slope_sd
        self.area_sd = area_sd
        self.finding_sd = finding_sd
        self.study_sd = study_sd
        self.rounds = rounds
        self.classes = classes
        self.reference = reference

    def __sklearn_tags__(self) -> Any:
        """Two classes; and no fit to columns that aren't contributions, for a factor is never negative."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.poor_score = True
        return tags

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        study: Sequence[str | None] | None = None,
    ) -> Self:
        """Learn from outcomes how far the rules are off.

        Args:
            X: Contributions, log-odds; shape (n, J).
            y: Outcomes, two values; shape (n,).
            sample_weight: Weights of the rows, in projects; shape (n,); 1 by default.
            study: For each row the study that published it; `None`, empty or NaN for an own project.

        Returns:
            The fitted classifier.

        Raises:
            ValueError: The arrays don't fit one another, `y` has other values than its two, an sd is not
                positive, or columns are described twice, or not all of them.
        """
        enough = 1 if self.classes is None else 0
        checked, outcomes = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=enough)
        self.classes_ = self._two_classes(outcomes)
        failed = (outcomes == self.classes_[1]).astype(float)
        rows = Rows(checked, failed, _weights(sample_weight, len(failed)), _studies(study, len(failed)))
        self.layout_, self.base_ = self._columns()
        priors = np.array([self.intercept_sd, self.slope_sd, self.area_sd, self.finding_sd], float)
        if not all(sd > 0.0 for sd in (*priors, self.study_sd)):
            raise ValueError("every prior sd must be positive")

        self.sds_ = estimate_sds(rows, self.layout_, self.base_, priors, self.rounds)
        point = fit_posterior(rows, self.layout_, self.base_, self.sds_, self.study_sd)
        # A pack may be even less sure of its base rate than the second fit is.
        wide = np.maximum(astuple(WIDE_SDS), priors)
        self.wide_ = fit_posterior(rows, self.layout_, self.base_, wide, self.study_sd)

        self.intercept_, self.slope_, *terms = point.coefficients.tolist()
        areas = len(self.layout_.areas)
        self.area_ = dict(zip(self.layout_.areas, terms[:areas], strict=True))
        self.finding_ = dict(zip(self.layout_.groups, terms[areas:], strict=True))
        self.study_ = point.study
        self.factors_, self.covariance_, self.offset_coefficient_ = point.factors, point.covariance, point.pin
        self.moderation_ = self._moderation(point, rows.own())
        return self

    def _two_classes(self, y: NDArray[Any]) -> NDArray[Any]:
        if self.classes is None:
            check_classification_targets(y)
            if (kind := type_of_target(y, input_name="y")) != "binary":
                # The words that scikit-learn's own checks look for.
                raise ValueError(f"Only binary classification is supported. The target is {kind}.")
        classes = np.unique(y) if self.classes is None else np.asarray(self.classes)
        if len(classes) != 2 or classes[0] == classes[1]:
            found = "one class" if len(set(classes.tolist())) == 1 else f"{len(classes)} classes"
            raise ValueError(f"{found}, but two are needed, succeeded first, as in `classes=(0, 1)`")
        if not np.isin(y, classes).all():
            raise ValueError(f"y has other values than its two classes {classes.tolist()}")
        return classes

    def _columns(self) -> tuple[Layout, float]:
        columns: int = self.n_features_in_
        if self.pack is not None:
            if self.areas is not None or self.groups is not None:
                raise ValueError("areas and groups come from the pack: give one or the other")
            areas, groups, base = self.pack.finding_areas, self.pack.finding_groups, self.pack.base
        else:
            areas = ("all",) * columns if self.areas is None else tuple(self.areas)
            groups = tuple(map(str, range(columns))) if self.groups is None else tuple(self.groups)
            base = self.base
        layout = layout_of(areas, groups)
        if len(layout.area_of) != columns:
            raise ValueError(f"X has {columns} columns, but areas and groups describe {len(layout.area_of)}")
        return layout, float(base)

    def _moderation(self, point: Posterior, own: Rows) -> float:
        X, weight = own.X, own.weight
        if self.reference is not None:
            X = check_array(self.reference, dtype=np.float64, input_name="reference")
            weight = np.ones(len(X))
        elif not weight.sum() > 0.0:
            X, weight = np.zeros((1, self.n_features_in_)), np.ones(1)
        variance = float(np.average(point.variance(X), weights=weight))
        return 1.0 / math.sqrt(1.0 + math.pi * variance / 8.0)

    def decision_function(self, X: ArrayLike) -> FloatArray:
        """Moderated log-odds of failure, `moderation_ * (base_ + intercept_ + X factors_)`; shape (n,)."""
        return self._decide(self._contributions(X))

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Probabilities of success and of failure, in the order of `classes_`; shape (n, 2)."""
        p = expit(self.decision_function(X))
        return np.column_stack([1.0 - p, p])

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The more probable outcome; shape (n,)."""
        more_likely = (self.decision_function(X) > 0.0).astype(int)
        return np.asarray(self.classes_[more_likely])

    def range(self, X: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Range of the probability for projects like these, about 90 % if rules are off by what is assumed.

        `expit(eta -+ 1.645 sqrt(v + 0.7^2))`, centre eta and variance v from the fit with wider sds, and
        stretched where it would leave the point out.

        Args:
            X: Contributions, log-odds; shape (n, J).

        Returns:
            Low and high probabilities of failure; shape (n,) each.
        """
        known = self._contributions(X)
        p = expit(self._decide(known))
        centre, variance = self.wide_.log_odds(known), self.wide_.variance(known)
        half = Z_90 * np.sqrt(variance + BETWEEN**2)
        return np.minimum(expit(centre - half), p), np.maximum(expit(centre + half), p)

    def _contributions(self, X: ArrayLike) -> FloatArray:
        check_is_fitted(self)
        return np.asarray(validate_data(self, X, dtype=np.float64, reset=False))

    def _decide(self, X: FloatArray) -> FloatArray:
        return np.asarray(self.moderation_ * (self.base_ + self.intercept_ + X @ self.factors_))


def _weights(given: ArrayLike | None, rows: int) -> FloatArray:
    if given is None:
        return np.ones(rows)
    weight: FloatArray = check_array(
        given, dtype=np.float64, ensure_2d=False, ensure_min_samples=0, input_name="sample_weight"
    )
    if weight.shape != (rows,):
        raise ValueError(f"sample_weight has shape {weight.shape}, expected {(rows,)}")
    if rows and not (weight.min() >= 0.0 and weight.sum() > 0.0):
        raise ValueError("sample_weight must contain at least one non-zero number, and none below zero")
    return weight


def _studies(given: Sequence[str | None] | None, rows: int) -> tuple[str | None, ...]:
    if given is None:
        return (None,) * rows
    # A table's empty cell may arrive as None, as empty text or as NaN.
    names = tuple(
        None if name in (None, "") or (isinstance(name, float) and math.isnan(name)) else str(name) for name in given
    )
    check_consistent_length(names, np.empty(rows))
    return names
