"""Proofs: the answers, none superfluous, that put a rule in its state, and the conclusions between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from riskengine.assessment.reference import quantile
from riskengine.logic.conditions import NOT_APPLICABLE, Test, Value, walk
from riskengine.logic.rails import close
from riskengine.pack.facts import facts_of, rails_of
from riskengine.pack.model import Pack, Question

__all__ = ["Proof", "possible_answers", "prove"]


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a rule is in its state.

    Attributes:
        answers: The questions whose answers decide it, in pack order; none can be left out.
        steps: The rules whose conclusions lead there, in order of derivation, each decided by these answers
            alone; the rule itself is the last.
        open: Of a possible finding, the open questions that can decide it.
    """

    answers: tuple[str, ...]
    steps: tuple[str, ...]
    open: tuple[str, ...]


def prove(pack: Pack, answers: Mapping[str, Value], rule: str) -> Proof:
    """Find the proof of a rule's state, on the built-in closure.

    Of a rule that fires or is ruled out: start from all answers it depends on, go from the last question to the
    first, and drop each one without which the state is the same. What is known only grows with answers, so one
    pass leaves none that could be dropped.

    Of a possible one: the open questions for which some answer, the rest left open, decides it; if none does
    alone, all open ones that it depends on.

    Args:
        pack: The pack.
        answers: Typed values by question.
        rule: The rule's id.
    """
    relevant = {question: answers[question] for question in pack.depends_on[rule] if answers.get(question) is not None}
    state = _state(pack, relevant, rule)
    if state is None:
        return Proof((), (), _open(pack, relevant, rule))
    for question in reversed(pack.depends_on[rule]):
        if question in relevant:
            without = {one: value for one, value in relevant.items() if one != question}
            if _state(pack, without, rule) is state:
                relevant = without
    return Proof(tuple(relevant), tuple(_steps(pack, relevant, rule)), ())


def _state(pack: Pack, answers: Mapping[str, Value], rule: str) -> bool | None:
    rails = rails_of(pack)
    return close(rails, facts_of(pack, answers)).state(rails.rules[rule])


def _steps(pack: Pack, answers: Mapping[str, Value], rule: str) -> Iterator[str]:
    """Give the rules between the answers and the rule, in order of derivation."""
    rails = rails_of(pack)
    closure = close(rails, facts_of(pack, answers))
    needed = {rule}
    for one in reversed(pack.rule_order):
        if one in needed:
            for conclusion in pack.conclusions_read[one]:
                if closure.state(rails.conclusions[conclusion]) is not None:
                    needed.update(
                        other
                        for other in pack.rules_concluding[conclusion]
                        if closure.state(rails.rules[other]) is closure.state(rails.conclusions[conclusion])
                    )
    return (one for one in pack.rule_order if one in needed)


def _open(pack: Pack, answers: Mapping[str, Value], rule: str) -> tuple[str, ...]:
    unanswered = [question for question in pack.depends_on[rule] if question not in answers]
    deciding = [
        question
        for question in unanswered
        if any(
            _state(pack, {**answers, question: value}, rule) is not None
            for value in possible_answers(pack, pack.question[question])
        )
    ]
    return tuple(deciding) or tuple(_undecided(pack, answers, rule, unanswered))


def _undecided(pack: Pack, answers: Mapping[str, Value], rule: str, unanswered: Sequence[str]) -> Iterator[str]:
    """Give the open questions below the nodes of the rule that are still undecided."""
    rails = rails_of(pack)
    closure = close(rails, facts_of(pack, answers))
    literals = dict(rails.tests)
    needed: set[str] = set()
    rules = [rule]
    seen = set(rules)
    while rules:
        one = rules.pop()
        for node in walk(pack.rule[one].when):
            if isinstance(node, Test):
                gates = (gate for q in pack.questions_of[node.about] for gate in pack.gate_questions[q])
                if closure.state(literals[node]) is None:
                    needed.update(pack.questions_of[node.about], gates)
                elif closure.state(literals[node]):
                    needed.update(gates)
        for conclusion in pack.conclusions_read[one]:
            if closure.state(rails.conclusions[conclusion]) is None:
                others = [other for other in pack.rules_concluding[conclusion] if other not in seen]
                seen.update(others)
                rules += [other for other in others if closure.state(rails.rules[other]) is None]
    return (question for question in unanswered if question in needed)


def possible_answers(pack: Pack, question: Question) -> tuple[Value, ...]:
    """Give the answers that can make a difference.

    For a choice all its levels; for a number its bounds, the numbers it is compared with, points between them,
    and the declared quantiles, by which quantities are moved; `NOT_APPLICABLE` last, where it may be said.
    """
    found: list[Value] = []
    if question.type == "number":
        assert question.minimum is not None and question.maximum is not None
        compared = sorted({question.minimum, question.maximum, *_thresholds(pack).get(question.id, ())})
        between = [(low + high) / 2 for low, high in pairwise(compared)]
        points = {*compared, *between, *(quantile(question, percent / 20) for percent in range(21))}
        found += sorted(points)
    else:
        found += question.level_ids
    return (*found, NOT_APPLICABLE) if question.may_not_apply else tuple(found)


def _thresholds(pack: Pack) -> Mapping[str, set[float]]:
    found: dict[str, set[float]] = {}
    for test, _ in rails_of(pack).tests:
        values = test.value if isinstance(test.value, tuple) else (test.value,)
        found.setdefault(test.about, set()).update(value for value in values if isinstance(value, float))
    return found
