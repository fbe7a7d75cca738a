"""Which questions are asked, given some answers, and which should be known by now: their conditions, three-valued."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from riskengine.logic.conditions import Conclusion, Test, Value, holds
from riskengine.logic.kleene import all_of, evaluate
from riskengine.pack.facts import quantity_values
from riskengine.pack.model import Pack

__all__ = ["asked", "overdue"]


def asked(pack: Pack, answers: Mapping[str, Value]) -> dict[str, bool | None]:
    """Say of every question whether it is asked.

    Args:
        pack: The pack.
        answers: Values by question; missing ones are unknown.

    Returns:
        `True`, `False`, or `None` while the gate itself is open; in pack order.
    """
    state: dict[str, bool | None] = {}
    decide = _decider(pack, answers, state)
    for question in pack.questions:
        state[question.id] = True if question.ask_when is None else evaluate(question.ask_when, decide)
    return state


def overdue(pack: Pack, answers: Mapping[str, Value], state: Mapping[str, bool | None]) -> tuple[str, ...]:
    """Give the open questions whose `due_when` holds: what such a project should know by now.

    Args:
        pack: The pack.
        answers: Values by question; missing ones are unknown.
        state: What `asked` gave for these answers.

    Returns:
        Ids of questions that are asked and open, in pack order.
    """
    still_open = [
        (question.id, question.due_when)
        for question in pack.questions
        if question.due_when is not None and state[question.id] and answers.get(question.id) is None
    ]
    if not still_open:
        return ()
    decide = _decider(pack, answers, state)
    return tuple(question for question, due_when in still_open if evaluate(due_when, decide))


def _decider(
    pack: Pack, answers: Mapping[str, Value], state: Mapping[str, bool | None]
) -> Callable[[Test | Conclusion], bool | None]:
    values: dict[str, Value] = dict(answers)
    if pack.quantities and any(one.ask_when or one.due_when for one in pack.questions):
        values |= quantity_values(pack, answers)

    def decide(node: Test | Conclusion) -> bool | None:
        assert isinstance(node, Test)
        gates = (state[question] for question in pack.questions_of[node.about])
        return all_of((*gates, holds(node, values.get(node.about))))

    return decide
