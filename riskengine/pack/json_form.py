"""The one-file JSON form of a pack, which other programs read: written, hashed, and read back."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any as Anything
from typing import get_args

from riskengine.errors import Problem, ProblemError, Source
from riskengine.logic.conditions import All, Any, AtLeast, Conclusion, Condition, Not, Test, walk
from riskengine.logic.quantities import Operation
from riskengine.pack.checks import check_pack
from riskengine.pack.conditions import OPERATORS, topic_of
from riskengine.pack.doubts import KEY, Place
from riskengine.pack.model import (
    NOT_APPLICABLE_LEVEL,
    SCHEMA,
    BaseRate,
    End,
    Example,
    Level,
    Pack,
    Quantity,
    Question,
    RiskLevel,
    Rule,
)
from riskengine.pack.nodes import MAX_DEPTH
from riskengine.pack.quantities import quantity_topics

__all__ = ["canonical", "digest", "finite", "meaning", "pack_from_json", "pack_to_json"]

# what can change neither a finding nor a number
_TEXTS = frozenset(
    [
        "text",
        "help",
        "title",
        "means",
        "why",
        "advice",
        "sources",
        "basis",
        "examples",
        "origin",
        "changed_by",
        "label",
        "unit",
        "worse_reason",
        "licence",
        "failure",
        "source",
        "base_rate_source",
        "spread_source",
        "coherence_source",
        "version",
        "name",
        "areas",
        "phases",
        "quick",
        "due_when",
        "change",
        "renamed_from",
    ]
)


def canonical(value: object) -> bytes:
    """Write JSON in the one way that hashes are taken of: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(form: Mapping[str, object]) -> str:
    """Give the hash of a one-file pack: SHA-256 of its canonical JSON without `hash` and `model`."""
    kept = {key: value for key, value in form.items() if key not in ("hash", "model")}
    return hashlib.sha256(canonical(kept)).hexdigest()


def meaning(form: Mapping[str, object]) -> str:
    """Give the hash of what can change a finding or a number: the same without texts."""
    kept = {key: value for key, value in form.items() if key not in ("hash", "meaning_hash", "model", "sources")}
    return hashlib.sha256(canonical(_without_texts(kept))).hexdigest()


def _without_texts(value: object) -> object:
    if isinstance(value, Mapping):
        # what is keyed by level or question ids has values that are no texts, so its keys are never dropped
        return {
            key: part if key in ("shares", "answers") else _without_texts(part)
            for key, part in value.items()
            if key not in _TEXTS
        }
    if isinstance(value, (list, tuple)):
        return [_without_texts(part) for part in value]
    return value


def pack_to_json(pack: Pack) -> dict[str, Anything]:
    """Give a pack as JSON data, without what is worked out from its reference sample.

    Absent parts are left out.
    """
    return _present(
        {
            "schema": SCHEMA,
            "name": pack.name,
            "version": pack.version,
            "licence": pack.licence,
            "base_rate": pack.base_rate.value,
            "base_rate_low": pack.base_rate.low,
            "base_rate_high": pack.base_rate.high,
            "base_rate_source": list(pack.base_rate.source),
            "failure": pack.base_rate.failure,
            "spread": pack.spread,
            "spread_source": list(pack.spread_source),
            "coherence": pack.coherence,
            "coherence_source": list(pack.coherence_source),
            "ends": [{"id": end.id, "share": end.share, "title": end.title, "means": end.means} for end in pack.ends],
            "risk_levels": [{"id": level.id, "from": level.start, "title": level.title} for level in pack.risk_levels],
            "areas": [{"id": id, "title": title} for id, title in pack.areas],
            "phases": list(pack.phases),
            "questions": [_question_to_json(question, pack.quantity) for question in pack.questions],
            "quantities": [
                {"id": quantity.id, "text": quantity.text, "op": quantity.op, "of": list(quantity.of)}
                for quantity in pack.quantities
            ],
            "rules": [_rule_to_json(rule, pack.quantity) for rule in pack.rules],
            "ruled_out": list(pack.ruled_out),
            "sources": dict(pack.sources),
        }
    )


def _present(form: dict[str, Anything]) -> dict[str, Anything]:
    # 0 is a value like any other, though it equals False
    return {
        key: value for key, value in form.items() if value is not None and value is not False and value not in ([], {})
    }


