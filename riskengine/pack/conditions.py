"""Conditions as authors write them in YAML, read into the intermediate form."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from riskengine.errors import Problem, nearest
from riskengine.logic.conditions import (
    ORDER_OPERATORS,
    All,
    Any,
    AtLeast,
    Conclusion,
    Condition,
    Not,
    Operator,
    Test,
)
from riskengine.pack.doubts import Doubts
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Question
from riskengine.pack.nodes import MappingNode, Node, ScalarNode, SequenceNode, quoted, shown

__all__ = ["OPERATORS", "Scope", "Topic", "read_condition", "topic_of"]

OPERATORS: tuple[Operator, ...] = ("is", "is_not", "in", "below", "at_most", "at_least", "above")
_JOINS = ("all", "any", "not", "at_least", "of")


@dataclass(frozen=True, slots=True)
class Topic:
    """What a test can be about: a question or a quantity.

    Attributes:
        levels: Level ids in order; empty for numbers.
        low: Smallest number possible; `None` for levels.
        high: Largest number possible; `None` for levels.
        ordered: Whether the ordering operators fit.
    """

    levels: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    ordered: bool = True


def topic_of(question: Question) -> Topic:
    """Say what tests about a question may compare."""
    if question.type == "number":
        low = question.minimum if question.minimum is not None else 0.0
        high = question.maximum if question.maximum is not None else low
        return Topic((), low, high)
    return Topic(question.level_ids, ordered=question.type == "choice")


@dataclass(slots=True)
class Scope:
    """The names that a condition may use, and the problems found in it.

    Attributes:
        topics: Questions and quantities by id.
        conclusions: Conclusions by id; empty where none may stand.
        doubts: What could not be read, so that using it is no further problem.
        may_conclude: Whether conclusions may stand in the condition at all.
        later: Questions that exist but are not asked before this one.
        problems: Problems found.
    """

    topics: Mapping[str, Topic]
    conclusions: frozenset[str]
    doubts: Doubts = field(default_factory=Doubts)
    may_conclude: bool = True
    later: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)

    def problem(self, code: str, message: str, right: str, node: Node) -> None:
        """Note a problem at a node."""
        self.problems.append(Problem(code, message, right, node.source, shown(node)))


def read_condition(node: Node, scope: Scope) -> Condition | None:
    """Read a condition.

    Args:
        node: The YAML node.
        scope: The names known; problems are added to it.

    Returns:
        The condition, or `None` if it has a problem.
    """
    if isinstance(node, ScalarNode):
        return _conclusion(node, scope)
    if isinstance(node, SequenceNode):
        scope.problem("RE-104", "a condition is a mapping, not a list", "put the list under `all` or `any`", node)
        return None
    if not node.entries:
        scope.problem("RE-104", "an empty condition", "name a question, or `all`, `any`, `not`", node)
        return None
    entries = [(key, value) for key, value in node.entries if not _belongs_to_count(key, node)]
    parts = _whole([_entry(key, value, node, scope) for key, value in entries])
    if parts is None:
        return None
    return parts[0] if len(parts) == 1 else All(parts)


def _whole(parts: Sequence[Condition | None]) -> tuple[Condition, ...] | None:
    """Give the parts if all could be read: a condition without one of its parts would mean something else."""
    found = tuple(part for part in parts if part is not None)
    return found if len(found) == len(parts) else None


def _belongs_to_count(key: ScalarNode, parent: MappingNode) -> bool:
    return key.value == "of" and parent.get("at_least") is not None


def _entry(key: ScalarNode, value: Node, parent: MappingNode, scope: Scope) -> Condition | None:
    name = key.value
    if name in ("all", "any"):
        parts = _parts(value, scope)
        if parts is None:
            return None
        return All(parts) if name == "all" else Any(parts)
    if name == "not":
        part = read_condition(value, scope)
        return None if part is None else Not(part)
    if name == "at_least":
        return _count(value, parent, scope)
    if name == "of":
        scope.problem("RE-104", "`of` without `at_least`", "write `at_least: N` beside it", key)
        return None
    topic = scope.topics.get(name) if isinstance(name, str) else None
    if topic is None:
        _unknown(key, scope)
        return None
    assert isinstance(name, str)
    return _test(name, topic, value, scope)


def _unknown(key: ScalarNode, scope: Scope) -> None:
    name = key.text
    if name in scope.conclusions:
        right = f"a conclusion stands as a bare word in a list: `all: [{name}]`"
        scope.problem("RE-204", f"`{name}` is a conclusion and takes no test", right, key)
    elif name in scope.later:
        right = "`ask_when` and `due_when` read questions that are asked before"
        scope.problem("RE-215", f"`{name}` is not asked before this question", right, key)
    elif not scope.doubts.covers(name):
        right = nearest(name, [*scope.topics, *scope.later, *_JOINS]) or "questions are declared in the questionnaire"
        scope.problem("RE-201", f"unknown question `{shown(key)}`", right, key)


def _conclusion(node: ScalarNode, scope: Scope) -> Condition | None:
    name = node.text
    if node.value == name and name in scope.conclusions and scope.may_conclude:
        return Conclusion(name)
    if name in scope.topics:
        right = f"say what its answer shall be: `{{{name}: ...}}`"
        scope.problem("RE-204", f"`{name}` is a question and needs a test", right, node)
    elif not scope.may_conclude:
        right = "`ask_when` and `due_when` test earlier questions and quantities: `{question: level}`"
        scope.problem("RE-215", f"{quoted(node)} cannot stand here", right, node)
    elif not name:
        scope.problem("RE-104", "an empty condition", "name a conclusion, or write `{question: level}`", node)
    elif not scope.doubts.covers(name):
        right = nearest(name, sorted(scope.conclusions)) or "a rule must say `concludes` with this word"
        scope.problem("RE-208", f"no rule concludes `{shown(node)}`", right, node)
    return None


def _parts(node: Node, scope: Scope) -> tuple[Condition, ...] | None:
    if not isinstance(node, SequenceNode) or not node.items:
        scope.problem("RE-104", "a list of conditions expected", "write `[...]` with at least one", node)
        return None
    return _whole([read_condition(item, scope) for item in node.items])


def _count(value: Node, parent: MappingNode, scope: Scope) -> Condition | None:
    of = parent.get("of")
    if of is None:
        scope.problem("RE-104", "`at_least` without `of`", "write `of: [...]` beside it", value)
        return None
    parts = _parts(of, scope)
    if not isinstance(of, SequenceNode) or not of.items:
        return None
    needed = value.value if isinstance(value, ScalarNode) else None
    size = len(of.items)
    if not isinstance(needed, int) or isinstance(needed, bool) or not 1 <= needed <= size:
        right = f"a whole number from 1 to {size}, the length of `of`"
        scope.problem("RE-212", f"{quoted(value)} is no count of these parts", right, value)
        return None
    return None if parts is None else AtLeast(needed, parts)


def _test(about: str, topic: Topic, node: Node, scope: Scope) -> Condition | None:
    if isinstance(node, SequenceNode):
        return _one(about, topic, "in", node, scope)
    if isinstance(node, ScalarNode):
        return _one(about, topic, "is", node, scope)
    if not node.entries:
        scope.problem("RE-104", "an empty test", f"one of {', '.join(f'`{one}`' for one in OPERATORS)}", node)
        return None
    tests = _whole([_operation(about, topic, key, value, scope) for key, value in node.entries])
    if tests is None:
        return None
    return tests[0] if len(tests) == 1 else All(tests)


def _operation(about: str, topic: Topic, key: ScalarNode, value: Node, scope: Scope) -> Condition | None:
    op = next((one for one in OPERATORS if one == key.value), None)
    if op is None:
        scope.problem("RE-204", f"unknown operator `{shown(key)}`", nearest(key.text, OPERATORS), key)
        return None
    if op in ORDER_OPERATORS and not topic.ordered:
        scope.problem("RE-204", f"`{op}` does not fit a yes_no question", "write `yes` or `no`", key)
        return None
    return _one(about, topic, op, value, scope)


def _one(about: str, topic: Topic, op: Operator, node: Node, scope: Scope) -> Condition | None:
    if op != "in":
        value = _value(topic, node, scope)
        return None if value is None else Test(about, op, value, topic.levels)
    if not isinstance(node, SequenceNode) or not node.items:
        what = "an empty list" if isinstance(node, SequenceNode) else quoted(node)
        scope.problem("RE-204", f"`in` takes a list, not {what}", "write `[...]` with at least one", node)
        return None
    values = [_value(topic, item, scope) for item in node.items]
    found = tuple(value for value in values if value is not None)
    return Test(about, "in", found, topic.levels) if len(found) == len(values) else None


def _value(topic: Topic, node: Node, scope: Scope) -> float | str | None:
    if not isinstance(node, ScalarNode) or node.value is None:
        scope.problem("RE-204", f"one value expected, not {quoted(node)}", "write a single value", node)
        return None
    if node.value == NOT_APPLICABLE_LEVEL:
        right = "a test on what does not apply is false, whatever its operator; test the levels instead"
        scope.problem("RE-204", "`n/a` cannot be tested for", right, node)
        return None
    return _level(topic, node, scope) if topic.levels else _number(topic, node, scope)


def _number(topic: Topic, node: ScalarNode, scope: Scope) -> float | None:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        scope.problem("RE-204", f"a number expected, not `{shown(node)}`", "this is answered by a number", node)
        return None
    assert topic.low is not None and topic.high is not None
    if not topic.low <= value <= topic.high:
        right = f"its values lie between {topic.low:g} and {topic.high:g}"
        scope.problem("RE-203", f"`{shown(node)}` is out of range", right, node)
        return None
    return float(value)


def _level(topic: Topic, node: ScalarNode, scope: Scope) -> str | None:
    if isinstance(node.value, str) and node.value in topic.levels:
        return node.value
    right = nearest(node.text, topic.levels) or "its levels are " + ", ".join(f"`{one}`" for one in topic.levels)
    if not topic.ordered and isinstance(node.value, bool):
        right = f"write `{'yes' if node.value else 'no'}`"
    scope.problem("RE-202", f"no level `{shown(node)}`", right, node)
    return None
