"""The classifier's covariance in the order and the form in which model files hold it."""

from __future__ import annotations

import numpy as np

from riskengine.assessment.model_file import BETWEEN, rounded, terms_of
from riskengine.calibration.layout import FloatArray, Layout
from riskengine.pack.model import Pack

__all__ = ["in_terms", "learnt_directions", "vectors"]

REACH = 1.001
"""By how much the reach of the model range may be too wide for the sake of a small model file."""


def vectors(pack: Pack, contributions: FloatArray) -> FloatArray:
    """Give z = [1, sum, sums of areas, sums of groups] of each project, from what its rules contribute.

    Args:
        pack: The pack.
        contributions: Log-odds; shape (n, J).
    """
    terms, ids = terms_of(pack), [rule.id for rule in pack.weighed_rules]
    projects = (dict(zip(ids, row, strict=True)) for row in contributions.tolist())
    return np.array([terms.vector(pack, project) for project in projects])


def in_terms(covariance: FloatArray, layout: Layout, pack: Pack) -> FloatArray:
    """Bring the classifier's coefficients into the order in which model files hold them.

    Args:
        covariance: In the classifier's order; shape (q, q).
        layout: The classifier's order.
        pack: The pack.
    """
    terms = terms_of(pack)
    order = [
        0,
        1,
        *(2 + layout.areas.index(area) for area in terms.areas),
        *(2 + len(layout.areas) + layout.groups.index(group) for group in terms.groups),
    ]
    return np.asarray(covariance[np.ix_(order, order)])


def learnt_directions(covariance: FloatArray, variances: FloatArray, z: FloatArray) -> tuple[tuple[float, ...], ...]:
    """Give the directions in which history has taken the most uncertainty, as few as will do.

    As many are kept as it takes for the reach of the range to be within `REACH` of what all would give, on every
    project of the reference sample. What is left out only widens the range.

    Args:
        covariance: Of the coefficients, with history; shape (q, q).
        variances: Of the coefficients, before history; shape (q,).
        z: The vectors of the reference sample; shape (n, q).
    """
    taken, directions = np.linalg.eigh(np.diag(variances) - covariance)
    exact = ((z @ covariance) * z).sum(axis=1) + BETWEEN**2
    variance = (z * z) @ variances + BETWEEN**2
    kept: list[FloatArray] = []
    for place in np.argsort(-taken, kind="stable"):
        if taken[place] <= 0 or np.sqrt(variance / exact).max() <= REACH:
            break
        direction = np.sqrt(taken[place]) * directions[:, place]
        # an eigenvector has no sign of its own; this one is the same on every machine
        direction *= np.sign(direction[np.abs(direction).argmax()])
        kept.append(direction)
        variance = variance - (z @ direction) ** 2
    return tuple(tuple(rounded(value) + 0.0 for value in direction) for direction in kept)