def _question_to_json(question: Question, quantities: Container[str]) -> dict[str, Anything]:
    return _present(
        {
            "id": question.id,
            "area": question.area,
            "phase": question.phase,
            "text": question.text,
            "help": question.help,
            "type": question.type,
            "levels": [
                _present({"id": level.id, "label": level.label, "renamed_from": list(level.renamed_from)})
                for level in question.levels
            ],
            "unit": question.unit,
            "minimum": question.minimum,
            "maximum": question.maximum,
            "worse": question.worse,
            "worse_reason": question.worse_reason,
            "shares": dict(question.shares),
            "change": question.change,
            "may_not_apply": question.may_not_apply,
            "quick": question.quick,
            "ask_when": None if question.ask_when is None else _condition_to_json(question.ask_when, quantities),
            "due_when": None if question.due_when is None else _condition_to_json(question.due_when, quantities),
            "renamed_from": list(question.renamed_from),
        }
    )


def _rule_to_json(rule: Rule, quantities: Container[str]) -> dict[str, Anything]:
    return _present(
        {
            "id": rule.id,
            "area": rule.area,
            "title": rule.title,
            "when": _condition_to_json(rule.when, quantities),
            "concludes": rule.concludes,
            "weight": rule.weight,
            "warns": rule.warns,
            "group": rule.group,
            "leads_to": list(rule.leads_to),
            "why": rule.why,
            "advice": rule.advice,
            "sources": list(rule.sources),
            "basis": rule.basis,
            "examples": [{"answers": dict(example.answers), "state": example.state} for example in rule.examples],
            "origin": rule.origin,
            "changed_by": rule.changed_by,
        }
    )


def _condition_to_json(condition: Condition, quantities: Container[str]) -> dict[str, Anything]:
    def parts(listed: Sequence[Condition]) -> list[dict[str, Anything]]:
        return [_condition_to_json(part, quantities) for part in listed]

    match condition:
        case All(listed):
            return {"all": parts(listed)}
        case Any(listed):
            return {"any": parts(listed)}
        case Not(part):
            return {"not": _condition_to_json(part, quantities)}
        case AtLeast(needed, listed):
            return {"at_least": needed, "of": parts(listed)}
        case Conclusion(id):
            return {"conclusion": id}
        case Test(about, op, value, _):
            plain = list(value) if isinstance(value, tuple) else value
            return {"quantity" if about in quantities else "question": about, "op": op, "value": plain}


def pack_from_json(form: object, file: str) -> Pack:
    """Read a pack from its one-file JSON form, with the same checks as a folder.

    Args:
        form: The parsed JSON.
        file: Its name, for messages.

    Returns:
        The pack.

    Raises:
        ProblemError: RE-109 if it is no such file, of a newer schema or damaged; else what is wrong in it.
    """
    try:
        _check_whole(form)
        assert isinstance(form, Mapping)
        pack = _pack(form)
        problems = _problems(pack, file)
    except (
        LookupError,
        TypeError,
        ValueError,
        ArithmeticError,
        AttributeError,
        AssertionError,
        RecursionError,
    ) as error:
        reason = str(error) if isinstance(error, _RefusedError) else f"{type(error).__name__} {error}"
        message = f"this is no usable one-file pack: {reason}"
        right = "build it anew with `riskengine rules build`"
        raise ProblemError(Problem("RE-109", message, right, Source(file))) from None
    if problems:
        raise ProblemError(problems)
    return pack


class _RefusedError(ValueError):
    """Why a file is no usable pack, in words for the reader."""


def _check_whole(form: object) -> None:
    if not isinstance(form, Mapping) or "schema" not in form or "rules" not in form:
        raise _RefusedError("it lacks `schema` or `rules`")
    if form["schema"] != SCHEMA:
        raise _RefusedError(f"schema {form['schema']!r:.20} is not {SCHEMA}, it was built by another riskengine")
    if form.get("hash") != digest(form) or form.get("meaning_hash", meaning(form)) != meaning(form):
        raise _RefusedError("its hash does not fit its content, it was changed after it was built")


