"""Training: outcomes in, a model of one pack out.

The recipe shrinks toward the rules, never toward zero: with little history the model is the rules. Published
counts move single findings and areas, but neither the base rate nor all rules at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.assessment.build import (
    BuiltPack,
    Sample,
    Sds,
    exact_contributions,
    intercept_sd,
    prior_variances,
    quantiles,
    sample,
    standard_deviation,
)
from riskengine.assessment.model_file import BETWEEN, Model, ModelRange, rounded, solve_base, terms_of
from riskengine.assessment.score import contributions
from riskengine.calibration.classifier import RiskClassifier
from riskengine.calibration.history import History, HistoryRow
from riskengine.engines.forward import BUILT_IN
from riskengine.errors import Problem, ProblemError, Source
from riskengine.logic.conditions import Test, Value, holds
from riskengine.pack.facts import rails_of
from riskengine.pack.model import Pack

__all__ = ["MOST_WEIGHT", "Trained", "train"]

MOST_WEIGHT = 200.0
"""Projects that one published study may weigh at most, whatever its size: studies differ by more than chance."""

MOVES = 0.05
REACH = 1.001
"""By how much the reach of the model range may be too wide for the sake of a small model file."""
"""Log-odds by which some finding must move for a row to teach anything."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What training gives.

    Attributes:
        model: The model.
        warnings: What the reader should know about the history: rows that move nothing.
    """

    model: Model
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The history as arrays.

    Attributes:
        X: Contributions, log-odds; shape (n, rules with a weight).
        failed: 1 or 0; shape (n,).
        weight: In projects; shape (n,).
        study: Name, or `None` for projects of one's own.
    """

    X: NDArray[np.float64]
    failed: NDArray[np.float64]
    weight: NDArray[np.float64]
    study: tuple[str | None, ...]

    def without(self, study: str) -> _Rows:
        kept = np.array([one != study for one in self.study], bool)
        names = tuple(one for one in self.study if one != study)
        return _Rows(self.X[kept], self.failed[kept], self.weight[kept], names)


def train(history: History, built: BuiltPack, file: str | None = None) -> Trained:
    """Train the model of a pack.

    Args:
        history: Outcomes with the answers that were known.
        built: The pack.
        file: The history's name, for messages.

    Returns:
        The model, with a card of what each study moved, and warnings.

    Raises:
        ProblemError: RE-603 if a row's answers occur in no project of the reference sample.
    """
    drawn = sample(built.pack)
    rules = [rule.id for rule in built.pack.weighed_rules]
    exact = [exact_contributions(built.pack, built.centre, counts) for counts in drawn.counts]
    reference = np.array([[one[rule] for rule in rules] for one in exact])
    rows = _arrays(history, built, drawn, reference, file)
    fitted = _fit(rows, built, reference)
    own = any(study is None for study in rows.study)
    factors = _factors(fitted, reference, keep_spread=not own)
    model = _model(fitted, factors, built, reference, history, own)
    studies = sorted({study for study in rows.study if study is not None})
    without = {
        study: _factors(_fit(rows.without(study), built, reference), reference, keep_spread=not own)
        for study in studies
    }
    card = _card(history, rows, built.pack, factors, without)
    return Trained(replace(model, card=card), tuple(_idle_rows(history, rows, file)))


def _arrays(
    history: History, built: BuiltPack, drawn: Sample, reference: NDArray[np.float64], file: str | None
) -> _Rows:
    arms: dict[tuple[Any, ...], NDArray[np.float64]] = {}
    lines = []
    problems = []
    for row in history.rows:
        key = (row.study is None, *sorted(row.answers.items()))
        if key not in arms:
            found = _own(row, built) if row.study is None else _published(row, built.pack, drawn, reference)
            if found is None:
                message = "no project of the reference sample gives these answers together"
                help = "check the row's answers and their gates"
                problems.append(Problem("RE-603", message, help, Source(file, row=row.row)))
                found = np.zeros(reference.shape[1])
            arms[key] = found
        lines.append(arms[key])
    if problems:
        raise ProblemError(problems)
    weight = np.array([row.count * row.weight for row in history.rows])
    study = tuple(row.study for row in history.rows)
    for name in {one for one in study if one is not None}:
        of_study = np.array([one == name for one in study])
        total = float(weight[of_study].sum())
        weight[of_study] *= min(1.0, MOST_WEIGHT / total) if total > 0 else 1.0
    return _Rows(np.array(lines), np.array([float(row.failed) for row in history.rows]), weight, study)


