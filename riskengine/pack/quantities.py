"""What numbers the quantities of a pack can take, and whether they can be worked out at all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from riskengine.errors import Problem, nearest, shorten
from riskengine.logic.quantities import bounds
from riskengine.pack.conditions import Topic
from riskengine.pack.cycles import find_cycles, order_of
from riskengine.pack.doubts import Doubts, Place, own_place
from riskengine.pack.model import Quantity

__all__ = ["quantity_topics"]


def quantity_topics(
    quantities: Sequence[Quantity],
    topics: Mapping[str, Topic],
    problems: list[Problem],
    doubts: Doubts | None = None,
    place: Place = own_place,
) -> dict[str, Topic]:
    """Work out what numbers each quantity can take.

    Args:
        quantities: All quantities.
        topics: The questions.
        problems: Problems found are added.
        doubts: What could not be read; quantities with a problem are added.
        place: Where a key of a quantity stands.

    Returns:
        The quantities as topics of tests, without those that have a problem.
    """
    reader = _Ranges(topics, problems, doubts or Doubts(), place)
    by_id = {quantity.id: quantity for quantity in quantities}
    parts = {one.id: [part for part in one.of if isinstance(part, str) and part in by_id] for one in quantities}
    for cycle in find_cycles(parts):
        reader.cycle([by_id[one] for one in cycle])
        for one in cycle:
            del parts[one]
    for one in order_of(parts):
        if one in parts:
            reader.add(by_id[one])
    return reader.found


class _Ranges:
    def __init__(self, topics: Mapping[str, Topic], problems: list[Problem], doubts: Doubts, place: Place) -> None:
        self.found: dict[str, Topic] = {}
        self.doubts = doubts
        self._topics = topics
        self._problems = problems
        self._place = place

    def cycle(self, members: Sequence[Quantity]) -> None:
        names = [one.id for one in members]
        message = f"quantities are worked out from each other: {' -> '.join([*names, names[0]])}"
        self._wrong("RE-205", message, "break the circle", members[0], "id", value=names[0])
        self.doubts.names.update(names)

    def add(self, quantity: Quantity) -> None:
        """Work out one quantity; those that it is made of come before it."""
        ranges = [self._part(quantity, number, part) for number, part in enumerate(quantity.of)]
        known = [one for one in ranges if one is not None]
        topic = self._combined(quantity, known) if len(known) == len(ranges) else None
        if topic is None:
            self.doubts.names.add(quantity.id)
        else:
            self.found[quantity.id] = topic

    def _wrong(self, code: str, message: str, right: str, quantity: Quantity, *path: str | int, value: str) -> None:
        self._problems.append(Problem(code, message, right, self._place(quantity, *path), value))

    def _part(self, quantity: Quantity, number: int, part: str | float) -> tuple[float, float] | None:
        if not isinstance(part, str):
            return float(part), float(part)
        topic = self._topics.get(part) or self.found.get(part)
        if topic is None:
            if not self.doubts.covers(part):
                right = nearest(part, [*self._topics, *self.found]) or "name a question or another quantity"
                self._wrong(
                    "RE-201", f"unknown question `{shorten(part)}`", right, quantity, quantity.op, number, value=part
                )
            return None
        if not topic.ordered:
            message = f"`{part}` is answered by yes or no and is no part of a quantity"
            right = "numbers, ordered choices and other quantities are"
            self._wrong("RE-204", message, right, quantity, quantity.op, number, value=part)
            return None
        if topic.levels:
            return 0.0, float(len(topic.levels) - 1)
        assert topic.low is not None and topic.high is not None
        return topic.low, topic.high

    def _combined(self, quantity: Quantity, ranges: Sequence[tuple[float, float]]) -> Topic | None:
        divisor = str(quantity.of[-1])
        if quantity.op == "ratio" and ranges[1][0] <= 0 <= ranges[1][1]:
            message = f"the divisor of `{quantity.id}`, `{divisor}`, can be zero"
            right = f"it goes from {ranges[1][0]:g} to {ranges[1][1]:g}; give its question a `minimum` above 0"
            if divisor in self._topics and self._topics[divisor].levels:
                right = "the first level of a choice counts as 0; divide by a number"
            self._wrong("RE-213", message, right, quantity, "ratio", 1, value=divisor)
            return None
        low, high = bounds(quantity.op, ranges)
        if not (math.isfinite(low) and math.isfinite(high)):
            message = f"the numbers of `{quantity.id}` can grow without bound"
            right = "narrow `minimum` and `maximum` of its questions"
            self._wrong("RE-203", message, right, quantity, quantity.op, value=quantity.id)
            return None
        return Topic((), low, high)
