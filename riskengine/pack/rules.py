"""Rules, read from their models into the pack's own, and what an extending pack changes of the base's rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from riskengine.errors import nearest
from riskengine.logic.conditions import Any as AnyOf
from riskengine.logic.conditions import Condition
from riskengine.pack import schema
from riskengine.pack.conditions import Scope, Topic, read_condition
from riskengine.pack.files import File
from riskengine.pack.model import RESERVED, Example, Rule
from riskengine.pack.nodes import MappingNode, locate, shown
from riskengine.pack.reading import Reading

__all__ = ["read_rules"]

_CHANGES = ("id", "weight", "off")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A rule as it was written; its area is that of its file where it has none of its own.

    Attributes:
        area: The area; empty where it has a problem that is reported already.
    """

    model: schema.RuleModel
    node: MappingNode
    area: str | None


def read_rules(
    files: Iterable[File], about: Mapping[str, Topic], areas: Sequence[str], reading: Reading
) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """Read all rules.

    Args:
        files: The files of the pack.
        about: Questions and quantities that tests may be about.
        areas: The areas that are declared.
        reading: Problems, doubts and places are added.

    Returns:
        The rules that hold in the pack, those of the extended pack first, and the conclusions that no rule
        establishes any more.
    """
    reader = _RuleReader(about, areas, reading)
    for file in files:
        if isinstance(file.model, schema.RuleFile):
            reader.collect(file, file.model.area)
    return reader.read()


