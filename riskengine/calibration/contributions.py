"""What the rules contribute to many projects, in arrays: what single assessments work out, some times as fast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.score import open_shares
from riskengine.calibration.layout import FloatArray
from riskengine.logic.conditions import Value
from riskengine.logic.rails import close
from riskengine.pack.facts import facts_of, rails_of
from riskengine.pack.model import Pack

__all__ = ["contributions_of"]


def contributions_of(built: BuiltPack, projects: Iterable[Mapping[str, Value]]) -> FloatArray:
    """Give what each weighed rule contributes to each project, without learned factors; unknown answers add 0.

    To the last bit what `assessment.score.contributions` gives.

    Args:
        built: The pack.
        projects: The answers of each project; missing ones are unknown.

    Returns:
        Log-odds; shape (n, J).
    """
    pack, centre = built.pack, built.centre
    weights = np.array([centre.scale * (rule.weight or 0.0) for rule in pack.weighed_rules])
    expected = np.array([centre.expected[rule.id] for rule in pack.weighed_rules])
    return np.asarray(weights * (_counted(built, _states(pack, projects)) - expected), float)


def _states(pack: Pack, projects: Iterable[Mapping[str, Value]]) -> FloatArray:
    """Give the state of each weighed rule: 1 fires, 0 ruled out, NaN possible; shape (n, J)."""
    rails = rails_of(pack)
    literals = np.array([rails.rules[rule.id] for rule in pack.weighed_rules], int)
    rails_read = np.concatenate([literals, literals ^ 1])
    closed = (close(rails, facts_of(pack, answers)).holding for answers in projects)
    holding = np.array([np.frombuffer(one, np.uint8)[rails_read] for one in closed], bool)
    fires, ruled_out = np.split(holding.reshape(-1, len(rails_read)), 2, axis=1)
    return np.where(fires, 1.0, np.where(ruled_out, 0.0, np.nan))


def _counted(built: BuiltPack, states: FloatArray) -> FloatArray:
    """Say by how much each weighed rule counts, as `assessment.score.counted` does for one project."""
    places = {rule.id: place for place, rule in enumerate(built.pack.weighed_rules)}
    y = np.zeros_like(states)
    for members in built.pack.groups:
        left, all_open = np.ones(len(states)), np.ones(len(states), bool)
        for rule, s in zip(members, open_shares(members, built.centre.expected), strict=True):
            known = states[:, places[rule.id]]
            unknown = np.isnan(known)
            share = np.where(unknown, s, known)
            all_open &= unknown
            # exactly c, where the product would be so only within rounding
            y[:, places[rule.id]] = np.where(all_open, built.centre.expected[rule.id], share * left)
            left = left * (1.0 - share)
    return y
