"""The score of whole columns: log-odds, ranges, ends, areas and findings as expressions, by the same formulas."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import mul

import narwhals as nw

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import BETWEEN, Z_90, Model, terms_of
from riskengine.engines.columnar import PREFIX, Columnar, Frame, Layer, rule_column, total
from riskengine.pack.model import Rule
from riskengine.portfolio.texts import answered_share, findings, top_finding, warnings

__all__ = ["Scorer", "result_columns"]


@dataclass(frozen=True, slots=True)
class _Group:
    """The columns of one group of findings: what it contributes, in log-odds."""

    exact: str
    learned: str
    low: str
    high: str


class Scorer:
    """A built pack and a model, compiled for columns.

    Attributes:
        built: The pack.
        model: The model.
        base: The constant of the log-odds in use.
    """

    def __init__(self, built: BuiltPack, model: Model, base_rate: float | None = None) -> None:
        """Compile.

        Args:
            built: The pack.
            model: The model.
            base_rate: The reader's own base rate, strictly between 0 and 1.
        """
        self.built, self.model = built, model
        self.base = model.base if base_rate is None else model.base_for(base_rate)
        self._shift = self.base - model.base
        self._executor = Columnar(built.pack)
        self._groups = tuple(_group_columns(number) for number in range(len(built.pack.groups)))

    def scored(self, frame: Frame, columns: Mapping[str, str], flags: Mapping[str, str]) -> Frame:
        """Add the result columns to a frame whose answers were checked.

        Args:
            frame: The frame.
            columns: For each question that the frame holds, the name of its column.
            flags: For questions answered by a number, the boolean column that is true where it does not apply.
        """
        kept = frame.collect_schema().names()
        frame = self._executor.states(self._executor.typed(frame, columns, flags))
        for layer in (self._counts(), self._sums(), self._probability(), self._bounds(), self._named()):
            frame = frame.with_columns(**layer)
        return frame.select(*kept, *result_columns(self.built))

    # --- what counts --------------------------------------------------------------------------------------

    def _counts(self) -> Layer:
        """Work out what each group contributes: as it stands, in the best case and in the worst."""
        layer: dict[str, nw.Expr] = {}
        for names, members in zip(self._groups, self.built.pack.groups, strict=True):
            shares = _open_shares(members, self.built.centre.expected)
            best = [float((rule.weight or 0) < 0) for rule in members]
            worst = [float((rule.weight or 0) > 0) for rule in members]
            layer[names.exact] = self._sum_of(members, shares, learned=False)
            layer[names.learned] = self._sum_of(members, shares, learned=True)
            layer[names.low] = self._sum_of(members, best, learned=True)
            layer[names.high] = self._sum_of(members, worst, learned=True)
        return layer

    def _sum_of(self, members: Sequence[Rule], open_: Sequence[float], *, learned: bool) -> nw.Expr:
        """Sum W (y - c) over a group, where `open_` stands for what is possible."""
        centre, factors = self.built.centre, self.model.factors
        parts = []
        left: nw.Expr | None = None
        for rule, share in zip(members, open_, strict=True):
            weight = centre.scale * (rule.weight or 0.0) * (factors[rule.id] if learned else 1.0)
            f = _share(rule, share)
            y = f if left is None else f * left
            parts.append((y - centre.expected[rule.id]) * weight)
            left = 1 - f if left is None else left * (1 - f)
        return total(parts)

    # --- sums ---------------------------------------------------------------------------------------------

    def _sums(self) -> Layer:
        pack = self.built.pack
        layer = {
            _column("learned"): total(nw.col(one.learned) for one in self._groups),
            _column("low"): total(nw.col(one.low) for one in self._groups),
            _column("high"): total(nw.col(one.high) for one in self._groups),
            _column("exact"): total(nw.col(one.exact) for one in self._groups),
        }
        terms = terms_of(pack)
        for place, area in enumerate(terms.areas):
            of_area = [one for one, at in zip(self._groups, terms.area_of, strict=True) if at == place]
            layer[f"area_{area}"] = total(nw.col(one.learned) for one in of_area)
            layer[_column(f"exact_{area}")] = total(nw.col(one.exact) for one in of_area)
        for end in pack.ends:
            layer[_column(f"end_{end.id}")] = self._end(end.id, end.share)
        return layer

    def _end(self, end: str, share: float) -> nw.Expr:
        """Give the logit of an end, before normalising."""
        parts = []
        for names, members in zip(self._groups, self.built.pack.groups, strict=True):
            divisors = {len(rule.leads_to) if end in rule.leads_to else 0 for rule in members}
            if divisors == {0}:
                continue
            if len(divisors) == 1:
                parts.append(nw.col(names.learned) / divisors.pop())
            else:
                parts.append(self._partly(members, end))
        return total([nw.lit(math.log(share)), *parts])

    def _partly(self, members: Sequence[Rule], end: str) -> nw.Expr:
        """Sum what the members of a group, which lead to different ends, give to one end."""
        centre, factors = self.built.centre, self.model.factors
        shares = _open_shares(members, centre.expected)
        parts = []
        left: nw.Expr | None = None
        for rule, share in zip(members, shares, strict=True):
            weight = centre.scale * (rule.weight or 0.0) * factors[rule.id]
            f = _share(rule, share)
            y = f if left is None else f * left
            if end in rule.leads_to:
                parts.append((y - centre.expected[rule.id]) * (weight / len(rule.leads_to)))
            left = 1 - f if left is None else left * (1 - f)
        return total(parts)

    # --- probabilities ------------------------------------------------------------------------------------

    def _probability(self) -> Layer:
        kappa = self.model.moderation
        layer = {
            "failure_probability": _expit((nw.col(_column("learned")) + self.base) * kappa),
            _column("p_low"): _expit((nw.col(_column("low")) + self.base) * kappa),
            _column("p_high"): _expit((nw.col(_column("high")) + self.base) * kappa),
            _column("variance"): self._variance(),
            _column("eta"): self._eta(),
        }
        ends = [_column(f"end_{end.id}") for end in self.built.pack.ends]
        layer[_column("top")] = nw.max_horizontal(*ends)
        return layer

    def _eta(self) -> nw.Expr:
        wide = self.model.range
        parts = [nw.col(one.exact) * factor for one, factor in zip(self._groups, wide.factors, strict=True)]
        return total([nw.lit(wide.base + self._shift), *parts])

    def _variance(self) -> nw.Expr:
        terms = terms_of(self.built.pack)
        z = [
            nw.lit(1.0),
            nw.col(_column("exact")),
            *(nw.col(_column(f"exact_{area}")) for area in terms.areas),
            *(nw.col(one.exact) for one in self._groups),
        ]
        wide = self.model.range
        unknown = total(value * value * variance for value, variance in zip(z, wide.variances, strict=True))
        known = (total(map(mul, z, direction)) for direction in wide.learnt)
        return total([unknown, *(value * value * -1.0 for value in known)])

    def _bounds(self) -> Layer:
        p = nw.col("failure_probability")
        variance = nw.max_horizontal(_column("variance"), nw.lit(0.0))
        reach = ((variance + BETWEEN**2) ** 0.5) * Z_90
        eta = nw.col(_column("eta"))
        odds = {
            end.id: (nw.col(_column(f"end_{end.id}")) - nw.col(_column("top"))).exp() for end in self.built.pack.ends
        }
        whole = total(odds.values())
        return {
            "answers_low": nw.min_horizontal(nw.col(_column("p_low")), p),
            "answers_high": nw.max_horizontal(nw.col(_column("p_high")), p),
            "model_low": nw.min_horizontal(_expit(eta - reach), p),
            "model_high": nw.max_horizontal(_expit(eta + reach), p),
            **{f"end_{end}": p * part / whole for end, part in odds.items()},
        }

    # --- in words -----------------------------------------------------------------------------------------

    def _named(self) -> Layer:
        level = nw.lit(self.built.pack.risk_levels[0].id)
        for one in self.built.pack.risk_levels[1:]:
            level = nw.when(nw.col("failure_probability") >= one.start).then(nw.lit(one.id)).otherwise(level)
        return {
            "risk_level": level,
            "findings": findings(self.built, self.model),
            "top_finding": top_finding(self.built, self.model),
            "answered_share": answered_share(self.built.pack),
            "warnings": warnings(self.built.pack),
        }


def result_columns(built: BuiltPack) -> list[str]:
    """Name the columns that a score adds, in order."""
    terms = terms_of(built.pack)
    return [
        "failure_probability",
        "answers_low",
        "answers_high",
        "model_low",
        "model_high",
        "risk_level",
        *(f"end_{end.id}" for end in built.pack.ends),
        *(f"area_{area}" for area, _ in built.pack.areas if area in terms.areas),
        "findings",
        "top_finding",
        "answered_share",
        "warnings",
    ]


def _column(name: str) -> str:
    return f"{PREFIX}{name}"


def _group_columns(number: int) -> _Group:
    return _Group(*(_column(f"{what}_{number}") for what in ("exact", "learned", "low", "high")))


def _open_shares(members: Sequence[Rule], expected: Mapping[str, float]) -> list[float]:
    """Give the share s of each member while it is possible, heaviest first; see `score.contributions`."""
    shares = []
    left = 1.0
    for rule in members:
        share = min(1.0, expected[rule.id] / left) if left > 0 else 0.0
        shares.append(share)
        left *= 1 - share
    return shares


def _share(rule: Rule, open_: float) -> nw.Expr:
    return nw.col(rule_column(rule.id)).cast(nw.Float64).fill_null(open_)


def _expit(log_odds: nw.Expr) -> nw.Expr:
    """1 / (1 + e^-x): where e^-x overflows it is infinite, and the result 0, as it should be."""
    return 1 / ((-log_odds).exp() + 1)
