"""How a project would fail: the probability split over the ends."""

from __future__ import annotations

import math
from collections.abc import Mapping

from riskengine.pack.model import Pack

__all__ = ["split"]


def split(
    pack: Pack, probability: float, contributions: Mapping[str, float], shares: Mapping[str, float]
) -> dict[str, float]:
    """Split a probability over a pack's ends.

    p_k = p x softmax_k(ln share_k + sum over findings j that lead to k of contribution_j / number of ends of j).

    Args:
        pack: The pack.
        probability: The probability of failure.
        contributions: Log-odds by rule.
        shares: The ends' shares of failures as history has them; the pack's own for an end that is missing.

    Returns:
        Probability by end; they add up to `probability`.
    """
    logits = {end.id: [math.log(shares.get(end.id, end.share))] for end in pack.ends}
    for rule in pack.weighed_rules:
        for end in rule.leads_to:
            logits[end].append(contributions[rule.id] / len(rule.leads_to))
    sums = {end: math.fsum(parts) for end, parts in logits.items()}
    top = max(sums.values())
    odds = {end: math.exp(value - top) for end, value in sums.items()}
    total = math.fsum(odds.values())
    return {end: probability * part / total for end, part in odds.items()}
