"""The forward executor: chaining over the two rails of a pack.

Two interchangeable parts close the rails: durable-rules where it can be imported, and a built-in closure of
the same clauses. Both give the same findings and the same trace.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from riskengine.engines.protocol import Engine, Findings, Firing
from riskengine.logic.conditions import Value
from riskengine.logic.rails import Closure, Rails, close
from riskengine.pack.facts import facts_of, rails_of
from riskengine.pack.model import Pack

__all__ = ["BUILT_IN", "BuiltInClosure", "DurableRules", "engine_for", "find", "trace"]

DURABLE_CLAUSES = 4_000
"""Clauses beyond which the built-in closure runs: durable-rules holds 4,095 in a ruleset."""


@dataclass(frozen=True, slots=True)
class BuiltInClosure:
    """Closes the rails in linear time, in Python."""

    name: str = "built-in"

    def findings(self, pack: Pack, answers: Mapping[str, Value]) -> Findings:
        """Find the state of every rule."""
        rails = rails_of(pack)
        return _findings(rails, close(rails, facts_of(pack, answers)), self.name)


BUILT_IN = BuiltInClosure()


class DurableRules:
    """Closes the rails of one pack on durable-rules.

    A ruleset can't be unregistered, so a process holds one such engine (see `engine_for`), and other packs run
    on the built-in closure.
    """

    name = "durable-rules"

    def __init__(self, pack: Pack) -> None:
        """Register the pack's clauses.

        Args:
            pack: A pack of at most `DURABLE_CLAUSES` clauses.

        Raises:
            ImportError: if durable-rules can't be imported.
        """
        from riskengine.engines.durable_rails import DurableRails

        self.pack = pack
        self._rails = DurableRails(rails_of(pack))

    def findings(self, pack: Pack, answers: Mapping[str, Value]) -> Findings:
        """Find the state of every rule of the pack that was registered."""
        assert pack is self.pack, "this engine was registered for another pack"
        return _findings(rails_of(pack), self._rails.close(facts_of(pack, answers)), self.name)


_registered: DurableRules | None = None


def engine_for(pack: Pack) -> Engine:
    """Choose the part that closes a pack's rails.

    durable-rules serves the first pack of a process that it can hold; any other pack (a reloaded one, say), and
    every pack on a Python where the library can't be imported, runs on the built-in closure.

    Args:
        pack: The pack.

    Returns:
        The engine; its name is part of every result.
    """
    global _registered
    if _registered is None:
        # on 3.13 and newer the library can be built, but importing it fails on a symbol that Python dropped
        if sys.version_info >= (3, 13) or len(rails_of(pack).clauses) > DURABLE_CLAUSES:
            return BUILT_IN
        try:
            _registered = DurableRules(pack)
        except ImportError:
            return BUILT_IN
    return _registered if _registered.pack is pack else BUILT_IN


def find(pack: Pack, answers: Mapping[str, Value]) -> Findings:
    """Find the state of every rule by the engine that fits.

    Args:
        pack: The pack.
        answers: Typed, validated values by question; missing ones are unknown.
    """
    return engine_for(pack).findings(pack, answers)


def trace(pack: Pack, findings: Findings) -> tuple[Firing, ...]:
    """Give what fired as readers know it: rules that fired, by the conclusions and tests that they read.

    Parts of conditions, which have no name, are replaced by what they follow from.

    Args:
        pack: The pack.
        findings: What an engine found.

    Returns:
        The steps that establish a rule or a conclusion, each with its reasons.
    """
    rails = rails_of(pack)
    return tuple(_steps(rails, findings.fired))


def _steps(rails: Rails, fired: Sequence[int]) -> list[Firing]:
    named = {*rails.rules.values(), *rails.conclusions.values()}
    reasons: dict[int, list[tuple[int, ...]]] = {}
    for number in fired:
        clause = rails.clauses[number]
        reasons.setdefault(clause.head, []).append(clause.body)
    steps = []
    for number in fired:
        clause = rails.clauses[number]
        if clause.head in named:
            body = _named(rails, reasons, clause.body)
            steps.append(Firing(rails.name(clause.head), tuple(rails.name(literal) for literal in body)))
    return steps


def _named(rails: Rails, reasons: Mapping[int, Sequence[tuple[int, ...]]], body: Sequence[int]) -> list[int]:
    """Replace parts of conditions by the named literals that they follow from, each part followed once."""
    found: list[int] = []
    seen: set[int] = set()
    left = list(reversed(body))
    while left:
        literal = left.pop()
        if literal in seen:
            continue
        seen.add(literal)
        if rails.names[literal >> 1].startswith("#"):
            left += reversed(reasons[literal][0])
        else:
            found.append(literal)
    return found


def _findings(rails: Rails, closure: Closure, engine: str) -> Findings:
    return Findings(
        rules={rule: closure.state(literal) for rule, literal in rails.rules.items()},
        conclusions={name: closure.state(literal) for name, literal in rails.conclusions.items()},
        fired=closure.fired,
        engine=engine,
    )
