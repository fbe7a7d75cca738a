"""What there is to say about one rule, question or quantity of a pack: a page as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from riskengine.authoring.words import Line, condition_lines, gate_lines, numeral
from riskengine.errors import Problem, ProblemError, nearest
from riskengine.logic.conditions import Condition, Test, walk
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Quantity, Question, Rule

__all__ = [
    "Citation",
    "ExampleLine",
    "Level",
    "Named",
    "Page",
    "QuantityPage",
    "QuestionPage",
    "RulePage",
    "Step",
    "direction",
    "effect",
    "page_to_json",
    "pages_of",
    "quantity_page",
    "question_page",
    "rule_page",
]

# the scale that the shipped pack uses where nobody has measured an effect, halfway between its steps
_SCALE = ((0.3, "mild"), (0.55, "clear"), (0.85, "strong"))
_STRONGEST = "near-fatal"
_SIGNS = {"sum": " + ", "difference": " - ", "product": " x ", "ratio": " / "}
_DIRECTIONS = {
    "first": "the first level is the worst",
    "last": "the last level is the worst",
    "low": "less is worse",
    "high": "more is worse",
    "yes": "yes is worse",
    "no": "no is worse",
    "none": "no answer is worse",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A rule, question, quantity or end that a page mentions."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A source, with its key."""

    key: str
    cite: str


@dataclass(frozen=True, slots=True)
class ExampleLine:
    """An example of a rule on one line."""

    answers: str
    state: str


@dataclass(frozen=True, slots=True)
class Step:
    """A rule on the way from this one to the ends.

    Attributes:
        depth: 0 if it reads what this rule concludes, 1 if it reads what that one concludes, and so on.
        ends: Titles of the ends it leads to.
        is_repeated: Whether it stood further up already; what follows from it is not repeated.
    """

    id: str
    title: str
    depth: int
    ends: tuple[str, ...]
    is_repeated: bool


@dataclass(frozen=True, slots=True)
class RulePage:
    """All about one rule.

    Attributes:
        effect: What it does to the score, in words and as a number.
        condition: The condition in words.
        gates: When the questions that it reads are asked.
        questions: What its own tests read, through quantities too.
        fed_by: The rules that establish the conclusions it reads.
        feeds: The rules that its conclusion reaches, up to the last.
        ends: The ends that it leads to itself.
        group: The rules that it stands in one group with, heaviest first.
        origin: Name and version of the pack that wrote it.
        where: File, line and column; empty if the pack came from a one-file JSON.
    """

    id: str
    title: str
    area: Named
    effect: str
    weight: float | None
    warns: str | None
    condition: tuple[Line, ...]
    gates: tuple[Line, ...]
    questions: tuple[Named, ...]
    quantities: tuple[Named, ...]
    fed_by: tuple[Named, ...]
    concludes: str | None
    feeds: tuple[Step, ...]
    ends: tuple[Named, ...]
    group_name: str | None
    group: tuple[Named, ...]
    why: str
    advice: str
    sources: tuple[Citation, ...]
    basis: str | None
    examples: tuple[ExampleLine, ...]
    origin: str
    changed_by: str | None
    where: str


@dataclass(frozen=True, slots=True)
class Level:
    """An answer of a question, and how often it is expected."""

    id: str
    label: str
    share: float


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """All about one question.

    Attributes:
        kind: Its type in words, with unit and range.
        levels: Of a choice or yes or no, with `n/a` where it may not apply; empty for a number.
        shares: Of a number, how often what is expected, in words.
        asked_if: The condition under which it is asked; empty if it always is.
        due_if: The condition from which on it should be known.
        rules: The rules whose own tests read it, through quantities too.
        quantities: The quantities it is a part of.
        decides: The questions that are asked, or due, because of it.
        where: File, line and column; empty if the pack came from a one-file JSON.
    """

    id: str
    title: str
    help: str
    area: Named
    phase: str
    kind: str
    levels: tuple[Level, ...]
    shares: str
    worse: str
    worse_reason: str | None
    change: str
    is_quick: bool
    asked_if: tuple[Line, ...]
    due_if: tuple[Line, ...]
    rules: tuple[Named, ...]
    quantities: tuple[Named, ...]
    decides: tuple[Named, ...]
    where: str


@dataclass(frozen=True, slots=True)
class QuantityPage:
    """All about one quantity."""

    id: str
    title: str
    formula: str
    parts: tuple[Named, ...]
    rules: tuple[Named, ...]
    quantities: tuple[Named, ...]
    where: str


