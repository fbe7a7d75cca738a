"""What a rule stands on: its sources, and its examples."""

from __future__ import annotations

import re
from collections.abc import Iterator

from riskengine.authoring.lint.subject import Subject
from riskengine.authoring.notation import listed, said
from riskengine.errors import Problem
from riskengine.logic.conditions import NOT_APPLICABLE, Not, Value
from riskengine.pack.gates import asked
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Example, Rule

__all__ = ["examples", "sources"]

_JUDGEMENT = re.compile(r"\bjudge?ment\b", re.IGNORECASE)


def sources(subject: Subject) -> Iterator[Problem]:
    """Find weights that cite no source (RE-231), or call a judgement an effect (RE-236)."""
    cited = dict(subject.pack.sources)
    for rule in subject.own_rules:
        if rule.weight and not rule.sources:
            message = f"the weight of `{rule.id}` has no source"
            right = "name under `sources` where it comes from, be it only a scale of judgement"
            yield Problem("RE-231", message, right, subject.place(rule, "weight"), rule.id)
        elif rule.weight and rule.basis == "effect" and all(_is_judgement(one, cited[one]) for one in rule.sources):
            message = f"`{rule.id}` says that an effect was measured, and cites {_only(rule)}, which is a judgement"
            right = "cite the study, or write `basis: judgement`"
            yield Problem("RE-236", message, right, subject.place(rule, "basis"), rule.id)


def _is_judgement(key: str, citation: str) -> bool:
    return bool(_JUDGEMENT.search(key) or _JUDGEMENT.search(citation))


def _only(rule: Rule) -> str:
    return f"only {listed(f'`{source}`' for source in rule.sources)}"


def examples(subject: Subject) -> Iterator[Problem]:
    """Find rules that lack an example (RE-232), and examples that answer what is not asked (RE-233)."""
    for rule in subject.own_rules:
        missing = _missing(subject, rule)
        if missing:
            message = f"`{rule.id}` has no example in which it {listed([_WORDS[one] for one in missing], 'or')}"
            right = f"add one: `- {{answers: {{...}}, state: {missing[0]}}}`"
            yield Problem("RE-232", message, right, subject.place(rule, "examples"), rule.id)
        for number, example in enumerate(rule.examples):
            yield from _not_asked(subject, rule, number, example)


def _missing(subject: Subject, rule: Rule) -> list[str]:
    """Give the states that no example shows; none of a rule that is always in one state, which is reported as such."""
    if not subject.can_hold(rule.when) or not subject.can_hold(Not(rule.when)):
        return []
    shown = {example.state for example in rule.examples}
    return [state for state in ("fires", "ruled_out") if state not in shown]


_WORDS = {"fires": "fires", "ruled_out": "is ruled out"}


def _not_asked(subject: Subject, rule: Rule, number: int, example: Example) -> Iterator[Problem]:
    answers = _values(example)
    states = asked(subject.pack, answers)
    for name in answers:
        gate = subject.pack.question[name].ask_when
        if states[name] is False and gate is not None:
            message = f"an example of `{rule.id}` answers `{name}`, which is not asked on its other answers"
            right = f"leave it out, or answer so that {said(gate)} holds"
            yield Problem("RE-233", message, right, subject.place(rule, "examples", number, "answers", name), name)


def _values(example: Example) -> dict[str, Value]:
    return {name: NOT_APPLICABLE if value == NOT_APPLICABLE_LEVEL else value for name, value in example.answers}