def _own(row: HistoryRow, built: BuiltPack) -> NDArray[np.float64]:
    """Give the contributions of projects of one's own, as an assessment has them: what is unknown adds 0."""
    states = BUILT_IN.findings(built.pack, row.answers).rules
    ones = {rule.id: 1.0 for rule in built.pack.weighed_rules}
    return np.array(list(contributions(built.pack, built.centre, ones, states).exact.values()))


def _published(
    row: HistoryRow, pack: Pack, drawn: Sample, reference: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Give the mean contributions over the reference projects that give the known answers.

    A published contrast is marginal: projects without a metric lack other things too.
    """
    alike = _alike(pack, row.answers)
    matching = [place for place, project in enumerate(drawn.projects) if alike(project)]
    return np.asarray(reference[matching].mean(axis=0)) if matching else None


def _alike(pack: Pack, answers: Mapping[str, Value]) -> Any:
    tests: dict[str, list[Test]] = {}
    for test, _ in rails_of(pack).tests:
        tests.setdefault(test.about, []).append(test)

    def same(question: str, given: Value, wanted: Value) -> bool:
        if isinstance(given, float) and isinstance(wanted, float):
            # numbers are alike if the rules make no difference between them
            return all(holds(test, given) is holds(test, wanted) for test in tests.get(question, ()))
        return given == wanted

    return lambda project: all(same(question, project.get(question), value) for question, value in answers.items())


@dataclass(frozen=True, slots=True)
class _Table:
    """The columns of contributions, as the classifier asks for them."""

    finding_areas: tuple[str, ...]
    finding_groups: tuple[str, ...]
    base: float


def _fit(rows: _Rows, built: BuiltPack, reference: NDArray[np.float64]) -> RiskClassifier:
    rules = built.pack.weighed_rules
    table = _Table(tuple(rule.area for rule in rules), tuple(rule.group_key for rule in rules), built.prior.base)
    classifier = RiskClassifier(pack=table, intercept_sd=intercept_sd(built.pack), classes=(0, 1), reference=reference)
    return classifier.fit(rows.X, rows.failed.astype(int), sample_weight=rows.weight, study=rows.study)


def _factors(fitted: RiskClassifier, reference: NDArray[np.float64], *, keep_spread: bool) -> NDArray[np.float64]:
    """Give the learned factors; those from published counts alone leave the pack's spread as it is."""
    factors = np.asarray(fitted.factors_, float)
    return _with_spread(factors, reference) if keep_spread else factors


def _with_spread(factors: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    before = standard_deviation(reference.sum(axis=1).tolist())
    after = standard_deviation((reference @ factors).tolist())
    return factors * (before / after) if after > 0 else factors


def _model(
    fitted: RiskClassifier,
    factors: NDArray[np.float64],
    built: BuiltPack,
    reference: NDArray[np.float64],
    history: History,
    own: bool,
) -> Model:
    pack = built.pack
    kept = np.array([rounded(factor) for factor in factors])
    log_odds = (reference @ kept).tolist()
    moderation = rounded(fitted.moderation_)
    base = solve_base(log_odds, moderation, pack.base_rate.value)
    wide = fitted.wide_
    variances = np.array(prior_variances(pack, Sds(*wide.sds.tolist())))
    wide_factors = wide.factors if own else _with_spread(wide.factors, reference)
    of_group = dict(zip((rule.group_key for rule in pack.weighed_rules), wide_factors.tolist(), strict=True))
    studies = sorted({row.study for row in history.rows if row.study is not None})
    own_count = sum(row.count for row in history.rows if row.study is None)
    return Model(
        name=f"history of {own_count:g} projects" if own else "published counts",
        base=rounded(base + fitted.intercept_),
        moderation=moderation,
        factors={rule.id: factor for rule, factor in zip(pack.weighed_rules, kept.tolist(), strict=True)},
        reference=quantiles(log_odds),
        range=ModelRange(
            base=rounded(base + float(wide.coefficients[0])),
            factors=tuple(rounded(of_group[members[0].group_key]) for members in pack.groups),
            variances=tuple(rounded(value) for value in variances),
            learnt=_learnt(_in_terms(wide.covariance, wide.layout, pack), variances, _vectors(pack, reference)),
        ),
        pack={"name": pack.name, "version": pack.version, "meaning_hash": built.meaning_hash},
        trained_on={
            "rows": len(history.rows),
            "own_projects": own_count,
            "published_projects": sum(row.count for row in history.rows if row.study is not None),
            "studies": studies,
            "history_sha256": history.sha256,
        },
    )


def _vectors(pack: Pack, reference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give z = [1, sum, sums of areas, sums of groups] of each project, from what its rules contribute."""
    terms, ids = terms_of(pack), [rule.id for rule in pack.weighed_rules]
    projects = (dict(zip(ids, row, strict=True)) for row in reference.tolist())
    return np.array([terms.vector(pack, project) for project in projects])


def _in_terms(covariance: NDArray[np.float64], layout: Any, pack: Pack) -> NDArray[np.float64]:
    """Bring the classifier's coefficients into the order in which model files hold them."""
    areas = list(dict.fromkeys(members[0].area for members in pack.groups))
    groups = [members[0].group_key for members in pack.groups]
    order = [
        0,
        1,
        *(2 + layout.areas.index(area) for area in areas),
        *(2 + len(layout.areas) + layout.groups.index(group) for group in groups),
    ]
    return np.asarray(covariance[np.ix_(order, order)])


def _learnt(
    covariance: NDArray[np.float64], variances: NDArray[np.float64], z: NDArray[np.float64]
) -> tuple[tuple[float, ...], ...]:
    """Give the directions in which history has taken the most uncertainty, as few as will do.

    As many are kept as it takes for the reach of the range to be within `REACH` of what all would give, on every
    project of the reference sample. What is left out only widens the range.

    Args:
        covariance: Of the coefficients, with history; shape (q, q).
        variances: Of the coefficients, before history; shape (q,).
        z: The vectors of the reference sample; shape (n, q).
    """
    taken, directions = np.linalg.eigh(np.diag(variances) - covariance)
    exact = ((z @ covariance) * z).sum(axis=1) + BETWEEN**2
    variance = (z * z) @ variances + BETWEEN**2
    kept: list[NDArray[np.float64]] = []
    for place in np.argsort(-taken, kind="stable"):
        if taken[place] <= 0 or np.sqrt(variance / exact).max() <= REACH:
            break
        direction = np.sqrt(taken[place]) * directions[:, place]
        # an eigenvector has no sign of its own; this one is the same on every machine
        direction *= np.sign(direction[np.abs(direction).argmax()])
        kept.append(direction)
        variance = variance - (z @ direction) ** 2
    return tuple(tuple(rounded(value) + 0.0 for value in direction) for direction in kept)


def _idle_rows(history: History, rows: _Rows, file: str | None) -> list[Problem]:
    problems = []
    for row, moved in zip(history.rows, np.abs(rows.X).sum(axis=1).tolist(), strict=True):
        if row.answers and moved < MOVES:
            message = f"all findings together move by {moved:.3f} on this row's answers, which is less than {MOVES:g}"
            problems.append(Problem("RE-605", message, "", Source(file, row=row.row)))
    return problems


def _card(
    history: History,
    rows: _Rows,
    pack: Pack,
    factors: NDArray[np.float64],
    without: Mapping[str, NDArray[np.float64]],
) -> dict[str, Any]:
    studies = []
    for name, other in without.items():
        of_study = [row for row in history.rows if row.study == name]
        places = [place for place, study in enumerate(rows.study) if study == name]
        studies.append(
            {
                "study": name,
                "failed": sum(row.count for row in of_study if row.failed),
                "of": sum(row.count for row in of_study),
                "counted_as": rounded(math.fsum(rows.weight[place] for place in places)),
                "moved": _moved(pack, factors, other),
            }
        )
    learned = [
        {"rule": rule.id, "weight": rule.weight, "factor": rounded(float(factor))}
        for rule, factor in zip(pack.weighed_rules, factors, strict=True)
        if abs(factor - 1) >= 0.005
    ]
    return {"studies": studies, "factors": sorted(learned, key=lambda one: -abs(one["factor"] - 1))}


def _moved(pack: Pack, factors: Sequence[float] | NDArray[np.float64], other: NDArray[np.float64]) -> list[Any]:
    """Give the findings that a study moved by a hundredth or more, by leaving the study out."""
    moved = [
        {"rule": rule.id, "from": rounded(float(before)), "to": rounded(float(after))}
        for rule, before, after in zip(pack.weighed_rules, other, factors, strict=True)
        if abs(after - before) >= 0.01
    ]
    return sorted(moved, key=lambda one: -abs(one["to"] - one["from"]))
