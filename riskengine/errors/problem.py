"""What a problem is: a fault in somebody's input, as data.

Checks return problems, all of them; one `ProblemError` carries them over a public boundary. How a problem is
printed, and which exit code it leads to, is the command line's affair.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from riskengine.errors.catalogue import CATALOGUE

__all__ = ["Problem", "ProblemError", "RiskEngineError", "Source", "nearest", "shorten"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a problem, or a rule, stands.

    Attributes:
        file: Path as the user gave it; `None` for values handed over in Python.
        line: Line, counted from 1.
        column: Column, counted from 1.
        row: Data row of a table, the first after the header being 1.
        field: Column name of a table, or the path inside a JSON body.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    row: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        parts = [self.file] if self.file else []
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.field is not None:
            parts.append(self.field)
        if self.line is not None:
            parts.append(f"{self.line}:{self.column}" if self.column is not None else str(self.line))
        return ":".join(parts)

    def as_json(self) -> dict[str, Any]:
        """Give the parts that are known, for a JSON body."""
        parts = {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "row": self.row,
            "field": self.field,
        }
        return {name: part for name, part in parts.items() if part is not None}


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: its stable code, what is wrong, what would be right, and where.

    Attributes:
        code: A code of the catalogue, such as `RE-201`.
        message: What is wrong, in lower case, the user's own words in backticks.
        help: What would be right.
        source: Where it is.
        value: The offending value as text, where there is one.
    """

    code: str
    message: str
    help: str = ""
    source: Source = Source()
    value: str | None = None

    def __post_init__(self) -> None:
        # INVARIANT: no problem leaves without an entry in the catalogue and the docs made from it.
        assert self.code in CATALOGUE, self.code

    @property
    def severity(self) -> str:
        """`error` or `warning`, as the catalogue has it."""
        return CATALOGUE[self.code].severity

    def __str__(self) -> str:
        place = f"{self.source}: " if str(self.source) else ""
        tail = f"\n  help: {self.help}" if self.help else ""
        return f"{place}{self.code} {self.message}{tail}"

    def as_json(self) -> dict[str, Any]:
        """Give the problem in the one shape that every JSON error has."""
        return {
            "code": self.code,
            "message": self.message,
            "help": self.help,
            "source": self.source.as_json(),
            "value": self.value,
        }


class RiskEngineError(Exception):
    """Root of all errors that riskengine raises on purpose."""


class ProblemError(RiskEngineError, ValueError):
    """Carries all problems of an input over a public boundary.

    Attributes:
        problems: At least one problem, in the order of the input.
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ProblemError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


def shorten(text: str, length: int = 60) -> str:
    r"""Cut what somebody wrote to a length that a message can show, on one line.

    Args:
        text: What was written.
        length: Characters at most.

    Returns:
        The text, a question mark in place of each character that is not printable: an answers file shall not
        steer the terminal that shows its mistakes.

    Examples:
        >>> shorten("large"), shorten("a\nb\x1b[2J"), shorten("x" * 100, 10)
        ('large', 'a?b?[2J', 'xxxxxxx...')
    """
    kept = text if len(text) <= length else text[: length - 3] + "..."
    if kept.isprintable():
        return kept
    return "".join(character if character.isprintable() else "?" for character in kept)


def nearest(name: object, known: Sequence[str]) -> str:
    """Suggest the known name that was probably meant, or list the names if they are few.

    Args:
        name: What was written.
        known: The names that would be right.

    Returns:
        A help text, lower case and without a final period; empty if there is nothing to say.

    Examples:
        >>> nearest("teem_size", ["team_size", "stage"])
        'did you mean `team_size`?'
        >>> nearest("x", ["yes", "no"])
        'one of `yes`, `no`'
    """
    close = difflib.get_close_matches(str(name)[:100], known, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    if known and len(known) <= 12:
        return "one of " + ", ".join(f"`{one}`" for one in known)
    return ""
