"""What a scored row says in words: its findings, the first of them, how much is answered, and warnings."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import Model
from riskengine.engines.columnar import absent, all_of, answer, asked, due, rule_column, total
from riskengine.pack.model import Pack, Rule

__all__ = ["answered_share", "findings", "top_finding", "warnings"]

CHUNK = 8
"""Flags that are looked up at once: a table of 2^8 texts is quicker than eight texts put together."""


def findings(built: BuiltPack, model: Model) -> nw.Expr:
    """Give the ids of the rules that fire, those first that add most where they count."""
    return _joined([(_fires(rule), rule.id) for rule in _by_weight(built, model)])


def top_finding(built: BuiltPack, model: Model) -> nw.Expr:
    """Give the risk that adds most, null if no risk fires; a finding that a heavier one outweighs is none."""
    heavier = {rule.id: members[:place] for members in built.pack.groups for place, rule in enumerate(members)}
    risks = [rule for rule in _by_weight(built, model) if (rule.weight or 0) * model.factors[rule.id] > 0]
    found = nw.lit(None).cast(nw.String)
    for rule in reversed(risks):
        counts = all_of([_fires(rule), *(~_fires(other) for other in heavier[rule.id])])
        found = nw.when(counts).then(nw.lit(rule.id)).otherwise(found)
    return found


def answered_share(pack: Pack) -> nw.Expr:
    """Give the share of the questions known to be asked that have an answer."""
    known = total(_one(_is_asked(pack, one.id)) for one in pack.questions)
    given = total(_one(_is_asked(pack, one.id) & ~_is_open(pack, one.id)) for one in pack.questions)
    return given / nw.max_horizontal(known, nw.lit(1.0))


def warnings(pack: Pack) -> nw.Expr:
    """Give what the reader of a row should know, as words such as `ignored:QUESTION`, in a fixed order.

    `ignored:QUESTION`: answered, and not asked of such a project. `open_gate:QUESTION`: answered, and whether it is
    asked is open. `contradiction:RULE`: answers that don't fit together. `blind_spot:AREA`: more than half of it is
    open. `overdue:QUESTION`: open, and such a project should know it by now.
    """
    flags: list[tuple[nw.Expr, str]] = []
    for question in pack.questions:
        if question.ask_when is not None:
            state, given = _asked_column(question.id), ~_is_open(pack, question.id)
            flags.append((given & (~state).fill_null(False), f"ignored:{question.id}"))
            flags.append((given & state.is_null(), f"open_gate:{question.id}"))
    flags += [(_fires(rule), f"contradiction:{rule.id}") for rule in pack.rules if rule.warns is not None]
    flags += [(_blind(pack, area), f"blind_spot:{area}") for area, _ in pack.areas if _questions_of(pack, area)]
    flags += [(_overdue(pack, one.id), f"overdue:{one.id}") for one in pack.questions if one.due_when is not None]
    return _joined(flags)


def _by_weight(built: BuiltPack, model: Model) -> list[Rule]:
    centre = built.centre

    def adds(rule: Rule) -> float:
        return (rule.weight or 0.0) * model.factors[rule.id] * (1 - centre.expected[rule.id])

    return sorted(built.pack.weighed_rules, key=lambda rule: -adds(rule))


def _fires(rule: Rule) -> nw.Expr:
    return nw.col(rule_column(rule.id)).fill_null(False)


def _asked_column(question: str) -> nw.Expr:
    return nw.col(asked(question))


def _is_asked(pack: Pack, question: str) -> nw.Expr:
    """Say where a question is known to be asked; never null."""
    return nw.lit(True) if pack.question[question].ask_when is None else _asked_column(question).fill_null(False)


def _is_open(pack: Pack, question: str) -> nw.Expr:
    unknown = nw.col(answer(question)).is_null()
    return unknown & ~nw.col(absent(question)) if pack.question[question].may_not_apply else unknown


def _questions_of(pack: Pack, area: str) -> list[str]:
    return [question.id for question in pack.questions if question.area == area]


def _blind(pack: Pack, area: str) -> nw.Expr:
    may_be_asked = {
        question: nw.lit(True) if pack.question[question].ask_when is None else _asked_column(question).fill_null(True)
        for question in _questions_of(pack, area)
    }
    there = total(_one(held) for held in may_be_asked.values())
    known = total(_one(held & ~_is_open(pack, question)) for question, held in may_be_asked.items())
    return known * 2 < there


def _overdue(pack: Pack, question: str) -> nw.Expr:
    return all_of([_is_asked(pack, question), _is_open(pack, question), nw.col(due(question)).fill_null(False)])


def _one(held: nw.Expr) -> nw.Expr:
    return held.cast(nw.Float64)


def _joined(flags: Sequence[tuple[nw.Expr, str]]) -> nw.Expr:
    """Join the words of the flags that hold, with spaces between; the flags are never null."""
    parts = []
    for start in range(0, len(flags), CHUNK):
        chunk = flags[start : start + CHUNK]
        code = total(held.cast(nw.Int64) * (1 << place) for place, (held, _) in enumerate(chunk))
        words = [word for _, word in chunk]
        numbers = range(1 << len(chunk))
        texts = ["".join(f"{word} " for place, word in enumerate(words) if number >> place & 1) for number in numbers]
        parts.append(code.replace_strict(list(numbers), texts, default="", return_dtype=nw.String))
    return nw.concat_str(*parts).str.strip_chars() if parts else nw.lit("")
