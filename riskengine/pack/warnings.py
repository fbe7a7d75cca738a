"""What is allowed in a pack, and most often not what its author meant."""

from __future__ import annotations

from collections.abc import Iterator

from riskengine.errors import Problem
from riskengine.logic.conditions import Not, Test, walk
from riskengine.pack.model import Pack, Rule

__all__ = ["warnings_of"]


def warnings_of(pack: Pack) -> list[Problem]:
    """Find what the author of a pack should look at again.

    Args:
        pack: A pack without mistakes.

    Returns:
        Warnings: RE-218 for conclusions that no rule establishes any more, RE-219 for `not` over a question
        that may not apply.
    """
    found = [
        Problem(
            "RE-218",
            f"no rule establishes `{conclusion}` any more",
            "what builds on it is ruled out; switch that off too, or establish it by a rule of your own",
            value=conclusion,
        )
        for conclusion in pack.ruled_out
    ]
    return [*found, *(problem for rule in pack.rules for problem in _negated(pack, rule))]


def _negated(pack: Pack, rule: Rule) -> Iterator[Problem]:
    tests = [
        test for node in walk(rule.when) if isinstance(node, Not) for test in walk(node.part) if isinstance(test, Test)
    ]
    for about in dict.fromkeys(test.about for test in tests):
        absent = [one for one in pack.questions_of[about] if pack.question[one].may_not_apply]
        if absent:
            message = f"`{rule.id}`: `not` over `{about}` holds where `{absent[0]}` does not apply"
            yield Problem("RE-219", message, "write the opposite test to mean `asked, and not so`", rule.source, about)
