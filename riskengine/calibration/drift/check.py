"""Drift: outcomes against what the model of that day had predicted.

A model that was trained once and never again looks as if the world had drifted, because of its own errors of
estimation. So the history is replayed: each project is predicted by a model of what had ended before it began,
trained anew as projects end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.score import logit
from riskengine.calibration.arms import reference_of
from riskengine.calibration.drift.answers import shifted_answers
from riskengine.calibration.drift.data import AnswerShift, Drift, Latest, Sum
from riskengine.calibration.drift.sequential import ALARM, HINT, SCORE_LIMIT, cusum, score_test
from riskengine.calibration.evaluation.projects import Projects, projects_of
from riskengine.calibration.history import History, HistoryRow
from riskengine.calibration.layout import FloatArray
from riskengine.calibration.learn import Options
from riskengine.calibration.posterior import expit
from riskengine.calibration.train import check_options

__all__ = ["check"]

REFITTED = 25
"""A model is trained anew once so many more projects have ended."""

MOST_FITS = 40
LATEST = 100
SEEN = 50
"""Predictions are judged once the model had so many projects to learn from: before, it was the rules."""

DIGITS = 6
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    """Judged projects in the order in which their outcomes became known.

    Attributes:
        rows: The projects.
        failed: 1 for failed, 0 for succeeded.
        log_odds: As predicted before.
        how: Where the predictions come from.
    """

    rows: tuple[HistoryRow, ...]
    failed: FloatArray
    log_odds: FloatArray
    how: str

    def at(self, place: int) -> str:
        row = self.rows[place]
        return row.ended.isoformat() if row.ended is not None else f"row {row.row}"


def check(
    history: History,
    built: BuiltPack,
    file: str | None = None,
    progress: Progress | None = None,
    options: Options | None = None,
) -> Drift:
    """Say whether outcomes still fit.

    Args:
        history: Old and new outcomes. With a `probability` in every row these predictions are judged; else the
            history is replayed, by `date` and `ended` where every project has them, else in the order of the table.
        built: The pack.
        file: The history's name, for messages.
        progress: Told how many fits are done, and of how many.
        options: What the user says about the history, which the replayed models are trained by.

    Raises:
        ProblemError: RE-613 if there is no project of one's own, RE-616 for departments that nothing can be learned of.
    """
    options = options or Options()
    check_options(options, history, file)
    projects = projects_of(history, reference_of(built), file, both_outcomes=False, options=options)
    order = sorted(range(projects.n), key=lambda place: _ended(projects, place))
    course = _as_given(projects, order) or _replayed(projects, order, progress)
    sums = tuple(_sum(course, odds) for odds in (2.0, 0.5)) if course.rows else ()
    latest = _latest(course)
    shifts = _shifts(projects, order)
    states = [one.state for one in sums] + ([latest.state] if latest else [])
    state = _worst(states) if len(course.rows) else "too_little"
    pack = built.pack
    return Drift(
        pack={"name": pack.name, "version": pack.version, "meaning_hash": built.meaning_hash},
        history_sha256=history.sha256,
        predictions=course.how,
        projects=len(course.rows),
        failed=int(course.failed.sum()),
        expected=round(float(expit(course.log_odds).sum()), DIGITS),
        state=state,
        sums=sums,
        latest=latest,
        shifts=shifts,
        cautions=tuple(_cautions(course, projects)),
        advice=tuple(_advice(state, sums, shifts)),
    )


def _dated(projects: Projects) -> bool:
    return all(row.date is not None and row.ended is not None for row in projects.own)


def _ended(projects: Projects, place: int) -> tuple[str, int]:
    row = projects.rows[place]
    return (row.ended.isoformat() if _dated(projects) and row.ended is not None else "", place)


def _as_given(projects: Projects, order: Sequence[int]) -> _Course | None:
    given = [projects.rows[place].probability for place in order]
    if any(one is None for one in given):
        return None
    log_odds = np.array([logit(one) for one in given if one is not None])
    rows = tuple(projects.rows[place] for place in order)
    return _Course(rows, projects.failed[list(order)], log_odds, "as given at the time, by the column `probability`")


def _replayed(projects: Projects, order: Sequence[int], progress: Progress | None) -> _Course:
    """Predict each project by a model of what had ended before it began."""
    known = _known_before(projects, order)
    every = max(REFITTED, -(-projects.n // MOST_FITS))
    learned_from = [count // every * every for count in known]
    judged = [place for place, count in enumerate(learned_from) if count >= SEEN]
    counts = sorted({learned_from[place] for place in judged})
    log_odds = np.zeros(len(order))
    for done, count in enumerate(counts, start=1):
        _, _, learned = projects.learned_from(np.array(order[:count]))
        places = [place for place in judged if learned_from[place] == count]
        of = [order[place] for place in places]
        log_odds[places] = learned.log_odds(projects.contributions[of], [projects.departments[one] for one in of])
        if progress is not None:
            progress(done, len(counts))
    rows = tuple(projects.rows[order[place]] for place in judged)
    by = "by `date` and `ended`" if _dated(projects) else "in the order of the table, for want of dates"
    failed = projects.failed[[order[place] for place in judged]]
    how = f"replayed {by}: each project by a model of those that had ended before, trained anew every {every}"
    return _Course(rows, failed, log_odds[judged], how)


def _known_before(projects: Projects, order: Sequence[int]) -> list[int]:
    """Give how many outcomes were known when each project began, in the order in which they end."""
    if not _dated(projects):
        return list(range(len(order)))
    ended = np.array([np.datetime64(str(projects.rows[place].ended)) for place in order])
    begun = np.array([np.datetime64(str(projects.rows[place].date)) for place in order])
    return [int(count) for count in np.searchsorted(ended, begun, side="left")]


def _sum(course: _Course, odds: float) -> Sum:
    found = cusum(course.failed, course.log_odds, odds)
    alarms = zip(found.alarms, found.rises, strict=True)
    recent = [rise for place, rise in alarms if place >= len(course.rows) - LATEST]
    value = float(found.path[-1])
    state: Literal["fits", "hint", "alarm"] = "alarm" if recent else "hint" if value >= HINT else "fits"
    return Sum(
        odds=odds,
        state=state,
        value=round(ALARM if recent else value, DIGITS),
        since=course.at(recent[0] if recent else found.since),
        alarms=tuple(course.at(place) for place in found.alarms),
    )


def _latest(course: _Course) -> Latest | None:
    if len(course.rows) < LATEST:
        return None
    failed, log_odds = course.failed[-LATEST:], course.log_odds[-LATEST:]
    chi = score_test(failed, log_odds)
    return Latest(
        projects=LATEST,
        failed=int(failed.sum()),
        expected=round(float(expit(log_odds).sum()), DIGITS),
        chi_squared=round(chi, DIGITS),
        state="alarm" if chi > SCORE_LIMIT else "fits",
    )


def _shifts(projects: Projects, order: Sequence[int]) -> tuple[AnswerShift, ...]:
    answers = [projects.rows[place].answers for place in order]
    found = shifted_answers(answers, min(LATEST, len(order) // 2), projects.reference.built.pack)
    return tuple(
        AnswerShift(
            question=one.question,
            answer=one.answer,
            before=round(one.before, DIGITS),
            after=round(one.after, DIGITS),
            p_value=round(one.p_value, DIGITS),
        )
        for one in found
    )


def _worst(states: Sequence[str]) -> Literal["fits", "hint", "alarm"]:
    if "alarm" in states:
        return "alarm"
    return "hint" if "hint" in states else "fits"


def _cautions(course: _Course, projects: Projects) -> list[str]:
    found = []
    judged = len(course.rows)
    if judged < LATEST:
        more = LATEST - judged
        found.append(
            f"Only {judged} predictions can be judged; the first {SEEN} outcomes only teach. Before {LATEST} a "
            f"change smaller than a factor of two in the odds can't be seen: about {more} more outcomes."
        )
    given = sum(row.probability is not None for row in projects.own)
    if 0 < given < projects.n:
        found.append(
            f"{given} of {projects.n} projects have a probability that was given at the time; without all of them the "
            "history is replayed."
        )
    if not _dated(projects) and "replayed" in course.how:
        found.append("Without `date` and `ended` in every row the order of the table is taken for the order of time.")
    return found


def _advice(state: str, sums: Sequence[Sum], shifts: Sequence[AnswerShift]) -> list[str]:
    found = []
    if state == "alarm":
        alarmed = [one for one in sums if one.state == "alarm"]
        since = f" (most likely since {alarmed[0].since})" if alarmed else ""
        found = [
            f"Find out what changed{since}: the kind of projects, what counts as failed, who answers, and when.",
            "Give projects from before the change a `weight` below 1, such as 0.3, so that new ones count more.",
            "Train again with `--intercept-sd 1.0`, which lets the base rate move further; until then use "
            "`--base-rate` with the share that failed lately.",
        ]
    elif state == "hint":
        found = ["Nothing to do yet. Look again after the next ten outcomes."]
    if shifts:
        found.append(
            "Answers have shifted. That alone is no error of the model; but see whether the questions named are still "
            "understood as before, and whether these are still the same kind of projects."
        )
    return found
