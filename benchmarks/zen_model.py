"""A pack's rules as decision models of zen-engine, which evaluates one record at a time.

Conditions become expressions of zen's own language. Rules that read conclusions stand in nodes behind those that
establish them. The models are for records whose questions are all answered, so that no state is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from riskengine.logic.conditions import All, AtLeast, Conclusion, Condition, Not, Test
from riskengine.logic.conditions import Any as AnyOf
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack

OPERATORS = {"is": "==", "is_not": "!=", "below": "<", "at_most": "<=", "at_least": ">=", "above": ">"}
PLAIN = {"passThrough": True, "inputField": None, "outputPath": None, "executionMode": "single"}


class ZenModel:
    """The decision models of a pack.

    Attributes:
        expressions: One field for each rule, true or false.
        tables: The same for rules that conclude something; the others are rows of a table that collects what hits.
    """

    def __init__(self, pack: Pack) -> None:
        """Translate a pack."""
        self._pack = pack
        self._field = {rule: f"r{place}" for place, rule in enumerate(pack.rule_order)}
        self._rule = {field: rule for rule, field in self._field.items()}
        layers = self._layers()
        last = [rule for rule in pack.rule_order if pack.rule[rule].concludes is None]
        before = [[rule for rule in layer if rule not in set(last)] for layer in layers]
        self.expressions = _model(self._fields(layer) for layer in layers)
        self.tables = _model([*(self._fields(layer) for layer in before if layer), self._table(last)])

    def found(self, result: Mapping[str, Any]) -> set[str]:
        """Give the ids of the rules that fire, from what a model returns."""
        hits = {row["field"] for row in result.get("hits", ())}
        return {rule for field, rule in self._rule.items() if result.get(field) is True or field in hits}

    def _layers(self) -> list[list[str]]:
        depth: dict[str, int] = {}
        layers: list[list[str]] = []
        for rule in self._pack.rule_order:
            read = self._pack.conclusions_read[rule]
            before = [depth[other] for conclusion in read for other in self._pack.rules_concluding[conclusion]]
            depth[rule] = 1 + max(before, default=-1)
            layers += [[] for _ in range(depth[rule] + 1 - len(layers))]
            layers[depth[rule]].append(rule)
        return layers

    # --- nodes --------------------------------------------------------------------------------------------

    def _fields(self, rules: Sequence[str]) -> dict[str, Any]:
        expressions = [
            {"id": self._field[rule], "key": self._field[rule], "value": self._condition(self._pack.rule[rule].when)}
            for rule in rules
        ]
        return {"type": "expressionNode", "content": {"expressions": expressions, **PLAIN}}

    def _table(self, rules: Sequence[str]) -> dict[str, Any]:
        rows = [
            {"_id": rule, "when": self._condition(self._pack.rule[rule].when), "then": f"'{self._field[rule]}'"}
            for rule in rules
        ]
        content = {
            "hitPolicy": "collect",
            "inputs": [{"id": "when", "name": "when"}],
            "outputs": [{"id": "then", "name": "then", "field": "field"}],
            "rules": rows,
            **PLAIN,
            "outputPath": "hits",
        }
        return {"type": "decisionTableNode", "content": content}

    # --- conditions ---------------------------------------------------------------------------------------

    def _condition(self, condition: Condition) -> str:
        match condition:
            case Test():
                return self._test(condition)
            case Conclusion(name):
                rules = self._pack.rules_concluding[name]
                return _joined("or", [self._field[rule] for rule in rules]) if rules else "false"
            case Not(part):
                return f"not ({self._condition(part)})"
            case All(parts):
                return _joined("and", map(self._condition, parts))
            case AnyOf(parts):
                return _joined("or", map(self._condition, parts))
            case AtLeast(needed, parts):
                return f"({' + '.join(f'({self._condition(part)} ? 1 : 0)' for part in parts)} >= {needed})"

    def _test(self, test: Test) -> str:
        read = self._pack.questions_of[test.about]
        gates = [self._condition(gate) for one in read if (gate := self._pack.question[one].ask_when) is not None]
        applies = [f"{one} != '{NOT_APPLICABLE_LEVEL}'" for one in read if self._pack.question[one].may_not_apply]
        return _joined("and", [*gates, *applies, self._comparison(test)])

    def _comparison(self, test: Test) -> str:
        values = test.value if isinstance(test.value, tuple) else (test.value,)
        question = self._pack.question.get(test.about)
        if question is None or question.type == "number":
            numbers = ", ".join(repr(float(str(value))) for value in values)
            about = self._number(test.about)
            return f"({about} in [{numbers}])" if test.op == "in" else f"({about} {OPERATORS[test.op]} {numbers})"
        levels = question.level_ids
        place = levels.index(str(values[0]))
        match test.op:
            case "is" | "is_not":
                return f"({question.id} {OPERATORS[test.op]} '{values[0]}')"
            case "in":
                held = [str(value) for value in values]
            case "below":
                held = list(levels[:place])
            case "at_most":
                held = list(levels[: place + 1])
            case "at_least":
                held = list(levels[place:])
            case _:
                held = list(levels[place + 1 :])
        names = ", ".join(f"'{level}'" for level in held)
        return f"({question.id} in [{names}])"

    def _number(self, about: str) -> str:
        question = self._pack.question.get(about)
        if question is not None and question.type == "number":
            return about
        if question is not None:
            places = (f"{about} == '{level}' ? {place} : " for place, level in enumerate(question.level_ids))
            return f"({''.join(places)}0)"
        quantity = self._pack.quantity[about]
        sign = {"sum": " + ", "difference": " - ", "product": " * ", "ratio": " / "}[quantity.op]
        parts = [self._number(part) if isinstance(part, str) else repr(float(part)) for part in quantity.of]
        return f"({sign.join(parts)})"


def _joined(word: str, parts: Iterable[str]) -> str:
    return f"({f' {word} '.join(parts)})"


def _model(nodes: Iterable[Mapping[str, Any]]) -> str:
    chain = [{"type": "inputNode"}, *nodes, {"type": "outputNode"}]
    named = [{"id": f"n{place}", "name": f"n{place}", **node} for place, node in enumerate(chain)]
    edges = [
        {"id": f"e{place}", "sourceId": f"n{place}", "targetId": f"n{place + 1}", "type": "edge"}
        for place in range(len(chain) - 1)
    ]
    return json.dumps({"nodes": named, "edges": edges})
