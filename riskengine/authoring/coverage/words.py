"""Coverage as an author reads it: a table, what is missing, and what does not count."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from riskengine.authoring.coverage.measure import Coverage, Share, Uncounted
from riskengine.authoring.notation import said
from riskengine.errors import Source

__all__ = ["HEAD", "missing_lines", "percent", "table", "uncounted_lines"]

HEAD: tuple[str, ...] = ("file", "rules", "fire", "ruled out", "possible", "disjuncts", "levels")


def table(coverage: Coverage) -> list[str]:
    """Give the table: a row for each file, and one for all of them.

    Args:
        coverage: What was measured.
    """
    rows = [HEAD, *(_row(_name(file, coverage), coverage.of_file(file)) for file in coverage.files)]
    rows.append(_row("all", coverage))
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return [_line(row, widths) for row in rows]


def _name(file: str | None, coverage: Coverage) -> str:
    """Give a file's path as seen from the pack's folder; rules of a one-file pack stand in no other file."""
    path = Path(file or coverage.path)
    return path.relative_to(coverage.path).as_posix() if path != coverage.path else path.name


def _row(name: str, part: Coverage) -> tuple[str, ...]:
    states = [part.rules_in(state) for state in ("fires", "ruled_out", "possible")]
    shares = part.shares
    return (name, *(_cell(share) for share in (shares["rules"], *states, shares["disjuncts"], shares["levels"])))


def _cell(share: Share) -> str:
    return f"{share.covered}/{share.total}" if share.total else "-"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()


def percent(share: Share) -> str:
    """Write a share in per cent; what is not whole is never shown as 100.

    Examples:
        >>> percent(Share(1999, 2000)), percent(Share(3, 3))
        ('99.9 %', '100 %')
    """
    return "100 %" if share.covered == share.total else f"{math.floor(10 * share.percent) / 10:.1f} %"


def _place(source: Source) -> str:
    return f"{source}: " if str(source) else ""


def missing_lines(coverage: Coverage) -> Iterator[str]:
    """Say what no example and no test shows, each with its place."""
    for one in coverage.rules:
        lacking = [
            word for state, word in (("fires", "fires"), ("ruled_out", "is ruled out")) if state not in one.states
        ]
        if lacking:
            yield f"{_place(one.rule.source)}`{one.rule.id}`: nothing shows that it {' or that it '.join(lacking)}"
        for disjunct in one.disjuncts:
            if not disjunct.covered:
                what = said(disjunct.disjunct.condition)
                yield f"{_place(disjunct.source)}`{one.rule.id}`: nothing turns on {what} alone"
    for level in coverage.levels:
        if not level.covered:
            yield f"{_place(level.source)}`{level.question.id}`: nothing answers it by `{level.level}`"


def uncounted_lines(coverage: Coverage) -> Iterator[str]:
    """Say which examples and tests do not count, and why."""
    for one in coverage.uncounted:
        yield f"{_place(one.test.source)}{one.test.name}: {_reason(one)}"


def _reason(one: Uncounted) -> str:
    if one.question is None:
        return "it fails; `riskengine rules test` says why"
    if one.gates:
        return (
            f"whether `{one.question}` is asked depends on {', '.join(f'`{gate}`' for gate in one.gates)}; answer that"
        )
    return f"`{one.question}` is not asked on these answers; leave it out"