def _problems(pack: Pack, file: str) -> list[Problem]:
    if set().union(*pack.conclusions_read.values()) - set(pack.rules_concluding):
        raise ValueError("a conclusion that no rule establishes")
    ids = [*(one.id for one in pack.questions), *(one.id for one in pack.quantities)]
    if len(set(ids)) < len(ids) or len(pack.rule) < len(pack.rules):
        raise ValueError("an id stands twice")
    _check_gates(pack)
    problems: list[Problem] = []
    place = _place_in(file)
    quantity_topics(pack.quantities, {one.id: topic_of(one) for one in pack.questions}, problems, place=place)
    return problems or check_pack(pack, place=place)


def _check_gates(pack: Pack) -> None:
    asked: set[str] = set()
    for question in pack.questions:
        for condition in (question.ask_when, question.due_when):
            if condition is None:
                continue
            if not asked.issuperset(pack.questions_read(condition)):
                raise ValueError(f"`{question.id}` is asked or due by a later answer")
            if any(isinstance(node, Conclusion) for node in walk(condition)):
                raise ValueError(f"`{question.id}` is asked or due by a conclusion")
        asked.add(question.id)


def _place_in(file: str) -> Place:
    def place(entry: Question | Quantity | Rule | None, *path: str | int) -> Source:
        parts = ([] if entry is None else [entry.id]) + [str(part) for part in path if part != KEY]
        return Source(file, field=".".join(parts) or None)

    return place


