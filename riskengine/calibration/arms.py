"""What the rows of a history contribute to the log-odds, as arrays: projects of one's own, and arms of studies."""
# ruff: noqa: N803, N806  (matrices are X, as in scikit-learn)

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.names import key_of
from riskengine.assessment.reference import draw
from riskengine.calibration.contributions import contributions_of
from riskengine.calibration.history import History, HistoryRow
from riskengine.calibration.layout import FloatArray
from riskengine.calibration.posterior import Rows
from riskengine.errors import Problem, ProblemError, Source
from riskengine.logic.conditions import Test, Value, holds
from riskengine.pack.facts import rails_of
from riskengine.pack.model import Pack

__all__ = ["MOST_WEIGHT", "Reference", "arms", "idle_rows", "reference_of"]

MOST_WEIGHT = 200.0
"""Projects that one published study may weigh at most, whatever its size: studies differ by more than chance."""

MOVES = 0.05
"""Log-odds by which some finding must move for a row to teach anything."""


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A pack's reference sample, as contributions.

    Attributes:
        built: The pack.
        projects: The answers of its synthetic projects.
        X: What each weighed rule contributes to each project, log-odds; shape (m, J).
    """

    built: BuiltPack
    projects: tuple[Mapping[str, Value], ...]
    X: FloatArray


@lru_cache(maxsize=4)
def reference_of(built: BuiltPack) -> Reference:
    """Draw the reference sample of a pack, which takes some seconds; once for a pack that stays loaded.

    Args:
        built: The pack.
    """
    projects = tuple(draw(built.pack))
    return Reference(built, projects, contributions_of(built, projects))


def arms(history: History, reference: Reference, file: str | None = None) -> Rows:
    """Give the history as arrays; a study weighs `MOST_WEIGHT` projects at most.

    Args:
        history: Outcomes with the answers that were known.
        reference: The pack's reference sample.
        file: The history's name, for messages.

    Raises:
        ProblemError: RE-603 if a study's answers occur in no project of the reference sample.
    """
    X = np.zeros((len(history.rows), reference.X.shape[1]))
    is_own = np.array([row.study is None for row in history.rows], bool)
    X[is_own] = contributions_of(reference.built, (row.answers for row in history.own))
    X[~is_own] = _published([row for row in history.rows if row.study is not None], reference, file)
    failed = np.array([float(row.failed) for row in history.rows])
    studies = tuple(row.study for row in history.rows)
    return Rows(X, failed, _weights(history), studies, tuple(_department(row) for row in history.rows))


def _department(row: HistoryRow) -> str | None:
    # what was published is of nobody's department
    return key_of(row.department) if row.study is None and row.department is not None else None


def _weights(history: History) -> FloatArray:
    weight = np.array([row.count * row.weight for row in history.rows], float)
    for name in history.studies:
        of_study = np.array([row.study == name for row in history.rows])
        total = float(weight[of_study].sum())
        weight[of_study] *= min(1.0, MOST_WEIGHT / total) if total > 0 else 1.0
    return weight


def _published(rows: Sequence[HistoryRow], reference: Reference, file: str | None) -> FloatArray:
    """Give, for each row, the mean contributions over the reference projects that give the known answers.

    A published contrast is marginal: projects without a metric lack other things too.
    """
    found: dict[tuple[Any, ...], FloatArray] = {}
    problems = []
    keys = [tuple(sorted(row.answers.items())) for row in rows]
    for row, key in zip(rows, keys, strict=True):
        if key not in found:
            matching = _matching(row.answers, reference)
            if not matching:
                message = "no project of the reference sample gives these answers together"
                help = "check the row's answers and their gates"
                problems.append(Problem("RE-603", message, help, Source(file, row=row.row)))
            found[key] = reference.X[matching or [0]].mean(axis=0)
    if problems:
        raise ProblemError(problems)
    return np.array([found[key] for key in keys]).reshape(len(rows), reference.X.shape[1])


def _matching(answers: Mapping[str, Value], reference: Reference) -> list[int]:
    alike = _alike(reference.built.pack, answers)
    return [place for place, project in enumerate(reference.projects) if alike(project)]


def _alike(pack: Pack, answers: Mapping[str, Value]) -> Callable[[Mapping[str, Value]], bool]:
    tests: dict[str, list[Test]] = {}
    for test, _ in rails_of(pack).tests:
        tests.setdefault(test.about, []).append(test)

    def same(question: str, given: Value, wanted: Value) -> bool:
        if isinstance(given, float) and isinstance(wanted, float):
            # numbers are alike if the rules make no difference between them
            return all(holds(test, given) is holds(test, wanted) for test in tests.get(question, ()))
        return given == wanted

    return lambda project: all(same(question, project.get(question), value) for question, value in answers.items())


def idle_rows(rows: Sequence[HistoryRow], X: FloatArray, file: str | None) -> list[Problem]:
    """Give the rows whose answers move nothing, so that they teach nothing about the rules.

    Args:
        rows: Rows of a history.
        X: What they contribute.
        file: The history's name, for messages.
    """
    problems = []
    for row, moved in zip(rows, np.abs(X).sum(axis=1).tolist(), strict=True):
        if row.answers and moved < MOVES:
            message = f"all findings together move by {moved:.3f} on this row's answers, which is less than {MOVES:g}"
            problems.append(Problem("RE-605", message, "", Source(file, row=row.row)))
    return problems
