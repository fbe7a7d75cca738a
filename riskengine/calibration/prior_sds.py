"""The prior sds re-estimated from the projects themselves: how far this house's rules are off.

Source: MacKay 1992, Neural Computation 4, 415 and 720 (re-estimated prior variances, moderated output).
"""

from __future__ import annotations

import numpy as np

from riskengine.calibration.layout import FloatArray, Layout
from riskengine.calibration.posterior import Rows, fit_posterior

__all__ = ["estimate_sds"]

PRIOR_WORTH = np.array([10.0, 10.0, 4.0, 4.0, 4.0])
"""How many coefficients the prior of each level's sd is worth when the sd is re-estimated (nu)."""

FEWEST_ROUNDS, SETTLED = 3, 0.01
"""Re-estimation stops once a round, from the third on, moves no sd by one per cent."""


def estimate_sds(rows: Rows, layout: Layout, base: float, priors: FloatArray, rounds: int = 8) -> FloatArray:
    """Re-estimate the prior sds, from the projects without a study alone; without any they stay.

    Each round fits and sets, for level k with its d_k coefficients b_k,

        sd_k^2 <- (nu_k s0_k^2 + |b_k|^2) / (nu_k + d_k - trace(S_k) / sd_k^2)

    which is MacKay's fixed point under a prior that is worth nu_k coefficients of size s0_k.

    Args:
        rows: What is learned from.
        layout: Areas and groups of the columns.
        base: Constant of the rules' log-odds.
        priors: The sds to start from, s0: of intercept, slope, areas, groups and departments; shape (5,).
        rounds: How many rounds at most; fewer once, from the third on, one moves no sd by 1 %.

    Returns:
        The same sds as re-estimated; shape (5,).
    """
    own, sds = rows.own(), priors
    ends = np.cumsum(layout.sizes)
    for done in range(1, rounds + 1 if own.studies else 1):
        # there are no studies
        fitted = fit_posterior(own, layout, base, sds[:-1], study_sd=1.0, department_sd=float(sds[-1]))
        levels = fitted.departments.values()
        found = np.append(fitted.coefficients, [one.level for one in levels])
        variances = np.append(fitted.covariance.diagonal(), [one.sd**2 for one in levels])
        sizes = np.array([len(part) for part in np.split(found, ends)])
        squares = np.array([(part**2).sum() for part in np.split(found, ends)])
        unlearnt = np.array([part.sum() for part in np.split(variances, ends)]) / sds**2
        before, sds = sds, np.sqrt((PRIOR_WORTH * priors**2 + squares) / (PRIOR_WORTH + sizes - unlearnt))
        if done >= FEWEST_ROUNDS and np.all(np.abs(sds / before - 1.0) < SETTLED):
            break
    return sds
