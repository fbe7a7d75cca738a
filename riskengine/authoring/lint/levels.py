"""Levels that are left out: by graded rules between two that they are about, or by every test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from riskengine.authoring.lint.subject import Subject
from riskengine.authoring.notation import listed
from riskengine.authoring.projects import conditions_of, from_best_to_worst
from riskengine.errors import Problem
from riskengine.logic.conditions import Conclusion, Condition, Test, Value, holds, walk
from riskengine.logic.kleene import evaluate
from riskengine.pack.model import Pack, Question, Rule

__all__ = ["alike", "gaps", "graded_by"]


def gaps(subject: Subject) -> Iterator[Problem]:
    """Find groups of graded rules on one question that leave out answers between those they are about (RE-227)."""
    for members in subject.pack.groups:
        graded: dict[str, list[Rule]] = {}
        for rule in members:
            about = graded_by(subject.pack, rule.when)
            if about is not None:
                graded.setdefault(about, []).append(rule)
        for question, rules in graded.items():
            if len(rules) > 1 and subject.own_among(*rules):
                rules.sort(key=subject.pack.rules.index)
                yield from _gap(subject, subject.pack.question[question], rules)


def graded_by(pack: Pack, condition: Condition) -> str | None:
    """Give the question that a condition is about, if it is the only one, and has a direction.

    Args:
        pack: The pack.
        condition: A condition of it.
    """
    nodes = list(walk(condition))
    abouts = {node.about for node in nodes if isinstance(node, Test)}
    if len(abouts) != 1 or any(isinstance(node, Conclusion) for node in nodes):
        return None
    about = abouts.pop()
    return about if about in pack.question and pack.question[about].worse != "none" else None


def _gap(subject: Subject, question: Question, rules: Sequence[Rule]) -> Iterator[Problem]:
    answers = from_best_to_worst(question, subject.edges[question.id])
    covered = [place for place, answer in enumerate(answers) if any(_fires(rule, answer) for rule in rules)]
    missing = [answers[place] for one, next_one in pairwise(covered) for place in range(one + 1, next_one)]
    if missing:
        names = listed([f"`{rule.id}`" for rule in rules])
        message = f"{names} leave out {_named(question, missing)}, between answers that they are about"
        right = "write a rule of this group for it too, or widen the condition of one"
        last = subject.own_among(*rules)[-1]
        yield Problem("RE-227", message, right, subject.place(last, "when"), question.id)


def _named(question: Question, missing: Sequence[Value]) -> str:
    if question.type == "number":
        return f"answers to `{question.id}` such as {missing[0]:g}"
    return f"{listed([f'`{level}`' for level in missing])} of `{question.id}`"


def _fires(rule: Rule, answer: Value) -> bool:
    def decide(node: Test | Conclusion) -> bool | None:
        assert isinstance(node, Test)
        return holds(node, answer)

    return evaluate(rule.when, decide) is True


def alike(subject: Subject) -> Iterator[Problem]:
    """Find levels of a question with a direction, one beside the other, that no test tells apart (RE-228)."""
    pack = subject.pack
    tests: dict[str, list[Test]] = {}
    for condition in conditions_of(pack):
        for node in walk(condition):
            if isinstance(node, Test):
                tests.setdefault(node.about, []).append(node)
    counted = {one for about in tests if about in pack.quantity for one in pack.questions_of[about]}
    for question in subject.own_questions:
        if question.worse in ("first", "last") and question.id in tests and question.id not in counted:
            for one, other in pairwise(question.level_ids):
                if all(holds(test, one) == holds(test, other) for test in tests[question.id]):
                    message = f"no test tells the levels `{one}` and `{other}` of `{question.id}` apart"
                    right = "let a rule tell them apart, or make them one level: a finer one costs whoever answers time"
                    yield Problem("RE-228", message, right, subject.place(question, "levels", other), other)
