"""Circles in what is worked out from what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

__all__ = ["find_cycles", "order_of"]


def find_cycles(before: Mapping[str, Sequence[str]], limit: int = 1_000) -> list[list[str]]:
    """Find circles that have no member in common.

    Args:
        before: For each name the names that it is worked out from.
        limit: How many to find at most.

    Returns:
        The members of each circle in order, the alphabetically first one at the start.

    Examples:
        >>> find_cycles({"a": ["b"], "b": ["a"], "c": ["a"], "d": ["d"]})
        [['a', 'b'], ['d']]
    """
    left = dict(before)
    found: list[list[str]] = []
    while len(found) < limit:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            members: list[str] = error.args[1][:-1]
            start = members.index(min(members))
            found.append([*members[start:], *members[:start]])
            left = {
                name: [one for one in parts if one not in members]
                for name, parts in left.items()
                if name not in members
            }
        else:
            break
    return sorted(found)


def order_of(before: Mapping[str, Sequence[str]]) -> list[str]:
    """Give names in an order in which each comes after those it is worked out from.

    Args:
        before: For each name the names that it is worked out from; there must be no circle.
    """
    return list(TopologicalSorter(before).static_order())
