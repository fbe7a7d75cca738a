"""The disjuncts of conditions: parts one of which can be enough, and whether some answers show that it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from riskengine.errors import Source
from riskengine.logic.conditions import All, Any, AtLeast, Conclusion, Condition, Not, Test, Value
from riskengine.logic.kleene import all_of, any_of, at_least, evaluate, negation
from riskengine.pack.nodes import MappingNode, Node, ScalarNode, SequenceNode

__all__ = ["Disjunct", "decides", "disjuncts_of", "places_of_parts"]

Decide: TypeAlias = Callable[[Test | Conclusion], bool | None]
Path: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Disjunct:
    """A member of an `any`, of an `at_least` that not all members must meet, or one value of a list.

    Attributes:
        path: The way to it: at each node, the number of the part.
        part: The member; of a value, the test that has the list.
        place: Of a value, its place in the list.
    """

    path: Path
    part: Condition
    place: int | None = None

    @property
    def condition(self) -> Condition:
        """What it says by itself."""
        if self.place is None:
            return self.part
        assert isinstance(self.part, Test) and isinstance(self.part.value, tuple)
        return Test(self.part.about, "is", self.part.value[self.place], self.part.levels)


def disjuncts_of(condition: Condition, path: Path = ()) -> Iterator[Disjunct]:
    """Give the disjuncts of a condition, in reading order.

    Args:
        condition: The condition of a rule, or a part of it.
        path: The way to the part.
    """
    if isinstance(condition, Test) and isinstance(condition.value, tuple):
        different = dict.fromkeys(condition.value)
        if len(different) > 1:
            yield from (Disjunct(path, condition, condition.value.index(value)) for value in different)
    for number, part in enumerate(_parts(condition)):
        if _is_choice(condition):
            yield Disjunct((*path, number), part)
        yield from disjuncts_of(part, (*path, number))


def _parts(condition: Condition) -> tuple[Condition, ...]:
    match condition:
        case All(parts) | Any(parts) | AtLeast(_, parts):
            return parts
        case Not(part):
            return (part,)
    return ()


def _is_choice(condition: Condition) -> bool:
    needed = condition.needed if isinstance(condition, AtLeast) else 1
    return isinstance(condition, (Any, AtLeast)) and needed < len(condition.parts)


def decides(one: Disjunct, condition: Condition, decide: Decide, values: Mapping[str, Value]) -> bool:
    """Say whether a disjunct decides: it holds, and if it did not, the condition would come out differently.

    Args:
        one: A disjunct of the condition.
        condition: The whole condition of the rule.
        decide: Says of a test, gates included, or of a conclusion whether it holds.
        values: Answers and quantities.

    Examples:
        >>> rich, old = Test("money", "is", "yes", ("no", "yes")), Test("age", "above", 5.0)
        >>> answers = {"money": "yes"}
        >>> either = Any((rich, old))
        >>> first, second = disjuncts_of(either)
        >>> decide = lambda test: True if test is rich else None
        >>> decides(first, either, decide, answers), decides(second, either, decide, answers)
        (True, False)
    """
    if not evaluate(one.part, decide):
        return False
    if one.place is not None:
        assert isinstance(one.part, Test) and isinstance(one.part.value, tuple)
        if values.get(one.part.about) != one.part.value[one.place]:
            return False
    return evaluate(condition, decide) is not _without(condition, one.path, decide)


def _without(condition: Condition, path: Path, decide: Decide) -> bool | None:
    """Evaluate a condition as if the part at the end of the path did not hold."""
    if not path:
        return False
    number, *rest = path
    parts = [
        _without(part, tuple(rest), decide) if place == number else evaluate(part, decide)
        for place, part in enumerate(_parts(condition))
    ]
    match condition:
        case Not():
            return negation(parts[0])
        case All():
            return all_of(parts)
        case AtLeast(needed, _):
            return at_least(needed, parts)
    return any_of(parts)


# --- where they stand --------------------------------------------------------------------------------------


def places_of_parts(node: Node) -> Mapping[tuple[Path, int | None], Source]:
    """Say where each part of a condition stands, and each value of a list.

    Args:
        node: What was written under `when`.

    Returns:
        Places by the path to the part, and the place in the list.
    """
    return dict(_places(node, ()))


def _places(node: Node, path: Path) -> Iterator[tuple[tuple[Path, int | None], Source]]:
    yield (path, None), node.source
    if not isinstance(node, MappingNode):
        return
    counts = node.get("at_least") is not None
    entries = [(key, value) for key, value in node.entries if not (counts and key.value == "of")]
    for number, (key, value) in enumerate(entries):
        # a mapping of one key is what stands under it
        yield from _entry(key, value, node, path if len(entries) == 1 else (*path, number))


def _entry(
    key: ScalarNode, value: Node, parent: MappingNode, path: Path
) -> Iterator[tuple[tuple[Path, int | None], Source]]:
    members = parent.get("of") if key.value == "at_least" else value
    if key.value in ("all", "any", "at_least"):
        for number, item in enumerate(members.items if isinstance(members, SequenceNode) else ()):
            yield from _places(item, (*path, number))
    elif key.value == "not":
        yield from _places(value, (*path, 0))
    else:
        operations = value.entries if isinstance(value, MappingNode) else ()
        listed = [part for _, part in operations] if operations else [value]
        for number, part in enumerate(listed):
            below = path if len(listed) == 1 else (*path, number)
            for place, item in enumerate(part.items if isinstance(part, SequenceNode) else ()):
                yield (below, place), item.source
