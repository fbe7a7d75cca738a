"""Eight worlds in which a pack of rules is right, or wrong in a known way: what is true there is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

from benchmarks.simulation.packs import AREAS, COHERENCE, FINDINGS, FloatArray, MadeUp
from riskengine.assessment.model_file import solve_base

__all__ = ["WORLDS", "Projects", "Wrongs", "draw_world"]

LARGE, FUTURE, LONGEST = 5_000, 4_000, 5_000
WITHIN_AREA, DOUBLE_COUNT = 0.6, 0.5
"""Correlation of findings of an area where they are one trouble seen several times; what is left of each weight."""
PAIRS, PAIR_SIZE = 30, 2.0
"""How many pairs matter beyond their sum, and by how much of it."""
DRIFT = 0.7
"""By how much, sd in log-odds, findings were more or less common in a history that is unlike the future."""
OLD_ODDS = 1.3
NOT_YET = 0.1
"""By how much the odds of failure were another then; which share of the findings did not matter yet."""


@dataclass(frozen=True, slots=True)
class Wrongs:
    """What is wrong with a pack in a world.

    Attributes:
        weights: Each weight is off by a factor of 1.5 to 3, and a fifth of the findings are irrelevant.
        base: The odds of failure are twice or half of what the pack says.
        area: One area is irrelevant.
        interactions: Pairs of findings matter beyond their sum.
        double_count: Findings of an area are one trouble seen several times.
        history: The history is unlike the future.
    """

    weights: bool = False
    base: bool = False
    area: bool = False
    interactions: bool = False
    double_count: bool = False
    history: bool = False


WORLDS: Mapping[str, Wrongs] = {
    "weights right": Wrongs(),
    "weights wrong": Wrongs(weights=True),
    "base rate off by two": Wrongs(base=True),
    "an area irrelevant": Wrongs(area=True),
    "interactions missing": Wrongs(interactions=True),
    "weights double count": Wrongs(double_count=True),
    "history unlike the future": Wrongs(history=True),
    "all at once": Wrongs(True, True, True, True, True, True),
}


@dataclass(frozen=True, slots=True, eq=False)
class Projects:
    """Some projects of a world.

    Attributes:
        findings: Which findings are the case, 0 or 1; shape (n, J).
        probability: The true probability of failure; shape (n,).
        failed: What became of them, 0 or 1; shape (n,).
    """

    findings: FloatArray
    probability: FloatArray
    failed: NDArray[np.int64]

    def part(self, number: int, size: int) -> Projects:
        """A part of so many projects; parts of the same size have none in common."""
        some = slice(number * size, (number + 1) * size)
        return Projects(self.findings[some], self.probability[some], self.failed[some])


@dataclass(frozen=True, slots=True, eq=False)
class _Truth:
    """How projects come about, and what makes them fail."""

    weight: FloatArray
    share: FloatArray
    pairs: NDArray[np.int64]
    pair_weight: FloatArray
    within_area: float
    base: float

    def log_odds(self, findings: FloatArray) -> FloatArray:
        one, other = findings[:, self.pairs[:, 0]], findings[:, self.pairs[:, 1]]
        product = (one - self.share[self.pairs[:, 0]]) * (other - self.share[self.pairs[:, 1]])
        return self.base + (findings - self.share) @ self.weight + product @ self.pair_weight


def draw_world(pack: MadeUp, wrongs: Wrongs, chance: Generator) -> tuple[Projects, Projects]:
    """Draw what is true of a pack's projects, a history, and future projects to be judged on.

    Args:
        pack: What the rules say.
        wrongs: What is wrong with it.
        chance: Where chance comes from.

    Returns:
        The longest history, of which a shorter one is the beginning; and the future.
    """
    truth = _truth(pack, wrongs, chance)
    future = _projects(FUTURE, truth, pack, chance)
    history = _earlier(truth, chance) if wrongs.history else truth
    return _projects(LONGEST, history, pack, chance), future


def _truth(pack: MadeUp, wrongs: Wrongs, chance: Generator) -> _Truth:
    weight = pack.weight
    if wrongs.weights:
        off = np.exp(chance.uniform(np.log(1.5), np.log(3.0), FINDINGS) * chance.choice([-1.0, 1.0], FINDINGS))
        weight = weight * off * (chance.random(FINDINGS) >= 0.2)
    if wrongs.area:
        weight = weight * (pack.area != chance.integers(AREAS))
    if wrongs.double_count:
        weight = weight * DOUBLE_COUNT
    pairs = chance.permutation(FINDINGS)[: 2 * PAIRS].reshape(PAIRS, 2)
    size = PAIR_SIZE * np.abs(pack.weight)[pairs].sum(axis=1) * chance.choice([-1.0, 1.0], PAIRS)
    pair_weight = size if wrongs.interactions else np.zeros(PAIRS)
    within = WITHIN_AREA if wrongs.double_count else 0.0
    level = np.log(2.0) * chance.choice([-1.0, 1.0]) if wrongs.base else 0.0
    truth = _Truth(weight, pack.share, pairs, pair_weight, within, 0.0)
    sample = _findings(LARGE, pack.share, pack.weight, pack.area, within, chance)
    base = solve_base(truth.log_odds(sample).tolist(), 1.0, float(expit(logit(pack.rate) + level)))
    return replace(truth, base=base)


def _earlier(truth: _Truth, chance: Generator) -> _Truth:
    share = expit(logit(truth.share) + chance.normal(0.0, DRIFT, FINDINGS))
    # what a finding means is measured from the same point as in the future
    mattered = chance.random(FINDINGS) >= NOT_YET
    weight = truth.weight * mattered
    moved = float(((share - truth.share) * weight).sum())
    base = truth.base + moved + np.log(OLD_ODDS) * chance.choice([-1.0, 1.0])
    return replace(truth, weight=weight, share=share, base=base)


def _projects(count: int, truth: _Truth, pack: MadeUp, chance: Generator) -> Projects:
    findings = _findings(count, truth.share, pack.weight, pack.area, truth.within_area, chance)
    probability = expit(truth.log_odds(findings))
    return Projects(findings, probability, (chance.random(count) < probability).astype(np.int64))


def _findings(
    count: int, share: FloatArray, weight: FloatArray, area: NDArray[np.int64], within: float, chance: Generator
) -> FloatArray:
    """Draw findings from a Gaussian copula: bad things go together, more so within an area."""
    house, own = chance.normal(size=(count, 1)), chance.normal(size=(count, FINDINGS))
    of_area = chance.normal(size=(count, AREAS))[:, area]
    rest = 1.0 - COHERENCE
    worse = np.sqrt(COHERENCE) * house + np.sqrt(rest) * (np.sqrt(within) * of_area + np.sqrt(1.0 - within) * own)
    return (np.sign(weight) * worse > norm.ppf(1.0 - share)).astype(float)
