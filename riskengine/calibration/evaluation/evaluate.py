"""Evaluation: how the model of a history does on projects that it was not trained on."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.names import DEPARTMENT
from riskengine.calibration.arms import reference_of
from riskengine.calibration.card import area_factors, department_levels
from riskengine.calibration.evaluation import measures
from riskengine.calibration.evaluation.data import (
    AreaFactor,
    DepartmentFigures,
    EndFigures,
    Evaluation,
    Figure,
    LeftOutRows,
    Missing,
    Predicted,
    Subgroup,
    Temporal,
)
from riskengine.calibration.evaluation.enough import too_little
from riskengine.calibration.evaluation.figures import Judged, figures, missing, rounded_figure
from riskengine.calibration.evaluation.ordinary import ordinary_project
from riskengine.calibration.evaluation.projects import Held, Projects, cross_validated, held_out, projects_of
from riskengine.calibration.evaluation.subgroups import groups_of
from riskengine.calibration.history import History
from riskengine.calibration.learn import Options
from riskengine.calibration.posterior import expit
from riskengine.calibration.train import check_options
from riskengine.errors import Problem, ProblemError, Source, nearest

__all__ = ["evaluate"]

Progress = Callable[[int, int], None]

LATEST = 0.7
"""Projects begun after this share of all is judged by what had ended before: the temporal validation."""

TOO_GOOD = 0.85
"""An AUC above this on real projects means that answers were given with the end in mind."""


def evaluate(
    history: History,
    built: BuiltPack,
    file: str | None = None,
    by: Sequence[str] = (),
    progress: Progress | None = None,
    options: Options | None = None,
) -> Evaluation:
    """Judge the model that a history would give, on projects held out from it.

    Repeated stratified 5-fold, everything fitted anew in each fold. Published counts are learned from in every
    fold and never judged.

    Args:
        history: Outcomes with the answers that were known; `kept` holds the columns of `by`.
        built: The pack.
        file: The history's name, for messages.
        by: Questions or other columns whose values make subgroups.
        progress: Told how many fits are done, and of how many.
        options: What the user says about the history. A selection is judged by what does not depend on its share of
            failures.

    Raises:
        ProblemError: RE-403 for a column of `by` that is not there, RE-613 if there is nothing to judge by, RE-614 if
            a true rate can't be.
    """
    options = options or Options()
    check_options(options, history, file)
    _check_columns(by, history, built, file)
    projects = projects_of(history, reference_of(built), file, options=options)
    repeats = cross_validated(projects, progress)
    judged = _judged(projects, repeats, np.arange(projects.n))
    found = figures(judged)
    ends, lacking = _ends(projects, repeats)
    _, _, learned = projects.learned_from(np.arange(projects.n))
    pack = built.pack
    return Evaluation(
        pack={"name": pack.name, "version": pack.version, "meaning_hash": built.meaning_hash},
        history_sha256=history.sha256,
        failure=pack.base_rate.failure or "",
        begun=_first_and_last([row.date for row in projects.own]),
        ended=_first_and_last([row.ended for row in projects.own]),
        studies=history.studies,
        selection=options.true_rate,
        synthetic=int(history.synthetic),
        method="repeated stratified 5-fold, everything fitted anew"
        + (", a level for each department" if options.departments else ""),
        repeats=len(repeats),
        figures=found.model_copy(update={"too_little": (*found.too_little, *lacking)}),
        ends=ends,
        temporal=_temporal(projects),
        subgroups=tuple(
            Subgroup(column=column, value=value, figures=figures(judged.some(places)))
            for column in by
            for value, places in groups_of(projects.own, column, built.pack)
        ),
        areas=tuple(_area(one) for one in area_factors(learned)),
        departments=tuple(_department(one) for one in department_levels(learned, history)),
        ordinary=ordinary_project(built, learned),
        predicted=_predicted(projects, judged),
        left_out=tuple(LeftOutRows(reason=one.reason, rows=one.count) for one in history.left_out),
        cautions=tuple(_cautions(found.auc, projects, history.hindsight)),
    )


def _check_columns(by: Sequence[str], history: History, built: BuiltPack, file: str | None) -> None:
    there = {*built.pack.question, *(name for row in history.own for name in row.kept)}
    if history.departments:
        there.add(DEPARTMENT)
    problems = [
        Problem("RE-403", f"there is no column `{name}`", nearest(name, sorted(there)), Source(file), name)
        for name in by
        if name not in there
    ]
    if problems:
        raise ProblemError(problems)


def _first_and_last(days: Sequence[datetime.date | None]) -> tuple[str, str] | None:
    known = [day for day in days if day is not None]
    return (min(known).isoformat(), max(known).isoformat()) if known and len(known) == len(days) else None


def _judged(projects: Projects, repeats: Sequence[Held], places: NDArray[np.intp]) -> Judged:
    prior = projects.reference.built.prior
    rules = prior.base + projects.contributions[places].sum(axis=1)
    return Judged(
        failed=projects.failed[places],
        model=np.array([held.log_odds for held in repeats]),
        base_rate=np.array([held.base_rate for held in repeats]),
        rules=prior.moderation * rules,
        full_rules=rules,
        expected_rate=projects.reference.built.pack.base_rate.value,
        selected=projects.options is not None and projects.options.true_rate is not None,
    )


def _ends(projects: Projects, repeats: Sequence[Held]) -> tuple[tuple[EndFigures, ...], list[Missing]]:
    """Judge each end: the projects that ended so against all others whose end is known."""
    pack = projects.reference.built.pack
    known = np.array([not row.failed or row.end is not None for row in projects.own])
    failed = np.array([row.failed for row in projects.own]) & known
    if not failed.any():
        return (), []
    p = np.mean([held.ends for held in repeats], axis=0)
    # given failure, so that how many fail at all is not judged a second time
    given = p / p.sum(axis=1, keepdims=True)
    found, lacking = [], []
    for place, end in enumerate(pack.ends):
        so = np.array([row.end == end.id for row in projects.own])[known].astype(float)
        observed = int(so.sum())
        few = too_little("auc", observed, len(so) - observed, end.share, of=end.id)
        auc: Figure | None = None
        if few is None:
            area = float(np.mean([measures.auc(so, held.ends[known, place]) for held in repeats]))
            auc = rounded_figure(area, *measures.auc_interval(area, observed, len(so) - observed))
        else:
            lacking.append(missing(few))
        expected = round(float(given[failed, place].sum()), 6)
        found.append(EndFigures(end=end.id, observed=observed, expected=expected, auc=auc))
    return tuple(found), lacking


def _temporal(projects: Projects) -> Temporal | None:
    """Judge the latest projects by what had ended before; `None` where a date is missing or nothing is left."""
    begun = [row.date for row in projects.own if row.date is not None]
    ended = [row.ended for row in projects.own if row.ended is not None]
    if len(begun) < projects.n or len(ended) < projects.n:
        return None
    cut = sorted(begun)[min(int(LATEST * projects.n), projects.n - 1)]
    before = np.array([day < cut for day in ended])
    after = np.array([day >= cut for day in begun])
    if not before.any() or not after.any():
        return None
    judged = np.flatnonzero(after)
    held = held_out(projects, np.flatnonzero(before), judged)
    between = int(projects.n - before.sum() - after.sum())
    found = figures(_judged(projects, [held], judged))
    return Temporal(cut=cut.isoformat(), learned_from=int(before.sum()), between=between, figures=found)


def _area(one: Mapping[str, Any]) -> AreaFactor:
    def about(factor: float, sd: float) -> Figure:
        reach = measures.Z_95 * sd
        return rounded_figure(factor, max(0.0, factor - reach), factor + reach)

    prior, posterior = about(1.0, one["prior_sd"]), about(one["factor"], one["sd"])
    return AreaFactor(area=one["area"], prior=prior, posterior=posterior, learnt=one["learnt"])


def _department(one: Mapping[str, Any]) -> DepartmentFigures:
    reach = measures.Z_95 * one["sd"]
    return DepartmentFigures(
        department=one["department"],
        projects=int(one["projects"]),
        failed=int(one["failed"]),
        level=rounded_figure(one["level"], one["level"] - reach, one["level"] + reach),
        learnt=one["learnt"],
    )


def _predicted(projects: Projects, judged: Judged) -> tuple[Predicted, ...]:
    p = expit(judged.model).mean(axis=0)
    return tuple(
        Predicted(row=row.row, project=row.project, probability=round(one, 6), failed=row.failed)
        for row, one in zip(projects.own, p.tolist(), strict=True)
    )


def _cautions(auc: Figure | None, projects: Projects, hindsight: int) -> Iterator[str]:
    if hindsight:
        yield (
            f"{hindsight} of {projects.n} projects were written down only when their outcome was known: hindsight may "
            "colour their answers, and make all figures look better than they are."
        )
    if auc is not None and auc.value > TOO_GOOD:
        yield (
            f"An AUC of {auc.value:.2f} is better than start-of-project answers have ever done on real projects "
            "(0.70 to 0.80). Most likely answers were given when the end was in sight."
        )
    if any(row.synthetic for row in projects.own):
        yield "Projects of this table are made up (synthetic): nothing here is about real ones."
    if projects.options is not None and projects.options.true_rate is not None:
        yield (
            "This is a selection of projects. It shows how well failures are told from successes, and nothing about "
            f"how many fail: that {100 * projects.options.true_rate:g} % of all projects do is what you stated."
        )
    if any(row.date is None or row.ended is None for row in projects.own):
        yield (
            "Not every project has the columns `date` (of its answers) and `ended`: nobody can tell whether answers "
            "were given before the end was known, and later projects can't be held out from earlier ones."
        )
