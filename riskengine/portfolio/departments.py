"""Departments of whole columns: which of those that a model knows each project is of, and what that changes."""

from __future__ import annotations

import unicodedata

import narwhals as nw

from riskengine.assessment.model_file import Model
from riskengine.engines.columnar import Frame, Layer, total
from riskengine.errors import Problem, ProblemError, Source
from riskengine.portfolio.blanks import BLANKS
from riskengine.portfolio.groups import column

__all__ = ["LEVEL", "UNKNOWN", "VARIANCE", "WIDE_LEVEL", "with_levels"]

LEVEL, WIDE_LEVEL, VARIANCE, UNKNOWN = (
    column(name) for name in ("level", "wide_level", "level_variance", "unknown_department")
)
"""The level of each project's department by either fit, what it adds to the variance, and whether it is not known."""

_NAMED, _PLACE = column("department"), column("department_place")
_TYPES = (nw.String, nw.Categorical, nw.Enum, nw.Unknown)


def with_levels(frame: Frame, model: Model, named: str | None) -> Frame:
    """Add the columns `LEVEL`, `WIDE_LEVEL`, `VARIANCE` and `UNKNOWN` to a frame.

    Args:
        frame: The frame.
        model: A model that knows departments.
        named: The frame's column of departments; `None` if it has none.

    Raises:
        ProblemError: RE-302 if that column holds neither texts nor whole numbers.
    """
    other = model.range.other_department
    if named is None:
        none = nw.lit(0.0)
        return frame.with_columns(**{LEVEL: none, WIDE_LEVEL: none, VARIANCE: nw.lit(other), UNKNOWN: nw.lit(False)})
    _check_type(frame, named)
    frame = frame.with_columns(**{_NAMED: _lowered(named)})
    frame = frame.with_columns(**{_PLACE: _place(model)})
    return frame.with_columns(**_levels(model))


def _check_type(frame: Frame, named: str) -> None:
    kind = frame.collect_schema()[named]
    if not (isinstance(kind, _TYPES) or kind in _TYPES or kind.is_integer()):
        message = f"`{named}` holds {kind}, and departments are texts"
        raise ProblemError(Problem("RE-302", message, "make it a column of texts", Source(field=named), str(kind)))


def _lowered(named: str) -> nw.Expr:
    text = nw.col(named).cast(nw.String).str.replace_all(f"[{BLANKS}]+", " ")
    return text.str.strip_chars(" ").str.to_lowercase()


def _place(model: Model) -> nw.Expr:
    """Give the place of the department among those known, the first being 1; 0 for another one, and for none."""
    name = nw.col(_NAMED)
    places = enumerate(model.departments.items(), start=1)
    return total(_where(name.is_in(_spellings(key, one.name)), place) for place, (key, one) in places)


def _spellings(key: str, name: str) -> list[str]:
    """Give what a column may hold in small letters for one name: no backend can compose characters or fold case."""
    small = {key, name.lower()}
    return sorted({*small, *(unicodedata.normalize("NFD", one) for one in small)})


def _where(held: nw.Expr, value: float) -> nw.Expr:
    # added up, for a chain of conditions would be nested deeper than Spark can read
    return nw.when(held).then(nw.lit(value)).otherwise(nw.lit(type(value)(0)))


def _levels(model: Model) -> Layer:
    wide, place, name = model.range.departments, nw.col(_PLACE), nw.col(_NAMED)
    known = list(enumerate(model.departments, start=1))
    variances = [(0, model.range.other_department), *((at, wide[key].variance) for at, key in known)]
    return {
        LEVEL: total(_where(place == at, model.departments[key].level) for at, key in known),
        WIDE_LEVEL: total(_where(place == at, wide[key].level) for at, key in known),
        VARIANCE: total(_where(place == at, variance) for at, variance in variances),
        UNKNOWN: (place == 0) & ~(name.is_null() | (name == "").fill_null(True)),
    }
