"""The most probable deviations from the rules for given prior sds, and their covariance.

Sources: Steyerberg et al. 2004, Statistics in Medicine 23, 2567 (updating a model by shrunken deviations).
"""
# ruff: noqa: N803, N806  (matrices are X and Z, as in scikit-learn)

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression

from riskengine.calibration.layout import FloatArray, Layout, design_matrix, indicators

__all__ = ["DepartmentLevel", "Posterior", "Rows", "expit", "fit_posterior", "fit_without_reversals", "moderation"]

PIN_WEIGHT, TOLERANCE = 1e8, 1e-6
"""Weight of the pseudo-rows that pin the offset, in projects; largest gradient at the end, in log loss."""

LEAST_LEFT = 0.5
"""Share of what is known that the other projects are taken to know, at least."""


def expit(log_odds: ArrayLike) -> FloatArray:
    """Turn log-odds into probabilities, without overflow: (1 + tanh(x / 2)) / 2."""
    return np.asarray(0.5 * (1.0 + np.tanh(np.asarray(log_odds, float) / 2.0)))


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """What is learned from: own projects, and arms of published studies.

    Attributes:
        X: Contributions, log-odds; shape (n, J), n may be 0.
        failed: 1 for failed, 0 for succeeded; shape (n,).
        weight: Weights, in projects; shape (n,).
        studies: The study of each row, `None` for an own project; length n.
        departments: The department of each row, `None` where it is of none; length n, or empty where none is of any.
    """

    X: FloatArray
    failed: FloatArray
    weight: FloatArray
    studies: tuple[str | None, ...]
    departments: tuple[str | None, ...] = ()

    def own(self) -> Rows:
        """The rows of projects without a study."""
        return self.some(np.flatnonzero([study is None for study in self.studies]))

    def some(self, places: NDArray[np.intp]) -> Rows:
        """Some of the rows, in the order given.

        Args:
            places: Their places; shape (m,).
        """
        studies = tuple(self.studies[place] for place in places)
        departments = tuple(self.departments[place] for place in places) if self.departments else ()
        return Rows(self.X[places], self.failed[places], self.weight[places], studies, departments)


