"""Everything that is doubtful about a pack without mistakes: one module for each kind of doubt.

`lint` runs them all. Whether something can happen at all is decided, by projects that show it or by a proof; where
neither is found in time, that is reported too. A lint says in its docstring which codes it gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from riskengine.authoring.lint.doubtful import negations, switched_off
from riskengine.authoring.lint.implied import outweighed, same
from riskengine.authoring.lint.levels import alike, gaps
from riskengine.authoring.lint.leverage import disproportion, saturation
from riskengine.authoring.lint.monotone import lowered
from riskengine.authoring.lint.overlap import counted_twice
from riskengine.authoring.lint.reach import contradictions, unreachable
from riskengine.authoring.lint.report import Report
from riskengine.authoring.lint.subject import Lint, Subject
from riskengine.authoring.lint.support import examples, sources
from riskengine.authoring.lint.usage import unread_conclusions, unread_questions
from riskengine.errors import Problem, ProblemError
from riskengine.pack.model import Pack
from riskengine.pack.read import read_pack

__all__ = ["LINTS", "Report", "check", "lint"]

LINTS: Sequence[Lint] = (
    switched_off,
    negations,
    unreachable,
    contradictions,
    unread_conclusions,
    unread_questions,
    outweighed,
    same,
    gaps,
    alike,
    sources,
    examples,
    counted_twice,
    lowered,
    disproportion,
    saturation,
)


def check(path: Path, seconds: float | None = None) -> Report:
    """Read a pack and say everything that is wrong or doubtful about it.

    Args:
        path: The folder or the one-file JSON.
        seconds: Time for what has to be proved; without limit by default.

    Returns:
        The mistakes for which it can't be loaded; else what the lints find, and each question's leverage.
    """
    try:
        pack = read_pack(path)
    except ProblemError as error:
        return Report(path, None, error.problems)
    subject = Subject(pack, path, seconds)
    return Report(path, pack, _run(subject), subject.leverage)


def lint(pack: Pack, path: Path | None = None, seconds: float | None = None) -> tuple[Problem, ...]:
    """Run all lints.

    Args:
        pack: A pack without mistakes.
        path: Where it was read from.
        seconds: Time for what has to be proved; without limit by default.

    Returns:
        Warnings and notes, in the order of files and lines.
    """
    return _run(Subject(pack, path, seconds))


def _run(subject: Subject) -> tuple[Problem, ...]:
    found = dict.fromkeys(problem for one in LINTS for problem in one(subject))
    return tuple(sorted(found, key=_position))


def _position(problem: Problem) -> tuple[str, int, int, str]:
    source = problem.source
    return source.file or "", source.line or 0, source.column or 0, problem.code
