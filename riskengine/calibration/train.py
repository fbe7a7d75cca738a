"""Training: outcomes in, a model of one pack out.

The recipe shrinks toward the rules, never toward zero: with little history the model is the rules. Published
counts move single findings and areas, but neither the base rate nor all rules at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from riskengine.assessment.build import BuiltPack, Sds, prior_variances, quantiles
from riskengine.assessment.model_file import Department, Model, ModelRange, WideLevel, rounded
from riskengine.calibration.arms import Reference, arms, idle_rows, reference_of
from riskengine.calibration.card import card
from riskengine.calibration.doubts import doubts
from riskengine.calibration.ends import end_log_odds, end_probabilities, learn_ends
from riskengine.calibration.history import History, HistoryRow
from riskengine.calibration.layout import FloatArray
from riskengine.calibration.learn import Learned, Options, learn
from riskengine.calibration.posterior import DepartmentLevel, Rows
from riskengine.calibration.terms import in_terms, learnt_directions, vectors
from riskengine.errors import Problem, ProblemError, Source

__all__ = ["Trained", "check_options", "end_shares", "train"]

Progress = Callable[[int, int], None]

MOST_DEPARTMENTS = 200
"""More are no parts of a house; and every assessment in a table is compared with each of them."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What training gives.

    Attributes:
        model: The model.
        warnings: What the reader should know about the history: what it can't teach, what was left out.
    """

    model: Model
    warnings: tuple[Problem, ...]


def train(
    history: History,
    built: BuiltPack,
    file: str | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Train the model of a pack. The same history gives the same bytes.

    Args:
        history: Outcomes with the answers that were known.
        built: The pack.
        file: The history's name, for messages.
        options: What the user says about the history.
        progress: Told how many fits are done, and of how many.

    Returns:
        The model, with a card of what each study moved, and warnings.

    Raises:
        ProblemError: RE-603 if there are no rows, or a row's answers occur in no project of the reference sample;
            RE-614 if a true rate is given that can't be, or for a history with one outcome; RE-616 for departments
            that nothing can be learned of.
    """
    options = options or Options()
    if not history.rows:
        help = "`riskengine history outcome NAME failed --on DAY` writes down what became of a project"
        raise ProblemError(Problem("RE-603", "there is no finished project to learn from", help, Source(file)))
    check_options(options, history, file)
    reference = reference_of(built)
    rows = arms(history, reference, file)
    studies = history.studies
    step = progress or _silent
    step(0, 1 + len(studies))
    learned = learn(rows, reference, options)
    without = {}
    for done, study in enumerate(studies, start=1):
        step(done, 1 + len(studies))
        without[study] = learn(_without(rows, study), reference, options).factors
    step(1 + len(studies), 1 + len(studies))
    model = _model(learned, reference, history, rows, options)
    warnings = (*doubts(history, built, file), *idle_rows(history.rows, rows.X, file))
    return Trained(replace(model, card=card(history, rows, built.pack, learned, without)), warnings)


def _silent(done: int, total: int) -> None:
    pass


def check_options(options: Options, history: History, file: str | None = None) -> None:
    """Check what a user says about a history.

    Args:
        options: What is said.
        history: The history.
        file: Its name, for messages.

    Raises:
        ProblemError: RE-614 if a true rate is none, or for a history with one outcome; RE-616 if levels of
            departments are wanted, and there are fewer than two, or too many; RE-804 for an sd that is none.
    """
    rate, outcomes = options.true_rate, {row.failed for row in history.own}
    if rate is not None and not 0 < rate < 1:
        message, help = f"the true rate {rate:g} is no share of projects", "a number above 0 and below 1, such as 0.3"
        raise ProblemError(Problem("RE-614", message, help, value=str(rate)))
    if rate is not None and len(outcomes) < 2:
        message = "a true rate is given, but the history has no failures and successes of one's own to compare"
        raise ProblemError(Problem("RE-614", message, "leave `--true-rate` out, or add the others", Source(file)))
    if options.departments:
        _check_departments(history, file)
    if options.intercept_sd is not None and not 0 < options.intercept_sd <= 10:
        message = f"the intercept's sd is {options.intercept_sd:g}"
        raise ProblemError(Problem("RE-804", message, "a number above 0 and at most 10, such as 1.0"))


def _check_departments(history: History, file: str | None) -> None:
    count = len(history.departments)
    help = "a column `department` names the part of the house that each project is of"
    if count > MOST_DEPARTMENTS:
        message = f"there are {count} departments, more than the {MOST_DEPARTMENTS} that a model can hold"
        raise ProblemError(Problem("RE-616", message, f"join small ones; {help}", Source(file)))
    if count < 2:
        message = f"projects are of {'one department' if count else 'no department'}: there is nothing to tell apart"
        raise ProblemError(Problem("RE-616", message, f"{help}; or leave `--departments` out", Source(file)))