class _RuleReader:
    def __init__(self, about: Mapping[str, Topic], areas: Sequence[str], reading: Reading) -> None:
        self._about = about
        self._areas = areas
        self._reading = reading
        extended = reading.extended
        self._rules: dict[str, Rule] = dict(extended.rule) if extended else {}
        self._inherited = frozenset(self._rules)
        self._off: set[str] = set()
        self._entries: list[_Entry] = []
        self._broken: list[MappingNode] = []
        self._conclusions: set[str] = set(extended.rules_concluding) if extended else set()

    def collect(self, file: File, area: str | None) -> None:
        """Note the rules of a file, before the first is read: each may use the conclusions of all."""
        if "area" in file.wrong:
            area = ""
        elif area is not None and self._areas and area not in self._areas:
            right = nearest(area, self._areas) or "areas are declared in `pack.yaml`"
            self._reading.wrong("RE-209", f"unknown area `{area}`", right, file.node, "area")
            area = ""
        for model, node in file.read("rules", schema.RuleModel):
            first = self._reading.rules.setdefault(model.id, node)
            if first is node:
                self._entries.append(_Entry(model, node, model.area or area))
            else:
                right = f"choose another id; the first is at {first.source}"
                self._reading.wrong("RE-206", f"rule `{model.id}` stands twice", right, node, "id")
            self._conclude(model.concludes, node)
        self._broken += file.broken.get("rules", ())

    def read(self) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
        for entry in self._entries:
            if entry.model.id in self._inherited:
                self._change(entry)
            elif self._is_change(entry.node):
                self._changes_nothing(entry)
            else:
                self._rules[entry.model.id] = self._rule(entry)
        for node in self._broken:
            # such a rule is lost, but not what else is wrong with it
            self._condition(node)
        rules = tuple(rule for rule in self._rules.values() if rule.id not in self._off)
        concluded = {rule.concludes for rule in rules}
        return rules, tuple(sorted(self._conclusions - concluded))

    def _conclude(self, name: str | None, node: MappingNode) -> None:
        if name is None:
            return
        self._conclusions.add(name)
        right = "questions, quantities and conclusions share one name space; choose another word"
        if name in RESERVED:
            self._reading.wrong("RE-211", f"`{name}` is reserved", right, node, "concludes")
        elif name in self._about or name in self._reading.topics:
            message = f"`{name}` is a question or quantity already"
            self._reading.wrong("RE-206", message, right, node, "concludes")

    # --- rules of the extended pack ------------------------------------------------------------------------

    def _change(self, entry: _Entry) -> None:
        model, node = entry.model, entry.node
        for key, value in node.entries:
            if key.value not in _CHANGES:
                message = f"`{key.text}` of `{model.id}` is defined by the pack that this one extends"
                right = "of a rule that is there already, only `weight` may be set, or `off: true`"
                self._reading.at("RE-216", message, right, key.source, shown(value))
        rule = self._rules[model.id]
        if model.off:
            self._off.add(model.id)
        elif model.weight is None:
            right = "give it a `weight`, switch it `off: true`, or choose another id for a rule of your own"
            message = f"`{model.id}` changes nothing of the rule that is there already"
            self._reading.wrong("RE-216", message, right, node, "id")
        elif rule.weight is None:
            message = f"`{model.id}` is a contradiction check and has no weight"
            self._reading.wrong("RE-216", message, "switch it `off: true`", node, "weight")
        else:
            self._rules[model.id] = replace(rule, weight=model.weight, changed_by=self._reading.label)

    def _is_change(self, node: MappingNode) -> bool:
        keys = {key.value for key, _ in node.entries}
        return keys <= set(_CHANGES) or "off" in keys

    def _changes_nothing(self, entry: _Entry) -> None:
        if self._reading.doubts.unread:
            return
        message = f"there is no rule `{entry.model.id}` to change"
        right = "`weight` or `off` alone are for rules of a pack that this one extends"
        if self._inherited:
            right = nearest(entry.model.id, sorted(self._inherited)) or right
        self._reading.wrong("RE-104", message, right, entry.node, "id")
        self._reading.doubts.rules.add(entry.model.id)

    # --- rules of its own ----------------------------------------------------------------------------------

    def _rule(self, entry: _Entry) -> Rule:
        model, node = entry.model, entry.node
        self._shape(entry)
        condition = self._condition(node)
        if condition is None:
            self._reading.doubts.rules.add(model.id)
        return Rule(
            id=model.id,
            area=entry.area or "",
            title=model.title or model.id,
            # the state of a rule in doubt is never asked for
            when=condition or AnyOf(()),
            concludes=model.concludes,
            weight=None if model.warns is not None else (model.weight or 0.0),
            warns=model.warns,
            group=model.group,
            leads_to=tuple(model.leads_to),
            why=model.why or "",
            advice=model.advice or "",
            sources=tuple(model.sources),
            basis=model.basis,
            examples=tuple(
                Example(tuple(one.answers.items()), one.state, locate(node, ["examples", number])[0].source)
                for number, one in enumerate(model.examples)
            ),
            origin=self._reading.label,
            source=self._reading.place_of(node, "id"),
        )

    def _condition(self, node: MappingNode) -> Condition | None:
        when = node.get("when")
        if when is None:
            return None
        reading = self._reading
        conclusions = frozenset(self._conclusions)
        return read_condition(when, Scope(self._about, conclusions, reading.doubts, problems=reading.problems))

    def _shape(self, entry: _Entry) -> None:
        model = entry.model

        def wrong(message: str, right: str, key: str = "id") -> None:
            self._reading.wrong("RE-104", f"rule `{model.id}` {message}", right, entry.node, key)

        if model.title is None:
            wrong("has no `title`", "one sentence that a sponsor reads in a report")
        if entry.area is None:
            wrong("has no `area`", "say `area:` at the top of the file, or in the rule")
        if entry.node.get("when") is None:
            wrong("has no `when`", "say on which answers it fires")
        if model.warns is not None and (model.weight is not None or model.leads_to or model.group):
            wrong("both warns and weighs", "`warns` stands in place of `weight`, `leads_to` and `group`", "warns")
        if model.warns is None and model.weight is None and model.concludes is None:
            wrong("has no effect", "give it a `weight`, `concludes`, or `warns`")
