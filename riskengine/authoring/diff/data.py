"""A comparison as JSON data."""

from __future__ import annotations

from typing import Any

from riskengine.assessment.build import BuiltPack
from riskengine.authoring.diff.changes import Entry
from riskengine.authoring.diff.comparison import Comparison
from riskengine.authoring.diff.effect import Effect, Mover

__all__ = ["comparison_data"]


def comparison_data(comparison: Comparison) -> dict[str, Any]:
    """Give a comparison as one JSON object; probabilities lie in 0 to 1, moves are in percentage points."""
    return {
        "ok": True,
        "old": _pack(comparison.old),
        "new": _pack(comparison.new),
        "means_the_same": comparison.means_the_same,
        "changes": [_entry(one) for one in comparison.changes.entries],
        "effect": None if comparison.effect is None else _effect(comparison.effect, comparison.points),
    }


def _pack(built: BuiltPack) -> dict[str, Any]:
    pack = built.pack
    return {"name": pack.name, "version": pack.version, "hash": built.hash, "meaning_hash": built.meaning_hash}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "id": entry.id,
        "what": entry.what,
        "title": entry.title,
        "was": entry.was,
        "counts": entry.counts,
        "changes": [
            {"key": one.key, "old": one.old or None, "new": one.new or None, "counts": one.counts}
            for one in entry.changes
        ],
    }


def _effect(effect: Effect, points: float) -> dict[str, Any]:
    return {
        "projects": len(effect.moves),
        "source": effect.projects.source,
        "moved_by_more_than": {"points": points, "projects": effect.moved_by_more_than(points)},
        "mean_move": 100 * effect.mean_move,
        "mean_distance": 100 * effect.mean_distance,
        "farthest": 100 * effect.farthest,
        "mean_probability": list(effect.mean),
        "standard_deviation": list(effect.spread),
        "movers": [_mover(one) for one in effect.movers],
        "findings": [
            {
                "rule": one.rule,
                "fired": one.old,
                "fires": one.new,
                "appears": one.appears,
                "disappears": one.disappears,
                "left_open": one.left_open,
            }
            for one in effect.turns
        ],
        "new_questions": list(effect.new_questions),
        "unread": {"old": dict(effect.projects.lost_in_old), "new": dict(effect.projects.lost_in_new)},
    }


def _mover(mover: Mover) -> dict[str, Any]:
    return {
        "project": mover.project,
        "probability": [mover.old, mover.new],
        "move": 100 * mover.move,
        "findings": [
            {"rule": one.rule, "old": one.old, "new": one.new, "log_odds": one.log_odds} for one in mover.findings
        ],
    }
