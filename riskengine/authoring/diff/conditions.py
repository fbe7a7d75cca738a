"""Two conditions compared: as they would be written, and whether they come to the same."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from typing import TypeAlias

from riskengine.logic.conditions import All, Any, AtLeast, Conclusion, Condition, Not, Test, Value, holds, walk
from riskengine.logic.kleene import evaluate
from riskengine.pack.answers_schema import plain_number
from riskengine.pack.model import Pack
from riskengine.pack.nodes import core_scalar

__all__ = ["come_to_the_same", "in_short"]

MOST_CASES = 5_000
"""Cases up to which two conditions are compared."""

Leaf: TypeAlias = "Test | Conclusion"
Case: TypeAlias = "tuple[bool | None, ...]"


def in_short(condition: Condition) -> str:
    """Write a condition on one line, as it could stand in a file of rules; lists of one part are left out.

    Examples:
        >>> in_short(All((Test("people", "below", 2.0), Test("owner", "is", "no", ("no", "yes")))))
        '{people: {below: 2}, owner: no}'
    """
    match condition:
        case All((part,)) | Any((part,)):
            return in_short(part)
        case Conclusion(id):
            return id
        case Test():
            return f"{{{_entry(condition)}}}"
        case Not(part):
            return f"{{not: {in_short(part)}}}"
        case Any(parts):
            return f"{{any: {_listed(parts)}}}"
        case AtLeast(needed, parts):
            return f"{{at_least: {needed}, of: {_listed(parts)}}}"
        case All(parts):
            parts = tuple(_flat(parts))
            tests = [part for part in parts if isinstance(part, Test)]
            if len({test.about for test in tests}) < len(parts):
                return f"{{all: {_listed(parts)}}}"
            return f"{{{', '.join(_entry(test) for test in tests)}}}"


def _flat(parts: Sequence[Condition]) -> Iterator[Condition]:
    """Give the parts of an `all`, those of one inside it in its place."""
    for part in parts:
        if isinstance(part, All):
            yield from _flat(part.parts)
        else:
            yield part


def _listed(parts: Sequence[Condition]) -> str:
    return f"[{', '.join(in_short(part) for part in parts)}]"


def _entry(test: Test) -> str:
    value = test.value
    written = f"[{', '.join(_scalar(one) for one in value)}]" if isinstance(value, tuple) else _scalar(value)
    return f"{test.about}: {written}" if test.op in ("is", "in") else f"{test.about}: {{{test.op}: {written}}}"


def _scalar(value: float | str) -> str:
    if not isinstance(value, str):
        return str(plain_number(value))
    return value if core_scalar(value) == value else json.dumps(value)


def come_to_the_same(old: Condition, new: Condition, old_pack: Pack, new_pack: Pack) -> bool | None:
    """Say whether two conditions have the same of three values whatever is answered.

    Answers that only one of the packs knows are left out. Conclusions and quantities are taken as they stand: that
    they are reached in another way is no difference of the condition that reads them.

    Args:
        old: The one.
        new: The other.
        old_pack: The pack of the first, in the names of the second.
        new_pack: The pack of the second.

    Returns:
        `None` if there are too many cases to try, or no answer that both packs know.
    """
    leaves: dict[str, dict[Leaf, None]] = {}
    for node in (*walk(old), *walk(new)):
        if isinstance(node, (Test, Conclusion)):
            leaves.setdefault(node.about if isinstance(node, Test) else node.id, {})[node] = None
    cases = [_cases(about, tuple(found), old_pack, new_pack) for about, found in leaves.items()]
    if not all(cases) or math.prod(len(one) for one in cases) > MOST_CASES:
        return None
    order = [leaf for found in leaves.values() for leaf in found]
    for case in product(*cases):
        states = dict(zip(order, (state for part in case for state in part), strict=True))
        if evaluate(old, states.__getitem__) is not evaluate(new, states.__getitem__):
            return False
    return True


def _cases(about: str, leaves: Sequence[Leaf], old: Pack, new: Pack) -> Sequence[Case]:
    """Give the states that the tests about one thing can have together; none if no answer is known to both packs."""
    tests = [leaf for leaf in leaves if isinstance(leaf, Test)]
    if len(tests) < len(leaves):
        return [(True,), (False,), (None,)]
    values = list(_values(about, tests, old, new))
    if not values:
        return []
    found: dict[Case, None] = {(None,) * len(tests): None}
    for value in values:
        states = tuple(holds(test, value) for test in tests)
        found[states] = None
        if _can_be_gated(about, old, new):
            # a gate that is open leaves a test that fails failing, and no other decided
            found[tuple(state and None for state in states)] = None
    if _may_not_apply(about, old, new) or _can_be_gated(about, old, new):
        found[(False,) * len(tests)] = None
    return list(found)


def _values(about: str, tests: Sequence[Test], old: Pack, new: Pack) -> Iterator[Value]:
    """Give values that both packs know, one at least from each side of every test."""
    shared = set.intersection(*(set(test.levels) for test in tests))
    yield from (level for level in tests[0].levels if level in shared)
    if any(test.levels for test in tests):
        return
    low, high = -math.inf, math.inf
    for question in (old.question.get(about), new.question.get(about)):
        if question is not None and question.minimum is not None and question.maximum is not None:
            low, high = max(low, question.minimum), min(high, question.maximum)
    marks = sorted({float(one) for test in tests for one in _numbers(test)})
    points = [marks[0] - 1, *marks, *((left + right) / 2 for left, right in pairwise(marks)), marks[-1] + 1]
    yield from (point for point in (*points, low, high) if low <= point <= high and math.isfinite(point))


def _numbers(test: Test) -> Sequence[float]:
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    return [value for value in values if not isinstance(value, str)]


def _may_not_apply(about: str, *packs: Pack) -> bool:
    return any(pack.question[one].may_not_apply for pack in packs for one in pack.questions_of.get(about, ()))


def _can_be_gated(about: str, *packs: Pack) -> bool:
    return any(about in pack.gates for pack in packs)
