"""Questions and quantities, read from their models into the pack's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from riskengine.logic.conditions import Condition
from riskengine.logic.quantities import Operation
from riskengine.pack import schema
from riskengine.pack.conditions import Scope, Topic, read_condition, topic_of
from riskengine.pack.files import File
from riskengine.pack.model import RESERVED, Level, Quantity, Question
from riskengine.pack.nodes import MappingNode, Node, ScalarNode
from riskengine.pack.quantities import quantity_topics
from riskengine.pack.reading import Reading

__all__ = ["Topics", "read_topics"]


class Topics:
    """The questions and quantities of a pack, those of the extended pack first.

    Attributes:
        questions: All questions, in the order in which they are asked.
        quantities: All quantities that can be worked out.
        about: What tests about each may compare.
    """

    def __init__(
        self, questions: Sequence[Question], quantities: Sequence[Quantity], about: Mapping[str, Topic]
    ) -> None:
        self.questions = tuple(questions)
        self.quantities = tuple(quantities)
        self.about = about


def read_topics(files: Iterable[File], reading: Reading) -> Topics:
    """Read all questions and quantities.

    Args:
        files: The files of the pack.
        reading: Problems, doubts and places are added.
    """
    return _TopicReader(reading).read([file for file in files if isinstance(file.model, schema.QuestionnaireFile)])


class _TopicReader:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        extended = reading.extended
        self._questions: list[Question] = list(extended.questions) if extended else []
        self._quantities: list[Quantity] = list(extended.quantities) if extended else []
        self._inherited = {*extended.question, *extended.quantity} if extended else set()
        self._concluded = set(extended.rules_concluding) if extended else set()

    def read(self, files: Sequence[File]) -> Topics:
        for file in files:
            for question, node in file.read("questions", schema.QuestionModel):
                if self._is_new(question.id, node):
                    self._questions.append(self._question(question, node))
        for file in files:
            for quantity, node in file.read("quantities", schema.QuantityModel):
                if self._is_new(quantity.id, node):
                    self._quantities += self._quantity(quantity, node)
        about = {one.id: topic_of(one) for one in self._questions if self._is_whole(one)}
        about |= quantity_topics(
            self._quantities, about, self._reading.problems, self._reading.doubts, self._reading.place
        )
        quantities = [one for one in self._quantities if one.id in about]
        return Topics(self._gated(quantities, about), quantities, about)

    def _is_new(self, name: str, node: MappingNode) -> bool:
        if name in RESERVED:
            right = f"these words have a meaning of their own: {', '.join(f'`{word}`' for word in RESERVED)}"
            self._reading.wrong("RE-211", f"`{name}` is reserved", right, node, "id")
        if name in self._inherited or name in self._concluded:
            message = f"`{name}` is defined by the pack that this one extends"
            self._reading.wrong("RE-216", message, "choose another id", node, "id")
            return False
        first = self._reading.topics.setdefault(name, node)
        if first is not node:
            right = f"choose another id; the first is at {first.source}"
            self._reading.wrong("RE-206", f"`{name}` is defined twice", right, node, "id")
        return first is node

    def _question(self, model: schema.QuestionModel, node: MappingNode) -> Question:
        levels = tuple(_level(one, label) for one, label in (model.levels or {}).items())
        if model.type == "yes_no":
            if levels:
                right = "leave them out; its answers are `no` and `yes`"
                self._reading.wrong("RE-204", f"`{model.id}`: a yes_no has no `levels`", right, node, "levels")
            levels = (Level("no", "No"), Level("yes", "Yes"))
        return Question(
            id=model.id,
            area=model.area,
            phase=model.phase,
            text=model.text,
            help=model.help,
            type=model.type,
            levels=levels,
            unit=model.unit,
            minimum=model.minimum,
            maximum=model.maximum,
            worse=model.worse,
            worse_reason=model.worse_reason,
            shares=tuple((_share_key(key), share) for key, share in model.shares.items()),
            change=model.change,
            may_not_apply=model.may_not_apply,
            quick=model.quick,
            renamed_from=tuple(model.renamed_from),
            source=self._reading.place_of(node, "id"),
        )

    def _quantity(self, model: schema.QuantityModel, node: MappingNode) -> list[Quantity]:
        operations: dict[Operation, list[str | float] | None] = {
            "sum": model.sum,
            "difference": model.difference,
            "product": model.product,
            "ratio": model.ratio,
        }
        given = [(op, parts) for op, parts in operations.items() if parts is not None]
        if len(given) != 1:
            right = "exactly one of `sum`, `difference`, `product`, `ratio`"
            message = f"`{model.id}` has {len(given) or 'no'} operations"
            self._reading.wrong("RE-104", message, right, node, "id")
            self._reading.doubts.names.add(model.id)
            return []
        op, parts = given[0]
        numbers = tuple(part if isinstance(part, str) else float(part) for part in parts)
        return [Quantity(model.id, model.text, op, numbers, self._reading.place_of(node, "id"))]

    def _is_whole(self, question: Question) -> bool:
        """Say whether tests about a question can be checked; that it is not whole is found by the checks."""
        low, high = question.minimum, question.maximum
        whole = low is not None and high is not None and low < high
        if question.type != "number":
            whole = bool(question.levels)
        if not whole:
            self._reading.doubts.names.add(question.id)
        return whole

    def _gated(self, quantities: Sequence[Quantity], about: Mapping[str, Topic]) -> list[Question]:
        parts = {quantity.id: quantity.of for quantity in quantities}
        asked: set[str] = set()
        finished = []
        for question in self._questions:
            node = self._reading.topics.get(question.id)
            ask_when, due_when = _given(node, "ask_when"), _given(node, "due_when")
            if ask_when is not None or due_when is not None:
                known = {one: topic for one, topic in about.items() if _is_asked(one, parts, asked)}
                scope = Scope(
                    known,
                    frozenset(),
                    doubts=self._reading.doubts,
                    may_conclude=False,
                    later=frozenset(about) - frozenset(known),
                    problems=self._reading.problems,
                )
                due = None if due_when is None else read_condition(due_when, scope)
                question = replace(question, due_when=due)
                if ask_when is not None:
                    question = self._gate(question, read_condition(ask_when, scope))
            finished.append(question)
            asked.add(question.id)
        return finished

    def _gate(self, question: Question, gate: Condition | None) -> Question:
        if gate is None:
            # it can be tested for, but nobody knows when it is asked
            self._reading.doubts.names.add(question.id)
        return replace(question, ask_when=gate)


def _level(name: str, label: str | schema.LevelModel) -> Level:
    if isinstance(label, str):
        return Level(name, label)
    return Level(name, label.label, tuple(label.renamed_from))


def _given(node: MappingNode | None, key: str) -> Node | None:
    """Give what a key holds; nothing after its colon is as good as no key."""
    held = None if node is None else node.get(key)
    return None if isinstance(held, ScalarNode) and held.value is None else held


def _share_key(key: object) -> str:
    if isinstance(key, bool):
        return str(key).lower()
    return f"{key:.12g}" if isinstance(key, (int, float)) else str(key)


def _is_asked(about: str, parts: Mapping[str, Sequence[str | float]], asked: set[str]) -> bool:
    """Say whether a question, or every question that a quantity is made of, is asked by now."""
    seen: set[str] = set()
    left = [about]
    while left:
        one = left.pop()
        if one in seen:
            continue
        seen.add(one)
        if one not in parts and one not in asked:
            return False
        left += [part for part in parts.get(one, ()) if isinstance(part, str)]
    return True
