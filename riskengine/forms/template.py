"""An answers file to fill in, and the header of a portfolio."""

from __future__ import annotations

import csv
import io
import textwrap

from riskengine.logic.conditions import All, Any, AtLeast, Condition, Not, Test
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question

__all__ = ["answers_template", "condition_in_words", "portfolio_header"]

WIDTH = 100


def answers_template(pack: Pack, *, quick: bool = False) -> str:
    """Write an answers file to fill in: every question, its help and its levels as comments.

    Args:
        pack: The pack.
        quick: Whether to write the quick set only.

    Returns:
        YAML in which every question is unknown.
    """
    lines = [
        f"# Answers for {pack.name} {pack.version}. Write one of the words below a question behind its colon.",
        "# What you don't know stays empty; what can't apply to the project is n/a where that is listed.",
        "",
        "project:",
        "date:",
        f"pack: {pack.name}",
        "answers:",
    ]
    area = ""
    for question in pack.questions:
        if quick and not question.quick:
            continue
        if question.area != area:
            area = question.area
            lines += ["", f"  # --- {dict(pack.areas)[area]} ---"]
        lines += ["", *_question(pack, question)]
    lines += ["", "# Evidence, in your own words, by question:", "notes: {}"]
    return "\n".join(lines) + "\n"


def _question(pack: Pack, question: Question) -> list[str]:
    lines = _comment(question.text)
    lines += _comment(question.help, "  ")
    if question.ask_when is not None:
        lines += _comment(f"Asked when {condition_in_words(pack, question.ask_when)}.", "  ")
    if question.type == "number":
        unit = f" {question.unit}" if question.unit else ""
        lines += _comment(f"A number from {question.minimum:g} to {question.maximum:g}{unit}.", "  ")
    width = max((len(level.id) for level in question.levels), default=0)
    for level in question.levels:
        label = "" if question.type == "yes_no" else level.label
        lines += _comment(f"{level.id:<{width}}  {label}".rstrip(), "    ", hanging=width + 2)
    if question.may_not_apply:
        lines += _comment(f"{NOT_APPLICABLE_LEVEL:<{width}}  It does not apply", "    ")
    return [*lines, f"  {question.id}:"]


def _comment(text: str, indent: str = "", hanging: int = 0) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()) if not hanging else text,
        WIDTH,
        initial_indent=f"  # {indent}",
        subsequent_indent=f"  # {indent}{' ' * hanging}",
    )


def condition_in_words(pack: Pack, condition: Condition) -> str:
    """Say a condition on answers in words, for people who fill in a form.

    Args:
        pack: The pack.
        condition: A condition on questions and quantities.
    """
    match condition:
        case Test(about, op, value, _):
            values = value if isinstance(value, tuple) else (value,)
            shown = " or ".join(f"{one:g}" if isinstance(one, float) else one for one in values)
            words = {
                "is": "is",
                "in": "is",
                "is_not": "is not",
                "at_most": "is at most",
                "at_least": "is at least",
            }
            return f"`{about}` {words.get(op, f'is {op}')} {shown}"
        case Not(part):
            return f"not ({condition_in_words(pack, part)})"
        case All(parts):
            return " and ".join(condition_in_words(pack, part) for part in parts)
        case Any(parts):
            return "(" + " or ".join(condition_in_words(pack, part) for part in parts) + ")"
        case AtLeast(needed, parts):
            return f"at least {needed} of: " + "; ".join(condition_in_words(pack, part) for part in parts)
    return f"`{condition.id}`"


def portfolio_header(pack: Pack) -> str:
    """Write the header of a portfolio: one column a question, after the project's name."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(["project", *(question.id for question in pack.questions)])
    return out.getvalue()
