"""A pack in memory: frozen questions, quantities and rules, checked and with ids resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Literal, TypeAlias

from riskengine.errors import Source
from riskengine.logic.conditions import Conclusion, Condition, Test, walk
from riskengine.logic.quantities import Operation

__all__ = [
    "NOT_APPLICABLE_LEVEL",
    "RESERVED",
    "SCHEMA",
    "STATES",
    "BaseRate",
    "End",
    "Example",
    "Level",
    "Pack",
    "Quantity",
    "Question",
    "RiskLevel",
    "Rule",
    "State",
]

SCHEMA = 1
"""Version of the one-file JSON form."""

NOT_APPLICABLE_LEVEL = "n/a"
RESERVED = ("all", "any", "not", "at_least", "of", NOT_APPLICABLE_LEVEL)

State: TypeAlias = Literal["fires", "possible", "ruled_out"]
STATES: Mapping[bool | None, State] = {True: "fires", None: "possible", False: "ruled_out"}


@dataclass(frozen=True, slots=True)
class Level:
    """One answer of a choice: its id and what one would see."""

    id: str
    label: str
    renamed_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A typed question of the questionnaire.

    Attributes:
        levels: Of a choice or yes_no, in order; empty for a number.
        worse: The direction of risk: `first` or `last` level, `low` or `high` number, `yes`, `no`, or `none`.
        shares: How often each answer is expected where the question is asked: level (or `n/a`) and share;
            of a number, per cent and value, straight lines between.
        change: The effort for a project to change it, or `given` where it can't.
        ask_when: The condition on earlier answers under which it is asked.
        due_when: The condition on earlier answers from which on it should be known.
    """

    id: str
    area: str
    phase: str
    text: str
    help: str
    type: Literal["choice", "yes_no", "number"]
    levels: tuple[Level, ...]
    unit: str | None
    minimum: float | None
    maximum: float | None
    worse: Literal["first", "last", "low", "high", "yes", "no", "none"]
    worse_reason: str | None
    shares: tuple[tuple[str, float], ...]
    change: Literal["low", "medium", "high", "given"]
    may_not_apply: bool = False
    quick: bool = False
    ask_when: Condition | None = None
    due_when: Condition | None = None
    renamed_from: tuple[str, ...] = ()
    source: Source = field(default_factory=Source, compare=False)

    @property
    def level_ids(self) -> tuple[str, ...]:
        """The levels' ids, in order."""
        return tuple(level.id for level in self.levels)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number worked out from answers.

    Attributes:
        of: Ids of questions and quantities, and literal numbers. An ordered choice counts as its place in the
            list, the first 0.
    """

    id: str
    text: str
    op: Operation
    of: tuple[str | float, ...]
    source: Source = field(default_factory=Source, compare=False)


@dataclass(frozen=True, slots=True)
class Example:
    """Answers, and the state that they put a rule in; the questions not named are unknown."""

    answers: tuple[tuple[str, float | str], ...]
    state: State
    source: Source = field(default_factory=Source, compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition, what it concludes, and what that means for the project.

    Attributes:
        weight: Log-odds that the finding adds, before the pack's scale; `None` for a contradiction check.
        warns: The text of a contradiction check.
        group: Of the findings in one group only the heaviest that fires counts.
        leads_to: Ends, by id.
        origin: Name and version of the pack that wrote it.
        changed_by: Name and version of the pack that set its weight, where one did.
    """

    id: str
    area: str
    title: str
    when: Condition
    concludes: str | None
    weight: float | None
    warns: str | None
    group: str | None
    leads_to: tuple[str, ...]
    why: str
    advice: str
    sources: tuple[str, ...]
    basis: str | None
    examples: tuple[Example, ...]
    origin: str
    changed_by: str | None = None
    source: Source = field(default_factory=Source, compare=False)

    @property
    def group_key(self) -> str:
        """The name of its group; a rule without one stands alone under its own id."""
        return self.group or self.id


@dataclass(frozen=True, slots=True)
class End:
    """A way to fail, and its share of all failures."""

    id: str
    share: float
    title: str
    means: str


@dataclass(frozen=True, slots=True)
class RiskLevel:
    """A named band of the probability, from its lower end (included) to the next one's."""

    id: str
    start: float
    title: str


@dataclass(frozen=True, slots=True)
class BaseRate:
    """How many of the projects that a pack is made for fail."""

    value: float
    low: float | None
    high: float | None
    source: tuple[str, ...]
    failure: str


