"""What nothing uses: conclusions, rules without an effect, questions and quantities."""

from __future__ import annotations

from collections.abc import Iterator

from riskengine.authoring.lint.subject import Subject
from riskengine.errors import Problem
from riskengine.logic.conditions import Condition, Test, walk
from riskengine.pack.model import Pack

__all__ = ["unread_conclusions", "unread_questions"]


def unread_conclusions(subject: Subject) -> Iterator[Problem]:
    """Find conclusions that no condition names, and rules that neither weigh, warn nor conclude (RE-222)."""
    pack = subject.pack
    read = {conclusion for conclusions in pack.conclusions_read.values() for conclusion in conclusions}
    seen: set[str] = set()
    for rule in subject.own_rules:
        weightless = "" if rule.weight != 0 else ", and it has no weight"
        if rule.concludes is None and weightless:
            message = f"`{rule.id}` has no weight and concludes nothing"
            right = "give it a `weight`, or a conclusion that another rule reads"
            yield Problem("RE-222", message, right, subject.place(rule, "weight"), rule.id)
        elif rule.concludes is not None and rule.concludes not in read and rule.concludes not in seen:
            seen.add(rule.concludes)
            message = f"no rule reads `{rule.concludes}`, which `{rule.id}` concludes{weightless}"
            right = "build on it in another rule, or leave `concludes` out"
            yield Problem("RE-222", message, right, subject.place(rule, "concludes"), rule.concludes)


def unread_questions(subject: Subject) -> Iterator[Problem]:
    """Find questions and quantities whose answer changes nothing (RE-223)."""
    pack = subject.pack
    used = _used(pack)
    for question in subject.own_questions:
        if question.id not in used:
            message = f"no rule reads `{question.id}`"
            right = "write a rule that does, or leave the question out: every question costs time"
            yield Problem("RE-223", message, right, subject.place(question, "id"), question.id)
    for quantity in subject.own_quantities:
        if quantity.id not in used:
            right = "write a rule that does, or leave the quantity out"
            yield Problem("RE-223", f"no rule reads `{quantity.id}`", right, subject.place(quantity, "id"), quantity.id)


def _used(pack: Pack) -> set[str]:
    """Give the questions and quantities that rules read: directly, as parts, and as gates of such."""
    left = [about for rule in pack.rules for about in _abouts(rule.when)]
    used: set[str] = set()
    while left:
        about = left.pop()
        if about in used:
            continue
        used.add(about)
        if about in pack.quantity:
            left += [part for part in pack.quantity[about].of if isinstance(part, str)]
        else:
            question = pack.question[about]
            conditions = (question.ask_when, question.due_when)
            left += [one for condition in conditions if condition is not None for one in _abouts(condition)]
    return used


def _abouts(condition: Condition) -> Iterator[str]:
    return (node.about for node in walk(condition) if isinstance(node, Test))
