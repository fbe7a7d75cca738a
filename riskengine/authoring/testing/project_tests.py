"""The tests of a pack, read: examples stand in its rules, tests of whole projects in `*.test.yaml` files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from riskengine.assessment.answers import Answers
from riskengine.errors import Problem, ProblemError, Source, nearest
from riskengine.logic.conditions import Value
from riskengine.pack import schema
from riskengine.pack.answers import check_value
from riskengine.pack.files import MAX_FILE_BYTES, files_of_tests
from riskengine.pack.gates import asked
from riskengine.pack.model import STATES, Pack, Rule, State
from riskengine.pack.nodes import MappingNode, Node, ScalarNode, SequenceNode, locate, plain, quoted, shown
from riskengine.pack.read import is_folder
from riskengine.pack.shapes import read_model
from riskengine.pack.source import read_bytes, read_yaml

__all__ = ["Bounds", "ExpectedState", "ProjectTest", "own_rules", "read_tests"]

_STATE_KEYS: Sequence[State] = tuple(STATES.values())
_NUMBER_KEYS = ("probability", "risk_level")
_EXPECTED_WORDS = ", ".join(f"`{key}`" for key in (*_STATE_KEYS, _NUMBER_KEYS[0])) + f" or `{_NUMBER_KEYS[1]}`"


@dataclass(frozen=True, slots=True)
class ExpectedState:
    """The state that a rule shall be in, and where that is written."""

    rule: str
    state: State
    source: Source


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between what the probability shall lie, bounds included, and where that is written."""

    at_least: float | None
    at_most: float | None
    source: Source


@dataclass(frozen=True, slots=True)
class ProjectTest:
    """A project's answers, and what shall be found in it.

    Attributes:
        name: The name of a test; of an example, its rule and its number.
        answers: Typed answers; questions not named are unknown.
        states: The states that rules shall be in.
        probability: Where the probability shall lie.
        risk_level: The risk level that shall come out, and where that is written.
        source: Where the test stands.
        example_of: The rule whose example it is, if it is one.
    """

    name: str
    answers: Answers
    states: tuple[ExpectedState, ...]
    probability: Bounds | None
    risk_level: tuple[str, Source] | None
    source: Source
    example_of: str | None = None

    @property
    def has_numbers(self) -> bool:
        """Whether more than the states of rules is expected."""
        return self.probability is not None or self.risk_level is not None


def own_rules(pack: Pack) -> tuple[Rule, ...]:
    """Give the rules that a pack wrote itself, not those of a pack that it extends."""
    own = f"{pack.name} {pack.version}"
    return tuple(rule for rule in pack.rules if rule.origin == own)


def read_tests(pack: Pack, path: Path) -> tuple[ProjectTest, ...]:
    """Give the tests of a pack: the examples of its own rules, then the entries of its `*.test.yaml` files.

    Args:
        pack: The pack; the answers of its examples are checked already.
        path: Its folder, or its one-file JSON, which has no such files.

    Raises:
        ProblemError: with everything that is wrong in all files of tests.
    """
    tests = [_example(pack, rule, number) for rule in own_rules(pack) for number in range(len(rule.examples))]
    problems: list[Problem] = []
    for file in files_of_tests(path) if is_folder(path) else ():
        tests += _FileReader(pack, file, problems).read()
    if problems:
        raise ProblemError(problems)
    return tuple(tests)


def _example(pack: Pack, rule: Rule, number: int) -> ProjectTest:
    example = rule.examples[number]
    values = {name: check_value(pack.question[name], raw, example.source)[0] for name, raw in example.answers}
    return ProjectTest(
        name=f"{rule.id}, example {number + 1}",
        answers=_answers(pack, values),
        states=(ExpectedState(rule.id, example.state, example.source),),
        probability=None,
        risk_level=None,
        source=example.source,
        example_of=rule.id,
    )


def _answers(pack: Pack, values: dict[str, Value]) -> Answers:
    known = {question.id: values[question.id] for question in pack.questions if values.get(question.id) is not None}
    return Answers(known)


