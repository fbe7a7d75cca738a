"""Examples and tests held against the pack: what they exercise, what is missing, and which of them do not count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from riskengine.authoring.coverage.disjuncts import Disjunct, disjuncts_of, places_of_parts
from riskengine.authoring.coverage.found import Found
from riskengine.authoring.places import Places
from riskengine.authoring.testing.project_tests import ProjectTest, own_rules, read_tests
from riskengine.errors import Source
from riskengine.logic.conditions import NotApplicable, Value
from riskengine.pack.files import pack_files
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, STATES, Pack, Question, Rule, State
from riskengine.pack.read import is_folder, read_pack

__all__ = ["ANY_NUMBER", "Coverage", "DisjunctCovered", "LevelCovered", "RuleCovered", "Share", "Uncounted", "measure"]

ANY_NUMBER = "a number"
"""What stands for the levels of a question that is answered by a number."""


@dataclass(frozen=True, slots=True)
class DisjunctCovered:
    """A disjunct, where it stands, and whether some example or test turns on it."""

    disjunct: Disjunct
    source: Source
    covered: bool


@dataclass(frozen=True, slots=True)
class RuleCovered:
    """A rule, the states that examples and tests state of it, and its disjuncts."""

    rule: Rule
    states: frozenset[State]
    disjuncts: tuple[DisjunctCovered, ...]

    @property
    def covered(self) -> bool:
        """Whether it is shown both firing and ruled out."""
        return {"fires", "ruled_out"} <= self.states


@dataclass(frozen=True, slots=True)
class LevelCovered:
    """An answer that a question may have, and whether some example or test gives it."""

    question: Question
    level: str
    source: Source
    covered: bool


@dataclass(frozen=True, slots=True)
class Uncounted:
    """An example or test that does not count, and why: it fails, or answers a question that would not be asked.

    Attributes:
        test: The example or test.
        question: The question that would not be asked; `None` if the test fails.
        gates: The questions that its being asked depends on, and that the test leaves open; none if it is certain
            that it is not asked.
    """

    test: ProjectTest
    question: str | None = None
    gates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    covered: int
    total: int

    @property
    def percent(self) -> float:
        """The share in per cent; 100 where there is nothing to cover."""
        return 100 * self.covered / self.total if self.total else 100.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the examples and tests of a pack exercise.

    Attributes:
        pack: The pack.
        path: Its folder, or its one-file JSON.
        counted: How many examples and tests count.
        rules: Its own rules.
        levels: The levels of its own questions.
        uncounted: The examples and tests that do not count.
    """

    pack: Pack
    path: Path
    counted: int
    rules: tuple[RuleCovered, ...]
    levels: tuple[LevelCovered, ...]
    uncounted: tuple[Uncounted, ...]

    @property
    def files(self) -> tuple[str | None, ...]:
        """The files that its rules and questions stand in, in pack order."""
        places = [*(one.rule.source for one in self.rules), *(one.question.source for one in self.levels)]
        return tuple(dict.fromkeys(place.file for place in places))

    def of_file(self, file: str | None) -> Coverage:
        """Give the part that is about one file."""
        rules = tuple(one for one in self.rules if one.rule.source.file == file)
        levels = tuple(one for one in self.levels if one.question.source.file == file)
        return Coverage(self.pack, self.path, self.counted, rules, levels, ())

    def rules_in(self, state: State) -> Share:
        """Give the share of rules that are shown in a state."""
        return Share(sum(state in one.states for one in self.rules), len(self.rules))

    @property
    def shares(self) -> Mapping[str, Share]:
        """The shares that a threshold applies to: rules in both states, disjuncts, and levels."""
        disjuncts = [one.covered for rule in self.rules for one in rule.disjuncts]
        levels = [one.covered for one in self.levels]
        return {
            "rules": Share(sum(one.covered for one in self.rules), len(self.rules)),
            "disjuncts": Share(sum(disjuncts), len(disjuncts)),
            "levels": Share(sum(levels), len(levels)),
        }

    def below(self, percent: float) -> tuple[str, ...]:
        """Name the shares that are under a threshold."""
        return tuple(name for name, share in self.shares.items() if share.percent < percent)


def measure(path: Path) -> Coverage:
    """Measure what a pack's examples and tests exercise of its own rules and questions.

    A state of a rule counts where an example of that rule, or a test that names it, states it: what merely happens to
    fire would not be missed. An example or test that fails, or that answers a question which the questionnaire would
    not ask on these answers, counts for nothing.

    Args:
        path: The folder of the pack, or its one-file JSON.

    Raises:
        ProblemError: with everything that is wrong with the pack, or with its tests.
    """
    pack = read_pack(path, states=False)
    tests = read_tests(pack, path)
    shown = _Shown(pack)
    uncounted = [reason for test in tests if (reason := shown.add(test)) is not None]
    places = Places()
    return Coverage(
        pack=pack,
        path=path,
        counted=len(tests) - len(uncounted),
        rules=tuple(_rule(rule, shown, places) for rule in own_rules(pack)),
        levels=tuple(one for question in _own_questions(pack, path) for one in _levels(question, shown, places)),
        uncounted=tuple(uncounted),
    )


@dataclass(slots=True)
class _Shown:
    """What the tests that count show of a pack."""

    pack: Pack
    states: dict[str, set[State]] = field(default_factory=dict)
    found: dict[str, list[Found]] = field(default_factory=dict)
    answers: dict[str, set[Value]] = field(default_factory=dict)

    def add(self, test: ProjectTest) -> Uncounted | None:
        """Take in a test, or say why it does not count."""
        values = test.answers.values
        found = Found(self.pack, values)
        for question in values:
            if not found.asked[question]:
                gates = self.pack.gate_questions[question] if found.asked[question] is None else ()
                return Uncounted(test, question, tuple(gate for gate in gates if gate not in values))
        if any(STATES[found.rules[one.rule]] != one.state for one in test.states):
            return Uncounted(test)
        for one in test.states:
            self.states.setdefault(one.rule, set()).add(one.state)
            self.found.setdefault(one.rule, []).append(found)
        for question, value in values.items():
            self.answers.setdefault(question, set()).add(value)
        return None


def _rule(rule: Rule, shown: _Shown, places: Places) -> RuleCovered:
    found = shown.found.get(rule.id, ())
    entry = places.entry(rule)
    when = None if entry is None else entry.get("when")
    where = {} if when is None else places_of_parts(when)
    return RuleCovered(
        rule=rule,
        states=frozenset(shown.states.get(rule.id, ())),
        disjuncts=tuple(
            DisjunctCovered(
                one,
                where.get((one.path, one.place), rule.source),
                any(each.turns_on(one, rule.when) for each in found),
            )
            for one in disjuncts_of(rule.when)
        ),
    )


def _levels(question: Question, shown: _Shown, places: Places) -> Iterator[LevelCovered]:
    given = shown.answers.get(question.id, set())
    for level in question.level_ids:
        yield LevelCovered(question, level, places.of(question, "levels", level), level in given)
    if question.type == "number":
        yield LevelCovered(question, ANY_NUMBER, question.source, any(isinstance(one, float) for one in given))
    if question.may_not_apply:
        applies_not = any(isinstance(one, NotApplicable) for one in given)
        yield LevelCovered(question, NOT_APPLICABLE_LEVEL, question.source, applies_not)


def _own_questions(pack: Pack, path: Path) -> Sequence[Question]:
    """Give the questions that stand in the files of the pack itself; a one-file JSON has no others."""
    if not is_folder(path):
        return pack.questions
    own = {str(file) for file in pack_files(path)}
    return [question for question in pack.questions if question.source.file in own]
