"""Text that a spreadsheet would run as a formula, made text that it only shows."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

__all__ = ["ESCAPED", "FORMULA", "NUMBER", "harmless", "harmless_texts", "unescaped"]

# OWASP, CSV injection; a sign after blanks is run as well
_SIGNS = "[ \u00a0]*[=+\\-@\t\r\n]"
FORMULA = f"^{_SIGNS}"
"""Matches what a spreadsheet would run."""
ESCAPED = f"^'({_SIGNS})"
"""Matches what has an apostrophe before it, which hides it."""
NUMBER = "^[ \u00a0]*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$"
"""Matches a number, which stays one although it begins with a sign."""


def harmless(column: str) -> pl.Expr:
    """Put an apostrophe before each text of a column that a spreadsheet would run; numbers stay as they are.

    Args:
        column: The name of a column of text.
    """
    text = pl.col(column).cast(pl.String)
    runs = text.str.contains(FORMULA) & ~text.str.contains(NUMBER)
    return pl.when(runs).then(pl.concat_str(pl.lit("'"), text)).otherwise(text).alias(column)


def harmless_texts(texts: Sequence[str]) -> list[str]:
    """Do the same with texts that are in no column.

    Examples:
        >>> harmless_texts(["=cmd()", "-1.5", "  @a", "a=b"])
        ["'=cmd()", '-1.5', "'  @a", 'a=b']
    """
    return pl.DataFrame({"text": texts}, schema={"text": pl.String}).select(harmless("text"))["text"].to_list()


def unescaped(column: str) -> pl.Expr:
    """Take the apostrophe away again, so that a name in a written table equals the one that was read.

    Args:
        column: The name of a column of text.
    """
    return pl.col(column).str.replace(ESCAPED, "${1}")
