"""Names that people type: when two spellings are one name."""

from __future__ import annotations

import unicodedata

__all__ = ["DEPARTMENT", "MAX_DEPARTMENT", "is_department", "key_of", "spelled"]

DEPARTMENT = "department"
"""What the column of departments is called, and the key in a file of answers."""
MAX_DEPARTMENT = 200
"""Characters of a department's name."""


def spelled(name: str) -> str:
    """Give a name as it is written down: blanks joined to one, composed characters.

    Examples:
        >>> spelled("  Churn   model ")
        'Churn model'
    """
    return " ".join(unicodedata.normalize("NFC", name).split())


def key_of(name: str) -> str:
    """Give what two spellings of one name have in common.

    Examples:
        >>> key_of("Churn  Model") == key_of("churn model ")
        True
    """
    return unicodedata.normalize("NFC", spelled(name).casefold())


def is_department(name: str) -> bool:
    """Say whether a name, as `spelled` gives it, can be that of a department: short, and such as one can type.

    Examples:
        >>> is_department("Churn & pricing"), is_department("")
        (True, False)
    """
    return 0 < len(name) <= MAX_DEPARTMENT and name.isprintable()
