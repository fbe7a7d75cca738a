"""What the language allows, and most often is not what an author means."""

from __future__ import annotations

from collections.abc import Iterator

from riskengine.authoring.lint.subject import Subject
from riskengine.errors import Problem
from riskengine.logic.conditions import Not, Test, walk

__all__ = ["negations", "switched_off"]


def switched_off(subject: Subject) -> Iterator[Problem]:
    """Find conclusions that no rule establishes any more (RE-218)."""
    for conclusion in subject.pack.ruled_out:
        message = f"no rule establishes `{conclusion}` any more"
        right = "what builds on it is ruled out; switch that off too, or establish it by a rule of your own"
        yield Problem("RE-218", message, right, subject.head("extends"), conclusion)


def negations(subject: Subject) -> Iterator[Problem]:
    """Find `not` over questions that may not apply (RE-219)."""
    pack = subject.pack
    for rule in subject.own_rules:
        negated = (node.part for node in walk(rule.when) if isinstance(node, Not))
        tests = (test for part in negated for test in walk(part) if isinstance(test, Test))
        for about in dict.fromkeys(test.about for test in tests):
            absent = [one for one in pack.questions_of[about] if pack.question[one].may_not_apply]
            if absent:
                message = f"`{rule.id}`: `not` over `{about}` holds where `{absent[0]}` does not apply"
                right = "write the opposite test to mean `asked, and not so`"
                yield Problem("RE-219", message, right, subject.place(rule, "when"), about)