Page = RulePage | QuestionPage | QuantityPage


def pages_of(name: str, pack: Pack) -> tuple[Page, ...]:
    """Give the pages that a name stands for.

    Args:
        name: A rule, question, quantity or conclusion. Rules have a name space of their own, so one name may
            stand for a rule and for something else; a conclusion stands for the rules that establish it.
        pack: The pack.

    Returns:
        At least one page.

    Raises:
        ProblemError: RE-805 if the pack has nothing of this name.
    """
    pages: list[Page] = [rule_page(pack.rule[name], pack)] if name in pack.rule else []
    if name in pack.question:
        pages.append(question_page(pack.question[name], pack))
    if name in pack.quantity:
        pages.append(quantity_page(pack.quantity[name], pack))
    pages += [rule_page(pack.rule[one], pack) for one in pack.rules_concluding.get(name, ())]
    if not pages:
        known = [*pack.rule, *pack.question, *pack.quantity, *pack.rules_concluding]
        message = f"the pack has no rule, question, quantity or conclusion `{name}`"
        raise ProblemError(Problem("RE-805", message, nearest(name, known), value=name))
    return tuple(pages)


def page_to_json(page: Page) -> dict[str, Any]:
    """Give a page as JSON data, with `kind` saying what it is about."""
    kinds = {RulePage: "rule", QuestionPage: "question", QuantityPage: "quantity"}
    data = asdict(page)
    return {"page": kinds[type(page)], **data}


def rule_page(rule: Rule, pack: Pack) -> RulePage:
    """Collect all about a rule."""
    quantities = dict.fromkeys(about for about in _abouts(rule.when) if about in pack.quantity)
    before = dict.fromkeys(one for id in pack.conclusions_read[rule.id] for one in pack.rules_concluding[id])
    return RulePage(
        id=rule.id,
        title=rule.title,
        area=Named(rule.area, dict(pack.areas)[rule.area]),
        effect=effect(rule),
        weight=rule.weight,
        warns=rule.warns,
        condition=condition_lines(rule.when, pack),
        gates=gate_lines(rule.when, pack),
        questions=tuple(Named(one, pack.question[one].text) for one in pack.questions_read(rule.when)),
        quantities=tuple(Named(one, pack.quantity[one].text) for one in quantities),
        fed_by=_named(before, pack),
        concludes=rule.concludes,
        feeds=tuple(_steps(rule, pack)),
        ends=tuple(Named(end.id, end.title) for end in pack.ends if end.id in rule.leads_to),
        group_name=rule.group,
        group=_group(rule, pack),
        why=rule.why,
        advice=rule.advice,
        sources=_cited(rule.sources, pack),
        basis=rule.basis,
        examples=tuple(
            ExampleLine("; ".join(f"{about}: {_plain(value)}" for about, value in one.answers), one.state)
            for one in rule.examples
        ),
        origin=rule.origin,
        changed_by=rule.changed_by,
        where=str(rule.source),
    )


def effect(rule: Rule) -> str:
    """Say what a rule does to the score, in words and as a number.

    Examples:
        A weight of 0.4 is `raises the risk, clear (+0.4)`, one of 0 `adds nothing by itself`.
    """
    if rule.weight is None:
        return "warns, and adds nothing"
    if rule.weight == 0:
        return "adds nothing by itself"
    size = abs(rule.weight)
    word = next((word for limit, word in _SCALE if size < limit), _STRONGEST)
    verb = "raises the risk" if rule.weight > 0 else "protects"
    return f"{verb}, {word} ({rule.weight:+.15g})"


def direction(question: Question) -> str:
    """Say in which direction of its answers the risk lies."""
    return _DIRECTIONS[question.worse]


def _group(rule: Rule, pack: Pack) -> tuple[Named, ...]:
    if rule.group is None:
        return ()
    members = next(one for one in pack.groups if rule in one)
    return tuple(Named(one.id, f"{one.title} ({one.weight or 0:+.15g})") for one in members)


def _steps(rule: Rule, pack: Pack) -> Iterator[Step]:
    seen: set[str] = set()

    def after(conclusion: str | None, depth: int) -> Iterator[Step]:
        for one in _readers(conclusion, pack):
            repeated = one.id in seen
            yield Step(one.id, one.title, depth, _end_titles(one, pack), repeated)
            if not repeated:
                seen.add(one.id)
                yield from after(one.concludes, depth + 1)

    yield from after(rule.concludes, 0)


