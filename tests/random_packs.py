"""Random legal packs, written as YAML and read by the loader, and random answers to them; all from seeds.

The packs say nothing sensible and use everything that the language has: all types of question, gates of gates,
quantities of quantities, every operator, nested and wide conditions, repeated parts, chains of conclusions, groups.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from riskengine.logic.conditions import NOT_APPLICABLE, Test, Value, walk
from riskengine.pack.facts import rails_of
from riskengine.pack.model import Pack, Question
from riskengine.pack.read import read_pack

__all__ = [
    "Shape",
    "all_tests",
    "answers_to",
    "choice",
    "number",
    "random_answers",
    "random_pack",
    "rule",
    "write_pack",
    "yes_no",
]

AREAS = ("team", "goals", "data")
ENDS = {"cancelled": 0.5, "overrun": 0.3, "unused": 0.2}
LEVELS = (
    ("no", "partly", "yes"),
    ("none", "some", "many", "all_of_them", "more_than_all"),
    ("low", "high"),
    ("off", "on", "null", "true"),
    ("small", "medium", "large", "very_large"),
)
RANGES = ((0, 10), (1, 40), (-5, 5), (0.5, 2.5), (0, 1))


# --- packs by hand -----------------------------------------------------------------------------------------


def write_pack(
    folder: Path,
    questions: Sequence[Mapping[str, Any]],
    rules: Sequence[Mapping[str, Any]],
    quantities: Sequence[Mapping[str, Any]] = (),
    **head: Any,
) -> Pack:
    """Write a pack to a folder and read it back.

    Args:
        folder: Where to; it is made.
        questions: As in YAML; `choice`, `yes_no` and `number` give whole ones.
        rules: As in YAML; `rule` gives whole ones.
        quantities: As in YAML.
        head: Keys of `pack.yaml` that shall differ from the ordinary.
    """
    folder.mkdir(parents=True, exist_ok=True)
    top = {
        "name": "test-pack",
        "version": "1",
        "licence": "Apache-2.0",
        "base_rate": {"value": 0.5},
        "spread": {"value": 1.1},
        "coherence": {"value": 0.2},
        "ends": {end: {"share": share, "title": end} for end, share in ENDS.items()},
        "risk_levels": {"low": {"from": 0, "title": "Low"}, "high": {"from": 0.5, "title": "High"}},
        "areas": {area: area.title() for area in AREAS},
        "phases": ["planning"],
    }
    files = {
        "pack.yaml": {**top, **head},
        "questions.yaml": {"questions": list(questions), "quantities": list(quantities)},
        "rules.yaml": {"rules": list(rules)},
    }
    for name, content in files.items():
        text = yaml.dump(content, Dumper=_NoAliases, sort_keys=False, allow_unicode=True)
        (folder / name).write_text(text, encoding="utf-8")
    return read_pack(folder)


class _NoAliases(yaml.CSafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def _question(id: str, type: str, shares: dict[Any, float], more: dict[str, Any]) -> dict[str, Any]:
    made = {
        "id": id,
        "area": AREAS[0],
        "phase": "planning",
        "text": f"What about {id}?",
        "help": "Look at it.",
        "type": type,
        "shares": shares,
        "change": "low",
        **more,
    }
    if made["worse"] == "none":
        made.setdefault("worse_reason", "Nobody knows.")
    return made


def choice(id: str, levels: Sequence[str], worse: str = "last", **more: Any) -> dict[str, Any]:
    """A question answered by ordered levels, all equally common."""
    answers = [*levels, *(["n/a"] if more.get("may_not_apply") else [])]
    shares = dict.fromkeys(answers, 1 / len(answers))
    return _question(id, "choice", shares, {"levels": {one: one for one in levels}, "worse": worse, **more})


def yes_no(id: str, worse: str = "yes", **more: Any) -> dict[str, Any]:
    """A question answered by yes or no."""
    answers = ["no", "yes", *(["n/a"] if more.get("may_not_apply") else [])]
    return _question(id, "yes_no", dict.fromkeys(answers, 1 / len(answers)), {"worse": worse, **more})


def number(id: str, minimum: float, maximum: float, worse: str = "high", **more: Any) -> dict[str, Any]:
    """A question answered by a number, all of the range equally common."""
    shares: dict[Any, float] = {0: minimum, 100: maximum}
    if more.get("may_not_apply"):
        shares["n/a"] = 0.1
    return _question(id, "number", shares, {"minimum": minimum, "maximum": maximum, "worse": worse, **more})


def rule(id: str, when: object, weight: float | None = 1.0, **more: Any) -> dict[str, Any]:
    """A rule of the first area; `weight=None` leaves its weight out."""
    weighed = {} if weight is None else {"weight": weight}
    return {"id": id, "area": AREAS[0], "title": f"Rule {id}", "when": when, **weighed, **more}


# --- packs by seed -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """How large a random pack is.

    Attributes:
        questions: How many questions.
        conclusions: How many conclusions, which chain.
        rules: How many rules that conclude nothing.
        wide: How many rules are one wide `all`, `any` or count each.
        width: Parts of a wide node, at most.
        readers: How many further rules read one and the same test.
        below: Clauses that the pack stays below; where chance makes more of it, another is drawn.
    """

    questions: int = 12
    conclusions: int = 8
    rules: int = 12
    wide: int = 1
    width: int = 20
    readers: int = 0
    below: int | None = 1_000


@dataclass
class _Topic:
    levels: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    ordered: bool = True


@dataclass
class _Maker:
    chance: random.Random
    shape: Shape
    topics: dict[str, _Topic] = field(default_factory=dict)
    questions: list[dict[str, Any]] = field(default_factory=list)
    quantities: list[dict[str, Any]] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)

    def make(self) -> None:
        for place in range(self.shape.questions):
            self.question(f"q{place}")
            if place > 1 and self.chance.random() < 0.4:
                self.quantity(f"amount_{len(self.quantities)}")
        conclusions = [f"fact_{place}" for place in range(self.shape.conclusions)]
        for place, conclusion in enumerate(conclusions):
            for _ in range(self.chance.choice((1, 1, 1, 2, 2, 3))):
                when = self.condition(2, conclusions[:place])
                if place and self.chance.random() < 0.8:
                    # chains: each on the one before, so that they grow long
                    before = conclusions[place - 1]
                    when = {self.chance.choice(("all", "any")): [before, when]}
                    if self.chance.random() < 0.2:
                        when = {"not": when}
                self.rule(when, conclusion)
        for _ in range(self.shape.rules):
            self.rule(self.condition(3, conclusions), None)
        for _ in range(self.shape.wide):
            self.rule(self.wide(conclusions), None)
        if self.shape.readers:
            read = self.test()
            for _ in range(self.shape.readers):
                self.rule({"all": [read, self.test()]} if self.chance.random() < 0.1 else read, None)
        self.chance.shuffle(self.rules)

    # questions and quantities

    def question(self, id: str) -> None:
        more: dict[str, Any] = {"area": self.chance.choice(AREAS)}
        if self.chance.random() < 0.35:
            more["may_not_apply"] = True
        if self.topics and self.chance.random() < 0.4:
            more["ask_when"] = self.condition(self.chance.choice((0, 1, 2)), [])
        if self.topics and self.chance.random() < 0.2:
            more["due_when"] = self.condition(self.chance.choice((0, 1)), [])
        kind = self.chance.choice(("choice", "choice", "yes_no", "number", "number"))
        if kind == "choice":
            levels = self.chance.choice(LEVELS)
            worse = self.chance.choice(("first", "last", "none"))
            self.questions.append(choice(id, levels, worse, **more))
            self.topics[id] = _Topic(levels)
        elif kind == "yes_no":
            self.questions.append(yes_no(id, self.chance.choice(("yes", "no")), **more))
            self.topics[id] = _Topic(("no", "yes"), ordered=False)
        else:
            low, high = self.chance.choice(RANGES)
            self.questions.append(number(id, low, high, self.chance.choice(("low", "high")), **more))
            self.topics[id] = _Topic((), low, high)

    def quantity(self, id: str) -> None:
        parts = [name for name, topic in self.topics.items() if topic.ordered]
        if not parts:
            return
        op = self.chance.choice(("sum", "difference", "product", "ratio"))
        size = 2 if op in ("difference", "ratio") else self.chance.choice((2, 2, 3))
        of: list[str | float] = [self.chance.choice(parts) for _ in range(size)]
        if self.chance.random() < 0.2:
            of[-1] = self.chance.choice((2, 0.5, -3))
        if op == "ratio":
            divisors = [one for one in (*parts, 4) if not self.bounds(one)[0] <= 0 <= self.bounds(one)[1]]
            of[1] = self.chance.choice(divisors)
        low, high = self.bounds(of[0])
        for part in of[1:]:
            ends = self.bounds(part)
            if op == "sum":
                low, high = low + ends[0], high + ends[1]
            elif op == "difference":
                low, high = low - ends[1], high - ends[0]
            else:
                corners = [a * b if op == "product" else a / b for a in (low, high) for b in ends]
                low, high = min(corners), max(corners)
        if abs(low) > 1e6 or abs(high) > 1e6:
            return
        self.quantities.append({"id": id, "text": f"The {op} {id}", op: of})
        self.topics[id] = _Topic((), low, high)

    def bounds(self, part: str | float) -> tuple[float, float]:
        if not isinstance(part, str):
            return part, part
        topic = self.topics[part]
        return (0, len(topic.levels) - 1) if topic.levels else (topic.low, topic.high)

    # conditions

    def condition(self, depth: int, conclusions: Sequence[str]) -> Any:
        if depth == 0 or self.chance.random() < 0.15:
            return self.leaf(conclusions)
        kind = self.chance.choice(("all", "any", "not", "at_least", "mapping"))
        if kind == "mapping":
            made = self.test()
            for _ in range(self.chance.choice((0, 1, 2))):
                made |= self.test()
            if self.chance.random() < 0.4:
                join = self.chance.choice(("all", "any"))
                made[join] = self.parts(depth - 1, conclusions, self.chance.choice((1, 2)))
            if self.chance.random() < 0.3:
                made["not"] = self.condition(depth - 1, conclusions)
            return made
        if kind == "not":
            return {"not": self.condition(depth - 1, conclusions)}
        parts = self.parts(depth - 1, conclusions, self.chance.choice((1, 2, 2, 3, 4)))
        if kind == "at_least":
            return {"at_least": self.chance.randint(1, len(parts)), "of": parts}
        return {kind: parts}

    def parts(self, depth: int, conclusions: Sequence[str], size: int) -> list[Any]:
        parts = [self.condition(depth, conclusions) for _ in range(size)]
        if self.chance.random() < 0.15:
            # the same part again, or its opposite
            again = self.chance.choice(parts)
            parts.insert(self.chance.randint(0, len(parts)), self.chance.choice((again, {"not": again})))
        return parts

    def wide(self, conclusions: Sequence[str]) -> Any:
        size = self.chance.randint(min(17, self.shape.width), self.shape.width)
        kind = self.chance.choice(("all", "any", "at_least"))
        if kind == "at_least":
            # more than 20 combinations; a running count has some 6 clauses for each part and each of its steps
            size = self.chance.randint(7, max(7, size // 2))
            parts = self.parts(0, conclusions, size)
            return {"at_least": self.chance.randint(2, max(2, min(len(parts) - 1, 60 // size))), "of": parts}
        parts = self.parts(0, conclusions, size)
        return {"not": {kind: parts}} if self.chance.random() < 0.2 else {kind: parts}

    def leaf(self, conclusions: Sequence[str]) -> Any:
        if conclusions and self.chance.random() < 0.4:
            return self.chance.choice(conclusions)
        return self.test()

    def test(self) -> dict[str, Any]:
        about = self.chance.choice(list(self.topics))
        topic = self.topics[about]
        operators = ["is", "is_not", "in", "scalar", "list"]
        operators += ["below", "at_most", "at_least", "above"] * 2 if topic.ordered else []
        op = self.chance.choice(operators)
        if op == "scalar":
            return {about: self.constant(topic)}
        if op == "list":
            return {about: [self.constant(topic) for _ in range(self.chance.choice((1, 2, 3)))]}
        if op == "in":
            return {about: {"in": [self.constant(topic) for _ in range(self.chance.choice((1, 2, 3)))]}}
        made = {op: self.constant(topic)}
        if op == "at_least" and self.chance.random() < 0.5:
            made["below"] = self.constant(topic)
        return {about: made}

    def constant(self, topic: _Topic) -> float | str:
        if topic.levels:
            return self.chance.choice(topic.levels)
        whole = round(self.chance.uniform(topic.low, topic.high))
        if topic.low <= whole <= topic.high and self.chance.random() < 0.8:
            return whole
        return self.chance.choice((topic.low, topic.high, self.chance.uniform(topic.low, topic.high)))

    # rules

    def rule(self, when: Any, conclusion: str | None) -> None:
        made: dict[str, Any] = {"area": self.chance.choice(AREAS)}
        kind = self.chance.random()
        weight: float | None = round(self.chance.uniform(0.05, 2), 2)
        if kind < 0.2:
            weight = -weight
        elif kind < 0.25:
            weight = 0
        elif kind < 0.3:
            weight = None
            made["warns"] = "This does not go together."
        if weight and self.chance.random() < 0.35:
            # one sign and one area a group
            made["group"] = f"{made['area']}_{'risk' if weight > 0 else 'protection'}_{self.chance.randint(1, 3)}"
        if conclusion is not None:
            made["concludes"] = conclusion
        if weight is not None and self.chance.random() < 0.6:
            made["leads_to"] = self.chance.sample(list(ENDS), self.chance.randint(1, len(ENDS)))
        self.rules.append(rule(f"rule-{len(self.rules)}", when, weight, **made))


def random_pack(seed: int, folder: Path, shape: Shape | None = None) -> Pack:
    """Draw a pack, write it and read it.

    Args:
        seed: The same seed and shape give the same pack.
        folder: Where its YAML goes.
        shape: How large it is.
    """
    shape = shape or Shape()
    for attempt in range(100):
        maker = _Maker(random.Random(f"{seed}/{attempt}"), shape)
        maker.make()
        pack = write_pack(folder / f"{seed}-{attempt}", maker.questions, maker.rules, maker.quantities)
        if shape.below is None or len(rails_of(pack).clauses) < shape.below:
            return pack
    raise AssertionError(f"no pack of this shape stays below {shape.below} clauses")


# --- answers -----------------------------------------------------------------------------------------------


def random_answers(pack: Pack, seed: object, count: int) -> list[dict[str, Value]]:
    """Draw answers of several projects, from nothing known to everything.

    Gates are not respected: questions are answered whether they are asked or not, for so answers come in.
    """
    chance = random.Random(f"answers/{seed}")
    constants = _constants(pack)
    projects = []
    for _ in range(count):
        known = chance.choice((0.0, 0.15, 0.5, 0.8, 0.95, 1.0))
        answers: dict[str, Value] = {}
        for question in pack.questions:
            if chance.random() < known:
                answers[question.id] = _answer(chance, question, constants)
            elif chance.random() < 0.2:
                answers[question.id] = None
        projects.append(answers)
    return projects


def answers_to(pack: Pack) -> st.SearchStrategy[dict[str, Value]]:
    """Any answers to any of a pack's questions, for hypothesis to search; gates are not respected either."""
    constants = _constants(pack)

    def answer_to(question: Question) -> st.SearchStrategy[Value]:
        found: list[st.SearchStrategy[Value]] = []
        if question.type == "number":
            assert question.minimum is not None and question.maximum is not None
            limits = {question.minimum, question.maximum, *constants.get(question.id, ())}
            found.append(st.sampled_from(sorted(limits)))
            found.append(st.floats(question.minimum, question.maximum, allow_nan=False))
        else:
            found.append(st.sampled_from(question.level_ids))
        if question.may_not_apply:
            found.append(st.just(NOT_APPLICABLE))
        return st.one_of(found)

    return st.fixed_dictionaries({}, optional={one.id: answer_to(one) for one in pack.questions})


