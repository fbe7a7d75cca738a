"""Two weights for what is probably one thing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from riskengine.authoring.chains import built_on
from riskengine.authoring.lint.levels import graded_by
from riskengine.authoring.lint.subject import ORDINARY, Subject
from riskengine.errors import Problem
from riskengine.pack.model import Rule

__all__ = ["counted_twice"]

COINCIDENCE = 0.8
"""Of the ordinary projects in which one of two rules fires, the share in which both do, from which on they coincide."""

FEWEST = ORDINARY // 100
"""Projects in which both fire, below which a coincidence may be chance."""


def counted_twice(subject: Subject) -> Iterator[Problem]:
    """Find two rules of one sign that probably count one thing twice, with no group and no conclusion (RE-234).

    Either both grade one question, and one fires wherever the other does; or they nearly always fire together.
    """
    pack = subject.pack
    # one that fires in every project coincides with whatever is frequent, and is reported for that
    every = subject.unusual.every
    weighed = [rule for rule in pack.rules if rule.weight and subject.unusual.rule(rule.id) != every]
    chains = {rule.id: frozenset(built_on(pack, rule.when)) for rule in weighed}
    graded = {rule.id: graded_by(pack, rule.when) for rule in weighed}
    for one, other in combinations(weighed, 2):
        joined = one.group_key == other.group_key or one.id in chains[other.id] or other.id in chains[one.id]
        if joined or _sign(one) != _sign(other) or not subject.own_among(one, other):
            continue
        question = graded[one.id]
        if question is not None and question == graded[other.id]:
            found = _graded(subject, one, other, question)
        else:
            found = _coincidence(subject, one, other)
        if found is not None:
            right = "put them into one `group`, build one on a conclusion of the other, or make their conditions differ"
            last = subject.own_among(one, other)[-1]
            yield Problem("RE-234", found, right, subject.place(last, "when"), last.id)


def _sign(rule: Rule) -> bool:
    return rule.weight is not None and rule.weight > 0


def _graded(subject: Subject, one: Rule, other: Rule, question: str) -> str | None:
    """Describe two rules on one question, of which one fires wherever the other does, but not the reverse."""
    first, second = subject.unusual.rule(one.id), subject.unusual.rule(other.id)
    if first & second not in (first, second) or first == second or not first & second:
        return None
    return f"`{other.id}` and `{one.id}` grade one question, `{question}`, and both count where the narrower one fires"


def _coincidence(subject: Subject, one: Rule, other: Rule) -> str | None:
    """Describe two rules that nearly always fire together; two that always do are reported as such."""
    first, second = subject.ordinary.rule(one.id), subject.ordinary.rule(other.id)
    both, either = (first & second).bit_count(), (first | second).bit_count()
    if both < FEWEST or both < COINCIDENCE * either:
        return None
    if first == second and subject.unusual.rule(one.id) == subject.unusual.rule(other.id):
        return None
    share = f"{both / either:.0%} of the ordinary projects in which one of them does"
    return f"`{other.id}` and `{one.id}` fire together in {share}"