def _readers(conclusion: str | None, pack: Pack) -> list[Rule]:
    return [one for one in pack.rules if conclusion in pack.conclusions_read[one.id]]


def _end_titles(rule: Rule, pack: Pack) -> tuple[str, ...]:
    return tuple(end.title for end in pack.ends if end.id in rule.leads_to)


def _cited(keys: Sequence[str], pack: Pack) -> tuple[Citation, ...]:
    sources = dict(pack.sources)
    return tuple(Citation(key, sources[key]) for key in keys)


def question_page(question: Question, pack: Pack) -> QuestionPage:
    """Collect all about a question."""
    gated = [one for one in pack.questions for gate in (one.ask_when, one.due_when) if question.id in _read(gate, pack)]
    return QuestionPage(
        id=question.id,
        title=question.text,
        help=question.help,
        area=Named(question.area, dict(pack.areas)[question.area]),
        phase=question.phase,
        kind=_kind(question),
        levels=tuple(_levels(question)),
        shares="" if question.levels else _number_shares(question),
        worse=direction(question),
        worse_reason=question.worse_reason,
        change="cannot be changed" if question.change == "given" else f"{question.change} effort",
        is_quick=question.quick,
        asked_if=() if question.ask_when is None else condition_lines(question.ask_when, pack),
        due_if=() if question.due_when is None else condition_lines(question.due_when, pack),
        rules=_named([one.id for one in pack.rules if question.id in _read(one.when, pack)], pack),
        quantities=tuple(Named(one.id, one.text) for one in pack.quantities if question.id in one.of),
        decides=tuple(Named(one.id, one.text) for one in dict.fromkeys(gated)),
        where=str(question.source),
    )


def quantity_page(quantity: Quantity, pack: Pack) -> QuantityPage:
    """Collect all about a quantity."""
    parts = [part for part in quantity.of if isinstance(part, str)]
    return QuantityPage(
        id=quantity.id,
        title=quantity.text,
        formula=_SIGNS[quantity.op].join(_plain(part) for part in quantity.of),
        parts=tuple(Named(one, _text(one, pack)) for one in dict.fromkeys(parts)),
        rules=_named([one.id for one in pack.rules if quantity.id in _abouts(one.when)], pack),
        quantities=tuple(Named(one.id, one.text) for one in pack.quantities if quantity.id in one.of),
        where=str(quantity.source),
    )


def _text(about: str, pack: Pack) -> str:
    return pack.question[about].text if about in pack.question else pack.quantity[about].text


def _named(rules: Sequence[str] | dict[str, None], pack: Pack) -> tuple[Named, ...]:
    return tuple(Named(one, pack.rule[one].title) for one in rules)


def _abouts(condition: Condition) -> list[str]:
    return [node.about for node in walk(condition) if isinstance(node, Test)]


def _read(condition: Condition | None, pack: Pack) -> tuple[str, ...]:
    return () if condition is None else pack.questions_read(condition)


def _kind(question: Question) -> str:
    if question.type == "number":
        assert question.minimum is not None and question.maximum is not None
        unit = f" {question.unit}" if question.unit else ""
        kind = f"a number from {numeral(question.minimum)} to {numeral(question.maximum)}{unit}"
    else:
        kind = "yes or no" if question.type == "yes_no" else f"one of {len(question.levels)}"
    return f"{kind}, or does not apply" if question.may_not_apply else kind


def _levels(question: Question) -> Iterator[Level]:
    shares = dict(question.shares)
    for level in question.levels:
        yield Level(level.id, level.label, shares.get(level.id, 0.0))
    if question.levels and NOT_APPLICABLE_LEVEL in shares:
        yield Level(NOT_APPLICABLE_LEVEL, "Does not apply", shares[NOT_APPLICABLE_LEVEL])


def _number_shares(question: Question) -> str:
    points = [(key, value) for key, value in question.shares if key != NOT_APPLICABLE_LEVEL]
    inner = [f"{key} % have up to {numeral(value)}" for key, value in points[1:-1]]
    apart = [f"{numeral(100 * share)} % do not apply" for key, share in question.shares if key == NOT_APPLICABLE_LEVEL]
    return ", ".join([f"from {numeral(points[0][1])} to {numeral(points[-1][1])}", *inner, *apart])


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else numeral(value)
