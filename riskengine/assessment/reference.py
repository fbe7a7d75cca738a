"""The reference sample: projects drawn from the expected shares of a pack's answers.

It says what an ordinary project looks like. Every finding's contribution is centred on how often it counts
there, and the weights' common scale and the base are solved on it. Standard library alone, so that the sample is
the same everywhere.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import NormalDist

from riskengine.logic.conditions import NOT_APPLICABLE, Value
from riskengine.pack.gates import asked
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question

__all__ = ["SAMPLE_SEED", "SAMPLE_SIZE", "draw", "quantile"]

SAMPLE_SIZE = 5_000
SAMPLE_SEED = 20_261

_NORMAL = NormalDist()


def draw(pack: Pack, size: int = SAMPLE_SIZE, seed: int = SAMPLE_SEED) -> Iterator[dict[str, Value]]:
    """Draw projects, all questions answered that they would be asked.

    Answers of one project go together by a Gaussian copula with one factor: z = sqrt(coherence) F +
    sqrt(1 - coherence) e, high is worse, cut at the shares. Questions whose `worse` is `none` are drawn on their
    own, and so is whether a question applies.

    Args:
        pack: The pack.
        size: How many projects.
        seed: Seed of the draw.

    Yields:
        The answers of one project; questions that are not asked are left out.
    """
    source = random.Random(seed)
    common, own = math.sqrt(pack.coherence), math.sqrt(1 - pack.coherence)
    levels = {question.id: _worst_last(question) for question in pack.questions if question.type != "number"}
    for _ in range(size):
        factor = _NORMAL.inv_cdf(_uniform(source))
        answers: dict[str, Value] = {}
        for question in pack.questions:
            u = _uniform(source)
            if question.worse != "none":
                u = _NORMAL.cdf(common * factor + own * _NORMAL.inv_cdf(u))
            applies = not question.may_not_apply or _uniform(source) >= _share_not_applicable(question)
            answers[question.id] = _answer(question, levels, u) if applies else NOT_APPLICABLE
        questions = asked(pack, answers)
        yield {question: value for question, value in answers.items() if questions[question]}


def quantile(question: Question, u: float) -> float:
    """Give the number that a share `u` of projects stays below: straight lines between the declared points.

    Args:
        question: A question answered by a number.
        u: Share, 0 to 1.
    """
    points = [(float(key) / 100, value) for key, value in question.shares if key != NOT_APPLICABLE_LEVEL]
    for (low, start), (high, end) in pairwise(points):
        if u <= high:
            return start + (end - start) * (u - low) / (high - low)
    return points[-1][1]


def level_shares(question: Question) -> Mapping[str, float]:
    """Give how often each level is expected where the question applies; they add up to 1."""
    shares = {level: share for level, share in question.shares if level != NOT_APPLICABLE_LEVEL}
    total = math.fsum(shares.values())
    return {level: shares[level] / total for level in question.level_ids}


def _uniform(source: random.Random) -> float:
    # never 0 and never 1, of which the normal distribution has no quantile
    return (source.getrandbits(52) + 0.5) / 2**52


def _share_not_applicable(question: Question) -> float:
    return dict(question.shares)[NOT_APPLICABLE_LEVEL]


def _worst_last(question: Question) -> list[tuple[str, float]]:
    """Give the levels with their shares, in the order in which a higher `u` gives them."""
    shares = list(level_shares(question).items())
    if question.worse == "first" or (question.type == "yes_no" and question.worse == shares[0][0]):
        shares.reverse()
    return shares


def _answer(question: Question, levels: Mapping[str, Sequence[tuple[str, float]]], u: float) -> Value:
    """Give the answer at `u`, where a high `u` is worse."""
    if question.type == "number":
        return quantile(question, 1 - u if question.worse == "low" else u)
    shares = levels[question.id]
    below = 0.0
    for level, share in shares:
        below += share
        if u < below:
            return level
    # the shares add up to 1 only within rounding
    return next(level for level, share in reversed(shares) if share > 0)
