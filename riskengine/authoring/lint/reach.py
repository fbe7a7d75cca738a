"""Rules that can never fire or always do, and parts of conditions that cannot hold together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from riskengine.authoring.lint.subject import Subject
from riskengine.authoring.notation import listed, said
from riskengine.errors import Problem
from riskengine.logic.conditions import All, Any, AtLeast, Conclusion, Condition, Not, Test, walk
from riskengine.pack.model import Question, Rule

__all__ = ["contradictions", "unreachable"]


def unreachable(subject: Subject) -> Iterator[Problem]:
    """Find rules that fire in no project (RE-220) or in every one (RE-221), and contradictions in them (RE-224)."""
    for rule in subject.own_rules:
        fires = subject.can_hold(rule.when)
        if fires is None:
            yield subject.undecided(rule, "whether it can ever fire")
            continue
        found = list(_Contradictions(subject, rule, "when", never=not fires).within(rule.when))
        yield from found
        if fires:
            yield from _always(subject, rule)
        elif not found:
            yield _never(subject, rule)


def contradictions(subject: Subject) -> Iterator[Problem]:
    """Find contradictions (RE-224) in the conditions under which questions are asked, or due."""
    for question in subject.own_questions:
        for key, condition in (("ask_when", question.ask_when), ("due_when", question.due_when)):
            if condition is not None:
                never = key == "ask_when" and subject.can_hold(condition) is False
                yield from _Contradictions(subject, question, key, never=never).within(condition)


def _never(subject: Subject, rule: Rule) -> Problem:
    dead = dict.fromkeys(
        node.id for node in walk(rule.when) if isinstance(node, Conclusion) and subject.can_hold(node) is False
    )
    because = f", for {listed(f'`{one}`' for one in dead)} can never hold" if dead else ""
    right = "change its condition, or what it builds on; or remove it"
    return Problem("RE-220", f"`{rule.id}` can never fire{because}", right, subject.place(rule, "when"), rule.id)


def _always(subject: Subject, rule: Rule) -> Iterator[Problem]:
    holds_not = subject.can_hold(Not(rule.when))
    if holds_not is None:
        yield subject.undecided(rule, "whether it always fires")
    elif not holds_not:
        right = "a finding that every project has moves nobody's probability; narrow its condition"
        yield Problem("RE-221", f"`{rule.id}` fires in every project", right, subject.place(rule, "when"), rule.id)


class _Contradictions:
    """Looks through one condition."""

    def __init__(self, subject: Subject, entry: Rule | Question, key: str, *, never: bool) -> None:
        self._subject = subject
        self._entry = entry
        self._key = key
        self._never = never

    def within(self, node: Condition) -> Iterator[Problem]:
        """Find what cannot hold in a condition: the innermost, for what is around it follows."""
        holds = self._subject.can_hold(node)
        parts = _parts(node)
        if holds is None:
            yield self._subject.undecided(self._entry, f"whether {said(node)} can hold")
        elif holds or isinstance(node, Not) or any(self._subject.can_hold(part) is False for part in parts):
            for part in parts:
                yield from self.within(part)
        elif not isinstance(node, Conclusion):
            yield self._problem(node)

    def _problem(self, node: Condition) -> Problem:
        subject, entry = self._subject, self._entry
        end = ""
        if self._never:
            end = ", so the rule never fires" if isinstance(entry, Rule) else ", so the question is never asked"
        parts = self._conflict(node)
        message = f"`{entry.id}`: {listed(map(said, parts))} can {_together(len(parts))}{end}"
        place = subject.place(entry, self._key)
        return Problem("RE-224", message, self._help(parts), place, entry.id)

    def _conflict(self, node: Condition) -> Sequence[Condition]:
        """Give as few parts as will do that already exclude each other."""
        if not isinstance(node, All):
            return [node]
        kept = list(_joined(node))
        for part in tuple(kept):
            fewer = [one for one in kept if one is not part]
            if fewer and self._subject.can_hold(*fewer) is False:
                kept = fewer
        return kept

    def _help(self, parts: Sequence[Condition]) -> str:
        gates = {
            question: gate
            for part in parts
            for question in self._subject.pack.questions_read(part)
            if (gate := self._subject.pack.question[question].ask_when) is not None
        }
        asked = "; ".join(f"`{question}` is asked only under {said(gate)}" for question, gate in gates.items())
        return asked or "widen one of them, join them by `any`, or remove them"


def _joined(node: Condition) -> Iterator[Condition]:
    """Give all that must hold for a condition to hold, through `all` within `all`."""
    if isinstance(node, All):
        for part in node.parts:
            yield from _joined(part)
    else:
        yield node


def _parts(node: Condition) -> Sequence[Condition]:
    match node:
        case All(parts) | Any(parts) | AtLeast(_, parts):
            return parts
        case Not(part):
            return (part,)
        case Test() | Conclusion():
            return ()


def _together(parts: int) -> str:
    if parts == 1:
        return "never hold"
    return "never both hold" if parts == 2 else "never all hold"
