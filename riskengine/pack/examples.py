"""Chains of conclusions that bite their own tail, and examples that contradict their rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from riskengine.errors import Problem, nearest
from riskengine.logic.conditions import Test, Value, walk
from riskengine.logic.rails import close
from riskengine.pack.answers import check_value
from riskengine.pack.cycles import find_cycles
from riskengine.pack.doubts import KEY, Doubts, Place
from riskengine.pack.facts import facts_of, rails_of
from riskengine.pack.model import STATES, Example, Pack, Rule

__all__ = ["check_chains", "check_examples"]

MAX_CYCLES = 20


def check_chains(pack: Pack, place: Place) -> tuple[set[str], list[Problem]]:
    """Find rules that are reasons for themselves.

    Returns:
        The ids of rules in a circle, and one problem for each circle.
    """
    before = {
        rule: [other for conclusion in conclusions for other in pack.rules_concluding.get(conclusion, ())]
        for rule, conclusions in pack.conclusions_read.items()
    }
    problems = []
    cycles = find_cycles(before, MAX_CYCLES)
    for cycle in cycles:
        message = f"conclusions form a cycle: {' -> '.join([*cycle, cycle[0]])}"
        right = "a conclusion cannot be a reason for itself, through `not` neither; break the circle"
        problems.append(Problem("RE-205", message, right, place(pack.rule[cycle[0]], "id"), cycle[0]))
    return {rule for cycle in cycles for rule in cycle}, problems


def check_examples(pack: Pack, doubts: Doubts, place: Place, *, states: bool = True) -> Iterator[Problem]:
    """Compare the examples of rules with the states that the rules have on their answers.

    Only of the pack's own rules: in a pack that switches off or adds to what another one concludes, the other's rules
    may rightly be in other states.

    Args:
        pack: The pack.
        doubts: Names and rules whose definition has a problem; what depends on them is left out.
        place: Where a key of a rule stands.
        states: Whether a state that is another is a problem; else only the answers are checked.

    Yields:
        RE-201 and RE-30x for answers that are none, RE-207 for a state that is another.
    """
    sound = _sound(pack, doubts)
    rails = rails_of(sound)
    own = f"{pack.name} {pack.version}"
    for rule in pack.rules:
        if rule.origin != own:
            continue
        for number, example in enumerate(rule.examples):
            answers, problems = _answers(pack, doubts, rule, number, place)
            yield from problems
            if not states or answers is None or rule.id not in sound.rule:
                continue
            state = STATES[close(rails, facts_of(sound, answers)).state(rails.rules[rule.id])]
            if state != example.state:
                message = f"`{rule.id}` is `{state}` on these answers, not `{example.state}`"
                where = place(rule, "examples", number, "state")
                yield Problem("RE-207", message, "change the example or the rule", where, example.state)


def _answers(
    pack: Pack, doubts: Doubts, rule: Rule, number: int, place: Place
) -> tuple[Mapping[str, Value] | None, list[Problem]]:
    example: Example = rule.examples[number]
    answers: dict[str, Value] = {}
    problems: list[Problem] = []
    certain = True
    for name, raw in example.answers:
        question = pack.question.get(name)
        path = ("examples", number, "answers", name)
        if name in doubts.names:
            certain = False
        elif question is None:
            right = nearest(name, list(pack.question)) or "questions are declared in the questionnaire"
            problems.append(Problem("RE-201", f"unknown question `{name}`", right, place(rule, *path, KEY), name))
        else:
            answers[name], problem = check_value(question, raw, place(rule, *path))
            problems += [] if problem is None else [problem]
    return (answers if certain and not problems else None), problems


def _sound(pack: Pack, doubts: Doubts) -> Pack:
    """Give the pack without the rules whose state depends on anything in doubt."""
    kept = {rule.id for rule in pack.rules if not _reads(pack, rule, doubts.names)} - doubts.rules
    while True:
        lost = {rule.concludes for rule in pack.rules if rule.id not in kept} | doubts.names
        sound = {rule for rule in kept if lost.isdisjoint(pack.conclusions_read[rule])}
        if len(sound) == len(kept):
            break
        kept = sound
    if len(kept) == len(pack.rules):
        return pack
    return replace(pack, rules=tuple(rule for rule in pack.rules if rule.id in kept))


def _reads(pack: Pack, rule: Rule, names: set[str]) -> bool:
    """Say whether a rule's own tests, their parts or gates read one of these names."""
    if not names:
        return False
    about = {node.about for node in walk(rule.when) if isinstance(node, Test)}
    questions = set(pack.questions_read(rule.when))
    questions.update(*(pack.gate_questions[one] for one in tuple(questions)))
    return not names.isdisjoint(about | questions)
