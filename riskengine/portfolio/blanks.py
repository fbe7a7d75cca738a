"""Blanks: what may stand around a cell."""

from __future__ import annotations

__all__ = ["BLANKS"]

BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001))))
"""All that Python strips, the last of them U+3000."""
