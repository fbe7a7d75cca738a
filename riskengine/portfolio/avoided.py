"""How many failures it would avoid if a finding were not there, for all findings of a chunk at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp

import narwhals as nw
import polars as pl

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import Model
from riskengine.assessment.score import open_shares
from riskengine.engines.columnar import PREFIX, Columnar, rule_column
from riskengine.pack.model import Rule
from riskengine.portfolio.cells import Cells

__all__ = ["Avoided", "Shared"]

_ODDS_AGAINST = f"{PREFIX}odds_against"


@dataclass(frozen=True, slots=True)
class Shared:
    """A finding in some projects.

    Attributes:
        projects: In how many of them it fires.
        avoided: How many failures less are to be expected if it were ruled out in each of them.
    """

    projects: int
    avoided: float


class Avoided:
    """Works out what each finding of a pack is worth.

    A finding that fires and counts is taken away as if its condition were answered away; of its group what would
    count then does. All else stays, what follows from its conclusion too.
    """

    def __init__(self, built: BuiltPack, model: Model) -> None:
        """Compile.

        Args:
            built: The pack.
            model: The model.
        """
        self._executor = Columnar(built.pack)
        self._rules = [rule.id for rule in built.pack.weighed_rules]
        self._sums = [one for members in built.pack.groups for one in _sums(built, model, members)]

    def of(self, rows: pl.DataFrame, cells: Cells, log_odds: pl.Series) -> Mapping[str, Shared]:
        """Give what each finding is worth in some rows.

        Args:
            rows: Rows as `Cells.read` gives them, without those that are wrong.
            cells: How their cells were read.
            log_odds: Their log-odds, moderated.
        """
        given = rows.select(*cells.columns.values(), *cells.flags.values())
        given = given.with_columns((-log_odds).exp().alias(_ODDS_AGAINST))
        typed = self._executor.typed(nw.from_native(given.lazy()), cells.columns, cells.flags)
        found = self._executor.states(typed).to_native().select(self._sums).collect()
        return {rule: Shared(found[f"projects {rule}"].item(), found[f"avoided {rule}"].item()) for rule in self._rules}


def _sums(built: BuiltPack, model: Model, members: Sequence[Rule]) -> Iterator[pl.Expr]:
    """Sum over all rows, for each member of a group, where it fires and what taking it away avoids."""
    now = 1 / (1 + pl.col(_ODDS_AGAINST))
    for rule, change in zip(members, _changes(built, model, members), strict=True):
        factor = exp(-change) if isinstance(change, float) else (-change).exp()
        without = 1 / (1 + pl.col(_ODDS_AGAINST) * factor)
        fires = pl.col(rule_column(rule.id)).fill_null(False)
        yield fires.sum().alias(f"projects {rule.id}")
        yield pl.when(fires).then(now - without).otherwise(0.0).sum().alias(f"avoided {rule.id}")


def _changes(built: BuiltPack, model: Model, members: Sequence[Rule]) -> list[pl.Expr | float]:
    """Give by how much the log-odds change if a member that fires is ruled out.

    By `score.contributions` a group adds the sum of W y. With A the product of (1 - f) over the heavier members, and R
    what the lighter would add if they stood alone, a member that fires adds A W, and without it the lighter add A R.
    """
    weights = [
        model.moderation * built.centre.scale * (rule.weight or 0.0) * model.factors[rule.id] for rule in members
    ]
    if len(members) == 1:
        return [-weights[0]]
    shares = open_shares(members, built.centre.expected)
    f = [pl.col(rule_column(rule.id)).cast(pl.Float64).fill_null(s) for rule, s in zip(members, shares, strict=True)]
    lighter: list[pl.Expr] = [pl.lit(0.0)]
    for weight, counts in zip(reversed(weights), reversed(f), strict=True):
        lighter.append(counts * weight + (1 - counts) * lighter[-1])
    heavier = [pl.lit(1.0)]
    for counts in f:
        heavier.append(heavier[-1] * (1 - counts))
    rest = lighter[-2::-1]
    return [above * (below - weight) for above, below, weight in zip(heavier, rest, weights, strict=False)]
