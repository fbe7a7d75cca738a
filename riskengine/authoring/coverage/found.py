"""What the answers of one example or test make of a pack, part by part."""

from __future__ import annotations

from collections.abc import Mapping

from riskengine.authoring.coverage.disjuncts import Disjunct, decides
from riskengine.engines.forward import BUILT_IN
from riskengine.logic.conditions import Conclusion, Condition, Test, Value, holds
from riskengine.logic.kleene import all_of
from riskengine.pack.facts import quantity_values
from riskengine.pack.gates import asked
from riskengine.pack.model import Pack

__all__ = ["Found"]


class Found:
    """What is found on some answers.

    Attributes:
        asked: Of every question, whether it is asked; `None` while its gate is open.
        rules: Of every rule, whether it fires; `None` where it is possible.
    """

    def __init__(self, pack: Pack, answers: Mapping[str, Value]) -> None:
        """Find everything.

        Args:
            pack: The pack.
            answers: Typed values by question; missing ones are unknown.
        """
        self._pack = pack
        self._values: Mapping[str, Value] = {**answers, **quantity_values(pack, answers)}
        findings = BUILT_IN.findings(pack, answers)
        self.asked = asked(pack, answers)
        self.rules, self._conclusions = findings.rules, findings.conclusions

    def turns_on(self, disjunct: Disjunct, condition: Condition) -> bool:
        """Say whether the condition that a disjunct belongs to turns on it, on these answers."""
        return decides(disjunct, condition, self._decide, self._values)

    def _decide(self, node: Test | Conclusion) -> bool | None:
        if isinstance(node, Conclusion):
            return self._conclusions[node.id]
        gates = (self.asked[question] for question in self._pack.questions_of[node.about])
        return all_of((*gates, holds(node, self._values.get(node.about))))
