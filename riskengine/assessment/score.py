"""From findings to log-odds: what counts, what it contributes, and the bounds that open answers leave."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from riskengine.pack.model import Pack, Rule

__all__ = ["Centre", "Contributions", "contributions", "counted", "expit", "logit", "open_shares"]


def expit(log_odds: float) -> float:
    """Turn log-odds into a probability, without overflow.

    Examples:
        >>> expit(0.0), expit(-1000.0)
        (0.5, 0.0)
    """
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1 + odds)


def logit(probability: float) -> float:
    """Turn a probability strictly between 0 and 1 into log-odds."""
    return math.log(probability / (1 - probability))


@dataclass(frozen=True, slots=True, eq=False)
class Centre:
    """What the reference sample says of a pack.

    Attributes:
        scale: The common factor of all weights.
        expected: For each weighed rule, the share of the sample in which it counts.
    """

    scale: float
    expected: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Contributions:
    """What each weighed rule contributes in one project, in log-odds.

    Attributes:
        exact: By rule id, weight x (y - c), learned factors not applied.
        learned: The same with learned factors.
        low: Sum over the best case of what is open: no possible risk, every possible protection.
        high: Sum over the worst case.
        replaced_by: For a finding that is outweighed, and not ruled out, the heavier one of its group that fires.
    """

    exact: Mapping[str, float]
    learned: Mapping[str, float]
    low: float
    high: float
    replaced_by: Mapping[str, str]


def contributions(
    pack: Pack, centre: Centre, factors: Mapping[str, float], states: Mapping[str, bool | None]
) -> Contributions:
    """Work out what each finding contributes.

    With f = 1 where a finding fires, 0 where it is ruled out and s where it is possible, a finding counts by
    y = f x product over the heavier ones of its group of (1 - f), and contributes W (y - c). The share s is such
    that a group of which nothing is known contributes exactly 0.

    Args:
        pack: The pack.
        centre: Its scale and expected shares.
        factors: Learned factor of each weighed rule, not below 0.
        states: Each rule's state.

    Returns:
        The contributions, and the sums in the best and in the worst case.
    """
    y = counted(pack, centre.expected, {rule: _known(state) for rule, state in states.items()})
    # in the best case possible risks are off and possible protections on; in the worst the other way round
    best: dict[str, float | None] = {}
    worst: dict[str, float | None] = {}
    for rule in pack.weighed_rules:
        assert rule.weight is not None
        state = states[rule.id]
        best[rule.id] = _known(state) if state is not None else float(rule.weight < 0)
        worst[rule.id] = _known(state) if state is not None else float(rule.weight > 0)
    y_best = counted(pack, centre.expected, best)
    y_worst = counted(pack, centre.expected, worst)
    exact: dict[str, float] = {}
    learned: dict[str, float] = {}
    low = high = 0.0
    for rule in pack.weighed_rules:
        assert rule.weight is not None
        weight, c = centre.scale * rule.weight, centre.expected[rule.id]
        exact[rule.id] = weight * (y[rule.id] - c)
        weight *= factors[rule.id]
        learned[rule.id] = weight * (y[rule.id] - c)
        low += weight * (y_best[rule.id] - c)
        high += weight * (y_worst[rule.id] - c)
    return Contributions(exact, learned, low, high, _replaced(pack, states))


def counted(pack: Pack, expected: Mapping[str, float], f: Mapping[str, float | None]) -> dict[str, float]:
    """Say by how much each weighed rule counts.

    Args:
        pack: The pack.
        expected: The share of the reference sample in which each counts; read only where `f` is unknown.
        f: 1 for a finding that fires, 0 for one ruled out, `None` for a possible one.

    Returns:
        y by rule id, in pack order.
    """
    y: dict[str, float] = dict.fromkeys((rule.id for rule in pack.weighed_rules), 0.0)
    for members in pack.groups:
        # left: the product of (1 - f) over the heavier; left_open: that of (1 - s), as if all were possible
        left = left_open = 1.0
        all_open = True
        for rule in members:
            known = f[rule.id]
            c = expected.get(rule.id, 0.0)
            s = min(1.0, c / left_open) if left_open > 0 else 0.0
            share = s if known is None else known
            all_open = all_open and known is None
            # exactly c, where the product would be so only within rounding: what is unknown adds exactly 0
            y[rule.id] = c if all_open else share * left
            left *= 1 - share
            left_open *= 1 - s
    return y


def open_shares(members: Sequence[Rule], expected: Mapping[str, float]) -> list[float]:
    """Give the share s that stands for each member of a group while it is possible; see `contributions`.

    Args:
        members: The group, its heaviest first.
        expected: The share of the reference sample in which each counts.
    """
    shares = []
    left = 1.0
    for rule in members:
        share = min(1.0, expected[rule.id] / left) if left > 0 else 0.0
        shares.append(share)
        left *= 1 - share
    return shares


def _known(state: bool | None) -> float | None:
    return None if state is None else float(state)


def _replaced(pack: Pack, states: Mapping[str, bool | None]) -> dict[str, str]:
    found: dict[str, str] = {}
    for members in pack.groups:
        heaviest = _first_that_fires(members, states)
        if heaviest is not None:
            after = members[members.index(heaviest) + 1 :]
            found.update({rule.id: heaviest.id for rule in after if states[rule.id] is not False})
    return found


def _first_that_fires(members: Sequence[Rule], states: Mapping[str, bool | None]) -> Rule | None:
    return next((rule for rule in members if states[rule.id]), None)
