"""The clauses of a pack as a ruleset of durable-rules, used only in ways that were found to be safe.

The library hangs, crashes or loses facts in many ways that its users meet (see `docs/decisions`), so it is
given nothing but literals: no answer, no number, no text, one fact at a time, each with an id of its own.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Iterable
from typing import Any

from durable import engine as durable

from riskengine.errors import RiskEngineError
from riskengine.logic.rails import Closure, Rails

__all__ = ["DurableRails"]

BUCKET = 200
"""Literals under one first test: beyond 511 distinct values under one node, registration never returns."""

_numbers = itertools.count(1)


# the library's own clock calls what Python 3.12 deprecates; it only compares times with each other
durable._unix_now = time.time


class _Host(durable.Host):  # type: ignore[misc]  # the library has no types
    def _run(self) -> None:
        """Start no polling threads: they serve timers and queues, which are not used, and never end."""


_host: _Host | None = None


class DurableRails:
    """The clauses of one pack, registered for the life of the process."""

    def __init__(self, rails: Rails) -> None:
        """Register the clauses.

        Args:
            rails: At most 4,000 clauses.
        """
        global _host
        if _host is None:
            _host = _Host()
        self._rails = rails
        self._name = f"rails{next(_numbers)}"
        # one project at a time: what an action records belongs to the engine, and the library's session too
        self._lock = threading.Lock()
        self._fired: set[int] = set()
        self._holding = bytearray()
        self._failure: BaseException | None = None
        rules: dict[str, Any] = {"go": {"all": [{"m": {"$ex": {"go": 1}}}], "run": self._start}}
        for number, clause in enumerate(rails.clauses):
            body = [{f"m{place}": _pattern(literal)} for place, literal in enumerate(clause.body)]
            rules[f"c{number}"] = {"all": body, "run": self._action(number, clause.head)}
        _host.register_rulesets({self._name: rules})

    def close(self, facts: Iterable[int]) -> Closure:
        """Derive everything that follows from the facts.

        Args:
            facts: Literals that hold, besides the constants.

        Returns:
            The closure, and which clauses fired.

        Raises:
            RiskEngineError: if an action failed inside the library, which would otherwise lose a conclusion.
        """
        with self._lock:
            return self._close(facts)

    def _close(self, facts: Iterable[int]) -> Closure:
        assert _host is not None
        holding = bytearray(len(self._rails.readers))
        self._fired = set()
        self._failure = None
        self._holding = holding
        # a fresh session each time: a state that is deleted leaves nothing behind
        session = f"s{next(_numbers)}"
        # the fact that a rule of its own handles makes the state one that can be deleted at all
        state = _host.assert_fact(self._name, {"id": "go", "go": 1, "sid": session})
        try:
            for literal in dict.fromkeys((*self._rails.constants, *facts)):
                if self._rails.readers[literal] and not holding[literal]:
                    holding[literal] = 1
                    state = _host.assert_fact(self._name, _fact(literal, session))
                    self._check(state)
                holding[literal] = 1
        finally:
            _host.delete_state(self._name, session)
        return Closure(holding, tuple(sorted(self._fired)))

    def _check(self, state: Any) -> None:
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        if state and state.get("exception"):
            raise RiskEngineError(f"durable-rules lost an action: {state['exception']}")

    def _start(self, c: Any) -> None:
        """Handle the first fact of a session; nothing follows from it."""
        c._start_time = math.inf

    def _action(self, number: int, head: int) -> Any:
        def fire(c: Any) -> None:
            # after ten seconds by the clock on the wall, which may be set forward, the library drops what follows
            c._start_time = math.inf
            try:
                self._fired.add(number)
                if not self._holding[head]:
                    self._holding[head] = 1
                    if self._rails.readers[head]:
                        c.assert_fact(_fact(head, c.s.sid))
            except BaseException as failure:
                # the library swallows what an action raises, Ctrl-C too
                self._failure = failure

        return fire


def _pattern(literal: int) -> dict[str, Any]:
    return {"$and": [{"b": literal // BUCKET}, {"f": literal}]}


def _fact(literal: int, session: str) -> dict[str, Any]:
    return {"id": f"l{literal}", "b": literal // BUCKET, "f": literal, "sid": session}
