"""One answer's value: typed, checked against its question."""

from __future__ import annotations

import math

from riskengine.errors import Problem, Source, nearest, shorten
from riskengine.logic.conditions import NOT_APPLICABLE, NotApplicable, Value
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Question

__all__ = ["check_value", "number_in"]


def check_value(question: Question, value: object, source: Source) -> tuple[Value, Problem | None]:
    """Turn a raw value into the typed value of an answer.

    Absent values (`None`, empty text) are unknown; the text `n/a` does not apply; levels that were renamed are
    read under their new name.

    Args:
        question: The question that was answered.
        value: What was read from a file, a table's cell or a Python mapping.
        source: Where it stands.

    Returns:
        The value (`None` for unknown), and a problem if there is one: RE-302 for a wrong type, RE-303 out of
        range, RE-304 for an unknown level, RE-305 where `n/a` may not stand.

    Examples:
        >>> from riskengine.pack.model import Level
        >>> size = Question("size", "team", "planning", "Size?", "", "choice", (Level("s", "S"), Level("l", "L")),
        ...                 None, None, None, "last", None, (), "given")
        >>> check_value(size, "l", Source())
        ('l', None)
        >>> check_value(size, "n/a", Source())[1].code
        'RE-305'
    """
    if value is None or value == "":
        return None, None
    if isinstance(value, NotApplicable) or value == NOT_APPLICABLE_LEVEL:
        if question.may_not_apply:
            return NOT_APPLICABLE, None
        message = f"`{question.id}` applies to every project that is asked"
        return None, Problem("RE-305", message, "leave it out if you don't know", source, NOT_APPLICABLE_LEVEL)
    return _number(question, value, source) if question.type == "number" else _level(question, value, source)


def _number(question: Question, value: object, source: Source) -> tuple[Value, Problem | None]:
    assert question.minimum is not None and question.maximum is not None
    unit = f" {question.unit}" if question.unit else ""
    help = f"a number from {question.minimum:g} to {question.maximum:g}{unit}"
    shown = _shown(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        what = "the text " if isinstance(value, str) else ""
        message = f"`{question.id}` is a number, not {what}`{shown}`"
        return None, Problem("RE-302", message, help, source, shown)
    if not (isinstance(value, int) or math.isfinite(value)):
        message = f"`{question.id}`: `{shown}` is no number that can be counted with"
        return None, Problem("RE-302", message, help, source, shown)
    if not question.minimum <= value <= question.maximum:
        message = f"`{question.id}`: `{shown}` is out of range"
        return None, Problem("RE-303", message, help, source, shown)
    return float(value), None


def _level(question: Question, value: object, source: Source) -> tuple[Value, Problem | None]:
    levels = question.level_ids
    shown = _shown(value)
    if isinstance(value, str) and value in levels:
        return value, None
    if isinstance(value, bool) and question.type == "yes_no":
        help = f"write `{'yes' if value else 'no'}`"
        return None, Problem("RE-302", f"`{question.id}` is answered by a word", help, source, shown)
    if not isinstance(value, str):
        help = "one of " + ", ".join(f"`{level}`" for level in levels)
        message = f"`{question.id}` is answered by a level, not `{shown}`"
        return None, Problem("RE-302", message, help, source, shown)
    renamed = [level.id for level in question.levels if value in level.renamed_from]
    if renamed:
        return renamed[0], None
    known = (*levels, NOT_APPLICABLE_LEVEL) if question.may_not_apply else levels
    help = nearest(value, known) or "one of " + ", ".join(f"`{level}`" for level in known)
    if value.lower() == NOT_APPLICABLE_LEVEL and question.may_not_apply:
        help = f"write `{NOT_APPLICABLE_LEVEL}`"
    return None, Problem("RE-304", f"`{question.id}` has no level `{shown}`", help, source, shown)


def _shown(value: object) -> str:
    if isinstance(value, (dict, list, tuple)):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**60:
        return "a number of many digits"
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return shorten(text)


def number_in(cell: str) -> float | str:
    """Read a cell's number; what is none is given back as it is.

    `float()` alone also reads `1_000`, `nan` and `inf`, which nobody means as an answer.

    Examples:
        >>> number_in("1.5e2"), number_in("nan"), number_in("1_000")
        (150.0, 'nan', '1_000')
    """
    try:
        return float(cell) if cell and set(cell) <= set("0123456789+-.eE") else cell
    except ValueError:
        return cell
