"""Rules that others make superfluous: one that never counts, and two that are the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from riskengine.authoring.lint.subject import Subject
from riskengine.authoring.notation import listed
from riskengine.errors import Problem
from riskengine.logic.conditions import Any, Not
from riskengine.pack.model import Rule

__all__ = ["outweighed", "same"]


def outweighed(subject: Subject) -> Iterator[Problem]:
    """Find rules that add nothing to what others do (RE-225).

    Of a group, one that fires only where a heavier one fires too. Of rules that only conclude, one that fires only
    where others conclude the same.
    """
    for members in subject.pack.groups:
        for place, rule in enumerate(members):
            if place > 0:
                heavier = members[:place]
                what = "a heavier one of its group fires"
                yield from _superfluous(subject, rule, heavier, f"`{rule.id}` never counts", what)
    yield from _needless_conclusions(subject)


def _needless_conclusions(subject: Subject) -> Iterator[Problem]:
    pack = subject.pack
    needless: set[str] = set()
    for rule in reversed(pack.rules):
        if rule.concludes is None or rule.weight != 0:
            continue
        others = [
            pack.rule[one] for one in pack.rules_concluding[rule.concludes] if one not in needless and one != rule.id
        ]
        what = f"`{rule.concludes}` is concluded anyway"
        for problem in _superfluous(subject, rule, others, f"`{rule.id}` adds nothing", what):
            needless.add(rule.id)
            yield problem


def _superfluous(subject: Subject, rule: Rule, others: Sequence[Rule], effect: str, what: str) -> Iterator[Problem]:
    if not others or not subject.own_among(rule, *others) or subject.can_hold(rule.when) is False:
        return
    alone = subject.can_hold(rule.when, Not(Any(tuple(other.when for other in others))))
    if alone is None:
        yield subject.undecided(rule, f"whether, wherever it fires, {what}")
    elif not alone:
        by = [f"`{one.id}`" for one in others]
        message = f"{effect}: wherever it fires, {what} ({listed(by, 'or')})"
        right = "make its condition wider than theirs, change the weights, or remove it"
        yield Problem("RE-225", message, right, subject.place(rule, "when"), rule.id)


def same(subject: Subject) -> Iterator[Problem]:
    """Find two rules of a kind that fire in exactly the same projects (RE-226)."""
    alike: dict[tuple[bool, int, int], list[Rule]] = {}
    for rule in subject.pack.rules:
        fires = (subject.unusual.rule(rule.id), subject.ordinary.rule(rule.id))
        if rule.weight != 0 and any(fires):
            first = _same_as(subject, rule, alike.setdefault((rule.warns is not None, *fires), []))
            if isinstance(first, Problem):
                yield first
            elif first is not None:
                yield _same(subject, rule, first)


def _same_as(subject: Subject, rule: Rule, earlier: list[Rule]) -> Rule | Problem | None:
    """Find an earlier rule that is the same, or report that it is not known whether there is one."""
    for other in earlier:
        if rule.group_key == other.group_key or not subject.own_among(rule, other):
            continue
        differ = [subject.can_hold(one.when, Not(two.when)) for one, two in ((rule, other), (other, rule))]
        if not any(differ):
            if None in differ:
                return subject.undecided(rule, f"whether it is the same as `{other.id}`")
            return other
    earlier.append(rule)
    return None


def _same(subject: Subject, rule: Rule, first: Rule) -> Problem:
    twice = "warns twice of one thing" if rule.warns is not None else "counts one thing twice"
    message = f"`{rule.id}` fires in the same projects as `{first.id}`, which {twice}"
    right = "keep one of the two, or make their conditions differ"
    return Problem("RE-226", message, right, subject.place(rule, "when"), rule.id)
