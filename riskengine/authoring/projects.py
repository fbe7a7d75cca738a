"""Complete projects to look at a pack with: ordinary ones, and ones that stand at its edges."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from riskengine.assessment.reference import draw
from riskengine.logic.conditions import NOT_APPLICABLE, Condition, Test, Value, walk
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question

__all__ = ["conditions_of", "edges", "few", "from_best_to_worst", "ordinary", "unusual"]

_SEED = 7
_TILTS = (0.0, 0.15, 0.5, 0.85, 1.0)
"""How a project's answers lean, from the best to the worst: 0.5 takes all answers as equally likely."""


def ordinary(pack: Pack, size: int) -> list[dict[str, Value]]:
    """Give the first projects of the reference sample, with an answer behind closed gates too.

    Args:
        pack: The pack.
        size: How many.
    """
    # gates only decide which of the drawn answers are kept; whoever asks what a gate's answer changes needs them all
    ungated = replace(pack, questions=tuple(replace(one, ask_when=None) for one in pack.questions))
    return list(draw(ungated, size))


def unusual(pack: Pack, size: int) -> list[dict[str, Value]]:
    """Give projects that ordinary ones leave out: rare answers, numbers at thresholds, all good and all bad.

    Args:
        pack: The pack.
        size: How many.
    """
    chance = random.Random(_SEED)
    values = edges(pack)
    answers = {question.id: from_best_to_worst(question, values[question.id]) for question in pack.questions}
    return [
        {question.id: _lean(chance, question, answers[question.id], tilt) for question in pack.questions}
        for tilt in (chance.choice(_TILTS) for _ in range(size))
    ]


def edges(pack: Pack) -> dict[str, tuple[float, ...]]:
    """Give, for each question answered by a number, values that tests can tell apart, ascending.

    These are its bounds, its declared shares, the thresholds of tests, and what lies between each two of them.
    """
    found: dict[str, tuple[float, ...]] = {}
    thresholds = _thresholds(pack)
    for question in pack.questions:
        if question.type == "number":
            assert question.minimum is not None and question.maximum is not None
            usual = (value for name, value in question.shares if name != NOT_APPLICABLE_LEVEL)
            points = sorted({question.minimum, question.maximum, *usual, *thresholds.get(question.id, ())})
            between = [(low + high) / 2 for low, high in pairwise(points)]
            found[question.id] = tuple(sorted({*points, *between}))
        else:
            found[question.id] = ()
    return found


def few(values: Sequence[float], most: int = 9) -> tuple[float, ...]:
    """Give at most so many of some values, spread evenly, the first and the last among them.

    Args:
        values: The values, ascending.
        most: How many, from 2.

    Examples:
        >>> few([0, 1, 2, 3, 4, 5, 6], 3)
        (0, 3, 6)
    """
    if len(values) <= most:
        return tuple(values)
    return tuple(values[round(place * (len(values) - 1) / (most - 1))] for place in range(most))


def from_best_to_worst(question: Question, numbers: Sequence[float]) -> tuple[Value, ...]:
    """Give the answers to a question, the best first; in their own order where none is worse.

    Args:
        question: The question.
        numbers: The values of a number to take, ascending.
    """
    answers: tuple[Value, ...] = question.level_ids or tuple(numbers)
    worst_first = question.worse in ("first", "low") or question.worse == answers[0]
    return answers[::-1] if worst_first else answers


def _lean(chance: random.Random, question: Question, answers: Sequence[Value], tilt: float) -> Value:
    if question.may_not_apply and chance.random() < 0.1:
        return NOT_APPLICABLE
    if tilt == 0.5 or question.worse == "none" or chance.random() < 0.3:
        return chance.choice(answers)
    return answers[round(tilt * (len(answers) - 1))]


def _thresholds(pack: Pack) -> Mapping[str, set[float]]:
    found: dict[str, set[float]] = {}
    tests = (node for condition in conditions_of(pack) for node in walk(condition) if isinstance(node, Test))
    for test in tests:
        if not test.levels:
            values = test.value if isinstance(test.value, tuple) else (test.value,)
            found.setdefault(test.about, set()).update(value for value in values if isinstance(value, float))
    return found


def conditions_of(pack: Pack) -> list[Condition]:
    """Give every condition of a pack: of its rules, and under which its questions are asked and due."""
    conditions = [rule.when for rule in pack.rules]
    conditions += [one for question in pack.questions for one in (question.ask_when, question.due_when) if one]
    return conditions
