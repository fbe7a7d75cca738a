"""What a scored row says in words: its findings, the first of them, how much is answered, and warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import narwhals as nw

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import Model
from riskengine.engines.columnar import absent, all_of, answer, asked, due, rule_column, total
from riskengine.pack.model import Pack, Rule

__all__ = ["Flags", "answered_share", "findings", "first", "joined", "risks", "warnings"]

Flags: TypeAlias = Sequence[tuple[nw.Expr, str]]
"""Conditions, each with its word; null counts as false."""


def findings(built: BuiltPack, model: Model) -> Flags:
    """Give the ids of the rules that fire, those first that add most where they count."""
    return [(nw.col(rule_column(rule.id)), rule.id) for rule in _by_weight(built, model)]


def risks(built: BuiltPack, model: Model) -> Flags:
    """Give the ids of the risks that count, that one first that adds most; what a heavier one outweighs does not."""
    heavier = {rule.id: members[:place] for members in built.pack.groups for place, rule in enumerate(members)}
    return [
        (all_of([nw.col(rule_column(rule.id)), *(~_fires(other) for other in heavier[rule.id])]), rule.id)
        for rule in _by_weight(built, model)
        if (rule.weight or 0) * model.factors[rule.id] > 0
    ]


def answered_share(pack: Pack) -> nw.Expr:
    """Give the share of the questions known to be asked that have an answer."""
    known = total(_one(_is_asked(pack, one.id)) for one in pack.questions)
    given = total(_one(_is_asked(pack, one.id) & ~_is_open(pack, one.id)) for one in pack.questions)
    return given / nw.max_horizontal(known.cast(nw.Float64), nw.lit(1.0))


def warnings(pack: Pack) -> Flags:
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
    flags += [
        (nw.col(rule_column(rule.id)), f"contradiction:{rule.id}") for rule in pack.rules if rule.warns is not None
    ]
    flags += [(_blind(pack, area), f"blind_spot:{area}") for area, _ in pack.areas if _questions_of(pack, area)]
    flags += [(_overdue(pack, one.id), f"overdue:{one.id}") for one in pack.questions if one.due_when is not None]
    return flags


def joined(flags: Flags) -> nw.Expr:
    """Join the words whose flags hold, with spaces between."""
    words = [nw.when(held).then(nw.lit(f"{word} ")).otherwise(nw.lit("")) for held, word in flags]
    return nw.concat_str(*words, ignore_nulls=True).str.strip_chars() if words else nw.lit("")


def first(flags: Flags) -> nw.Expr:
    """Give the first word whose flag holds, null if none does."""
    words = [nw.when(held).then(nw.lit(word)) for held, word in flags]
    return nw.coalesce(*words) if words else nw.lit(None).cast(nw.String)


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
    return all_of([_is_asked(pack, question), _is_open(pack, question), nw.col(due(question))])


def _one(held: nw.Expr) -> nw.Expr:
    return nw.when(held).then(nw.lit(1, nw.Int16)).otherwise(nw.lit(0, nw.Int16))
