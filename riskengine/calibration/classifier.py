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
# ruff: noqa: N803, N806  (matrices are X, as in scikit-learn)

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, validate_data

from riskengine.assessment.build import WIDE_SDS
from riskengine.assessment.model_file import BETWEEN, Z_90
from riskengine.calibration.layout import FloatArray, Layout, layout_of
from riskengine.calibration.posterior import Posterior, Rows, expit, fit_without_reversals, moderation
from riskengine.calibration.prior_sds import estimate_sds

__all__ = ["WIDE_DEPARTMENT_SD", "FindingTable", "RiskClassifier"]

WIDE_DEPARTMENT_SD = 0.5
"""Prior sd of the departments' levels in the second fit, at least."""


class FindingTable(Protocol):
    """What the classifier asks of a pack: names per column of contributions, and the base, log-odds."""

    # Properties, so that a frozen class will do.
    @property
    def finding_areas(self) -> tuple[str, ...]: ...
    @property
    def finding_groups(self) -> tuple[str, ...]: ...
    @property
    def base(self) -> float: ...


class RiskClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Probability that a project fails, from its findings' contributions: the rules, moved by history.

    `X` holds contributions in log-odds, one column a finding, as the pack weighs and centres them. A routed
    argument of `fit`, `study`, names the published study of a row; what it weighs stands in `sample_weight`. Another,
    `department`, names the part of the house that a project is of: each gets a level of its own, pulled toward that
    of all by a prior sd that is re-estimated like the others. Predictions are those of a project of no department.

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
        department_sd: Prior sd of the departments' levels, log-odds.
        rounds: How many times at most the sds are re-estimated; 0 keeps them.
        classes: The two outcomes, succeeded first. If given, an empty history can be fitted, and one with a
            single outcome; by default they are the two values in `y`, sorted.
        reference: Contributions of the reference sample, over which the moderation is averaged where there
            are no projects of one's own; shape (m, J). By default one project without contributions.

    Attributes:
        classes_, n_features_in_: The two outcomes, succeeded first; number of columns J.
        layout_, sds_: Areas and groups of the columns; prior sds as re-estimated.
        base_: Constant of the rules' log-odds; a trainer may solve it anew after the fit and set it.
        intercept_, slope_: `b` and `g`.
        area_, finding_, study_: `a`, `f` and the studies' intercepts, by name of area, group and study.
        factors_, covariance_, offset_coefficient_: As in `Posterior`, where the last is `pin`.
        moderation_: kappa = 1 / sqrt(1 + pi V / 8), V the mean variance of the log-odds of one's own projects, each
            without itself in S; without own projects the mean of z' S z over the reference sample.
        department_, department_sd_: What was learned of each department, by its name; the prior sd of their levels as
            re-estimated.
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
        department_sd: float = 0.3,
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
        self.department_sd = department_sd
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
        department: Sequence[str | None] | None = None,
    ) -> Self:
        """Learn from outcomes how far the rules are off.

        Args:
            X: Contributions, log-odds; shape (n, J).
            y: Outcomes, two values; shape (n,).
            sample_weight: Weights of the rows, in projects; shape (n,); 1 by default.
            study: For each row the study that published it; `None`, empty or NaN for an own project.
            department: For each row the department that the project is of; `None`, empty or NaN for none.

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
        count = len(failed)
        weight, studies, departments = _weights(sample_weight, count), _names(study, count), _names(department, count)
        rows = Rows(checked, failed, weight, studies, departments)
        self.layout_, self.base_ = self._columns()
        priors = np.array([self.intercept_sd, self.slope_sd, self.area_sd, self.finding_sd], float)
        if not all(sd > 0.0 for sd in (*priors, self.study_sd, self.department_sd)):
            raise ValueError("every prior sd must be positive")

        *sds, department_sd = estimate_sds(
            rows, self.layout_, self.base_, np.append(priors, self.department_sd), self.rounds
        ).tolist()
        self.sds_, self.department_sd_ = np.array(sds), department_sd
        point = fit_without_reversals(rows, self.layout_, self.base_, self.sds_, self.study_sd, department_sd)
        # A pack may be even less sure of its base rate than the second fit is.
        wide = np.maximum(astuple(WIDE_SDS), priors)
        wide_department_sd = max(WIDE_DEPARTMENT_SD, department_sd)
        self.wide_ = fit_without_reversals(rows, self.layout_, self.base_, wide, self.study_sd, wide_department_sd)

        self.intercept_, self.slope_, *terms = point.coefficients.tolist()
        areas = len(self.layout_.areas)
        self.area_ = dict(zip(self.layout_.areas, terms[:areas], strict=True))
        self.finding_ = dict(zip(self.layout_.groups, terms[areas:], strict=True))
        self.study_, self.department_ = point.study, point.departments
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
        if own.weight.sum() > 0.0:
            return moderation(point.variance_without_it(own) + _added(point, own), own.weight)
        nothing_known = np.zeros((1, self.n_features_in_))
        X = nothing_known if self.reference is None else check_array(self.reference, dtype=np.float64)
        return moderation(point.variance(X))

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


def _added(point: Posterior, own: Rows) -> float:
    """Give what the departments' levels add to the variance of a project's log-odds, in the mean over one's own."""
    if not point.departments:
        return 0.0
    added = [0.0 if name is None else point.departments[name].added for name in own.departments]
    return float(np.average(added, weights=own.weight)) if own.weight.sum() > 0.0 else 0.0


def _names(given: Sequence[str | None] | None, rows: int) -> tuple[str | None, ...]:
    if given is None:
        return (None,) * rows
    # A table's empty cell may arrive as None, as empty text or as NaN.
    names = tuple(
        None if name in (None, "") or (isinstance(name, float) and math.isnan(name)) else str(name) for name in given
    )
    check_consistent_length(names, np.empty(rows))
    return names
