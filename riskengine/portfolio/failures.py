"""How many of a portfolio's projects fail: the distribution of a number of independent failures."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_EXACT", "Moments", "approximate", "bounds", "poisson_binomial"]

MOST_EXACT = 20_000
"""Projects up to which the distribution is worked out exactly; it takes time with the square of their number."""

# of a number of failures this far from its mean there is no chance that a double would show
_REACH = 10.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over projects that fail with probability p.

    Attributes:
        size: How many there are.
        mean: Sum of p.
        variance: Sum of p (1 - p).
        third: Sum of p (1 - p) (1 - 2 p).
    """

    size: int
    mean: float
    variance: float
    third: float


def poisson_binomial(probabilities: Floats) -> Floats:
    """Give the distribution of the number of failures, exactly: the Poisson binomial.

    Project by project: with one more, k fail if k did and it does not, or k - 1 did and it does.

    Args:
        probabilities: How likely each is to fail.

    Returns:
        The chance of 0, 1, ... failures.

    Examples:
        >>> poisson_binomial(np.array([0.5, 0.5])).tolist()
        [0.25, 0.5, 0.25]
    """
    chances = np.zeros(len(probabilities) + 1)
    chances[0] = 1.0
    for number, p in enumerate(probabilities, start=1):
        moved = chances[:number] * p
        chances[:number] -= moved
        chances[1 : number + 1] += moved
    return chances


def approximate(moments: Moments) -> tuple[int, Floats]:
    """Give the distribution of a large number of failures by the normal one, corrected for skewness.

    F(k) = G((k + 1/2 - mean) / sd) with G(x) = Phi(x) + skewness (1 - x^2) phi(x) / 6, as it is done for the Poisson
    binomial (Volkova 1996).

    Args:
        moments: The sums over the projects.

    Returns:
        The number of failures that the chances begin with, and the chances.
    """
    sd = math.sqrt(moments.variance)
    if sd == 0:
        return round(moments.mean), np.ones(1)
    first = max(math.floor(moments.mean - _REACH * sd), 0)
    last = min(math.ceil(moments.mean + _REACH * sd), moments.size)
    skewness = moments.third / sd**3
    ends = [_corrected((k + 0.5 - moments.mean) / sd, skewness) for k in range(first, last)]
    cumulated = np.maximum.accumulate(np.clip(np.array([*ends, 1.0]), 0.0, 1.0))
    return first, np.diff(cumulated, prepend=0.0)


def _corrected(x: float, skewness: float) -> float:
    normal = 0.5 * math.erfc(-x / math.sqrt(2))
    density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    return normal + skewness * (1 - x * x) * density / 6


def bounds(first: int, chances: Floats, share: float = 0.9) -> tuple[int, int]:
    """Give the numbers of failures between which the middle of a distribution lies.

    Args:
        first: The number that the chances begin with.
        chances: The distribution.
        share: How much of it lies between them, at least.

    Examples:
        >>> bounds(0, np.array([0.02, 0.08, 0.8, 0.08, 0.02]))
        (1, 3)
    """
    cumulated = np.cumsum(chances)
    tail = (1 - share) / 2
    low, high = np.searchsorted(cumulated, [tail, 1 - tail])
    return first + int(low), first + min(int(high), len(chances) - 1)
