"""What `rules check` found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from riskengine.authoring.weights import Leverage
from riskengine.errors import Problem
from riskengine.pack.facts import rails_of
from riskengine.pack.model import Pack

__all__ = ["Report"]


@dataclass(frozen=True)
class Report:
    """What is wrong or doubtful about a pack.

    Attributes:
        path: Where the pack is.
        pack: The pack; `None` where it has mistakes.
        problems: Mistakes; or, where there are none, warnings and notes.
        leverage: How far each question's answer moves the result; empty where there are mistakes.
    """

    path: Path
    pack: Pack | None
    problems: tuple[Problem, ...]
    leverage: tuple[Leverage, ...] = ()

    def of(self, severity: str) -> list[Problem]:
        """Give the problems of one severity."""
        return [problem for problem in self.problems if problem.severity == severity]

    @property
    def has_mistakes(self) -> bool:
        """Whether the pack can't be used."""
        return self.pack is None

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many questions, quantities, rules, examples and clauses there are."""
        if self.pack is None:
            return {}
        return {
            "questions": len(self.pack.questions),
            "quantities": len(self.pack.quantities),
            "rules": len(self.pack.rules),
            "examples": sum(len(rule.examples) for rule in self.pack.rules),
            "clauses": len(rails_of(self.pack).clauses),
        }

    def exit_code(self, *, strict: bool) -> int:
        """Give 2 for mistakes, 1 for warnings if they count, else 0.

        Args:
            strict: Whether warnings count.
        """
        if self.has_mistakes:
            return 2
        return 1 if strict and self.of("warning") else 0

    def as_json(self) -> dict[str, Any]:
        """Give everything as JSON data."""
        about = {} if self.pack is None else {"name": self.pack.name, "version": self.pack.version, **self.counts}
        listed = {f"{one}s": [problem.as_json() for problem in self.of(one)] for one in ("error", "warning", "note")}
        return {
            "ok": not self.has_mistakes,
            **about,
            **listed,
            "leverage": [one.as_json() for one in self.leverage],
        }
