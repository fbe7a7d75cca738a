"""The score of whole columns: log-odds, ranges, ends, areas and findings as expressions, by the same formulas."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from riskengine.assessment.build import BuiltPack
from riskengine.assessment.model_file import BETWEEN, Z_90, Model, terms_of
from riskengine.engines.columnar import Columnar, Frame, Layer, total
from riskengine.portfolio import lookups
from riskengine.portfolio.departments import LEVEL, UNKNOWN, VARIANCE, WIDE_LEVEL, with_levels
from riskengine.portfolio.groups import Groups, column
from riskengine.portfolio.texts import Flags, answered_share, findings, first, joined, risks, warnings

__all__ = ["Scorer", "result_columns"]


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
        self._groups = Groups(built, model)
        self._areas = terms_of(built.pack).areas

    def scored(
        self, frame: Frame, columns: Mapping[str, str], flags: Mapping[str, str], department: str | None = None
    ) -> Frame:
        """Add the result columns to a frame whose answers were checked.

        Args:
            frame: The frame.
            columns: For each question that the frame holds, the name of its column.
            flags: For questions answered by a number, the boolean column that is true where it does not apply.
            department: The column of the projects' departments, if there is one.

        Raises:
            ProblemError: RE-302 if that column can't hold names, and the model knows departments.
        """
        kept = frame.collect_schema().names()
        return self.worked_out(frame, columns, flags, department).select(*kept, *result_columns(self.built))

    def worked_out(
        self, frame: Frame, columns: Mapping[str, str], flags: Mapping[str, str], department: str | None = None
    ) -> Frame:
        """Do the same, and keep what the results are worked out from: the states of the rules, and sums.

        Args:
            frame: The frame.
            columns: As in `scored`.
            flags: As in `scored`.
            department: As in `scored`.
        """
        if self.model.departments:
            frame = with_levels(frame, self.model, department)
        frame = self._executor.states(self._executor.typed(frame, columns, flags))
        frame = lookups.summed(frame, self._groups) if _is_polars(frame) else self._groups.summed(frame)
        for layer in (self._totals(), self._probability(), self._bounds()):
            frame = frame.with_columns(**layer)
        frame = _joined(frame, "findings", findings(self.built, self.model))
        frame = _joined(frame, "warnings", self._warnings())
        return _first(frame, "top_finding", risks(self.built, self.model))

    def _warnings(self) -> Flags:
        found = warnings(self.built.pack)
        return [*found, (nw.col(UNKNOWN), "unknown_department")] if self.model.departments else found

    def _totals(self) -> Layer:
        return {
            column("learned"): total(nw.col(f"area_{area}") for area in self._areas),
            column("exact"): total(nw.col(column(f"exact_{area}")) for area in self._areas),
        }

    def _probability(self) -> Layer:
        kappa = self.model.moderation
        base, wide = nw.lit(self.base), nw.lit(self.model.range.base + self._shift)
        if self.model.departments:
            base, wide = base + nw.col(LEVEL), wide + nw.col(WIDE_LEVEL)
        return {
            "failure_probability": _expit((nw.col(column("learned")) + base) * kappa),
            column("p_low"): _expit((nw.col(column("low")) + base) * kappa),
            column("p_high"): _expit((nw.col(column("high")) + base) * kappa),
            column("reach"): (nw.max_horizontal(self._variance(), nw.lit(0.0)) + BETWEEN**2).sqrt() * Z_90,
            column("wide"): nw.col(column("eta")) + wide,
            column("top"): nw.max_horizontal(*(column(f"end_{end.id}") for end in self.built.pack.ends)),
        }

    def _variance(self) -> nw.Expr:
        wide = self.model.range
        sums = ["exact", *(f"exact_{area}" for area in self._areas)]
        squares = [_square(name) * variance for name, variance in zip(sums, wide.variances[1:], strict=False)]
        known = [_square(f"known_{place}") * -1.0 for place in range(len(wide.learnt))]
        levels = [nw.col(VARIANCE)] if self.model.departments else []
        return total([nw.col(column("unknown")), *squares, *known, *levels])

    def _bounds(self) -> Layer:
        p, eta, reach = (nw.col(name) for name in ("failure_probability", column("wide"), column("reach")))
        odds = {end.id: (nw.col(column(f"end_{end.id}")) - nw.col(column("top"))).exp() for end in self.built.pack.ends}
        whole = total(odds.values())
        return {
            "answers_low": nw.min_horizontal(nw.col(column("p_low")), p),
            "answers_high": nw.max_horizontal(nw.col(column("p_high")), p),
            "model_low": nw.min_horizontal(_expit(eta - reach), p),
            "model_high": nw.max_horizontal(_expit(eta + reach), p),
            **{f"end_{end}": p * part / whole for end, part in odds.items()},
            "risk_level": self._level(),
            "answered_share": answered_share(self.built.pack),
        }

    def _level(self) -> nw.Expr:
        level = nw.lit(self.built.pack.risk_levels[0].id)
        for one in self.built.pack.risk_levels[1:]:
            level = nw.when(nw.col("failure_probability") >= one.start).then(nw.lit(one.id)).otherwise(level)
        return level


def _is_polars(frame: Frame) -> bool:
    return bool(frame.implementation.is_polars())


def _joined(frame: Frame, name: str, flags: Flags) -> Frame:
    return lookups.joined(frame, name, flags) if _is_polars(frame) else frame.with_columns(**{name: joined(flags)})


def _first(frame: Frame, name: str, flags: Flags) -> Frame:
    return lookups.first(frame, name, flags) if _is_polars(frame) else frame.with_columns(**{name: first(flags)})


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


def _square(name: str) -> nw.Expr:
    value = nw.col(column(name))
    return value * value


def _expit(log_odds: nw.Expr) -> nw.Expr:
    """1 / (1 + e^-x): where e^-x overflows it is infinite, and the result 0, as it should be."""
    return 1 / ((-log_odds).exp() + 1)