@dataclass(frozen=True, slots=True)
class DepartmentLevel:
    """By how much the log-odds of a department's projects differ from those of all.

    Attributes:
        level: The difference, log-odds.
        sd: Its standard deviation.
        added: By how much the variance of `b` with the level is larger than that of `b` alone; below 0 where more is
            known about this department than about departments on the whole.
    """

    level: float
    sd: float
    added: float


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Centre and spread of one fit: the mode of the posterior and its Laplace covariance.

    Attributes:
        layout: Areas and groups of the columns.
        sds: The prior sds of intercept, slope, areas and groups that it was fitted with; shape (4,).
        base: Constant of the rules' log-odds.
        coefficients: `b`, `g`, the areas' `a`, the groups' `f`; shape (q,).
        study: Intercept by study's name, log-odds.
        covariance: Of the coefficients, the levels of studies and departments integrated out; shape (q, q).
        pin: The offset's coefficient as fitted; 1 but for some 1e-6.
        departments: What was learned of each department.
        left_out: Columns that it was fitted without, their factor being 0; shape (J,), or `False` for none.
    """

    layout: Layout
    sds: FloatArray
    base: float
    coefficients: FloatArray
    study: dict[str, float]
    covariance: FloatArray
    pin: float
    departments: dict[str, DepartmentLevel] = field(default_factory=dict)
    left_out: NDArray[np.bool_] | bool = False

    @property
    def unbounded_factors(self) -> FloatArray:
        """What the history alone would make of each column, `1 + g + a + f`; 0 for one left out; shape (J,)."""
        _, slope, area, finding = np.split(self.coefficients, np.cumsum(self.layout.sizes)[:-1])
        learned: FloatArray = 1.0 + slope + area[list(self.layout.area_of)] + finding[list(self.layout.group_of)]
        return np.where(self.left_out, 0.0, learned)

    @property
    def factors(self) -> FloatArray:
        """Learned factor of each column, `max(0, 1 + g + a + f)`: a risk never protects; shape (J,)."""
        return np.maximum(0.0, self.unbounded_factors)

    def log_odds(self, X: FloatArray) -> FloatArray:
        """Log-odds of failure before moderation, `base + b + sum of factors times X`; shape (n,)."""
        return self.base + float(self.coefficients[0]) + X @ self.factors

    def variance(self, X: FloatArray) -> FloatArray:
        """Variance of the log-odds that the coefficients' uncertainty makes, `z' S z`; shape (n,)."""
        Z = design_matrix(X, self.layout)
        return np.asarray(((Z @ self.covariance) * Z).sum(axis=1), float)

    def variance_without_it(self, rows: Rows) -> FloatArray:
        """Variance of the log-odds of each project that was learned from, as if it had not been; shape (n,).

        What is unknown in a house's projects adds nothing to it, nor do doubts about it, and a finding left out
        has no say. With v = z' S z and the curvature h = p (1 - p) of one project, it is v / (1 - h v).

        Args:
            rows: The projects, of no study.
        """
        p = expit(self.log_odds(rows.X))
        variance = self.variance(np.where(self.left_out, 0.0, rows.X))
        # where one row stands for many projects, the others know what it is like
        alone = np.minimum(1.0, rows.weight) * p * (1.0 - p) * variance
        return variance / np.maximum(LEAST_LEFT, 1.0 - alone)


def fit_posterior(
    rows: Rows,
    layout: Layout,
    base: float,
    sds: FloatArray,
    study_sd: float,
    department_sd: float = 1.0,
) -> Posterior:
    """Find the most probable deviations from the rules, and their covariance, for given prior sds.

    A study's rows take an intercept of their own in place of `b` and `g`: a contrast says neither how many of
    one's own projects fail nor how far all rules are off together. Areas and findings learn from both.

    Args:
        rows: What is learned from.
        layout: Areas and groups of the columns.
        base: Constant of the rules' log-odds.
        sds: Prior sds of intercept, slope, areas and groups; shape (4,).
        study_sd: Prior sd of the studies' intercepts, log-odds.
        department_sd: Prior sd of the departments' levels, log-odds; says nothing where there are no departments.

    Returns:
        The posterior's mode, and around it S = (Z' diag(w p (1 - p)) Z + diag(1 / sd^2))^-1.
    """
    studies, of_study = indicators(rows.studies)
    departments, of_department = indicators(rows.departments or (None,) * len(rows.X))
    Z = design_matrix(rows.X, layout)
    Z[of_study.any(axis=1), :2] = 0.0
    levels_sd = np.repeat([department_sd, study_sd], [len(departments), len(studies)])
    sd = np.concatenate([np.repeat(sds, layout.sizes), levels_sd])
    # Scaled by their sds, all deviations have the unit normal prior that C = 1 stands for.
    scaled = np.hstack([Z, of_department, of_study]) * sd
    offset = base + rows.X.sum(axis=1)
    pin, standard = _fit_pinned(offset, scaled, rows)

    p = expit(offset + scaled @ standard)
    hessian = (scaled.T * (rows.weight * p * (1.0 - p))) @ scaled + np.eye(len(sd))
    whole = np.linalg.inv(hessian) * np.outer(sd, sd)
    # A block of the whole inverse has the others' levels integrated out; the mean with its transpose makes it
    # symmetric to the last bit.
    q = sum(layout.sizes)
    covariance = (whole + whole.T) / 2.0
    coefficients, levels, study_levels = np.split(standard * sd, [q, q + len(departments)])
    study = dict(zip(studies, study_levels.tolist(), strict=True))
    known = _levels(departments, levels, covariance, q)
    return Posterior(layout, sds, base, coefficients, study, covariance[:q, :q], pin, known)


def fit_without_reversals(
    rows: Rows,
    layout: Layout,
    base: float,
    sds: FloatArray,
    study_sd: float,
    department_sd: float = 1.0,
) -> Posterior:
    """Fit as `fit_posterior` does, and where a risk would come out as protecting, fit anew without it.

    Cutting such a factor to 0 and no more would leave the others at what they are beside it: the level of all
    projects, and of those with a finding, would then be wrong however long the history is.

    Args:
        rows: What is learned from.
        layout: Areas and groups of the columns.
        base: Constant of the rules' log-odds.
        sds: Prior sds of intercept, slope, areas and groups; shape (4,).
        study_sd: Prior sd of the studies' intercepts, log-odds.
        department_sd: Prior sd of the departments' levels, log-odds.

    Returns:
        The posterior around factors of which none is below 0.
    """
    left_out = np.zeros(rows.X.shape[1], dtype=bool)
    while True:
        kept = replace(rows, X=np.where(left_out, 0.0, rows.X))
        fitted = replace(fit_posterior(kept, layout, base, sds, study_sd, department_sd), left_out=left_out)
        reversed_ = fitted.unbounded_factors < 0.0
        if not reversed_.any():
            return fitted
        left_out = left_out | reversed_


def _levels(names: Sequence[str], levels: FloatArray, covariance: FloatArray, start: int) -> dict[str, DepartmentLevel]:
    found = {}
    for place, (name, level) in enumerate(zip(names, levels.tolist(), strict=True), start=start):
        variance = float(covariance[place, place])
        found[name] = DepartmentLevel(level, math.sqrt(variance), variance + 2.0 * float(covariance[0, place]))
    return found


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


def moderation(variance: FloatArray, weight: FloatArray | None = None) -> float:
    """Give kappa, by which log-odds shrink because coefficients are uncertain: 1 / sqrt(1 + pi V / 8).

    Args:
        variance: Variance of the log-odds of each project of a sample; shape (n,).
        weight: Weight of each in the mean V; all the same by default.

    Examples:
        >>> moderation(np.zeros(3))
        1.0
    """
    return 1.0 / math.sqrt(1.0 + math.pi * float(np.average(variance, weights=weight)) / 8.0)
