"""The one file that a report is: templates, and what of a value is shown."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from riskengine.reports import text

__all__ = ["render"]


def render(template: str, **values: object) -> str:
    """Fill in a template.

    Args:
        template: Its file.
        values: What it shows; all text is escaped.
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("riskengine.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    shown = (text.amount, text.count, text.failures, text.name_of, text.percent, text.points, text.span)
    environment.filters.update({function.__name__: function for function in (*shown, text.decimal, text.reach)})
    environment.filters.update(step=_step, lean=_lean, sentence=_sentence, breaking=_breaking)
    return environment


def _shown(value: object) -> object:
    """Spell out what would not be seen in any text that comes from a table or a pack; lines may end in it."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return "\n".join(map(text.visible, value.split("\n")))
    return value


def _step(place: float) -> int:
    """Give the step of a scale of five colours, 0 to 4, for a place between 0 and 1."""
    return min(int(place * 5), 4)


_LEANS = (1.0, 3.0, 6.0, 10.0)


def _lean(points: float) -> str:
    """Give the colour of a number of percentage points: `p1` to `p4` above 0, `m1` to `m4` below, else `z`."""
    step = sum(abs(points) >= limit for limit in _LEANS)
    return f"{'p' if points > 0 else 'm'}{step}" if step else "z"


def _breaking(words: str) -> str:
    """Let a line end between a number and its unit."""
    return words.replace(text.SPACE, " ")


def _sentence(words: str) -> str:
    """Begin a text with a capital, and end it with a full stop if it ends with none."""
    stripped = words.strip()
    begun = f"{stripped[:1].upper()}{stripped[1:]}"
    return begun if begun.endswith((".", "!", "?")) else f"{begun}."
