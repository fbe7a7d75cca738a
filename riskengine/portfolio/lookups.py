"""Look-ups in tables, for frames of Polars: sums over groups, and words of flags, by one number that codes many states.

They give what the plain expressions give, several times as quickly: a table of all that some groups can add up to is
read once for each row, where the expressions work every group out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import product
from operator import add
from typing import Any

import narwhals as nw
import numpy as np
import numpy.typing as npt
import polars as pl

from riskengine.engines.columnar import PREFIX, Frame, rule_column, total
from riskengine.portfolio.groups import Groups, Sum, possible_or, value_column
from riskengine.portfolio.texts import Flags

__all__ = ["first", "joined", "summed"]

RULES = 9
"""Rules whose states are one number: 3^9 doubles stay in the near memory of a core."""
FLAGS = 11
"""Flags whose words are one text: a table of 2^11 texts is made in no time, and read at once."""

STATES = (False, True, None)


def summed(frame: Frame, groups: Groups) -> Frame:
    """Add the sums of groups to a frame that has the states of the rules.

    Args:
        frame: A frame of Polars.
        groups: The groups.
    """
    runs = list(_runs(groups))
    wide = [number for number, members in enumerate(groups.members) if len(members) > RULES]
    if wide:
        frame = frame.with_columns(**groups.values(wide))
    frame = frame.with_columns(**{_code(number): _states(groups, run) for number, run in enumerate(runs)})
    return _with(frame, [_sum(groups, one, runs, wide).alias(one.name) for one in groups.sums])


def joined(frame: Frame, column: str, flags: Flags) -> Frame:
    """Add a column of the words whose flags hold, with spaces between.

    Args:
        frame: A frame of Polars.
        column: The name of the column.
        flags: The flags, each with its word.
    """
    chunks = [flags[start : start + FLAGS] for start in range(0, len(flags), FLAGS)]
    frame = frame.with_columns(**{_code(number): _held(chunk) for number, chunk in enumerate(chunks)})
    parts = [_looked_up(number, pl.Series(_texts(chunk))) for number, chunk in enumerate(chunks)]
    return _with(frame, [pl.concat_str(parts).str.strip_chars_end(" ").alias(column)])


def first(frame: Frame, column: str, flags: Flags) -> Frame:
    """Add a column of the first word whose flag holds, null if none does.

    Args:
        frame: A frame of Polars.
        column: The name of the column.
        flags: The flags, each with its word.
    """
    none = nw.lit(len(flags), nw.UInt16)
    places = (nw.when(held).then(nw.lit(place, nw.UInt16)).otherwise(none) for place, (held, _) in enumerate(flags))
    frame = frame.with_columns(**{_code(0): nw.min_horizontal(none, *places)})
    words = pl.Series([*(word for _, word in flags), None], dtype=pl.String)
    return _with(frame, [_looked_up(0, words).alias(column)])


def _code(number: int) -> str:
    return f"{PREFIX}code_{number}"


def _looked_up(number: int, table: pl.Series) -> pl.Expr:
    return pl.lit(table).gather(pl.col(_code(number)))


def _with(frame: Frame, columns: Sequence[pl.Expr]) -> Frame:
    native: Any = frame.to_native()
    made: Frame = nw.from_native(native.with_columns(columns))
    return made


# --- sums ------------------------------------------------------------------------------------------------------


def _runs(groups: Groups) -> Iterator[list[int]]:
    """Give groups that lie together, of one area, as many as have `RULES` rules."""
    run: list[int] = []
    rules = 0
    for number, members in enumerate(groups.members):
        if len(members) > RULES:
            continue
        if run and (rules + len(members) > RULES or members[0].area != groups.members[run[0]][0].area):
            yield run
            run, rules = [], 0
        run.append(number)
        rules += len(members)
    if run:
        yield run


def _states(groups: Groups, run: Sequence[int]) -> nw.Expr:
    """Code the states of the rules of a run: in a number of base 3, the first rule's digit is the highest."""
    rules = [rule for number in run for rule in groups.members[number]]
    digits = []
    for place, rule in enumerate(reversed(rules)):
        state = nw.col(rule_column(rule.id))
        fires, possible = (nw.lit(STATES.index(one) * 3**place, nw.UInt16) for one in (True, None))
        none = nw.lit(0, nw.UInt16)
        digits.append(nw.when(state).then(fires).otherwise(nw.when(state.is_null()).then(possible).otherwise(none)))
    return total(digits)


def _sum(groups: Groups, one: Sum, runs: Sequence[Sequence[int]], wide: Sequence[int]) -> pl.Expr:
    parts = []
    for number, run in enumerate(runs):
        table = _table(groups, one, run)
        if table.any():
            parts.append(_looked_up(number, pl.Series(table)))
    parts += [pl.col(value_column(part.group, part.kind)) * part.factor for part in one.parts if part.group in wide]
    return reduce(add, parts, pl.lit(one.start))


def _table(groups: Groups, one: Sum, run: Sequence[int]) -> npt.NDArray[np.float64]:
    """Work out what the groups of a run add up to, for each code."""
    table = np.zeros(1)
    for number in run:
        own = [part for part in one.parts if part.group == number]
        entries = [
            sum(part.factor * groups.value(number, part.kind, states, possible_or) for part in own)
            for states in product(STATES, repeat=len(groups.members[number]))
        ]
        table = np.add.outer(table, np.array(entries)).ravel()
    return table


# --- words -----------------------------------------------------------------------------------------------------


def _held(flags: Flags) -> nw.Expr:
    """Code the flags that hold, one bit each."""
    none = nw.lit(0, nw.UInt16)
    return total(
        nw.when(held).then(nw.lit(1 << place, nw.UInt16)).otherwise(none) for place, (held, _) in enumerate(flags)
    )


def _texts(flags: Flags) -> list[str]:
    """Give the words of each code, with a space after each."""
    texts = [""]
    for _, word in flags:
        texts += [f"{text}{word} " for text in texts]
    return texts
