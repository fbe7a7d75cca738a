"""The fit for one pack: the classifier around the pack's rules, then moderation and base as an assessment uses them.

Training calls this once; evaluation and drift call it for every part of a history that they hold out.
"""
# ruff: noqa: N803  (matrices are X, as in scikit-learn)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from riskengine.assessment.build import intercept_sd, standard_deviation
from riskengine.assessment.model_file import rounded
from riskengine.assessment.score import logit
from riskengine.calibration.arms import Reference
from riskengine.calibration.classifier import WIDE_DEPARTMENT_SD, RiskClassifier
from riskengine.calibration.layout import FloatArray
from riskengine.calibration.posterior import DepartmentLevel, Rows, expit

__all__ = ["Learned", "Options", "Wide", "learn"]

HALVINGS = 52
"""From a width of 200 log-odds down to less than 1e-13."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may say about a history.

    Attributes:
        true_rate: Share of failures among all projects, where the history is a selection of them; `None` where
            it holds every project that ended.
        intercept_sd: How far the base may be off, log-odds; by default as the pack's range for its base rate says.
        departments: Whether a level is learned for each department.
    """

    true_rate: float | None = None
    intercept_sd: float | None = None
    departments: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Wide:
    """The second fit, with wider prior sds: what is not known about projects like this one.

    Attributes:
        base: Its constant, what was learned of it included.
        factors: Learned factor of each weighed rule; shape (J,).
        sds: Its prior sds of intercept, slope, areas and findings.
        covariance: Of its coefficients; shape (q, q).
        departments: What it says of each department.
        department_sd: Its prior sd of their levels.
    """

    base: float
    factors: FloatArray
    sds: FloatArray
    covariance: FloatArray
    departments: Mapping[str, DepartmentLevel]
    department_sd: float


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What a history says about a pack.

    Attributes:
        base: The constant of the log-odds, what was learned of it included.
        moderation: kappa.
        factors: Learned factor of each weighed rule; shape (J,).
        covariance: Of the coefficients; shape (q, q).
        wide: The second, wider fit, behind the range.
        fitted: The classifier.
        own: Whether there were projects of one's own.
    """

    base: float
    moderation: float
    factors: FloatArray
    covariance: FloatArray
    wide: Wide
    fitted: RiskClassifier
    own: bool

    @property
    def departments(self) -> Mapping[str, DepartmentLevel]:
        """What was learned of each department, by its key; empty where that was not asked for."""
        return self.fitted.department_

    def log_odds(self, X: FloatArray, departments: Sequence[str | None] = ()) -> FloatArray:
        """Moderated log-odds of failure; shape (n,).

        Args:
            X: Contributions; shape (n, J).
            departments: The department of each project, by its key; one that is not known has no level of its own.
        """
        known = [self.departments.get(one or "") for one in departments]
        levels = [0.0 if one is None else one.level for one in known]
        return self.moderation * (self.base + (np.array(levels) if levels else 0.0) + X @ self.factors)

    def probabilities(self, X: FloatArray, departments: Sequence[str | None] = ()) -> FloatArray:
        """Probability of failure of each project; shape (n,). See `log_odds`."""
        return expit(self.log_odds(X, departments))


@dataclass(frozen=True, slots=True)
class _Table:
    """The columns of contributions, as the classifier asks for them."""

    finding_areas: tuple[str, ...]
    finding_groups: tuple[str, ...]
    base: float


def learn(rows: Rows, reference: Reference, options: Options | None = None) -> Learned:
    """Learn from outcomes how far a pack's rules are off.

    Args:
        rows: The history as arrays.
        reference: The pack's reference sample.
        options: What the user says about the history.

    Returns:
        What was learned. Published counts alone leave the pack's spread as it is, and its base rate. Own projects
        may change both: the constant is then the one they were fitted around, plus what they taught. A selection is
        fitted around the odds by which it was selected, so that its constant is that of all projects.
    """
    # one thread: the matrices are small, threads that wait for one another cost more than they save on a busy
    # machine, and sums come out the same whatever their number
    with threadpool_limits(limits=1, user_api="blas"):
        return _learn(rows, reference, options or Options())


def _learn(rows: Rows, reference: Reference, options: Options) -> Learned:
    built, pack = reference.built, reference.built.pack
    rows = rows if options.departments else replace(rows, departments=())
    own = bool(rows.own().weight.sum() > 0)
    rate = pack.base_rate.value if options.true_rate is None else options.true_rate
    base = built.prior.base if options.true_rate is None else built.prior.base_for(rate)
    fitted = _fit(rows, reference, base + _oversampled(rows, options.true_rate), options)
    wide, kappa = fitted.wide_, rounded(fitted.moderation_)
    factors, wide_factors = np.asarray(fitted.factors_, float), wide.factors
    if not own:
        factors, wide_factors = _with_spread(factors, reference.X), _with_spread(wide_factors, reference.X)
    factors = np.array([rounded(factor) for factor in factors.tolist()])
    # own projects taught the constant what the level is: solving it again would undo a part of that
    solved = base if own else _solved(reference.X @ factors, kappa, rate)
    # a true rate is a statement, not data: in the range, the level stays as unsure as before
    covariance = wide.covariance if options.true_rate is None else _unlearnt(wide.covariance, float(wide.sds[0]))
    wider = Wide(
        base=solved + float(wide.coefficients[0]),
        factors=wide_factors,
        sds=wide.sds,
        covariance=covariance,
        departments=wide.departments,
        department_sd=max(WIDE_DEPARTMENT_SD, fitted.department_sd_),
    )
    return Learned(solved + fitted.intercept_, kappa, factors, fitted.covariance_, wider, fitted, own)


def _fit(rows: Rows, reference: Reference, base: float, options: Options) -> RiskClassifier:
    pack = reference.built.pack
    rules = pack.weighed_rules
    table = _Table(tuple(rule.area for rule in rules), tuple(rule.group_key for rule in rules), base)
    sd = intercept_sd(pack) if options.intercept_sd is None else options.intercept_sd
    classifier = RiskClassifier(pack=table, intercept_sd=sd, classes=(0, 1), reference=reference.X)
    return classifier.fit(
        rows.X,
        rows.failed.astype(int),
        sample_weight=rows.weight,
        study=rows.studies,
        department=rows.departments or None,
    )


def _oversampled(rows: Rows, true_rate: float | None) -> float:
    """Give by how much a selection has raised the log-odds: the prior correction of case-control samples.

    Source: King and Zeng 2001, Political Analysis 9, 137 (section 4.1).
    """
    own = rows.own()
    share = float(np.average(own.failed, weights=own.weight)) if own.weight.sum() > 0 else 0.0
    return logit(share) - logit(true_rate) if true_rate is not None and 0 < share < 1 else 0.0


def _solved(log_odds: FloatArray, kappa: float, rate: float) -> float:
    """Solve the base that gives a mean probability, as `solve_base` does, for the many fits of an evaluation."""
    low, high = -100.0, 100.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        is_low = float(expit(kappa * (middle + log_odds)).mean()) < rate
        low, high = (middle, high) if is_low else (low, middle)
    return (low + high) / 2


def _with_spread(factors: FloatArray, X: FloatArray) -> FloatArray:
    before = standard_deviation(X.sum(axis=1).tolist())
    after = standard_deviation((X @ factors).tolist())
    return factors * (before / after) if after > 0 else factors


def _unlearnt(covariance: FloatArray, sd: float) -> FloatArray:
    # the block of the others is their covariance whatever the intercept is
    changed = covariance.copy()
    changed[0, :] = changed[:, 0] = 0.0
    changed[0, 0] = sd * sd
    return changed
