"""Conditions as two rails of Horn clauses, and the closure of such clauses.

Every node of a condition has two literals: it certainly holds (`:T`), and it certainly does not (`:F`). An
`all` certainly holds if all its parts do, and certainly does not if one part certainly does not; `any` is the
other way round; negation swaps the two. So three-valued logic becomes monotone clauses over positive facts,
and what neither rail asserts is unknown. A forward chainer needs no negation and no order of firing for them.

Literals are numbers: node `n` has `2 n` for its `:T` and `2 n + 1` for its `:F`, and the complement of a
literal is the literal with its last bit flipped.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb

from riskengine.logic.conditions import All, Any, AtLeast, Conclusion, Condition, Not, Test

__all__ = ["MAX_BODY", "MAX_READERS", "Clause", "Closure", "Rails", "close", "compile_rails"]

MAX_BODY = 15
"""Literals in one clause: durable-rules takes at most 16 facts in a rule, and wider nodes become trees."""

MAX_READERS = 200
"""Clauses that read one literal: durable-rules takes at most 256, and more readers share relays."""

SPELLED_OUT = 20
"""Clauses up to which a count is spelled out as combinations; beyond, it becomes a running count."""


@dataclass(frozen=True, slots=True)
class Clause:
    """`head` holds if every literal of `body` does."""

    head: int
    body: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Rails:
    """The clauses of a pack.

    Attributes:
        names: A node's name: a test as `about.op.value`, a rule's or conclusion's id, or `#n` for a part of a
            condition, which no reader ever sees.
        clauses: The clauses; their order is that of the pack.
        tests: Each distinct test and the literal of its `:T`. These literals are the facts.
        rules: A rule's literal, by rule id.
        conclusions: A conclusion's literal, by its id.
        constants: Literals that hold in every project: the `:F` of conclusions that no rule establishes.
        readers: For each literal, the numbers of the clauses that read it.
        sizes: For each clause, how many literals its body has.
        tests_about: The tests and their literals by the question or quantity that they are about.
    """

    names: tuple[str, ...]
    clauses: tuple[Clause, ...]
    tests: tuple[tuple[Test, int], ...]
    rules: Mapping[str, int]
    conclusions: Mapping[str, int]
    constants: tuple[int, ...]
    readers: tuple[tuple[int, ...], ...]
    sizes: tuple[int, ...]
    tests_about: Mapping[str, tuple[tuple[Test, int], ...]]

    def name(self, literal: int) -> str:
        """Name a literal, as `capacity-shortfall:T`."""
        return f"{self.names[literal >> 1]}:{'F' if literal & 1 else 'T'}"


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """What follows from some facts.

    Attributes:
        holding: One byte a literal, 1 where it holds.
        fired: The numbers of the clauses that fired, ascending; a literal derived twice counts twice.
    """

    holding: bytearray
    fired: tuple[int, ...]

    def state(self, literal: int) -> bool | None:
        """Read a node's two rails: true, false, or unknown."""
        if self.holding[literal]:
            return True
        return False if self.holding[literal ^ 1] else None


def compile_rails(
    gates: Mapping[str, Sequence[Condition]],
    rules: Sequence[tuple[str, Condition, str | None]],
    ruled_out: Sequence[str] = (),
) -> Rails:
    """Turn a pack's conditions into clauses, linear in their size.

    Args:
        gates: For each question and quantity, the conditions under which it is asked (`ask_when`), which are
            part of every test about it. Ids that are missing have none.
        rules: Each rule's id, condition, and conclusion if it has one, in pack order.
        ruled_out: Conclusions that no rule establishes.

    Returns:
        The clauses. Every conclusion that a condition names must be established by a rule, or ruled out.
    """
    return _Compiler(gates).compile(rules, ruled_out)


