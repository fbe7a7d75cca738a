"""Two packs compared, whole: what changed, and what that does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from riskengine.assessment.build import BuiltPack
from riskengine.authoring.diff.changes import Changes, compare
from riskengine.authoring.diff.effect import Effect, effect_of
from riskengine.authoring.diff.projects import drawn, from_files

__all__ = ["Comparison", "compare_packs"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two packs compared.

    Attributes:
        old: The pack as it was.
        new: The pack as it is.
        changes: What changed.
        effect: What that does to projects; `None` where the packs mean the same, so that no number can differ.
        points: Percentage points from which on a move is worth counting.
    """

    old: BuiltPack
    new: BuiltPack
    changes: Changes
    effect: Effect | None
    points: float

    @property
    def means_the_same(self) -> bool:
        """Whether the packs differ in texts at most."""
        return self.old.meaning_hash == self.new.meaning_hash

    @property
    def farthest(self) -> float:
        """By how many percentage points the project moves that moves farthest."""
        return 0.0 if self.effect is None else 100 * self.effect.farthest


def compare_packs(old: BuiltPack, new: BuiltPack, answers: Sequence[Path] = (), points: float = 5.0) -> Comparison:
    """Compare two packs.

    Args:
        old: The pack as it was.
        new: The pack as it is.
        answers: Answers files, and folders of them, to compare the packs on; by default the first projects of the
            old pack's reference sample.
        points: Percentage points from which on a move is worth counting.

    Raises:
        ProblemError: with all that is wrong with the answers files; RE-280 if there is none in a folder.
    """
    changes = compare(old.pack, new.pack)
    # read in any case: a mistake in them is one, whatever changed
    given = from_files(answers, old.pack, new.pack, changes.names) if answers else None
    if old.meaning_hash == new.meaning_hash:
        return Comparison(old, new, changes, None, points)
    projects = given or drawn(old.pack, new.pack, changes.names)
    return Comparison(old, new, changes, effect_of(old, new, projects, changes.rules, changes.names.questions), points)