@dataclass(frozen=True, eq=False)
class Pack:
    """A folder of YAML, loaded; compared by identity, for packs are large.

    Attributes:
        spread: Standard deviation that log-odds shall have over the reference sample.
        coherence: How strongly answers of one project go together, 0 to 1.
        sources: Citation by key.
        ruled_out: Conclusions that no rule establishes any more, because an extending pack switched it off.
    """

    name: str
    version: str
    licence: str
    base_rate: BaseRate
    spread: float
    spread_source: tuple[str, ...]
    coherence: float
    coherence_source: tuple[str, ...]
    ends: tuple[End, ...]
    risk_levels: tuple[RiskLevel, ...]
    areas: tuple[tuple[str, str], ...]
    phases: tuple[str, ...]
    questions: tuple[Question, ...]
    quantities: tuple[Quantity, ...]
    rules: tuple[Rule, ...]
    sources: tuple[tuple[str, str], ...]
    ruled_out: tuple[str, ...] = ()

    @cached_property
    def question(self) -> Mapping[str, Question]:
        """Questions by id."""
        return {question.id: question for question in self.questions}

    @cached_property
    def quantity(self) -> Mapping[str, Quantity]:
        """Quantities by id."""
        return {quantity.id: quantity for quantity in self.quantities}

    @cached_property
    def rule(self) -> Mapping[str, Rule]:
        """Rules by id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def weighed_rules(self) -> tuple[Rule, ...]:
        """The rules that have a weight, be it 0: all but the contradiction checks, in pack order."""
        return tuple(rule for rule in self.rules if rule.weight is not None)

    @cached_property
    def groups(self) -> tuple[tuple[Rule, ...], ...]:
        """The groups of weighed rules, each with its heaviest first; of equal weights the earlier is first."""
        groups: dict[str, list[Rule]] = {}
        for rule in self.weighed_rules:
            groups.setdefault(rule.group_key, []).append(rule)
        return tuple(tuple(sorted(members, key=lambda rule: -abs(rule.weight or 0.0))) for members in groups.values())

    @cached_property
    def quantity_order(self) -> tuple[Quantity, ...]:
        """Quantities, each after those it is worked out from."""
        parts = {
            quantity.id: [part for part in quantity.of if isinstance(part, str) and part in self.quantity]
            for quantity in self.quantities
        }
        return tuple(self.quantity[one] for one in TopologicalSorter(parts).static_order())

    @cached_property
    def questions_of(self) -> Mapping[str, tuple[str, ...]]:
        """For each question and quantity, the questions that its value is made of, in pack order."""
        parts: dict[str, set[str]] = {question.id: {question.id} for question in self.questions}
        for quantity in self.quantity_order:
            parts[quantity.id] = set().union(*(parts[part] for part in quantity.of if isinstance(part, str)))
        order = [question.id for question in self.questions]
        return {about: tuple(sorted(ids, key=order.index)) for about, ids in parts.items()}

    @cached_property
    def gates(self) -> Mapping[str, tuple[Condition, ...]]:
        """For each question and quantity, the `ask_when` conditions that are part of every test about it."""
        gates: dict[str, tuple[Condition, ...]] = {}
        for about, questions in self.questions_of.items():
            conditions = [self.question[one].ask_when for one in questions]
            found = tuple(dict.fromkeys(one for one in conditions if one is not None))
            if found:
                gates[about] = found
        return gates

    @cached_property
    def gate_questions(self) -> Mapping[str, tuple[str, ...]]:
        """For each question, the earlier ones that decide whether it is asked, gates of gates included."""
        found: dict[str, tuple[str, ...]] = {}
        for question in self.questions:
            direct = self.questions_read(question.ask_when) if question.ask_when else ()
            every = dict.fromkeys(one for gate in direct for one in (*found[gate], gate))
            found[question.id] = tuple(one.id for one in self.questions if one.id in every)
        return found

    @cached_property
    def rules_concluding(self) -> Mapping[str, tuple[str, ...]]:
        """For each conclusion, the rules that establish it."""
        found: dict[str, list[str]] = {conclusion: [] for conclusion in self.ruled_out}
        for rule in self.rules:
            if rule.concludes is not None:
                found.setdefault(rule.concludes, []).append(rule.id)
        return {conclusion: tuple(rules) for conclusion, rules in found.items()}

    @cached_property
    def conclusions_read(self) -> Mapping[str, tuple[str, ...]]:
        """For each rule, the conclusions that its condition names."""
        return {
            rule.id: tuple(dict.fromkeys(node.id for node in walk(rule.when) if isinstance(node, Conclusion)))
            for rule in self.rules
        }

    @cached_property
    def rule_order(self) -> tuple[str, ...]:
        """Rules, each after those that establish the conclusions it reads."""
        before = {
            rule: [other for conclusion in conclusions for other in self.rules_concluding[conclusion]]
            for rule, conclusions in self.conclusions_read.items()
        }
        return tuple(TopologicalSorter(before).static_order())

    @cached_property
    def depends_on(self) -> Mapping[str, tuple[str, ...]]:
        """For each rule, all questions that its state can depend on, in pack order: through conclusions too."""
        place = {question.id: number for number, question in enumerate(self.questions)}
        found: dict[str, tuple[str, ...]] = {}
        for rule in self.rule_order:
            questions = set(self.questions_read(self.rule[rule].when))
            questions.update(*(self.gate_questions[one] for one in tuple(questions)))
            for conclusion in self.conclusions_read[rule]:
                questions.update(*(found[other] for other in self.rules_concluding[conclusion]))
            found[rule] = tuple(sorted(questions, key=place.__getitem__))
        return found

    def questions_read(self, condition: Condition) -> tuple[str, ...]:
        """Give the questions that a condition's own tests read, through quantities, without their gates."""
        read = [self.questions_of[node.about] for node in walk(condition) if isinstance(node, Test)]
        return tuple(dict.fromkeys(one for questions in read for one in questions))