class _FileReader:
    """Reads one file; a mistake in one entry leaves the others, and what else is wrong in the entry is found too."""

    def __init__(self, pack: Pack, path: Path, problems: list[Problem]) -> None:
        self._pack = pack
        self._path = path
        self._all = problems
        self._problems: list[Problem] = []
        self._names: dict[str, Source] = {}

    def read(self) -> list[ProjectTest]:
        tests = [test for node in self._entries() if (test := self._test(node)) is not None]
        self._all += sorted(self._problems, key=lambda one: (one.source.line or 0, one.source.column or 0))
        return tests

    def _wrong(self, code: str, message: str, right: str, source: Source, value: str | None = None) -> None:
        # what has the wrong shape needs no second problem at the same place
        if not any(one.source == source for one in self._problems):
            self._problems.append(Problem(code, message, right, source, value))

    def _entries(self) -> tuple[Node, ...]:
        name = str(self._path)
        try:
            node = read_yaml(read_bytes(self._path, limit=MAX_FILE_BYTES), name, aliases=True, twice=self._problems)
        except ProblemError as error:
            self._problems += error.problems
            return ()
        if not isinstance(node, MappingNode):
            what = "is empty" if node is None else f"holds {quoted(node)} at the top"
            self._wrong("RE-104", f"this file {what}", "a file of tests is a mapping: `tests:`", Source(name, 1, 1))
            return ()
        listed = node.get("tests")
        if not isinstance(listed, SequenceNode):
            read_model(schema.ProjectTestFile, node, self._problems)
            return ()
        entries = tuple((key, _NO_ITEMS if value is listed else value) for key, value in node.entries)
        read_model(schema.ProjectTestFile, MappingNode(entries, node.source), self._problems)
        return listed.items

    def _test(self, node: Node) -> ProjectTest | None:
        before = len(self._problems)
        model, _ = read_model(schema.ProjectTestModel, node, self._problems)
        if not isinstance(node, MappingNode):
            return None
        values = self._values(node)
        states = tuple(self._states(node))
        risk_level = self._risk_level(node)
        self._name(node)
        self._something(node)
        if model is None:
            return None
        probability = self._probability(model.probability, node)
        if len(self._problems) > before:
            return None
        return ProjectTest(model.name, _answers(self._pack, values), states, probability, risk_level, node.source)

    def _name(self, node: MappingNode) -> None:
        name = node.get("name")
        if not isinstance(name, ScalarNode) or not isinstance(name.value, str):
            return
        first = self._names.setdefault(name.value, name.source)
        if first is not name.source:
            right = f"choose another name; the first is in line {first.line}"
            self._wrong("RE-255", f"two tests are called `{shown(name)}`", right, name.source, shown(name))

    def _something(self, node: MappingNode) -> None:
        if not any(node.get(key) is not None for key in (*_STATE_KEYS, *_NUMBER_KEYS)):
            self._wrong("RE-252", "this test expects nothing", f"say {_EXPECTED_WORDS}", node.source)

    # --- answers -------------------------------------------------------------------------------------------

    def _values(self, test: MappingNode) -> dict[str, Value]:
        node = test.get("answers")
        values: dict[str, Value] = {}
        keys: dict[str, ScalarNode] = {}
        for key, value in node.entries if isinstance(node, MappingNode) else ():
            question = self._pack.question.get(key.text)
            if question is None:
                right = nearest(key.text, list(self._pack.question)) or "questions are declared in the questionnaire"
                self._wrong("RE-201", f"unknown question `{shown(key)}`", right, key.source, shown(key))
                continue
            values[question.id], problem = check_value(question, plain(value), value.source)
            keys[question.id] = key
            if problem is not None:
                self._problems.append(problem)
        self._behind_gates(values, keys)
        return values

    def _behind_gates(self, values: dict[str, Value], keys: dict[str, ScalarNode]) -> None:
        state = asked(self._pack, values)
        for question, key in keys.items():
            if values[question] is not None and state[question] is False:
                gates = ", ".join(f"`{gate}`" for gate in self._pack.gate_questions[question] if gate in values)
                message = f"`{question}` is not asked on these answers"
                right = f"that follows from {gates}; leave the answer out, or change what it follows from"
                self._wrong("RE-251", message, right, key.source, question)

    # --- what is expected ----------------------------------------------------------------------------------

    def _states(self, test: MappingNode) -> Iterator[ExpectedState]:
        first: dict[str, Source] = {}
        for state in _STATE_KEYS:
            listed = test.get(state)
            for node in listed.items if isinstance(listed, SequenceNode) else ():
                if not isinstance(node, ScalarNode):
                    continue
                if node.text not in self._pack.rule:
                    right = nearest(node.text, list(self._pack.rule)) or "the id of a rule, as `rules check` knows it"
                    self._wrong("RE-250", f"unknown rule `{shown(node)}`", right, node.source, shown(node))
                elif node.text in first:
                    right = f"a rule has one state; it is named in line {first[node.text].line} already"
                    self._wrong("RE-253", f"`{node.text}` is named twice", right, node.source, node.text)
                else:
                    first[node.text] = node.source
                    yield ExpectedState(node.text, state, node.source)

    def _probability(self, bounds: schema.BoundsModel | None, test: MappingNode) -> Bounds | None:
        if bounds is None:
            return None
        node = locate(test, ["probability"])[0]
        if bounds.at_least is None and bounds.at_most is None:
            self._wrong("RE-252", "`probability` without a bound", "say `at_least`, `at_most` or both", node.source)
        elif bounds.at_least is not None and bounds.at_most is not None and bounds.at_least > bounds.at_most:
            message = f"no probability is at least {bounds.at_least:g} and at most {bounds.at_most:g}"
            self._wrong("RE-254", message, "exchange the two", node.source)
        return Bounds(bounds.at_least, bounds.at_most, node.source)

    def _risk_level(self, test: MappingNode) -> tuple[str, Source] | None:
        node = test.get("risk_level")
        if not isinstance(node, ScalarNode) or node.value is None:
            return None
        known = [level.id for level in self._pack.risk_levels]
        if node.text not in known:
            self._wrong("RE-250", f"unknown risk level `{shown(node)}`", nearest(node.text, known), node.source)
        return node.text, node.source


_NO_ITEMS = SequenceNode((), Source())
