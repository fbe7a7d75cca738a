"""What an executor gives back, and what it must offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from riskengine.logic.conditions import Value
from riskengine.pack.model import Pack

__all__ = ["Engine", "Findings", "Firing"]


@dataclass(frozen=True, slots=True)
class Firing:
    """One step of a trace: what was derived, and from what, by the names that readers know."""

    head: str
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """The state of every rule and conclusion for one project.

    Attributes:
        rules: `True` fires, `False` ruled out, `None` possible; in pack order.
        conclusions: The same of conclusions.
        fired: The numbers of the pack's clauses that fired, ascending.
        engine: Which executor found it.
    """

    rules: Mapping[str, bool | None]
    conclusions: Mapping[str, bool | None]
    fired: tuple[int, ...]
    engine: str


class Engine(Protocol):
    """An executor of packs, one project at a time."""

    @property
    def name(self) -> str:
        """The name that results carry."""

    def findings(self, pack: Pack, answers: Mapping[str, Value]) -> Findings:
        """Find the state of every rule.

        Args:
            pack: The pack.
            answers: Typed, validated values by question; missing ones are unknown.
        """
