"""What was selected, as training takes it: rows in memory, or the CSV that `model train` reads."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from datetime import date

from riskengine.assessment.names import DEPARTMENT
from riskengine.calibration.history import History, HistoryRow, LeftOut
from riskengine.history.record import FAILED
from riskengine.history.selection import REASONS, Selected, Selection
from riskengine.logic.conditions import NotApplicable, Value
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack

__all__ = ["training_csv", "training_rows"]

_FORMULA = re.compile("[ \u00a0]*[=+\\-@\t\r\n]")


def training_rows(selection: Selection, pack: Pack) -> History:
    """Give what was selected as the rows that training takes.

    Args:
        selection: The finished projects.
        pack: The pack that they were selected for.
    """
    ends = {end.id for end in pack.ends}
    rows = tuple(
        HistoryRow(
            row=number,
            study=None,
            failed=one.outcome.outcome == FAILED,
            end=one.outcome.end if one.outcome.end in ends else None,
            count=1.0,
            weight=1.0,
            answers=one.answers,
            project=one.project,
            date=date.fromisoformat(one.date),
            ended=date.fromisoformat(one.outcome.date),
            probability=one.probability,
            department=one.department,
        )
        for number, one in enumerate(selection.projects, start=1)
    )
    digest = hashlib.sha256(training_csv(selection, pack).encode()).hexdigest()
    # a project that goes on is not left out: it has nothing to teach yet
    left_out = tuple(LeftOut(REASONS[reason], count) for reason, count in selection.counts.items() if reason != "open")
    return History(rows, digest, left_out, selection.hindsight)


def training_csv(selection: Selection, pack: Pack) -> str:
    """Give what was selected as a CSV: project, day of the answers, outcome, its day, number, a column a question.

    Where some project names its department, and no question is called so, there is a column of departments too.

    Args:
        selection: The finished projects.
        pack: The pack that they were selected for; the columns are its questions, in its order.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    questions = [question.id for question in pack.questions]
    told = DEPARTMENT not in questions and any(one.department is not None for one in selection.projects)
    more = [DEPARTMENT] if told else []
    writer.writerow(["project", "date", "outcome", "ended", "probability", *more, *questions])
    ends = {end.id for end in pack.ends}
    for one in selection.projects:
        more = [_harmless(one.department or "")] if told else []
        writer.writerow([*_head(one, ends), *more, *(_cell(one.answers.get(question)) for question in questions)])
    return out.getvalue()


def _head(one: Selected, ends: set[str]) -> Iterator[str]:
    yield _harmless(one.project)
    yield one.date
    # an end of another pack is a failure all the same
    yield one.outcome.end if one.outcome.end in ends else one.outcome.outcome
    yield one.outcome.date
    yield "" if one.probability is None else str(one.probability)


def _cell(value: Value) -> str:
    if isinstance(value, NotApplicable):
        return NOT_APPLICABLE_LEVEL
    return "" if value is None else str(value)


def _harmless(name: str) -> str:
    """Give a name that a spreadsheet only shows."""
    return f"'{name}" if _FORMULA.match(name) else name
