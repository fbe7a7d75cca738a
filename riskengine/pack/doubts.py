"""What could not be read of a pack, so that one mistake is not reported as many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from riskengine.errors import Source
from riskengine.pack.model import Quantity, Question, Rule

__all__ = ["KEY", "Doubts", "Place", "own_place"]

KEY = "[key]"
"""At the end of a path: the key itself, not what it holds."""


@dataclass(slots=True)
class Doubts:
    """Names and rules whose definition has a problem of its own; using them is no further one.

    Attributes:
        names: Questions, quantities, conclusions and sources that are defined, but not as they should be.
        rules: Rules whose condition could not be read.
        unread: Whether a whole file could not be read, so that any unknown name may be defined in it.
    """

    names: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    unread: bool = False

    def covers(self, name: str) -> bool:
        """Say whether a name that nobody defines may still be right."""
        return self.unread or name in self.names


Place: TypeAlias = "Callable[..., Source]"
"""Where a key of an entry stands, given the entry (`None` for the head of the pack) and the path to the key."""


def own_place(entry: Question | Quantity | Rule | None, *_path: str | int) -> Source:
    """Give the place of a whole entry, where the places of its keys are not known."""
    return Source() if entry is None else entry.source
