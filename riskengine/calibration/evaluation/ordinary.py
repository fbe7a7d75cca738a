"""A project of which nothing is known yet, before and after history: how sure the number is."""

from __future__ import annotations

import math

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import BETWEEN, Z_90
from riskengine.calibration.evaluation.data import OrdinaryProject, Ranged
from riskengine.calibration.learn import Learned
from riskengine.calibration.posterior import expit

__all__ = ["ordinary_project"]

DIGITS = 6


def ordinary_project(built: BuiltPack, learned: Learned) -> OrdinaryProject:
    """Give the probability and the range of a project without answers, by the rules and by a history.

    Args:
        built: The pack.
        learned: What the history taught.
    """
    prior, wide = built.prior, learned.wide
    return OrdinaryProject(
        before=_ranged(prior.moderation * prior.base, prior.range.base, prior.range.variances[0]),
        now=_ranged(learned.moderation * learned.base, wide.base, float(wide.covariance[0, 0])),
    )


def _ranged(log_odds: float, centre: float, variance: float) -> Ranged:
    p, reach = float(expit(log_odds)), Z_90 * math.sqrt(variance + BETWEEN**2)
    # stretched, as in an assessment, to hold the point
    low, high = min(p, float(expit(centre - reach))), max(p, float(expit(centre + reach)))
    return Ranged(probability=round(p, DIGITS), range=(round(low, DIGITS), round(high, DIGITS)))
