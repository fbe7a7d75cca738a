"""A history as single projects, of which some can be held out while all the rest is learned from."""
# ruff: noqa: N806  (matrices are X, as in scikit-learn)

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from riskengine.calibration.arms import Reference, arms
from riskengine.calibration.ends import end_log_odds, end_probabilities
from riskengine.calibration.history import History, HistoryRow
from riskengine.calibration.layout import FloatArray
from riskengine.calibration.learn import Learned, Options, learn
from riskengine.calibration.posterior import Rows
from riskengine.calibration.train import end_shares
from riskengine.errors import Problem, ProblemError, Source

__all__ = ["Held", "Projects", "cross_validated", "held_out", "projects_of"]

MOST_PROJECTS = 200_000
FOLDS = 5
FITTED_ROWS, MOST_REPEATS, FEWEST_REPEATS = 2_000, 10, 2

Places = NDArray[np.intp]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Projects:
    """Single projects with outcomes, and the published counts that are learned from beside them.

    Attributes:
        reference: The pack's reference sample.
        rows: The row of each project: those of one's own first, each as often as it counts.
        arrays: The same as arrays, a study's rows behind them.
        n: How many projects of one's own there are.
        options: What the user says about the history.
    """

    reference: Reference
    rows: tuple[HistoryRow, ...]
    arrays: Rows
    n: int
    options: Options | None = None

    @property
    def own(self) -> tuple[HistoryRow, ...]:
        """The rows of the projects of one's own."""
        return self.rows[: self.n]

    @property
    def contributions(self) -> FloatArray:
        """Contributions of the projects of one's own; shape (n, J)."""
        return self.arrays.X[: self.n]

    @property
    def failed(self) -> FloatArray:
        """1 for failed, 0 for succeeded, of one's own; shape (n,)."""
        return self.arrays.failed[: self.n]

    @property
    def departments(self) -> tuple[str | None, ...]:
        """The department of each project of one's own, by its key; length n."""
        return self.arrays.departments[: self.n]

    def learned_from(self, places: Places) -> tuple[tuple[HistoryRow, ...], Rows, Learned]:
        """Learn from some projects, and from all published counts."""
        every = np.concatenate([places, np.arange(self.n, len(self.rows))]).astype(int)
        some = self.arrays.some(every)
        return tuple(self.rows[place] for place in every), some, learn(some, self.reference, self.options)


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What was predicted of projects that were held out.

    Attributes:
        log_odds: Moderated log-odds of failure; shape (n,).
        ends: Probability of each end, in pack order; shape (n, K).
        base_rate: Share of failures among the projects learned from; shape (n,).
    """

    log_odds: FloatArray
    ends: FloatArray
    base_rate: FloatArray


def projects_of(
    history: History,
    reference: Reference,
    file: str | None = None,
    *,
    both_outcomes: bool = True,
    options: Options | None = None,
) -> Projects:
    """Give the single projects of a history.

    Args:
        history: The history.
        reference: The pack's reference sample.
        file: The history's name, for messages.
        both_outcomes: Whether there must be failures and successes.
        options: What the user says about the history.

    Raises:
        ProblemError: RE-613 if there are no projects of one's own, none that failed or none that succeeded, too
            many, or a count that is no whole number.
    """
    problems = []
    for row in history.own:
        if row.count != int(row.count):
            message = f"`count` is {row.count:g}: evaluation judges single projects"
            at = Source(file, row=row.row, field="count")
            problems.append(Problem("RE-613", message, "a whole number; shares belong to a `study`", at))
    total = int(sum(row.count for row in history.own))
    if not problems:
        problems = _missing(history, total, file, both_outcomes)
    if problems:
        raise ProblemError(problems)
    arrays = arms(history, reference, file)
    of_own = [place for place, row in enumerate(history.rows) if row.study is None for _ in range(int(row.count))]
    of_study = [place for place, row in enumerate(history.rows) if row.study is not None]
    places = np.array([*of_own, *of_study], int)
    weight = np.concatenate([[history.rows[place].weight for place in of_own], arrays.weight[of_study]])
    rows = tuple(history.rows[place] for place in places)
    spread = replace(arrays.some(places), weight=weight)
    return Projects(reference, rows, spread, len(of_own), options)


def _missing(history: History, total: int, file: str | None, both_outcomes: bool) -> list[Problem]:
    source = Source(file)
    if total == 0:
        help = "record what became of yours; `model show` tells what published counts moved"
        return [Problem("RE-613", "there is no project of one's own in this history", help, source)]
    if total > MOST_PROJECTS:
        message = f"{total:,} projects are more than the {MOST_PROJECTS:,} that can be judged at once"
        return [Problem("RE-613", message, "draw some of them by chance", source)]
    failures = sum(row.count for row in history.own if row.failed)
    if both_outcomes and failures in (0, total):
        which = "all" if failures else "none"
        message = f"{which} of the {total} projects failed: nothing can be told apart"
        return [Problem("RE-613", message, "add projects that ended otherwise", source)]
    return []


def held_out(projects: Projects, learned_from: Places, judged: Places) -> Held:
    """Learn from some projects and predict others; everything is fitted anew.

    Args:
        projects: The projects.
        learned_from: Places of those to learn from.
        judged: Places of those to predict.
    """
    rows, some, learned = projects.learned_from(learned_from)
    X = projects.contributions[judged]
    log_odds = learned.log_odds(X, [projects.departments[place] for place in judged])
    shares = end_shares(rows, some, learned, projects.reference)
    pack = projects.reference.built.pack
    of_end = end_probabilities(end_log_odds(pack, X, learned.factors, shares))
    p = 1.0 / (1.0 + np.exp(-log_odds))
    rate = _share(projects, learned_from)
    return Held(log_odds, p[:, None] * of_end, np.full(len(judged), rate))


def _share(projects: Projects, places: Places) -> float:
    """Give the share of failures, a project of each kind added so that it is never 0 or 1."""
    failed, n = float(projects.failed[places].sum()), len(places)
    return (failed + 1.0) / (n + 2.0)


def repeats_for(n: int) -> int:
    """Give how often the folds are drawn: often for short histories, where the draw matters and time does not.

    Args:
        n: How many projects.
    """
    return min(MOST_REPEATS, max(FEWEST_REPEATS, FITTED_ROWS // n))


def cross_validated(projects: Projects, progress: Progress | None = None) -> list[Held]:
    """Predict every project by models that were trained without it: repeated stratified folds.

    Args:
        projects: The projects.
        progress: Told how many fits are done, and of how many.

    Returns:
        For each repeat, what was predicted of all projects.
    """
    # projects are dealt in an order of their own, so that sorting the table otherwise changes nothing
    ends = np.unique([row.end or "" for row in projects.own], return_inverse=True)[1]
    every = np.lexsort([projects.arrays.weight[: projects.n], ends, *projects.contributions.T, projects.failed])
    drawn = [_folds(projects.failed[every], repeat) for repeat in range(repeats_for(projects.n))]
    total, done = sum(int(fold.max()) + 1 for fold in drawn), 0
    found = []
    for fold in drawn:
        parts = []
        for one in range(int(fold.max()) + 1):
            judged = every[fold == one]
            parts.append((judged, held_out(projects, every[fold != one], judged)))
            done += 1
            if progress is not None:
                progress(done, total)
        found.append(_together(parts, projects.n))
    return found


def _folds(failed: FloatArray, repeat: int) -> Places:
    """Deal the projects, failures first, to the folds: each gets its share of both, however few there are."""
    chance = np.random.default_rng(repeat)
    order = np.concatenate([chance.permutation(np.flatnonzero(failed == kind)) for kind in (1.0, 0.0)])
    fold = np.empty(len(failed), int)
    fold[order] = np.arange(len(failed)) % min(FOLDS, len(failed))
    return fold


def _together(parts: Sequence[tuple[Places, Held]], n: int) -> Held:
    log_odds, rate = np.zeros(n), np.zeros(n)
    ends = np.zeros((n, parts[0][1].ends.shape[1]))
    for judged, held in parts:
        log_odds[judged], ends[judged], rate[judged] = held.log_odds, held.ends, held.base_rate
    return Held(log_odds, ends, rate)
