"""What groups of findings give to each sum of a score, by formulas that hold for numbers and for columns alike.

One formula serves both: with floats it gives the entries of a table, with expressions it gives columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TypeVar

import narwhals as nw

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import Model, terms_of
from riskengine.assessment.score import open_shares
from riskengine.engines.columnar import PREFIX, Frame, Layer, rule_column, total
from riskengine.pack.model import Rule

__all__ = ["Groups", "Part", "Sum", "column", "possible_or", "value_column"]

Number = TypeVar("Number", float, nw.Expr)
State = TypeVar("State")

EXACT, LEARNED, LOW, HIGH, SQUARE, END = "exact", "learned", "low", "high", "square", "end_"


def column(name: str) -> str:
    """Name a column that a score adds on its way and takes away again."""
    return f"{PREFIX}{name}"


def possible_or(state: bool | None, possible: float) -> float:
    """Give f of a state: 1 where the rule fires, 0 where it is ruled out, a number of its own where it is possible."""
    return possible if state is None else float(state)


@dataclass(frozen=True, slots=True)
class Part:
    """What a group gives to a sum.

    Attributes:
        group: The group's place in the pack.
        kind: What is added: `exact` and `learned` contributions, the learned ones in the best (`low`) and worst
            case (`high`), the `square` of the exact one, or what goes to an end (`end_ID`).
        factor: What it is multiplied by.
    """

    group: int
    kind: str
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Sum:
    """A column that adds up what groups give.

    Attributes:
        name: The column.
        start: The constant it starts from.
        parts: What is added.
    """

    name: str
    start: float
    parts: tuple[Part, ...]


class Groups:
    """The groups of a pack with a model's factors, and the sums that a score needs of them.

    Attributes:
        members: The rules of each group, heaviest first.
        sums: The sums: per area, of both cases, and those that the model's range and the ends are made from.
    """

    def __init__(self, built: BuiltPack, model: Model) -> None:
        """Work out what each sum is made of.

        Args:
            built: The pack.
            model: The model.
        """
        self.members: Sequence[Sequence[Rule]] = built.pack.groups
        self._model = model
        self._expected = built.centre.expected
        self._weights = {rule.id: built.centre.scale * (rule.weight or 0.0) for rule in built.pack.weighed_rules}
        self._open = [open_shares(members, self._expected) for members in self.members]
        self._terms = terms_of(built.pack)
        self.sums: tuple[Sum, ...] = self._sums(built)

    def _sums(self, built: BuiltPack) -> tuple[Sum, ...]:
        return (
            *self._areas(),
            Sum(column("low"), 0.0, self._all(LOW)),
            Sum(column("high"), 0.0, self._all(HIGH)),
            *self._range(),
            *(self._end(end.id, self._model.ends.get(end.id, end.share)) for end in built.pack.ends),
        )

    def summed(self, frame: Frame) -> Frame:
        """Add the sums to a frame that has the states of the rules.

        Args:
            frame: A frame of any backend.
        """
        frame = frame.with_columns(**self.values(range(len(self.members))))
        return frame.with_columns(**self._totals())

    def _totals(self) -> Layer:
        return {one.name: total([nw.lit(one.start), *map(_weighed, one.parts)]) for one in self.sums}

    def values(self, groups: Iterable[int]) -> Layer:
        """Give a column for each kind of thing that each of some groups gives to a sum.

        Args:
            groups: The groups' places.
        """
        wanted = {(part.group, part.kind) for one in self.sums for part in one.parts}
        layer = {}
        for group in groups:
            states = [rule_column(rule.id) for rule in self.members[group]]
            for kind in sorted(kind for number, kind in wanted if number == group):
                layer[value_column(group, kind)] = self.value(group, kind, states, _share)
        return layer

    def value(self, group: int, kind: str, states: Sequence[State], share: Callable[[State, float], Number]) -> Number:
        """Give what a group gives to a sum.

        Args:
            group: The group's place.
            kind: What is asked, as in `Part`.
            states: The states of its members.
            share: Gives f of a state: 1, 0, or the second argument where the rule is possible.
        """
        if kind == SQUARE:
            exact = self.value(group, EXACT, states, share)
            return exact * exact
        members = self.members[group]
        f = [share(state, self._possible(group, place, kind)) for place, state in enumerate(states)]
        y = _counted(f)
        parts = [
            (counts - self._expected[rule.id]) * weight
            for rule, counts in zip(members, y, strict=True)
            if (weight := self._weight(rule, kind))
        ]
        # a group that gives nothing is in a sum only where its weights are 0
        return reduce(lambda left, right: left + right, parts) if parts else y[0] * 0.0

    def _possible(self, group: int, place: int, kind: str) -> float:
        """Give f of a rule that is possible."""
        weight = self._weights[self.members[group][place].id]
        match kind:
            case "low":
                return float(weight < 0)
            case "high":
                return float(weight > 0)
            case _:
                return self._open[group][place]

    def _weight(self, rule: Rule, kind: str) -> float:
        exact = self._weights[rule.id]
        if kind == EXACT:
            return exact
        learned = exact * self._model.factors[rule.id]
        if kind in (LEARNED, LOW, HIGH):
            return learned
        return learned / len(rule.leads_to) if kind.removeprefix(END) in rule.leads_to else 0.0

    # --- sums ---------------------------------------------------------------------------------------------

    def _all(self, kind: str, factors: Sequence[float] | None = None) -> tuple[Part, ...]:
        numbers = range(len(self.members))
        return tuple(Part(number, kind, 1.0 if factors is None else factors[number]) for number in numbers)

    def _areas(self) -> list[Sum]:
        sums = []
        for place, area in enumerate(self._terms.areas):
            numbers = [number for number, at in enumerate(self._terms.area_of) if at == place]
            sums.append(Sum(f"area_{area}", 0.0, tuple(Part(number, LEARNED) for number in numbers)))
            sums.append(Sum(column(f"exact_{area}"), 0.0, tuple(Part(number, EXACT) for number in numbers)))
        return sums

    def _range(self) -> list[Sum]:
        """Give the log-odds of the wider fit, less its base, and what the variance is made of."""
        wide, first = self._model.range, 2 + len(self._terms.areas)
        known = (Sum(column(f"known_{place}"), *self._known(one)) for place, one in enumerate(wide.learnt))
        return [
            Sum(column("eta"), 0.0, self._all(EXACT, wide.factors)),
            Sum(column("unknown"), wide.variances[0], self._all(SQUARE, wide.variances[first:])),
            *known,
        ]

    def _known(self, direction: Sequence[float]) -> tuple[float, tuple[Part, ...]]:
        """Fold the sum of all and the sums of areas into what each group gives to a direction."""
        constant, whole, *rest = direction
        areas, groups = rest[: len(self._terms.areas)], rest[len(self._terms.areas) :]
        factors = [whole + areas[at] + group for at, group in zip(self._terms.area_of, groups, strict=True)]
        return constant, self._all(EXACT, factors)

    def _end(self, end: str, share: float) -> Sum:
        """Give the logit of an end, before normalising."""
        parts = []
        for number, members in enumerate(self.members):
            divisors = {len(rule.leads_to) if end in rule.leads_to else 0 for rule in members}
            if divisors == {0}:
                continue
            one = divisors.pop() if len(divisors) == 1 else None
            parts.append(Part(number, f"{END}{end}") if one is None else Part(number, LEARNED, 1 / one))
        return Sum(column(f"end_{end}"), math.log(share), tuple(parts))


def value_column(group: int, kind: str) -> str:
    """Name the column of what a group gives to a sum, as `Groups.values` makes it."""
    return column(f"{kind}_{group}")


def _weighed(part: Part) -> nw.Expr:
    value = nw.col(value_column(part.group, part.kind))
    return value if part.factor == 1 else value * part.factor


def _share(state: str, possible: float) -> nw.Expr:
    """Give f as a column: 1 where a rule fires, 0 where it is ruled out, a number where it is possible."""
    held = nw.col(state)
    other = nw.when(held.is_null()).then(nw.lit(possible)).otherwise(nw.lit(0.0))
    return nw.when(held).then(nw.lit(1.0)).otherwise(other)


def _counted(f: Sequence[Number]) -> list[Number]:
    """Say by how much each member counts: f times the product of 1 - f over the heavier ones."""
    y: list[Number] = [f[0]]
    left = 1 - f[0]
    for one in f[1:]:
        y.append(one * left)
        left = left * (1 - one)
    return y
