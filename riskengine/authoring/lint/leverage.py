"""Weights out of proportion: of one question, of one area, and of the pack as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from riskengine.authoring.lint.subject import Subject
from riskengine.authoring.notation import listed
from riskengine.authoring.projects import few, from_best_to_worst
from riskengine.authoring.worlds import Worlds
from riskengine.errors import Problem
from riskengine.logic.conditions import NOT_APPLICABLE, Value
from riskengine.pack.model import Pack, Question

__all__ = ["disproportion", "saturation"]

FEWEST = 8
"""Questions below which none can be out of proportion to the others."""

MULTIPLE = 4.0
"""Times the leverage of an ordinary question, the median, from which on one is out of proportion."""

CERTAIN = 0.01
"""How near to 0 or 1 a probability leaves no doubt."""


def disproportion(subject: Subject) -> Iterator[Problem]:
    """Find questions that decide far more than the others (RE-230).

    Questions that decide whether others are asked are left out: they tell kinds of projects apart.
    """
    pack = subject.pack
    gates = {one for gates in pack.gate_questions.values() for one in gates}
    read = [one for one in subject.leverage if one.leverage > 0]
    usual = median(one.leverage for one in read) if len(read) >= FEWEST else math.inf
    for one in read:
        if one.question not in gates and one.leverage > MULTIPLE * usual:
            times = one.leverage / usual
            message = (
                f"the answer to `{one.question}` moves the log-odds by {one.leverage:.2f}, "
                f"{times:.1f} times as far as an ordinary question does"
            )
            right = f"put the rules that read it into groups, or lower their weights; {_heaviest(pack, one.question)}"
            yield Problem("RE-230", message, right, subject.place(pack.question[one.question], "id"), one.question)


def _heaviest(pack: Pack, question: str) -> str:
    rules = [rule for rule in pack.weighed_rules if question in pack.questions_read(rule.when)]
    rules.sort(key=lambda rule: -abs(rule.weight or 0.0))
    return f"first of all {listed([f'`{rule.id}`' for rule in rules[:3]])}" if rules else "look at what builds on it"


def saturation(subject: Subject) -> Iterator[Problem]:
    """Find what leaves no doubt (RE-229): the best and worst answers to all questions, or to those of one area."""
    weights = subject.weights
    low, high = (_furthest(subject, worst) for worst in (False, True))
    for name, kind, found in (("best", low < CERTAIN, low), ("worst", high > 1 - CERTAIN, high)):
        if kind:
            right = "lower `spread`, or the weights that are far above the others; put graded rules into groups"
            message = f"the {name} answers to all questions give a probability of {_percent(found)}"
            yield Problem("RE-229", message, right, subject.head("spread"), _percent(found))
    for area, _ in subject.pack.areas:
        for worst in (False, True):
            means = weights.probabilities(subject.ordinary.answering(_extreme(subject.pack, area, worst)))
            mean = math.fsum(means) / len(means)
            if not CERTAIN <= mean <= 1 - CERTAIN:
                name = f"{'worst' if worst else 'best'} answers to the questions of `{area}` alone"
                message = f"the {name} give a probability of {_percent(mean)}"
                right = f"put the rules of `{area}` into groups, or lower their weights"
                yield Problem("RE-229", message, right, subject.head("areas"), area)


def _extreme(pack: Pack, area: str | None, worst: bool) -> dict[str, Value]:
    """Give the best or worst answer to every question, or every one of an area, that has a direction."""
    found: dict[str, Value] = {}
    for question in pack.questions:
        if question.worse != "none" and area in (None, question.area):
            bounds = (question.minimum or 0.0, question.maximum or 0.0)
            found[question.id] = from_best_to_worst(question, bounds)[-1 if worst else 0]
    return found


def _furthest(subject: Subject, worst: bool) -> float:
    """Search for answers that give the lowest or the highest probability, from the best or worst ones on."""
    pack, sign = subject.pack, 1 if worst else -1
    choices = {question.id: _answers(subject, question) for question in pack.questions}
    current = {question: answers[0] for question, answers in choices.items()} | _extreme(pack, None, worst)

    def signed(projects: Sequence[Mapping[str, Value]]) -> list[float]:
        return [sign * one for one in subject.weights.probabilities(Worlds(pack, projects))]

    (reached,) = signed([current])
    steps = [(question, answer) for question, answers in choices.items() for answer in answers]
    while True:
        found = signed([{**current, question: answer} for question, answer in steps])
        gains = sorted(((one, place) for place, one in enumerate(found) if one > reached), key=lambda gain: -gain[0])
        if not gains:
            return sign * reached
        # all that help alone, the most helpful first, for as long as they help together
        together: list[dict[str, Value]] = [dict(current)]
        for _, place in gains:
            question, answer = steps[place]
            if together[-1][question] == current[question]:
                together.append({**together[-1], question: answer})
        reached, current = max(zip(signed(together), together, strict=True), key=lambda one: one[0])


def _answers(subject: Subject, question: Question) -> tuple[Value, ...]:
    answers = from_best_to_worst(question, few(subject.edges[question.id]))
    return (*answers, NOT_APPLICABLE) if question.may_not_apply else answers


def _percent(probability: float) -> str:
    return f"{100 * probability:.2g} %" if probability < 0.5 else f"{100 - 100 * (1 - probability):.4g} %"
