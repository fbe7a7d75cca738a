"""Which rules build on which: the chains of conclusions."""

from __future__ import annotations

from riskengine.logic.conditions import Conclusion, Condition, walk
from riskengine.pack.model import Pack

__all__ = ["built_on"]


def built_on(pack: Pack, *conditions: Condition) -> tuple[str, ...]:
    """Give the rules whose conclusions some conditions read, directly or through other rules.

    Args:
        pack: The pack.
        conditions: Conditions of it.

    Returns:
        Ids, in the order of `rule_order`: each rule after those that it builds on itself.
    """
    left = [node.id for condition in conditions for node in walk(condition) if isinstance(node, Conclusion)]
    found: set[str] = set()
    while left:
        before = [rule for rule in pack.rules_concluding[left.pop()] if rule not in found]
        found.update(before)
        left += [conclusion for rule in before for conclusion in pack.conclusions_read[rule]]
    return tuple(rule for rule in pack.rule_order if rule in found) if found else ()