def _without(rows: Rows, study: str) -> Rows:
    return rows.some(np.flatnonzero([one != study for one in rows.studies]))


def _model(learned: Learned, reference: Reference, history: History, rows: Rows, options: Options) -> Model:
    built, pack = reference.built, reference.built.pack
    wide = learned.wide
    variances = np.array(prior_variances(pack, Sds(*wide.sds.tolist())))
    of_group = dict(zip((rule.group_key for rule in pack.weighed_rules), wide.factors.tolist(), strict=True))
    covariance = in_terms(wide.covariance, learned.fitted.layout_, pack)
    return Model(
        name=_name(history, options),
        base=rounded(learned.base),
        moderation=learned.moderation,
        factors={rule.id: one for rule, one in zip(pack.weighed_rules, learned.factors.tolist(), strict=True)},
        reference=quantiles((reference.X @ learned.factors).tolist()),
        range=ModelRange(
            base=rounded(wide.base),
            factors=tuple(rounded(of_group[members[0].group_key]) for members in pack.groups),
            variances=tuple(rounded(value) for value in variances),
            learnt=learnt_directions(covariance, variances, vectors(pack, reference.X)),
            departments={key: _wide_level(one) for key, one in wide.departments.items()},
            other_department=rounded(wide.department_sd**2) if wide.departments else 0.0,
        ),
        pack={"name": pack.name, "version": pack.version, "meaning_hash": built.meaning_hash},
        trained_on=_trained_on(history, options),
        ends=_ends(history.rows, rows, learned, reference),
        departments={
            key: Department(history.departments[key], rounded(one.level)) for key, one in learned.departments.items()
        },
    )


def _wide_level(one: DepartmentLevel) -> WideLevel:
    # at least 0: how a level goes together with the slopes is left out, and must not narrow a range
    return WideLevel(rounded(one.level), rounded(max(0.0, one.added)))


def _name(history: History, options: Options) -> str:
    count = sum(row.count for row in history.own)
    if not count:
        return "published counts"
    kind = "history" if options.true_rate is None else "selection"
    if history.synthetic == count:
        return f"{kind} of {count:g} synthetic projects"
    made_up = f", {history.synthetic:g} of them synthetic" if history.synthetic else ""
    return f"{kind} of {count:g} projects{made_up}"


def _trained_on(history: History, options: Options) -> dict[str, Any]:
    days = sorted(str(day) for row in history.own for day in (row.date, row.ended) if day is not None)
    failed = sum(row.count for row in history.own if row.failed)
    trained: dict[str, Any] = {
        "rows": len(history.rows),
        "own_projects": sum(row.count for row in history.own),
        "own_failed": failed,
        "published_projects": sum(row.count for row in history.rows if row.study is not None),
        "studies": list(history.studies),
        "history_sha256": history.sha256,
    }
    if days:
        trained["period"] = [days[0], days[-1]]
    if options.true_rate is not None:
        trained["selection"] = {"true_rate": options.true_rate}
    if options.intercept_sd is not None:
        trained["intercept_sd"] = options.intercept_sd
    if options.departments:
        trained["departments"] = len(history.departments)
    if history.synthetic:
        trained["synthetic_projects"] = history.synthetic
    if history.hindsight:
        trained["hindsight"] = history.hindsight
    if history.left_out:
        trained["left_out"] = [{"reason": one.reason, "rows": one.count} for one in history.left_out]
    return trained


def end_shares(rows: tuple[HistoryRow, ...], arrays: Rows, learned: Learned, reference: Reference) -> FloatArray:
    """Give the share of each end among failures, the pack's moved by those failures whose end is known.

    Args:
        rows: Rows of a history.
        arrays: The same as arrays.
        learned: What was learned from them.
        reference: The pack's reference sample.

    Returns:
        The shares, in pack order; shape (K,).
    """
    pack = reference.built.pack
    shares = np.array([end.share for end in pack.ends])
    known = [place for place, row in enumerate(rows) if row.study is None and row.end is not None]
    names = [end.id for end in pack.ends]
    ended = np.array([[float(rows[place].end == name) for name in names] for place in known]).reshape(-1, len(names))
    log_odds = end_log_odds(pack, arrays.X[known], learned.factors, shares)
    moved = np.log(shares) + learn_ends(log_odds, ended, arrays.weight[known])
    return np.asarray(end_probabilities(moved[None, :])[0])


def _ends(rows: tuple[HistoryRow, ...], arrays: Rows, learned: Learned, reference: Reference) -> Mapping[str, float]:
    if not any(row.study is None and row.end is not None for row in rows):
        return {}
    shares = end_shares(rows, arrays, learned, reference).tolist()
    return {end.id: rounded(share) for end, share in zip(reference.built.pack.ends, shares, strict=True)}
