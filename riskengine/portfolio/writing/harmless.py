"""Text that a spreadsheet would run as a formula, made text that it only shows."""

from __future__ import annotations

import polars as pl

__all__ = ["harmless", "harmless_text", "unescaped"]

# OWASP, CSV injection; a sign after blanks is run as well
_SIGNS = "[ \u00a0]*[=+\\-@\t\r\n]"
_FORMULA = f"^{_SIGNS}"
_ESCAPED = f"^'({_SIGNS})"
_NUMBER = "^[ \u00a0]*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$"


def harmless(column: str) -> pl.Expr:
    """Put an apostrophe before each text of a column that a spreadsheet would run; numbers stay as they are.

    Args:
        column: The name of a column of text.
    """
    text = pl.col(column).cast(pl.String)
    runs = text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER)
    return pl.when(runs).then(pl.concat_str(pl.lit("'"), text)).otherwise(text).alias(column)


def harmless_text(text: str) -> str:
    """Do the same with one text.

    Examples:
        >>> harmless_text("=cmd()"), harmless_text("-1.5"), harmless_text("  @a"), harmless_text("a=b")
        ("'=cmd()", '-1.5', "'  @a", 'a=b')
    """
    return str(pl.select(pl.lit(text).alias("text")).select(harmless("text")).item())


def unescaped(column: str) -> pl.Expr:
    """Take the apostrophe away again, so that a name in a written table equals the one that was read.

    Args:
        column: The name of a column of text.
    """
    return pl.col(column).str.replace(_ESCAPED, "${1}")
