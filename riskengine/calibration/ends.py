"""How failed projects failed: a small second model, the pack's shares of its ends moved by history.

    p_k | failed = softmax_k(ln share_k + d_k + what the project's findings add to end k)     d_k ~ N(0, 0.5^2)

What findings add is taken from the first model as it is. So a few failures change little, and many tell.
"""
# ruff: noqa: N803, N806  (matrices are X, as in scikit-learn)

from __future__ import annotations

import numpy as np

from riskengine.calibration.layout import FloatArray
from riskengine.pack.model import Pack

__all__ = ["END_SD", "end_log_odds", "end_probabilities", "leading_to", "learn_ends"]

END_SD = 0.5
"""Prior sd of each end's deviation: the shares of a pack are as rough a guess as its base rate."""

ROUNDS = 50
SETTLED = 1e-10


def leading_to(pack: Pack) -> FloatArray:
    """Give how much of each weighed rule's contribution goes to each end; shape (J, K).

    Args:
        pack: The pack.
    """
    return np.array(
        [[(end.id in rule.leads_to) / max(1, len(rule.leads_to)) for end in pack.ends] for rule in pack.weighed_rules],
        float,
    ).reshape(len(pack.weighed_rules), len(pack.ends))


def end_log_odds(pack: Pack, X: FloatArray, factors: FloatArray, shares: FloatArray) -> FloatArray:
    """Give the log-odds of each end, given that a project fails, up to a constant a project.

    Args:
        pack: The pack.
        X: Contributions without learned factors; shape (n, J).
        factors: Learned factor of each rule; shape (J,).
        shares: Share of each end among failures; shape (K,).

    Returns:
        The log-odds; shape (n, K).
    """
    return np.asarray(np.log(shares) + (X * factors) @ leading_to(pack), float)


def end_probabilities(log_odds: FloatArray) -> FloatArray:
    """Turn the log-odds of ends into shares that add up to 1; shape (n, K).

    Examples:
        >>> end_probabilities(np.array([[0.0, 0.0]])).tolist()
        [[0.5, 0.5]]
    """
    odds = np.exp(log_odds - log_odds.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def learn_ends(log_odds: FloatArray, ended: FloatArray, weight: FloatArray) -> FloatArray:
    """Find the most probable deviations d of the ends' log-odds, by Newton.

    Args:
        log_odds: Of each end, for failed projects whose end is known, by the pack's shares; shape (n, K).
        ended: 1 at the end of each project, else 0; shape (n, K).
        weight: In projects; shape (n,).

    Returns:
        The deviations; shape (K,). They are 0 without any such project.

    Examples:
        >>> nothing = np.empty((0, 2))
        >>> learn_ends(nothing, nothing, np.empty(0)).tolist()
        [0.0, 0.0]
    """
    K = log_odds.shape[1]

    def loss(d: FloatArray) -> float:
        p = end_probabilities(log_odds + d)
        return float(-weight @ np.log((p * ended).sum(axis=1)) + (d @ d) / (2 * END_SD**2))

    d = np.zeros(K)
    for _ in range(ROUNDS):
        p = end_probabilities(log_odds + d)
        gradient = weight @ (ended - p) - d / END_SD**2
        hessian = np.diag(weight @ p) - (p.T * weight) @ p + np.eye(K) / END_SD**2
        step = np.linalg.solve(hessian, gradient)
        # far from the mode a whole step may overshoot; the loss is convex, so some part of it is downhill
        while loss(d + step) > loss(d) and np.abs(step).max() >= SETTLED:
            step = step / 2
        d = d + step
        if np.abs(step).max() < SETTLED:
            break
    return d
