"""Questions whose worse answer can lower the risk: proved by the form of the conditions, or else decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import z3

from riskengine.authoring.chains import built_on
from riskengine.authoring.lint.levels import gaps
from riskengine.authoring.lint.subject import Subject
from riskengine.authoring.notation import listed
from riskengine.authoring.polarity import polarities
from riskengine.authoring.projects import few, from_best_to_worst
from riskengine.authoring.solver import Encoding, Verdict
from riskengine.authoring.worlds import Worlds
from riskengine.engines.forward import BUILT_IN
from riskengine.errors import Problem
from riskengine.logic.conditions import NOT_APPLICABLE, Value
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Question, Rule

__all__ = ["lowered"]

_LEAST = 1e-6
"""The smallest difference of two sums of weights that is one."""


@dataclass(frozen=True, slots=True)
class _Drop:
    """A project in which a worse answer lowers the risk.

    Attributes:
        better: The answer to begin with.
        worse: The worse one.
        by: What is lost, in weights.
        project: The other answers.
    """

    better: Value
    worse: Value
    by: float
    project: Mapping[str, Value]


def lowered(subject: Subject) -> Iterator[Problem]:
    """Find questions with a direction of which a worse answer can give a lower probability (RE-235)."""
    # a gap between levels is reported as such
    reported = {problem.value for problem in gaps(subject)}
    for question in subject.pack.questions:
        if question.worse != "none" and question.id not in reported:
            search = _Search(subject, question)
            if search.doubtful:
                yield from search.problems()


class _Search:
    """Looks at the groups of rules that the answer to one question can matter to."""

    def __init__(self, subject: Subject, question: Question) -> None:
        self.subject = subject
        self.question = question
        self.groups = subject.weights.groups_of(question.id)
        self.numbers = subject.edges[question.id]
        # a group that no worse answer can lower needs no further look
        turns = polarities(subject.pack, question.id, self.numbers)
        self.doubtful = [
            members for members in self.groups if any(turns[rule.id] not in (0, _sign(rule)) for rule in members)
        ]

    def problems(self) -> Iterator[Problem]:
        drop = self._seen(self.subject.unusual) or self._seen(self.subject.ordinary)
        found = self._decided() if drop is None else drop
        if isinstance(found, _Drop):
            yield from self._report(found)
        elif found is None and self.subject.own_among(*(rule for members in self.doubtful for rule in members)):
            yield self.subject.undecided(self.question, "whether a worse answer can lower the risk")

    # --- looking at projects -----------------------------------------------------------------------------------

    def _seen(self, worlds: Worlds) -> _Drop | None:
        """Find the largest drop between two answers, one beside the other, among projects at hand."""
        answers = from_best_to_worst(self.question, few(self.numbers))
        sums = self.subject.weights.by_answer(worlds, self.question.id, answers)
        drops = [
            (before[place] - after[place], -step, -place)
            for step, (before, after) in enumerate(pairwise(sums))
            for place in range(worlds.size)
            if before[place] - after[place] > _LEAST
        ]
        if not drops:
            return None
        by, step, place = max(drops)
        project = {one.id: worlds.answer(one.id, -place) for one in self.subject.pack.questions}
        return _Drop(answers[-step], answers[-step + 1], by, project)

    # --- deciding ----------------------------------------------------------------------------------------------

    def _decided(self) -> _Drop | bool | None:
        """Find a drop in any project, or prove that there is none (`False`)."""
        if self.subject.solver.is_late:
            return None
        base = self.subject.solver.encoding
        other = Encoding(self.subject.pack, shared=base, own=[self.question.id], mark="*")
        undecided = False
        for step in self._steps(base, other):
            found = self._decided_step(base, other, step)
            if isinstance(found, _Drop):
                return found
            undecided = undecided or found is None
        return None if undecided else False

    def _steps(self, base: Encoding, other: Encoding) -> Iterator[list[z3.BoolRef]]:
        """Give the steps from one answer to the next worse one."""
        id, worse = self.question.id, self.question.worse
        known = [one.applies(id) for one in (base, other)]
        if self.question.type == "number":
            low, high = (base, other) if worse == "high" else (other, base)
            yield [*known, low.number(id) < high.number(id)]
            return
        levels = self.question.level_ids
        for better, after in pairwise(from_best_to_worst(self.question, ())):
            places = (levels.index(str(better)), levels.index(str(after)))
            yield [*known, base.is_level(id, places[0]), other.is_level(id, places[1])]

    def _decided_step(self, base: Encoding, other: Encoding, step: Sequence[z3.BoolRef]) -> _Drop | bool | None:
        # where all others can only rise, those in doubt must fall on the whole; and that is far quicker to refute
        verdict = Verdict(None)
        for groups in (self.doubtful, self.groups):
            conditions = [rule.when for members in groups for rule in members]
            if self.question.ask_when is not None:
                conditions.append(self.question.ask_when)
            falls = self._sum(other, groups) < self._sum(base, groups)
            verdict = self.subject.solver.check([*step, base.asked(self.question.id), falls], conditions, [base, other])
            if not verdict.possible:
                return verdict.possible
        return self._drop_in(*verdict.projects)

    def _sum(self, encoding: Encoding, groups: Sequence[Sequence[Rule]]) -> z3.ArithRef:
        """Give the sum of the weights that count, in z3: of each group that of the heaviest rule that fires."""
        values = []
        for members in groups:
            value = encoding.constant(0)
            for rule in reversed(members):
                value = z3.If(encoding.condition(rule.when), encoding.constant(rule.weight or 0.0), value)
            values.append(value)
        return z3.Sum(values)

    def _drop_in(self, before: Mapping[str, Value], after: Mapping[str, Value]) -> _Drop | None:
        """Measure the drop that z3 found, by the numbers that executors use."""
        pack, id = self.subject.pack, self.question.id
        project = {one.id: from_best_to_worst(one, self.subject.edges[one.id])[0] for one in pack.questions}
        project |= {**after, **before}
        both = Worlds(pack, [project, {**project, id: after[id]}])
        one, two = self.subject.weights.raw(both, self.groups)
        return _Drop(before[id], after[id], one - two, project) if one - two > _LEAST else None

    # --- reporting ---------------------------------------------------------------------------------------------

    def _report(self, drop: _Drop) -> Iterator[Problem]:
        losers = self._losers(drop)
        own = self.subject.own_among(*losers)
        if own:
            rule = own[0]
            where = listed(f"`{name}: {_shown(value)}`" for name, value in self._needed(rule, drop).items())
            message = (
                f"`{rule.id}`: a worse answer to `{self.question.id}` lowers the risk: from `{_shown(drop.better)}` to "
                f"`{_shown(drop.worse)}` takes {drop.by:.2g} off{f', for example where {where}' if where else ''}"
            )
            right = (
                f"let the rule hold for all worse answers too, or for all better ones if it protects; "
                f"or say `worse: none` of `{self.question.id}`"
            )
            yield Problem("RE-235", message, right, self.subject.place(rule, "when"), self.question.id)

    def _losers(self, drop: _Drop) -> list[Rule]:
        """Give the rules that turn the wrong way: a risk that no longer counts, a protection that now does."""
        pack, id = self.subject.pack, self.question.id
        before, after = (Worlds(pack, [{**drop.project, id: answer}]) for answer in (drop.better, drop.worse))
        found = []
        for members in self.groups:
            counted = [one.counted([rule.id for rule in members]) for one in (before, after)]
            sums = [sum(counts[rule.id] * (rule.weight or 0.0) for rule in members) for counts in counted]
            if sums[1] < sums[0] - _LEAST:
                turned = [rule for rule in members if counted[1][rule.id] - counted[0][rule.id] == -_sign(rule)]
                found += turned
        return sorted(found, key=pack.rules.index)

    def _needed(self, rule: Rule, drop: _Drop) -> dict[str, Value]:
        """Give as few of the other answers as will do for the rule to turn."""
        pack, id = self.subject.pack, self.question.id
        chain = {*built_on(pack, rule.when), rule.id}
        small = replace(pack, rules=tuple(one for one in pack.rules if one.id in chain))

        def states(answers: Mapping[str, Value]) -> list[bool | None]:
            both = ({**answers, id: drop.better}, {**answers, id: drop.worse})
            return [BUILT_IN.findings(small, one).rules[rule.id] for one in both]

        kept = {one: drop.project[one] for one in pack.depends_on[rule.id] if one != id}
        turn = states(kept)
        for one in reversed(tuple(kept)):
            fewer = {name: value for name, value in kept.items() if name != one}
            if states(fewer) == turn:
                kept = fewer
        return kept


def _sign(rule: Rule) -> int:
    weight = rule.weight or 0.0
    return (weight > 0) - (weight < 0)


def _shown(value: Value) -> str:
    if value is NOT_APPLICABLE:
        return NOT_APPLICABLE_LEVEL
    return f"{value:g}" if isinstance(value, float) else str(value)
