"""How wide a text will be in a picture, and where to break it: measured, for a picture has no line breaks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache

__all__ = ["LINE_HEIGHT", "broken", "text_width"]

LINE_HEIGHT = 1.3
"""Distance of lines, in font sizes."""

# Advance widths of DejaVu Sans in hundredths of the font size. It is the widest of the fonts that `sans-serif` is
# likely to mean, so that a text which fits in it fits in the others.
_ADVANCES = {
    27: "'", 28: "ijl", 29: "IJ", 32: " ,.", 34: "/:;\\|", 35: "f", 36: "-", 39: "()[]t", 40: "!", 41: "r", 46: '"',
    50: "*_`\u2013", 52: "sz“”", 53: "?", 55: "c", 56: "L", 58: "Fk", 59: "vxy", 60: "P", 61: "TYao", 62: "e",
    63: "ESbdghnpqu", 64: "$0123456789{}", 66: "K", 68: "AV", 69: "BRXZ", 70: "C", 73: "U", 75: "HN", 77: "DG",
    78: "&", 79: "OQ", 82: "w", 84: "#+<=>^~", 86: "M", 95: "%", 97: "m", 99: "W", 100: "@—…",
}  # fmt: skip
_ADVANCE = {character: width / 100 for width, characters in _ADVANCES.items() for character in characters}
_BOLD = 1.14
_SMALL, _LARGE, _WIDE = 0.8, 1.1, 1.4


def text_width(text: str, size: float, *, is_bold: bool = False) -> float:
    """Give the width of a line of text, rather too large than too small.

    Args:
        text: The line.
        size: The font size.
        is_bold: Whether it is set in bold.

    Returns:
        The width in the unit of the font size.
    """
    return sum(map(_advance, text)) * size * (_BOLD if is_bold else 1)


def broken(text: str, width: float, size: float, *, most: int, is_bold: bool = False) -> tuple[str, ...]:
    """Break a text into lines, at blanks where that can be.

    Args:
        text: The text; blanks and line ends in it count as one blank.
        width: How wide a line may be.
        size: The font size.
        most: How many lines there may be; what does not fit is cut off, and the last line ends in `…`.
        is_bold: Whether it is set in bold.

    Returns:
        At least one line, none wider than `width`.
    """
    lines = _filled(text, width, size, is_bold)
    if len(lines) > most:
        return (*lines[: most - 1], _cut(lines[most - 1], width, size, is_bold))
    # lines of about one length: a last line of one word looks like a mistake
    narrower = width - size
    while len(lines) > 1 and len(balanced := _filled(text, narrower, size, is_bold)) == len(lines):
        lines, narrower = balanced, narrower - size / 2
    return tuple(lines) or ("",)


def _filled(text: str, width: float, size: float, is_bold: bool) -> list[str]:
    lines: list[str] = []
    for piece in _pieces(text, width, size, is_bold):
        longer = f"{lines[-1]} {piece}" if lines else piece
        if lines and text_width(longer, size, is_bold=is_bold) <= width:
            lines[-1] = longer
        else:
            lines.append(piece)
    return lines


def _cut(line: str, width: float, size: float, is_bold: bool) -> str:
    kept = line
    while kept and text_width(f"{kept}…", size, is_bold=is_bold) > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def _pieces(text: str, width: float, size: float, is_bold: bool) -> Iterator[str]:
    """Give the words, those that are wider than a line in pieces that are not."""
    for word in text.split():
        piece = ""
        for character in word:
            if piece and text_width(piece + character, size, is_bold=is_bold) > width:
                yield piece
                piece = ""
            piece += character
        yield piece


@cache
def _advance(character: str) -> float:
    known = _ADVANCE.get(character)
    if known is not None:
        return known
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return _WIDE
    return _SMALL if character.islower() else _LARGE