def _answer(chance: random.Random, question: Question, constants: Mapping[str, Sequence[float]]) -> Value:
    if question.may_not_apply and chance.random() < 0.2:
        return NOT_APPLICABLE
    if question.type != "number":
        return chance.choice(question.level_ids)
    low, high = question.minimum, question.maximum
    assert low is not None and high is not None
    kind = chance.random()
    if kind < 0.4 and question.id in constants:
        return chance.choice(constants[question.id])
    if kind < 0.8:
        return float(min(max(round(chance.uniform(low, high)), low), high))
    return chance.choice((float(low), float(high), chance.uniform(low, high)))


def _constants(pack: Pack) -> dict[str, list[float]]:
    """The numbers that each question is compared with: where states change."""
    found: dict[str, list[float]] = {}
    for test in all_tests(pack):
        if test.about in pack.question and not test.levels:
            values = test.value if isinstance(test.value, tuple) else (test.value,)
            found.setdefault(test.about, []).extend(float(value) for value in values)
    return found


def all_tests(pack: Pack) -> Iterable[Test]:
    """Every test of a pack's rules and gates, as often as it stands there."""
    conditions = [one.when for one in pack.rules]
    conditions += [one.ask_when for one in pack.questions if one.ask_when is not None]
    return [node for condition in conditions for node in walk(condition) if isinstance(node, Test)]