def finite(value: object) -> float:
    """Give a number of a JSON file as it stands.

    Raises:
        ValueError: if it is no number, or not finite.
        OverflowError: if it is a whole number too large for a double.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{value!r:.40} is no number")
    return value


def _maybe_finite(value: object) -> float | None:
    return None if value is None else finite(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value


def _word(value: object, words: tuple[str, ...]) -> Anything:
    if value not in words:
        raise ValueError(f"{value!r:.40} is none of {', '.join(words)}")
    return value


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    if isinstance(values, str):
        raise TypeError(f"{values!r:.40} is no list")
    return tuple(_text(value) for value in values)


def _pack(form: Mapping[str, Anything]) -> Pack:
    quantity_ids = {_text(one["id"]) for one in form.get("quantities", [])}
    levels = {_text(one["id"]): _question_levels(one) for one in form["questions"]}
    return Pack(
        name=_text(form["name"]),
        version=_text(form["version"]),
        licence=_text(form["licence"]),
        base_rate=BaseRate(
            finite(form["base_rate"]),
            _maybe_finite(form.get("base_rate_low")),
            _maybe_finite(form.get("base_rate_high")),
            _texts(form.get("base_rate_source", ())),
            _text(form["failure"]),
        ),
        spread=finite(form["spread"]),
        spread_source=_texts(form.get("spread_source", ())),
        coherence=finite(form["coherence"]),
        coherence_source=_texts(form.get("coherence_source", ())),
        ends=tuple(
            End(_text(one["id"]), finite(one["share"]), _text(one["title"]), _text(one["means"]))
            for one in form["ends"]
        ),
        risk_levels=tuple(
            RiskLevel(_text(one["id"]), finite(one["from"]), _text(one["title"])) for one in form["risk_levels"]
        ),
        areas=tuple((_text(one["id"]), _text(one["title"])) for one in form["areas"]),
        phases=_texts(form["phases"]),
        questions=tuple(_question(one, levels, quantity_ids) for one in form["questions"]),
        quantities=tuple(
            Quantity(
                _text(one["id"]),
                _text(one["text"]),
                _word(one["op"], get_args(Operation)),
                tuple(part if isinstance(part, str) else finite(part) for part in one["of"]),
            )
            for one in form.get("quantities", ())
        ),
        rules=tuple(_rule(one, levels, quantity_ids) for one in form["rules"]),
        sources=tuple(form.get("sources", {}).items()),
        ruled_out=_texts(form.get("ruled_out", ())),
    )


def _question_levels(one: Mapping[str, Anything]) -> tuple[str, ...]:
    return tuple(_text(level["id"]) for level in one.get("levels", ()))


def _shares(one: Mapping[str, Anything]) -> tuple[tuple[str, float], ...]:
    shares = tuple((_text(key), finite(share)) for key, share in one["shares"].items())
    if one["type"] != "number":
        return shares
    # a program that sorts keys puts "100" before "50"
    return tuple(sorted(shares, key=lambda share: math.inf if share[0] == NOT_APPLICABLE_LEVEL else float(share[0])))


def _question(one: Mapping[str, Anything], levels: Mapping[str, tuple[str, ...]], quantities: set[str]) -> Question:
    ask_when, due_when = one.get("ask_when"), one.get("due_when")
    return Question(
        id=_text(one["id"]),
        area=_text(one["area"]),
        phase=_text(one["phase"]),
        text=_text(one["text"]),
        help=_text(one["help"]),
        type=_word(one["type"], ("choice", "yes_no", "number")),
        levels=tuple(
            Level(_text(level["id"]), _text(level["label"]), _texts(level.get("renamed_from", ())))
            for level in one.get("levels", ())
        ),
        unit=one.get("unit"),
        minimum=_maybe_finite(one.get("minimum")),
        maximum=_maybe_finite(one.get("maximum")),
        worse=_word(one["worse"], ("first", "last", "low", "high", "yes", "no", "none")),
        worse_reason=one.get("worse_reason"),
        shares=_shares(one),
        change=_word(one["change"], ("low", "medium", "high", "given")),
        may_not_apply=one.get("may_not_apply", False),
        quick=one.get("quick", False),
        ask_when=None if ask_when is None else _condition(ask_when, levels, quantities),
        due_when=None if due_when is None else _condition(due_when, levels, quantities),
        renamed_from=_texts(one.get("renamed_from", ())),
    )


def _rule(one: Mapping[str, Anything], levels: Mapping[str, tuple[str, ...]], quantities: set[str]) -> Rule:
    return Rule(
        id=_text(one["id"]),
        area=_text(one["area"]),
        title=_text(one["title"]),
        when=_condition(one["when"], levels, quantities),
        concludes=one.get("concludes"),
        weight=_maybe_finite(one.get("weight")),
        warns=one.get("warns"),
        group=one.get("group"),
        leads_to=_texts(one.get("leads_to", ())),
        why=one.get("why", ""),
        advice=one.get("advice", ""),
        sources=_texts(one.get("sources", ())),
        basis=one.get("basis"),
        examples=tuple(
            Example(tuple(example["answers"].items()), example["state"]) for example in one.get("examples", ())
        ),
        origin=_text(one["origin"]),
        changed_by=one.get("changed_by"),
    )


def _condition(
    form: Mapping[str, Anything], levels: Mapping[str, tuple[str, ...]], quantities: set[str], depth: int = 1
) -> Condition:
    if depth > MAX_DEPTH:
        raise ValueError("a condition that is nested too deep")

    def parts(key: str) -> tuple[Condition, ...]:
        if not isinstance(form[key], list) or not form[key]:
            raise ValueError(f"`{key}` is no list of conditions")
        return tuple(_condition(part, levels, quantities, depth + 1) for part in form[key])

    if "all" in form:
        return All(parts("all"))
    if "any" in form:
        return Any(parts("any"))
    if "not" in form:
        return Not(_condition(form["not"], levels, quantities, depth + 1))
    if "at_least" in form:
        return _at_least(form["at_least"], parts("of"))
    if "conclusion" in form:
        return Conclusion(_text(form["conclusion"]))
    return _test(form, levels, quantities)


def _at_least(needed: object, parts: tuple[Condition, ...]) -> AtLeast:
    if not isinstance(needed, int) or isinstance(needed, bool) or not 1 <= needed <= len(parts):
        raise ValueError(f"`at_least` {needed!r:.40} of {len(parts)}")
    return AtLeast(needed, parts)


def _test(form: Mapping[str, Anything], levels: Mapping[str, tuple[str, ...]], quantities: set[str]) -> Test:
    about = form["question"] if "question" in form else form["quantity"]
    if about not in levels and about not in quantities:
        raise ValueError(f"unknown question {about!r:.40}")
    if form["op"] not in OPERATORS:
        raise ValueError(f"unknown operator {form['op']!r:.40}")
    value = tuple(form["value"]) if form["op"] == "in" else form["value"]
    known = levels.get(about, ())
    for one in value if isinstance(value, tuple) else (value,):
        if not known:
            finite(one)
        elif one not in known:
            raise ValueError(f"no level {one!r:.40} of {about}")
    return Test(about, form["op"], value, known)
