"""Numbers and names as a reader sees them on a page."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

__all__ = ["Name", "amount", "count", "decimal", "failures", "name_of", "percent", "points", "reach", "span", "visible"]

SPACE = "\u00a0"
"""Keeps a number and its unit on one line."""

MOST_SHOWN = 80
_JOINERS = "\u200c\u200d"
# what has no width, has no shape of its own, or turns the text around it
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


@dataclass(frozen=True, slots=True)
class Name:
    """A name from somebody's table, made fit to be read.

    Attributes:
        text: Its beginning, with signs that would not be seen spelled out.
        length: The number of its characters, where not all are shown.
    """

    text: str
    length: int | None = None


def name_of(text: str, most: int = MOST_SHOWN) -> Name:
    r"""Make a name fit to be read.

    Args:
        text: Any text.
        most: How many of its characters are shown at most.

    Examples:
        >>> name_of("a\u202eb").text, name_of("x" * 100, 3)
        ('a[U+202E]b', Name(text='xxx', length=100))
    """
    return Name(visible(text)) if len(text) <= most else Name(visible(text[:most]), len(text))


def visible(text: str) -> str:
    r"""Spell out what would not be seen, or would turn the text around it: control characters and their like.

    Joiners stay, which families of emoji and some scripts are written with.

    Examples:
        >>> visible("a\tb\u2067c")
        'a[U+0009]b[U+2067]c'
    """
    return "".join(f"[U+{ord(char):04X}]" if _is_hidden(char) else char for char in text)


def _is_hidden(char: str) -> bool:
    return char not in _JOINERS and unicodedata.category(char) in _HIDDEN


def percent(share: float) -> str:
    """Write a share as whole per cents; what is not quite nothing, or not quite all, is not called so.

    Examples:
        >>> [percent(share).replace(SPACE, " ") for share in (0.0, 0.004, 0.556, 0.997, 1.0)]
        ['0 %', '<1 %', '56 %', '>99 %', '100 %']
    """
    if 0 < share < 0.005:
        return f"<1{SPACE}%"
    if 0.995 <= share < 1:
        return f">99{SPACE}%"
    return f"{100 * share:.0f}{SPACE}%"


def span(bounds: tuple[float, float]) -> str:
    """Write a range of shares.

    Examples:
        >>> span((0.2, 0.4)).replace(SPACE, " ")
        '20 to 40 %'
    """
    low, high = (percent(share) for share in bounds)
    return f"{low.removesuffix(f'{SPACE}%')} to {high}"


def points(value: float) -> str:
    """Write a difference in percentage points, with its sign.

    Examples:
        >>> points(3.14), points(-0.25), points(0.01)
        ('+3.1', '−0.2', '0.0')
    """
    text = f"{value:+.1f}".replace("-", "\u2212")
    return text[1:] if text.endswith(("+0.0", "\u22120.0")) else text


def count(value: float) -> str:
    """Write how many there are.

    Examples:
        >>> count(1234567)
        '1,234,567'
    """
    return f"{value:,.0f}"


def failures(value: float) -> str:
    """Write an expected number of failures: below ten with one place behind the point, beyond it says nothing.

    Examples:
        >>> failures(3.14159), failures(-0.26), failures(30.1), failures(0.0)
        ('3.1', '−0.3', '30', '0.0')
    """
    text = f"{value:,.{0 if abs(value) >= 9.95 else 1}f}".replace("-", "\u2212")
    return "0.0" if text == "\u22120.0" else text


_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def amount(value: float, unit: str = "") -> str:
    """Write a sum of money with three digits that say something.

    Args:
        value: The sum.
        unit: Its currency, where it is known.

    Examples:
        >>> [amount(value, "EUR").replace(SPACE, " ") for value in (0, 950.4, 83_210, 14_249_000, 2.5e9)]
        ['EUR 0', 'EUR 950', 'EUR 83,200', 'EUR 14.2 million', 'EUR 2.50 billion']
    """
    before = f"{unit}{SPACE}" if unit else ""
    if value == 0:
        return f"{before}0"
    digits = 2 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    for scale, word in _SCALES:
        if abs(rounded) >= scale:
            places = max(2 - math.floor(math.log10(abs(rounded) / scale)), 0)
            return f"{before}{rounded / scale:,.{places}f}{SPACE}{word}"
    return f"{before}{rounded:,.{min(max(digits, 0), 2) if abs(rounded) < 10 else 0}f}"


def decimal(value: float, places: int = 2) -> str:
    """Write a number with so many places behind the point.

    Examples:
        >>> decimal(0.9731), decimal(-0.0604, 3), decimal(-0.001)
        ('0.97', '−0.060', '0.00')
    """
    text = f"{value:.{places}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", "\u2212")


def reach(bounds: tuple[float, float], places: int = 2) -> str:
    """Write an interval.

    Examples:
        >>> reach((-0.2, 1.104))
        '−0.20 to 1.10'
    """
    low, high = (decimal(bound, places) for bound in bounds)
    return f"{low} to {high}"