def close(rails: Rails, facts: Iterable[int]) -> Closure:
    """Derive everything that follows from the facts, in time linear in the clauses they reach.

    The counter algorithm of Dowling and Gallier (Journal of Logic Programming 1984).

    Args:
        rails: The clauses.
        facts: Literals that hold, besides the constants.

    Returns:
        The closure, and which clauses fired.
    """
    holding = bytearray(len(rails.readers))
    missing = list(rails.sizes)
    fired: list[int] = []
    queue: list[int] = []
    for fact in (*rails.constants, *facts):
        if not holding[fact]:
            holding[fact] = 1
            queue.append(fact)
    clauses, readers = rails.clauses, rails.readers
    while queue:
        for number in readers[queue.pop()]:
            missing[number] -= 1
            if missing[number] == 0:
                fired.append(number)
                head = clauses[number].head
                if not holding[head]:
                    holding[head] = 1
                    queue.append(head)
    fired.sort()
    return Closure(holding, tuple(fired))


class _Compiler:
    """Builds the clauses; every method that takes a condition gives the literal of its `:T`."""

    def __init__(self, gates: Mapping[str, Sequence[Condition]]) -> None:
        self._gates = gates
        self._names: list[str] = []
        self._clauses: list[Clause] = []
        self._tests: dict[Test, int] = {}
        self._nodes: dict[tuple[str, tuple[int, ...]], int] = {}
        self._gate_literals: dict[str, tuple[int, ...]] = {}
        self._conclusions: dict[str, int] = {}

    def compile(self, rules: Sequence[tuple[str, Condition, str | None]], ruled_out: Sequence[str]) -> Rails:
        for conclusion in ruled_out:
            self._conclusions[conclusion] = self._node(conclusion)
        for _, _, concludes in rules:
            if concludes is not None and concludes not in self._conclusions:
                self._conclusions[concludes] = self._node(concludes)
        literals: dict[str, int] = {}
        established: dict[str, list[int]] = {}
        for rule, condition, concludes in rules:
            literal = literals[rule] = self._rule(rule, condition)
            if concludes is not None:
                established.setdefault(concludes, []).append(literal)
        for conclusion, parts in established.items():
            self._same(self._conclusions[conclusion], self._any(tuple(parts)))
        self._relay()
        about_tests: dict[str, list[tuple[Test, int]]] = {}
        for test, literal in self._tests.items():
            about_tests.setdefault(test.about, []).append((test, literal))
        readers: list[list[int]] = [[] for _ in range(2 * len(self._names))]
        for number, clause in enumerate(self._clauses):
            for literal in clause.body:
                readers[literal].append(number)
        return Rails(
            names=tuple(self._names),
            clauses=tuple(self._clauses),
            tests=tuple(self._tests.items()),
            rules=literals,
            conclusions=self._conclusions,
            constants=tuple(self._conclusions[conclusion] ^ 1 for conclusion in ruled_out),
            readers=tuple(tuple(numbers) for numbers in readers),
            sizes=tuple(len(clause.body) for clause in self._clauses),
            tests_about={about: tuple(tests) for about, tests in about_tests.items()},
        )

    def _node(self, name: str | None = None) -> int:
        number = len(self._names)
        self._names.append(f"#{number}" if name is None else name)
        return 2 * number

    def _rule(self, rule: str, condition: Condition) -> int:
        before = len(self._names)
        literal = self._condition(condition)
        if self._is_new_node(literal, before):
            # the node that was made for the whole condition becomes the rule's own, and nobody else's
            self._names[literal // 2] = rule
            self._nodes = {key: node for key, node in self._nodes.items() if node != literal}
            return literal
        own = self._node(rule)
        self._same(own, literal)
        return own

    def _is_new_node(self, literal: int, before: int) -> bool:
        number = literal // 2
        return literal % 2 == 0 and number >= before and self._names[number] == f"#{number}"

    def _same(self, literal: int, other: int) -> None:
        self._clauses.append(Clause(literal, (other,)))
        self._clauses.append(Clause(literal ^ 1, (other ^ 1,)))

    def _condition(self, condition: Condition) -> int:
        match condition:
            case Test():
                return self._test(condition)
            case Conclusion(name):
                return self._conclusions[name]
            case Not(part):
                return self._condition(part) ^ 1
            case All(parts):
                return self._all(tuple(self._condition(part) for part in parts))
            case Any(parts):
                return self._any(tuple(self._condition(part) for part in parts))
            case AtLeast(needed, parts):
                return self._at_least(needed, tuple(self._condition(part) for part in parts))

    def _test(self, test: Test) -> int:
        if test not in self._tests:
            value = ",".join(map(str, test.value)) if isinstance(test.value, tuple) else test.value
            self._tests[test] = self._node(f"{test.about}.{test.op}.{value}")
        return self._all((*self._gate(test.about), self._tests[test]))

    def _gate(self, about: str) -> tuple[int, ...]:
        if about not in self._gate_literals:
            literals = tuple(self._condition(gate) for gate in self._gates.get(about, ()))
            self._gate_literals[about] = literals
        return self._gate_literals[about]

    def _all(self, parts: tuple[int, ...]) -> int:
        parts = tuple(dict.fromkeys(parts))
        if len(parts) == 1:
            return parts[0]
        if len(parts) > MAX_BODY:
            return self._all(tuple(self._all(chunk) for chunk in _batched(parts, MAX_BODY)))
        key = ("all", parts)
        if key not in self._nodes:
            literal = self._node()
            self._clauses.append(Clause(literal, parts))
            self._clauses.extend(Clause(literal ^ 1, (part ^ 1,)) for part in parts)
            self._nodes[key] = literal
        return self._nodes[key]

    def _any(self, parts: tuple[int, ...]) -> int:
        parts = tuple(dict.fromkeys(parts))
        if len(parts) == 1:
            return parts[0]
        if len(parts) > MAX_BODY:
            return self._any(tuple(self._any(chunk) for chunk in _batched(parts, MAX_BODY)))
        key = ("any", parts)
        if key not in self._nodes:
            literal = self._node()
            self._clauses.extend(Clause(literal, (part,)) for part in parts)
            self._clauses.append(Clause(literal ^ 1, tuple(part ^ 1 for part in parts)))
            self._nodes[key] = literal
        return self._nodes[key]

    def _at_least(self, needed: int, parts: tuple[int, ...]) -> int:
        refuting = len(parts) - needed + 1
        spelled_out = comb(len(parts), needed) + comb(len(parts), refuting)
        if spelled_out > SPELLED_OUT or max(needed, refuting) > MAX_BODY:
            return self._running_count(needed, parts)
        key = (f"at_least {needed}", parts)
        if key not in self._nodes:
            literal = self._node()
            for body in itertools.combinations(parts, needed):
                self._clauses.append(Clause(literal, tuple(dict.fromkeys(body))))
            for body in itertools.combinations(parts, refuting):
                self._clauses.append(Clause(literal ^ 1, tuple(dict.fromkeys(part ^ 1 for part in body))))
            self._nodes[key] = literal
        return self._nodes[key]

    def _running_count(self, needed: int, parts: tuple[int, ...]) -> int:
        # counts[k - 1]: at least k of the parts so far; None where there are too few parts yet
        counts: list[int | None] = [None] * needed
        for part in parts:
            for k in range(needed, 0, -1):
                fewer = None if k == 1 else counts[k - 2]
                if k > 1 and fewer is None:
                    continue
                reached = part if fewer is None else self._all((fewer, part))
                before = counts[k - 1]
                counts[k - 1] = reached if before is None else self._any((before, reached))
        literal = counts[needed - 1]
        assert literal is not None
        return literal

    def _relay(self) -> None:
        readers: dict[int, list[int]] = {}
        for number, clause in enumerate(self._clauses):
            for literal in clause.body:
                readers.setdefault(literal, []).append(number)
        for literal, numbers in readers.items():
            while len(numbers) > MAX_READERS:
                relays = []
                for chunk in _batched(tuple(numbers), MAX_READERS):
                    relay = self._node()
                    relays.append(len(self._clauses))
                    self._clauses.append(Clause(relay, (literal,)))
                    for number in chunk:
                        clause = self._clauses[number]
                        body = tuple(relay if part == literal else part for part in clause.body)
                        self._clauses[number] = Clause(clause.head, body)
                numbers = relays


def _batched(parts: tuple[int, ...], size: int) -> list[tuple[int, ...]]:
    return [parts[start : start + size] for start in range(0, len(parts), size)]
