"""From answers to the literals that the clauses of a pack start from."""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakKeyDictionary

from riskengine.logic.conditions import NotApplicable, Value, holds
from riskengine.logic.quantities import compute
from riskengine.logic.rails import Rails, compile_rails
from riskengine.pack.model import Pack

__all__ = ["facts_of", "quantity_values", "rails_of"]

_compiled: WeakKeyDictionary[Pack, Rails] = WeakKeyDictionary()


def rails_of(pack: Pack) -> Rails:
    """Give the clauses of a pack, compiled once."""
    rails = _compiled.get(pack)
    if rails is None:
        rules = [(rule.id, rule.when, rule.concludes) for rule in pack.rules]
        rails = _compiled[pack] = compile_rails(pack.gates, rules, pack.ruled_out)
    return rails


def facts_of(pack: Pack, answers: Mapping[str, Value]) -> list[int]:
    """Decide every test of a pack by the answers.

    Gates are no matter here: they are part of the clauses.

    Args:
        pack: The pack.
        answers: Typed, validated values by question; missing ones are unknown.

    Returns:
        The literal of each test that is decided, true or false.
    """
    values: dict[str, Value] = dict(answers)
    if pack.quantities:
        values |= quantity_values(pack, answers)
    tests_about = rails_of(pack).tests_about
    return [
        literal if holds(test, value) else literal ^ 1
        for about, value in values.items()
        if value is not None
        for test, literal in tests_about.get(about, ())
    ]


def quantity_values(pack: Pack, answers: Mapping[str, Value]) -> dict[str, float | NotApplicable | None]:
    """Work out a pack's quantities.

    Args:
        pack: The pack.
        answers: Values by question; missing ones are unknown.

    Returns:
        For each quantity its number, `NOT_APPLICABLE`, or `None` if unknown.
    """
    found: dict[str, float | NotApplicable | None] = {}
    for quantity in pack.quantity_order:
        parts = [
            _number(pack, found[part] if part in found else answers.get(part), part) if isinstance(part, str) else part
            for part in quantity.of
        ]
        found[quantity.id] = compute(quantity.op, parts)
    return found


def _number(pack: Pack, value: Value, question: str) -> float | NotApplicable | None:
    if isinstance(value, str):
        return float(pack.question[question].level_ids.index(value))
    return value
