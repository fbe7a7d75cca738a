"""A condition in the words of its questions, as nested lines that any page can print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from riskengine.logic.conditions import All, Any, AtLeast, Conclusion, Condition, Not, Operator, Test, holds
from riskengine.pack.model import Pack

__all__ = ["Line", "condition_lines", "gate_lines", "indented", "numeral"]

MOST_LISTED = 4
_NUMBER_WORDS: dict[Operator, str] = {
    "is": "is",
    "is_not": "is not",
    "below": "is below",
    "at_most": "is at most",
    "at_least": "is at least",
    "above": "is above",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line, and the lines that belong below it."""

    text: str
    below: tuple[Line, ...] = ()


def condition_lines(condition: Condition, pack: Pack) -> tuple[Line, ...]:
    """Put a condition in words.

    Args:
        condition: The condition of a rule or a gate.
        pack: The pack that it belongs to.

    Returns:
        Lines that all have to hold, each with its parts below it.
    """
    return tuple(_all_of(condition, pack)) if isinstance(condition, All) else (_line(condition, pack),)


def gate_lines(condition: Condition, pack: Pack) -> tuple[Line, ...]:
    """Say of each question that a condition reads, and that is not always asked, when it is asked.

    Args:
        condition: The condition.
        pack: The pack that it belongs to.

    Returns:
        A line a question, its gate below it; the questions that decide gates have their own line.
    """
    read = pack.questions_read(condition)
    every = dict.fromkeys(other for one in read for other in (one, *pack.gate_questions[one]))
    gated = [one for one in pack.questions if one.id in every and one.ask_when is not None]
    return tuple(Line(one.text, condition_lines(one.ask_when, pack)) for one in gated if one.ask_when is not None)


def indented(lines: Sequence[Line], depth: int = 0) -> Iterator[tuple[int, str]]:
    """Give lines one after the other, each with its depth."""
    for line in lines:
        yield depth, line.text
        yield from indented(line.below, depth + 1)


def numeral(value: float) -> str:
    """Write a number as short as it can be read back."""
    return f"{value:.15g}"


def _line(condition: Condition, pack: Pack) -> Line:
    match condition:
        case Test():
            return Line(_test(condition.about, (condition,), pack))
        case Conclusion(id):
            return Line(_conclusion(id, pack))
        case All((only,)) | Any((only,)):
            return _line(only, pack)
        case All():
            return Line("all of these:", tuple(_all_of(condition, pack)))
        case Any(parts):
            return Line("one or more of these:", _lines(parts, pack))
        case AtLeast(needed, parts):
            return Line(f"at least {needed} of these {len(parts)}:", _lines(parts, pack))
        case Not(Any(parts)) if len(parts) > 1:
            return Line("none of these:", _lines(parts, pack))
        case Not(All(parts) as inner) if len(parts) > 1:
            return Line("not all of these:", tuple(_all_of(inner, pack)))
        case Not(part):
            return Line("not this:", (_line(part, pack),))


def _lines(parts: Sequence[Condition], pack: Pack) -> tuple[Line, ...]:
    return tuple(_line(part, pack) for part in parts)


def _all_of(condition: All, pack: Pack) -> Iterator[Line]:
    """Give the parts; tests that stand together and are about the same, such as `at_least` with `below`, as one."""
    for about, parts in groupby(_parts(condition), key=lambda part: part.about if isinstance(part, Test) else None):
        if about is None:
            yield from _lines(tuple(parts), pack)
        else:
            yield Line(_test(about, [part for part in parts if isinstance(part, Test)], pack))


def _parts(condition: Condition) -> Iterator[Condition]:
    """Give the parts of an `all`, those of an `all` in it among them."""
    if isinstance(condition, All):
        for part in condition.parts:
            yield from _parts(part)
    else:
        yield condition


def _test(about: str, tests: Sequence[Test], pack: Pack) -> str:
    question = pack.question.get(about)
    if question is None:
        return f"{pack.quantity[about].text} {_numbers(tests, '')}"
    if not question.levels:
        return f"{question.text} {_numbers(tests, question.unit or '')}"
    labels = {level.id: level.label for level in question.levels}
    return f"{question.text} {_levels(tests, labels)}"


def _numbers(tests: Sequence[Test], unit: str) -> str:
    tail = f" {unit}" if unit else ""
    return " and ".join(f"{_number(test)}{tail}" for test in tests)


def _number(test: Test) -> str:
    if isinstance(test.value, tuple):
        return f"is {_either([_value(one) for one in test.value])}"
    return f"{_NUMBER_WORDS[test.op]} {_value(test.value)}"


def _value(value: float | str) -> str:
    return value if isinstance(value, str) else numeral(value)


def _levels(tests: Sequence[Test], labels: dict[str, str]) -> str:
    if len(tests) == 1 and tests[0].op == "is_not":
        return f"is answered, and not with {_quoted(labels[str(tests[0].value)])}"
    fitting = [level for level in labels if all(holds(test, level) for test in tests)]
    if len(fitting) <= MOST_LISTED or any(isinstance(test.value, tuple) for test in tests):
        return f"is {_either([_quoted(labels[level]) for level in fitting])}" if fitting else "is answered in no way"
    return " and ".join(_place(test, labels) for test in tests)


def _place(test: Test, labels: dict[str, str]) -> str:
    label = _quoted(labels[str(test.value)])
    match test.op:
        case "below":
            return f"stands before {label} in the list"
        case "at_most":
            return f"is {label}, or stands before it in the list"
        case "at_least":
            return f"is {label}, or stands after it in the list"
        case "above":
            return f"stands after {label} in the list"
        case "is_not":
            return f"is not {label}"
        case _:
            return f"is {label}"


def _conclusion(id: str, pack: Pack) -> str:
    titles = [_quoted(pack.rule[rule].title) for rule in pack.rules_concluding[id]]
    if not titles:
        return f"{id}, which no rule establishes any more"
    verb = "holds" if len(titles) == 1 else "hold: one is enough"
    return f"{_either(titles)} {verb} ({id})"


def _quoted(text: str) -> str:
    return f"“{text}”"


def _either(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"
