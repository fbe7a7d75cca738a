"""Which questions are asked, given some answers: the `ask_when` of each, three-valued."""

from __future__ import annotations

from collections.abc import Mapping

from riskengine.logic.conditions import Conclusion, Test, Value, holds
from riskengine.logic.kleene import all_of, evaluate
from riskengine.pack.facts import quantity_values
from riskengine.pack.model import Pack

__all__ = ["asked"]


def asked(pack: Pack, answers: Mapping[str, Value]) -> dict[str, bool | None]:
    """Say of every question whether it is asked.

    Args:
        pack: The pack.
        answers: Values by question; missing ones are unknown.

    Returns:
        `True`, `False`, or `None` while the gate itself is open; in pack order.
    """
    state: dict[str, bool | None] = {}
    values: dict[str, Value] = dict(answers)
    if pack.quantities and pack.gates:
        values |= quantity_values(pack, answers)

    def decide(node: Test | Conclusion) -> bool | None:
        assert isinstance(node, Test)
        gates = (state[question] for question in pack.questions_of[node.about])
        return all_of((*gates, holds(node, values.get(node.about))))

    for question in pack.questions:
        state[question.id] = True if question.ask_when is None else evaluate(question.ask_when, decide)
    return state
