"""What a reader should know about a history before trusting what is learned from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from riskengine.assessment.build import BuiltPack
from riskengine.calibration.history import History, HistoryRow
from riskengine.errors import Problem, Source
from riskengine.logic.conditions import Value

__all__ = ["doubts"]

FEW = 10
"""Below so many projects of one's own the model is the rules, but for the base rate."""

MOST_NAMED = 8


def doubts(history: History, built: BuiltPack, file: str | None = None) -> tuple[Problem, ...]:
    """Give what a history can't teach, and what was left out of it.

    Args:
        history: The history.
        built: The pack.
        file: The history's name, for messages.
    """
    source = Source(file)
    return (
        *_left_out(history, source),
        *_few(history, source),
        *_one_outcome(history, source),
        *_constant(history, built, source),
        *_other_state(history, built, source),
    )


def _left_out(history: History, source: Source) -> Iterator[Problem]:
    for one in history.left_out:
        if not one.rows:  # a history of assessments says so itself
            continue
        message = f"{len(one.rows)} rows were left out: {one.reason} (row {_listed([str(row) for row in one.rows])})"
        yield Problem("RE-615", message, "if their answers are older than that, correct `date`", source)


def _few(history: History, source: Source) -> Iterator[Problem]:
    count = sum(row.count for row in history.own)
    if 0 < count < FEW:
        message = f"{count:g} projects of one's own are very little: the model is the rules, but for the base rate"
        yield Problem("RE-609", message, f"{FEW} begin to tell something", source)


def _one_outcome(history: History, source: Source) -> Iterator[Problem]:
    outcomes = {row.failed for row in history.own if row.count * row.weight > 0}
    if len(outcomes) == 1:
        which = "all projects of the history failed" if outcomes.pop() else "no project of the history failed"
        help = "add the others; if the history is a selection on purpose, it can't be learnt from alone"
        yield Problem("RE-606", f"{which}: only the base rate can be learnt from it", help, source)


def _constant(history: History, built: BuiltPack, source: Source) -> Iterator[Problem]:
    own = history.own
    if len(own) < 2:
        return
    asked = {question for row in own for question in row.answers}
    same = [question for question in built.pack.question if question in asked and _is_constant(own, question)]
    if same:
        message = f"all {len(own)} rows give the same answer to {_listed([f'`{one}`' for one in same])}"
        yield Problem("RE-610", message, "nothing can be learnt about it, and its rules keep their weights", source)


def _is_constant(own: Sequence[HistoryRow], question: str) -> bool:
    values: set[Value] = {row.answers.get(question) for row in own}
    return len(values) == 1


def _other_state(history: History, built: BuiltPack, source: Source) -> Iterator[Problem]:
    others = [row for row in history.rows if row.meaning_hash not in (None, built.meaning_hash)]
    if others:
        message = f"{len(others)} rows were answered to another state of this pack"
        help = "they are read anew by today's rules; look for questions whose meaning has changed"
        yield Problem("RE-612", message, help, Source(source.file, row=others[0].row))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else f"{shown} and {len(names) - MOST_NAMED} more"
